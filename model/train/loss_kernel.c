/* Built once for each instruction set, with VL (floats a vector) and WT_ISA(name) on the command
 * line. Vectors by the compiler's extension.
 *
 * Adaptive Wing without a branch: with x = min(d, theta) both pieces are
 *   L = omega ln(1 + t) + S max(d - theta, 0),  t = (x/epsilon)^e,
 *   S = omega e / epsilon * (t / (x/epsilon)) / (1 + t)
 * and S is the slope in both: A is the slope at theta, and C makes the value continuous. */
#include "train/loss_kernel.h"

#include <math.h>
#include <string.h>

typedef float vf __attribute__((vector_size(VL * 4), aligned(4), may_alias));
typedef int vi __attribute__((vector_size(VL * 4)));
typedef uint8_t vb __attribute__((vector_size(VL), aligned(1), may_alias));
#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE vf set1(float x)
{
    return x - (vf){0};
}

ALWAYS_INLINE vf pick(vi which, vf yes, vf no)
{
    return (vf)(((vi)yes & which) | ((vi)no & ~which));
}

/* Natural logarithm of positive normal numbers: x = 2^n m, m in [sqrt(1/2), sqrt(2)); ln m by a
 * polynomial fitted to it (relative error 2.5e-8 before rounding). */
ALWAYS_INLINE vf ln(vf x)
{
    const int half_root = 0x3f3504f3; /* sqrt(1/2) */
    const vi bits = (vi)x - half_root;
    const vf n = __builtin_convertvector(bits >> 23, vf);
    const vf f = (vf)((bits & 0x7fffff) + half_root) - 1.0f;
    vf p = set1(-0.0810155902f);
    p = p * f + 0.12712308f;
    p = p * f - 0.129722389f;
    p = p * f + 0.142021738f;
    p = p * f - 0.166422476f;
    p = p * f + 0.200014686f;
    p = p * f - 0.250002965f;
    p = p * f + 0.333333286f;
    const vf f2 = f * f;
    return n * 0.69314718f + (f + f2 * (f * p - 0.5f));
}

/* e^x, 0 below the normal numbers: x = n ln 2 + r (relative error 1e-8 before rounding). */
ALWAYS_INLINE vf expo(vf x)
{
    const float magic = 12582912.0f; /* 1.5 * 2^23: adding it rounds to a whole number */
    const vi tiny = x < -87.0f;
    x = pick(tiny, set1(0), x);
    const vf shifted = x * 1.44269504f + magic;
    const vf n = shifted - magic;
    const vf r = (x - n * 0.693359375f) + n * 2.12194440e-4f; /* ln 2 in two parts */
    vf p = set1(0.00139336453f);
    p = p * r + 0.00836317557f;
    p = p * r + 0.0416664649f;
    p = p * r + 0.16666577f;
    p = p * r + 0.5f;
    const vf m = 1.0f + (r + r * r * p);
    return (vf)(((vi)m + ((vi)shifted << 23)) & ~tiny);
}

struct piece {
    vf value, slope;
};

/* ln(1 + t) to full relative precision, given u = 1 + t as rounded and 1 / u. */
ALWAYS_INLINE vf ln_1_plus(vf t, vf u, vf inverse)
{
    return ln(u) + (t - (u - 1.0f)) * inverse;
}

ALWAYS_INLINE struct piece awing(const struct wt_loss *l, vf d, vf y)
{
    const float least = 1e-18f; /* its powers are still normal numbers */
    const vf e = l->alpha - y;
    vf x = pick(d < l->theta, d, set1(l->theta)) * (1.0f / l->epsilon);
    x = pick(x > least, x, set1(least));
    const vf t = expo(e * ln(x)), u = 1.0f + t;
    const vf inverse = 1.0f / (u * x);
    const vf slope = (l->omega / l->epsilon) * e * t * inverse;
    const vf beyond = d - l->theta;
    const vf value = l->omega * ln_1_plus(t, u, inverse * x);
    return (struct piece){value + pick(beyond > 0.0f, slope * beyond, set1(0)), slope};
}

ALWAYS_INLINE struct piece wing(const struct wt_loss *l, vf d)
{
    const vf near = (vf)(d < l->omega);
    const vf x = pick((vi)near, d, set1(l->omega)) * (1.0f / l->epsilon), u = 1.0f + x;
    const vf inverse = 1.0f / u;
    const vf beyond = d - l->omega;
    const vf value = l->omega * ln_1_plus(x, u, inverse);
    return (struct piece){value + pick(beyond > 0.0f, beyond, set1(0)),
                          pick((vi)near, (l->omega / l->epsilon) * inverse, set1(1))};
}

