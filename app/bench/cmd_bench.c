#include "bench/cmd_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/outputs.h"
#include "base/sort.h"
#include "base/status.h"
#include "bench/load.h"
#include "cli/options.h"
#include "face/crop.h"
#include "measure/calibrate.h"

enum { WARM_UP = 3, PROFILED = 10 };

struct settings {
    struct wt_common common;
    const char *random, *save, *json;
    int runs, batch, stacks, pause;
    bool steps;
};

#define AT(field) offsetof(struct settings, field)
static const struct wt_option options[] = {
    {WT_OPTION_STRING, "--random", 0, AT(random), "SxW[xP][@I]",
     "random weights instead of a file: S stacks of width W with P points (98) and crops of I "
     "pixels a side (128, 192 or 256, the default), such as 4x256 or 2x128@128"},
    {WT_OPTION_STRING, "--save", 0, AT(save), "FILE", "write the random weights to a file"},
    {WT_OPTION_INT, "--runs", 0, AT(runs), "N", "passes to time", 1, 100000},
    {WT_OPTION_INT, "--batch", 0, AT(batch), "N", "faces in one pass", 1, 16},
    {WT_OPTION_INT, "--stacks", 0, AT(stacks), "N", "run the first N stacks only; 0: all", 0,
     WT_STACKS_MAX},
    {WT_OPTION_INT, "--pause", 0, AT(pause), "MS",
     "also time passes after a pause, as between the frames of a camera (33), alternating with "
     "passes back to back",
     0, 10000},
    {WT_OPTION_FLAG, "--steps", 0, AT(steps), NULL, "list every step of the network"},
    {WT_OPTION_STRING, "--json", 0, AT(json), "FILE",
     "write the figures as JSON; -: to standard output, instead of the text"},
    {.name = NULL},
};
#undef AT

static void defaults(void *settings)
{
    struct settings *s = settings;
    s->runs = 30;
    s->batch = 1;
}

static double ms_since(int64_t start_us)
{
    return (double)(wt_now_us() - start_us) * 1e-3;
}

/* "4x256", "4x256x68", either with "@128" behind it */
static bool parse_arch(const char *text, struct wt_arch *arch)
{
    int end = 0, more = 0;
    *arch = (struct wt_arch){.points = 98, .input = WT_INPUT_DEFAULT};
    if (sscanf(text, "%4dx%4d%n", &arch->stacks, &arch->width, &end) != 2)
        return false;
    if (sscanf(text + end, "x%4d%n", &arch->points, &more) == 1)
        end += more;
    if (sscanf(text + end, "@%4d%n", &arch->input, &more) == 1)
        end += more;
    return !text[end];
}

static enum wt_status load_weights(const struct settings *s, const char **name,
                                   struct wt_weights **out)
{
    struct wt_arch arch;
    if (!s->random) {
        *name = wt_common_model_path(&s->common);
        return *name ? wt_weights_load(out, *name) : WT_ERR_IO;
    }
    *name = "random weights";
    if (!parse_arch(s->random, &arch))
        return wt_fail(WT_ERR_ARGUMENT, "--random: \"%s\" is not stacks x width, such as 4x256",
                       s->random);
    enum wt_status status = wt_weights_create(out);
    if (!status)
        status = wt_hourglass_random(*out, &arch, (uint64_t)s->common.seed);
    return status;
}

/* Random weights get int8 ranges if int8 may be used; saved weights contain them. */
static enum wt_status finish_random(const struct settings *s, const struct wt_net_options *with,
                                    struct wt_weights *weights)
{
    enum wt_status status = WT_OK;
    if (with->precision == WT_PRECISION_AUTO || with->precision == WT_PRECISION_INT8)
        status = wt_calibrate_noise(weights, with->threads, with->level);
    if (!status && s->save)
        status = wt_weights_save(weights, s->save);
    return status;
}

/* Crops of noise: the time of a pass does not depend on their contents. */
static uint8_t *make_input(int batch, int input)
{
    size_t n = (size_t)batch * WT_CROP_BYTES(input);
    uint8_t *rgb = malloc(n);
    uint32_t x = 1;
    for (size_t i = 0; rgb && i < n; i++)
        rgb[i] = (uint8_t)((x = x * 1664525u + 1013904223u) >> 24);
    return rgb;
}

/* Share of the multiply-accumulates; plans merge some, so the sum over steps is not the network's
 * count. */
static double share_that_ran(const struct wt_net *net)
{
    double ran = 0, all = 0;
    for (int i = 0; i < wt_net_steps(net); i++) {
        struct wt_step_info step = wt_net_step(net, i);
        ran += step.runs ? step.macs : 0;
        all += step.macs;
    }
    return ran / all;
}

double wt_bench_median(const double *ms, int n)
{
    return (ms[(n - 1) / 2] + ms[n / 2]) / 2;
}

static enum wt_status time_pass(struct wt_net *net, const uint8_t *rgb,
                                const struct wt_bench_report *r, double *ms)
{
    int64_t start = wt_now_us();
    enum wt_status status = wt_net_forward_u8(net, rgb, r->batch, r->stacks);
    *ms = ms_since(start);
    return status;
}

