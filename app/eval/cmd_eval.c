/* `wingtip eval`: options, and what they put together. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/checksum.h"
#include "base/shard.h"
#include "base/status.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "data/dataset_mat.h"
#include "eval/eval_compare.h"
#include "eval/eval_html.h"
#include "eval/eval_json.h"
#include "eval/eval_report.h"
#include "eval/eval_robust.h"
#include "measure/official.h"
#include "track/twins.h"
#include "weights/file.h"

struct settings {
    struct wt_common common;
    const char *data, *images, *subsets, *json, *csv, *report, *shard_text, *style, *perturb_text,
        *sweep;
    bool compare, merge, style_reverse, robustness;
    int norm, crop, decoder, batch, stacks, worst;
    double box_factor;
    struct wt_words files;
    struct wt_shard shard;                        /* from shard_text */
    struct wt_perturb perturb;                    /* from perturb_text */
    struct wt_perturb_step step[WT_ROBUST_STEPS]; /* of the study; steps 0: there is none */
    int steps;
};

static const char *const norm_choice[] = {"ocular", "pupil", "box", NULL}; /* enum wt_norm */
static const char *const crop_choice[] = {"truth", "official", "strict", "detector",
                                          NULL}; /* enum wt_eval_crop */
static const char *const decoder_choice[] = {"centroid", "published", "dark",
                                             NULL}; /* enum wt_decoder */

#define AT(field) offsetof(struct settings, field)
static const struct wt_option options[] = {
    {WT_OPTION_REST, "FILE", 0, AT(files), NULL,
     "results of earlier runs (JSON): to draw beside this one in --report, or for --compare or "
     "--merge"},
    {WT_OPTION_STRING, "--data", 0, AT(data), "LIST",
     "annotated faces: a line `image x0 y0 x1 y1 ...` each, or `image SCHEME x0 y0 ...`; a list of "
     "WFLW; a folder of 300W's .pts files; or a MATLAB file of COFW or AFLW-19"},
    {WT_OPTION_STRING, "--images", 0, AT(images), "DIR",
     "folder that the images' names of a list start from"},
    {WT_OPTION_STRING, "--subsets", 0, AT(subsets), "FILE",
     "subsets to report on: a line `image name,name,...` each; WFLW's lists have their own"},
    {WT_OPTION_CHOICE, "--norm", 0, AT(norm), NULL, "what errors are divided by", 0, 0,
     norm_choice},
    {WT_OPTION_CHOICE, "--crop", 0, AT(crop), NULL,
     "where the network looks: around the true points; as in the published WFLW test, around the "
     "list's box, enlarged until the true points fit; around that box, never looking at the truth; "
     "at what the detector finds in the whole picture",
     0, 0, crop_choice},
    {WT_OPTION_REAL, "--box-factor", 0, AT(box_factor), "F",
     "with --crop strict: side of the crop in mean sides of the box", 0.5, 10},
    {WT_OPTION_CHOICE, "--decoder", 0, AT(decoder), NULL,
     "how points are read off the heatmaps; with --crop detector always dark", 0, 0,
     decoder_choice},
    {WT_OPTION_STRING, "--style", 0, AT(style), "FILE",
     "label style of the list: a line `index dx dy` for each of 98 points, the mean shift from the "
     "network's style to the list's in distances of the outer eye corners; found points are moved "
     "by it, in the frame of their eyes"},
    {WT_OPTION_FLAG, "--style-reverse", 0, AT(style_reverse), NULL,
     "move them by --style's FILE the other way"},
    {WT_OPTION_STRING, "--perturb", 0, AT(perturb_text), "KIND=VALUE,...",
     "change the crops: dark (gain), gamma, blur (sigma, px of the 256 of a crop), low (side, px), "
     "noise (sigma, levels), occlusion (side, px), jpeg (quality), rotation (degrees); --seed "
     "chooses what is random"},
    {WT_OPTION_FLAG, "--robustness", 0, AT(robustness), NULL,
     "measure again with each of them at three strengths; a table, also by yaw; --csv then has its "
     "rows"},
    {WT_OPTION_STRING, "--sweep", 0, AT(sweep), "KIND=V:V:...,...",
     "the same with these strengths"},
    {WT_OPTION_INT, "--batch", 0, AT(batch), "N", "faces in one pass of the network", 1, 16},
    {WT_OPTION_INT, "--stacks", 0, AT(stacks), "N", "use the first N stacks of the network, 0: all",
     0, 16},
    {WT_OPTION_STRING, "--shard", 0, AT(shard_text), "I/N",
     "measure only the I-th of N parts of the list; see --merge"},
    {WT_OPTION_STRING, "--json", 0, AT(json), "FILE",
     "write figures and faces as JSON; -: to standard output, instead of the text"},
    {WT_OPTION_STRING, "--csv", 0, AT(csv), "FILE", "write a row for each face"},
    {WT_OPTION_STRING, "--report", 0, AT(report), "FILE.html",
     "write a report with diagrams and the worst faces as pictures, all in one file"},
    {WT_OPTION_INT, "--worst", 0, AT(worst), "N", "how many faces the report shows", 0, 1000},
    {WT_OPTION_FLAG, "--compare", 0, AT(compare), NULL,
     "measure nothing: show two FILEs side by side, with the confidence of their difference"},
    {WT_OPTION_FLAG, "--merge", 0, AT(merge), NULL,
     "measure nothing: put the FILEs of all parts (--shard) together, as if measured at once; with "
     "one whole FILE: report on it again"},
    {.name = NULL},
};
#undef AT

