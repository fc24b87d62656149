#include "kernels/kernels.h"

#define WT_ISA(name) wt_##name##__avx512
#define VL 16
#define MR_MAX 14
#include "kernels/vector.inc"

#include "kernels/conv_f32.inc"
#include "kernels/rows.inc"
#define WT_WINOGRAD_NAME "f32_winograd_4x4_14x32__avx512"
#include "kernels/winograd_f32.inc"

const struct wt_kernels wt_kernels__avx512 = {
    .conv[WT_F32] = {"f32_conv_14x32__avx512", WT_PACK_F32, 2 * VL, VL, 1, wt_conv_row_wide__avx512,
                     wt_conv_row_narrow__avx512, &wt_winograd_f32__avx512},
    WT_ROW_ENTRIES,
};
