#include "eval/eval_measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/checksum.h"
#include "base/status.h"
#include "cli/progress.h"
#include "data/dataset_open.h"
#include "track/twins.h"
#include "weights/file.h"

const char *const wt_eval_norm_names[] = {"ocular", "pupil", "box", NULL};
const char *const wt_eval_crop_names[] = {"truth", "official", "strict", "detector", NULL};
const char *const wt_eval_decoder_names[] = {"centroid", "published", "dark", NULL};

static void show_progress(void *user, size_t done)
{
    wt_progress_update(user, (int64_t)done, NULL);
}

static enum wt_status measure_robustness(const struct wt_eval_settings *s, struct wt_net *net,
                                         const struct wt_dataset *dataset,
                                         const struct wt_eval_options *how,
                                         struct wt_eval_result *result, struct wt_eval_face *face)
{
    struct wt_robust *robust = wt_eval_alloc(result, sizeof *robust);
    if (!robust)
        return wt_fail(WT_ERR_MEMORY, "out of memory");
    result->robust = robust;
    return wt_robust_measure(net, dataset, how, s->step, s->steps, (uint64_t)s->common.seed, robust,
                             face, &result->times);
}

/* The network alone, one crop for each face. */
static enum wt_status measure_crops(const struct wt_eval_settings *s, const char *path,
                                    const struct wt_dataset *dataset,
                                    const struct wt_eval_options *how,
                                    struct wt_eval_result *result, struct wt_eval_face *face)
{
    struct wt_weights *weights = NULL;
    struct wt_net *net = NULL;
    struct wt_net_options with = {.threads = s->common.threads,
                                  .batch = s->batch,
                                  .precision = (enum wt_precision)s->common.precision};
    enum wt_status status = wt_cpu_parse_level(s->common.cpu_mask, &with.level);
    if (!status)
        status = wt_weights_load(&weights, path);
    if (!status)
        status = wt_net_create(&net, weights, &with);
    wt_weights_destroy(&weights);
    if (!status) {
        const struct wt_arch *arch = wt_net_arch(net);
        result->points = arch->points;
        result->stacks = s->stacks ? s->stacks : arch->stacks;
        result->width = arch->width;
        result->threads = wt_net_threads(net);
        result->kernels = wt_cpu_level_name(wt_net_level(net));
        result->precision = wt_precision_name(wt_net_precision(net));
        status = wt_eval_check(dataset, arch->points, how);
    }
    if (!status && s->steps)
        status = measure_robustness(s, net, dataset, how, result, face);
    else if (!status)
        status = wt_eval_crops(net, dataset, how, face, &result->times);
    wt_net_destroy(&net);
    return status;
}

/* The whole pipeline on each picture, without tracking. */
static enum wt_status measure_detector(const struct wt_eval_settings *s,
                                       const struct wt_dataset *dataset,
                                       const struct wt_eval_options *how,
                                       struct wt_eval_result *result, struct wt_eval_face *face)
{
    struct wt_model *model = NULL;
    struct wt_twins twins = {.count = 0};
    struct wt_tracker_options with = {
        .max_faces = WT_FACES_MAX, .stacks = s->stacks, .detector = wt_common_detector(&s->common)};
    enum wt_status status = wt_common_open_model(&s->common, s->batch, &model);
    if (!status) {
        struct wt_model_info info = wt_model_describe(model);
        result->points = info.points;
        result->stacks = s->stacks ? s->stacks : info.stacks;
        result->width = info.width;
        result->threads = info.threads;
        result->kernels = wt_eval_copy(result, info.kernels, SIZE_MAX);
        result->precision = wt_eval_copy(result, info.precision, SIZE_MAX);
        status = result->kernels && result->precision ? wt_eval_check(dataset, info.points, how)
                                                      : wt_fail(WT_ERR_MEMORY, "out of memory");
    }
    if (!status)
        status = wt_twins_init(&twins, model, &with);
    if (!status)
        status = wt_eval_pictures(twins.tracker, twins.count, result->points, dataset, how, face,
                                  &result->times);
    wt_twins_fini(&twins);
    wt_model_close(&model);
    return status;
}

static enum wt_status keep_sum(struct wt_eval_result *result, const void *bytes, size_t size,
                               const char **out)
{
    char text[WT_SHA256_SIZE];
    wt_sha256(bytes, size, text);
    *out = wt_eval_copy(result, text, sizeof text);
    return *out ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory for a checksum");
}

static enum wt_status file_sum(struct wt_eval_result *result, const char *path, const char **out)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum wt_status status = wt_file_read(path, (size_t)1 << 32, &bytes, &size);
    if (!status)
        status = keep_sum(result, bytes, size, out);
    free(bytes);
    return status;
}

/* Of a folder: names and points of all its faces. */
static enum wt_status folder_sum(struct wt_eval_result *result, const struct wt_dataset *dataset,
                                 size_t root, const char **out)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    for (size_t i = 0; f && i < dataset->count; i++) {
        const struct wt_sample *s = &dataset->sample[i];
        fprintf(f, "%s", s->image + root);
        for (int k = 0; k < s->points; k++)
            fprintf(f, " %.9g %.9g", (double)s->point[k].x, (double)s->point[k].y);
        fputc('\n', f);
    }
    enum wt_status status = f && fclose(f) == 0
                                ? keep_sum(result, text, size, out)
                                : wt_fail(WT_ERR_MEMORY, "out of memory for a checksum");
    free(text);
    return status;
}

