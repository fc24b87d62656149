#include <immintrin.h>

#include "train_kernels.h"

#define VL 16
#define MR_MAX 14
#include "train_rows.inc"

#include "train_product.inc"

void wt_train_kernels_init__avx512(struct wt_train_kernels *k)
{
    init_rows(k);
    k->products[WT_F32] = products_f32;
    k->width[WT_F32] = 2 * VL;
}
