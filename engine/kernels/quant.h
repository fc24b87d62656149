/* How int8 convolutions turn numbers into integers: the one definition that the kernels, the
 * calibration and the weights files share, so that all of them get the same integers.
 *
 * Inputs: q = round(x / scale) + zero, clamped to 0..255, with a scale and a zero point per input
 * channel. Weights: w * (scale of their input channel), then q = round(w / s) in -127..127 with one
 * s per output channel. So x * w = (q - zero) * q * s summed in integers, s applied at the end.
 * Pure functions. */
#ifndef WT_ENGINE_QUANT_H
#define WT_ENGINE_QUANT_H

#include <math.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct wt_quant {
    float scale; /* of one step; above 0 */
    int zero;    /* the integer that means 0: 0..255 */
};

/* Can a channel be quantised to this range? It holds 0, so that 0 has an integer of its own, and is
 * wide enough for 1 / scale to be finite. */
static inline bool wt_quant_range_valid(float low, float high)
{
    return low <= 0 && high >= 0 && isnormal((high - low) / 255) && isnormal(255 / (high - low));
}

/* range: a valid one. */
static inline struct wt_quant wt_quant_range(float low, float high)
{
    float scale = (high - low) / 255;
    return (struct wt_quant){scale, (int)lrintf(-low / scale)};
}

/* Scale of an output channel whose largest folded weight has this magnitude. */
static inline float wt_quant_weight_scale(float largest)
{
    return isnormal(largest / 127) ? largest / 127 : 1;
}

static inline int wt_quant_weight(float folded, float scale)
{
    float q = rintf(folded / scale);
    return q > 127 ? 127 : q < -127 ? -127 : (int)q;
}

#ifdef __cplusplus
}
#endif
#endif
