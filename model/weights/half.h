/* Half-size floating point numbers: bfloat16 and IEEE 754 binary16, to and from float.
 * Rounding to nearest, ties to even; NaN stays NaN. Pure functions; for files, not for kernels. */
#ifndef WT_MODEL_HALF_H
#define WT_MODEL_HALF_H

#include <stdint.h>
#include <string.h>

static inline float wt_float_from_bits(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static inline uint32_t wt_bits_from_float(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

static inline float wt_float_from_bf16(uint16_t h)
{
    return wt_float_from_bits((uint32_t)h << 16);
}

static inline uint16_t wt_bf16_from_float(float f)
{
    uint32_t u = wt_bits_from_float(f);
    if ((u & 0x7fffffff) > 0x7f800000) /* NaN: rounding could carry it into infinity */
        return (uint16_t)((u >> 16) | 0x40);
    return (uint16_t)((u + 0x7fff + ((u >> 16) & 1)) >> 16);
}

static inline float wt_float_from_f16(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = (h >> 10) & 31, mantissa = h & 0x3ff;
    if (exponent == 31)
        return wt_float_from_bits(sign | 0x7f800000 | mantissa << 13);
    if (exponent == 0) { /* zero or subnormal: mantissa * 2^-24, exact in float */
        float f = (float)mantissa * 0x1p-24f;
        return sign ? -f : f;
    }
    return wt_float_from_bits(sign | (exponent + 112) << 23 | mantissa << 13);
}

static inline uint16_t wt_f16_from_float(float f)
{
    uint32_t u = wt_bits_from_float(f), sign = (u >> 16) & 0x8000;
    u &= 0x7fffffff;
    if (u > 0x7f800000)
        return (uint16_t)(sign | 0x7e00 | ((u >> 13) & 0x3ff));
    if (u >= 0x477ff000) /* rounds to 65536 or more: infinity */
        return (uint16_t)(sign | 0x7c00);
    if (u < 0x38800000) { /* below 2^-14: adding 0.5 leaves the rounded subnormal in the low bits */
        float t = wt_float_from_bits(u) + 0.5f;
        return (uint16_t)(sign | (wt_bits_from_float(t) - 0x3f000000));
    }
    u += 0xfff + ((u >> 13) & 1);
    return (uint16_t)(sign | ((u - 0x38000000) >> 13));
}

#endif
