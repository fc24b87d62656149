/* Our engine as one of the processes that peers.py lets take turns; the conversation is described
 * in serve.py. Takes the common options of the program: ours --model FILE [--precision P]
 * [--cpu-mask LEVEL] [--threads N] [--batch N] [--stacks N] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/status.h"
#include "bench/peak.h"
#include "cli/options.h"
#include "face/crop.h"
#include "net/net.h"
#include "weights/file.h"

enum { WARM_UP = 2, WARM_UP_US = 100000 }; /* see serve.py */
enum { MAP_MAX = WT_INPUT_MAX / WT_CELL * (WT_INPUT_MAX / WT_CELL) };

struct settings {
    struct wt_common common;
    int batch, stacks;
    bool machine;
};

#define AT(field) offsetof(struct settings, field)
static const struct wt_option options[] = {
    {WT_OPTION_INT, "--batch", 0, AT(batch), "N", "faces in one pass", 1, 16},
    {WT_OPTION_INT, "--stacks", 0, AT(stacks), "N", "stacks to run; 0: all", 0, WT_STACKS_MAX},
    {WT_OPTION_FLAG, "--machine", 0, AT(machine), NULL, "what the processor can do at most"},
    {.name = NULL},
};
#undef AT

static void defaults(void *settings)
{
    ((struct settings *)settings)->batch = 1;
}

static enum wt_status answer(cJSON *j)
{
    char *text = cJSON_PrintUnformatted(j);
    enum wt_status status = text ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory");
    if (text && (puts(text) < 0 || fflush(stdout)))
        status = wt_fail(WT_ERR_IO, "standard output: the answer could not be written");
    free(text);
    cJSON_Delete(j);
    return status;
}

static enum wt_status describe_machine(const struct settings *s)
{
    static const enum wt_precision precision[] = {WT_PRECISION_F32, WT_PRECISION_BF16,
                                                  WT_PRECISION_INT8};
    const struct wt_cpu *cpu = wt_cpu_get();
    cJSON *j = cJSON_CreateObject(), *peaks = cJSON_AddObjectToObject(j, "peaks");
    cJSON_AddStringToObject(j, "cpu", cpu->brand);
    wt_json_number(j, "cores", cpu->cores, 6);
    for (size_t i = 0; i < sizeof precision / sizeof *precision; i++) {
        struct wt_peak peak =
            wt_peak_measure(precision[i], cpu->level, wt_cpu_threads(s->common.threads));
        cJSON *o = cJSON_AddObjectToObject(peaks, wt_precision_name(precision[i]));
        wt_json_number(o, "gflops", peak.gflops, 6);
        cJSON_AddStringToObject(o, "how", peak.how);
    }
    return answer(j);
}

/* The kernel that does most of the multiplying. */
static const char *main_kernel(const struct wt_net *net)
{
    const char *best = "";
    double most = 0;
    for (int i = 0; i < wt_net_steps(net); i++) {
        const char *kernel = wt_net_step(net, i).kernel;
        double macs = 0;
        for (int k = 0; kernel && k < wt_net_steps(net); k++) {
            struct wt_step_info step = wt_net_step(net, k);
            macs += step.kernel && strcmp(step.kernel, kernel) == 0 ? step.macs : 0;
        }
        if (macs > most) {
            most = macs;
            best = kernel;
        }
    }
    return best;
}

static enum wt_status load(const struct settings *s, struct wt_net **net)
{
    struct wt_net_options with = {.threads = s->common.threads,
                                  .batch = s->batch,
                                  .precision = (enum wt_precision)s->common.precision};
    struct wt_weights *weights = NULL;
    cJSON *j;
    int64_t before = wt_process_memory("VmRSS"), start = wt_now_us();
    enum wt_status status = wt_cpu_parse_level(s->common.cpu_mask, &with.level);
    if (!status)
        status = wt_weights_load(&weights, s->common.model);
    if (!status)
        status = wt_net_create(net, weights, &with);
    wt_weights_destroy(&weights);
    if (status)
        return status;
    j = cJSON_CreateObject();
    wt_json_number(j, "load_ms", (double)(wt_now_us() - start) * 1e-3, 6);
    wt_json_number(j, "resident_before", (double)before, 12);
    cJSON_AddStringToObject(j, "version", wt_version());
    cJSON_AddStringToObject(j, "instructions", main_kernel(*net));
    return answer(j);
}

