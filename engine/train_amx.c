/* Products of bfloat16 on AMX tiles: two by two sums of 16x16, 32 of k a step. */
#include <immintrin.h>

#include "train_kernels.h"

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
    /* GCC 12's _tile_loadconfig tells the compiler of 8 of the 64 bytes only */
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

void wt_train_kernels_init__amx(struct wt_train_kernels *k)
{
    k->product[WT_BF16] = product;
    k->width[WT_BF16] = 32;
}
