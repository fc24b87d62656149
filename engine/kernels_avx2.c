#include "kernels.h"

#define WT_ISA(name) wt_##name##__avx2
#define VL 8
#define MR_MAX 6
#include "conv_f32.inc"
#include "rows.inc"
#include "winograd_f32.inc"

void wt_kernels_init__avx2(struct wt_kernels *k)
{
    k->conv_name = "f32_conv_6x16__avx2";
    k->nr_wide = 2 * VL;
    k->nr_narrow = VL;
    k->conv_wide = wt_conv_row_wide__avx2;
    k->conv_narrow = wt_conv_row_narrow__avx2;
    k->winograd_name = "f32_winograd_2x2_6x16__avx2";
    k->winograd_in = wt_winograd_in__avx2;
    k->winograd_out_wide = wt_winograd_out_wide__avx2;
    k->winograd_out_narrow = wt_winograd_out_narrow__avx2;
    k->copy_f32 = wt_copy_f32__avx2;
    k->add_f32 = wt_add_f32__avx2;
    k->upadd_f32 = wt_upadd_f32__avx2;
    k->pool2_f32 = wt_pool2_f32__avx2;
    k->coord_map_f32 = wt_coord_map_f32__avx2;
}
