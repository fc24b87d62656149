#include "data/loader.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/align.h"
#include "base/clock.h"
#include "base/status.h"
#include "data/detector_loss.h"

enum { THREADS_MAX = 64, AHEAD_MAX = 64, TRIES = 100 };

/* A batch's memory; slot k of the ring holds batches k, k + slots, ... */
struct slot {
    uint8_t *rgb, *mask;
    float *value, *channel;
    struct wt_point *point;
    uint32_t *face;
    struct wt_augment_params *params;
    int done;              /* faces finished */
    enum wt_status status; /* of the first face, in order, that failed; then: */
    size_t failed;
    char line[800];
};

/* The order of an epoch; two are kept, because threads may work on both sides of the boundary. */
struct order {
    uint64_t epoch;
    bool made;
    struct wt_epoch_entry *entry; /* [epoch size] */
};

struct wt_loader {
    const struct wt_faces *faces;
    const struct wt_scheme *scheme;
    struct wt_loader_options options;
    uint64_t epoch_size, epoch_batches;
    struct slot *slot;
    int slots;
    pthread_t thread[THREADS_MAX];
    int threads;

    pthread_mutex_t lock; /* for all below */
    pthread_cond_t room, ready;
    struct order order[2];
    uint64_t ticket; /* next face to take, counted over all batches from the start on */
    uint64_t taken;  /* batches that the consumer has released */
    bool lent, stop;
    struct wt_loader_stats stats;
};

/* Of a crop, and of its maps. */
static size_t crop_bytes(const struct wt_loader *l)
{
    return WT_CROP_BYTES(l->options.augment.input);
}
static size_t cells(const struct wt_loader *l)
{
    return l->options.frames ? WT_TRAINING_FRAME_MAP
                             : (size_t)wt_map_cells(l->options.augment.input);
}

/* ---- one face ---------------------------------------------------------------------------------
 */

/* A thread's own memory. */
struct scratch {
    struct wt_picture picture;
    struct wt_point own[WT_POINTS_MAX]; /* as annotated, in the crop */
    char reason[128], where[512], line[800];
    struct wt_training_frame_scratch frame;
    size_t failed; /* the face that could not be read */
};

/* Where a face is used: epoch, and place in its order; whether for a second view. */
struct place {
    uint64_t epoch, at;
    bool again;
};

static enum wt_status make_frame(const struct wt_loader *l, const struct wt_epoch_entry *entry,
                                 struct place p, struct slot *slot, size_t i, struct scratch *s)
{
    const size_t stride = (size_t)l->options.stride;
    struct wt_random r =
        wt_random_make(l->options.seed, p.epoch, (uint64_t)entry->copy << 32 | entry->face);
    enum wt_status status = wt_training_frame_make(
        l->faces, entry->face, l->options.frames, &l->options.augment, &r, &s->frame,
        slot->rgb + i * crop_bytes(l), slot->value + i * cells(l) * stride,
        slot->mask + i * cells(l) * stride);
    s->failed = s->frame.failed;
    slot->face[i] = entry->face;
    return status;
}

static enum wt_status make_face(const struct wt_loader *l, const struct wt_epoch_entry *entry,
                                struct place p, struct slot *slot, size_t i, struct scratch *s)
{
    const size_t stride = (size_t)l->options.stride, points = (size_t)l->scheme->points;
    const struct wt_train_face face = wt_faces_get(l->faces, entry->face);
    struct wt_random r =
        wt_random_make(l->options.seed, p.epoch, (uint64_t)entry->copy << 32 | entry->face);
    struct wt_image image;
    s->failed = entry->face;
    enum wt_status status =
        wt_sample_picture(face.sample, &s->picture, &image, s->reason, sizeof s->reason);
    if (!status) {
        slot->params[i] =
            wt_augment_draw(&l->options.augment, face.sample->point, face.sample->points, &r);
        if (p.again) /* of that view, which another thread may be making */
            slot->params[i] = wt_augment_again(&l->options.augment, &slot->params[i], &r);
        status = wt_augment_apply(&slot->params[i], &image, slot->rgb + i * crop_bytes(l));
    }
    wt_picture_fini(&s->picture);
    if (status)
        return status;
    struct wt_point *point = slot->point + i * points;
    wt_augment_points(&slot->params[i], l->scheme, face.point, point);
    wt_augment_points(&slot->params[i], face.own, face.sample->point, s->own);
    const struct wt_target_face target = {
        .scheme = l->scheme, .point = point, .drawn = face.own, .drawn_point = s->own};
    const struct wt_target_maps maps = {.value = slot->value + i * cells(l) * stride,
                                        .mask = slot->mask + i * cells(l) * stride,
                                        .channel = slot->channel + i * stride,
                                        .stride = (int)stride,
                                        .size = wt_map_size(l->options.augment.input)};
    wt_target_draw(&l->options.target, &target, &maps);
    slot->face[i] = entry->face;
    return WT_OK;
}

