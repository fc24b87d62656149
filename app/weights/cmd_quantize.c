/* wingtip model quantize: measures activation ranges on faces, so that a network can run in int8.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/outputs.h"
#include "base/paths.h"
#include "base/sort.h"
#include "base/status.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "data/dataset.h"
#include "data/detector_loss.h"
#include "data/fits.h"
#include "data/training_frames.h"
#include "face/crop.h"
#include "face/picture.h"
#include "measure/calibrate.h"
#include "weights/card.h"
#include "weights/model_file.h"

struct settings {
    const char *in, *out, *data;
    int faces, seed, threads;
    bool keep_float;
};

#define AT(field) offsetof(struct settings, field)
static const struct wt_option options[] = {
    {WT_OPTION_POSITIONAL, "IN", 0, AT(in), NULL, WT_MODEL_IN_HELP, .required = true},
    {WT_OPTION_POSITIONAL, "OUT.safetensors", 0, AT(out), NULL, WT_MODEL_OUT_HELP,
     .required = true},
    {WT_OPTION_STRING, "--data", 0, AT(data), "LIST",
     "list of annotated faces, such as the training data: image x0 y0 x1 y1 ...", .required = true},
    {WT_OPTION_INT, "--faces", 0, AT(faces), "N",
     "faces of the list to use, chosen at random; 0: all", 0, 1000000},
    {WT_OPTION_INT, "--seed", 0, AT(seed), "N", "seed of the random choice", 0, 2147483647},
    {WT_OPTION_FLAG, "--keep-float", 0, AT(keep_float), NULL,
     "add the ranges, but keep float weights: four times the size, but they can be trained "
     "further"},
    {WT_OPTION_INT, "--threads", 0, AT(threads), "N", WT_THREADS_HELP, 0, 64},
    {.name = NULL},
};
#undef AT

/* The ranges of any 32 faces gave the NME of those of 256, within 0.02 points on the validation
 * faces; those of 8 were up to 0.5 off. */
enum { FACES = 256, FEW = 32 };
/* Lists of any scheme that has squares around its faces. */
enum { DETECTOR_POINTS = 68 };

static void defaults(void *settings)
{
    ((struct settings *)settings)->faces = FACES;
}

struct faces {
    const struct wt_dataset *dataset;
    struct wt_faces *faces; /* for a detector: takes the data set over */
    uint64_t seed;
    int input;      /* side of the network's crop */
    size_t *chosen; /* places in the list, ascending */
    size_t count;
    struct wt_progress progress;
};

/* Draws n of the list's faces; equal seeds draw equal ones. */
static enum wt_status draw(struct faces *f, size_t n, uint64_t seed)
{
    size_t all = f->dataset->count;
    uint64_t x = seed * 2654435769u + 88172645463325252u; /* xorshift64 */
    f->chosen = malloc(all * sizeof *f->chosen);
    if (!f->chosen)
        return wt_fail(WT_ERR_MEMORY, "out of memory");
    for (size_t i = 0; i < all; i++)
        f->chosen[i] = i;
    f->count = n && n < all ? n : all;
    for (size_t i = 0; i < f->count; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        size_t k = i + (size_t)((x >> 16) % (all - i)), t = f->chosen[i];
        f->chosen[i] = f->chosen[k];
        f->chosen[k] = t;
    }
    wt_sort_sizes(f->chosen, f->count);
    return WT_OK;
}

static enum wt_status take_crop(void *user, size_t i, uint8_t *rgb)
{
    const struct faces *f = user;
    const struct wt_sample *s = &f->dataset->sample[f->chosen[i]];
    struct wt_picture picture = {0};
    struct wt_image image;
    char reason[256];
    enum wt_status status = wt_sample_picture(s, &picture, &image, reason, sizeof reason);
    if (status)
        return wt_fail(status, "%s: line %d of the list: %s", s->name, s->line, reason);
    if (!wt_sample_fits(s, image.width, image.height, reason, sizeof reason)) {
        wt_picture_fini(&picture);
        return wt_fail(WT_ERR_FORMAT, "%s: line %d of the list: %s", s->name, s->line, reason);
    }
    struct wt_affine map = wt_crop_points(s->point, s->points, WT_CROP_FACTOR, 0, f->input);
    status = wt_crop_extract(&image, &map, f->input, rgb);
    wt_picture_fini(&picture);
    return status ? wt_fail(status, "%s: line %d of the list: no crop around these points", s->name,
                            s->line)
                  : WT_OK;
}

