/* One picture, a folder of them, or a pattern ("img_%04d.png", "*.jpg"). */
#include "base/paths.h"
#include "input/source_internal.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "face/picture.h"

struct names {
    char **path;
    size_t count, room;
};

struct pictures {
    struct names names;
    size_t begin, end; /* the part of them that is delivered */
    size_t next;
    double fps;
    struct wt_frame *first; /* read to learn the size; delivered by the first read */
    size_t first_at;
};

/* ---- names --------------------------------------------------------------------------------- */

static void names_fini(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->path[i]);
    free(names->path);
    *names = (struct names){0};
}

/* folder NULL: name is the whole path. */
static bool names_add(struct names *names, const char *folder, const char *name)
{
    if (names->count == names->room) {
        size_t room = names->room ? 2 * names->room : 64;
        char **path = realloc(names->path, room * sizeof *path);
        if (!path)
            return false;
        names->path = path;
        names->room = room;
    }
    char *path = NULL;
    size_t length = folder ? strlen(folder) : 0;
    const char *slash = length && folder[length - 1] != '/' ? "/" : "";
    if (asprintf(&path, "%s%s%s", folder ? folder : "", slash, name) < 0)
        return false;
    names->path[names->count++] = path;
    return true;
}

/* Digits compare as numbers: img9 comes before img10. */
static int natural(const char *a, const char *b)
{
    while (*a && *b) {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            while (*a == '0')
                a++;
            while (*b == '0')
                b++;
            size_t na = strspn(a, "0123456789"), nb = strspn(b, "0123456789");
            if (na != nb)
                return na < nb ? -1 : 1;
            int order = strncmp(a, b, na);
            if (order)
                return order;
            a += na;
            b += nb;
        } else if (*a != *b) {
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        } else {
            a++;
            b++;
        }
    }
    return (*a != 0) - (*b != 0);
}

static int compare_names(const void *a, const void *b)
{
    const char *const *pa = a, *const *pb = b;
    int order = natural(*pa, *pb);
    return order ? order : strcmp(*pa, *pb); /* img01 and img1: any order, but always the same */
}

/* ---- what is a picture --------------------------------------------------------------------- */

bool wt_has_picture_name(const char *path)
{
    static const char *const extension[] = {"bmp", "dib", "jp2",  "jpe", "jpeg", "jpg",
                                            "pbm", "pgm", "png",  "pnm", "ppm",  "ras",
                                            "sr",  "tif", "tiff", "webp"};
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
    for (size_t i = 0; dot && i < sizeof extension / sizeof *extension; i++)
        if (strcasecmp(dot + 1, extension[i]) == 0)
            return true;
    return false;
}

static bool has_picture_bytes(const char *path)
{
    static const struct {
        const char *bytes;
        size_t count;
    } magic[] = {
        {"\x89PNG\r\n\x1a\n", 8},
        {"\xff\xd8\xff", 3},
        {"BM", 2},
        {"II*\0", 4},
        {"MM\0*", 4},
        {"\0\0\0\x0cjP  \r\n\x87\n", 12},
        {"\x59\xa6\x6a\x95", 4},
    };
    uint8_t head[16] = {0};
    FILE *file = fopen(path, "rbe");
    if (!file)
        return false;
    size_t n = fread(head, 1, sizeof head, file);
    fclose(file);
    for (size_t i = 0; i < sizeof magic / sizeof *magic; i++)
        if (n >= magic[i].count && memcmp(head, magic[i].bytes, magic[i].count) == 0)
            return true;
    if (n >= 12 && memcmp(head, "RIFF", 4) == 0 && memcmp(head + 8, "WEBP", 4) == 0)
        return true;
    return n >= 3 && head[0] == 'P' && head[1] >= '1' && head[1] <= '6' && isspace(head[2]);
}

bool wt_source_is_picture(const char *path)
{
    return has_picture_bytes(path) || wt_has_picture_name(path);
}

/* ---- finding them -------------------------------------------------------------------------- */

