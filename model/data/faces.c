#include "data/faces.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/pool.h"
#include "base/status.h"
#include "data/bad_lines.h"
#include "data/dataset_open.h"
#include "data/fits.h"
#include "data/random.h"

enum { SOURCES_MAX = 64, PATH_BYTES = 4096 };

struct source {
    char path[PATH_BYTES];
    double weight;
    struct wt_dataset dataset;
    size_t first, count; /* of wt_faces.face */
};

struct face {
    uint32_t source, sample;
    const struct wt_scheme *own;
};

struct wt_faces {
    const struct wt_scheme *scheme;
    struct source *source[SOURCES_MAX];
    int sources;
    struct face *face;
    struct wt_point *point; /* [count][scheme->points] */
    size_t count;
};

enum wt_status wt_faces_create(struct wt_faces **out, int points)
{
    const struct wt_scheme *scheme = wt_scheme_get(points);
    if (!scheme)
        return wt_fail(WT_ERR_ARGUMENT, "no scheme has %d points; known are 98, 68, 29, 19",
                       points);
    struct wt_faces *f = calloc(1, sizeof *f);
    if (!f)
        return wt_fail(WT_ERR_MEMORY, "out of memory");
    f->scheme = scheme;
    *out = f;
    return WT_OK;
}

void wt_faces_destroy(struct wt_faces **faces)
{
    struct wt_faces *f = *faces;
    if (!f)
        return;
    for (int i = 0; i < f->sources; i++) {
        wt_dataset_fini(&f->source[i]->dataset);
        free(f->source[i]);
    }
    free(f->face);
    free(f->point);
    free(f);
    *faces = NULL;
}

/* ---- sources ----------------------------------------------------------------------------------
 */

/* Cuts " in FOLDER" off; images: the folder, from where the source lies on, or empty. */
static void parse_images(char *path, char *images, size_t size)
{
    static const char word[] = " in ";
    char *at = NULL;
    for (char *p = strstr(path, word); p; p = strstr(p + 1, word))
        at = p;
    images[0] = '\0';
    if (!at)
        return;
    const char *folder = at + strlen(word);
    *at = '\0';
    const char *slash = strrchr(path, '/');
    const int base = folder[0] == '/' || !slash ? 0 : (int)(slash - path) + 1;
    snprintf(images, size, "%.*s%s", base, path, folder);
}

/* Ends the path at `sign`, and before blanks in front of it. */
static void end_path(const char *path, char *sign)
{
    while (sign > path && sign[-1] == ' ')
        sign--;
    *sign = '\0';
}

/* Splits PATH[@SUBSET][*WEIGHT][ in FOLDER]; *subset NULL: none. */
static enum wt_status parse_source(const char *text, struct source *s, const char **subset,
                                   char *images, size_t size)
{
    s->weight = 1;
    *subset = NULL;
    if (strlen(text) >= sizeof s->path)
        return wt_fail(WT_ERR_ARGUMENT, "a source's path is too long");
    strcpy(s->path, text);
    images[0] = '\0';
    if (access(text, F_OK) == 0) /* a path with such a word or sign in it */
        return WT_OK;
    parse_images(s->path, images, size);
    char *star = strrchr(s->path, '*');
    if (star) {
        char *end;
        s->weight = strtod(star + 1, &end);
        if (end == star + 1 || *end || !(s->weight > 0 && s->weight <= 1000))
            return wt_fail(WT_ERR_ARGUMENT, "%s: the weight after * is not a number up to 1000",
                           text);
        end_path(s->path, star);
    }
    char *mark = strrchr(s->path, '@');
    if (mark && !strchr(mark, '/')) {
        *subset = mark + 1;
        end_path(s->path, mark);
    }
    return s->path[0] ? WT_OK : wt_fail(WT_ERR_ARGUMENT, "a source without a path");
}

/* Mask of the subset; all faces without one. */
static enum wt_status find_subset(const struct source *s, const char *name, uint32_t *mask)
{
    const struct wt_dataset *d = &s->dataset;
    *mask = 0;
    for (int i = 0; name && i < d->subsets; i++)
        if (strcmp(d->subset[i], name) == 0)
            *mask = UINT32_C(1) << i;
    if (name && !*mask)
        return wt_fail(WT_ERR_ARGUMENT, "%s: it has no subset %s", s->path, name);
    return WT_OK;
}

/* Converts one sample to the end of the faces. */
static enum wt_status append(struct wt_faces *f, uint32_t source, uint32_t sample)
{
    const struct source *s = f->source[source];
    const struct wt_sample *from = &s->dataset.sample[sample];
    const size_t points = (size_t)f->scheme->points;
    struct wt_point *to = f->point + f->count * points;
    const struct wt_scheme *own = wt_scheme_get(from->points);
    if (!own || wt_points_convert_known(from->point, from->points, to, (int)points))
        return wt_fail(WT_ERR_FORMAT, "%s:%d: no scheme has %d points", s->path, from->line,
                       from->points);
    f->face[f->count++] = (struct face){source, sample, own};
    return WT_OK;
}

