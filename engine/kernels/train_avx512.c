#include <immintrin.h>

#include "kernels/train_kernels.h"

#define VL 16
#define MR_MAX 14
#include "kernels/train_rows.inc"

#include "kernels/train_product.inc"

const struct wt_train_kernels wt_train_kernels__avx512 = {
    WT_TRAIN_ROW_ENTRIES,
    .products[WT_F32] = products_f32,
    .width[WT_F32] = 2 * VL,
};
