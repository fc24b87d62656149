/* The errors that a run is judged by. Crops are kept, so that measuring again reads no picture. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "face/decode.h"
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

enum wt_status wt_tune_set_init(struct wt_tune_set *s, const struct wt_faces *faces,
                                const struct wt_arch *arch)
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
    s->count = all < WT_TUNE_MEASURED ? all : WT_TUNE_MEASURED;
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
}

size_t wt_tune_set_bytes(const struct wt_tune_set *s)
{
    return s->count * (WT_CROP_BYTES(s->input) + sizeof *s->truth);
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

/* Image k of the tape's last pass against the truth. */
static double error_of(struct wt_tune *t, const struct wt_tune_set *s, size_t i, int k)
{
    int stride;
    struct wt_point found[WT_POINTS_MAX];
    const struct wt_tune_truth *truth = &s->truth[i];
    const int points = wt_faces_get(s->faces, truth->face).sample->points;
    const float *maps = wt_tape_output(t->tape, t->arch.stacks - 1, &stride);
    wt_decode(maps + (size_t)(k * wt_map_cells(s->input)) * (size_t)stride, wt_map_size(s->input),
              stride, t->arch.points, WT_DECODE_TRACKER, found, NULL);
    wt_points_convert(found, t->arch.points, found, points); /* possible: check_scheme */
    return wt_point_errors(truth->point, found, points, truth->by, NULL);
}

double wt_tune_measure(struct wt_tune *t, const struct wt_tune_set *s)
{
    struct wt_learn learn = wt_tune_learner(t);
    double sum = 0;
    size_t known = 0, batch = (size_t)t->faces;
    for (size_t i = 0; i < s->count && !atomic_load(&t->cancelled); i += batch) {
        const size_t n = s->count - i < batch ? s->count - i : batch;
        wt_learn_infer(&learn, s->rgb + i * WT_CROP_BYTES(s->input), (int)n);
        for (size_t k = 0; k < n; k++) {
            const double error = error_of(t, s, i + k, (int)k);
            sum += isnan(error) ? 0 : error;
            known += !isnan(error);
        }
    }
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