static enum wt_status take_source(struct wt_faces *f, struct source *s, uint32_t mask)
{
    const size_t room = f->count + s->dataset.count;
    struct face *face = realloc(f->face, room * sizeof *face);
    f->face = face ? face : f->face;
    struct wt_point *point = realloc(f->point, room * (size_t)f->scheme->points * sizeof *point);
    f->point = point ? point : f->point;
    if (!face || !point || room > UINT32_MAX)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", s->path);
    enum wt_status status = WT_OK;
    for (size_t i = 0; i < s->dataset.count && !status; i++)
        if (!mask || s->dataset.sample[i].subsets & mask)
            status = append(f, (uint32_t)f->sources - 1, (uint32_t)i);
    s->count = f->count - s->first;
    if (!status && !s->count)
        status = wt_fail(WT_ERR_FORMAT, "%s: no face of that subset", s->path);
    return status;
}

static struct source *begin_source(struct wt_faces *f, const char *text, enum wt_status *status)
{
    struct source *s = NULL;
    *status = WT_OK;
    if (f->sources == SOURCES_MAX)
        *status = wt_fail(WT_ERR_ARGUMENT, "%s: more than %d sources", text, SOURCES_MAX);
    else if (!(s = calloc(1, sizeof *s)))
        *status = wt_fail(WT_ERR_MEMORY, "%s: out of memory", text);
    if (!s)
        return NULL;
    s->first = f->count;
    f->source[f->sources++] = s;
    return s;
}

/* The faces are as they were before the last source. */
static void drop_source(struct wt_faces *f)
{
    struct source *s = f->source[--f->sources];
    f->count = s->first;
    wt_dataset_fini(&s->dataset);
    free(s);
}

enum wt_status wt_faces_add(struct wt_faces *f, const char *text)
{
    const char *subset;
    char images[2 * PATH_BYTES];
    uint32_t mask;
    enum wt_status status;
    struct source *s = begin_source(f, text, &status);
    if (!s)
        return status;
    status = parse_source(text, s, &subset, images, sizeof images);
    if (!status)
        status = wt_dataset_open_any(&s->dataset, s->path, images[0] ? images : NULL);
    if (!status)
        status = find_subset(s, subset, &mask);
    if (!status)
        status = take_source(f, s, mask);
    if (status)
        drop_source(f);
    return status;
}

enum wt_status wt_faces_take(struct wt_faces *f, const char *name, struct wt_dataset *dataset)
{
    enum wt_status status;
    struct source *s = begin_source(f, name, &status);
    if (!s)
        return status;
    snprintf(s->path, sizeof s->path, "%s", name);
    s->weight = 1;
    s->dataset = *dataset;
    status = take_source(f, s, 0);
    if (status)
        s->dataset = (struct wt_dataset){.count = 0};
    if (status)
        drop_source(f);
    else
        *dataset = (struct wt_dataset){.count = 0};
    return status;
}

void wt_faces_part(struct wt_faces *f, size_t every, size_t most, bool rest)
{
    const size_t points = (size_t)f->scheme->points;
    size_t to = 0;
    for (int i = 0; i < f->sources; i++) {
        struct source *s = f->source[i];
        const size_t first = to;
        for (size_t k = s->first; k < s->first + s->count; k++) {
            if ((k % every == 0 && k / every < most) == rest)
                continue;
            f->face[to] = f->face[k];
            memmove(f->point + to * points, f->point + k * points, points * sizeof *f->point);
            to++;
        }
        s->first = first;
        s->count = to - first;
    }
    f->count = to;
}

/* ---- reading ----------------------------------------------------------------------------------
 */

const struct wt_scheme *wt_faces_scheme(const struct wt_faces *f)
{
    return f->scheme;
}

size_t wt_faces_count(const struct wt_faces *f)
{
    return f->count;
}

struct wt_train_face wt_faces_get(const struct wt_faces *f, size_t i)
{
    const struct face *face = &f->face[i];
    const struct source *s = f->source[face->source];
    return (struct wt_train_face){.sample = &s->dataset.sample[face->sample],
                                  .own = face->own,
                                  .point = f->point + i * (size_t)f->scheme->points,
                                  .source = s->path};
}

const char *wt_face_where(const struct wt_train_face *face, char *buffer, size_t size)
{
    if (face->sample->line > 0)
        snprintf(buffer, size, "%s:%d", face->source, face->sample->line);
    else
        snprintf(buffer, size, "%s", face->sample->name);
    return buffer;
}

/* Entries of a source in an epoch. */
static size_t entries(const struct source *s)
{
    return (size_t)floor(s->weight * (double)s->count + 0.5);
}

