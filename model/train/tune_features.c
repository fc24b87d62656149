/* Steps on kept crops: what the layers that do not learn give for a crop is computed once. */
#include <stdlib.h>
#include <string.h>

#include "face/decode.h"
#include "train/train.h"
#include "train/tune_internal.h"

enum { FRONT_BATCH = 2 };

static enum wt_hourglass_cut cut_of(const struct wt_tune *t)
{
    return t->options.layers == WT_TUNE_STACK ? WT_CUT_STACK : WT_CUT_HEAD;
}

size_t wt_tune_floats(const struct wt_tune *t)
{
    return (size_t)wt_map_cells(t->arch.input) * (size_t)wt_hourglass_features(&t->arch, cut_of(t));
}

/* ---- life ---------------------------------------------------------------------------------- */

static bool nothing(void *user, const char *node)
{
    (void)user;
    (void)node;
    return false;
}

static enum wt_status take_views(struct wt_tune *t, struct wt_tune_features *f)
{
    const size_t faces = (size_t)t->faces, map = (size_t)wt_map_cells(t->arch.input);
    bool ok = true;
    for (int i = 0; i < t->loaders; i++) {
        struct wt_tune_views *v = &f->set[i];
        v->room = t->options.views;
        v->features = malloc((size_t)v->room * f->floats * sizeof *v->features);
        v->point = calloc((size_t)v->room * WT_POINTS_MAX, sizeof *v->point);
        ok = ok && v->features && v->point;
    }
    f->stride = (t->arch.points + 1 + 15) / 16 * 16;
    f->value = malloc(faces * map * (size_t)f->stride * sizeof *f->value);
    f->mask = malloc(faces * map * (size_t)f->stride);
    f->channel = malloc(faces * (size_t)f->stride * sizeof *f->channel);
    return ok && f->value && f->mask && f->channel
               ? WT_OK
               : wt_fail(WT_ERR_MEMORY, "out of memory for %d crops", t->options.views);
}

enum wt_status wt_tune_features_create(struct wt_tune_features **out, struct wt_tune *t,
                                       struct wt_graph *rest)
{
    struct wt_tune_features *f = calloc(1, sizeof *f);
    struct wt_graph front;
    if (!f)
        return wt_fail(WT_ERR_MEMORY, "out of memory for training");
    *out = f;
    f->cut = cut_of(t);
    f->floats = wt_tune_floats(t);
    const struct wt_tape_options o = {.batch = FRONT_BATCH,
                                      .threads = t->options.threads,
                                      .level = t->options.level,
                                      .bf16 = wt_train_bf16(t->options.precision, t->options.level),
                                      .fixed_norms = true,
                                      .trains = nothing};
    wt_graph_init(&front);
    enum wt_status status = wt_hourglass_split(t->best, f->cut, &front, rest);
    if (!status)
        status = wt_tape_create(&f->front, &front, &o);
    if (!status && t->options.held && t->loaders > 1)
        status = wt_tape_create(&f->teacher, rest, &o);
    wt_graph_fini(&front);
    return status ? status : take_views(t, f);
}

void wt_tune_features_destroy(struct wt_tune_features **features)
{
    struct wt_tune_features *f = *features;
    if (!f)
        return;
    for (int i = 0; i < 2; i++) {
        free(f->set[i].features);
        free(f->set[i].point);
    }
    free(f->value);
    free(f->mask);
    free(f->channel);
    wt_tape_destroy(&f->front);
    wt_tape_destroy(&f->teacher);
    free(f);
    *features = NULL;
}

size_t wt_tune_features_bytes(const struct wt_tune_features *f)
{
    if (!f)
        return 0;
    size_t bytes = sizeof *f + wt_tape_bytes(f->front);
    if (f->teacher)
        bytes += wt_tape_bytes(f->teacher);
    for (int i = 0; i < 2; i++)
        bytes += (size_t)f->set[i].room *
                 (f->floats * sizeof(float) + WT_POINTS_MAX * sizeof(struct wt_point));
    return bytes;
}

/* ---- features ------------------------------------------------------------------------------ */

