/* bfloat16 convolution with AVX512-BF16: the tile of conv_f32.inc, two input channels a step. */
#include <immintrin.h>

#include "kernels/kernels.h"

#define WT_ISA(name) wt_##name##__avx512bf16
#define VL 16
#include "kernels/vector.inc"

#include "kernels/finish_block.inc"

WT_FINISHES(bf16, WT_BF16)

enum { MR_MAX = 14 };

static __m512bh pair(const uint16_t *p)
{
    int32_t both;
    memcpy(&both, p, sizeof both);
    return (__m512bh)_mm512_set1_epi32(both);
}

/* mr and nv are constants at every call; pixels as base[i / 3] + index[i % 3], see conv_f32.inc. */
ALWAYS_INLINE void tile(const struct wt_conv_panel *p, const struct wt_conv_row *r, int x,
                        const int mr, const int nv)
{
    __m512 acc[MR_MAX][2];
    const ptrdiff_t px = p->in_px, block = (ptrdiff_t)p->kh * p->kc * 16;
#pragma GCC unroll 14
    for (int i = 0; i < mr; i++)
#pragma GCC unroll 2
        for (int j = 0; j < nv; j++)
            acc[i][j] = _mm512_setzero_ps();
    const uint16_t *w = p->weight;
    for (int ky = 0; ky < p->kh; ky++) {
        const uint16_t *b0 = (const uint16_t *)r->in + ky * p->in_row + x * px, *b1 = b0 + 3 * px,
                       *b2 = b0 + 6 * px, *b3 = b0 + 9 * px, *b4 = b0 + 12 * px;
        for (ptrdiff_t k = 0, n = p->kc; k < n; k += 2, w += 32) {
            __m512bh wv[2];
#pragma GCC unroll 2
            for (int j = 0; j < nv; j++)
                wv[j] = (__m512bh)_mm512_loadu_si512(w + j * block);
#pragma GCC unroll 14
            for (int i = 0; i < mr; i++) {
                const uint16_t *b = i < 3 ? b0 : i < 6 ? b1 : i < 9 ? b2 : i < 12 ? b3 : b4;
                __m512bh a = pair(b + k + (i % 3) * px);
#pragma GCC unroll 2
                for (int j = 0; j < nv; j++)
                    acc[i][j] = _mm512_dpbf16_ps(acc[i][j], a, wv[j]);
            }
        }
    }
    float sum[MR_MAX * 32];
#pragma GCC unroll 14
    for (int i = 0; i < mr; i++)
#pragma GCC unroll 2
        for (int j = 0; j < nv; j++)
            _mm512_storeu_ps(&sum[(i * nv + j) * 16], acc[i][j]);
    wt_finish_sums_bf16__avx512bf16(p, r, x, mr, sum, 16 * nv);
}

#define TILE(mr, nv)                                                                               \
    static void tile_##mr##x##nv(const struct wt_conv_panel *p, const struct wt_conv_row *r,       \
                                 int x)                                                            \
    {                                                                                              \
        tile(p, r, x, mr, nv);                                                                     \
    }
#define TILES(mr) TILE(mr, 1) TILE(mr, 2)
/* clang-format off */
TILES(1) TILES(2) TILES(3) TILES(4) TILES(5) TILES(6) TILES(7)
TILES(8) TILES(9) TILES(10) TILES(11) TILES(12) TILES(13) TILES(14)
    /* clang-format on */

    typedef void tile_fn(const struct wt_conv_panel *, const struct wt_conv_row *, int);
#define ENTRY(mr) [mr] = {tile_##mr##x1, tile_##mr##x2}
static tile_fn *const tiles[MR_MAX + 1][2] = {
    ENTRY(1), ENTRY(2), ENTRY(3),  ENTRY(4),  ENTRY(5),  ENTRY(6),  ENTRY(7),
    ENTRY(8), ENTRY(9), ENTRY(10), ENTRY(11), ENTRY(12), ENTRY(13), ENTRY(14),
};

static void row_of(const struct wt_conv_panel *p, const struct wt_conv_row *r, int n, int nv)
{
    int count = (n + MR_MAX - 1) / MR_MAX;
    for (int t = 0, x = 0; t < count; t++) {
        int mr = (n - x + count - t - 1) / (count - t);
        tiles[mr][nv - 1](p, r, x);
        x += mr;
    }
}

static void conv_wide(const struct wt_conv_panel *p, const struct wt_conv_row *r, int n)
{
    row_of(p, r, n, 2);
}

static void conv_narrow(const struct wt_conv_panel *p, const struct wt_conv_row *r, int n)
{
    row_of(p, r, n, 1);
}

const struct wt_kernels wt_kernels__avx512bf16 = {
    .conv[WT_BF16] = {"bf16_conv_14x32__avx512bf16", WT_PACK_BF16_PAIR, 32, 16, 2, conv_wide,
                      conv_narrow},
};