size_t wt_faces_epoch_size(const struct wt_faces *f)
{
    size_t n = 0;
    for (int i = 0; i < f->sources; i++)
        n += entries(f->source[i]);
    return n ? n : 1;
}

static void swap(struct wt_epoch_entry *a, struct wt_epoch_entry *b)
{
    const struct wt_epoch_entry t = *a;
    *a = *b;
    *b = t;
}

/* The entries of one source: whole copies of it, then some faces drawn without replacement. */
static size_t draw_entries(const struct source *s, size_t room, struct wt_random *r,
                           struct wt_epoch_entry *out)
{
    const size_t n = entries(s) < room ? entries(s) : room;
    if (!n)
        return 0;
    uint32_t *rest = n % s->count ? malloc(s->count * sizeof *rest) : NULL;
    for (size_t i = 0; rest && i < s->count; i++)
        rest[i] = (uint32_t)i;
    for (size_t i = 0; i < n; i++) {
        size_t k = i % s->count;
        const bool whole = i / s->count < n / s->count;
        if (!whole && rest) { /* without memory for it: the first ones */
            const size_t other = k + wt_random_below(r, s->count - k);
            const uint32_t drawn = rest[other];
            rest[other] = rest[k];
            rest[k] = drawn;
            k = drawn;
        }
        out[i] = (struct wt_epoch_entry){(uint32_t)(s->first + k), (uint32_t)(i / s->count)};
    }
    free(rest);
    return n;
}

void wt_faces_order(const struct wt_faces *f, uint64_t seed, uint64_t epoch,
                    struct wt_epoch_entry *order)
{
    struct wt_random r = wt_random_make(seed, epoch, UINT64_MAX);
    const size_t size = wt_faces_epoch_size(f);
    size_t n = 0;
    order[0] = (struct wt_epoch_entry){0, 0};
    for (int i = 0; i < f->sources; i++)
        n += draw_entries(f->source[i], size - n, &r, order + n);
    for (size_t i = n; i > 1; i--)
        swap(&order[i - 1], &order[wt_random_below(&r, i)]);
}

/* ---- checking ---------------------------------------------------------------------------------
 */

struct check {
    const struct wt_faces *faces;
    struct wt_pool *pool;
    atomic_size_t done;
    char (*reason)[160]; /* [count]: empty where nothing is wrong */
    void (*progress)(void *user, size_t done);
    void *user;
};

static void check_face(const struct check *c, size_t i)
{
    const struct wt_train_face face = wt_faces_get(c->faces, i);
    struct wt_picture storage = {.pixels = NULL};
    struct wt_image image;
    enum wt_status status =
        wt_sample_picture(face.sample, &storage, &image, c->reason[i], sizeof c->reason[i]);
    if (!status)
        wt_sample_fits(face.sample, image.width, image.height, c->reason[i], sizeof c->reason[i]);
    wt_picture_fini(&storage);
}

enum { CHUNK = 16 }; /* faces of one item */

static void check_some(void *job, int step, int item, int thread)
{
    struct check *c = job;
    const size_t from = (size_t)item * CHUNK, count = c->faces->count;
    for (size_t i = from; i < count && i < from + CHUNK; i++)
        check_face(c, i);
    const size_t done = atomic_fetch_add(&c->done, CHUNK);
    if (thread == 0 && c->progress)
        c->progress(c->user, done);
}

static enum wt_status report(const struct check *c)
{
    struct wt_bad_lines bad = {.count = 0};
    char where[512], place[1024];
    for (size_t i = 0; i < c->faces->count; i++) {
        const struct wt_train_face face = wt_faces_get(c->faces, i);
        if (!c->reason[i][0])
            continue;
        snprintf(place, sizeof place, "%s: %s", wt_face_where(&face, where, sizeof where),
                 face.sample->name);
        wt_bad_thing(&bad, place, c->reason[i]);
    }
    if (wt_bad_lines_cut(&bad))
        wt_fail(WT_ERR_FORMAT, "%zu faces in all cannot be used", bad.count);
    return bad.count ? WT_ERR_FORMAT : WT_OK;
}

enum wt_status wt_faces_check(const struct wt_faces *faces, int threads,
                              void (*progress)(void *user, size_t done), void *user)
{
    struct check c = {.faces = faces, .progress = progress, .user = user};
    c.reason = calloc(faces->count ? faces->count : 1, sizeof *c.reason);
    enum wt_status status =
        c.reason ? wt_pool_create(&c.pool, threads, 1) : wt_fail(WT_ERR_MEMORY, "out of memory");
    if (!status) {
        wt_pool_share(c.pool, (int)((faces->count + CHUNK - 1) / CHUNK), check_some, &c);
        if (progress)
            progress(user, faces->count);
        status = report(&c);
    }
    wt_pool_destroy(&c.pool);
    free(c.reason);
    return status;
}
