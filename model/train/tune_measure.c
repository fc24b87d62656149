/* The errors that a run is judged by. Crops are kept, so that measuring again reads no picture. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "face/decode.h"
#include "face/offset.h"
#include "measure/calibrate.h"
#include "train/tune_internal.h"

/* ---- what to measure on ---- */

static enum wt_status check_scheme(const struct wt_faces *faces, size_t i, int points)
{
    char where[512];
    struct wt_point from[WT_POINTS_MAX] = {{0, 0}}, to[WT_POINTS_MAX];
    const struct wt_train_face face = wt_faces_get(faces, i);
    if (wt_points_convert(from, points, to, face.sample->points) == WT_OK)
        return WT_OK;
    return wt_fail(WT_ERR_UNSUPPORTED,
                   "%s: %d points, which a network of %d points cannot be measured on",
                   wt_face_where(&face, where, sizeof where), face.sample->points, points);
}

/* With features there is less room. */
enum { MEASURED_FEATURES = 64 };

enum wt_status wt_tune_set_init(struct wt_tune_set *s, const struct wt_faces *faces,
                                const struct wt_arch *arch, size_t floats)
{
    const size_t all = faces ? wt_faces_count(faces) : 0;
    enum wt_status status = WT_OK;
    *s = (struct wt_tune_set){.faces = faces, .input = arch->input};
    if (!all)
        return WT_OK;
    for (size_t i = 0; i < all && !status; i++)
        status = check_scheme(faces, i, arch->points);
    if (status)
        return status;
    const size_t most = floats ? MEASURED_FEATURES : WT_TUNE_MEASURED;
    s->count = all < most ? all : most;
    s->now = calloc(s->count * WT_POINTS_MAX, sizeof *s->now);
    s->features = floats ? malloc(s->count * floats * sizeof *s->features) : NULL;
    s->floats = floats;
    if (!s->now || (floats && !s->features))
        return wt_fail(WT_ERR_MEMORY, "out of memory for %zu crops", s->count);
    s->rgb = malloc(s->count * WT_CROP_BYTES(s->input));
    s->truth = malloc(s->count * sizeof *s->truth);
    for (size_t i = 0; s->truth && i < s->count; i++)
        s->truth[i].face = i * all / s->count;
    return s->rgb && s->truth ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory for %zu crops", all);
}

void wt_tune_set_fini(struct wt_tune_set *s)
{
    free(s->rgb);
    free(s->truth);
    free(s->features);
    free(s->now);
    free(s->held);
}

size_t wt_tune_set_bytes(const struct wt_tune_set *s)
{
    return s->count * (WT_CROP_BYTES(s->input) + sizeof *s->truth + s->floats * sizeof(float) +
                       2 * WT_POINTS_MAX * sizeof *s->now);
}

/* ---- reading ---- */

static enum wt_status read_face(const struct wt_tune_set *s, size_t i)
{
    char where[512], reason[160];
    struct wt_tune_truth *truth = &s->truth[i];
    const struct wt_train_face face = wt_faces_get(s->faces, truth->face);
    const struct wt_sample *sample = face.sample;
    struct wt_picture storage = {.pixels = NULL};
    struct wt_image image;
    enum wt_status status = wt_sample_picture(sample, &storage, &image, reason, sizeof reason);
    if (status)
        return wt_fail(status, "%s: %s: %s", wt_face_where(&face, where, sizeof where),
                       sample->name, reason);
    const struct wt_affine map =
        wt_crop_points(sample->point, sample->points, WT_CROP_FACTOR, 0, s->input);
    status = wt_crop_extract(&image, &map, s->input, s->rgb + i * WT_CROP_BYTES(s->input));
    wt_picture_fini(&storage);
    for (int k = 0; k < sample->points; k++)
        truth->point[k] = wt_affine_apply(&map, sample->point[k]);
    return status;
}

/* One normaliser for all: the eye corners, if every face has them. */
static void find_normalisers(struct wt_tune_set *s)
{
    s->norm = WT_NORM_OCULAR;
    for (int round = 0; round < 2; round++) {
        size_t known = 0;
        for (size_t i = 0; i < s->count; i++) {
            const struct wt_train_face face = wt_faces_get(s->faces, s->truth[i].face);
            s->truth[i].by = wt_normaliser(s->truth[i].point, face.own, s->norm, NULL);
            known += s->truth[i].by > 0;
        }
        if (known == s->count)
            return;
        s->norm = WT_NORM_BOX;
    }
}

enum wt_status wt_tune_set_read(struct wt_tune_set *s, const atomic_bool *cancelled)
{
    enum wt_status status = WT_OK;
    for (size_t i = 0; i < s->count && !status && !atomic_load(cancelled); i++)
        status = read_face(s, i);
    if (!status && !atomic_load(cancelled))
        find_normalisers(s);
    return status;
}

