/* bfloat16 in the engine: the upper half of a float32, rounded to nearest even. For finite numbers
 * and the NaNs that arithmetic makes; the file formats' converter (model/half.h) also keeps odd
 * NaNs. */
#ifndef WT_ENGINE_BF16_H
#define WT_ENGINE_BF16_H

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

#endif
