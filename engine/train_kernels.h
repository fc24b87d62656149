/* What training needs beside the convolutions of kernels.h: rows through BatchNorm and ReLU and
 * back, sums of rows, statistics, and the products that make weight gradients.
 *
 * As there, kernels work on rows of n pixels with c channels and a stride in elements from pixel to
 * pixel, numbers are float32 or bfloat16 (never U8), and all sums are float32. Reentrant. */
#ifndef WT_ENGINE_TRAIN_KERNELS_H
#define WT_ENGINE_TRAIN_KERNELS_H

#include "kernels.h"

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

/* A BatchNorm with or without a ReLU behind it, as seen from its input. */
struct wt_norm_row {
    const float *scale, *shift; /* v = x * scale + shift; NULL: v = x */
    const float *mean;          /* with scale */
    bool relu;
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
    void (*turn)(struct wt_row_in x, int n, int c, void *to, enum wt_type type, ptrdiff_t to_row);
    /* bfloat16 rows of 16 x blocks channels by pairs: to[block][i / 2][16][2], a block being
     * to_block elements long. n is even. */
    void (*pair)(const uint16_t *x, ptrdiff_t x_px, int n, int blocks, uint16_t *to,
                 ptrdiff_t to_block);
    /* sum[m][width] += a[m][k] * b[k][width]; a's rows are a_row elements apart. By the type of a
     * and b: F32 with b as it reads, k any; BF16 with b as `pair` lays it out, blocks b_block
     * elements apart, k a multiple of 32. */
    void (*product[2])(const void *a, ptrdiff_t a_row, const void *b, ptrdiff_t b_block, int m,
                       int k, float *sum);
    int width[2]; /* of a product, by type: a multiple of 16 */
};

/* The table of a level; the level must be one the CPU has. Never NULL. */
const struct wt_train_kernels *wt_train_kernels_get(enum wt_cpu_level level);

/* Filled by the files compiled for each instruction set. */
void wt_train_kernels_init__c(struct wt_train_kernels *k);
void wt_train_kernels_init__avx2(struct wt_train_kernels *k);
void wt_train_kernels_init__avx512(struct wt_train_kernels *k);
void wt_train_kernels_init__avx512bf16(struct wt_train_kernels *k);
void wt_train_kernels_init__amx(struct wt_train_kernels *k);

#endif