static enum wt_status list_folder(struct names *names, const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return wt_fail(WT_ERR_IO, "%s: %s", folder, strerror(errno));
    enum wt_status status = WT_OK;
    for (struct dirent *e; status == WT_OK && (e = readdir(dir)) != NULL;)
        if (e->d_name[0] != '.' && wt_has_picture_name(e->d_name) &&
            !names_add(names, folder, e->d_name))
            status = wt_fail(WT_ERR_MEMORY, "%s: out of memory", folder);
    closedir(dir);
    if (status == WT_OK && names->count == 0)
        status = wt_fail(WT_ERR_IO, "%s: no pictures in this folder", folder);
    return status;
}

static enum wt_status list_glob(struct names *names, const char *pattern)
{
    glob_t found = {0};
    int rc = glob(pattern, GLOB_NOSORT, NULL, &found);
    enum wt_status status = WT_OK;
    if (rc == GLOB_NOMATCH)
        status = wt_fail(WT_ERR_IO, "%s: no file has such a name", pattern);
    else if (rc != 0)
        status = wt_fail(WT_ERR_IO, "%s: the folder cannot be read", pattern);
    for (size_t i = 0; status == WT_OK && i < found.gl_pathc; i++)
        if (!names_add(names, NULL, found.gl_pathv[i]))
            status = wt_fail(WT_ERR_MEMORY, "%s: out of memory", pattern);
    globfree(&found);
    return status;
}

/* "%d", "%5d" or "%05d" within a file name, parsed by hand: the pattern is the user's and must not
 * be passed to printf. */
struct counter {
    char prefix[NAME_MAX + 1];
    const char *suffix;
    size_t width; /* at least so many digits */
};

static bool counter_parse(struct counter *c, const char *name)
{
    const char *percent = strchr(name, '%');
    if (!percent || (size_t)(percent - name) > NAME_MAX)
        return false;
    memcpy(c->prefix, name, (size_t)(percent - name));
    c->prefix[percent - name] = 0;
    const char *p = percent + 1;
    c->width = 0;
    for (; isdigit((unsigned char)*p); p++) {
        c->width = c->width * 10 + (size_t)(*p - '0');
        if (c->width > NAME_MAX)
            return false;
    }
    c->suffix = p + 1;
    return *p == 'd' && !strchr(c->suffix, '%');
}

static bool counter_matches(const struct counter *c, const char *name)
{
    size_t prefix = strlen(c->prefix);
    if (strncmp(name, c->prefix, prefix) != 0)
        return false;
    size_t digits = strspn(name + prefix, "0123456789");
    if (digits == 0 || digits < c->width ||
        (digits > c->width && name[prefix] == '0' && digits > 1))
        return false;
    return strcmp(name + prefix + digits, c->suffix) == 0;
}

static enum wt_status list_counter(struct names *names, const char *pattern)
{
    struct wt_path folder = {""};
    struct counter counter;
    const char *slash = strrchr(pattern, '/'), *name = slash ? slash + 1 : pattern;
    if ((size_t)(name - pattern) >= sizeof folder.text || strchr(name, '%') == NULL ||
        !counter_parse(&counter, name))
        return wt_fail(WT_ERR_ARGUMENT,
                       "%s: a pattern needs one %%d in its file name, as in img_%%04d.png",
                       pattern);
    memcpy(folder.text, pattern, (size_t)(name - pattern));
    DIR *dir = opendir(folder.text[0] ? folder.text : ".");
    if (!dir)
        return wt_fail(WT_ERR_IO, "%s: %s", folder.text[0] ? folder.text : ".", strerror(errno));
    enum wt_status status = WT_OK;
    for (struct dirent *e; status == WT_OK && (e = readdir(dir)) != NULL;)
        if (counter_matches(&counter, e->d_name) && !names_add(names, folder.text, e->d_name))
            status = wt_fail(WT_ERR_MEMORY, "%s: out of memory", pattern);
    closedir(dir);
    if (status == WT_OK && names->count == 0)
        status = wt_fail(WT_ERR_IO, "%s: no file has such a name", pattern);
    return status;
}

