/* What training needs beside the convolutions of kernels.h: rows through BatchNorm and ReLU and
 * back, sums of rows, statistics, and the products that make weight gradients.
 *
 * As there, kernels work on rows of n pixels with c channels and a stride in elements from pixel to
 * pixel, numbers are float32 or bfloat16 (never U8), and all sums are float32. Reentrant. */
#ifndef WT_ENGINE_TRAIN_KERNELS_H
#define WT_ENGINE_TRAIN_KERNELS_H

#include "kernels/kernels.h"

enum wt_mix_from {
    WT_MIX_SAME, /* pixel i of x */
    WT_MIX_UP,   /* pixel i / 2 of x */
    WT_MIX_DOWN, /* pixels 2i and 2i + 1 of x and of the row below it, added up */
};

/* One addend of a row: factor * x, or scale[c] * x + slope[c] * y + shift[c] where scale is not
 * NULL (y NULL: scale[c] * x). */
struct wt_mix_term {
    enum wt_mix_from from;
    struct wt_row_in x, y;
    const void *below; /* the second row of WT_MIX_DOWN; type and stride as x */
    float factor;
    const float *scale, *slope, *shift;
};

enum { WT_MIX_TERMS = 8 };

/* A BatchNorm with or without a ReLU after it, as seen from its input. */
struct wt_norm_row {
    const float *scale, *shift; /* v = x * scale + shift; NULL: v = x */
    const float *mean;          /* with scale */
    bool relu;
};

/* Products with b shifted by every tap of a square:
 *   sum[ty][tx][m][width] += a[m][k] * b[k + ty * tap_row + tx][width].
 * F32: b as it reads, k any. BF16: b as `pair` lays it out, blocks b_block elements apart, k a
 * multiple of 32 and tap_row even; as b cannot be shifted by one, a is shifted instead, so that its
 * element before the first is read, and has to be zero as well as its last where taps > 1. */
struct wt_product {
    const void *a, *b;
    ptrdiff_t a_row, b_block; /* elements: from one row of a to the next */
    int m, k, taps;
    ptrdiff_t tap_row;
    float *sum;
};

struct wt_train_kernels {
    /* to = v of x, or max(v, 0) with ReLU */
    void (*load)(struct wt_row_in x, int n, int c, const struct wt_norm_row *norm, void *to,
                 enum wt_type type, ptrdiff_t to_px);
    /* d *= (v of x > 0) in place with ReLU; then sum[0][c] += d and sum[1][c] += d * (x - mean),
     * sum being [2][c], where scale is not NULL. type: of d; BF16 where x is. */
    void (*mask)(void *d, enum wt_type type, ptrdiff_t d_px, struct wt_row_in x, int n, int c,
                 const struct wt_norm_row *norm, float *sum);
    /* to = the sum of 1..WT_MIX_TERMS terms */
    void (*mix)(const struct wt_mix_term *term, int terms, int n, int c, void *to,
                enum wt_type type, ptrdiff_t to_px);
    /* sum[0][c] += x, sum[1][c] += x^2 */
    void (*sums)(struct wt_row_in x, int n, int c, float *sum);
    /* to[k * to_row + i] = channel k of pixel i; type F32 only from F32 */
    void (*transpose)(struct wt_row_in x, int n, int c, void *to, enum wt_type type,
                      ptrdiff_t to_row);
    /* bfloat16 rows of 16 x blocks channels by pairs: to[block][i / 2][16][2], a block being
     * to_block elements long. n is even. */
    void (*pair)(const uint16_t *x, ptrdiff_t x_px, int n, int blocks, uint16_t *to,
                 ptrdiff_t to_block);
    void (*products[2])(const struct wt_product *x); /* by the type of a and b */
    int width[2]; /* of a product, by type; BF16: a multiple of 16 */
};

/* One tap after the other, by a product without any. */
typedef void wt_product_fn(const void *a, ptrdiff_t a_row, const void *b, ptrdiff_t b_block, int m,
                           int k, float *sum);
static inline void wt_product_by_taps(const struct wt_product *x, wt_product_fn *product,
                                      enum wt_type type, int width)
{
    float *sum = x->sum;
    for (int ty = 0; ty < x->taps; ty++)
        for (int tx = 0; tx < x->taps; tx++, sum += (ptrdiff_t)x->m * width) {
            const ptrdiff_t at = ty * x->tap_row + tx;
            if (type == WT_BF16)
                product((const uint16_t *)x->a - tx % 2, x->a_row,
                        (const uint16_t *)x->b + at / 2 * 32, x->b_block, x->m, x->k, sum);
            else
                product(x->a, x->a_row, (const float *)x->b + at * width, 0, x->m, x->k, sum);
        }
}

/* The table of a level; the level must be one the CPU has. Never NULL. */
const struct wt_train_kernels *wt_train_kernels_get(enum wt_cpu_level level);

/* What each level adds, as in kernels.h. */
extern const struct wt_train_kernels wt_train_kernels__c, wt_train_kernels__blas,
    wt_train_kernels__sse2, wt_train_kernels__neon, wt_train_kernels__avx2,
    wt_train_kernels__avx512, wt_train_kernels__avx512bf16, wt_train_kernels__amx;

#endif
