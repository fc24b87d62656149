#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/status.h"
#include "bench/cmd_bench.h"

/* Sums over the steps that use the same kernel. */
struct group {
    const char *kernel;
    int steps;
    double ms, macs; /* one pass; one image */
};

static int by_time(const void *a, const void *b)
{
    double x = ((const struct group *)a)->ms, y = ((const struct group *)b)->ms;
    return (x < y) - (x > y);
}

/* Steps that use no kernel of the table (pooling, upsampling, ...) share one name. */
static const char *kernel_name(struct wt_step_info step)
{
    return step.kernel ? step.kernel : "others";
}

static double step_ms(struct wt_step_info step)
{
    return step.runs ? step.ms / step.runs : 0;
}

/* Returns the groups, slowest first, for the caller to free; NULL: out of memory. */
static struct group *group_steps(const struct wt_net *net, int *count, double *total)
{
    int steps = wt_net_steps(net), n = 0;
    struct group *g = calloc((size_t)steps + 1, sizeof *g);
    *total = 0;
    for (int i = 0; g && i < steps; i++) {
        struct wt_step_info step = wt_net_step(net, i);
        int k = 0;
        while (k < n && strcmp(g[k].kernel, kernel_name(step)) != 0)
            k++;
        n += k == n;
        g[k].kernel = kernel_name(step);
        g[k].steps++;
        g[k].ms += step_ms(step);
        g[k].macs += step.macs;
        *total += step_ms(step);
    }
    if (g)
        qsort(g, (size_t)n, sizeof *g, by_time);
    *count = n;
    return g;
}

static double gflops(double macs, int batch, double ms)
{
    return ms > 0 ? 2 * macs * batch / ms * 1e-6 : 0;
}

static void print_row(const char *name, int steps, double ms, double total, double rate)
{
    printf("  %-34s", name);
    if (steps > 0)
        printf(" %6d", steps);
    printf(" %9.3f %6.1f %%", ms, total > 0 ? 100 * ms / total : 0);
    if (rate > 0)
        printf(" %9.1f", rate);
    putchar('\n');
}

static void print_steps(const struct wt_bench_report *r)
{
    int n;
    double total;
    struct group *g = group_steps(r->net, &n, &total);
    if (!g) {
        wt_fail(WT_ERR_MEMORY, "out of memory");
        return;
    }
    printf("\n  %-34s %6s %9s %8s %9s\n", "kernel", "steps", "ms", "share", "GFLOP/s");
    for (int i = 0; i < n; i++)
        print_row(g[i].kernel, g[i].steps, g[i].ms, total, gflops(g[i].macs, r->batch, g[i].ms));
    free(g);
    if (!r->steps)
        return;
    printf("\n  %-34s %9s %8s %9s\n", "step", "ms", "share", "GFLOP/s");
    for (int i = 0; i < wt_net_steps(r->net); i++) {
        struct wt_step_info step = wt_net_step(r->net, i);
        print_row(step.name, 0, step_ms(step), total, gflops(step.macs, r->batch, step_ms(step)));
    }
}

static void print_memory(const struct wt_bench_report *r)
{
    const double mb = 1e-6;
    printf("Memory     weights %.1f MB, activations %.1f MB; process %.1f MB, at most %.1f MB\n",
           (double)wt_net_weight_bytes(r->net) * mb, (double)wt_net_buffer_bytes(r->net) * mb,
           (double)r->resident * mb, (double)r->resident_peak * mb);
}

