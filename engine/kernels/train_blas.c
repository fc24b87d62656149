/* Products of training by OpenBLAS; rows are those of train_c.c. */
#include "base/blas.h"
#include "kernels/train_kernels.h"

enum { WIDTH = 64 };

static void product_f32(const void *a, ptrdiff_t a_row, const void *b, ptrdiff_t b_block, int m,
                        int k, float *sum)
{
    const int width = WIDTH, row = (int)a_row;
    const float one = 1;
    wt_blas_get()->sgemm("N", "N", &width, &m, &k, &one, b, &width, a, &row, &one, sum, &width);
}

static void products_f32(const struct wt_product *x)
{
    wt_product_by_taps(x, product_f32, WT_F32, WIDTH);
}

const struct wt_train_kernels wt_train_kernels__blas = {
    .products[WT_F32] = products_f32,
    .width[WT_F32] = WIDTH,
};
