/* How int8 convolutions turn numbers into integers: the one definition that the kernels, the
 * calibration and the weights files share, so that all of them get the same integers.
 *
 * Inputs: q = round(x / scale) + zero, clamped to 0..255, with a scale and a zero point per input
 * channel. Weights: w * (scale of their input channel), then q = round(w / s) in -127..127 with one
 * s per output channel. So x * w = (q - zero) * q * s summed in integers, s applied at the end.
 *
 * In 1x1 convolutions s is so large that for inputs 2i and 2i + 1 the weights of one sign sum up to
 * +-128 at most. Then two products with any inputs fit 16 bits, which x86's product of bytes needs
 * (kernels/runs.h), and all levels get the same integers.
 * Pure functions. */
#ifndef WT_ENGINE_QUANT_H
#define WT_ENGINE_QUANT_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

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

/* The largest magnitude of what weights of one sign sum up to, of two. */
static inline float wt_quant_pair(float a, float b)
{
    return a * b > 0 ? fabsf(a + b) : fmaxf(fabsf(a), fabsf(b));
}

/* The largest pair of n weights, folded and divided by `scale`, rounded if that is above 0. */
static inline float wt_quant_largest_pair(const float *w, const float *input_scale, int n,
                                          float scale)
{
    float largest = 0;
    for (int i = 0; i < n; i += 2) {
        float a = w[i] * input_scale[i], b = i + 1 < n ? w[i + 1] * input_scale[i + 1] : 0;
        if (scale > 0) {
            a = (float)wt_quant_weight(a, scale);
            b = (float)wt_quant_weight(b, scale);
        }
        largest = fmaxf(largest, wt_quant_pair(a, b));
    }
    return largest;
}

/* Scale of an output channel of weights [inputs][taps]: the largest one becomes 127, of one tap the
 * largest pair, at most 128. That is exactly 127 if a scale nearby does it, as then the integers'
 * own scale is the same: weights that were quantised once become the same integers again. */
static inline float wt_quant_weights_scale(const float *w, const float *input_scale, int inputs,
                                           int taps)
{
    float largest = 0;
    for (int i = 0; taps > 1 && i < inputs; i++)
        for (int t = 0; t < taps; t++)
            largest = fmaxf(largest, fabsf(w[(size_t)i * taps + t] * input_scale[i]));
    if (taps > 1)
        return wt_quant_weight_scale(largest);
    const float first = wt_quant_weight_scale(wt_quant_largest_pair(w, input_scale, inputs, 0));
    for (int i = 0; i < 64; i++) {
        float scale = first * (1 + (float)(i % 2 ? (i + 1) / 2 : -i / 2) / 4096);
        if (wt_quant_largest_pair(w, input_scale, inputs, scale) == 127)
            return scale;
    }
    return first;
}

#ifdef __cplusplus
}
#endif
#endif
