/* bfloat16 convolution on AMX tiles. A tile of inputs is up to 16 pixels x 32 channels straight out
 * of the activation buffer (its row stride is the pixel stride, so no im2col), a tile of weights 32
 * channels x 16 outputs. Two by two of them make four accumulators: 32 pixels x 32 outputs. */
#include <immintrin.h>

#include "kernels.h"

#define WT_ISA(name) wt_##name##__amx
#define VL 16
#include "vector.inc"

/* Layout of the tile configuration: Intel 64 and IA-32 Architectures SDM, LDTILECFG. */
struct tile_config {
    uint8_t palette, start_row, reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
};

/* Tiles 0..3: sums [pixel block][output block]; 4, 5: inputs; 6, 7: weights. */
static void configure(int rows0, int rows1)
{
    struct tile_config c = {.palette = 1};
    const int rows[8] = {rows0, rows0, rows1, rows1, rows0, rows1, 16, 16};
    for (int i = 0; i < 8; i++) {
        c.rows[i] = (uint8_t)(rows[i] ? rows[i] : 1);
        c.bytes[i] = 64;
    }
    _tile_loadconfig(&c);
}

/* Sums of up to 32 pixels (two: whether the second block of them exists) and nv x 16 outputs. */
ALWAYS_INLINE void accumulate(const struct wt_conv_panel *p, const uint16_t *in, const int two,
                              const int nv, float sum[32][32])
{
    const size_t stride = (size_t)p->in_px * 2, block = (size_t)p->kh * p->kc * 16;
    const uint16_t *w0 = p->weight, *w1 = w0 + block;
    _tile_zero(0);
    if (nv == 2)
        _tile_zero(1);
    if (two)
        _tile_zero(2);
    if (two && nv == 2)
        _tile_zero(3);
    for (int ky = 0; ky < p->kh; ky++) {
        const uint16_t *a0 = in + ky * p->in_row, *a1 = a0 + 16 * p->in_px;
        for (int k = 0; k < p->kc; k += 32, w0 += 512, w1 += 512) {
            _tile_loadd(4, a0 + k, stride);
            _tile_loadd(6, w0, 64);
            _tile_dpbf16ps(0, 4, 6);
            if (two) {
                _tile_loadd(5, a1 + k, stride);
                _tile_dpbf16ps(2, 5, 6);
            }
            if (nv == 2) {
                _tile_loadd(7, w1, 64);
                _tile_dpbf16ps(1, 4, 7);
                if (two)
                    _tile_dpbf16ps(3, 5, 7);
            }
        }
    }
    _tile_stored(0, &sum[0][0], 128);
    if (nv == 2)
        _tile_stored(1, &sum[0][16], 128);
    if (two)
        _tile_stored(2, &sum[16][0], 128);
    if (two && nv == 2)
        _tile_stored(3, &sum[16][16], 128);
}

ALWAYS_INLINE void conv_row(const struct wt_conv_panel *p, const struct wt_conv_row *r, int n,
                            const int nv)
{
    _Alignas(64) float sum[32][32];
    for (int x = 0, configured = -1; x < n; x += 32) {
        int m = n - x < 32 ? n - x : 32;
        if (m != configured)
            configure(m < 16 ? m : 16, m - 16 > 0 ? m - 16 : 0);
        configured = m;
        const uint16_t *in = (const uint16_t *)r->in + x * p->in_px;
        if (m > 16)
            accumulate(p, in, 1, nv, sum);
        else
            accumulate(p, in, 0, nv, sum);
        for (int i = 0; i < m; i++) {
#pragma GCC unroll 2
            for (int j = 0; j < nv; j++)
                *(vf *)&sum[i][16 * j] += wt_load__amx(p->bias + 16 * j);
            wt_finish__amx(p, r, x + i, sum[i], nv);
        }
    }
    _tile_release();
}

static void conv_wide(const struct wt_conv_panel *p, const struct wt_conv_row *r, int n)
{
    conv_row(p, r, n, 2);
}

static void conv_narrow(const struct wt_conv_panel *p, const struct wt_conv_row *r, int n)
{
    conv_row(p, r, n, 1);
}

void wt_kernels_init__amx(struct wt_kernels *k)
{
    k->conv[WT_BF16] = (struct wt_conv_kernels){
        "bf16_conv_32x32__amx", WT_PACK_BF16_PAIR, 32, 16, 32, conv_wide, conv_narrow};
}
