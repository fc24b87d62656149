#include <immintrin.h>

#include "kernels/train_kernels.h"

#define VL 8
#define MR_MAX 6
#include "kernels/train_rows.inc"

#include "kernels/train_product.inc"
#include "kernels/train_product_bf16.inc"

const struct wt_train_kernels wt_train_kernels__avx2 = {
    WT_TRAIN_ROW_ENTRIES,
    .products = {[WT_F32] = products_f32, [WT_BF16] = products_bf16},
    .width = {[WT_F32] = 2 * VL, [WT_BF16] = 16},
};
