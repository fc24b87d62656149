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
    for (int pos = 0; pos < POSITIONS; pos++) {
        u[pos] = 0;
        for (int tap = 0; tap < 9; tap++)
            u[pos] += G[pos / IN][tap / 3] * g[tap] * G[pos % IN][tap % 3];
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

/* Filters [channels][cin][9] as doubles, [9][cin][channels]: channels side by side. To be freed. */
static double *plain_weights(const float *w, int cin, int channels)
{
    double *plain = malloc((size_t)9 * cin * channels * sizeof *plain);
    assert_non_null(plain);
    for (int c = 0; c < channels; c++)
        for (int i = 0; i < cin; i++)
            for (int tap = 0; tap < 9; tap++)
                plain[((size_t)tap * cin + i) * channels + c] =
                    (double)w[((size_t)c * cin + i) * 9 + tap];
    return plain;
}

/* sum: [n][channels] of output row y, the products alone. */
UNCHECKED static void sum_products(const struct wt_conv_panel *p, const float *in,
                                   const double *restrict w, int y, int n, int cin,
                                   double *restrict sum)
{
    memset(sum, 0, (size_t)n * p->channels * sizeof *sum);
    for (int tap = 0; tap < 9; tap++)
        for (int i = 0; i < cin; i++, w += p->channels)
            for (int x = 0; x < n; x++) {
                const double a =
                    (double)in[(y + tap / 3) * p->in_row + (x + tap % 3) * p->in_px + i];
                for (int c = 0; c < p->channels; c++)
                    sum[(size_t)x * p->channels + c] += a * w[c];
            }
}

/* want: [3][n][channels], out, post and pre of output row y. */
static void reference_winograd(const struct wt_conv_panel *p, const float *in, const double *w,
                               const struct wt_conv_row *row, int y, int n, int cin, double *want)
{
    sum_products(p, in, w, y, n, cin, want);
    for (int x = 0; x < n; x++)
        for (int c = 0; c < p->channels; c++, want++) {
            double s = want[0] + p->bias[c];
            want[2 * (size_t)n * p->channels] = fmax(0, s * p->pre_scale[c] + p->pre_shift[c]);
            s += ((const float *)row->residual)[x * row->residual_px + c];
            want[0] = s;
            s = s * p->post_scale[c] + p->post_shift[c];
            want[(size_t)n * p->channels] = s > 0 ? s : 0;
        }
}

static void run_winograd(const struct wt_kernels *k, int wide, int tiles, int cin, int channels)
{
    const struct wt_winograd_kernels *winograd = k->conv[WT_F32].winograd;
    int nr = wide ? k->conv[WT_F32].nr_wide : k->conv[WT_F32].nr_narrow, n = OUT * tiles;
    int in_px = cin + below(4), out_px = channels + below(5), res_px = channels + below(3);
    ptrdiff_t in_row = (ptrdiff_t)(n + 2) * in_px + below(9);
    ptrdiff_t v_pos = (ptrdiff_t)tiles * cin + below(20), m_pos = (ptrdiff_t)tiles * nr + below(20);
    struct block in = floats_new((size_t)in_row * IN), w = floats_new((size_t)channels * cin * 9);
    struct block bias = floats_new(nr), bn = floats_new(4 * (size_t)channels);
    struct block res = floats_new((size_t)n * res_px), pre[OUT], out[OUT], post[OUT];
    struct block v = floats_new((size_t)POSITIONS * v_pos),
                 m = floats_new((size_t)POSITIONS * m_pos);
    fill(&in), fill(&w), fill(&bias), fill(&bn), fill(&res);
    struct block packed = winograd_weights(floats(&w), cin, channels, nr);
    const float *b = floats(&bn);
    struct wt_conv_panel p = {.bias = floats(&bias),
                              .in_row = in_row,
                              .in_px = in_px,
                              .channels = channels,
                              .pre_scale = b,
                              .pre_shift = b + channels,
                              .post_scale = b + 2 * channels,
                              .post_shift = b + 3 * channels};
    struct wt_conv_row rows[OUT];
    for (int y = 0; y < OUT; y++) {
        pre[y] = floats_new((size_t)n * out_px);
        out[y] = floats_new((size_t)n * out_px);
        post[y] = floats_new((size_t)n * out_px);
        rows[y] = (struct wt_conv_row){NULL,   pre[y].data, out[y].data, post[y].data, res.data,
                                       out_px, out_px,      out_px,      res_px,       NULL};
    }
    winograd->transform(floats(&in), in_row, in_px, tiles, cin, floats(&v), v_pos);
    for (int pos = 0; pos < POSITIONS; pos++)
        (wide ? winograd->matmul_wide : winograd->matmul_narrow)(
            floats(&v) + pos * v_pos, cin, floats(&packed) + (ptrdiff_t)pos * cin * nr, cin,
            floats(&m) + pos * m_pos, tiles);
    (wide ? winograd->back_wide : winograd->back_narrow)(floats(&m), m_pos, tiles, &p, rows);
    double *want = calloc(3 * (size_t)n * channels, sizeof *want), tolerance = 2e-6 * cin;
    double *plain = plain_weights(floats(&w), cin, channels);
    assert_non_null(want);
    for (int y = 0; y < OUT; y++) {
        reference_winograd(&p, floats(&in), plain, &rows[y], y, n, cin, want);
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
            assert_true(block_get(&v, pos * v_pos + i) == POISON);
        for (ptrdiff_t i = (ptrdiff_t)tiles * nr; i < m_pos + (pos == POSITIONS - 1 ? GUARD : 0);
             i++)
            assert_true(block_get(&m, pos * m_pos + i) == POISON);
    }
    for (int i = 1; i <= GUARD; i++)
        assert_true(block_get(&v, -i) == POISON && block_get(&m, -i) == POISON);
    FREE_BLOCKS(&in, &w, &bias, &bn, &res, &v, &m, &packed);
    free(plain);
    free(want);
}

static int sweep_winograd(const struct wt_kernels *k)
{
    int cases = 0;
    for (int wide = 0; wide < 2 && k->conv[WT_F32].winograd; wide++)
        for (int tiles = 1; tiles <= 33; tiles += 1 + below(4)) {
            int nr = wide ? k->conv[WT_F32].nr_wide : k->conv[WT_F32].nr_narrow;
            for (int channels = 1; channels < nr; channels += 1 + below(9), cases++)
                run_winograd(k, wide, tiles, 16 * (1 + below(4)), channels);
            run_winograd(k, wide, tiles, 16 * (1 + below(4)), nr);
        }
    return cases;
}

static void every_level(void **state)
{
    (void)state;
    for (int level = 0; level < WT_CPU_LEVELS; level++) {
        if (!is_tested((enum wt_cpu_level)level))
            continue;
        const int cases = sweep_winograd(wt_kernels_get((enum wt_cpu_level)level));
        print_message("%s: %d cases\n", wt_cpu_level_name((enum wt_cpu_level)level), cases);
        assert_true(level == WT_CPU_C || cases > 20);
    }
}

/* Levels to test may be named: test_winograd avx2. */
int main(int argc, char **argv)
{
    want_levels(argc, argv);
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_level)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
