/* What a training run goes on from: numbers of its metadata, and the arrays of a network of two
 * parameters with what AdamW keeps of them. */
#include "fuzz_file.h"

#include <math.h>

#include "tape/optimiser.h"
#include "train/train_internal.h"

static struct wt_train run;
static char folder[64];

/* The run's folder has one file: a link to the bytes. */
static void start(const char *path)
{
    static float weight[2] = {1, 2}, bias[1] = {3};
    static struct wt_graph graph;
    static struct wt_recipe recipe = {.batch = 2};
    const struct wt_tape_options o = {
        .batch = 1, .threads = 1, .level = WT_CPU_C, .momentum = 0.1f};
    struct wt_optimiser_options adam = wt_optimiser_defaults(WT_OPTIMISER_ADAMW);
    char link[96];
    adam.average = 0.9;
    wt_graph_init(&graph);
    const int x = wt_graph_input(&graph, 4, 4, 2);
    wt_graph_output(&graph, wt_graph_conv(&graph, "conv", x, 1, 1, 1, 0, weight, bias));
    snprintf(folder, sizeof folder, "/tmp/wingtip-fuzz-XXXXXX");
    if (wt_tape_create(&run.tape, &graph, &o) ||
        wt_optimiser_create(&run.optimiser, run.tape, &adam) || !mkdtemp(folder))
        abort();
    snprintf(link, sizeof link, "%s/state.safetensors", folder);
    if (symlink(path, link))
        abort();
    run.recipe = &recipe;
    run.options.folder = folder;
}

static void end(void)
{
    char link[96];
    snprintf(link, sizeof link, "%s/state.safetensors", folder);
    unlink(link);
    rmdir(folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path = fuzz_path(data, size);
    if (!run.tape) {
        start(path);
        atexit(end);
    }
    const enum wt_status status = wt_train_load(&run);
    fuzz_said(status);
    if (status)
        return 0;
    /* What was taken is what a run can go on from. */
    if (!(run.best >= 0) || run.nme < 0 || !(run.seconds >= 0) || run.worse < 0)
        abort();
    for (int i = 0; i < wt_tape_params(run.tape); i++)
        for (size_t k = 0; k < wt_tape_param(run.tape, i)->count; k++)
            if (!isfinite(wt_tape_param(run.tape, i)->value[k]))
                abort();
    return 0;
}
