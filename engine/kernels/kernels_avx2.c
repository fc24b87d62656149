#include "kernels/kernels.h"

#define WT_ISA(name) wt_##name##__avx2
#define VL 8
#define MR_MAX 6
#include "kernels/vector.inc"

#include "kernels/conv_f32.inc"
#include "kernels/conv_u8_s16.inc"

#include "kernels/conv_u8_runs.inc"

#include "kernels/conv_bf16.inc"
#include "kernels/rows.inc"
#define WT_WINOGRAD_NAME "f32_winograd_4x4_6x16__avx2"
#define WT_WINOGRAD_BF16_NAME "bf16_winograd_4x4_6x16__avx2"
#include "kernels/winograd_f32.inc"
#define WT_WINOGRAD_U8_NAME "u8_winograd_2x2_6x16__avx2"
#include "kernels/winograd_u8.inc"
#define WT_WINOGRAD4_U8_NAME "u8_winograd_4x4_6x16__avx2"
#include "kernels/winograd4_u8.inc"

static const struct wt_conv_kernels wt_pointwise_u8__avx2 = {
    "u8_pointwise_8x8__avx2", WT_PACK_S8_RUNS,       NR_RUNS, 16, 4,
    wt_pointwise_row__avx2,   wt_pointwise_row__avx2};

const struct wt_kernels wt_kernels__avx2 = {
    .conv[WT_F32] = {"f32_conv_6x16__avx2", WT_PACK_F32, 2 * VL, VL, 1, wt_conv_row_wide__avx2,
                     wt_conv_row_narrow__avx2, &wt_winograd_f32__avx2},
    .conv[WT_BF16] = {"bf16_conv_6x16__avx2", WT_PACK_BF16_PAIR, 16, 16, 2, wt_conv_bf16__avx2,
                      wt_conv_bf16__avx2, &wt_winograd_bf16__avx2},
    .conv[WT_U8] = {"u8_conv_6x16__avx2", WT_PACK_S16_PAIR, NR_S16, 16, 2, wt_conv_u8__avx2,
                    wt_conv_u8__avx2, &wt_winograd4_u8__avx2, .pointwise = &wt_pointwise_u8__avx2},
    WT_ROW_ENTRIES,
};