static enum wt_status list_input(struct names *names, const char *input)
{
    struct stat st;
    enum wt_status status = WT_OK;
    if (stat(input, &st) == 0 && !S_ISDIR(st.st_mode)) {
        if (!names_add(names, NULL, input))
            status = wt_fail(WT_ERR_MEMORY, "%s: out of memory", input);
    } else if (stat(input, &st) == 0) {
        status = list_folder(names, input);
    } else if (strchr(input, '%')) {
        status = list_counter(names, input);
    } else {
        status = list_glob(names, input);
    }
    if (status == WT_OK)
        qsort(names->path, names->count, sizeof *names->path, compare_names);
    return status;
}

/* ---- the source ---------------------------------------------------------------------------- */

static enum wt_status read_frame(const char *path, struct wt_frame **out)
{
    struct wt_picture picture = {0};
    enum wt_status status = wt_picture_read(&picture, path);
    if (status != WT_OK)
        return status;
    const struct wt_image *image = &picture.image;
    struct wt_frame *frame = wt_frame_create(image->width, image->height);
    if (frame)
        for (int y = 0; y < image->height; y++)
            memcpy(frame->pixels + y * frame->image.stride, image->data + y * image->stride,
                   (size_t)image->width * 3);
    else
        status = wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    wt_picture_fini(&picture);
    if (frame)
        *out = frame;
    return status;
}

/* An unreadable picture has been logged; continue with the others. */
static enum wt_status pictures_read(void *self, struct wt_frame **out)
{
    struct pictures *p = self;
    enum wt_status status = WT_END;
    struct wt_frame *frame = NULL;
    while (!frame && p->next < p->end) {
        size_t i = p->next++;
        if (p->first && i == p->first_at) {
            frame = p->first;
            p->first = NULL;
        } else if ((status = read_frame(p->names.path[i], &frame)) == WT_ERR_MEMORY) {
            return status;
        }
        if (frame) {
            frame->place = (int64_t)i;
            frame->time_us = (int64_t)((double)i * 1e6 / p->fps);
        }
    }
    if (!frame)
        return WT_END;
    *out = frame;
    return WT_OK;
}

static enum wt_status pictures_seek(void *self, int64_t time_us)
{
    struct pictures *p = self;
    double index = (double)time_us * p->fps / 1e6 + 0.5;
    p->next = index < (double)p->end ? (size_t)index : p->end - 1;
    if (p->next < p->begin)
        p->next = p->begin;
    return WT_OK;
}

static void pictures_close(void *self)
{
    struct pictures *p = self;
    if (!p)
        return;
    wt_frame_unref(&p->first);
    names_fini(&p->names);
    free(p);
}

/* Reads the first picture that can be read. */
static enum wt_status pictures_start(struct pictures *p, const char *input)
{
    enum wt_status status = WT_END;
    for (size_t i = p->begin; i < p->end && !p->first; i++) {
        status = read_frame(p->names.path[i], &p->first);
        p->first_at = i;
        if (status == WT_ERR_MEMORY)
            return status;
    }
    p->next = p->first_at;
    if (!p->first && p->end - p->begin > 1)
        return wt_fail(WT_ERR_FORMAT, "%s: no picture there can be read", input);
    return status;
}

enum wt_status wt_source_open_pictures(struct wt_source_opened *out,
                                       const struct wt_source_spec *spec)
{
    static const struct wt_source_backend backend = {pictures_read, pictures_seek, pictures_close};
    struct pictures *p = calloc(1, sizeof *p);
    if (!p)
        return wt_fail(WT_ERR_MEMORY, "out of memory for a source");
    p->fps = spec->fps > 0 ? spec->fps : 30.0;
    enum wt_status status = list_input(&p->names, spec->input);
    if (status == WT_OK)
        status = wt_shard_range(spec->shard, p->names.count, "pictures", &p->begin, &p->end);
    if (status == WT_OK)
        status = pictures_start(p, spec->input);
    if (status != WT_OK) {
        pictures_close(p);
        return status;
    }
    struct wt_source_info info = {.kind = WT_SOURCE_PICTURES,
                                  .width = p->first->image.width,
                                  .height = p->first->image.height,
                                  .fps = p->fps,
                                  .frames = (int64_t)(p->end - p->first_at)};
    snprintf(info.name, sizeof info.name, "%s", wt_base_name(spec->input));
    *out = (struct wt_source_opened){.backend = &backend, .self = p, .info = info};
    return WT_OK;
}
