/* Convolution on AMX tiles, of bfloat16 and of bytes. A tile of inputs is up to 16 pixels x 64
 * bytes of channels straight out of the activation buffer (its row stride is the pixel stride, so
 * no im2col), a tile of weights as many channels x 16 outputs. Two by two of them make four
 * accumulators: 32 pixels x 32 outputs. */
#include <immintrin.h>

#include "kernels.h"

#define WT_ISA(name) wt_##name##__amx
#define VL 16
#include "vector.inc"

#include "finish_block.inc"

WT_FINISHES(bf16, WT_BF16)
WT_FINISHES(u8, WT_U8)

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

/* sum += inputs * weights of one kind or the other. The intrinsics want constant tile numbers. */
#define DOT(sum, in, weight)                                                                       \
    do {                                                                                           \
        if (type == WT_U8)                                                                         \
            _tile_dpbusd(sum, in, weight);                                                         \
        else                                                                                       \
            _tile_dpbf16ps(sum, in, weight);                                                       \
    } while (0)

enum { TILE = 1024 }; /* bytes of weights that a step takes */

/* Sums of up to 32 pixels (two: whether the second block of them exists) and nv x 16 outputs,
 * float32 or, of bytes, int32. in: the first pixel's inputs. */
ALWAYS_INLINE void accumulate(const struct wt_conv_panel *p, const char *in, const int two,
                              const int nv, const enum wt_type type, void *sum)
{
    const ptrdiff_t size = type == WT_U8 ? 1 : 2, px = p->in_px * size;
    const char *w0 = p->weight, *w1 = w0 + p->kh * p->kc * size * 16;
    _tile_zero(0);
    if (nv == 2)
        _tile_zero(1);
    if (two)
        _tile_zero(2);
    if (two && nv == 2)
        _tile_zero(3);
    for (int ky = 0; ky < p->kh; ky++) {
        const char *a0 = in + ky * p->in_row * size, *a1 = a0 + 16 * px;
        for (ptrdiff_t k = 0; k < p->kc * size; k += 64, w0 += TILE, w1 += TILE) {
            _tile_loadd(4, a0 + k, (size_t)px);
            _tile_loadd(6, w0, 64);
            DOT(0, 4, 6);
            if (two) {
                _tile_loadd(5, a1 + k, (size_t)px);
                DOT(2, 5, 6);
            }
            if (nv == 2) {
                _tile_loadd(7, w1, 64);
                DOT(1, 4, 7);
                if (two)
                    DOT(3, 5, 7);
            }
        }
    }
    float *to = sum, *second = to + 16 * 16 * nv;
    const size_t step = 64 * (size_t)nv;
    _tile_stored(0, to, step);
    if (nv == 2)
        _tile_stored(1, to + 16, step);
    if (two)
        _tile_stored(2, second, step);
    if (two && nv == 2)
        _tile_stored(3, second + 16, step);
}

ALWAYS_INLINE void conv_row(const struct wt_conv_panel *p, const struct wt_conv_row *r, int n,
                            const int nv, const enum wt_type type)
{
    _Alignas(64) float sum[32 * 32];
    for (int x = 0, configured = -1; x < n; x += 32) {
        int m = n - x < 32 ? n - x : 32;
        if (m != configured)
            configure(m < 16 ? m : 16, m - 16 > 0 ? m - 16 : 0);
        configured = m;
        const char *in = (const char *)r->in + x * p->in_px * (type == WT_U8 ? 1 : 2);
        if (m > 16)
            accumulate(p, in, 1, nv, type, sum);
        else
            accumulate(p, in, 0, nv, type, sum);
        if (type == WT_U8)
            wt_finish_sums_u8__amx(p, r, x, m, sum, 16 * nv);
        else
            wt_finish_sums_bf16__amx(p, r, x, m, sum, 16 * nv);
    }
    _tile_release();
}

#define CONV(name, nv, type)                                                                       \
    static void name(const struct wt_conv_panel *p, const struct wt_conv_row *r, int n)            \
    {                                                                                              \
        conv_row(p, r, n, nv, type);                                                               \
    }
CONV(conv_bf16_wide, 2, WT_BF16)
CONV(conv_bf16_narrow, 1, WT_BF16)
CONV(conv_u8_wide, 2, WT_U8)
CONV(conv_u8_narrow, 1, WT_U8)

void wt_kernels_init__amx(struct wt_kernels *k)
{
    k->conv[WT_BF16] = (struct wt_conv_kernels){
        "bf16_conv_32x32__amx", WT_PACK_BF16_PAIR, 32, 16, 32, conv_bf16_wide, conv_bf16_narrow};
    k->conv[WT_U8] = (struct wt_conv_kernels){"u8_conv_32x32__amx", WT_PACK_S8_QUAD, 32, 16, 64,
                                              conv_u8_wide,         conv_u8_narrow};
}
