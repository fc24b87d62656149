/* Convolution of bytes on arm64 with the dot product of signed bytes: inputs less 128, and 128
 * times the sum of the weights back in the sums, which stay exact. */
#include "kernels/kernels.h"

#define WT_ISA(name) wt_##name##__dotprod
#define VL 4
#include "kernels/vector.inc"

#define WT_DOT(sum, x, w)                                                                          \
    (vi) vdotq_s32((int32x4_t)(sum), veorq_s8((int8x16_t)(x), vdupq_n_s8(-128)), (int8x16_t)(w))
/* 128 * w, as 128 is no signed byte */
#define WT_DOT_START(sum, w)                                                                       \
    (vi) vsubq_s32((int32x4_t)(sum), vdotq_s32(vdupq_n_s32(0), vdupq_n_s8(-128), (int8x16_t)(w)))
#include "kernels/conv_u8_vnni.inc"

const struct wt_kernels wt_kernels__dotprod = {
    .conv[WT_U8] = {"u8_conv_6x16__dotprod", WT_PACK_S8_QUAD, 16, 16, 4, wt_conv_u8__dotprod,
                    wt_conv_u8__dotprod},
};
