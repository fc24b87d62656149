/* Winograd's kernels of every CPU level this machine has: input transform, products and output
 * transform against a plain 3x3 convolution in double precision, with guard zones and poisoned
 * outputs. */
#include "blocks.h"

#include "kernels/winograd.h"

enum { OUT = WT_WINOGRAD_OUT, IN = WT_WINOGRAD_IN, POSITIONS = WT_WINOGRAD_POSITIONS };

/* The transform of a filter, u = G g G^T, from the points of interpolation alone: row j of G is
 * (1, p, p^2) over the product of p's distances to the other points; infinity's row is (0, 0, 1).
 */
static void winograd_rows(double G[IN][3])
{
    const double point[IN - 1] = {0, WT_WINOGRAD_A, -WT_WINOGRAD_A, WT_WINOGRAD_B, -WT_WINOGRAD_B};
    memset(G, 0, IN * sizeof *G);
    for (int j = 0; j < IN - 1; j++) {
        double scale = 1;
        for (int q = 0; q < IN - 1; q++)
            scale /= q == j ? 1 : point[j] - point[q];
        for (int i = 0; i < 3; i++)
            G[j][i] = scale * pow(point[j], i);
    }
    G[IN - 1][2] = 1;
}

UNCHECKED static void winograd_filter(const double G[IN][3], const float *g, double u[POSITIONS])
{
    for (int j = 0; j < IN; j++) {
        double row[3]; /* of G g */
        for (int i = 0; i < 3; i++)
            row[i] = G[j][0] * g[i] + G[j][1] * g[3 + i] + G[j][2] * g[6 + i];
        for (int i = 0; i < IN; i++)
            u[j * IN + i] = row[0] * G[i][0] + row[1] * G[i][1] + row[2] * G[i][2];
    }
}

/* Filters [channels][cin][9] as the products read them, [36][cin][nr]. */
static struct block winograd_weights(const float *w, int cin, int channels, int nr)
{
    struct block packed = floats_new((size_t)POSITIONS * cin * nr);
    double G[IN][3];
    winograd_rows(G);
    memset(packed.data, 0, packed.count * sizeof(float));
    for (int c = 0; c < channels; c++)
        for (int i = 0; i < cin; i++) {
            double u[POSITIONS];
            winograd_filter(G, w + ((size_t)c * cin + i) * 9, u);
            for (int pos = 0; pos < POSITIONS; pos++)
                block_set(&packed, ((ptrdiff_t)pos * cin + i) * nr + c, u[pos]);
        }
    return packed;
}

/* Filters [channels][cin][9] in units, as [channels][9][cin]. To be freed. */
static int32_t *filters_in_units(const struct block *w, int cin, int channels)
{
    int32_t *as_given = block_in_units(w);
    int32_t *units = malloc(w->count * sizeof *units);
    assert_non_null(units);
    for (int c = 0; c < channels; c++)
        for (int i = 0; i < cin; i++)
            for (int tap = 0; tap < 9; tap++)
                units[((size_t)c * 9 + tap) * cin + i] = as_given[((size_t)c * cin + i) * 9 + tap];
    free(as_given);
    return units;
}

/* sum: [n][channels] of output row y, the products alone. */
static void sum_products(const struct wt_conv_panel *p, const int32_t *in, const int32_t *w, int y,
                         int n, int cin, double *sum)
{
    const double one = units_in_one(WT_F32) * units_in_one(WT_F32); /* as many in bfloat16 */
    for (int x = 0; x < n; x++)
        for (int c = 0; c < p->channels; c++) {
            int64_t s = 0;
            for (int tap = 0; tap < 9; tap++)
                s += dot_units(in + (y + tap / 3) * p->in_row + (x + tap % 3) * p->in_px,
                               w + ((size_t)c * 9 + tap) * cin, cin);
            sum[(size_t)x * p->channels + c] = (double)s / one;
        }
}

/* want: [3][n][channels], out, post and pre of output row y. */
static void reference_winograd(const struct wt_conv_panel *p, const int32_t *in, const int32_t *w,
                               const struct block *res, ptrdiff_t res_px, int y, int n, int cin,
                               double *want)
{
    sum_products(p, in, w, y, n, cin, want);
    for (int x = 0; x < n; x++)
        for (int c = 0; c < p->channels; c++, want++) {
            double s = want[0] + p->bias[c];
            want[2 * (size_t)n * p->channels] = fmax(0, s * p->pre_scale[c] + p->pre_shift[c]);
            s += block_get(res, x * res_px + c);
            want[0] = s;
            s = s * p->post_scale[c] + p->post_shift[c];
            want[(size_t)n * p->channels] = s > 0 ? s : 0;
        }
}

