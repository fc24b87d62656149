/* Portable training kernels: the reference for all others, and the fallback. */
#include "kernels/train_kernels.h"

#define VL 4
#include "kernels/train_rows.inc"

enum { WIDTH = 16 };

static void product_f32(const void *a, ptrdiff_t a_row, const void *b, ptrdiff_t b_block, int m,
                        int k, float *sum)
{
    for (int i = 0; i < m; i++) {
        const float *from = (const float *)a + i * a_row, *w = b;
        float acc[WIDTH];
        memcpy(acc, sum + i * WIDTH, sizeof acc);
        for (int p = 0; p < k; p++, w += WIDTH)
            for (int c = 0; c < WIDTH; c++)
                acc[c] += from[p] * w[c];
        memcpy(sum + i * WIDTH, acc, sizeof acc);
    }
}

static void product_bf16(const void *a, ptrdiff_t a_row, const void *b, ptrdiff_t b_block, int m,
                         int k, float *sum)
{
    for (int i = 0; i < m; i++) {
        const uint16_t *from = (const uint16_t *)a + i * a_row, *w = b;
        float acc[WIDTH];
        memcpy(acc, sum + i * WIDTH, sizeof acc);
        for (int p = 0; p < k; p += 2, w += 2 * WIDTH) {
            const float v = wt_bf16_load(from[p]), u = wt_bf16_load(from[p + 1]);
            for (int c = 0; c < WIDTH; c++)
                acc[c] += v * wt_bf16_load(w[2 * c]) + u * wt_bf16_load(w[2 * c + 1]);
        }
        memcpy(sum + i * WIDTH, acc, sizeof acc);
    }
}

static void products_f32(const struct wt_product *x)
{
    wt_product_by_taps(x, product_f32, WT_F32, WIDTH);
}

static void products_bf16(const struct wt_product *x)
{
    wt_product_by_taps(x, product_bf16, WT_BF16, WIDTH);
}

const struct wt_train_kernels wt_train_kernels__c = {
    WT_TRAIN_ROW_ENTRIES,
    .products = {[WT_F32] = products_f32, [WT_BF16] = products_bf16},
    .width = {[WT_F32] = WIDTH, [WT_BF16] = WIDTH},
};
