#include "measure/evaluate.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/status.h"
#include "data/fits.h"
#include "face/crop.h"
#include "face/picture.h"
#include "measure/official.h"

/* Fills a face's error from found points in the network's scheme, in pixels of the picture. */
static void judge(const struct wt_eval_options *how, const struct wt_sample *s,
                  const struct wt_point *found, int points, struct wt_eval_face *face)
{
    double by = wt_normaliser(s->point, wt_scheme_get(s->points), how->norm, &s->box);
    struct wt_point moved[WT_POINTS_MAX];
    memcpy(moved, found, (size_t)points * sizeof *moved);
    if (how->style)
        wt_label_style_apply(how->style, moved);
    if (how->offset)
        wt_offset_apply(how->offset, moved);
    wt_points_convert(moved, points, face->found, s->points); /* wt_eval_check: possible */
    face->nme = wt_point_errors(s->point, face->found, s->points, by > 0 ? by : NAN, face->error);
}

/* A face in an error line: its line of the list, or its own file. */
struct place {
    char text[160];
};

static struct place place_of(const struct wt_sample *s)
{
    struct place p;
    if (s->line)
        snprintf(p.text, sizeof p.text, "line %d of the list", s->line);
    else
        snprintf(p.text, sizeof p.text, "%s", s->name);
    return p;
}

enum wt_status wt_eval_check(const struct wt_dataset *dataset, int points,
                             const struct wt_eval_options *options)
{
    struct wt_point from[WT_POINTS_MAX] = {{0, 0}}, to[WT_POINTS_MAX];
    const enum wt_eval_crop crop = options->crop;
    const enum wt_norm norm = options->norm;
    if (options->style && points != WT_LABEL_STYLE_POINTS)
        return wt_fail(WT_ERR_UNSUPPORTED, "a style of labels moves %d points; the network has %d",
                       WT_LABEL_STYLE_POINTS, points);
    if ((crop == WT_EVAL_OFFICIAL || crop == WT_EVAL_STRICT) && !dataset->boxes)
        return wt_fail(WT_ERR_UNSUPPORTED,
                       "the list has no boxes, which this crop starts from; take a data set with "
                       "boxes (WFLW, COFW, AFLW), or the crop truth or detector");
    if (options->offset && points != wt_offset_points(options->offset))
        return wt_fail(WT_ERR_UNSUPPORTED, "corrections of %d points; the network has %d",
                       wt_offset_points(options->offset), points);
    for (size_t i = 0; i < dataset->count; i++) {
        const struct wt_sample *s = &dataset->sample[i];
        if (i && s->points == s[-1].points)
            continue;
        const struct wt_scheme *scheme = wt_scheme_get(s->points);
        if (!scheme || wt_points_convert(from, points, to, s->points) != WT_OK)
            return wt_fail(WT_ERR_UNSUPPORTED,
                           "%s has %d points, which a network of %d points cannot be measured on",
                           place_of(s).text, s->points, points);
        if (norm == WT_NORM_OCULAR && scheme->eye_outer[0] < 0)
            return wt_fail(WT_ERR_UNSUPPORTED,
                           "%s: %d points have no outer eye corners; take another normaliser",
                           place_of(s).text, s->points);
    }
    return WT_OK;
}

/* What one thread needs. */
struct crops_run {
    struct wt_net *net, *twin; /* twin: its own, or NULL */
    const struct wt_dataset *dataset;
    const struct wt_eval_options *options;
    struct wt_eval_face *face;
    struct wt_eval_times times;
    int input;             /* side of a crop */
    uint8_t *crops;        /* [batch][input][input][3] */
    struct wt_affine *map; /* [batch], picture -> crop */
};

/* Where a face's crop is. false: nowhere, as for points that are all in one place. */
static bool find_crop(const struct wt_eval_options *how, const struct wt_sample *s, int input,
                      struct wt_official *official, struct wt_affine *map)
{
    if (how->crop == WT_EVAL_OFFICIAL) {
        if (wt_official_find(official, &s->box, s->point, s->points, input))
            return false;
        *map = official->map;
    } else if (how->crop == WT_EVAL_STRICT) {
        const float factor = how->box_factor > 0 ? how->box_factor : (float)WT_BOX_FACTOR;
        *map = wt_crop_box(&s->box, factor, input);
    } else {
        *map = wt_crop_points(s->point, s->points, WT_CROP_FACTOR, 0, input);
    }
    return isfinite(map->m[0]) && map->m[0] > 0;
}

