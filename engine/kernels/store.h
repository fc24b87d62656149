/* Numbers as activations hold them. bfloat16 is the upper half of a float32, rounded to nearest
 * even: for finite numbers and the NaNs that arithmetic makes; the file formats' converter
 * (model/weights/half.h) also keeps odd NaNs. */
#ifndef WT_ENGINE_STORE_H
#define WT_ENGINE_STORE_H

#include <stdint.h>
#include <string.h>

static inline float wt_bf16_load(uint16_t h)
{
    uint32_t u = (uint32_t)h << 16;
    float f;
    memcpy(&f, &u, sizeof f);
    return f;
}

static inline uint16_t wt_bf16_store(float f)
{
    uint32_t u;
    memcpy(&u, &f, sizeof u);
    return (uint16_t)((u + 0x7fff + ((u >> 16) & 1)) >> 16);
}

/* Nearest integer in 0..255, ties to even; 0 for NaN. Adding 1.5 * 2^23 leaves the integer in the
 * lowest bits, which compilers vectorise unlike lrintf. */
static inline uint8_t wt_u8_store(float f)
{
    f = f > 0 ? f : 0;
    f = (f < 255 ? f : 255) + 12582912.0f;
    uint32_t u;
    memcpy(&u, &f, sizeof u);
    return (uint8_t)u;
}

#endif
