/* Products of bfloat16 on AMX tiles: two by two sums of 16x16, 32 of k a step. */
#include <immintrin.h>

#include "kernels/train_kernels.h"

/* Layout of the tile configuration: Intel 64 and IA-32 Architectures SDM, LDTILECFG. */
struct tile_config {
    uint8_t palette, start_row, reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
};

/* Tiles 0..3: sums [block of a's rows][block of b]; 4, 5: a; 6, 7: b. */
static void configure(int rows0, int rows1)
{
    struct tile_config c = {.palette = 1};
    const int rows[8] = {rows0, rows0, rows1, rows1, rows0, rows1, 16, 16};
    for (int i = 0; i < 8; i++) {
        c.rows[i] = (uint8_t)(rows[i] > 0 ? rows[i] : 1);
        c.bytes[i] = 64;
    }
    /* GCC 12's _tile_loadconfig declares only 8 of the 64 bytes to the compiler */
    __asm__ volatile("ldtilecfg %0" : : "m"(c));
}

static void product_32(const uint16_t *a, size_t stride, const uint16_t *b, ptrdiff_t block, int k,
                       float *sum)
{
    const uint16_t *a1 = a + 16 * stride / 2;
    _tile_loadd(0, sum, 128);
    _tile_loadd(1, sum + 16, 128);
    _tile_loadd(2, sum + 16 * 32, 128);
    _tile_loadd(3, sum + 16 * 32 + 16, 128);
    for (ptrdiff_t p = 0; p < k; p += 32) {
        _tile_loadd(4, a + p, stride);
        _tile_loadd(6, b + 16 * p, 64);
        _tile_loadd(7, b + block + 16 * p, 64);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(5, a1 + p, stride);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, sum, 128);
    _tile_stored(1, sum + 16, 128);
    _tile_stored(2, sum + 16 * 32, 128);
    _tile_stored(3, sum + 16 * 32 + 16, 128);
}

static void product_16(const uint16_t *a, size_t stride, const uint16_t *b, ptrdiff_t block, int k,
                       float *sum)
{
    _tile_loadd(0, sum, 128);
    _tile_loadd(1, sum + 16, 128);
    for (ptrdiff_t p = 0; p < k; p += 32) {
        _tile_loadd(4, a + p, stride);
        _tile_loadd(6, b + 16 * p, 64);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(7, b + block + 16 * p, 64);
        _tile_dpbf16ps(1, 4, 7);
    }
    _tile_stored(0, sum, 128);
    _tile_stored(1, sum + 16, 128);
}

static void product(const void *a, ptrdiff_t a_row, const void *b, ptrdiff_t b_block, int m, int k,
                    float *sum)
{
    int configured = -1;
    for (int i = 0; i < m; i += 32) {
        const int rows = m - i < 32 ? m - i : 32;
        const uint16_t *from = (const uint16_t *)a + i * a_row;
        if (rows != configured)
            configure(rows < 16 ? rows : 16, rows - 16);
        configured = rows;
        if (rows > 16)
            product_32(from, (size_t)a_row * 2, b, b_block, k, sum + 32 * i);
        else
            product_16(from, (size_t)a_row * 2, b, b_block, k, sum + 32 * i);
    }
    _tile_release();
}

/* ---- taps ---- */

/* Sums of several taps at a time, a tile each, so that of a and b little is loaded for each
 * product. Taps 2j and 2j + 1 of a row are the same b with a and with a shifted by one. */
enum { SUM_STEP = 32 * 4 };

struct taps {
    const uint16_t *a, *b; /* 16 rows of a, 16 columns of b */
    size_t stride;         /* of a, bytes */
    ptrdiff_t tap_row;
    int taps, k;
    float *sum;
    ptrdiff_t next; /* from one tap's sums to the next's */
};

static const uint16_t *b_at(const struct taps *x, int ty, int tx)
{
    return x->b + (ty * x->tap_row + tx) * 16;
}

static float *sum_at(const struct taps *x, int ty, int tx)
{
    return x->sum + (ty * x->taps + tx) * x->next;
}