void wt_bench_print(const struct wt_bench_report *r)
{
    const struct wt_arch *arch = wt_net_arch(r->net);
    const struct wt_cpu *cpu = wt_cpu_get();
    double rate = gflops(r->macs, r->batch, r->median);
    int threads = wt_net_threads(r->net);
    printf("Processor  %s: %d cores, %d threads; used: %d thread%s, %s with %s kernels\n",
           cpu->brand, cpu->cores, cpu->threads, threads, threads == 1 ? "" : "s",
           wt_precision_name(wt_net_precision(r->net)), wt_cpu_level_name(wt_net_level(r->net)));
    printf("Network    %s: %d stack%s of width %d, %d points, input %d; %.2f GMAC a face\n",
           r->model, arch->stacks, arch->stacks == 1 ? "" : "s", arch->width, arch->points,
           arch->input, wt_net_macs(r->net) * 1e-9);
    printf("Loading    %.1f ms to read, %.1f ms to prepare\n", r->load_ms, r->prepare_ms);
    print_memory(r);
    if (r->stacks)
        printf("Stacks     the first %d only: %.2f GMAC a face\n", r->stacks, r->macs * 1e-9);
    printf("Latency    min %.2f, median %.2f, p95 %.2f ms a pass of %d (%d runs)\n", r->min,
           r->median, r->p95, r->batch, r->runs);
    if (r->pause) {
        const double after = wt_bench_median(r->after, r->runs);
        printf(
            "Pause      after %d ms: min %.2f, median %.2f ms, %.2f times that of back to back\n",
            r->pause, r->after[0], after, after / r->median);
    }
    printf("Rate       %.2f faces/s, %.1f GFLOP/s", 1000 * r->batch / r->median, rate);
    if (r->peak.gflops > 0)
        printf(": %.0f %% of %.1f\n           (%s)\n", 100 * rate / r->peak.gflops, r->peak.gflops,
               r->peak.how);
    else
        printf(" (%s: no reference)\n", r->peak.how);
    print_steps(r);
}

static void add_steps(cJSON *j, const struct wt_bench_report *r)
{
    cJSON *steps = cJSON_AddArrayToObject(j, "steps");
    for (int i = 0; i < wt_net_steps(r->net); i++) {
        struct wt_step_info step = wt_net_step(r->net, i);
        cJSON *o = cJSON_CreateObject();
        cJSON_AddStringToObject(o, "name", step.name);
        cJSON_AddStringToObject(o, "kernel", kernel_name(step));
        wt_json_number(o, "mmac", step.macs * 1e-6, 6);
        wt_json_number(o, "ms", step_ms(step), 5);
        cJSON_AddItemToArray(steps, o);
    }
}

enum wt_status wt_bench_write_json(const struct wt_bench_report *r, const char *path)
{
    const struct wt_arch *arch = wt_net_arch(r->net);
    double rate = gflops(r->macs, r->batch, r->median);
    cJSON *j = cJSON_CreateObject();
    cJSON_AddStringToObject(j, "version", WT_VERSION);
    cJSON_AddStringToObject(j, "cpu", wt_cpu_get()->brand);
    cJSON_AddStringToObject(j, "kernels", wt_cpu_level_name(wt_net_level(r->net)));
    cJSON_AddStringToObject(j, "precision", wt_precision_name(wt_net_precision(r->net)));
    cJSON_AddStringToObject(j, "model", r->model);
    const struct {
        const char *name;
        double value;
    } numbers[] = {
        {"threads", wt_net_threads(r->net)},
        {"stacks", arch->stacks},
        {"width", arch->width},
        {"points", arch->points},
        {"input", arch->input},
        {"batch", r->batch},
        {"runs", r->runs},
        {"stacks_run", r->stacks ? r->stacks : arch->stacks},
        {"gmac", r->macs * 1e-9},
        {"load_ms", r->load_ms},
        {"prepare_ms", r->prepare_ms},
        {"min_ms", r->min},
        {"median_ms", r->median},
        {"p95_ms", r->p95},
        {"faces_per_second", 1000 * r->batch / r->median},
        {"gflops", rate},
        {"peak_gflops", r->peak.gflops > 0 ? r->peak.gflops : (double)NAN},
        {"weight_bytes", (double)wt_net_weight_bytes(r->net)},
        {"activation_bytes", (double)wt_net_buffer_bytes(r->net)},
        {"resident_bytes", (double)r->resident},
        {"resident_peak_bytes", (double)r->resident_peak},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        wt_json_number(j, numbers[i].name, numbers[i].value, 10);
    wt_json_number(j, "other_processors", r->others, 3);
    cJSON_AddBoolToObject(j, "disturbed", r->disturbed);
    if (r->pause) {
        const double after = wt_bench_median(r->after, r->runs);
        wt_json_number(j, "pause_ms", r->pause, 10);
        wt_json_number(j, "pause_min_ms", r->after[0], 10);
        wt_json_number(j, "pause_median_ms", after, 10);
        wt_json_number(j, "pause_ratio", after / r->median, 4);
    }
    cJSON_AddStringToObject(j, "peak", r->peak.how);
    add_steps(j, r);
    return wt_json_write(j, path);
}
