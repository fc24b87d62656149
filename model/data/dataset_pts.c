/* Folders of .pts files, as 300W comes. A file is, apart from blank lines and `//` comments:
 *   version: 1
 *   n_points: 68
 *   {
 *   x y        (n_points times)
 *   }                                                                                           */
#include "data/dataset.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/status.h"
#include "data/bad_lines.h"
#include "data/dataset_build.h"
#include "face/scheme.h"
#include "weights/file.h"
#include "weights/text.h"

enum { DEPTH_MAX = 8, PATH_BYTES = 4096 };
static const size_t FILE_MAX_BYTES = (size_t)1 << 20;

struct reader {
    struct wt_dataset_builder build;
    struct wt_bad_lines bad; /* files */
};

/* One .pts file while it is read. */
struct pts {
    const char *path;
    int line, declared, points;
    enum { HEAD, POINTS, END } part;
    struct wt_point point[WT_POINTS_MAX];
};

/* Reports a bad file once. line 0: the file as a whole. Always FORMAT. */
static enum wt_status bad_file(struct reader *r, const char *path, int line, const char *reason)
{
    char where[PATH_BYTES + 16];
    snprintf(where, sizeof where, line > 0 ? "%s:%d" : "%s", path, line);
    return wt_bad_thing(&r->bad, where, reason);
}

static char *trim(char *s)
{
    size_t n = strlen(s);
    while (n && strchr(" \t\r", s[n - 1]))
        s[--n] = '\0';
    return s + strspn(s, " \t");
}

/* Returns NULL or what is wrong with a line. */
static const char *take_line(struct pts *f, char *text)
{
    float x, y;
    char rest;
    char *s = trim(text);
    if (!*s || strncmp(s, "//", 2) == 0 || (f->part == HEAD && strncmp(s, "version", 7) == 0))
        return NULL;
    if (f->part == HEAD && sscanf(s, "n_points : %d %c", &f->declared, &rest) == 1)
        return wt_scheme_get(f->declared) ? NULL : "no scheme has that many points";
    if (f->part == HEAD && strcmp(s, "{") == 0) {
        f->part = POINTS;
        return f->declared ? NULL : "{ before n_points";
    }
    if (f->part == POINTS && strcmp(s, "}") == 0) {
        f->part = END;
        return f->points == f->declared ? NULL : "the number of points is not n_points";
    }
    if (f->part != POINTS)
        return f->part == HEAD ? "not a .pts file" : "something after the closing }";
    if (sscanf(s, "%f %f %c", &x, &y, &rest) != 2 || !(fabsf(x) < 1e5f) || !(fabsf(y) < 1e5f))
        return "not a pair of coordinates";
    if (f->points == f->declared)
        return "more points than n_points";
    f->point[f->points++] = (struct wt_point){x - 1, y - 1}; /* 1-based */
    return NULL;
}

static enum wt_status parse(struct reader *r, struct pts *f)
{
    uint8_t *text = NULL;
    size_t size = 0;
    enum wt_status status = wt_file_read(f->path, FILE_MAX_BYTES, &text, &size);
    if (status)
        return status;
    const char *wrong = memchr(text, '\0', size) ? "not text" : NULL;
    for (char *p = (char *)text, *end = p + size; p < end && !wrong;) {
        char *stop = p + strcspn(p, "\n"), *next = stop + 1;
        *stop = '\0';
        f->line++;
        wrong = take_line(f, p);
        p = next;
    }
    if (!wrong && f->part != END)
        wrong = "cut off: no closing }";
    free(text);
    return wrong ? bad_file(r, f->path, f->line, wrong) : WT_OK;
}

/* The picture that belongs to FILE.pts; false: there is none. */
static bool find_picture(const char *pts, char *image, size_t size)
{
    static const char *const ends[] = {"jpg", "png", "jpeg", "JPG", "PNG", "JPEG", "bmp"};
    const int stem = (int)strlen(pts) - 3;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(image, size, "%.*s%s", stem, pts, ends[i]);
        if (access(image, R_OK) == 0)
            return true;
    }
    return false;
}

static enum wt_status take_file(struct reader *r, const char *path)
{
    char image[PATH_BYTES];
    struct pts *f = calloc(1, sizeof *f);
    if (!f)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    f->path = path;
    enum wt_status status = parse(r, f);
    if (!status && !find_picture(path, image, sizeof image))
        status = bad_file(r, path, 0, "no picture of that name beside it");
    if (!status) {
        const struct wt_dataset_entry entry = {
            .image = image, .name = path, .points = f->points, .point = f->point};
        status = wt_dataset_builder_add(&r->build, &entry);
    }
    free(f);
    return status == WT_ERR_FORMAT ? WT_OK : status; /* counted; continue with the next */
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* In the order of the bytes, whatever the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static enum wt_status take_folder(struct reader *r, const char *folder, int depth)
{
    struct dirent **entry = NULL;
    const int n = scandir(folder, &entry, visible, by_name);
    enum wt_status status = WT_OK;
    if (n < 0)
        return wt_fail(WT_ERR_IO, "%s: %s", folder, strerror(errno));
    for (int i = 0; i < n; i++) {
        char path[PATH_BYTES];
        struct stat info;
        const char *name = entry[i]->d_name;
        const size_t length = strlen(name);
        const bool fits = snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path - 8;
        if (!status && fits && stat(path, &info) == 0) {
            if (S_ISDIR(info.st_mode) && depth < DEPTH_MAX)
                status = take_folder(r, path, depth + 1);
            else if (length > 4 && strcmp(name + length - 4, ".pts") == 0)
                status = take_file(r, path);
        }
        free(entry[i]);
    }
    free(entry);
    return status;
}

enum wt_status wt_dataset_open_pts(struct wt_dataset *out, const char *folder)
{
    struct reader r = {.build = {.path = folder}};
    char clean[PATH_BYTES];
    size_t n = (size_t)snprintf(clean, sizeof clean, "%s", folder);
    while (n > 1 && n < sizeof clean && clean[n - 1] == '/')
        clean[--n] = '\0';
    enum wt_status status = take_folder(&r, clean, 0);
    if (!status && wt_bad_lines_cut(&r.bad))
        wt_fail(WT_ERR_FORMAT, "%s: %zu bad files in all", folder, r.bad.count);
    if (!status && r.bad.count)
        status = WT_ERR_FORMAT;
    if (!status && !r.build.faces)
        status = wt_fail(WT_ERR_FORMAT, "%s: no .pts file in this folder", folder);
    if (!status)
        status = wt_dataset_builder_finish(&r.build, out);
    wt_dataset_builder_fini(&r.build);
    return status;
}
