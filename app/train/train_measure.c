#include "base/clock.h"
#include "train/cmd_train.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/status.h"
#include "data/detector_loss.h"

enum { BATCH = 8, RUNS = 20 };

/* point [BATCH][points]: faces of a batch, whose targets are drawn again. */
static double measure_targets(const struct wt_recipe *recipe, const struct wt_scheme *scheme,
                              const struct wt_point *point, const struct wt_target_maps *maps)
{
    const double start = wt_now_s();
    for (int i = 0; i < RUNS; i++) {
        const struct wt_target_face face = {.scheme = scheme,
                                            .point = point + i % BATCH * scheme->points};
        wt_target_draw(&recipe->target, &face, maps);
    }
    return (wt_now_s() - start) / RUNS;
}

/* Loss and gradient of one face's maps, against a prediction that is a little off everywhere. */
static double measure_loss(const struct wt_recipe *recipe, const struct wt_target_maps *target,
                           float *pred, float *grad)
{
    const struct wt_loss_maps maps = {.pred = pred,
                                      .target = target->value,
                                      .mask = target->mask,
                                      .channel = target->channel,
                                      .grad = grad};
    const int cells = target->size * target->size;
    for (int i = 0; i < cells * target->stride; i++)
        pred[i] = 0.9f * target->value[i] + 0.0001f * (float)(i % 1000);
    const double start = wt_now_s();
    for (int i = 0; i < RUNS; i++)
        wt_loss_run(&recipe->loss, wt_cpu_get()->level, &maps, cells, target->stride, 1);
    return (wt_now_s() - start) / RUNS;
}

static enum wt_status measure_maps(const struct wt_recipe *recipe, const struct wt_scheme *scheme,
                                   const struct wt_point *point, int stride)
{
    const int input = recipe->augment.input;
    const size_t n = (size_t)wt_map_cells(input) * (size_t)stride;
    float *value = malloc(3 * n * sizeof *value), *channel = malloc((size_t)stride * sizeof *value);
    uint8_t *mask = malloc(n);
    const struct wt_target_maps maps = {value, mask, channel, stride, wt_map_size(input)};
    enum wt_status status = WT_OK;
    if (value && channel && mask) {
        const double target = measure_targets(recipe, scheme, point, &maps);
        const double loss = measure_loss(recipe, &maps, value + n, value + 2 * n);
        printf("targets  %.2f ms a face, in the loader's work\n", 1e3 * target);
        printf("loss     %.2f ms a face and stack with its gradient, %d channels, %s\n", 1e3 * loss,
               stride, wt_cpu_level_name(wt_cpu_get()->level));
    } else {
        status = wt_fail(WT_ERR_MEMORY, "out of memory");
    }
    free(value);
    free(channel);
    free(mask);
    return status;
}

struct wt_loader_options wt_train_loader_options(const struct wt_recipe *recipe, int threads,
                                                 uint64_t seed)
{
    return (struct wt_loader_options){.threads = threads,
                                      .frames =
                                          recipe->task == WT_TASK_DETECTOR ? &recipe->frames : NULL,
                                      .seed = seed,
                                      .skip_broken = recipe->skip_broken,
                                      .augment = recipe->augment,
                                      .target = recipe->target};
}

enum wt_status wt_train_measure(const struct wt_recipe *recipe, const struct wt_faces *faces,
                                int seconds, int threads, uint64_t seed)
{
    const struct wt_scheme *scheme = wt_faces_scheme(faces);
    const size_t epoch = wt_faces_epoch_size(faces);
    const bool detector = recipe->task == WT_TASK_DETECTOR;
    struct wt_loader_options options = wt_train_loader_options(recipe, threads, seed);
    struct wt_loader *loader = NULL;
    struct wt_batch batch;
    struct wt_point point[BATCH * WT_POINTS_MAX];
    uint64_t taken = 0;
    options.batch = epoch < BATCH ? (int)epoch : BATCH;
    options.stride = detector ? WT_FACE_TARGETS : (scheme->points + 16) / 16 * 16;
    enum wt_status status = wt_loss_check(&recipe->loss);
    if (!status)
        status = wt_loader_create(&loader, faces, &options);
    const double start = wt_now_s();
    while (!status && wt_now_s() - start < seconds) {
        status = wt_loader_next(loader, &batch);
        taken += (uint64_t)batch.n;
        wt_loader_release(loader);
    }
    const double spent = wt_now_s() - start;
    if (!status) {
        const struct wt_loader_stats stats = wt_loader_stats(loader);
        printf("loader   %.1f faces/s with %d thread%s, %.2f ms of work a face\n",
               (double)taken / spent, threads, threads == 1 ? "" : "s",
               1e3 * stats.work_s / (double)stats.faces);
        if (!detector)
            status = wt_loader_next(loader, &batch);
    }
    for (int i = 0; !status && !detector && i < BATCH * scheme->points; i++)
        point[i] = batch.point[i % (batch.n * scheme->points)];
    wt_loader_destroy(&loader); /* its threads would slow down the next measurement */
    return status || detector ? status : measure_maps(recipe, scheme, point, options.stride);
}
