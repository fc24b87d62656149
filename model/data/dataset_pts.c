/* Folders of .pts files, as 300W comes. A file is, apart from blank lines and `//` comments:
 *   version: 1
 *   n_points: 68
 *   {
 *   x y        (n_points times)
 *   }
 * The words, and the files' endings, may be in capitals. */
#include "data/dataset.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/status.h"
#include "data/bad_lines.h"
#include "data/dataset_build.h"
#include "data/list_name.h"
#include "face/scheme.h"
#include "weights/file.h"
#include "weights/text.h"

enum { DEPTH_MAX = 8, PATH_BYTES = 4096 };
static const size_t FILE_MAX_BYTES = (size_t)1 << 20;

/* What of a folder is not in the data set, by reason; the first names of each. */
enum left_out { PICTURE, OTHER, DEEP, LOST, LEFT_OUT };
enum { NAMED = 5 };
struct names {
    size_t count;
    char text[NAMED * (sizeof(struct wt_printable_text) + 2)];
};

struct reader {
    struct wt_dataset_builder build;
    struct wt_bad_lines bad; /* files */
    struct names left_out[LEFT_OUT];
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
    while (n && strchr(" \t", s[n - 1]))
        s[--n] = '\0';
    return s + strspn(s, " \t");
}

/* Takes `n_points: N`, in letters of any size, with blanks around the colon or without it. */
static bool take_count(const char *s, int *count)
{
    static const char key[] = "n_points";
    char rest;
    if (strncasecmp(s, key, strlen(key)) != 0)
        return false;
    s += strlen(key);
    s += strspn(s, " \t");
    s += *s == ':';
    return sscanf(s, "%d %c", count, &rest) == 1;
}