/* A detector sees frames as it was trained on, around the chosen faces. */
static enum wt_status take_frame(void *user, size_t i, uint8_t *rgb)
{
    const struct faces *f = user;
    const struct wt_training_frames frames = wt_training_frames_defaults();
    const struct wt_augment augment = wt_augment_defaults();
    struct wt_random r = wt_random_make(f->seed, 0, f->chosen[i]);
    char reason[128];
    struct wt_training_frame_scratch scratch = {.rgb =
                                                    malloc(WT_CROP_BYTES(WT_TRAINING_FRAME_SIDE)),
                                                .reason = reason,
                                                .reason_size = sizeof reason};
    float *value = malloc(sizeof(float) * WT_TRAINING_FRAME_MAP * WT_FACE_TARGETS);
    uint8_t *mask = malloc((size_t)WT_TRAINING_FRAME_MAP * WT_FACE_TARGETS);
    enum wt_status status = WT_ERR_MEMORY;
    if (scratch.rgb && value && mask)
        status = wt_training_frame_make(f->faces, f->chosen[i], &frames, &augment, &r, &scratch,
                                        rgb, value, mask);
    else
        snprintf(reason, sizeof reason, "out of memory");
    if (status) {
        char where[512];
        const struct wt_train_face face = wt_faces_get(f->faces, scratch.failed);
        status = wt_fail(status, "%s: %s", wt_face_where(&face, where, sizeof where), reason);
    }
    wt_picture_fini(&scratch.picture);
    wt_picture_fini(&scratch.smaller);
    free(scratch.rgb);
    free(value);
    free(mask);
    return status;
}

static void show_progress(void *user, size_t done)
{
    struct faces *f = user;
    wt_progress_update(&f->progress, (int64_t)done, NULL);
}

static bool has_integers(const struct wt_weights *w)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->tensor[i].storage == WT_STORE_I8)
            return true;
    return false;
}

static enum wt_status calibrate(struct wt_weights *w, const struct settings *s, struct faces *f)
{
    const struct wt_calibrate_options how = {.crops = f->count,
                                             .crop = f->faces ? take_frame : take_crop,
                                             .progress = show_progress,
                                             .user = f,
                                             .threads = s->threads,
                                             .level = wt_cpu_get()->level};
    char note[400];
    if (f->count < FEW)
        wt_log(WT_LOG_WARN, "only %zu faces: other faces may exceed the ranges of these", f->count);
    wt_progress_start(&f->progress, "faces", (int64_t)f->count);
    enum wt_status status = wt_calibrate(w, &how);
    if (!status)
        wt_progress_finish(&f->progress);
    snprintf(note, sizeof note, "int8: %zu faces of %.300s", f->count, wt_base_name(s->data));
    if (!status)
        status = wt_weights_set_meta(w, WT_META_QUANTISED, note);
    return status || s->keep_float ? status : wt_quantise_weights(w);
}

static enum wt_status change(struct wt_model_file *m, const void *settings)
{
    const struct settings *s = settings;
    struct wt_dataset dataset = {0};
    struct faces f = {.dataset = &dataset, .input = m->arch.input, .seed = (uint64_t)s->seed};
    if (has_integers(m->weights))
        return wt_fail(WT_ERR_UNSUPPORTED,
                       "%s: its weights are integers already; use the file it was made from",
                       s->in);
    enum wt_status status = wt_dataset_open(&dataset, s->data);
    if (!status)
        status = draw(&f, (size_t)s->faces, f.seed);
    if (!status && m->detector)
        status = wt_faces_create(&f.faces, DETECTOR_POINTS);
    if (!status && m->detector)
        status = wt_faces_take(f.faces, s->data, &dataset);
    if (!status)
        status = calibrate(m->weights, s, &f);
    free(f.chosen);
    wt_faces_destroy(&f.faces);
    wt_dataset_fini(&dataset);
    return status;
}

static int run(void *settings)
{
    const struct settings *s = settings;
    enum wt_status status =
        wt_outputs_apart(&(struct wt_outputs){.in = {s->data}, .out = {s->out}});
    if (!status)
        status = wt_model_file_convert(s->in, s->out, change, s);
    return wt_exit_status(status);
}

const struct wt_command wt_command_quantize = {
    .name = "model quantize",
    .summary = "prepares a network for int8",
    .details = "The network is run on faces, on crops around their true points, to measure the "
               "ranges of its activations; the ranges are stored in the file, as --precision int8 "
               "needs them. The weights of the convolutions are stored as integers, a quarter of "
               "the size; every other precision reads them as well. A face detector sees "
               "frames as it learned from, around the chosen faces.",
    .option = options,
    .settings_size = sizeof(struct settings),
    .defaults = defaults,
    .run = run,
};