static void run_winograd(const struct wt_conv_kernels *k, enum wt_type type, int wide, int tiles,
                         int cin, int channels)
{
    const struct wt_winograd_kernels *winograd = k->winograd;
    const enum wt_type stream = below(4) ? type : WT_F32;
    int nr = wide ? k->nr_wide : k->nr_narrow, n = OUT * tiles;
    int in_px = cin + below(4), out_px = channels + below(5), res_px = channels + below(3);
    ptrdiff_t in_row = (ptrdiff_t)(n + 2) * in_px + below(9);
    ptrdiff_t v_pos = (ptrdiff_t)tiles * cin + below(20), m_pos = (ptrdiff_t)tiles * nr + below(20);
    struct block in = block_new(type, (size_t)in_row * IN, below(4));
    struct block w = floats_new((size_t)channels * cin * 9);
    struct block bias = floats_new(nr), bn = floats_new(4 * (size_t)channels);
    struct block res = block_new(stream, (size_t)n * res_px, below(4)), pre[OUT], out[OUT],
                 post[OUT];
    struct block v = floats_new((size_t)POSITIONS * v_pos),
                 m = floats_new((size_t)POSITIONS * m_pos);
    fill(&in), fill(&w), fill(&bias), fill(&bn), fill(&res);
    struct block packed = winograd_weights(floats(&w), cin, channels, nr);
    const float *b = floats(&bn);
    struct wt_conv_panel p = {.bias = floats(&bias),
                              .in_row = in_row,
                              .in_px = in_px,
                              .channels = channels,
                              .act_type = type,
                              .out_type = stream,
                              .residual_type = stream,
                              .pre_scale = b,
                              .pre_shift = b + channels,
                              .post_scale = b + 2 * channels,
                              .post_shift = b + 3 * channels};
    struct wt_conv_row rows[OUT];
    for (int y = 0; y < OUT; y++) {
        pre[y] = block_new(type, (size_t)n * out_px, below(4));
        out[y] = block_new(stream, (size_t)n * out_px, below(4));
        post[y] = block_new(type, (size_t)n * out_px, below(4));
        rows[y] = (struct wt_conv_row){NULL,   pre[y].data, out[y].data, post[y].data, res.data,
                                       out_px, out_px,      out_px,      res_px,       NULL};
    }
    winograd->transform(in.data, in_row, in_px, tiles, cin, floats(&v), v_pos);
    for (int pos = 0; pos < POSITIONS; pos++)
        (wide ? winograd->matmul_wide : winograd->matmul_narrow)(
            floats(&v) + pos * v_pos, cin, floats(&packed) + (ptrdiff_t)pos * cin * nr, cin,
            floats(&m) + pos * m_pos, tiles);
    (wide ? winograd->back_wide : winograd->back_narrow)(floats(&m), m_pos, tiles, &p, rows);
    double *want = calloc(3 * (size_t)n * channels, sizeof *want), tolerance = 2e-6 * cin;
    int32_t *plain = filters_in_units(&w, cin, channels), *input = block_in_units(&in);
    assert_non_null(want);
    for (int y = 0; y < OUT; y++) {
        reference_winograd(&p, input, plain, &res, res_px, y, n, cin, want);
        check_rows(&out[y], n, channels, out_px, want, tolerance, winograd->name);
        check_rows(&post[y], n, channels, out_px, want + (size_t)n * channels, tolerance,
                   winograd->name);
        check_rows(&pre[y], n, channels, out_px, want + 2 * (size_t)n * channels, tolerance,
                   winograd->name);
        FREE_BLOCKS(&pre[y], &out[y], &post[y]);
    }
    for (int pos = 0; pos < POSITIONS; pos++) { /* nothing between the positions, nor around them */
        for (ptrdiff_t i = (ptrdiff_t)tiles * cin; i < v_pos + (pos == POSITIONS - 1 ? GUARD : 0);
             i++)
            assert_true(is_poison(&v, pos * v_pos + i));
        for (ptrdiff_t i = (ptrdiff_t)tiles * nr; i < m_pos + (pos == POSITIONS - 1 ? GUARD : 0);
             i++)
            assert_true(is_poison(&m, pos * m_pos + i));
    }
    for (int i = 1; i <= GUARD; i++)
        assert_true(is_poison(&v, -i) && is_poison(&m, -i));
    FREE_BLOCKS(&in, &w, &bias, &bn, &res, &v, &m, &packed);
    free(plain);
    free(input);
    free(want);
}

static int sweep_winograd(const struct wt_conv_kernels *k, enum wt_type type)
{
    int cases = 0;
    for (int wide = 0; wide < 2 && k->winograd; wide++)
        for (int tiles = 1; tiles <= 33; tiles += 1 + below(4)) {
            int nr = wide ? k->nr_wide : k->nr_narrow;
            for (int channels = 1; channels < nr; channels += 1 + below(9), cases++)
                run_winograd(k, type, wide, tiles, 16 * (1 + below(4)), channels);
            run_winograd(k, type, wide, tiles, 16 * (1 + below(4)), nr);
        }
    return cases;
}

static void every_level(void **state)
{
    (void)state;
    for (int level = 0; level < WT_CPU_LEVELS; level++) {
        if (!is_tested((enum wt_cpu_level)level))
            continue;
        const struct wt_kernels *k = wt_kernels_get((enum wt_cpu_level)level);
        const int f32 = sweep_winograd(&k->conv[WT_F32], WT_F32);
        const int bf16 = sweep_winograd(&k->conv[WT_BF16], WT_BF16);
        print_message("%s: %d cases of f32, %d of bf16\n",
                      wt_cpu_level_name((enum wt_cpu_level)level), f32, bf16);
        assert_true(level == WT_CPU_C || f32 > 20);
        assert_true(level != WT_CPU_AVX2 || bf16 > 20);
    }
}

/* Levels to test may be named: test_winograd avx2. */
int main(int argc, char **argv)
{
    want_levels(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_level)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
