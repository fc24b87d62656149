/* What tests of kernels share: random numbers, and memory with guards around it
 * that a kernel must not write to. */
#ifndef WT_TESTS_BLOCKS_H
#define WT_TESTS_BLOCKS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/kernels.h"
#include "kernels/store.h"
#include "levels.h"
#include "unchecked.h"

static uint64_t rng = 88172645463325252u;

/* 24 bits. */
static inline uint32_t bits(void)
{
    rng ^= rng << 13;
    rng ^= rng >> 7;
    rng ^= rng << 17;
    return (uint32_t)(rng >> 40);
}

static inline float uniform(void)
{
    return (float)((int)bits() - (1 << 23)) / (float)(1 << 23);
}

/* In whole numbers: emulated processors take long over others, and blocks have millions. */
static inline int below(int n)
{
    return (int)((uint64_t)bits() * (unsigned)n >> 24);
}

/* ---- memory with guards: every cell outside those a kernel may write keeps its poison ---- */

#define POISON (-12288.0) /* exact in bfloat16 */
#define POISON_U8 165.0
enum { GUARD = 64, SLACK = 16 };

struct block {
    char *base;
    void *data;
    enum wt_type type;
    size_t count;
};

static inline double block_get(const struct block *b, ptrdiff_t i)
{
    return b->type == WT_F32    ? ((const float *)b->data)[i]
           : b->type == WT_BF16 ? wt_bf16_load(((const uint16_t *)b->data)[i])
                                : ((const uint8_t *)b->data)[i];
}

/* ---- exact sums: numbers here are whole numbers of units, whose products are summed as integers.
 * An emulated processor takes many times as long for sums of doubles. ---- */

/* Bytes are whole; what uniform() gives is that many times 2^-23, in bfloat16 too. */
static inline double units_in_one(enum wt_type type)
{
    return type == WT_U8 ? 1 : 1 << 23;
}

/* All of its cells, to be freed. */
static inline int32_t *block_in_units(const struct block *b)
{
    int32_t *units = malloc(b->count * sizeof *units);
    assert_non_null(units);
    for (size_t i = 0; i < b->count; i++)
        units[i] = (int32_t)(block_get(b, (ptrdiff_t)i) * units_in_one(b->type));
    return units;
}

UNCHECKED static int64_t dot_units(const int32_t *a, const int32_t *b, int n)
{
    int64_t sum = 0;
    for (int i = 0; i < n; i++)
        sum += (int64_t)a[i] * b[i];
    return sum;
}

static inline void block_set(struct block *b, ptrdiff_t i, double v)
{
    if (b->type == WT_F32)
        ((float *)b->data)[i] = (float)v;
    else if (b->type == WT_BF16)
        ((uint16_t *)b->data)[i] = wt_bf16_store((float)v);
    else
        ((uint8_t *)b->data)[i] = (uint8_t)v;
}

static inline double poison(enum wt_type type)
{
    return type == WT_U8 ? POISON_U8 : POISON;
}

static inline bool is_poison(const struct block *b, ptrdiff_t i)
{
    const float poison_f32 = (float)POISON;
    return b->type == WT_F32 ? memcmp((const float *)b->data + i, &poison_f32, sizeof(float)) == 0
           : b->type == WT_BF16 ? ((const uint16_t *)b->data)[i] == wt_bf16_store(poison_f32)
                                : ((const uint8_t *)b->data)[i] == (uint8_t)POISON_U8;
}

static inline struct block block_new(enum wt_type type, size_t count, int misalign)
{
    struct block b = {malloc((count + 2 * GUARD + SLACK) * 4), NULL, type, count};
    assert_non_null(b.base);
    b.data = b.base + (GUARD + misalign) * wt_type_size(type);
    const size_t size = wt_type_size(type), all = count + 2 * GUARD;
    char *first = (char *)b.data - GUARD * size;
    block_set(&b, -GUARD, poison(type));
    for (size_t done = 1; done < all; done *= 2)
        memcpy(first + done * size, first, (done < all - done ? done : all - done) * size);
    return b;
}

static inline struct block floats_new(size_t count)
{
    return block_new(WT_F32, count, below(4));
}

static inline float *floats(const struct block *b)
{
    return b->data;
}

/* -1..1; bytes: 0..255, every so often only the extremes. */
static inline void fill(struct block *b)
{
    bool extreme = below(4) == 0;
    for (size_t i = 0; i < b->count; i++)
        block_set(b, (ptrdiff_t)i,
                  b->type != WT_U8 ? uniform()
                  : extreme        ? 255 * (below(8) > 0)
                                   : below(256));
}

static inline void free_blocks(struct block *const *all, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(all[i]->base);
}
#define FREE_BLOCKS(...)                                                                           \
    free_blocks((struct block *const[]){__VA_ARGS__},                                              \
                sizeof((struct block *[]){__VA_ARGS__}) / sizeof(struct block *))

/* How far a stored number may be from the exact one. */
static inline bool near(enum wt_type type, double v, double want, double tolerance)
{
    tolerance *= 1 + fabs(want);
    if (type == WT_BF16)
        tolerance += (1 + fabs(want)) / 256;
    if (type == WT_U8) {
        want = want < 0 ? 0 : want > 255 ? 255 : want;
        tolerance += 0.5;
    }
    return fabs(v - want) <= tolerance;
}

/* Compares rows of n pixels, c of px cells each, with want [n][c]; all else must be poison. */
static inline void check_rows(const struct block *b, int n, int c, ptrdiff_t px, const double *want,
                              double tolerance, const char *what)
{
    for (ptrdiff_t i = -GUARD; i < (ptrdiff_t)b->count + GUARD; i++) {
        if (i >= 0 && i / px < n && i % px < c) {
            const double v = block_get(b, i);
            double w = want[i / px * c + i % px];
            if (!near(b->type, v, w, tolerance))
                fail_msg("%s: pixel %td channel %td: %g, not %g", what, i / px, i % px, v, w);
        } else if (!is_poison(b, i)) {
            fail_msg("%s: wrote outside, at cell %td", what, i);
        }
    }
}

#endif