/* ---- measuring ---- */

/* Image k of the tape's last pass is face i of the set. */
static void note_found(struct wt_tune *t, struct wt_tune_set *s, size_t i, int k)
{
    int stride;
    const int output = t->features ? 0 : t->arch.stacks - 1;
    const float *maps = wt_tape_output(t->tape, output, &stride);
    wt_decode(maps + (size_t)(k * wt_map_cells(s->input)) * (size_t)stride, wt_map_size(s->input),
              stride, t->arch.points, WT_DECODE_TRACKER, s->now + i * WT_POINTS_MAX, NULL);
}

static void find_all(struct wt_tune *t, struct wt_tune_set *s)
{
    struct wt_learn learn = wt_tune_learner(t);
    const size_t batch = (size_t)t->faces;
    for (size_t i = 0; i < s->count && !atomic_load(&t->cancelled); i += batch) {
        const size_t n = s->count - i < batch ? s->count - i : batch;
        if (s->features) {
            memcpy(wt_tape_input(t->tape), s->features + i * s->floats,
                   n * s->floats * sizeof *s->features);
            wt_tape_forward(t->tape, (int)n);
        } else {
            wt_learn_infer(&learn, s->rgb + i * WT_CROP_BYTES(s->input), (int)n);
        }
        for (size_t k = 0; k < n; k++)
            note_found(t, s, i + k, (int)k);
    }
}

/* Moves a face's points by the offset of all others of the set. */
static void correct(const struct wt_tune *t, const struct wt_tune_set *s, size_t without,
                    struct wt_point *found)
{
    struct wt_offset_pair pair[WT_TUNE_MEASURED];
    struct wt_offset *offset = NULL;
    int n = 0;
    for (size_t i = 0; i < s->count; i++)
        if (i != without)
            pair[n++] = (struct wt_offset_pair){s->now + i * WT_POINTS_MAX, s->truth[i].point};
    const enum wt_log_level before = wt_fail_level(WT_LOG_DEBUG);
    if (n && !wt_offset_fit(&offset, t->arch.points, pair, n))
        wt_offset_apply(offset, found);
    wt_fail_level(before);
    wt_offset_unref(&offset);
}

static double error_of(const struct wt_tune *t, const struct wt_tune_set *s, size_t i)
{
    struct wt_point found[WT_POINTS_MAX];
    const struct wt_tune_truth *truth = &s->truth[i];
    const int points = wt_faces_get(s->faces, truth->face).sample->points;
    memcpy(found, s->now + i * WT_POINTS_MAX, sizeof found);
    if (s->offsets && points == t->arch.points)
        correct(t, s, i, found);
    wt_points_convert(found, t->arch.points, found, points); /* possible: check_scheme */
    return wt_point_errors(truth->point, found, points, truth->by, NULL);
}

/* Mean distance of what is found from what was found at first. */
static double measure_drift(const struct wt_tune *t, struct wt_tune_set *s)
{
    const size_t bytes = s->count * WT_POINTS_MAX * sizeof *s->now;
    double sum = 0;
    if (!s->held && s->count > 0) {
        s->held = malloc(bytes);
        if (s->held)
            memcpy(s->held, s->now, bytes);
    }
    for (size_t i = 0; i < s->count && s->held; i++)
        sum += wt_point_errors(s->held + i * WT_POINTS_MAX, s->now + i * WT_POINTS_MAX,
                               t->arch.points, s->truth[i].by, NULL);
    return s->held && s->count ? sum / (double)s->count : NAN;
}

double wt_tune_measure(struct wt_tune *t, struct wt_tune_set *s, double *drift)
{
    double sum = 0;
    size_t known = 0;
    find_all(t, s);
    if (atomic_load(&t->cancelled))
        return NAN;
    for (size_t i = 0; i < s->count; i++) {
        const double error = error_of(t, s, i);
        sum += isnan(error) ? 0 : error;
        known += !isnan(error);
    }
    if (drift)
        *drift = measure_drift(t, s);
    return known ? sum / (double)known : NAN;
}

/* ---- ranges for int8 ---- */

static enum wt_status take_crop(void *user, size_t i, uint8_t *rgb)
{
    const struct wt_tune *t = user;
    const struct wt_tune_set *s = &t->set[i >= t->set[0].count];
    const size_t at = i - (s == t->set ? 0 : t->set[0].count), bytes = WT_CROP_BYTES(s->input);
    memcpy(rgb, s->rgb + at * bytes, bytes);
    return WT_OK;
}

enum wt_status wt_tune_calibrate(const struct wt_tune *t, struct wt_weights *weights)
{
    const struct wt_calibrate_options o = {.crops = t->set[0].count + t->set[1].count,
                                           .crop = take_crop,
                                           .user = (void *)t,
                                           .threads = t->options.threads,
                                           .level = t->options.level};
    return wt_calibrate(weights, &o);
}
