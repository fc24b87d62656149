#include "cmd_eval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "progress.h"
#include "status.h"

enum crop { CROP_TRUTH, CROP_DETECTOR };

struct settings {
    struct wt_common common;
    const char *data, *json, *csv;
    int norm, crop, decoder, batch;
};

static const char *const norm_choice[] = {"ocular", "pupil", "box", NULL}; /* enum wt_norm */
static const char *const crop_choice[] = {"truth", "detector", NULL};      /* enum crop */
static const char *const decoder_choice[] = {"centroid", "published", "dark",
                                             NULL}; /* enum wt_decoder */

#define AT(field) offsetof(struct settings, field)
static const struct wt_option options[] = {
    {WT_OPTION_STRING, "--data", 0, AT(data), "LIST",
     "annotated faces: a line `image x0 y0 x1 y1 ...` each, or `image SCHEME x0 y0 ...`",
     .required = true},
    {WT_OPTION_CHOICE, "--norm", 0, AT(norm), NULL, "what errors are divided by", 0, 0,
     norm_choice},
    {WT_OPTION_CHOICE, "--crop", 0, AT(crop), NULL,
     "where the network looks: around the true points, or at what the detector finds in the whole "
     "picture",
     0, 0, crop_choice},
    {WT_OPTION_CHOICE, "--decoder", 0, AT(decoder), NULL,
     "how points are read off the heatmaps; with --crop detector always dark", 0, 0,
     decoder_choice},
    {WT_OPTION_INT, "--batch", 0, AT(batch), "N", "faces in one pass of the network", 1, 16},
    {WT_OPTION_STRING, "--json", 0, AT(json), "FILE",
     "write the figures as JSON; -: to standard output, instead of the text"},
    {WT_OPTION_STRING, "--csv", 0, AT(csv), "FILE", "write a row for each face"},
    {.name = NULL},
};
#undef AT

static void defaults(void *settings)
{
    ((struct settings *)settings)->batch = 8;
}

static void show_progress(void *user, size_t done)
{
    wt_progress_update(user, (int64_t)done, NULL);
}

/* The network alone, on crops around the truth. */
static enum wt_status measure_truth(const struct settings *s, const struct wt_eval_options *how,
                                    struct wt_eval_report *report, struct wt_eval_face *face)
{
    char shipped[4096];
    struct wt_weights *weights = NULL;
    struct wt_net *net = NULL;
    struct wt_net_options with = {.threads = s->common.threads,
                                  .batch = s->batch,
                                  .precision = (enum wt_precision)s->common.precision};
    const char *path = wt_common_model_path(&s->common, shipped, sizeof shipped);
    enum wt_status status = path ? wt_cpu_parse_level(s->common.cpu_mask, &with.level) : WT_ERR_IO;
    if (!status)
        status = wt_weights_load(&weights, path);
    if (!status)
        status = wt_net_create(&net, weights, &with);
    wt_weights_destroy(&weights);
    if (!status) {
        const struct wt_arch *arch = wt_net_arch(net);
        report->points = arch->points;
        report->stacks = arch->stacks;
        report->width = arch->width;
        report->threads = wt_net_threads(net);
        report->kernels = wt_cpu_level_name(wt_net_level(net));
        report->precision = wt_precision_name(wt_net_precision(net));
        status = wt_eval_check(report->dataset, arch->points, how->norm);
    }
    if (!status)
        status = wt_eval_truth(net, report->dataset, how, face, &report->times);
    wt_net_destroy(&net);
    return status;
}

