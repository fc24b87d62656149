#include "net/net.h"

#include <stdlib.h>

#include "plan/plan.h"

struct wt_net {
    struct wt_arch arch;
    struct wt_plan *plan;
    struct wt_plan_options options;
    enum wt_precision precision;
    double macs;
    int ran; /* stacks of the last forward pass */
};

enum wt_status wt_net_create(struct wt_net **out, const struct wt_weights *w,
                             const struct wt_net_options *options)
{
    struct wt_net *net = NULL;
    struct wt_graph g;
    wt_graph_init(&g);
    int batch = options->batch ? options->batch : 1;
    if (batch < 1 || batch > 16 || options->threads < 0)
        return wt_fail(WT_ERR_ARGUMENT, "batch %d, %d threads: batch must be 1 to 16", batch,
                       options->threads);
    enum wt_status s = WT_OK;
    net = calloc(1, sizeof *net);
    if (!net)
        s = wt_fail(WT_ERR_MEMORY, "out of memory for the network");
    if (s == WT_OK)
        s = wt_arch_from_weights(w, &net->arch);
    if (s == WT_OK)
        s = wt_hourglass_graph(w, &g);
    if (s == WT_OK) {
        bool calibrated = wt_graph_calibrated(&g);
        net->precision = wt_precision_choose(options->precision, options->level, calibrated, NULL);
        if (net->precision == WT_PRECISION_INT8 && !calibrated)
            s = wt_fail(WT_ERR_UNSUPPORTED,
                        "%s: not calibrated for int8; wingtip model quantize makes a file that is",
                        w->path ? w->path : "weights");
    }
    if (s == WT_OK) {
        static const enum wt_type type[] = {[WT_PRECISION_F32] = WT_F32,
                                            [WT_PRECISION_BF16] = WT_BF16,
                                            [WT_PRECISION_INT8] = WT_U8};
        net->options = (struct wt_plan_options){.threads = wt_cpu_threads(options->threads),
                                                .batch = batch,
                                                .level = options->level,
                                                .type = type[net->precision]};
        net->macs = wt_graph_macs(&g);
        s = wt_plan_create(&net->plan, &g, &net->options);
    }
    wt_graph_fini(&g);
    if (s == WT_OK)
        *out = net;
    else
        wt_net_destroy(&net);
    return s;
}

enum wt_status wt_net_twin(struct wt_net **out, const struct wt_net *of, int batch)
{
    struct wt_net *net = malloc(sizeof *net);
    if (!net)
        return wt_fail(WT_ERR_MEMORY, "out of memory for the network");
    *net = *of;
    net->options.threads = 1;
    net->options.batch = batch;
    net->plan = NULL;
    enum wt_status s = wt_plan_twin(&net->plan, of->plan, 1, batch);
    if (s == WT_OK)
        *out = net;
    else
        wt_net_destroy(&net);
    return s;
}

void wt_net_destroy(struct wt_net **net)
{
    if (!*net)
        return;
    wt_plan_destroy(&(*net)->plan);
    free(*net);
    *net = NULL;
}

const struct wt_arch *wt_net_arch(const struct wt_net *net)
{
    return &net->arch;
}

int wt_net_threads(const struct wt_net *net)
{
    return net->options.threads;
}

void wt_net_limit_threads(struct wt_net *net, int threads)
{
    wt_plan_limit_threads(net->plan, threads);
}

enum wt_cpu_level wt_net_level(const struct wt_net *net)
{
    return net->options.level;
}

enum wt_precision wt_precision_choose(enum wt_precision wanted, enum wt_cpu_level level,
                                      bool calibrated, const char **why)
{
    static const char *const reason[] = {
        "asked for by --precision",
        "the fastest here, and the weights are calibrated for it",
        "AMX makes bfloat16 several times faster than float32; for int8, which is faster still, "
        "the weights are not calibrated",
        "int8 would be faster, but the weights are not calibrated for it",
        "bytes and bfloat16 are not faster with these instructions",
    };
    bool amx = wt_cpu_level_includes(level, WT_CPU_AMX);
    /* Measured on SSE2 (half the time of f32) and AVX2 (two thirds). AVX-512 without VNNI
     * multiplies bytes by AVX2's kernels and float32 by its own; NEON's products of 16 bits are no
     * wider than those of float32. */
    bool bytes = level == WT_CPU_SSE2 || level == WT_CPU_AVX2 ||
                 wt_cpu_level_includes(level, WT_CPU_AVXVNNI) ||
                 wt_cpu_level_includes(level, WT_CPU_AVX512VNNI) ||
                 wt_cpu_level_includes(level, WT_CPU_DOTPROD);
    int which = wanted != WT_PRECISION_AUTO ? 0 : bytes && calibrated ? 1 : amx ? 2 : bytes ? 3 : 4;
    static const enum wt_precision choice[] = {WT_PRECISION_AUTO, WT_PRECISION_INT8,
                                               WT_PRECISION_BF16, WT_PRECISION_F32,
                                               WT_PRECISION_F32};
    if (why)
        *why = reason[which];
    return which == 0 ? wanted : choice[which];
}

const char *wt_precision_name(enum wt_precision precision)
{
    static const char *const name[] = {"auto", "f32", "bf16", "int8"};
    return name[precision];
}

enum wt_precision wt_net_precision(const struct wt_net *net)
{
    return net->precision;
}

/* Either bytes or floats. */
static enum wt_status forward(struct wt_net *net, const uint8_t *bytes, const float *floats, int n,
                              int stacks)
{
    if (n < 1 || n > net->options.batch || stacks < 0 || stacks > net->arch.stacks)
        return wt_fail(WT_ERR_ARGUMENT,
                       "forward pass of %d images and %d stacks: at most %d and %d", n, stacks,
                       net->options.batch, net->arch.stacks);
    const size_t image = (size_t)net->arch.input * (size_t)net->arch.input * 3;
    for (int i = 0; i < n; i++) {
        if (bytes)
            wt_plan_input_u8(net->plan, i, bytes + (size_t)i * image);
        else
            wt_plan_input_f32(net->plan, i, floats + (size_t)i * image);
    }
    net->ran = stacks ? stacks : net->arch.stacks;
    wt_plan_run(net->plan, n, net->ran - 1);
    return WT_OK;
}

enum wt_status wt_net_forward_u8(struct wt_net *net, const uint8_t *rgb, int n, int stacks)
{
    return forward(net, rgb, NULL, n, stacks);
}

enum wt_status wt_net_forward_f32(struct wt_net *net, const float *rgb, int n, int stacks)
{
    return forward(net, NULL, rgb, n, stacks);
}

const float *wt_net_maps(const struct wt_net *net, int image, int stack, int *stride)
{
    return wt_plan_output(net->plan, stack < 0 ? net->ran - 1 : stack, image, stride);
}

void wt_net_profile(struct wt_net *net, bool on)
{
    wt_plan_profile(net->plan, on);
}

int wt_net_steps(const struct wt_net *net)
{
    return wt_plan_steps(net->plan);
}

struct wt_step_info wt_net_step(const struct wt_net *net, int i)
{
    struct wt_plan_step_info s = wt_plan_step(net->plan, i);
    return (struct wt_step_info){s.name, s.kernel, s.macs, s.ms, s.runs};
}

double wt_net_macs(const struct wt_net *net)
{
    return net->macs;
}

size_t wt_net_weight_bytes(const struct wt_net *net)
{
    return wt_plan_weight_bytes(net->plan);
}

size_t wt_net_buffer_bytes(const struct wt_net *net)
{
    return wt_plan_buffer_bytes(net->plan);
}
