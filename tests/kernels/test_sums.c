/* Sums of bytes are the same integers on every CPU level: each convolution of u8 with
 * dequantisation and bias switched off, also by Winograd's products where a level has them, against
 * a loop in 64 bits, number by number without any tolerance. The inputs are those that saturate:
 * the largest of both signs, over the longest rows of the network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/kernels.h"
#include "kernels/runs.h"
#include "levels.h"
#include "unchecked.h"

enum { KH = 3, KC_MAX = 768, N_MAX = 64, NR_MAX = 64, OVERREAD = 64 };

enum pattern {
    ALL_HIGH,
    ALL_LOW,
    SIGNS_BY_TURNS,
    PAIRS_BY_TURNS,
    SIXTEEN, /* four quads of them are a full run */
    SMALL,
    RANDOM,
    PATTERNS
};

static uint8_t input[KH * (N_MAX * KC_MAX + OVERREAD)];
static int8_t weight[KH * KC_MAX][NR_MAX];
_Alignas(64) static int16_t packed[KH * KC_MAX * NR_MAX];
static float out[N_MAX * NR_MAX];

/* 16 bits. rand() has a lock, which takes an emulated processor long. */
static int random_bits(void)
{
    static uint32_t state = 2463534242u;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return (int)(state >> 16);
}

static int8_t weight_of(enum pattern pattern, int k, int c)
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
    case SIXTEEN:
        return c & 1 ? -16 : 16;
    case SMALL:
        return (int8_t)(random_bits() % 41 - 20);
    default:
        return (int8_t)(random_bits() % 255 - 127);
    }
}

static void fill(enum pattern pattern, int K)
{
    for (size_t i = 0; i < sizeof input; i++)
        input[i] = pattern == RANDOM ? (uint8_t)random_bits() : 255;
    for (int k = 0; k < K; k++)
        for (int c = 0; c < NR_MAX; c++)
            weight[k][c] = weight_of(pattern, k, c);
}

/* Pairs of more than 128 of one sign become pairs of exactly that, split in several ways. */
static void bound_pairs(int K)
{
    static const int8_t high[] = {64, 127, 1, 100};
    for (int k = 0; k < K; k += 2)
        for (int c = 0; c < NR_MAX; c++) {
            int8_t *a = &weight[k][c], *b = &weight[k + 1][c];
            if (*a * *b <= 0 || abs(*a + *b) <= 128)
                continue;
            int sign = *a < 0 ? -1 : 1, part = high[(k / 2 + c) % 4];
            *a = (int8_t)(sign * part);
            *b = (int8_t)(sign * (128 - part));
        }
}

static void pack_runs(int K, int nr)
{
    assert_true(wt_runs_bytes(K, nr) <= sizeof packed);
    memset(packed, 0, sizeof packed);
    for (int k = 0; k < K; k++)
        for (int c = 0; c < nr; c++)
            wt_runs_put(packed, K, k, c, weight[k][c]);
    wt_runs_choose(packed, K, nr);
}

