/* How long a step of training takes, and where the time goes:
 *   train_step [f32|bf16] [STACKS WIDTH BATCH STEPS THREADS [LEVEL]]
 * Random weights, images and targets; prints the median of the steps. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/sort.h"
#include "net/hourglass.h"
#include "tape/optimiser.h"
#include "tape/tape.h"
#include "train/loss.h"

enum { POINTS = 98, CELLS = WT_MAP_CELLS_DEFAULT };

static int number(char **argv, int argc, int i, int otherwise)
{
    return argc > i ? atoi(argv[i]) : otherwise;
}

static void one_step(struct wt_tape *tape, struct wt_optimiser *o, int batch, int stacks,
                     enum wt_cpu_level level, float *target)
{
    const struct wt_loss loss = wt_loss_defaults(WT_LOSS_AWING);
    float channel[112];
    for (int i = 0; i < 112; i++)
        channel[i] = i <= POINTS;
    wt_tape_forward(tape, batch);
    for (int k = 0; k < stacks; k++) {
        int stride;
        const float *pred = wt_tape_output(tape, k, &stride);
        struct wt_loss_maps maps = {pred, target, NULL, channel, wt_tape_output_grad(tape, k)};
        wt_loss_run(&loss, level, &maps, batch * CELLS, stride,
                    1.0f / (float)(batch * CELLS * (POINTS + 1)));
    }
    wt_tape_backward(tape);
    if (!wt_optimiser_step(o, 1e-4))
        printf("gradient of %s is not finite\n", wt_optimiser_bad(o));
}

static void show_steps(const struct wt_tape *tape, int batch)
{
    const char *what[32];
    double ms[32];
    int kinds = 0;
    for (int i = 0; i < wt_tape_steps(tape); i++) {
        const struct wt_tape_step_info s = wt_tape_step(tape, i);
        int k = 0;
        while (k < kinds && strcmp(what[k], s.what) != 0)
            k++;
        if (k == kinds) {
            what[kinds] = s.what;
            ms[kinds++] = 0;
        }
        ms[k] += s.ms;
    }
    for (int k = 0; k < kinds; k++)
        printf("  %-16s %7.2f ms a face\n", what[k], ms[k] / batch);
}

int main(int argc, char **argv)
{
    const bool bf16 = argc > 1 && strcmp(argv[1], "bf16") == 0;
    const struct wt_arch arch = {
        .stacks = number(argv, argc, 2, 1), .width = number(argv, argc, 3, 256), .points = POINTS};
    const int batch = number(argv, argc, 4, 8), steps = number(argv, argc, 5, 5);
    struct wt_tape_options options = {.batch = batch,
                                      .threads = number(argv, argc, 6, 2),
                                      .level = wt_cpu_get()->level,
                                      .bf16 = bf16,
                                      .momentum = 0.1f};
    struct wt_weights *w = NULL;
    struct wt_graph g;
    struct wt_tape *tape = NULL;
    struct wt_optimiser *optimiser = NULL;
    const struct wt_optimiser_options adamw = wt_optimiser_defaults(WT_OPTIMISER_ADAMW);
    wt_graph_init(&g);
    if ((argc > 7 && wt_cpu_parse_level(argv[7], &options.level)) || steps < 1 ||
        wt_weights_create(&w) || wt_hourglass_random(w, &arch, 1) || wt_hourglass_graph(w, &g) ||
        wt_tape_create(&tape, &g, &options) || wt_optimiser_create(&optimiser, tape, &adamw))
        return 1;
    float *target = calloc((size_t)batch * CELLS * 112, sizeof *target);
    double *ms = calloc((size_t)steps, sizeof *ms);
    if (!target || !ms)
        return 1;
    float *x = wt_tape_input(tape);
    for (size_t i = 0; i < (size_t)batch * 256 * 256 * 3; i++)
        x[i] = (float)(i * 2654435761u % 256) / 255;
    one_step(tape, optimiser, batch, arch.stacks, options.level, target);
    for (int i = 0; i < steps; i++) {
        const double begin = wt_now_ms();
        one_step(tape, optimiser, batch, arch.stacks, options.level, target);
        ms[i] = wt_now_ms() - begin;
    }
    wt_sort_doubles(ms, (size_t)steps);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%s %s, %d stacks, width %d, batch %d, %d threads: %.1f ms a face (fastest %.1f), "
           "%.2f GiB resident\n",
           bf16 ? "bf16" : "f32", wt_cpu_level_name(options.level), arch.stacks, arch.width, batch,
           options.threads, ms[steps / 2] / batch, ms[0] / batch,
           (double)usage.ru_maxrss / (1 << 20));
    show_steps(tape, batch);
    free(ms);
    free(target);
    wt_optimiser_destroy(&optimiser);
    wt_tape_destroy(&tape);
    wt_graph_fini(&g);
    wt_weights_destroy(&w);
    return 0;
}