/* With a pause passes alternate: one after the pause, one back to back with it. */
static enum wt_status time_passes(struct wt_net *net, const uint8_t *rgb, struct wt_bench_report *r)
{
    struct wt_load load;
    double warm;
    enum wt_status status = WT_OK;
    for (int i = 0; i < r->warm_up && !status; i++)
        status = time_pass(net, rgb, r, &warm);
    wt_load_start(&load);
    for (int i = 0; i < r->runs && !status; i++) {
        if (r->pause) {
            usleep((useconds_t)r->pause * 1000);
            status = time_pass(net, rgb, r, &r->after[i]);
        }
        if (!status)
            status = time_pass(net, rgb, r, &r->ms[i]);
    }
    r->others = wt_load_of_others(&load);
    r->disturbed = wt_load_disturbs(r->others, wt_net_threads(net));
    return status;
}

/* Times the passes, then profiles more of them: timing each step costs a little. */
static enum wt_status measure(struct wt_net *net, struct wt_bench_report *r)
{
    uint8_t *rgb = make_input(r->batch, wt_net_arch(net)->input);
    enum wt_status status = rgb ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory");
    if (!status)
        status = time_passes(net, rgb, r);
    wt_net_profile(net, true);
    for (int i = 0; i < PROFILED && i < r->runs && !status; i++)
        status = wt_net_forward_u8(net, rgb, r->batch, r->stacks);
    free(rgb);
    wt_sort_doubles(r->ms, (size_t)r->runs);
    if (r->pause)
        wt_sort_doubles(r->after, (size_t)r->runs);
    r->min = r->ms[0];
    r->median = wt_bench_median(r->ms, r->runs);
    r->macs = wt_net_macs(net) * share_that_ran(net);
    r->p95 = r->ms[(r->runs * 95 + 99) / 100 - 1]; /* nearest rank */
    return status;
}

/* Two lists of times: back to back, and after the pause. */
static enum wt_status take_times(struct wt_bench_report *r)
{
    r->ms = calloc(2 * (size_t)r->runs, sizeof *r->ms);
    r->after = r->pause ? r->ms + r->runs : NULL;
    return r->ms ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory");
}

static enum wt_status show(struct wt_bench_report *r, const char *json)
{
    r->resident = wt_process_memory("VmRSS");
    r->resident_peak = wt_process_memory("VmHWM");
    r->peak =
        wt_peak_measure(wt_net_precision(r->net), wt_net_level(r->net), wt_net_threads(r->net));
    if (r->disturbed)
        wt_log(WT_LOG_WARN,
               "other programs used %.1f processors during the measurement, which slowed it down",
               r->others);
    if (!json || strcmp(json, "-") != 0)
        wt_bench_print(r);
    return json ? wt_bench_write_json(r, json) : WT_OK;
}

static enum wt_status bench(const struct settings *s)
{
    if (s->random && s->common.model)
        return wt_fail(WT_ERR_ARGUMENT, "--random and --model exclude each other");
    if (s->save && !s->random)
        return wt_fail(WT_ERR_ARGUMENT, "--save: only with --random");
    struct wt_weights *weights = NULL;
    struct wt_net *net = NULL;
    struct wt_net_options with = {.threads = s->common.threads,
                                  .batch = s->batch,
                                  .precision = (enum wt_precision)s->common.precision};
    struct wt_bench_report r = {.batch = s->batch,
                                .stacks = s->stacks,
                                .warm_up = WARM_UP,
                                .runs = s->runs,
                                .pause = s->pause,
                                .steps = s->steps};
    enum wt_status status =
        wt_outputs_check(&(struct wt_outputs){.in = {s->common.model}, .out = {s->json, s->save}});
    if (!status)
        status = wt_cpu_parse_level(s->common.cpu_mask, &with.level);

    int64_t start = wt_now_us();
    if (!status)
        status = load_weights(s, &r.model, &weights);
    r.load_ms = ms_since(start);
    if (!status && s->random)
        status = finish_random(s, &with, weights);
    start = wt_now_us();
    if (!status)
        status = wt_net_create(&net, weights, &with);
    r.prepare_ms = ms_since(start);
    wt_weights_destroy(&weights);
    if (!status)
        status = take_times(&r);
    if (!status) {
        r.net = net;
        status = measure(net, &r);
    }
    if (!status)
        status = show(&r, s->json);
    free(r.ms);
    wt_net_destroy(&net);
    return status;
}

static int run(void *settings)
{
    const struct settings *s = settings;
    return wt_exit_status(bench(s));
}

const struct wt_command wt_command_bench = {
    .name = "bench",
    .summary = "Measure the network's speed on this computer.",
    .details = "Passes are timed one by one after a warm-up, then some more with each step timed. "
               "The reference is measured in the same run with as many threads: for f32 OpenBLAS's "
               "matrix product, for the others the instruction that the kernels multiply with, in "
               "a loop on registers.",
    .option = options,
    .common = true,
    .settings_size = sizeof(struct settings),
    .defaults = defaults,
    .run = run,
};
