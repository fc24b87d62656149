/* Ranges for int8: statistics of the channels of a convolution's input, and the ranges with the
 * least error.
 *
 * A range wider than what was seen costs precision of the input; one narrower clips it. Ranges also
 * scale the weights (quant.h), all inputs of an output sharing one step: a channel with large
 * weights makes that step coarse for the others unless its own range is narrow. wt_range_choose
 * weighs all of that, as SmoothQuant (G. Xiao et al., ICML 2023) does with one exponent, but
 * channel by channel, by the expected squared error of the outputs. That pairs of weights of one
 * sign make the step of a 1x1 convolution larger is left out of it.
 *
 * Not the running of the network: see calibrate.h. One thread at a time an object. */
#ifndef WT_MODEL_RANGE_H
#define WT_MODEL_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_range_stats {
    int channels;
    size_t count; /* values seen of each channel */
    float *low, *high;
    double *squares; /* sums of x * x */
    uint32_t *bin;   /* private: histograms of the magnitudes, negative ones after positive ones */
};

/* Errors: MEMORY. */
enum wt_status wt_range_stats_init(struct wt_range_stats *s, int channels);
void wt_range_stats_fini(struct wt_range_stats *s);

/* Adds n pixels, px floats apart. */
void wt_range_stats_add(struct wt_range_stats *s, const float *data, ptrdiff_t px, int n);

/* To combine what several threads have seen of one tensor. Sums of squares are rounded, so
 * that they must go over picture by picture, in the order of the pictures, for the total not to
 * depend on which thread saw what: `from` then starts at 0 again. All else is merged at the end. */
void wt_range_stats_move_squares(struct wt_range_stats *to, struct wt_range_stats *from);
void wt_range_stats_merge(struct wt_range_stats *to, const struct wt_range_stats *from);

/* Weights [outputs,inputs,taps] of a convolution of which the first `channels` inputs are meant. */
struct wt_range_weights {
    const float *weight;
    int outputs, inputs, taps;
};

/* Valid ranges (quant.h) low and high [channels] for a tensor that these convolutions read. low is
 * 0 for channels that never were negative. Errors: FORMAT (values seen were not finite), MEMORY. */
enum wt_status wt_range_choose(const struct wt_range_stats *s, const struct wt_range_weights *conv,
                               int convs, float *low, float *high);

#ifdef __cplusplus
}
#endif
#endif
