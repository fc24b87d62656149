/* The kernel table: one set of function pointers per CPU level.
 *
 * A kernel works on one row of pixels, or on several, so that the plan can cut work anywhere
 * between rows. Activations are [H,W,C] with a stride in elements from pixel to pixel ("px"), so
 * that a kernel can write a slice of channels of a wider tensor (a concat costs nothing). All
 * pointers may have any 4-byte alignment. No kernel allocates. Reentrant. */
#ifndef WT_ENGINE_KERNELS_H
#define WT_ENGINE_KERNELS_H

#include "base/cpu.h"

/* How numbers are stored. U8: x = scale * (q - zero), one scale and zero for each channel, known to
 * the maker of the tensor; the sums of u8 products are int32, all others float32. */
enum wt_type { WT_F32, WT_BF16, WT_U8, WT_TYPES };

static inline size_t wt_type_size(enum wt_type t)
{
    return t == WT_F32 ? 4 : t == WT_BF16 ? 2 : 1;
}

/* How the weights of 16 (f32: nr) outputs lie together. */
enum wt_packing {
    WT_PACK_F32,       /* [K][nr] */
    WT_PACK_BF16_PAIR, /* nr / 16 blocks [K / 2][16][2] */
    WT_PACK_S8_QUAD,   /* nr / 16 blocks [K / 4][16][4] */
    WT_PACK_S16_PAIR,  /* nr / 16 blocks [K / 2][16][2]; numbers of int8 */
    WT_PACK_S8_RUNS,   /* nr / 8 blocks, see runs.h */
};

/* Convolution of one panel (a block of up to nr output channels): what all rows share.
 * v = dequant * (sum over ky, k of in[ky * in_row + x * in_px + k] * w[ky][k][c]) + bias +
 * (sum over t of coord[x][t] * coord_weight[t][c]). As kx and input channels are contiguous in
 * memory, kc = kernel width * channels a pixel, rounded up to k_block: weights are zero there, and
 * up to k_block - 1 elements more of the input are read. */
struct wt_conv_panel {
    const void *weight;   /* packed, K = kh * kc terms an output; zero beyond `channels` */
    const float *bias;    /* [nr] */
    const float *dequant; /* [nr]; U8 inputs only */
    int kh, kc;
    ptrdiff_t in_row, in_px; /* elements: input row to row; from one output's input to the next's */
    int nr, channels;        /* width of the panel; outputs that exist, 1..nr */
    int coords;              /* coordinate terms: 0..WT_COORDS */
    const float *coord_weight; /* [coords][nr] */
    /* BatchNorm folded to v * scale + shift; [channels] each, used with pre/post. For an array of
     * type U8 its scale and zero are folded in as well. */
    const float *inner_scale, *inner_shift; /* or NULL */
    const float *pre_scale, *pre_shift, *post_scale, *post_shift;
    const char *ahead,
        *ahead_end;   /* a hint: what the next call reads, not yet in a cache; or NULL */
    float post_floor; /* least value of post: 0 for ReLU, -INFINITY for none; pre: always 0 */
    enum wt_type act_type, out_type, residual_type; /* act: pre and post; others are not U8 */
};

/* Coordinates of a pixel in CoordConv: row, column, radius, masked row, masked column. */
enum { WT_COORDS = 5 };

/* One row: v as above; pre = relu(bn(v)); v += residual; out = v; post = max(bn'(v), floor). With
 * inner_scale: v = relu(inner(v + residual)); pre = relu(bn(v)); out = v; post as before. Any of
 * pre, residual, out, post may be NULL. Strides in elements of the array's type. */
struct wt_conv_row {
    const void *in;
    void *pre, *out, *post;
    const void *residual;
    ptrdiff_t pre_px, out_px, post_px, residual_px;
    const float *coord; /* [n][coords] */
};

typedef void wt_conv_fn(const struct wt_conv_panel *panel, const struct wt_conv_row *row, int n);

/* From a row's arrays to the next row's, in elements of each. */
struct wt_conv_pitch {
    ptrdiff_t in, pre, out, post, residual, coord;
};

/* Several rows of n pixels in one call. What lies between two rows' inputs is read as well. */
typedef void wt_conv_rows_fn(const struct wt_conv_panel *panel, const struct wt_conv_row *first,
                             const struct wt_conv_pitch *pitch, int rows, int n);

