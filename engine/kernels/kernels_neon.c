/* 128-bit vectors of arm64, which every such processor has: no flags of its own. 32 registers hold
 * tiles of 14 pixels. */
#include "kernels/kernels.h"

#define WT_ISA(name) wt_##name##__neon
#define VL 4
#define MR_MAX 14
#include "kernels/vector.inc"

#include "kernels/conv_f32.inc"
#include "kernels/conv_u8_s16.inc"

#include "kernels/conv_bf16.inc"
#include "kernels/rows.inc"
#define WT_WINOGRAD_NAME "f32_winograd_4x4_14x8__neon"
#include "kernels/winograd_f32.inc"
#define WT_WINOGRAD_U8_NAME "u8_winograd_2x2_6x16__neon"
#include "kernels/winograd_u8.inc"
#define WT_WINOGRAD4_U8_NAME "u8_winograd_4x4_6x16__neon"
#include "kernels/winograd4_u8.inc"

const struct wt_kernels wt_kernels__neon = {
    .conv[WT_F32] = {"f32_conv_14x8__neon", WT_PACK_F32, 2 * VL, VL, 1, wt_conv_row_wide__neon,
                     wt_conv_row_narrow__neon, &wt_winograd_f32__neon},
    .conv[WT_BF16] = {"bf16_conv_3x16__neon", WT_PACK_BF16_PAIR, 16, 16, 2, wt_conv_bf16__neon,
                      wt_conv_bf16__neon},
    .conv[WT_U8] = {"u8_conv_6x16__neon", WT_PACK_S16_PAIR, 16, 16, 16, wt_conv_u8__neon,
                    wt_conv_u8__neon, &wt_winograd4_u8__neon},
    WT_ROW_ENTRIES,
};
