#include "kernels.h"

#define WT_ISA(name) wt_##name##__avx512
#define VL 16
#define MR_MAX 14
#include "vector.inc"

#include "conv_f32.inc"
#include "rows.inc"
#include "winograd_f32.inc"

void wt_kernels_init__avx512(struct wt_kernels *k)
{
    k->conv[WT_F32] = (struct wt_conv_kernels){
        "f32_conv_14x32__avx512",  WT_PACK_F32, 2 * VL, VL, 1, wt_conv_row_wide__avx512,
        wt_conv_row_narrow__avx512};
    k->winograd_name = "f32_winograd_4x4_14x32__avx512";
    k->winograd_in = wt_winograd_in__avx512;
    k->matmul_wide = wt_matmul_wide__avx512;
    k->matmul_narrow = wt_matmul_narrow__avx512;
    k->winograd_out_wide = wt_winograd_out_wide__avx512;
    k->winograd_out_narrow = wt_winograd_out_narrow__avx512;
    wt_init_rows__avx512(k);
}
