#include "data/dataset.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/status.h"
#include "data/any_case.h"
#include "data/bad_lines.h"
#include "data/fractions.h"
#include "data/list_name.h"
#include "weights/file.h"
#include "weights/text.h"

enum { NUMBERS_MAX = 2 * WT_POINTS_MAX + 1, NAME_MAX_BYTES = 8192 };
/* A line of WFLW: coordinates; with the box's; with the flags. */
enum { WFLW_POINTS = 98, WFLW_BOX = 2 * WFLW_POINTS, WFLW_FLAGS = WFLW_BOX + 4, WFLW_SUBSETS = 6 };
static const char *const wflw_subset[WFLW_SUBSETS] = {"pose",    "expression", "illumination",
                                                      "make-up", "occlusion",  "blur"};
static const size_t FILE_MAX_BYTES = (size_t)1 << 30;
/* Far beyond any picture, and small enough that differences keep their precision. */
static const float COORDINATE_MAX = 100000;

/* While reading, positions instead of pointers: the blocks still move. */
struct entry {
    size_t image, name, point;
    int line, points;
    struct wt_box box;
    uint32_t subsets;
};

struct block {
    void *data;
    size_t count, capacity; /* in elements */
};

struct reader {
    const char *path, *images;
    uint8_t *text;
    size_t size;
    char *folder; /* that names start from, with a slash at its end, or empty */
    struct block entries, strings, points;
    enum { UNKNOWN, OWN, WFLW } kind; /* decided by the first line that is not a comment */
    bool scheme_column;               /* decided by the first good line, as is `expected` */
    int expected, first_line;
    struct wt_bad_lines bad;
    struct wt_fractions fractions;
    const char *last; /* name of the last image that is there, in text, or NULL */
    size_t last_image;
};