/* The whole pipeline, as it meets a picture for the first time. */
static enum wt_status measure_detector(const struct settings *s, const struct wt_eval_options *how,
                                       struct wt_eval_report *report, struct wt_eval_face *face)
{
    struct wt_model *model = NULL;
    struct wt_tracker *tracker = NULL;
    struct wt_tracker_options with = {.max_faces = WT_FACES_MAX, .detector = s->common.detector};
    enum wt_status status = wt_common_open_model(&s->common, s->batch, &model);
    if (!status) {
        struct wt_model_info info = wt_model_describe(model);
        report->points = info.points;
        report->stacks = info.stacks;
        report->width = info.width;
        report->threads = info.threads;
        report->kernels = info.kernels;
        report->precision = info.precision;
        status = wt_eval_check(report->dataset, info.points, how->norm);
    }
    if (!status)
        status = wt_tracker_create(&tracker, model, &with);
    if (!status)
        status =
            wt_eval_pictures(tracker, report->points, report->dataset, how, face, &report->times);
    wt_tracker_destroy(&tracker);
    wt_model_close(&model);
    return status;
}

static enum wt_status summarise(struct wt_eval_report *report)
{
    size_t n = report->dataset->count;
    double *nme = malloc(n * sizeof *nme);
    if (!nme)
        return wt_fail(WT_ERR_MEMORY, "out of memory");
    for (size_t i = 0; i < n; i++) {
        nme[i] = report->face[i].nme;
        report->found += !isinf(nme[i]);
    }
    report->summary = wt_summarise(nme, n);
    if (report->summary.faces < n)
        wt_log(WT_LOG_WARN, "%zu faces do not count: their normaliser is 0",
               n - report->summary.faces);
    free(nme);
    return WT_OK;
}

static int run(void *settings)
{
    const struct settings *s = settings;
    struct wt_dataset dataset = {0};
    struct wt_eval_face *face = NULL;
    struct wt_progress progress;
    struct wt_eval_options how = {.norm = (enum wt_norm)s->norm,
                                  .decoder = (enum wt_decoder)s->decoder,
                                  .batch = s->batch,
                                  .progress = show_progress,
                                  .user = &progress};
    struct wt_eval_report report = {.list = s->data,
                                    .model = s->common.model ? s->common.model : "shipped weights",
                                    .norm = norm_choice[s->norm],
                                    .crop = crop_choice[s->crop],
                                    .decoder = decoder_choice[s->decoder],
                                    .may_miss = s->crop == CROP_DETECTOR,
                                    .dataset = &dataset};
    if (s->crop == CROP_DETECTOR && s->decoder == WT_DECODE_PUBLISHED) {
        wt_fail(WT_ERR_ARGUMENT, "--decoder %s: only with --crop truth", report.decoder);
        return 2;
    }
    if (s->crop == CROP_DETECTOR)
        report.decoder = wt_decoder_name(WT_DECODE_TRACKER);

    enum wt_status status = wt_dataset_open(&dataset, s->data);
    if (!status) {
        face = calloc(dataset.count, sizeof *face);
        if (!face)
            status = wt_fail(WT_ERR_MEMORY, "out of memory");
    }
    if (!status) {
        report.face = face;
        wt_progress_start(&progress, "faces", (int64_t)dataset.count);
        status = s->crop == CROP_TRUTH ? measure_truth(s, &how, &report, face)
                                       : measure_detector(s, &how, &report, face);
        if (!status)
            wt_progress_finish(&progress);
    }
    if (!status)
        status = summarise(&report);
    if (!status) {
        if (!s->json || strcmp(s->json, "-") != 0)
            wt_eval_print(&report);
        if (s->json)
            status = wt_eval_write_json(&report, s->json);
        if (s->csv && wt_eval_write_csv(&report, s->csv))
            status = WT_ERR_IO;
    }
    free(face);
    wt_dataset_fini(&dataset);
    return wt_exit_status(status);
}

const struct wt_command wt_command_eval = {
    .name = "eval",
    .summary = "Measure accuracy on a list of annotated faces.",
    .details = "NME is the mean distance of found and true points divided by the normaliser; FR8 "
               "and FR10 are the shares of faces with an NME above 8 and 10 %; AUC8 and AUC10 the "
               "areas under the cumulative error distribution up to there. A network of 98 points "
               "is reduced to 68 for faces with 68 true points.",
    .option = options,
    .common = true,
    .settings_size = sizeof(struct settings),
    .defaults = defaults,
    .run = run,
};
