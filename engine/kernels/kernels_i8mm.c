/* Convolution of bytes on arm64 with the dot product of unsigned with signed bytes. */
#include "kernels/kernels.h"

#define WT_ISA(name) wt_##name##__i8mm
#define VL 4
#include "kernels/vector.inc"

#define WT_DOT(sum, x, w) (vi) vusdotq_s32((int32x4_t)(sum), (uint8x16_t)(x), (int8x16_t)(w))
#include "kernels/conv_u8_vnni.inc"

const struct wt_kernels wt_kernels__i8mm = {
    .conv[WT_U8] = {"u8_conv_6x16__i8mm", WT_PACK_S8_QUAD, 16, 16, 4, wt_conv_u8__i8mm,
                    wt_conv_u8__i8mm},
};