/* The protocol; its strings belong to the command line. */
static enum wt_status describe(const struct wt_eval_settings *s, const char *model,
                               struct wt_eval_result *result)
{
    bool detector = s->crop == WT_EVAL_DETECTOR;
    result->list = s->data;
    result->model = s->common.model ? s->common.model : "bundled weights";
    result->norm = wt_eval_norm_names[s->norm];
    result->crop = wt_eval_crop_names[s->crop];
    result->decoder = wt_decoder_name(detector ? WT_DECODE_TRACKER : (enum wt_decoder)s->decoder);
    result->crop_factor = s->crop == WT_EVAL_STRICT     ? s->box_factor
                          : s->crop == WT_EVAL_OFFICIAL ? NAN
                                                        : (double)WT_CROP_FACTOR;
    result->part = s->shard.part;
    result->parts = s->shard.parts;
    result->style = s->style;
    result->style_reverse = s->style_reverse;
    if (s->perturb_text) {
        char text[256];
        wt_perturb_describe(&s->perturb, text, sizeof text);
        result->perturb = wt_eval_copy(result, text, sizeof text);
        if (!result->perturb)
            return wt_fail(WT_ERR_MEMORY, "out of memory");
    }
    enum wt_status status = file_sum(result, model, &result->model_sha256);
    if (!status && s->style)
        status = file_sum(result, s->style, &result->style_sha256);
    return status;
}

/* Narrows the dataset to its part: as many pictures in each, with all their faces. */
static enum wt_status take_part(struct wt_shard shard, struct wt_dataset *part)
{
    struct wt_sample *s = part->sample;
    size_t count = part->count, pictures = 0, first, end, from = 0, to = 0;
    for (size_t i = 0; i < count; i++)
        pictures += i == 0 || !wt_same_picture(&s[i], &s[i - 1]);
    enum wt_status status = wt_shard_range(shard, pictures, "pictures in the list", &first, &end);
    pictures = 0;
    for (size_t i = 0; i < count && !status; i++) {
        pictures += i == 0 || !wt_same_picture(&s[i], &s[i - 1]);
        from += pictures <= first;
        to += pictures <= end;
    }
    part->sample = s + from;
    part->count = to - from;
    return status;
}

/* The folder that image names are relative to: the prefix of the first image's path before its name
 * in the list, or the given folder. */
static char *find_root(const struct wt_eval_settings *s, const struct wt_dataset *dataset)
{
    const struct wt_sample *first = dataset->sample;
    size_t image = first->image ? strlen(first->image) : 0, name = strlen(first->name);
    if (image >= name && strcmp(first->image + image - name, first->name) == 0)
        return strndup(first->image, image - name);
    size_t length = strlen(s->data);
    if (image > length && strncmp(first->image, s->data, length) == 0)
        return strndup(first->image, length + strspn(first->image + length, "/"));
    return strdup("");
}

/* A list of other pictures, or of larger ones, gives figures that mean nothing. */
static void warn_outside(const struct wt_dataset *part, const struct wt_eval_face *face)
{
    size_t n = 0, first = 0;
    for (size_t i = part->count; i > 0; i--)
        if (face[i - 1].outside) {
            n++;
            first = i - 1;
        }
    const struct wt_sample *s = &part->sample[first];
    if (n)
        wt_log(WT_LOG_WARN,
               "%zu of %zu faces lie outside their pictures, the first in line %d, %s: are these "
               "the pictures that were labelled?",
               n, part->count, s->line, s->name);
}

static enum wt_status measure_part(const struct wt_eval_settings *s, const struct wt_dataset *part,
                                   const char *root, struct wt_eval_result *result)
{
    struct wt_progress progress;
    struct wt_label_style style = {.reverse = false};
    struct wt_eval_options how = {.crop = (enum wt_eval_crop)s->crop,
                                  .norm = (enum wt_norm)s->norm,
                                  .decoder = (enum wt_decoder)s->decoder,
                                  .batch = s->batch,
                                  .stacks = s->stacks,
                                  .box_factor = (float)s->box_factor,
                                  .progress = show_progress,
                                  .user = &progress};
    const char *path = wt_common_model_path(&s->common);
    if (!path)
        return WT_ERR_IO;
    struct wt_eval_face *face = calloc(part->count, sizeof *face);
    enum wt_status status =
        face ? describe(s, path, result) : wt_fail(WT_ERR_MEMORY, "out of memory");
    if (!status && s->style) {
        status = wt_label_style_read(&style, s->style);
        style.reverse = s->style_reverse;
        how.style = &style;
    }
    if (s->perturb_text)
        how.perturb = &s->perturb;
    if (!status) {
        wt_progress_start(&progress, "faces", (int64_t)part->count * (s->steps + 1));
        status = s->crop == WT_EVAL_DETECTOR ? measure_detector(s, part, &how, result, face)
                                             : measure_crops(s, path, part, &how, result, face);
        if (!status)
            wt_progress_finish(&progress);
    }
    if (!status) {
        warn_outside(part, face);
        status = wt_eval_take(result, part, root, face);
    }
    free(face);
    return status;
}

enum wt_status wt_eval_measure(const struct wt_eval_settings *s, struct wt_dataset *dataset,
                               struct wt_eval_result *result)
{
    struct stat info;
    enum wt_status status = wt_dataset_open_any(dataset, s->data, s->images);
    if (!status && s->subsets)
        status = wt_dataset_read_subsets(dataset, s->subsets);
    if (status)
        return status;
    struct wt_dataset part = *dataset;
    char *root = find_root(s, dataset);
    if (!root)
        status = wt_fail(WT_ERR_MEMORY, "out of memory");
    else if (stat(s->data, &info) == 0 && S_ISDIR(info.st_mode))
        status = folder_sum(result, dataset, strlen(root), &result->list_sha256);
    else
        status = file_sum(result, s->data, &result->list_sha256);
    if (!status)
        status = take_part(s->shard, &part);
    if (!status)
        status = measure_part(s, &part, root, result);
    free(root);
    return status;
}
