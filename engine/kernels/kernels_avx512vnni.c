/* Convolution of bytes with AVX-512-VNNI. */
#include "kernels/kernels.h"

#define WT_ISA(name) wt_##name##__avx512vnni
#define VL 16
#include "kernels/vector.inc"

#define WT_DOT(sum, x, w) (vi) _mm512_dpbusd_epi32((__m512i)(sum), (__m512i)(x), (__m512i)(w))
#include "kernels/conv_u8_vnni.inc"

const struct wt_kernels wt_kernels__avx512vnni = {
    .conv[WT_U8] = {"u8_conv_14x32__avx512vnni", WT_PACK_S8_QUAD, 32, 16, 4, wt_conv_u8__avx512vnni,
                    wt_conv_u8__avx512vnni},
};