static enum wt_status time_passes(struct wt_net *net, const struct settings *s,
                                  const uint8_t *noise, int passes)
{
    cJSON *j = cJSON_CreateObject(), *ms = cJSON_AddArrayToObject(j, "ms");
    enum wt_status status = WT_OK;
    int64_t begin = wt_now_us();
    for (int i = 0; (i < WARM_UP || wt_now_us() - begin < WARM_UP_US) && !status; i++)
        status = wt_net_forward_u8(net, noise, s->batch, s->stacks);
    for (int i = 0; i < passes && !status; i++) {
        int64_t start = wt_now_us();
        status = wt_net_forward_u8(net, noise, s->batch, s->stacks);
        cJSON_AddItemToArray(ms, cJSON_CreateNumber((double)(wt_now_us() - start) * 1e-3));
    }
    wt_json_number(j, "resident", (double)wt_process_memory("VmRSS"), 12);
    wt_json_number(j, "resident_peak", (double)wt_process_memory("VmHWM"), 12);
    if (!status)
        return answer(j);
    cJSON_Delete(j);
    return status;
}

/* The maps channel by channel, as the other engines have them. */
static void put_maps(struct wt_file_writer *file, const struct wt_net *net, int n)
{
    const struct wt_arch *arch = wt_net_arch(net);
    static float plane[MAP_MAX];
    const size_t cells = (size_t)wt_map_cells(arch->input);
    for (int stack = 0; stack < arch->stacks; stack++)
        for (int image = 0; image < n; image++)
            for (int c = 0; c <= arch->points; c++) {
                int stride;
                const float *maps = wt_net_maps(net, image, stack, &stride);
                for (size_t i = 0; i < cells; i++)
                    plane[i] = maps[i * (size_t)stride + (size_t)c];
                wt_file_writer_put(file, plane, cells * sizeof *plane);
            }
}

static enum wt_status write_maps(struct wt_net *net, const struct settings *s, const char *in,
                                 const char *out)
{
    uint8_t *images = NULL;
    size_t size, wanted = (size_t)s->batch * WT_CROP_BYTES(wt_net_arch(net)->input) * sizeof(float);
    struct wt_file_writer file = {0};
    enum wt_status status = wt_file_read(in, wanted, &images, &size);
    if (!status && size != wanted)
        status = wt_fail(WT_ERR_FORMAT, "%s: not %d images", in, s->batch);
    if (!status)
        status = wt_net_forward_f32(net, (const float *)images, s->batch, 0);
    if (!status)
        status = wt_file_writer_init(&file, out);
    if (!status) {
        put_maps(&file, net, s->batch);
        status = wt_file_writer_commit(&file);
    }
    wt_file_writer_fini(&file);
    free(images);
    return status ? status : answer(cJSON_CreateObject());
}

static enum wt_status converse(struct wt_net *net, const struct settings *s, const uint8_t *noise)
{
    char line[8192], in[4096], out[4096];
    int passes;
    enum wt_status status = wt_net_forward_u8(net, noise, s->batch, s->stacks);
    while (!status && fgets(line, sizeof line, stdin))
        if (sscanf(line, "time %d", &passes) == 1)
            status = time_passes(net, s, noise, passes);
        else if (sscanf(line, "maps %4095s %4095s", in, out) == 2)
            status = write_maps(net, s, in, out);
        else
            status = wt_fail(WT_ERR_ARGUMENT, "not understood: %s", line);
    return status;
}

static int run(void *settings)
{
    const struct settings *s = settings;
    if (s->machine)
        return wt_exit_status(describe_machine(s));
    struct wt_net *net = NULL;
    size_t n = (size_t)s->batch * WT_CROP_BYTES(WT_INPUT_MAX); /* enough for any network */
    uint8_t *noise = malloc(n);
    uint32_t x = 1;
    enum wt_status status = noise ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory");
    for (size_t i = 0; noise && i < n; i++)
        noise[i] = (uint8_t)((x = x * 1664525u + 1013904223u) >> 24);
    if (!status && !s->common.model)
        status = wt_fail(WT_ERR_ARGUMENT, "--model is missing");
    if (!status)
        status = load(s, &net);
    if (!status)
        status = converse(net, s, noise);
    wt_net_destroy(&net);
    free(noise);
    return wt_exit_status(status);
}

int main(int argc, char **argv)
{
    const struct wt_command command = {
        .name = "ours",
        .summary = "Time passes when told.",
        .option = options,
        .common = true,
        .settings_size = sizeof(struct settings),
        .defaults = defaults,
        .run = run,
    };
    return wt_command_main(&command, argc - 1, argv + 1);
}
