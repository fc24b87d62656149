#include "window/screenshot.h"

#include <epoxy/gl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fresh_file.h"
#include "base/notice.h"
#include "base/paths.h"
#include "base/status.h"
#include "face/picture.h"

struct wt_screenshots {
    pthread_t thread;
    bool busy; /* the thread is to be joined */
    uint8_t *pixels;
    int width, height;
    bool fresh, in_folder; /* path is a folder; or it is not used */
    enum wt_status status; /* the first failure */
    struct wt_path path;
};

enum wt_status wt_screenshots_create(struct wt_screenshots **out)
{
    *out = calloc(1, sizeof **out);
    return *out ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory");
}

enum wt_status wt_screenshots_wait(struct wt_screenshots *shots)
{
    if (shots->busy)
        pthread_join(shots->thread, NULL);
    shots->busy = false;
    free(shots->pixels);
    shots->pixels = NULL;
    return shots->status;
}

void wt_screenshots_destroy(struct wt_screenshots **shots)
{
    if (!*shots)
        return;
    wt_screenshots_wait(*shots);
    free(*shots);
    *shots = NULL;
}

/* Under a new name in a folder. */
static enum wt_status write_fresh(struct wt_screenshots *shots, const struct wt_image *image)
{
    struct wt_fresh_file file;
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum wt_status status = wt_picture_encode(image, ".png", &bytes, &size);
    if (!status)
        status = wt_fresh_file(&file, shots->in_folder ? shots->path.text : NULL, ".png");
    if (!status)
        status = wt_fresh_file_write(&file, bytes, size);
    if (!status)
        shots->path = file.path;
    free(bytes);
    return status;
}

static void *write_picture(void *argument)
{
    struct wt_screenshots *shots = argument;
    struct wt_path whole;
    struct wt_image image = {.data = shots->pixels,
                             .width = shots->width,
                             .height = shots->height,
                             .stride = (ptrdiff_t)shots->width * 3,
                             .format = WT_PIXEL_BGR24};
    enum wt_status status =
        shots->fresh ? write_fresh(shots, &image) : wt_picture_write(&image, shots->path.text);
    if (!status)
        wt_notice(WT_NOTICE_NEWS, "saved %s",
                  realpath(shots->path.text, whole.text) ? whole.text : shots->path.text);
    else if (!shots->status)
        shots->status = status;
    return NULL;
}

/* OpenGL's rows start at the bottom. */
static void flip_rows(uint8_t *pixels, int width, int height)
{
    size_t row = (size_t)width * 3;
    for (int y = 0; y < height / 2; y++) {
        uint8_t *a = pixels + row * y, *b = pixels + row * (height - 1 - y);
        for (size_t i = 0; i < row; i++) {
            uint8_t swap = a[i];
            a[i] = b[i];
            b[i] = swap;
        }
    }
}

/* Room for the next picture, once the last one is written. */
static enum wt_status make_room(struct wt_screenshots *shots, int width, int height)
{
    wt_screenshots_wait(shots);
    shots->pixels = malloc((size_t)width * (size_t)height * 3);
    shots->width = width;
    shots->height = height;
    if (!shots->pixels)
        shots->status = wt_fail(WT_ERR_MEMORY, "out of memory for a screenshot");
    return shots->pixels ? WT_OK : WT_ERR_MEMORY;
}

static void write_beside(struct wt_screenshots *shots, const char *path, const char *folder)
{
    shots->fresh = !path;
    shots->in_folder = !path && folder;
    snprintf(shots->path.text, sizeof shots->path.text, "%s", path ? path : folder ? folder : "");
    if (pthread_create(&shots->thread, NULL, write_picture, shots))
        write_picture(shots);
    else
        shots->busy = true;
}

enum wt_status wt_screenshots_take(struct wt_screenshots *shots, int width, int height,
                                   const char *path, const char *folder)
{
    const enum wt_status status = make_room(shots, width, height);
    if (status)
        return status;
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    glReadBuffer(GL_BACK);
    glReadPixels(0, 0, width, height, GL_BGR, GL_UNSIGNED_BYTE, shots->pixels);
    flip_rows(shots->pixels, width, height);
    write_beside(shots, path, folder);
    return WT_OK;
}

enum wt_status wt_screenshots_picture(struct wt_screenshots *shots, const struct wt_image *image,
                                      const char *folder)
{
    const enum wt_status status = make_room(shots, image->width, image->height);
    if (status)
        return status;
    const size_t row = (size_t)image->width * 3;
    for (int y = 0; y < image->height; y++)
        memcpy(shots->pixels + row * (size_t)y, image->data + y * image->stride, row);
    write_beside(shots, NULL, folder);
    return WT_OK;
}
