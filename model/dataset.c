#include "dataset.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "status.h"
#include "text.h"

enum { REPORTED = 10, NUMBERS_MAX = 2 * WT_POINTS_MAX + 1 };
static const size_t FILE_MAX_BYTES = (size_t)1 << 30;
/* Far beyond any picture, and small enough that differences keep their precision. */
static const float COORDINATE_MAX = 100000;

/* While reading, positions instead of pointers: the blocks still move. */
struct entry {
    size_t image, name, point;
    int line, points;
};

struct block {
    void *data;
    size_t count, capacity; /* in elements */
};

struct reader {
    const char *path;
    uint8_t *text;
    size_t size, folder; /* folder: length of the path's part up to and with the last slash */
    struct block entries, strings, points;
    bool scheme_column; /* decided by the first good line, as is `expected` */
    int expected, first_line;
    size_t bad;
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

/* Reports a bad line. Always WT_ERR_FORMAT, so that it can be returned. */
WT_PRINTF(3, 4)
static enum wt_status bad_line(struct reader *r, int line, const char *format, ...)
{
    char reason[512];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    if (++r->bad <= REPORTED)
        wt_fail(WT_ERR_FORMAT, "%s:%d: %s", r->path, line, reason);
    return WT_ERR_FORMAT;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Parses the numbers of a line, which ends at a NUL. Returns how many, or -1 after a report. */
static int parse_numbers(struct reader *r, int line, char *p, float *number)
{
    int n = 0;
    for (;;) {
        char *end;
        while (blank(*p))
            p++;
        if (!*p)
            return n;
        size_t length = strcspn(p, " \t");
        if (n == NUMBERS_MAX)
            return bad_line(r, line, "more than %d points", WT_POINTS_MAX), -1;
        float v = strtof(p, &end);
        if (end != p + length || isnan(v))
            return bad_line(r, line, "field %d, \"%s\", is not a number", n + 2,
                            wt_show(p, length).text),
                   -1;
        if (!(fabsf(v) <= COORDINATE_MAX))
            return bad_line(r, line, "field %d, %s, is out of range", n + 2,
                            wt_show(p, length).text),
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
        return bad_line(r, line, "no coordinates after the image"), -1;
    if (scheme && n % 2 == 1 && (float)points != number[0])
        return bad_line(r, line,
                        "%d numbers: neither pairs of x and y, nor a scheme and its points", n),
               -1;
    if (n % 2 != scheme)
        return bad_line(r, line, "%d numbers, %s", n,
                        scheme ? "where other lines have a scheme and pairs"
                               : "an x without its y"),
               -1;
    if (points == 0)
        return bad_line(r, line, "no points"), -1;
    if (!scheme && !first && points != r->expected)
        return bad_line(r, line, "%d points, where line %d has %d", points, r->first_line,
                        r->expected),
               -1;
    if (first) {
        r->expected = points;
        r->first_line = line;
        r->scheme_column = scheme;
    }
    return points;
}

/* Appends the image's path; its position in *at. Faces of one picture often follow each other:
 * those share one string and one look at the disk. */
static enum wt_status add_image(struct reader *r, int line, const char *name, size_t *at)
{
    size_t folder = name[0] == '/' ? 0 : r->folder, length = strlen(name);
    if (r->last && strcmp(r->last, name) == 0) {
        *at = r->last_image;
        return WT_OK;
    }
    size_t position = r->strings.count;
    char *s = extend(&r->strings, folder + length + 1, 1);
    if (!s)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", r->path);
    memcpy(s, r->path, folder);
    memcpy(s + folder, name, length + 1);
    int error = access(s, R_OK) == 0 ? 0 : errno;
    if (error)
        return bad_line(r, line, "%s: %s", wt_show(name, length).text, strerror(error));
    r->last = name;
    *at = r->last_image = position;
    return WT_OK;
}

/* One line, NUL-terminated, without its end of line. FORMAT: reported, go on with the next. */
static enum wt_status take_line(struct reader *r, int line, char *text, size_t length)
{
    float number[NUMBERS_MAX];
    size_t image = 0;
    if (memchr(text, '\0', length))
        return bad_line(r, line, "not text");
    while (length && (blank(text[length - 1]) || text[length - 1] == '\r'))
        text[--length] = '\0';
    while (blank(*text))
        text++;
    if (!*text || *text == '#')
        return WT_OK;

    char *rest = text + strcspn(text, " \t");
    if (*rest)
        *rest++ = '\0';
    int n = parse_numbers(r, line, rest, number);
    int points = n < 0 ? -1 : check_count(r, line, number, n);
    if (points < 0)
        return WT_ERR_FORMAT;
    enum wt_status status = add_image(r, line, text, &image);
    if (status)
        return status;

    struct entry *e = extend(&r->entries, 1, sizeof *e);
    struct wt_point *p = extend(&r->points, (size_t)points, sizeof *p);
    if (!e || !p)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", r->path);
    *e = (struct entry){.image = image,
                        .name = image + (text[0] == '/' ? 0 : r->folder),
                        .point = r->points.count - (size_t)points,
                        .line = line,
                        .points = points};
    memcpy(p, number + n % 2, (size_t)points * sizeof *p);
    return WT_OK;
}

static enum wt_status take_lines(struct reader *r)
{
    char *p = (char *)r->text, *end = p + r->size;
    if (r->size >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
        p += 3; /* a byte order mark, as some editors leave */
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
    if (r->bad > REPORTED)
        wt_fail(WT_ERR_FORMAT, "%s: %zu bad lines in all", r->path, r->bad);
    if (r->bad)
        return WT_ERR_FORMAT;
    if (!r->entries.count)
        return wt_fail(WT_ERR_FORMAT, "%s: no face in this list", r->path);
    return WT_OK;
}

/* Turns positions into pointers and hands the blocks over. */
static enum wt_status give(struct reader *r, struct wt_dataset *out)
{
    struct entry *e = r->entries.data;
    struct wt_sample *sample = calloc(r->entries.count, sizeof *sample);
    if (!sample)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", r->path);
    *out = (struct wt_dataset){.sample = sample,
                               .count = r->entries.count,
                               .points = e[0].points,
                               .strings = r->strings.data,
                               .storage = r->points.data};
    for (size_t i = 0; i < out->count; i++) {
        sample[i] = (struct wt_sample){.image = out->strings + e[i].image,
                                       .name = out->strings + e[i].name,
                                       .line = e[i].line,
                                       .points = e[i].points,
                                       .point = out->storage + e[i].point};
        if (e[i].points != out->points)
            out->points = 0;
    }
    r->strings.data = r->points.data = NULL;
    return WT_OK;
}

enum wt_status wt_dataset_open(struct wt_dataset *out, const char *path)
{
    const char *slash = strrchr(path, '/');
    struct reader r = {.path = path, .folder = slash ? (size_t)(slash - path) + 1 : 0};
    enum wt_status status = wt_file_read(path, FILE_MAX_BYTES, &r.text, &r.size);
    if (!status)
        status = take_lines(&r);
    if (!status)
        status = give(&r, out);
    free(r.text);
    free(r.entries.data);
    free(r.strings.data);
    free(r.points.data);
    return status;
}

void wt_dataset_fini(struct wt_dataset *dataset)
{
    if (!dataset)
        return;
    free(dataset->sample);
    free(dataset->strings);
    free(dataset->storage);
    *dataset = (struct wt_dataset){0};
}