ALWAYS_INLINE struct piece square(vf d)
{
    return (struct piece){d * d, 2.0f * d};
}

/* kind is a constant where this is called: the other branches fall away. */
ALWAYS_INLINE struct piece piece_of(const struct wt_loss *l, enum wt_loss_kind kind, vf d, vf y)
{
    return kind == WT_LOSS_AWING ? awing(l, d, y) : kind == WT_LOSS_WING ? wing(l, d) : square(d);
}

/* VL elements: returns weighted values and writes gradients. */
ALWAYS_INLINE vf step(const struct wt_loss *l, enum wt_loss_kind kind, const float *pred,
                      const float *target, const uint8_t *mask, const float *channel, float *grad,
                      float scale)
{
    const vf c = *(const vf *)channel, y = *(const vf *)target;
    const vi counts = c != 0.0f;
    const vf difference = (vf)((vi)(*(const vf *)pred - y) & counts);
    const vi sign = (vi)difference & (vi)set1(-0.0f);
    const vf d = (vf)((vi)difference & ~(vi)set1(-0.0f));
    vf weight = c;
    if (mask)
        weight =
            c + c * l->map_weight *
                    __builtin_convertvector(__builtin_convertvector(*(const vb *)mask, vi), vf);
    struct piece piece = piece_of(l, kind, d, y);
    /* Without this a NaN of the prediction would vanish in comparisons. */
    const vi finite = difference - difference == 0.0f; /* NOLINT(misc-redundant-expression) */
    piece.value = pick(finite, piece.value, d * d);
    const vi differs = d != 0.0f;
    if (grad)
        *(vf *)grad = (vf)(((vi)(piece.slope * weight * scale) & differs) ^ sign);
    return (vf)((vi)(piece.value * weight) & counts & differs);
}

/* The rest of a row, shorter than a vector. */
ALWAYS_INLINE vf step_tail(const struct wt_loss *l, enum wt_loss_kind kind, const float *pred,
                           const float *target, const uint8_t *mask, const float *channel,
                           float *grad, float scale, int n)
{
    float in[3][VL] = {{0}}, out[VL];
    uint8_t m[VL] = {0};
    memcpy(in[0], pred, (size_t)n * sizeof *pred);
    memcpy(in[1], target, (size_t)n * sizeof *target);
    memcpy(in[2], channel, (size_t)n * sizeof *channel);
    if (mask)
        memcpy(m, mask, (size_t)n);
    vf v = step(l, kind, in[0], in[1], mask ? m : NULL, in[2], grad ? out : NULL, scale);
    if (grad)
        memcpy(grad, out, (size_t)n * sizeof *grad);
    return v;
}

ALWAYS_INLINE double run(const struct wt_loss *l, enum wt_loss_kind kind,
                         const struct wt_loss_maps *maps, int cells, int stride, float scale)
{
    double sum = 0;
    for (int i = 0; i < cells; i++) {
        const size_t at = (size_t)i * (size_t)stride;
        const uint8_t *mask = maps->mask ? maps->mask + at : NULL;
        float *grad = maps->grad ? maps->grad + at : NULL;
        vf row = set1(0); /* one row's sum keeps full precision, whatever rows a caller takes */
        int c = 0;
        for (; c + VL <= stride; c += VL)
            row += step(l, kind, maps->pred + at + c, maps->target + at + c, mask ? mask + c : NULL,
                        maps->channel + c, grad ? grad + c : NULL, scale);
        if (c < stride)
            row += step_tail(l, kind, maps->pred + at + c, maps->target + at + c,
                             mask ? mask + c : NULL, maps->channel + c, grad ? grad + c : NULL,
                             scale, stride - c);
        float lane[VL];
        *(vf *)lane = row;
        for (int n = VL / 2; n > 0; n /= 2) /* pairwise: short chains */
            for (int k = 0; k < n; k++)
                lane[k] += lane[k + n];
        sum += (double)lane[0];
    }
    return sum;
}

static double loss_run(const struct wt_loss *loss, const struct wt_loss_maps *maps, int cells,
                       int stride, float scale)
{
    switch (loss->kind) {
    case WT_LOSS_AWING:
        return run(loss, WT_LOSS_AWING, maps, cells, stride, scale);
    case WT_LOSS_WING:
        return run(loss, WT_LOSS_WING, maps, cells, stride, scale);
    case WT_LOSS_MSE:
        return run(loss, WT_LOSS_MSE, maps, cells, stride, scale);
    }
    return NAN;
}

wt_loss_fn *const WT_ISA(wt_loss_run) = loss_run;