void wt_tune_features_run(struct wt_tune *t, const uint8_t *rgb, size_t n, float *to)
{
    struct wt_tune_features *f = t->features;
    struct wt_learn l = wt_tune_learner(t);
    const size_t cells = (size_t)wt_map_cells(t->arch.input);
    const bool maps = f->cut == WT_CUT_STACK && t->arch.stacks > 1;
    l.tape = f->front;
    for (size_t i = 0; i < n && !atomic_load(&t->cancelled); i += FRONT_BATCH) {
        const size_t m = n - i < FRONT_BATCH ? n - i : FRONT_BATCH;
        int stride, heat_stride = 0;
        wt_learn_infer(&l, rgb + i * WT_CROP_BYTES(t->arch.input), (int)m);
        const float *x = wt_tape_output(f->front, 0, &stride), *heat = NULL;
        if (maps)
            heat = wt_tape_output(f->front, 1, &heat_stride);
        for (size_t k = 0; k < m; k++)
            wt_hourglass_join(&t->arch, f->cut, x + k * cells * (size_t)stride, stride,
                              heat ? heat + k * cells * (size_t)heat_stride : NULL, heat_stride,
                              to + (i + k) * f->floats);
    }
}

/* What the old weights find in a crop of these features. */
static void ask_teacher(struct wt_tune *t, const float *features, struct wt_point *point)
{
    int stride;
    struct wt_tune_features *f = t->features;
    memcpy(wt_tape_input(f->teacher), features, f->floats * sizeof *features);
    wt_tape_forward(f->teacher, 1);
    const float *maps = wt_tape_output(f->teacher, 0, &stride);
    wt_decode(maps, wt_map_size(t->arch.input), stride, t->arch.points, WT_DECODE_TRACKER, point,
              NULL);
}

/* A batch of the loader's crops more. */
static enum wt_status add_views(struct wt_tune *t, int kind)
{
    struct wt_tune_views *v = &t->features->set[kind];
    const size_t points = (size_t)t->arch.points;
    struct wt_batch b;
    const enum wt_status status = wt_loader_next(t->loader[kind], &b);
    if (status)
        return status;
    const int n = b.n < v->room - v->count ? b.n : v->room - v->count;
    float *to = v->features + (size_t)v->count * t->features->floats;
    wt_tune_features_run(t, b.rgb, (size_t)n, to);
    for (int i = 0; i < n; i++) {
        struct wt_point *point = v->point + (size_t)(v->count + i) * WT_POINTS_MAX;
        memcpy(point, b.point + (size_t)i * points, points * sizeof *point);
        if (kind == 1 && t->features->teacher)
            ask_teacher(t, to + (size_t)i * t->features->floats, point);
    }
    v->count += n;
    wt_loader_release(t->loader[kind]);
    return WT_OK;
}

/* ---- a step -------------------------------------------------------------------------------- */

/* Crop `at` of a kind becomes image k of the step. */
static void place(struct wt_tune *t, const struct wt_tune_views *v, int at, int k)
{
    struct wt_tune_features *f = t->features;
    const size_t map = (size_t)wt_map_cells(t->arch.input) * (size_t)f->stride;
    const struct wt_target_face face = {.scheme = wt_faces_scheme(t->options.faces),
                                        .point = v->point + (size_t)at * WT_POINTS_MAX};
    const struct wt_target_maps maps = {.value = f->value + (size_t)k * map,
                                        .mask = f->mask + (size_t)k * map,
                                        .channel = f->channel + (size_t)k * (size_t)f->stride,
                                        .stride = f->stride,
                                        .size = wt_map_size(t->arch.input)};
    memcpy(wt_tape_input(t->tape) + (size_t)k * f->floats, v->features + (size_t)at * f->floats,
           f->floats * sizeof(float));
    wt_target_draw(&t->options.target, &face, &maps);
}

enum wt_status wt_tune_features_forward(struct wt_tune *t, double *loss)
{
    struct wt_tune_features *f = t->features;
    struct wt_learn l = wt_tune_learner(t);
    int k = 0;
    for (int i = 0; i < t->loaders; i++) {
        struct wt_tune_views *v = &f->set[i];
        const int wanted = i == 0 ? t->first : t->faces - t->first;
        enum wt_status status = WT_OK;
        while (!status && v->count < v->room && v->count - v->at < wanted)
            status = add_views(t, i);
        if (status)
            return status;
        for (int m = 0; m < wanted; m++, k++) {
            if (v->at == v->count)
                v->at = 0;
            place(t, v, v->at++, k);
        }
    }
    const struct wt_batch b = {
        .n = k, .input = t->arch.input, .value = f->value, .mask = f->mask, .channel = f->channel};
    *loss = wt_learn_forward(&l, &b, 1);
    return WT_OK;
}
