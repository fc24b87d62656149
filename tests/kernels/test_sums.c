/* Sums of bytes are the same integers on every CPU level: each convolution of u8 with
 * dequantisation and bias switched off, against a loop in 64 bits, number by number without any
 * tolerance. The inputs are those that saturate: the largest of both signs, over the longest rows
 * of the network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "kernels.h"

enum { KH = 3, KC_MAX = 768, N_MAX = 64, NR_MAX = 64, OVERREAD = 64 };

enum pattern { ALL_HIGH, ALL_LOW, SIGNS_BY_TURNS, PAIRS_BY_TURNS, RANDOM, PATTERNS };

static uint8_t input[KH * (N_MAX * KC_MAX + OVERREAD)];
static int8_t weight[KH * KC_MAX][NR_MAX];
static int16_t packed[KH * KC_MAX * NR_MAX];
static float out[N_MAX * NR_MAX];

static int8_t weight_of(enum pattern pattern, int k)
{
    switch (pattern) {
    case ALL_HIGH:
        return 127;
    case ALL_LOW:
        return -127;
    case SIGNS_BY_TURNS:
        return k & 1 ? -127 : 127;
    case PAIRS_BY_TURNS:
        return k & 2 ? -127 : 127;
    default:
        return (int8_t)(rand() % 255 - 127);
    }
}

static void fill(enum pattern pattern, int K)
{
    for (size_t i = 0; i < sizeof input; i++)
        input[i] = pattern == RANDOM ? (uint8_t)rand() : 255;
    for (int k = 0; k < K; k++)
        for (int c = 0; c < NR_MAX; c++)
            weight[k][c] = weight_of(pattern, k);
}

static void pack(enum wt_packing packing, int K, int nr)
{
    for (int k = 0; k < K; k++)
        for (int c = 0; c < nr; c++) {
            size_t block = (size_t)c / 16 * K * 16, lane = (size_t)c % 16;
            if (packing == WT_PACK_S8_QUAD)
                ((int8_t *)packed)[block + k / 4 * 64 + lane * 4 + k % 4] = weight[k][c];
            else if (packing == WT_PACK_S16_PAIR)
                packed[block + k / 2 * 32 + lane * 2 + k % 2] = weight[k][c];
            else
                fail_msg("a packing without bytes");
        }
}

static void compare(const struct wt_conv_kernels *conv, bool wide, int n, int kh, int kc,
                    enum pattern pattern)
{
    static const float one[NR_MAX] = {[0 ... NR_MAX - 1] = 1}, none[NR_MAX];
    int nr = wide ? conv->nr_wide : conv->nr_narrow, px = kc < 256 ? kc : 256;
    ptrdiff_t in_row = (ptrdiff_t)N_MAX * KC_MAX + 5;
    fill(pattern, kh * kc);
    pack(conv->packing, kh * kc, nr);
    struct wt_conv_panel p = {.weight = packed,
                              .bias = none,
                              .dequant = one,
                              .kh = kh,
                              .kc = kc,
                              .in_row = in_row,
                              .in_px = px,
                              .nr = nr,
                              .channels = nr};
    struct wt_conv_row r = {.in = input, .out = out, .out_px = nr};
    (wide ? conv->wide : conv->narrow)(&p, &r, n);
    for (int x = 0; x < n; x++)
        for (int c = 0; c < nr; c++) {
            int64_t sum = 0;
            for (int k = 0; k < kh * kc; k++)
                sum += input[k / kc * in_row + x * px + k % kc] * weight[k][c];
            if (out[x * nr + c] != (float)sum)
                fail_msg("%s: pattern %d, %d pixels, %d x %d: pixel %d channel %d: %.0f, not %.0f",
                         conv->name, (int)pattern, n, kh, kc, x, c, (double)out[x * nr + c],
                         (double)sum);
        }
}

static void equal_on_every_level(void **state)
{
    (void)state;
    static const int pixels[] = {1, 5, 8, 13, 31, 64};
    int levels = 0;
    for (int level = 0; level < WT_CPU_LEVELS; level++) {
        if (!wt_cpu_get()->usable[level])
            continue;
        const struct wt_conv_kernels *conv = &wt_kernels_get((enum wt_cpu_level)level)->conv[WT_U8];
        assert_true(conv->nr_wide <= NR_MAX);
        for (int wide = 0; wide < 2; wide++)
            for (int pattern = 0; pattern < PATTERNS; pattern++)
                for (size_t i = 0; i < sizeof pixels / sizeof *pixels; i++) {
                    compare(conv, wide, pixels[i], 1, conv->k_block, (enum pattern)pattern);
                    compare(conv, wide, pixels[i], KH, KC_MAX, (enum pattern)pattern);
                }
        print_message("%s: %s\n", wt_cpu_level_name((enum wt_cpu_level)level), conv->name);
        levels++;
    }
    assert_true(levels > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_on_every_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
