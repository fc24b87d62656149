/* `wingtip eval`: options, their checks, and the outputs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/outputs.h"
#include "base/status.h"
#include "eval/eval_compare.h"
#include "eval/eval_html.h"
#include "eval/eval_json.h"
#include "eval/eval_measure.h"
#include "eval/eval_report.h"
#include "measure/official.h"

struct settings {
    struct wt_eval_settings measure; /* first: it begins with the common options */
    const char *json, *csv, *report, *shard_text, *sweep;
    bool compare, merge, robustness;
    int worst;
    struct wt_words files;
};

#define AT(field) offsetof(struct settings, field)
static const struct wt_option options[] = {
    {WT_OPTION_REST, "FILE", 0, AT(files), NULL,
     "results of earlier runs (JSON), to be drawn beside this one in --report, or for --compare or "
     "--merge"},
    {WT_OPTION_STRING, "--data", 0, AT(measure.data), "LIST",
     "annotated faces: a line `image x0 y0 x1 y1 ...` each, or `image SCHEME x0 y0 ...`; a list of "
     "WFLW; a folder of 300W's .pts files; or a MATLAB file of COFW or AFLW-19"},
    {WT_OPTION_STRING, "--images", 0, AT(measure.images), "DIR",
     "folder that a list's image names are relative to"},
    {WT_OPTION_STRING, "--subsets", 0, AT(measure.subsets), "FILE",
     "subsets to report on: a line `image name,name,...` each; WFLW's lists have their own"},
    {WT_OPTION_CHOICE, "--norm", 0, AT(measure.norm), NULL, "what errors are divided by", 0, 0,
     wt_eval_norm_names},
    {WT_OPTION_CHOICE, "--crop", 0, AT(measure.crop), NULL,
     "where the network looks: around the true points; as in the published WFLW test, around the "
     "list's box, enlarged until the true points fit; around that box, without use of the truth; "
     "around what the detector finds in the whole picture",
     0, 0, wt_eval_crop_names},
    {WT_OPTION_REAL, "--box-factor", 0, AT(measure.box_factor), "F",
     "with --crop strict: side of the crop in mean sides of the box", 0.5, 10},
    {WT_OPTION_CHOICE, "--decoder", 0, AT(measure.decoder), NULL,
     "how points are decoded from the heatmaps; with --crop detector always dark", 0, 0,
     wt_eval_decoder_names},
    {WT_OPTION_STRING, "--style", 0, AT(measure.style), "FILE",
     "label style of the list: a line `index dx dy` for each of 98 points, the mean shift from the "
     "network's style to the list's in distances of the outer eye corners; found points are moved "
     "by it, in the frame of their eyes"},
    {WT_OPTION_FLAG, "--style-reverse", 0, AT(measure.style_reverse), NULL,
     "move them by --style's FILE the other way"},
    {WT_OPTION_STRING, "--perturb", 0, AT(measure.perturb_text), "KIND=VALUE,...",
     "change the crops: dark (gain), gamma, blur (sigma, px of the 256 of a crop), low (side, px), "
     "noise (sigma, levels), occlusion (side, px), jpeg (quality), rotation (degrees); --seed "
     "chooses what is random"},
    {WT_OPTION_FLAG, "--robustness", 0, AT(robustness), NULL,
     "measure again with each of them at three strengths; a table, also by yaw; --csv then has its "
     "rows"},
    {WT_OPTION_STRING, "--sweep", 0, AT(sweep), "KIND=V:V:...,...",
     "the same with these strengths"},
    {WT_OPTION_INT, "--batch", 0, AT(measure.batch), "N", "faces in one pass of the network", 1,
     16},
    {WT_OPTION_INT, "--stacks", 0, AT(measure.stacks), "N",
     "use the first N stacks of the network, 0: all", 0, 16},
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
    s->measure.batch = 1;
    s->worst = 12;
    s->measure.box_factor = WT_BOX_FACTOR;
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
    if (status || !s->measure.images)
        return status;
    size_t length = strlen(s->measure.images);
    char *folder = wt_eval_alloc(result, length + 2);
    if (!folder)
        return wt_fail(WT_ERR_MEMORY, "out of memory");
    snprintf(folder, length + 2, "%s/", s->measure.images);
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
        wt_log(WT_LOG_WARN, "%zu faces are not counted: their normaliser is 0", n);
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
                                .seed = (uint64_t)s->measure.common.seed};
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
    /* Outputs are independent: if one fails, the others are still written. */
    if (s->json && wt_eval_write_json(result, s->json))
        status = WT_ERR_IO;
    if (s->csv && (result->robust ? wt_robust_csv(result->robust, s->csv)
                                  : wt_eval_write_csv(result, s->csv)))
        status = WT_ERR_IO;
    if (s->report && write_report(s, result, other))
        status = WT_ERR_IO;
    return status;
}

