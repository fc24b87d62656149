/* A function of a program comes before that of the same name in a shared library. So libjpeg's and
 * libpng's users, OpenCV's decoders, get their error handlers from here: libjpeg's own with one
 * entry exchanged, libpng's with ours where the user gives none. Neither library's header is
 * needed: what is used of them has been the same since their first releases. They come with the
 * module of pictures; when another library brings them for itself, that module is opened first. */
#include "face/codec_messages.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "base/status.h"
#include "face/picture.h"

void wt_route_codec_messages(void) {}

/* The library's function behind ours of the same name. */
static void *behind(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    if (!function) {
        wt_picture_open_codecs();
        function = dlsym(RTLD_NEXT, name);
    }
    return function;
}

/* ---- libjpeg --------------------------------------------------------------------------------- */

#define JPEG_MESSAGE 200 /* JMSG_LENGTH_MAX */

/* The beginning of struct jpeg_error_mgr; every object of libjpeg starts with a pointer to one. */
struct jpeg_errors {
    void (*error_exit)(void *);
    void (*emit_message)(void *, int);
    void (*output_message)(void *);
    void (*format_message)(void *, char *);
};

struct jpeg_errors *jpeg_std_error(struct jpeg_errors *errors);

static void say_jpeg(void *object)
{
    char text[JPEG_MESSAGE];
    (*(struct jpeg_errors **)object)->format_message(object, text);
    wt_log(WT_LOG_DEBUG, "libjpeg: %s", text);
}

struct jpeg_errors *jpeg_std_error(struct jpeg_errors *errors)
{
    struct jpeg_errors *(*next)(struct jpeg_errors *);
    *(void **)&next = behind("jpeg_std_error");
    if (!next)
        abort(); /* no libjpeg, and yet somebody calls it */
    next(errors);
    errors->output_message = say_jpeg;
    return errors;
}

/* ---- libpng ---------------------------------------------------------------------------------- */

typedef void png_message(void *png, const char *text);

void *png_create_read_struct(const char *version, void *pointer, png_message *error,
                             png_message *warning);

static void warn_png(void *png, const char *text)
{
    (void)png;
    wt_log(WT_LOG_DEBUG, "libpng: %s", text);
}

static void fail_png(void *png, const char *text)
{
    void (*jump)(void *, int);
    wt_log(WT_LOG_DEBUG, "libpng: %s", text);
    *(void **)&jump = dlsym(RTLD_NEXT, "png_longjmp"); /* where the user set its return */
    if (jump)
        jump(png, 1);
    abort();
}

void *png_create_read_struct(const char *version, void *pointer, png_message *error,
                             png_message *warning)
{
    void *(*next)(const char *, void *, png_message *, png_message *);
    *(void **)&next = behind("png_create_read_struct");
    return next ? next(version, pointer, error ? error : fail_png, warning ? warning : warn_png)
                : NULL;
}
