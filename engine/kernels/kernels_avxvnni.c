/* Convolution of bytes with AVX-VNNI: 256-bit vectors in VEX encoding, for processors with the dot
 * product of bytes but no AVX-512. */
#include "kernels/kernels.h"

#define WT_ISA(name) wt_##name##__avxvnni
#define VL 8
#include "kernels/vector.inc"

#define WT_DOT(sum, x, w) (vi) _mm256_dpbusd_avx_epi32((__m256i)(sum), (__m256i)(x), (__m256i)(w))
#include "kernels/conv_u8_vnni.inc"

const struct wt_kernels wt_kernels__avxvnni = {
    .conv[WT_U8] = {"u8_conv_6x16__avxvnni", WT_PACK_S8_QUAD, 16, 16, 4, wt_conv_u8__avxvnni,
                    wt_conv_u8__avxvnni},
};