/* Perturbations of the crops, once or in a study. */
static enum wt_status check_perturb(struct settings *s)
{
    struct wt_perturb_step step[WT_PERTURB_KINDS];
    int n = 0;
    enum wt_status status = WT_OK;
    if (!s->measure.perturb_text && !s->robustness && !s->sweep)
        return WT_OK;
    if (s->compare || s->merge || s->measure.crop == WT_EVAL_DETECTOR)
        return wt_fail(WT_ERR_ARGUMENT,
                       "--perturb, --robustness and --sweep change crops: not with %s",
                       s->compare ? "--compare"
                       : s->merge ? "--merge"
                                  : "--crop detector");
    if ((s->measure.perturb_text != NULL) + s->robustness + (s->sweep != NULL) > 1)
        return wt_fail(WT_ERR_ARGUMENT, "--perturb, --robustness and --sweep exclude each other");
    if (!s->measure.perturb_text && (s->shard_text || s->report))
        return wt_fail(WT_ERR_ARGUMENT, "--robustness and --sweep: not with %s",
                       s->report ? "--report" : "--shard");
    if (s->measure.perturb_text)
        status = wt_perturb_parse("--perturb", s->measure.perturb_text, step, WT_PERTURB_KINDS, &n);
    for (int i = 0; i < n && !status; i++) {
        if (s->measure.perturb.value[step[i].kind] > 0)
            return wt_fail(WT_ERR_ARGUMENT,
                           "--perturb: %s twice; --sweep measures several strengths",
                           wt_perturb_info[step[i].kind].name);
        s->measure.perturb.value[step[i].kind] = step[i].value;
    }
    s->measure.perturb.seed = (uint64_t)s->measure.common.seed;
    if (s->robustness)
        s->measure.steps = wt_robust_all(s->measure.step);
    if (s->sweep)
        status = wt_perturb_parse("--sweep", s->sweep, s->measure.step, WT_ROBUST_STEPS,
                                  &s->measure.steps);
    bool turned = s->measure.perturb.value[WT_PERTURB_ROTATION] > 0;
    for (int i = 0; i < s->measure.steps; i++)
        turned = turned || s->measure.step[i].kind == WT_PERTURB_ROTATION;
    if (!status && turned && s->measure.crop == WT_EVAL_OFFICIAL)
        return wt_fail(WT_ERR_ARGUMENT,
                       "rotation: not with --crop official, whose squares are upright");
    return status;
}

static enum wt_status check(struct settings *s)
{
    bool measures = !s->compare && !s->merge;
    if (s->compare && s->merge)
        return wt_fail(WT_ERR_ARGUMENT, "--compare and --merge exclude each other");
    if (measures && !s->measure.data)
        return wt_fail(WT_ERR_ARGUMENT, "eval: --data is missing; see: wingtip eval --help");
    if (!measures && (s->measure.data || s->measure.subsets || s->shard_text || s->measure.style))
        return wt_fail(WT_ERR_ARGUMENT,
                       "--data, --subsets, --style and --shard are for measuring, not for %s",
                       s->compare ? "--compare" : "--merge");
    if (s->compare && s->files.count != 2)
        return wt_fail(WT_ERR_ARGUMENT, "--compare takes two results, not %d", s->files.count);
    if (s->compare && (s->csv || s->report || s->measure.images))
        return wt_fail(WT_ERR_ARGUMENT, "--compare writes text or --json only");
    if (s->merge && s->files.count == 0)
        return wt_fail(WT_ERR_ARGUMENT, "--merge takes the results of the parts");
    if (measures && s->files.count && !s->report)
        return wt_fail(WT_ERR_ARGUMENT,
                       "%s: give --report, --compare or --merge to say what it is for",
                       s->files.word[0]);
    if (measures && s->measure.crop == WT_EVAL_DETECTOR &&
        s->measure.decoder == WT_DECODE_PUBLISHED)
        return wt_fail(WT_ERR_ARGUMENT, "--decoder published: not with --crop detector");
    if ((s->csv && strcmp(s->csv, "-") == 0) || (s->report && strcmp(s->report, "-") == 0))
        return wt_fail(WT_ERR_ARGUMENT, "standard output takes --json only");
    if (s->measure.style_reverse && !s->measure.style)
        return wt_fail(WT_ERR_ARGUMENT, "--style-reverse needs --style FILE");
    if (measures && s->measure.crop != WT_EVAL_STRICT && s->measure.box_factor != WT_BOX_FACTOR)
        return wt_fail(WT_ERR_ARGUMENT, "--box-factor: only with --crop strict");
    enum wt_status status = check_perturb(s);
    return status ? status : wt_shard_parse(s->shard_text, &s->measure.shard);
}

/* Measuring can take long: what is wrong with its outputs is said before. */
static enum wt_status check_outputs(const struct settings *s)
{
    struct wt_outputs files = {.in = {s->measure.data, s->measure.subsets, s->measure.style,
                                      s->measure.common.model, s->measure.common.detector},
                               .out = {s->json, s->csv, s->report}};
    enum wt_status status = wt_outputs_check(&files);
    for (int i = 0; i < s->files.count && !status; i++) {
        files.in[0] = s->files.word[i];
        status = wt_outputs_apart(&files);
    }
    return status;
}

static int run(void *settings)
{
    struct settings *s = settings;
    struct wt_eval_result result = {0}, *file = NULL;
    struct wt_dataset dataset = {0};
    enum wt_status status = check(s);
    if (!status)
        status = check_outputs(s);
    if (!status)
        status = open_files(s, &file);
    if (!status && s->compare) {
        status = wt_eval_compare(&file[0], &file[1], s->files.word,
                                 (uint64_t)s->measure.common.seed, s->json);
    } else if (!status) {
        status =
            s->merge ? merge(s, file, &result) : wt_eval_measure(&s->measure, &dataset, &result);
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
