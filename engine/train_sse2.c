#include "train_kernels.h"

#define VL 4
#define MR_MAX 6
#include "train_rows.inc"

#include "train_product.inc"

const struct wt_train_kernels wt_train_kernels__sse2 = {
    WT_TRAIN_ROW_ENTRIES,
    .products[WT_F32] = products_f32,
    .width[WT_F32] = 2 * VL,
};