/* The entry at a place; the lock is held. */
static struct wt_epoch_entry entry_at(struct wt_loader *l, struct place p)
{
    struct order *o = &l->order[p.epoch % 2];
    if (!o->made || o->epoch != p.epoch) {
        wt_faces_order(l->faces, l->options.seed, p.epoch, o->entry);
        o->epoch = p.epoch;
        o->made = true;
    }
    return o->entry[p.at];
}

/* The face of a place, or, where broken ones are skipped, the next that can be read after it. What
 * went wrong is left in s->line. */
static enum wt_status make_place(struct wt_loader *l, struct place p, struct slot *slot, size_t i,
                                 struct scratch *s, uint64_t *skipped)
{
    for (;;) {
        pthread_mutex_lock(&l->lock);
        const struct wt_epoch_entry entry =
            entry_at(l, (struct place){.epoch = p.epoch, .at = (p.at + *skipped) % l->epoch_size});
        pthread_mutex_unlock(&l->lock);
        enum wt_status status =
            (l->options.frames ? make_frame : make_face)(l, &entry, p, slot, i, s);
        if (!status)
            return status;
        const struct wt_train_face face = wt_faces_get(l->faces, s->failed);
        snprintf(s->line, sizeof s->line, "%s: %s: %s",
                 wt_face_where(&face, s->where, sizeof s->where), face.sample->name, s->reason);
        if (!l->options.skip_broken || status == WT_ERR_MEMORY || *skipped + 1 >= TRIES ||
            *skipped + 1 >= l->epoch_size)
            return status;
        wt_log(WT_LOG_WARN, "%s; another face takes its place", s->line);
        (*skipped)++;
    }
}

/* A face is finished; the lock is held. The consumer reports a failure when the batch's turn comes,
 * so that it is one line, and the same one every time. */
static void finish_face(struct wt_loader *l, struct slot *slot, size_t i, enum wt_status status,
                        const char *line)
{
    if (status && (!slot->status || i < slot->failed)) {
        slot->status = status;
        slot->failed = i;
        snprintf(slot->line, sizeof slot->line, "%s", line);
    }
    if (++slot->done == l->options.batch)
        pthread_cond_broadcast(&l->ready);
}

/* ---- threads ----------------------------------------------------------------------------------
 */

/* Takes the next face's ticket, waiting for room in the ring; false: stop. The lock is held. */
static bool take_ticket(struct wt_loader *l, uint64_t *ticket)
{
    while (!l->stop && l->ticket / (uint64_t)l->options.batch >= l->taken + (uint64_t)l->slots)
        pthread_cond_wait(&l->room, &l->lock);
    *ticket = l->ticket++;
    return !l->stop;
}

/* Different ones in a batch. */
static int faces_of(const struct wt_loader_options *o)
{
    return o->batch - o->pairs;
}

static struct place place_of(const struct wt_loader *l, uint64_t batch, uint64_t i)
{
    const uint64_t all = l->options.first + batch; /* from the start of the first epoch on */
    const uint64_t n = (uint64_t)faces_of(&l->options), parts = (uint64_t)l->options.parts;
    const uint64_t first = (all % l->epoch_batches * parts + (uint64_t)l->options.part) * n;
    const uint64_t size = (uint64_t)l->options.batch, pairs = (uint64_t)l->options.pairs;
    const uint64_t seconds = (i + 1) * pairs / size; /* up to this one; wt_batch_second */
    return (struct place){.epoch = l->options.epoch + all / l->epoch_batches,
                          .at = first + i - seconds,
                          .again = seconds > i * pairs / size};
}