static void pack(enum wt_packing packing, int K, int nr)
{
    if (packing == WT_PACK_S8_RUNS) {
        pack_runs(K, nr);
        return;
    }
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

/* Adds `count` inputs times their weights, row k and on, for `channels` channels. */
UNCHECKED static void add_products(const uint8_t *from, int k, int count, int channels,
                                   int64_t *restrict sum)
{
    for (int i = 0; i < count; i++)
        for (int c = 0; c < channels; c++)
            sum[c] += from[i] * weight[k + i][c];
}

static void compare(const struct wt_conv_kernels *conv, bool wide, int n, int kh, int kc,
                    enum pattern pattern)
{
    static const float one[NR_MAX] = {[0 ... NR_MAX - 1] = 1}, none[NR_MAX];
    int nr = wide ? conv->nr_wide : conv->nr_narrow, px = kc < 256 ? kc : 256;
    ptrdiff_t in_row = (ptrdiff_t)N_MAX * KC_MAX + 5;
    fill(pattern, kh * kc);
    if (conv->packing == WT_PACK_S8_RUNS)
        bound_pairs(kc);
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
    for (int x = 0; x < n; x++) {
        int64_t sum[NR_MAX] = {0};
        for (int y = 0; y < kh; y++)
            add_products(input + y * in_row + x * px, y * kc, kc, nr, sum);
        for (int c = 0; c < nr; c++)
            if (out[x * nr + c] != (float)sum[c])
                fail_msg("%s: pattern %d, %d pixels, %d x %d: pixel %d channel %d: %.0f, not %.0f",
                         conv->name, (int)pattern, n, kh, kc, x, c, (double)out[x * nr + c],
                         (double)sum[c]);
    }
}

/* Filters as the products read them: G g G^T, [in * in][cin / 2][16][2]. */
static void pack_filters(const struct wt_winograd_kernels *k, int cin, int16_t *to)
{
    static const int G2[4][3] = {{2, 0, 0}, {1, 1, 1}, {1, -1, 1}, {0, 0, 2}};
    static const int G4[6][3] = {{1, 0, 0}, {1, 1, 1},  {1, -1, 1},
                                 {1, 2, 4}, {1, -2, 4}, {0, 0, 1}};
    const int(*G)[3] = k->out == 2 ? G2 : G4;
    for (int pos = 0; pos < k->in * k->in; pos++)
        for (int i = 0; i < cin; i++)
            for (int c = 0; c < 16; c++) {
                int u = 0;
                for (int t = 0; t < 9; t++)
                    u += G[pos / k->in][t / 3] * weight[t * cin + i][c] * G[pos % k->in][t % 3];
                to[((size_t)pos * cin / 2 + i / 2) * 32 + c * 2 + i % 2] = (int16_t)u;
            }
}

static void compare_winograd(const struct wt_winograd_kernels *k, int tiles, int cin,
                             enum pattern pattern)
{
    enum { NR = 16, CIN_MAX = 256, TILES_MAX = 32, OUT_MAX = 4, POSITIONS_MAX = 36 };
    static int16_t v[POSITIONS_MAX * TILES_MAX * CIN_MAX], u[POSITIONS_MAX * CIN_MAX * NR];
    static int32_t m[POSITIONS_MAX * TILES_MAX * NR];
    static float rows[OUT_MAX][OUT_MAX * TILES_MAX * NR];
    static const float one[NR] = {[0 ... NR - 1] = 1}, none[NR];
    const int positions = k->in * k->in, width = k->out * tiles;
    ptrdiff_t in_row = (ptrdiff_t)(width + 2) * cin + 3, v_pos = (ptrdiff_t)tiles * cin;
    fill(pattern, 9 * cin);
    pack_filters(k, cin, u);
    struct wt_conv_panel p = {.bias = none, .dequant = one, .nr = NR, .channels = NR};
    struct wt_conv_row r[OUT_MAX];
    for (int y = 0; y < OUT_MAX; y++)
        r[y] = (struct wt_conv_row){.out = rows[y], .out_px = NR};
    assert_true(k->out + 2 == k->in && k->out <= OUT_MAX && k->v_size == sizeof *v);
    assert_true((size_t)in_row * k->in <= sizeof input);
    k->transform(input, in_row, cin, tiles, cin, v, v_pos);
    for (int pos = 0; pos < positions; pos++)
        k->matmul_wide(v + pos * v_pos, cin, u + (size_t)pos * cin * NR, cin,
                       m + (size_t)pos * tiles * NR, tiles);
    k->back_wide(m, (ptrdiff_t)tiles * NR, tiles, &p, r);
    for (int i = 0; i < k->out * width; i++) {
        int y = i / width, x = i % width;
        int64_t sum[NR] = {0};
        for (int t = 0; t < 9; t++)
            add_products(input + (y + t / 3) * in_row + (x + t % 3) * cin, t * cin, cin, NR, sum);
        for (int c = 0; c < NR; c++)
            if (rows[y][x * NR + c] != (float)sum[c])
                fail_msg("%s: pattern %d, %d tiles, %d inputs: row %d pixel %d channel %d: %.0f, "
                         "not %.0f",
                         k->name, (int)pattern, tiles, cin, y, x, c, (double)rows[y][x * NR + c],
                         (double)sum[c]);
    }
}

static void pointwise_equal(const struct wt_conv_kernels *conv, int pixels)
{
    for (int wide = 0; wide < 2; wide++)
        for (int pattern = 0; pattern < PATTERNS; pattern++)
            for (int kc = 4; kc <= WT_RUNS_INPUTS; kc += kc < 40 ? 4 : 36)
                compare(conv, wide, pixels, 1, kc, (enum pattern)pattern);
}

/* Runs are as long as the weights allow, and none is longer. */
static void runs_are_full(void **state)
{
    (void)state;
    static const int want[][WT_RUN_QUADS] = {
        [ALL_HIGH] = {0, 0, 0, 64},       [ALL_LOW] = {0, 0, 0, 64},
        [SIGNS_BY_TURNS] = {0, 0, 0, 64}, [PAIRS_BY_TURNS] = {0, 0, 0, 64},
        [SIXTEEN] = {16, 0, 0, 0},
    };
    for (int pattern = 0; pattern <= SIXTEEN; pattern++) {
        fill((enum pattern)pattern, WT_RUNS_INPUTS);
        bound_pairs(WT_RUNS_INPUTS);
        pack_runs(WT_RUNS_INPUTS, NR_MAX);
        for (int c = 0; c < NR_MAX; c += WT_RUNS_OUTPUTS)
            assert_memory_equal(wt_runs_block(packed, WT_RUNS_INPUTS, c)->runs, want[pattern],
                                sizeof want[pattern]);
    }
}

/* Sums of F(4x4) are within +-2^25: those of the longest rows with all weights extreme are not. */
static void winograd_equal(const struct wt_winograd_kernels *k)
{
    for (int tiles = 1; tiles <= (k->out == 2 ? 32 : 10);
         tiles += tiles == 9 && k->out == 2 ? 23 : 1)
        for (int pattern = 0; pattern < PATTERNS; pattern++) {
            int longest = k->out == 2 || pattern == RANDOM ? 256 : 112;
            compare_winograd(k, tiles, tiles % 2 ? longest : 48, (enum pattern)pattern);
        }
}

static void equal_on_every_level(void **state)
{
    (void)state;
    static const int pixels[] = {1, 5, 8, 13, 31, 64};
    int levels = 0;
    for (int level = 0; level < WT_CPU_LEVELS; level++) {
        if (!is_tested((enum wt_cpu_level)level))
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
        for (size_t i = 0; conv->pointwise && i < sizeof pixels / sizeof *pixels; i++)
            pointwise_equal(conv->pointwise, pixels[i]);
        if (conv->pointwise)
            print_message("%s: %s\n", wt_cpu_level_name((enum wt_cpu_level)level),
                          conv->pointwise->name);
        for (const struct wt_winograd_kernels *k = conv->winograd; k; k = k->smaller) {
            winograd_equal(k);
            print_message("%s: %s\n", wt_cpu_level_name((enum wt_cpu_level)level), k->name);
        }
        levels++;
    }
    assert_true(levels > 0);
}

/* Levels to test may be named: test_sums avx2. */
int main(int argc, char **argv)
{
    want_levels(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_on_every_level),
        cmocka_unit_test(runs_are_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
