#include <immintrin.h>

#include "kernels/train_kernels.h"

#define VL 16
#include "kernels/train_rows.inc"

enum { MR_MAX = 14 };

/* As product_tile of train_product.inc, two of k a step. */
ALWAYS_INLINE void product_tile(const uint16_t *a, ptrdiff_t row, const uint16_t *b,
                                ptrdiff_t block, int k, float *sum, const int mr)
{
    __m512 acc[MR_MAX][2];
#pragma GCC unroll 14
    for (int i = 0; i < mr; i++)
#pragma GCC unroll 2
        for (int j = 0; j < 2; j++)
            acc[i][j] = _mm512_loadu_ps(sum + 32 * i + 16 * j);
    const uint16_t *b0 = a, *b1 = a + 3 * row, *b2 = a + 6 * row, *b3 = a + 9 * row,
                   *b4 = a + 12 * row;
    for (ptrdiff_t p = 0; p < k; p += 2, b += 32) {
        const __m512bh w0 = (__m512bh)_mm512_loadu_si512(b);
        const __m512bh w1 = (__m512bh)_mm512_loadu_si512(b + block);
#pragma GCC unroll 14
        for (int i = 0; i < mr; i++) {
            const uint16_t *from = i < 3 ? b0 : i < 6 ? b1 : i < 9 ? b2 : i < 12 ? b3 : b4;
            int32_t two;
            memcpy(&two, from + p + (i % 3) * row, sizeof two);
            const __m512bh v = (__m512bh)_mm512_set1_epi32(two);
            acc[i][0] = _mm512_dpbf16_ps(acc[i][0], v, w0);
            acc[i][1] = _mm512_dpbf16_ps(acc[i][1], v, w1);
        }
    }
#pragma GCC unroll 14
    for (int i = 0; i < mr; i++)
#pragma GCC unroll 2
        for (int j = 0; j < 2; j++)
            _mm512_storeu_ps(sum + 32 * i + 16 * j, acc[i][j]);
}

#define TILE(mr)                                                                                   \
    static void product_##mr(const uint16_t *a, ptrdiff_t row, const uint16_t *b, ptrdiff_t block, \
                             int k, float *sum)                                                    \
    {                                                                                              \
        product_tile(a, row, b, block, k, sum, mr);                                                \
    }
TILE(1)
TILE(2)
TILE(3)
TILE(4)
TILE(5)
TILE(6)
TILE(7)
TILE(8)
TILE(9)
TILE(10)
TILE(11)
TILE(12)
TILE(13)
TILE(14)

typedef void product_fn(const uint16_t *a, ptrdiff_t row, const uint16_t *b, ptrdiff_t block, int k,
                        float *sum);
static product_fn *const products[MR_MAX + 1] = {
    NULL,      product_1, product_2,  product_3,  product_4,  product_5,  product_6,  product_7,
    product_8, product_9, product_10, product_11, product_12, product_13, product_14,
};

static void product_bf16(const void *a, ptrdiff_t a_row, const void *b, ptrdiff_t b_block, int m,
                         int k, float *sum)
{
    const int count = (m + MR_MAX - 1) / MR_MAX;
    for (int t = 0, x = 0; t < count; t++) {
        const int mr = (m - x + count - t - 1) / (count - t);
        products[mr]((const uint16_t *)a + x * a_row, a_row, b, b_block, k, sum + 32 * x);
        x += mr;
    }
}

static void products_bf16(const struct wt_product *x)
{
    wt_product_by_taps(x, product_bf16, WT_BF16, 32);
}

const struct wt_train_kernels wt_train_kernels__avx512bf16 = {
    WT_TRAIN_ROW_ENTRIES,
    .products[WT_BF16] = products_bf16,
    .width[WT_BF16] = 32,
};
