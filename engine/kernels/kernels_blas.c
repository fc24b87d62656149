/* float32 on processors that have no kernels of ours: the products are OpenBLAS's, what is around
 * them is written with the compiler's vectors. A row of pixels is a product of matrices: by its own
 * stride where a kernel of 1x1 reads it, else from a copy of what each pixel sees, in pieces that
 * stay in the cache. 3x3 convolutions use Winograd's products, a quarter as many.
 *
 * For the same row the calls are the same however the plan cuts its work, so that the number of
 * threads changes no bit of a direct convolution; of Winograd's that holds as far as OpenBLAS's
 * sums do not depend on how many rows a matrix has. */
#include "base/blas.h"
#include "kernels/kernels.h"

#define WT_ISA(name) wt_##name##__blas
#define VL 4
#include "kernels/vector.inc"

#include "kernels/conv_f32.inc"
#include "kernels/rows.inc"
#include "kernels/winograd_f32.inc"

enum { WIDE = 64, NARROW = 32, PIXELS = 64, TERMS = 768 };

/* sum[m][nr] += in[m][k] w[k][nr], n of the nr: to Fortran, which counts columns first, the
 * transposed of all three. */
static void add_product(const float *in, ptrdiff_t in_px, const float *w, int k, float *sum, int m,
                        int nr, int n, float keep)
{
    const int ld = (int)in_px;
    const float one = 1;
    wt_blas_get()->sgemm("N", "N", &n, &m, &k, &one, w, &nr, in, &ld, &keep, sum, &nr);
}

/* Up to PIXELS pixels of a row, from x on. */
static void conv_piece(const struct wt_conv_panel *p, const struct wt_conv_row *r, int x, int m)
{
    float piece[PIXELS * TERMS], sum[PIXELS * WIDE];
    const float *w = p->weight;
    for (int i = 0; i < m; i++)
        memcpy(sum + i * p->nr, p->bias, (size_t)p->nr * sizeof *sum);
    for (int ky = 0; ky < p->kh; ky++)
        for (int k = 0; k < p->kc; k += TERMS) {
            const int terms = p->kc - k < TERMS ? p->kc - k : TERMS;
            const float *in = (const float *)r->in + ky * p->in_row + x * p->in_px + k;
            if (p->in_px >= terms) {
                add_product(in, p->in_px, w, terms, sum, m, p->nr, p->channels, 1);
            } else {
                for (int i = 0; i < m; i++)
                    memcpy(piece + i * terms, in + i * p->in_px, (size_t)terms * sizeof *piece);
                add_product(piece, terms, w, terms, sum, m, p->nr, p->channels, 1);
            }
            w += (ptrdiff_t)terms * p->nr;
        }
    for (int i = 0; i < m; i++)
        WT_ISA(finish)(p, r, x + i, sum + i * p->nr, p->nr / VL);
}

static void conv_row(const struct wt_conv_panel *p, const struct wt_conv_row *r, int n)
{
    for (int x = 0; x < n; x += PIXELS)
        conv_piece(p, r, x, n - x < PIXELS ? n - x : PIXELS);
}

/* ---- Winograd -------------------------------------------------------------------------------- */

static void matmul_wide(const void *v, ptrdiff_t v_px, const void *w, int k, void *m, int n)
{
    add_product(v, v_px, w, k, m, n, WIDE, WIDE, 0);
}

static void matmul_narrow(const void *v, ptrdiff_t v_px, const void *w, int k, void *m, int n)
{
    add_product(v, v_px, w, k, m, n, NARROW, NARROW, 0);
}

static const float *from(const float *x, int c)
{
    return x ? x + c : NULL;
}

static void *channel(const void *x, enum wt_type type, int c)
{
    return x ? (char *)(uintptr_t)x + c * (ptrdiff_t)wt_type_size(type) : NULL;
}

/* The epilogue takes two vectors of channels at a time, as if they were a panel. */
static void back(const float *m, ptrdiff_t m_pos, int tiles, const struct wt_conv_panel *p,
                 const struct wt_conv_row row[], const int nr)
{
    for (int c = 0; c < p->channels; c += 2 * VL) {
        struct wt_conv_panel part = *p;
        struct wt_conv_row rows[WT_WINOGRAD_OUT];
        part.channels = p->channels - c < 2 * VL ? p->channels - c : 2 * VL;
        part.bias += c;
        part.inner_scale = from(p->inner_scale, c);
        part.inner_shift = from(p->inner_shift, c);
        part.pre_scale = from(p->pre_scale, c);
        part.pre_shift = from(p->pre_shift, c);
        part.post_scale = from(p->post_scale, c);
        part.post_shift = from(p->post_shift, c);
        for (int y = 0; y < WT_WINOGRAD_OUT; y++) {
            rows[y] = row[y];
            rows[y].pre = channel(row[y].pre, p->act_type, c);
            rows[y].out = channel(row[y].out, p->out_type, c);
            rows[y].post = channel(row[y].post, p->act_type, c);
            rows[y].residual = channel(row[y].residual, p->residual_type, c);
        }
        WT_ISA(winograd_out)(m + c, m_pos, tiles, &part, rows, 2, nr);
    }
}

static void back_wide(const void *m, ptrdiff_t m_pos, int tiles, const struct wt_conv_panel *p,
                      const struct wt_conv_row row[])
{
    back(m, m_pos, tiles, p, row, WIDE);
}

static void back_narrow(const void *m, ptrdiff_t m_pos, int tiles, const struct wt_conv_panel *p,
                        const struct wt_conv_row row[])
{
    back(m, m_pos, tiles, p, row, NARROW);
}

static const struct wt_winograd_kernels winograd = {
    "f32_winograd_4x4__blas",
    WT_WINOGRAD_OUT,
    WT_WINOGRAD_IN,
    sizeof(float),
    WT_ISA(winograd_in),
    matmul_wide,
    matmul_narrow,
    back_wide,
    back_narrow,
};

const struct wt_kernels wt_kernels__blas = {
    .conv[WT_F32] = {"f32_conv__blas", WT_PACK_F32, WIDE, NARROW, 1, conv_row, conv_row, &winograd},
    WT_ROW_ENTRIES,
};