/* Reads a face's picture and fills its place in the batch. */
static enum wt_status load_crop(struct crops_run *r, const struct wt_sample *s, int place)
{
    struct wt_picture storage = {0};
    struct wt_image image;
    struct wt_official official;
    char reason[256];
    struct wt_affine *map = &r->map[place];
    struct wt_augment_params params;
    uint8_t *rgb = r->crops + (size_t)place * WT_CROP_BYTES(r->input);
    if (!find_crop(r->options, s, r->input, &official, map))
        return wt_fail(WT_ERR_FORMAT, "%s: %s: no crop around this face", s->name,
                       place_of(s).text);
    enum wt_status status = wt_sample_picture(s, &storage, &image, reason, sizeof reason);
    if (status)
        return wt_fail(status, "%s: %s: %s", s->name, place_of(s).text, reason);
    r->face[s - r->dataset->sample].outside =
        !wt_sample_fits(s, image.width, image.height, reason, sizeof reason);
    double start = wt_now_ms();
    if (r->options->perturb)
        params = wt_perturb_draw(r->options->perturb, s, r->input, map);
    if (r->options->crop == WT_EVAL_OFFICIAL)
        status = wt_official_extract(&image, &official, rgb);
    else
        status = wt_crop_extract(&image, map, r->input, rgb);
    if (!status && r->options->perturb)
        status = wt_augment_pixels(&params, rgb);
    r->times.total_ms += wt_now_ms() - start;
    wt_picture_fini(&storage);
    return status;
}

/* Takes decoded points from the crop to the picture. The published protocol counts from a crop's
 * outer edge, as its decoder does; the others give pixel centres. */
static void to_picture(const struct wt_eval_options *how, const struct wt_affine *map,
                       struct wt_point *p, int n)
{
    struct wt_affine back = wt_affine_invert(map);
    bool edge = how->crop == WT_EVAL_OFFICIAL && how->decoder != WT_DECODE_PUBLISHED;
    for (int i = 0; i < n; i++) {
        struct wt_point at = {p[i].x + (edge ? 0.5f : 0), p[i].y + (edge ? 0.5f : 0)};
        p[i] = wt_affine_apply(&back, at);
    }
}

static enum wt_status run_batch(struct crops_run *r, size_t first, int n)
{
    int points = wt_net_arch(r->net)->points;
    double start = wt_now_ms();
    enum wt_status status = wt_net_forward_u8(r->net, r->crops, n, r->options->stacks);
    if (status)
        return status;
    r->times.forward_ms += wt_now_ms() - start;
    for (int k = 0; k < n; k++) {
        struct wt_eval_face *face = &r->face[first + (size_t)k];
        struct wt_point found[WT_POINTS_MAX];
        float confidence[WT_POINTS_MAX], sum = 0;
        int stride;
        const float *maps = wt_net_maps(r->net, k, -1, &stride);
        wt_decode(maps, wt_map_size(r->input), stride, points, r->options->decoder, found,
                  confidence);
        for (int i = 0; i < points; i++)
            sum += confidence[i];
        face->confidence = sum / (float)points;
        to_picture(r->options, &r->map[k], found, points);
        judge(r->options, &r->dataset->sample[first + (size_t)k], found, points, face);
    }
    r->times.total_ms += wt_now_ms() - start;
    return WT_OK;
}

/* ---- side by side ---- */

/* Items of a list, measured by several threads. */
struct side_by_side {
    /* faces: how many it had */
    enum wt_status (*measure)(void *worker, size_t item, size_t *faces);
    void *worker; /* [threads] of `size` bytes: what one thread needs */
    size_t size;
    int threads;
};

/* Items 0..end. With several threads errors are not logged here, as the first to fail need not be
 * the first of the list. Returns the first one that failed, and how, or end. */
static size_t try_all(const struct side_by_side *s, size_t end, enum wt_status *failed,
                      const struct wt_eval_options *options)
{
    const enum wt_log_level quiet = s->threads > 1 ? WT_LOG_DEBUG : WT_LOG_ERROR;
    size_t bad = end, done = 0;
#pragma omp parallel num_threads(s->threads)
    {
        const enum wt_log_level level = wt_fail_level(quiet);
        void *worker = (char *)s->worker + (size_t)omp_get_thread_num() * s->size;
#pragma omp for schedule(monotonic : dynamic)
        for (size_t i = 0; i < end; i++) {
            size_t faces, known;
#pragma omp atomic read
            known = bad;
            if (i > known)
                continue;
            enum wt_status status = s->measure(worker, i, &faces);
#pragma omp critical(wt_eval)
            if (status && i < bad) {
                *failed = status;
#pragma omp atomic write
                bad = i;
            } else if (!status) {
                done += faces;
                if (options->progress)
                    options->progress(options->user, done);
            }
        }
        wt_fail_level(level);
    }
    return bad;
}