/* Returns NULL or what is wrong with a line. */
static const char *take_line(struct pts *f, char *text)
{
    float x, y;
    char rest;
    char *s = trim(text);
    if (!*s || strncmp(s, "//", 2) == 0 || (f->part == HEAD && strncasecmp(s, "version", 7) == 0))
        return NULL;
    if (f->part == HEAD && take_count(s, &f->declared))
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
    enum wt_status status = wt_file_read_text(f->path, FILE_MAX_BYTES, &text, &size);
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

/* ---- folders ----------------------------------------------------------------------------------
 */

/* One folder's entries, in the order of their names' bytes, whatever the locale. */
struct folder {
    const char *path;
    struct dirent **entry;
    bool *used; /* [count] */
    int count;
};

static void leave_out(struct reader *r, enum left_out why, const char *path)
{
    struct names *n = &r->left_out[why];
    const char *inside = path + strlen(r->build.path);
    if (n->count++ >= NAMED)
        return;
    const struct wt_printable_text name = wt_printable(inside + 1, strlen(inside + 1));
    const size_t used = strlen(n->text);
    snprintf(n->text + used, sizeof n->text - used, "%s%s", used ? ", " : "", name.text);
}

/* Says what of a folder is not in the data set: nobody should believe it larger than it is. */
static void report_left_out(const struct reader *r)
{
    static const char *const what[LEFT_OUT] = {
        [PICTURE] = "pictures without a .pts file",
        [OTHER] = "files that are neither .pts nor a picture of one",
        [DEEP] = "folders more than eight deep",
        [LOST] = "entries that cannot be looked at",
    };
    for (int i = 0; i < LEFT_OUT; i++) {
        const struct names *n = &r->left_out[i];
        if (n->count)
            wt_log(WT_LOG_WARN, "%s: left out: %s: %zu: %s%s", r->build.path, what[i], n->count,
                   n->text, n->count > NAMED ? ", ..." : "");
    }
}

/* How well an entry fits as the picture of the .pts file with this stem; lower is better, -1: not
 * at all. Small letters come before capitals. */
static int fit(const char *name, const char *stem, size_t length)
{
    if (strncmp(name, stem, length) != 0)
        return -1;
    const char *ending = name + length;
    if (!*ending) { /* face.jpg.pts beside face.jpg */
        const char *dot = strrchr(name, '.');
        return dot && wt_picture_ending(dot + 1) >= 0 ? 1000 : -1;
    }
    const int rank = *ending == '.' ? wt_picture_ending(ending + 1) : -1;
    bool small = true;
    for (const char *p = ending; *p; p++)
        small = small && !(*p >= 'A' && *p <= 'Z');
    return rank < 0 ? -1 : rank + (small ? 0 : 100);
}

/* The picture that belongs to entry i, a .pts file; -1: there is none. Names that start alike lie
 * side by side. */
static int find_picture(const struct folder *f, int i)
{
    const char *stem = f->entry[i]->d_name;
    const size_t length = strlen(stem) - 4;
    int best = -1, best_fit = -1;
    for (int step = -1; step <= 1; step += 2)
        for (int k = i + step; k >= 0 && k < f->count; k += step) {
            const char *name = f->entry[k]->d_name;
            if (strncmp(name, stem, length) != 0)
                break;
            const int now = fit(name, stem, length);
            if (now >= 0 && (best < 0 || now < best_fit)) {
                best = k;
                best_fit = now;
            }
        }
    return best;
}

static enum wt_status take_file(struct reader *r, struct folder *folder, int i, const char *path)
{
    char image[PATH_BYTES];
    struct pts *f = calloc(1, sizeof *f);
    if (!f)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    f->path = path;
    enum wt_status status = parse(r, f);
    const int picture = find_picture(folder, i);
    if (picture >= 0) {
        folder->used[picture] = true;
        snprintf(image, sizeof image, "%s/%s", folder->path, folder->entry[picture]->d_name);
    }
    if (!status && picture < 0)
        status = bad_file(r, path, 0, "no picture of that name beside it");
    if (!status && access(image, R_OK) != 0)
        status = bad_file(r, path, 0, "its picture cannot be read");
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

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static enum wt_status take_folder(struct reader *r, const char *path, int depth);

/* Entry i: a folder, a .pts file, or one that may be the picture of such a file. */
static enum wt_status take_entry(struct reader *r, struct folder *f, int i, int depth)
{
    char path[PATH_BYTES];
    struct stat info;
    const char *name = f->entry[i]->d_name;
    const size_t length = strlen(name);
    /* Room for a picture's ending that is longer than .pts. */
    const int n = snprintf(path, sizeof path, "%s/%s", f->path, name);
    const bool pts = length > 4 && strcasecmp(name + length - 4, ".pts") == 0;
    if (n >= (int)sizeof path - 8 || stat(path, &info) != 0) {
        leave_out(r, LOST, path);
        f->used[i] = true;
    } else if (S_ISDIR(info.st_mode)) {
        f->used[i] = true;
        if (depth < DEPTH_MAX)
            return take_folder(r, path, depth + 1);
        leave_out(r, DEEP, path);
    } else if (pts) {
        f->used[i] = true;
        return take_file(r, f, i, path);
    }
    return WT_OK;
}

static enum wt_status take_folder(struct reader *r, const char *path, int depth)
{
    struct folder f = {.path = path};
    enum wt_status status = WT_OK;
    f.count = scandir(path, &f.entry, visible, by_name);
    if (f.count < 0)
        return wt_fail(WT_ERR_IO, "%s: %s", path, strerror(errno));
    f.used = calloc((size_t)f.count + 1, sizeof *f.used);
    if (!f.used)
        status = wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    for (int i = 0; i < f.count && !status; i++)
        status = take_entry(r, &f, i, depth);
    for (int i = 0; i < f.count && !status; i++) {
        char left[PATH_BYTES];
        const char *name = f.entry[i]->d_name;
        snprintf(left, sizeof left, "%s/%s", path, name);
        if (!f.used[i])
            leave_out(r, wt_picture_named(name, strlen(name)) ? PICTURE : OTHER, left);
    }
    for (int i = 0; i < f.count; i++)
        free(f.entry[i]);
    free(f.entry);
    free(f.used);
    return status;
}

enum wt_status wt_dataset_open_pts(struct wt_dataset *out, const char *folder)
{
    char clean[PATH_BYTES];
    struct reader r = {.build = {.path = clean, .origin = 1}};
    size_t n = (size_t)snprintf(clean, sizeof clean, "%s", folder);
    while (n > 1 && n < sizeof clean && clean[n - 1] == '/')
        clean[--n] = '\0';
    enum wt_status status = take_folder(&r, clean, 0);
    if (!status && wt_bad_lines_cut(&r.bad))
        wt_fail(WT_ERR_FORMAT, "%s: %zu bad files in all", folder, r.bad.count);
    if (!status && r.bad.count)
        status = WT_ERR_FORMAT;
    if (!status && !r.build.faces && !r.build.fractions.faces)
        status = wt_fail(WT_ERR_FORMAT, "%s: no .pts file in this folder", folder);
    if (!status)
        status = wt_dataset_builder_finish(&r.build, out);
    if (!status)
        report_left_out(&r);
    wt_dataset_builder_fini(&r.build);
    return status;
}