/* Makes room for n more elements and returns where they go; NULL: out of memory. */
static void *extend(struct block *b, size_t n, size_t element)
{
    if (b->capacity - b->count < n) {
        size_t capacity = b->capacity * 2 > b->count + n ? b->capacity * 2 : b->count + n;
        void *data = realloc(b->data, capacity * element);
        if (!data)
            return NULL;
        b->data = data;
        b->capacity = capacity;
    }
    b->count += n;
    return (char *)b->data + (b->count - n) * element;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Parses the numbers of a line, which ends at a NUL. Returns how many, or -1 after a report. */
static int parse_numbers(struct reader *r, int line, char *p, float *number)
{
    int n = 0, first = r->kind == WFLW ? 1 : 2; /* field of the first number, for reports */
    for (;;) {
        char *end;
        while (blank(*p))
            p++;
        if (!*p)
            return n;
        size_t length = strcspn(p, " \t");
        if (n == NUMBERS_MAX)
            return wt_bad_line(&r->bad, line, "more than %d points", WT_POINTS_MAX), -1;
        float v = strtof(p, &end);
        if (end != p + length || isnan(v))
            return wt_bad_line(&r->bad, line, "field %d, \"%s\", is not a number", n + first,
                               wt_printable(p, length).text),
                   -1;
        if (!(fabsf(v) <= COORDINATE_MAX))
            return wt_bad_line(&r->bad, line, "field %d, %s, is out of range", n + first,
                               wt_printable(p, length).text),
                   -1;
        number[n++] = v;
        p += length;
    }
}

/* Checks how many numbers there are; returns the number of points, or -1 after a report. */
static int check_count(struct reader *r, int line, const float *number, int n)
{
    bool first = r->expected == 0;
    bool scheme = first ? n % 2 == 1 : r->scheme_column;
    int points = n / 2;
    if (n == 0)
        return wt_bad_line(&r->bad, line, "no coordinates after the image"), -1;
    if (scheme && n % 2 == 1 && (float)points != number[0])
        return wt_bad_line(&r->bad, line,
                           "%d numbers: neither pairs of x and y, nor a scheme and its points", n),
               -1;
    if (n % 2 != scheme)
        return wt_bad_line(&r->bad, line, "%d numbers, %s", n,
                           scheme ? "where other lines have a scheme and pairs"
                                  : "an x without its y"),
               -1;
    if (points == 0)
        return wt_bad_line(&r->bad, line, "no points"), -1;
    if (!scheme && !first && points != r->expected)
        return wt_bad_line(&r->bad, line, "%d points, where line %d has %d", points, r->first_line,
                           r->expected),
               -1;
    if (first) {
        r->expected = points;
        r->first_line = line;
        r->scheme_column = scheme;
    }
    return points;
}

/* The box and the subsets of a WFLW line. */
static enum wt_status take_wflw(struct reader *r, int line, const float *number, int n,
                                struct entry *e)
{
    if (n != WFLW_BOX && n != WFLW_FLAGS + WFLW_SUBSETS)
        return wt_bad_line(
            &r->bad, line,
            "%d numbers before the image, where a list of WFLW has %d, or %d with box "
            "and subsets",
            n, WFLW_BOX, WFLW_FLAGS + WFLW_SUBSETS);
    if (r->expected && n != r->expected)
        return wt_bad_line(&r->bad, line, "%d numbers, where line %d has %d", n, r->first_line,
                           r->expected);
    e->points = WFLW_POINTS;
    if (n > WFLW_BOX) {
        const float *b = number + WFLW_BOX;
        if (!(b[0] < b[2] && b[1] < b[3]))
            return wt_bad_line(&r->bad, line, "the box from %g, %g to %g, %g is empty",
                               (double)b[0], (double)b[1], (double)b[2], (double)b[3]);
        e->box = (struct wt_box){b[0], b[1], b[2] - b[0], b[3] - b[1]};
        for (int i = 0; i < WFLW_SUBSETS; i++) {
            float flag = number[WFLW_FLAGS + i];
            if (flag != 0 && flag != 1)
                return wt_bad_line(&r->bad, line, "%s is %g, neither 0 nor 1", wflw_subset[i],
                                   (double)flag);
            e->subsets |= (uint32_t)flag << i;
        }
    }
    if (!r->expected) {
        r->expected = n;
        r->first_line = line;
    }
    return WT_OK;
}

/* Where names start from, once it is known whose list it is; *name is the first image's. */
static enum wt_status find_folder(struct reader *r, const char *name)
{
    static const char *const place[] = {"", "WFLW_images/", "../WFLW_images/",
                                        "../../WFLW_images/"};
    const char *slash = strrchr(r->path, '/');
    int length = slash ? (int)(slash - r->path) + 1 : 0;
    int places = r->kind == WFLW ? 4 : 1;
    if (r->images) {
        if (asprintf(&r->folder, "%s/", r->images) < 0)
            r->folder = NULL;
        return r->folder ? WT_OK : wt_fail(WT_ERR_MEMORY, "%s: out of memory", r->path);
    }
    for (int i = 0; i <= places; i++) { /* the first again when none has the image */
        char *path = NULL;
        free(r->folder);
        r->folder = NULL;
        if (asprintf(&path, "%.*s%s%s", length, r->path, place[i % places], name) < 0)
            break;
        bool there = wt_readable_any_case(path);
        path[strlen(path) - strlen(name)] = '\0';
        r->folder = path;
        if (there)
            break;
    }
    return r->folder ? WT_OK : wt_fail(WT_ERR_MEMORY, "%s: out of memory", r->path);
}

/* Appends the image's path; its position in *at. Faces of one picture often follow each other:
 * those share one string and one access to the disk. */
static enum wt_status add_image(struct reader *r, int line, const char *name, size_t *at)
{
    enum wt_status status = r->folder ? WT_OK : find_folder(r, name);
    if (status)
        return status;
    size_t folder = name[0] == '/' ? 0 : strlen(r->folder), length = strlen(name);
    if (r->last && strcmp(r->last, name) == 0) {
        *at = r->last_image;
        return WT_OK;
    }
    size_t position = r->strings.count;
    char *s = extend(&r->strings, folder + length + 1, 1);
    if (!s)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", r->path);
    memcpy(s, r->folder, folder);
    memcpy(s + folder, name, length + 1);
    int error = wt_readable_any_case(s) ? 0 : errno;
    if (error)
        return wt_bad_line(&r->bad, line, "%s: %s", wt_printable(name, length).text,
                           strerror(error));
    r->last = name;
    *at = r->last_image = position;
    return WT_OK;
}

/* Is there a picture of this name? Leaves open where names start from while nothing is there. */
static bool is_there(struct reader *r, const char *name)
{
    const bool known = r->folder != NULL;
    char *path = NULL;
    if (strlen(name) > NAME_MAX_BYTES || (!known && find_folder(r, name)))
        return false;
    if (asprintf(&path, "%s%s", name[0] == '/' ? "" : r->folder, name) < 0)
        path = NULL;
    const bool there = path && wt_readable_any_case(path);
    free(path);
    if (!there && !known) {
        free(r->folder);
        r->folder = NULL;
    }
    return there;
}

/* Cuts off a name whose blanks are neither in quotes nor escaped; NULL: it is not so. Asked only
 * where a field cannot be a number, so that a list without such names never changes its meaning. */
static char *split_words(struct reader *r, char *text, char **rest)
{
    const size_t field = strcspn(text, " \t");
    if (r->kind == WFLW) {
        char *name = text + (wt_list_name_after(text) - text);
        if (name == text || !strpbrk(name, " \t") || !is_there(r, name))
            return NULL;
        name[-1] = '\0';
        *rest = text;
        return name;
    }
    const size_t n = wt_list_name_words(text, NUMBERS_MAX);
    if (n <= field || wt_list_field(text) > field)
        return NULL;
    const char after = text[n];
    text[n] = '\0';
    if (!wt_picture_named(text, n) && !is_there(r, text)) {
        text[n] = after;
        return NULL;
    }
    *rest = text + n + (after != '\0');
    return text;
}

/* Cuts a line into the image and the rest; the kind of list shows in the first line. */
static const char *split(struct reader *r, char *text, char **rest)
{
    const size_t length = strlen(text), first = strcspn(text, " \t");
    const char *last = text + length;
    while (last > text && !blank(last[-1]))
        last--;
    if (r->kind == UNKNOWN)
        r->kind =
            last > text && wt_list_numeric(text, first) && !wt_list_numeric(last, strlen(last))
                ? WFLW
                : OWN;
    char *name = split_words(r, text, rest);
    if (name)
        return name;
    return r->kind == WFLW && last > text ? wt_list_name_last(text, rest)
                                          : wt_list_name_first(text, rest);
}

/* Points, box and subsets out of a line's numbers. */
static enum wt_status take_numbers(struct reader *r, int line, char *rest, float *number,
                                   struct entry *e)
{
    int n = parse_numbers(r, line, rest, number);
    if (n < 0)
        return WT_ERR_FORMAT;
    if (r->kind == WFLW)
        return take_wflw(r, line, number, n, e);
    e->points = check_count(r, line, number, n);
    if (e->points < 0)
        return WT_ERR_FORMAT;
    if (n % 2) /* the scheme goes */
        memmove(number, number + 1, (size_t)(n - 1) * sizeof *number);
    return WT_OK;
}

/* One line, NUL-terminated, without its end of line. FORMAT: reported, go on with the next. */
static enum wt_status take_line(struct reader *r, int line, char *text, size_t length)
{
    float number[NUMBERS_MAX];
    struct entry face = {.line = line};
    char *rest;
    if (memchr(text, '\0', length))
        return wt_bad_line(&r->bad, line, "not text");
    while (length && blank(text[length - 1]))
        text[--length] = '\0';
    while (blank(*text))
        text++;
    if (!*text || *text == '#')
        return WT_OK;

    const char *image = split(r, text, &rest);
    enum wt_status status = take_numbers(r, line, rest, number, &face);
    if (!status && wt_fractions_take(&r->fractions, r->path, line, number, face.points, 0))
        return WT_OK; /* all of them are refused together */
    if (!status)
        status = add_image(r, line, image, &face.image);
    if (status)
        return status;

    struct entry *e = extend(&r->entries, 1, sizeof *e);
    struct wt_point *p = extend(&r->points, (size_t)face.points, sizeof *p);
    if (!e || !p)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", r->path);
    face.name = face.image + (image[0] == '/' ? 0 : strlen(r->folder));
    face.point = r->points.count - (size_t)face.points;
    *e = face;
    memcpy(p, number, (size_t)face.points * sizeof *p);
    return WT_OK;
}

static enum wt_status take_lines(struct reader *r)
{
    char *p = (char *)r->text, *end = p + r->size;
    for (int line = 1; p < end; line++) {
        char *stop = memchr(p, '\n', (size_t)(end - p));
        if (!stop)
            stop = end;
        *stop = '\0';
        enum wt_status status = take_line(r, line, p, (size_t)(stop - p));
        if (status && status != WT_ERR_FORMAT)
            return status;
        p = stop + 1;
    }
    enum wt_status status = wt_bad_lines_end(&r->bad);
    enum wt_status fractions = wt_fractions_end(&r->fractions);
    status = status ? status : fractions;
    if (!status && !r->entries.count)
        status = wt_fail(WT_ERR_FORMAT, "%s: no face in this list", r->path);
    return status;
}

/* Turns positions into pointers and hands the blocks over. */
static enum wt_status finish_dataset(struct reader *r, struct wt_dataset *out)
{
    struct entry *e = r->entries.data;
    struct wt_sample *sample = calloc(r->entries.count, sizeof *sample);
    if (!sample)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", r->path);
    *out = (struct wt_dataset){.sample = sample,
                               .count = r->entries.count,
                               .points = e[0].points,
                               .boxes = true,
                               .strings = r->strings.data,
                               .storage = r->points.data};
    for (size_t i = 0; i < out->count; i++) {
        sample[i] = (struct wt_sample){.image = out->strings + e[i].image,
                                       .name = out->strings + e[i].name,
                                       .line = e[i].line,
                                       .points = e[i].points,
                                       .point = out->storage + e[i].point,
                                       .box = e[i].box,
                                       .subsets = e[i].subsets};
        if (e[i].points != out->points)
            out->points = 0;
        out->boxes = out->boxes && e[i].box.w > 0;
    }
    if (r->kind == WFLW && out->boxes) { /* the flags come with the boxes */
        memcpy(out->subset, wflw_subset, sizeof wflw_subset);
        out->subsets = WFLW_SUBSETS;
    }
    r->strings.data = r->points.data = NULL;
    return WT_OK;
}

enum wt_status wt_dataset_open_in(struct wt_dataset *out, const char *path, const char *images)
{
    struct reader r = {.path = path, .images = images, .bad = {.path = path}};
    enum wt_status status = wt_file_read_text(path, FILE_MAX_BYTES, &r.text, &r.size);
    if (!status)
        status = take_lines(&r);
    if (!status)
        status = finish_dataset(&r, out);
    free(r.text);
    free(r.folder);
    free(r.entries.data);
    free(r.strings.data);
    free(r.points.data);
    return status;
}

enum wt_status wt_dataset_open(struct wt_dataset *out, const char *path)
{
    return wt_dataset_open_in(out, path, NULL);
}

void wt_dataset_fini(struct wt_dataset *dataset)
{
    if (!dataset)
        return;
    for (size_t i = 0; i < dataset->pictures; i++)
        wt_picture_fini(&dataset->picture[i]);
    free(dataset->picture);
    free(dataset->sample);
    free(dataset->strings);
    free(dataset->subset_text);
    free(dataset->storage);
    *dataset = (struct wt_dataset){0};
}

enum wt_status wt_sample_picture(const struct wt_sample *sample, struct wt_picture *storage,
                                 struct wt_image *image, char *reason, size_t size)
{
    reason[0] = '\0';
    if (sample->picture) {
        *image = *sample->picture;
        return WT_OK;
    }
    if (access(sample->image, R_OK) != 0) {
        snprintf(reason, size, "%s", strerror(errno));
        return WT_ERR_IO;
    }
    const enum wt_status status = wt_picture_decode(storage, sample->image, reason, size);
    if (!status)
        *image = storage->image;
    return status;
}