static enum wt_status measure_all(const struct side_by_side *s, size_t items,
                                  const struct wt_eval_options *options)
{
    size_t faces;
    enum wt_status status = WT_OK;
    const size_t bad = try_all(s, items, &status, options);
    if (status && s->threads > 1)
        s->measure(s->worker, bad, &faces); /* once more, to log what is wrong */
    return status;
}

static size_t batch_size(const struct wt_eval_options *options)
{
    return options->batch > 0 ? (size_t)options->batch : 1;
}

/* Batch i of the list; n: its faces. */
static enum wt_status measure_batch(void *worker, size_t i, size_t *n)
{
    struct crops_run *r = worker;
    const size_t batch = batch_size(r->options), first = i * batch;
    enum wt_status status = WT_OK;
    *n = r->dataset->count - first < batch ? r->dataset->count - first : batch;
    for (size_t k = 0; k < *n && !status; k++)
        status = load_crop(r, &r->dataset->sample[first + k], (int)k);
    return status ? status : run_batch(r, first, (int)*n);
}

static enum wt_status make_runs(struct crops_run *run, int threads, const struct crops_run *like)
{
    const size_t batch = batch_size(like->options);
    enum wt_status status = WT_OK;
    for (int i = 0; i < threads && !status; i++) {
        run[i] = *like;
        run[i].crops = malloc(batch * WT_CROP_BYTES(like->input));
        run[i].map = malloc(batch * sizeof *run[i].map);
        if (!run[i].crops || !run[i].map)
            status = wt_fail(WT_ERR_MEMORY, "no memory for %zu crops", batch);
        else if (threads > 1)
            status = wt_net_twin(&run[i].twin, like->net, (int)batch);
        if (run[i].twin)
            run[i].net = run[i].twin;
    }
    return status;
}

static void free_runs(struct crops_run *run, int threads)
{
    for (int i = 0; run && i < threads; i++) {
        wt_net_destroy(&run[i].twin);
        free(run[i].crops);
        free(run[i].map);
    }
    free(run);
}

/* A face takes its time in reading its picture, too, and a pass on one thread needs no waiting:
 * with several threads each takes faces of its own. */
enum wt_status wt_eval_crops(struct wt_net *net, const struct wt_dataset *dataset,
                             const struct wt_eval_options *options, struct wt_eval_face *face,
                             struct wt_eval_times *times)
{
    const struct crops_run like = {.net = net,
                                   .dataset = dataset,
                                   .options = options,
                                   .face = face,
                                   .input = wt_net_arch(net)->input};
    const size_t batches = (dataset->count + batch_size(options) - 1) / batch_size(options);
    int threads = wt_net_threads(net);
    if (batches < (size_t)threads)
        threads = 1; /* then the pass is shared */
    struct crops_run *run = calloc((size_t)threads, sizeof *run);
    enum wt_status status = run ? make_runs(run, threads, &like)
                                : wt_fail(WT_ERR_MEMORY, "no memory for %d threads", threads);
    if (!status)
        status = measure_all(&(struct side_by_side){measure_batch, run, sizeof *run, threads},
                             batches, options);
    *times = (struct wt_eval_times){.pictures = dataset->count, .detections = dataset->count};
    for (int i = 0; run && i < threads; i++) {
        times->forward_ms += run[i].times.forward_ms;
        times->total_ms += run[i].times.total_ms;
    }
    free_runs(run, threads);
    return status;
}

/* How far apart two boxes are, in sides of the first; INFINITY: not the same face. */
static double box_distance(struct wt_box a, struct wt_box b)
{
    double side = (a.w + a.h) / 2, other = (b.w + b.h) / 2;
    double d = hypot((a.x + a.w / 2) - (b.x + b.w / 2), (a.y + a.h / 2) - (b.y + b.h / 2));
    if (!(side > 0) || !(other > side / 2) || !(other < side * 2) || !(d < side / 2))
        return INFINITY;
    return d / side;
}