static void *work(void *argument)
{
    struct wt_loader *l = argument;
    uint8_t
        part[WT_CROP_BYTES(WT_TRAINING_FRAME_SIDE)]; /* 192 KiB: a thread's stack has megabytes */
    struct scratch s = {.picture = {.pixels = NULL}};
    s.frame = (struct wt_training_frame_scratch){
        .rgb = part, .reason = s.reason, .reason_size = sizeof s.reason};
    const uint64_t n = (uint64_t)l->options.batch;
    uint64_t ticket;
    pthread_mutex_lock(&l->lock);
    while (take_ticket(l, &ticket)) {
        const uint64_t batch = ticket / n, i = ticket % n;
        struct slot *slot = &l->slot[batch % (uint64_t)l->slots];
        uint64_t skipped = 0;
        pthread_mutex_unlock(&l->lock);
        const double start = wt_now_s();
        enum wt_status status = make_place(l, place_of(l, batch, i), slot, (size_t)i, &s, &skipped);
        const double spent = wt_now_s() - start;
        pthread_mutex_lock(&l->lock);
        l->stats.faces++;
        l->stats.skipped += skipped;
        l->stats.work_s += spent;
        finish_face(l, slot, (size_t)i, status, s.line);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

/* ---- life -------------------------------------------------------------------------------------
 */

static bool make_slot(const struct wt_loader *l, struct slot *slot)
{
    const size_t n = (size_t)l->options.batch, stride = (size_t)l->options.stride;
    slot->rgb = malloc(n * crop_bytes(l));
    slot->mask = malloc(n * cells(l) * stride);
    slot->value = aligned_alloc(WT_ALIGNMENT, wt_align(n * cells(l) * stride * sizeof(float)));
    slot->channel = malloc(n * stride * sizeof(float));
    slot->point = malloc(n * (size_t)l->scheme->points * sizeof *slot->point);
    slot->face = malloc(n * sizeof *slot->face);
    slot->params = malloc(n * sizeof *slot->params);
    return slot->rgb && slot->mask && slot->value && slot->channel && slot->point && slot->face &&
           slot->params;
}

static void free_slot(struct slot *slot)
{
    free(slot->rgb);
    free(slot->mask);
    free(slot->value);
    free(slot->channel);
    free(slot->point);
    free(slot->face);
    free(slot->params);
}

static enum wt_status check_options(const struct wt_faces *faces, const struct wt_loader_options *o)
{
    const int parts = o->parts ? o->parts : 1;
    if (parts < 1 || parts > 1024 || o->part < 0 || o->part >= parts)
        return wt_fail(WT_ERR_ARGUMENT, "loader: part %d of %d", o->part, parts);
    if (o->batch < 1 || o->batch > 1024 ||
        (size_t)faces_of(o) * (size_t)parts > wt_faces_epoch_size(faces))
        return wt_fail(WT_ERR_ARGUMENT, "a batch of %d faces out of %zu an epoch",
                       faces_of(o) * parts, wt_faces_epoch_size(faces));
    if (o->pairs < 0 || o->pairs > o->batch / 2 || (o->pairs && o->frames))
        return wt_fail(WT_ERR_ARGUMENT, "loader: %d pairs in a batch of %d", o->pairs, o->batch);
    if (o->threads < 1 || o->threads > THREADS_MAX || o->ahead < 0 || o->ahead > AHEAD_MAX ||
        (o->frames ? o->stride != WT_FACE_TARGETS : o->stride <= wt_faces_scheme(faces)->points) ||
        wt_faces_count(faces) == 0)
        return wt_fail(WT_ERR_ARGUMENT, "loader: threads, batches ahead or channels out of range");
    if (!o->frames && !wt_input_fits(o->augment.input))
        return wt_fail(WT_ERR_ARGUMENT, "loader: crops of %d pixels a side", o->augment.input);
    return WT_OK;
}

/* Memory of the ring and the orders. */
static bool make_memory(struct wt_loader *l)
{
    l->slot = calloc((size_t)l->slots, sizeof *l->slot);
    bool ok = l->slot != NULL;
    for (int i = 0; i < l->slots && ok; i++)
        ok = make_slot(l, &l->slot[i]);
    for (int i = 0; i < 2 && ok; i++)
        ok = (l->order[i].entry = malloc(l->epoch_size * sizeof *l->order[i].entry)) != NULL;
    return ok;
}

enum wt_status wt_loader_create(struct wt_loader **out, const struct wt_faces *faces,
                                const struct wt_loader_options *options)
{
    enum wt_status status = check_options(faces, options);
    if (status)
        return status;
    struct wt_loader *l = calloc(1, sizeof *l);
    if (!l)
        return wt_fail(WT_ERR_MEMORY, "loader: out of memory");
    l->faces = faces;
    l->scheme = wt_faces_scheme(faces);
    l->options = *options;
    if (options->frames)
        l->options.augment.input = WT_TRAINING_FRAME_SIDE;
    l->epoch_size = wt_faces_epoch_size(faces);
    l->options.parts = options->parts ? options->parts : 1;
    l->epoch_batches = l->epoch_size / (uint64_t)(faces_of(options) * l->options.parts);
    const int busy = 1 + (options->threads + options->batch - 1) / options->batch;
    l->slots = 1 + (options->ahead ? options->ahead : busy > 2 ? busy : 2);
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->room, NULL);
    pthread_cond_init(&l->ready, NULL);
    if (!make_memory(l))
        status = wt_fail(WT_ERR_MEMORY, "loader: out of memory for %d batches of %d faces",
                         l->slots, options->batch);
    while (!status && l->threads < options->threads &&
           pthread_create(&l->thread[l->threads], NULL, work, l) == 0)
        l->threads++;
    if (!status && !l->threads)
        status = wt_fail(WT_ERR_MEMORY, "loader: no thread can be started");
    if (status)
        wt_loader_destroy(&l);
    else
        *out = l;
    return status;
}

void wt_loader_destroy(struct wt_loader **loader)
{
    struct wt_loader *l = *loader;
    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    l->stop = true;
    pthread_cond_broadcast(&l->room);
    pthread_mutex_unlock(&l->lock);
    for (int i = 0; i < l->threads; i++)
        pthread_join(l->thread[i], NULL);
    for (int i = 0; l->slot && i < l->slots; i++)
        free_slot(&l->slot[i]);
    free(l->slot);
    free(l->order[0].entry);
    free(l->order[1].entry);
    pthread_cond_destroy(&l->room);
    pthread_cond_destroy(&l->ready);
    pthread_mutex_destroy(&l->lock);
    free(l);
    *loader = NULL;
}

enum wt_status wt_loader_next(struct wt_loader *l, struct wt_batch *out)
{
    const double start = wt_now_s();
    pthread_mutex_lock(&l->lock);
    const uint64_t batch = l->taken;
    struct slot *slot = &l->slot[batch % (uint64_t)l->slots];
    while (slot->done < l->options.batch)
        pthread_cond_wait(&l->ready, &l->lock);
    const enum wt_status status = slot->status;
    l->lent = true;
    l->stats.wait_s += wt_now_s() - start;
    pthread_mutex_unlock(&l->lock);
    const struct place p = place_of(l, batch, 0);
    *out = (struct wt_batch){.epoch = p.epoch,
                             .index = (l->options.first + batch) % l->epoch_batches,
                             .n = l->options.batch,
                             .pairs = l->options.pairs,
                             .input = l->options.augment.input,
                             .rgb = slot->rgb,
                             .value = slot->value,
                             .mask = slot->mask,
                             .channel = slot->channel,
                             .point = slot->point,
                             .face = slot->face,
                             .params = slot->params};
    return status ? wt_fail(status, "%s", slot->line) : WT_OK;
}

void wt_loader_release(struct wt_loader *l)
{
    pthread_mutex_lock(&l->lock);
    if (l->lent) {
        struct slot *slot = &l->slot[l->taken % (uint64_t)l->slots];
        slot->done = 0;
        slot->status = WT_OK;
        l->lent = false;
        l->taken++;
        pthread_cond_broadcast(&l->room);
    }
    pthread_mutex_unlock(&l->lock);
}

uint64_t wt_loader_epoch_batches(const struct wt_loader *l)
{
    return l->epoch_batches;
}

struct wt_loader_stats wt_loader_stats(struct wt_loader *l)
{
    pthread_mutex_lock(&l->lock);
    const struct wt_loader_stats stats = l->stats;
    pthread_mutex_unlock(&l->lock);
    return stats;
}

size_t wt_loader_bytes(const struct wt_loader *l)
{
    const size_t stride = (size_t)l->options.stride;
    const size_t map =
        cells(l) * stride * (sizeof(float) + sizeof(uint8_t)) + stride * sizeof(float);
    const size_t face = crop_bytes(l) + map + (size_t)l->scheme->points * sizeof(struct wt_point) +
                        sizeof(uint32_t) + sizeof(struct wt_augment_params);
    return sizeof *l + 2 * l->epoch_size * sizeof(struct wt_epoch_entry) +
           (size_t)l->slots * ((size_t)l->options.batch * face + sizeof(struct slot) + 64);
}
