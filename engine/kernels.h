/* The kernel table: one set of function pointers per CPU level.
 *
 * A kernel works on one row of pixels so that the plan can cut work anywhere between rows.
 * Activations are [H,W,C] with a stride in elements from pixel to pixel ("px"), so that a kernel
 * can write a slice of channels of a wider tensor (a concat costs nothing). All pointers may have
 * any 4-byte alignment. No kernel allocates. Reentrant. */
#ifndef WT_ENGINE_KERNELS_H
#define WT_ENGINE_KERNELS_H

#include "cpu.h"

/* How numbers are stored; sums are always float32. */
enum wt_type { WT_F32, WT_BF16, WT_TYPES };

static inline size_t wt_type_size(enum wt_type t)
{
    return t == WT_F32 ? 4 : 2;
}

/* Convolution of one panel (a block of up to nr output channels): what all rows share.
 * With K = kh * kc terms an output: sum over ky, k of in[ky * in_row + x * in_px + k] *
 * w[ky][k][c]. As kx and input channels are contiguous in memory, kc = kernel width * input
 * channels. */
struct wt_conv_panel {
    const void *weight; /* f32: [kh][kc][nr]; bf16: nr / 16 blocks [kh * kc / 2][16][2]; zero beyond
                           `channels` */
    const float *bias;  /* [nr] */
    int kh, kc;         /* bf16: kc is a multiple of wt_conv_kernels.k_block */
    ptrdiff_t in_row, in_px; /* elements: input row to row; from one output's input to the next's */
    int channels;            /* outputs that exist, 1..nr */
    /* BatchNorm folded to v * scale + shift, then ReLU; [channels] each, used with pre/post */
    const float *pre_scale, *pre_shift, *post_scale, *post_shift;
    enum wt_type act_type, out_type, residual_type; /* act: pre and post */
};

/* One row: v = conv + bias; pre = relu(bn(v)); v += residual; out = v; post = relu(bn'(v)).
 * Any of pre, residual, out, post may be NULL. Strides in elements of the array's type. */
struct wt_conv_row {
    const void *in;
    void *pre, *out, *post;
    const void *residual;
    ptrdiff_t pre_px, out_px, post_px, residual_px;
};

typedef void wt_conv_fn(const struct wt_conv_panel *panel, const struct wt_conv_row *row, int n);

/* Convolutions with inputs of one type. */
struct wt_conv_kernels {
    const char *name;
    int nr_wide, nr_narrow; /* panel widths; bf16: multiples of 16 */
    int k_block;            /* input channels come in multiples of this */
    wt_conv_fn *wide, *narrow;
};

/* Winograd F(2x2, 3x3), one row of tiles: 4x4 inputs from `in` on, two pixels apart, to
 * v[16][tiles][c] (c a multiple of 16), positions v_pos floats apart; and m[16][tiles][nr] back to
 * two rows of 2 * tiles outputs with the panel's bias and epilogue. */
typedef void wt_winograd_in_fn(const float *in, ptrdiff_t in_row, ptrdiff_t in_px, int tiles, int c,
                               float *v, ptrdiff_t v_pos);
typedef void wt_winograd_out_fn(const float *m, ptrdiff_t m_pos, int tiles,
                                const struct wt_conv_panel *panel, const struct wt_conv_row row[2]);

/* Element-wise rows of n pixels with c channels; out and/or post as above. */
struct wt_row_out {
    void *out, *post; /* either may be NULL */
    enum wt_type out_type, post_type;
    ptrdiff_t out_px, post_px;
    const float *scale, *shift; /* [c], for post */
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
    const char *winograd_name;             /* NULL: none, convolve directly; f32 inputs */
    wt_winograd_in_fn *winograd_in;
    wt_winograd_out_fn *winograd_out_wide, *winograd_out_narrow;

    /* out = x; post = relu(x * scale + shift) */
    void (*copy)(struct wt_row_in x, int n, int c, const struct wt_row_out *o);
    /* x + y */
    void (*add)(struct wt_row_in x, struct wt_row_in y, int n, int c, const struct wt_row_out *o);
    /* x + nearest-upsampled y: output pixel i takes y's pixel i / 2 */
    void (*upadd)(struct wt_row_in x, struct wt_row_in y, int n, int c, const struct wt_row_out *o);
    /* mean of 2x2: rows x0 and x1, of one type and stride */
    void (*pool2)(struct wt_row_in x0, struct wt_row_in x1, int n, int c,
                  const struct wt_row_out *o);
    /* out[i] = base[i] + (clamp(mask[i], 0, 1) > threshold ? row * wr + col[i] * wc : 0), over c
     * channels, all float32; col[i] is the column coordinate */
    void (*coord_map)(const float *base, const float *mask, ptrdiff_t mask_px, float threshold,
                      float row, const float *col, const float *wr, const float *wc, int n, int c,
                      float *out);
};

/* The table of a level; the level must be one the CPU has. Never NULL. */
const struct wt_kernels *wt_kernels_get(enum wt_cpu_level level);

/* Filled by the files compiled for each instruction set. */
void wt_kernels_init__c(struct wt_kernels *k);
void wt_kernels_init__avx2(struct wt_kernels *k);
void wt_kernels_init__avx512(struct wt_kernels *k);
void wt_kernels_init__avx512bf16(struct wt_kernels *k);
void wt_kernels_init__amx(struct wt_kernels *k);

#endif