/* Convolutions with inputs of one type. */
struct wt_conv_kernels {
    const char *name;
    enum wt_packing packing;
    int nr_wide, nr_narrow; /* panel widths; multiples of 16 but for PACK_F32 */
    int k_block;            /* kc is a multiple of this */
    wt_conv_fn *wide, *narrow;
    const struct wt_winograd_kernels *winograd; /* NULL: none */
    wt_conv_rows_fn *wide_rows, *narrow_rows;   /* NULL: row by row */
    const struct wt_conv_kernels *pointwise;    /* for 1x1 of up to WT_RUNS_INPUTS; NULL: none */
};

/* Matrix product: m[n][nr] = v[n][k], rows v_px elements apart, times w[k][nr], a panel's width. */
typedef void wt_matmul_fn(const void *v, ptrdiff_t v_px, const void *w, int k, void *m, int n);

/* One row of tiles: `in` x `in` inputs from `from` on, `out` pixels apart, to v[in * in][tiles][c]
 * (c a multiple of 16), positions v_pos elements apart; and m[in * in][tiles][nr] transformed to
 * `out` rows of out * tiles outputs with the panel's dequantisation, bias and epilogue. */
typedef void wt_winograd_in_fn(const void *from, ptrdiff_t in_row, ptrdiff_t in_px, int tiles,
                               int c, void *v, ptrdiff_t v_pos);
typedef void wt_winograd_out_fn(const void *m, ptrdiff_t m_pos, int tiles,
                                const struct wt_conv_panel *panel, const struct wt_conv_row row[]);

/* Winograd F(out x out, 3x3) for convolutions of stride 1. F32 and BF16: F(4x4), v, w and m
 * float32, w[k][nr]. U8: F(4x4) or F(2x2) in whole numbers, filters times their denominators; v
 * int16, w int16 [k / 2][16][2], m int32 modulo 2^32. F(4x4) is exact where 64 times each sum of
 * the convolution fits 32 bits. */
struct wt_winograd_kernels {
    const char *name;
    int out, in; /* a tile's side in outputs and inputs */
    int v_size;  /* bytes of an element of v and w; one of m has 4 */
    wt_winograd_in_fn *transform;
    wt_matmul_fn *matmul_wide, *matmul_narrow;
    wt_winograd_out_fn *back_wide, *back_narrow;
    const struct wt_winograd_kernels *smaller; /* for what these do not suit; NULL: none */
};

/* Element-wise rows of n pixels with c channels; out and/or post as above. */
struct wt_row_out {
    void *out, *post; /* either may be NULL */
    enum wt_type out_type, post_type;
    ptrdiff_t out_px, post_px;
    const float *scale, *shift; /* [c], for post */
    float post_floor;
};

/* An operand of an element-wise row. */
struct wt_row_in {
    const void *data;
    enum wt_type type;
    ptrdiff_t px;
};

struct wt_kernels {
    enum wt_cpu_level level;
    struct wt_conv_kernels conv[WT_TYPES]; /* by type of the input */

    /* out = x; post = max(x * scale + shift, floor) */
    void (*copy)(struct wt_row_in x, int n, int c, const struct wt_row_out *o);
    /* x + y */
    void (*add)(struct wt_row_in x, struct wt_row_in y, int n, int c, const struct wt_row_out *o);
    /* x + nearest-upsampled y: output pixel i takes y's pixel i / 2 */
    void (*upadd)(struct wt_row_in x, struct wt_row_in y, int n, int c, const struct wt_row_out *o);
    /* mean of 2x2: rows x0 and x1, of one type and stride */
    void (*pool2)(struct wt_row_in x0, struct wt_row_in x1, int n, int c,
                  const struct wt_row_out *o);
};

/* The table of a level; the level must be one the CPU has. Never NULL. */
const struct wt_kernels *wt_kernels_get(enum wt_cpu_level level);

/* What each level adds, constant data in the library of its instruction set: no name or NULL where
 * it adds nothing. Tables are made from these by code that runs everywhere (kernels.c). */
extern const struct wt_kernels wt_kernels__c, wt_kernels__blas, wt_kernels__sse2, wt_kernels__neon,
    wt_kernels__dotprod, wt_kernels__i8mm, wt_kernels__avx2, wt_kernels__avxvnni,
    wt_kernels__avx512, wt_kernels__avx512vnni, wt_kernels__avx512bf16, wt_kernels__amx;

#endif