static void defaults(void *settings)
{
    struct settings *s = settings;
    s->batch = 1;
    s->worst = 12;
    s->box_factor = WT_BOX_FACTOR;
}

/* ---- measuring ----------------------------------------------------------------------------- */

static void show_progress(void *user, size_t done)
{
    wt_progress_update(user, (int64_t)done, NULL);
}

static enum wt_status study(const struct settings *s, struct wt_net *net,
                            const struct wt_dataset *dataset, const struct wt_eval_options *how,
                            struct wt_eval_result *result, struct wt_eval_face *face)
{
    struct wt_robust *robust = wt_eval_alloc(result, sizeof *robust);
    if (!robust)
        return wt_fail(WT_ERR_MEMORY, "out of memory");
    result->robust = robust;
    return wt_robust_measure(net, dataset, how, s->step, s->steps, (uint64_t)s->common.seed, robust,
                             face, &result->times);
}

/* The network alone, on a crop a face. */
static enum wt_status measure_crops(const struct settings *s, const char *path,
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
        status = study(s, net, dataset, how, result, face);
    else if (!status)
        status = wt_eval_crops(net, dataset, how, face, &result->times);
    wt_net_destroy(&net);
    return status;
}

/* The whole pipeline, as it meets a picture for the first time. */
static enum wt_status measure_detector(const struct settings *s, const struct wt_dataset *dataset,
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

/* What is asked; the strings are the command line's. */
static enum wt_status describe(const struct settings *s, const char *model,
                               struct wt_eval_result *result)
{
    bool detector = s->crop == WT_EVAL_DETECTOR;
    result->list = s->data;
    result->model = s->common.model ? s->common.model : "shipped weights";
    result->norm = norm_choice[s->norm];
    result->crop = crop_choice[s->crop];
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

/* The folder that the images' names start from: what stands before the first name of a list, or the
 * folder that was given. */
static char *find_root(const struct settings *s, const struct wt_dataset *dataset)
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

static enum wt_status measure_part(const struct settings *s, const struct wt_dataset *part,
                                   const char *root, struct wt_eval_result *result)
{
    struct wt_progress progress;
    struct wt_style style = {.reverse = false};
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
        status = wt_style_read(&style, s->style);
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
    if (!status)
        status = wt_eval_take(result, part, root, face);
    free(face);
    return status;
}

/* The dataset is the caller's to end: results of in-memory pictures point into it. */
static enum wt_status measure(const struct settings *s, struct wt_dataset *dataset,
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

/* ---- results of earlier runs --------------------------------------------------------------- */

static void close_files(struct wt_eval_result *file, int n)
{
    for (int i = 0; file && i < n; i++)
        wt_eval_result_fini(&file[i]);
    free(file);
}

static enum wt_status open_files(const struct settings *s, struct wt_eval_result **out)
{
    int n = s->files.count;
    struct wt_eval_result *file = calloc((size_t)n + 1, sizeof *file);
    enum wt_status status = file ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory");
    for (int i = 0; i < n && !status; i++)
        status = wt_eval_read_json(&file[i], s->files.word[i]);
    if (status) {
        close_files(file, n);
        return status;
    }
    *out = file;
    return WT_OK;
}

static enum wt_status merge(const struct settings *s, struct wt_eval_result *part,
                            struct wt_eval_result *result)
{
    enum wt_status status = wt_eval_merge(part, s->files.count, s->files.word, result);
    if (status || !s->images)
        return status;
    size_t length = strlen(s->images);
    char *folder = wt_eval_alloc(result, length + 2);
    if (!folder)
        return wt_fail(WT_ERR_MEMORY, "out of memory");
    snprintf(folder, length + 2, "%s/", s->images);
    result->images = folder;
    return WT_OK;
}

/* ---- the run ------------------------------------------------------------------------------- */

static void warn_uncounted(const struct wt_eval_result *result)
{
    size_t n = 0;
    for (size_t i = 0; i < result->count; i++)
        n += isnan(result->row[i].nme);
    if (n)
        wt_log(WT_LOG_WARN, "%zu faces do not count: their normaliser is 0", n);
}

static enum wt_status write_report(const struct settings *s, const struct wt_eval_result *result,
                                   const struct wt_eval_result *other)
{
    char label[WT_WORDS_MAX][128];
    const char *name[WT_WORDS_MAX];
    int others = s->merge ? 0 : s->files.count;
    for (int i = 0; i < others; i++) {
        wt_eval_label(s->files.word[i], label[i], sizeof label[i]);
        name[i] = label[i];
    }
    struct wt_eval_page page = {.result = result,
                                .name = "this report",
                                .other = other,
                                .other_name = name,
                                .others = others,
                                .worst = s->worst,
                                .seed = (uint64_t)s->common.seed};
    return wt_eval_write_html(&page, s->report);
}

static enum wt_status show(const struct settings *s, const struct wt_eval_result *result,
                           const struct wt_eval_result *other)
{
    enum wt_status status = WT_OK;
    warn_uncounted(result);
    if (!s->json || strcmp(s->json, "-") != 0)
        status = wt_eval_print(result);
    if (result->robust && (!s->json || strcmp(s->json, "-") != 0)) {
        putchar('\n');
        wt_robust_print(result->robust, stdout);
    }
    /* Each output by itself: one that fails does not take the others along. */
    if (s->json && wt_eval_write_json(result, s->json))
        status = WT_ERR_IO;
    if (s->csv && (result->robust ? wt_robust_csv(result->robust, s->csv)
                                  : wt_eval_write_csv(result, s->csv)))
        status = WT_ERR_IO;
    if (s->report && write_report(s, result, other))
        status = WT_ERR_IO;
    return status;
}

#define WRONG(...) wt_fail(WT_ERR_ARGUMENT, __VA_ARGS__)

/* What is done to the crops, once or in a study. */
static enum wt_status check_perturb(struct settings *s)
{
    struct wt_perturb_step step[WT_PERTURB_KINDS];
    int n = 0;
    enum wt_status status = WT_OK;
    if (!s->perturb_text && !s->robustness && !s->sweep)
        return WT_OK;
    if (s->compare || s->merge || s->crop == WT_EVAL_DETECTOR)
        return WRONG("--perturb, --robustness and --sweep change crops: not with %s",
                     s->compare ? "--compare"
                     : s->merge ? "--merge"
                                : "--crop detector");
    if ((s->perturb_text != NULL) + s->robustness + (s->sweep != NULL) > 1)
        return WRONG("--perturb, --robustness and --sweep exclude each other");
    if (!s->perturb_text && (s->shard_text || s->report))
        return WRONG("--robustness and --sweep: not with %s", s->report ? "--report" : "--shard");
    if (s->perturb_text)
        status = wt_perturb_parse("--perturb", s->perturb_text, step, WT_PERTURB_KINDS, &n);
    for (int i = 0; i < n && !status; i++) {
        if (s->perturb.value[step[i].kind] > 0)
            return WRONG("--perturb: %s twice; --sweep measures several strengths",
                         wt_perturb_info[step[i].kind].name);
        s->perturb.value[step[i].kind] = step[i].value;
    }
    s->perturb.seed = (uint64_t)s->common.seed;
    if (s->robustness)
        s->steps = wt_robust_all(s->step);
    if (s->sweep)
        status = wt_perturb_parse("--sweep", s->sweep, s->step, WT_ROBUST_STEPS, &s->steps);
    bool turned = s->perturb.value[WT_PERTURB_ROTATION] > 0;
    for (int i = 0; i < s->steps; i++)
        turned = turned || s->step[i].kind == WT_PERTURB_ROTATION;
    if (!status && turned && s->crop == WT_EVAL_OFFICIAL)
        return WRONG("rotation: not with --crop official, whose squares are upright");
    return status;
}

static enum wt_status check(struct settings *s)
{
    bool measures = !s->compare && !s->merge;
    if (s->compare && s->merge)
        return WRONG("--compare and --merge exclude each other");
    if (measures && !s->data)
        return WRONG("eval: --data is missing; see: wingtip eval --help");
    if (!measures && (s->data || s->subsets || s->shard_text || s->style))
        return WRONG("--data, --subsets, --style and --shard are for measuring, not for %s",
                     s->compare ? "--compare" : "--merge");
    if (s->compare && s->files.count != 2)
        return WRONG("--compare takes two results, not %d", s->files.count);
    if (s->compare && (s->csv || s->report || s->images))
        return WRONG("--compare writes text or --json only");
    if (s->merge && s->files.count == 0)
        return WRONG("--merge takes the results of the parts");
    if (measures && s->files.count && !s->report)
        return WRONG("%s: what for? Give --report, --compare or --merge", s->files.word[0]);
    if (measures && s->crop == WT_EVAL_DETECTOR && s->decoder == WT_DECODE_PUBLISHED)
        return WRONG("--decoder published: not with --crop detector");
    if (s->style_reverse && !s->style)
        return WRONG("--style-reverse: which style? Give --style FILE");
    if (measures && s->crop != WT_EVAL_STRICT && s->box_factor != WT_BOX_FACTOR)
        return WRONG("--box-factor: only with --crop strict");
    enum wt_status status = check_perturb(s);
    return status ? status : wt_shard_parse(s->shard_text, &s->shard);
}

static int run(void *settings)
{
    struct settings *s = settings;
    struct wt_eval_result result = {0}, *file = NULL;
    struct wt_dataset dataset = {0};
    enum wt_status status = check(s);
    if (!status)
        status = open_files(s, &file);
    if (!status && s->compare) {
        status =
            wt_eval_compare(&file[0], &file[1], s->files.word, (uint64_t)s->common.seed, s->json);
    } else if (!status) {
        status = s->merge ? merge(s, file, &result) : measure(s, &dataset, &result);
        if (!status)
            status = show(s, &result, file);
    }
    wt_eval_result_fini(&result);
    wt_dataset_fini(&dataset);
    if (file)
        close_files(file, s->files.count);
    return wt_exit_status(status);
}

const struct wt_command wt_command_eval = {
    .name = "eval",
    .summary = "Measure accuracy on a list of annotated faces.",
    .details = "NME is the mean distance of found and true points divided by the normaliser; FR8 "
               "and FR10 are the shares of faces with an NME above 8 and 10 %; AUC8 and AUC10 the "
               "areas under the cumulative error distribution up to there. A network of 98 points "
               "is reduced to 68 for faces with 68 true points. The crops official and strict "
               "start from boxes, which WFLW, COFW and AFLW have; other data are refused for them.",
    .option = options,
    .common = true,
    .settings_size = sizeof(struct settings),
    .defaults = defaults,
    .run = run,
};