/* Taps tx and tx + 1 of two places. */
static void two_pairs(const struct taps *x, const uint16_t *b0, const uint16_t *b1, float *sum0,
                      float *sum1)
{
    _tile_loadd(0, sum0, SUM_STEP);
    _tile_loadd(1, sum0 + x->next, SUM_STEP);
    _tile_loadd(2, sum1, SUM_STEP);
    _tile_loadd(3, sum1 + x->next, SUM_STEP);
    for (ptrdiff_t p = 0; p < x->k; p += 32) {
        _tile_loadd(4, x->a + p, x->stride);
        _tile_loadd(6, b0 + 16 * p, 64);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(7, b1 + 16 * p, 64);
        _tile_dpbf16ps(2, 4, 7);
        _tile_loadd(5, x->a + p - 1, x->stride);
        _tile_dpbf16ps(1, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, sum0, SUM_STEP);
    _tile_stored(1, sum0 + x->next, SUM_STEP);
    _tile_stored(2, sum1, SUM_STEP);
    _tile_stored(3, sum1 + x->next, SUM_STEP);
}

/* The nine taps of 3x3 but those of two_pairs: the last row's pair, and the last of every row. */
static void last_five(const struct taps *x)
{
    const uint16_t *b0 = b_at(x, 2, 0), *b1 = b_at(x, 0, 2), *b2 = b_at(x, 1, 2),
                   *b3 = b_at(x, 2, 2);
    float *s0 = sum_at(x, 2, 0), *s1 = sum_at(x, 2, 1), *s2 = sum_at(x, 0, 2),
          *s3 = sum_at(x, 1, 2), *s4 = sum_at(x, 2, 2);
    _tile_loadd(0, s0, SUM_STEP);
    _tile_loadd(1, s1, SUM_STEP);
    _tile_loadd(2, s2, SUM_STEP);
    _tile_loadd(3, s3, SUM_STEP);
    _tile_loadd(4, s4, SUM_STEP);
    for (ptrdiff_t p = 0; p < x->k; p += 32) {
        _tile_loadd(5, x->a + p, x->stride);
        _tile_loadd(6, b1 + 16 * p, 64);
        _tile_dpbf16ps(2, 5, 6);
        _tile_loadd(7, b2 + 16 * p, 64);
        _tile_dpbf16ps(3, 5, 7);
        _tile_loadd(6, b3 + 16 * p, 64);
        _tile_dpbf16ps(4, 5, 6);
        _tile_loadd(7, b0 + 16 * p, 64);
        _tile_dpbf16ps(0, 5, 7);
        _tile_loadd(5, x->a + p - 1, x->stride);
        _tile_dpbf16ps(1, 5, 7);
    }
    _tile_stored(0, s0, SUM_STEP);
    _tile_stored(1, s1, SUM_STEP);
    _tile_stored(2, s2, SUM_STEP);
    _tile_stored(3, s3, SUM_STEP);
    _tile_stored(4, s4, SUM_STEP);
}

static void all_taps(const struct taps *x)
{
    const int columns = x->taps / 2, pairs = x->taps == 3 ? 2 : x->taps * columns;
    for (int i = 0; i < pairs; i += 2) {
        const int y0 = i / columns, x0 = i % columns * 2, y1 = (i + 1) / columns,
                  x1 = (i + 1) % columns * 2;
        two_pairs(x, b_at(x, y0, x0), b_at(x, y1, x1), sum_at(x, y0, x0), sum_at(x, y1, x1));
    }
    if (x->taps == 3)
        last_five(x);
}

static void products(const struct wt_product *p)
{
    if (p->taps != 3 && p->taps % 2) {
        wt_product_by_taps(p, product, WT_BF16, 32);
        return;
    }
    struct taps x = {.stride = (size_t)p->a_row * 2,
                     .tap_row = p->tap_row,
                     .taps = p->taps,
                     .k = p->k,
                     .next = (ptrdiff_t)p->m * 32};
    for (int i = 0; i < p->m; i += 16) {
        if (i == 0 || p->m - i < 16)
            configure(p->m - i < 16 ? p->m - i : 16, p->m - i < 16 ? p->m - i : 16);
        for (int block = 0; block < 2; block++) {
            x.a = (const uint16_t *)p->a + i * p->a_row;
            x.b = (const uint16_t *)p->b + block * p->b_block;
            x.sum = p->sum + i * 32 + block * 16;
            all_taps(&x);
        }
    }
    _tile_release();
}

const struct wt_train_kernels wt_train_kernels__amx = {
    .products[WT_BF16] = products,
    .width[WT_BF16] = 32,
};
