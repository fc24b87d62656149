/* Weights of a 1x1 convolution for products of bytes that are added to each other in 16 bits, as
 * x86 makes them (VPMADDUBSW): how they lie in memory, and how that is chosen.
 *
 * Four inputs in order are a quad. It makes two sums of 16 bits an output: of inputs 0 and 1, and
 * of 2 and 3. A run is up to four quads, in any order, whose sums still fit when they are added:
 * the weights of one sign sum up to +-128 at most in each of them, as inputs are 0..255. Then only
 * each run, not each quad, is widened to 32 bits. That a quad of its own fits is quant.h's doing.
 * Pure functions. */
#ifndef WT_ENGINE_RUNS_H
#define WT_ENGINE_RUNS_H

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

enum { WT_RUNS_INPUTS = 256, WT_RUNS_OUTPUTS = 8, WT_RUN_QUADS = 4, WT_RUN_SUM = 128 };

/* The weights of 8 outputs; quads of the longest runs first. */
struct wt_runs {
    int32_t runs[WT_RUN_QUADS];      /* how many of 4, 3, 2 and 1 quads */
    uint16_t at[WT_RUNS_INPUTS / 4]; /* first input of each quad */
    alignas(32) int8_t weight[][WT_RUNS_OUTPUTS][4];
};

/* Bytes of a panel of k inputs, a multiple of 4 up to WT_RUNS_INPUTS, and nr outputs, a multiple of
 * 8; and of the block of outputs c..c+7 in it. */
size_t wt_runs_bytes(int k, int nr);
static inline const struct wt_runs *wt_runs_block(const void *panel, int k, int c)
{
    return (const struct wt_runs *)((const char *)panel +
                                    (size_t)c / WT_RUNS_OUTPUTS *
                                        (sizeof(struct wt_runs) + (size_t)k * WT_RUNS_OUTPUTS));
}

/* Weight of input i and output c into a panel of zeros, and once all are there, their order. */
void wt_runs_put(void *panel, int k, int i, int c, int weight);
void wt_runs_choose(void *panel, int k, int nr);

#endif