/* Pairs the n faces of one picture with what was found in it, nearest first. */
static void match(const struct wt_eval_options *how, const struct wt_sample *s, int n,
                  const struct wt_result *result, int points, struct wt_eval_face *face)
{
    bool used[WT_FACES_MAX] = {false};
    for (int k = 0; k < n; k++)
        face[k] = (struct wt_eval_face){.nme = INFINITY};
    for (int round = 0; round < result->faces; round++) {
        double least = INFINITY;
        int best_k = -1, best_f = -1;
        for (int k = 0; k < n; k++)
            for (int f = 0; f < result->faces && isinf(face[k].nme); f++) {
                const struct wt_face *found = &result->face[f];
                double d = used[f] ? INFINITY
                                   : box_distance(wt_points_box(s[k].point, s[k].points),
                                                  wt_points_box(found->point, found->points));
                if (d < least) {
                    least = d;
                    best_k = k;
                    best_f = f;
                }
            }
        if (best_k < 0)
            return;
        used[best_f] = true;
        const struct wt_face *found = &result->face[best_f];
        face[best_k].confidence = found->confidence;
        judge(how, &s[best_k], found->point, points, &face[best_k]);
    }
}

/* What one thread needs. */
struct pictures_run {
    struct wt_tracker *tracker;
    int points;
    const struct wt_dataset *dataset;
    const size_t *first; /* faces that a picture begins with, and the end of the last one */
    const struct wt_eval_options *options;
    struct wt_eval_face *face;
    struct wt_result result;
    struct wt_eval_times times;
};

static enum wt_status measure_picture(void *worker, size_t i, size_t *n)
{
    struct pictures_run *r = worker;
    const size_t first = r->first[i];
    const struct wt_sample *s = &r->dataset->sample[first];
    struct wt_picture storage = {0};
    struct wt_image image;
    char reason[256];
    *n = r->first[i + 1] - first;
    enum wt_status status = wt_sample_picture(s, &storage, &image, reason, sizeof reason);
    if (status) {
        wt_fail(status, "%s: %s: %s", s->name, place_of(s).text, reason);
    } else {
        wt_tracker_reset(r->tracker);
        status = wt_tracker_track(r->tracker, &image, (int64_t)first * 1000000, &r->result);
    }
    wt_picture_fini(&storage);
    if (status)
        return status;
    r->times.pictures++;
    r->times.detections += (size_t)r->result.faces;
    r->times.forward_ms += r->result.forward_ms;
    r->times.detect_ms += r->result.detect_ms;
    r->times.total_ms += r->result.total_ms;
    match(r->options, s, (int)*n, &r->result, r->points, &r->face[first]);
    for (size_t k = 0; k < *n; k++)
        r->face[first + k].outside =
            !wt_sample_fits(&s[k], image.width, image.height, reason, sizeof reason);
    return WT_OK;
}

/* [pictures + 1]; NULL when memory ran out. */
static size_t *find_pictures(const struct wt_dataset *dataset, size_t *pictures)
{
    size_t *first = malloc((dataset->count + 1) * sizeof *first);
    *pictures = 0;
    for (size_t i = 0; first && i < dataset->count; i++)
        if (i == 0 || !wt_same_picture(&dataset->sample[i], &dataset->sample[i - 1]))
            first[(*pictures)++] = i;
    if (first)
        first[*pictures] = dataset->count;
    return first;
}

static void add_times(struct wt_eval_times *to, const struct wt_eval_times *t)
{
    to->forward_ms += t->forward_ms;
    to->detect_ms += t->detect_ms;
    to->total_ms += t->total_ms;
    to->pictures += t->pictures;
    to->detections += t->detections;
}

enum wt_status wt_eval_pictures(struct wt_tracker *const *tracker, int trackers, int points,
                                const struct wt_dataset *dataset,
                                const struct wt_eval_options *options, struct wt_eval_face *face,
                                struct wt_eval_times *times)
{
    size_t pictures;
    size_t *first = find_pictures(dataset, &pictures);
    struct pictures_run *run = calloc((size_t)trackers, sizeof *run);
    enum wt_status status = first && run ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory");
    *times = (struct wt_eval_times){0};
    for (int i = 0; i < trackers && !status; i++)
        run[i] = (struct pictures_run){.tracker = tracker[i],
                                       .points = points,
                                       .dataset = dataset,
                                       .first = first,
                                       .options = options,
                                       .face = face};
    if (!status)
        status = measure_all(&(struct side_by_side){measure_picture, run, sizeof *run, trackers},
                             pictures, options);
    for (int i = 0; run && i < trackers; i++) {
        add_times(times, &run[i].times);
        wt_result_fini(&run[i].result);
    }
    free(first);
    free(run);
    return status;
}
