/* Every kernel of every CPU level this machine has but Winograd's, against a plain double-precision
 * reference: random data, odd and tile-edge sizes, unaligned pointers, guard zones around outputs,
 * poisoned outputs. */
#include "blocks.h"

#include "kernels/runs.h"

#include <stdio.h>

/* ---- convolution ---- */

struct conv_case {
    enum wt_type type, act_type, out_type, residual_type;
    int n, kh, kc, stride_px, row_gap, channels, pre, out, post, residual, coords, floor, inner;
};

/* A panel's weights as the kernels read them, and the same numbers (rounded alike) in units, as
 * [nr][k]. */
static void *pack_weights(const struct conv_case *k, enum wt_packing packing, int nr,
                          int32_t *units)
{
    int K = k->kh * k->kc, extreme = below(4) == 0;
    size_t bytes = (size_t)K * nr * sizeof(float) + sizeof(struct wt_runs) * nr;
    void *w = aligned_alloc(64, (bytes + 63) / 64 * 64);
    assert_non_null(w);
    memset(w, 0, bytes);
    for (int i = 0; i < K; i++)
        for (int c = 0; c < nr; c++) {
            int32_t *unit = &units[(size_t)c * K + i];
            double v = c >= k->channels      ? 0
                       : k->type != WT_U8    ? uniform()
                       : extreme && below(8) ? 127 * (1 - 2 * (c & 1))
                                             : below(255) - 127;
            ptrdiff_t block = (ptrdiff_t)c / 16 * K * 16, lane = c % 16;
            ptrdiff_t pair = block + i / 2 * 32 + lane * 2 + i % 2;
            if (packing == WT_PACK_S8_RUNS && i % 2 && unit[-1] * v > 0)
                v = copysign(fmin(fabs(v), 128 - abs(unit[-1])), v);
            switch (packing) {
            case WT_PACK_F32:
                ((float *)w)[(ptrdiff_t)i * nr + c] = (float)v;
                break;
            case WT_PACK_BF16_PAIR:
                ((uint16_t *)w)[pair] = wt_bf16_store((float)v);
                v = wt_bf16_load(((uint16_t *)w)[pair]);
                break;
            case WT_PACK_S8_QUAD:
                ((int8_t *)w)[block + i / 4 * 64 + lane * 4 + i % 4] = (int8_t)v;
                break;
            case WT_PACK_S16_PAIR:
                ((int16_t *)w)[pair] = (int16_t)v;
                break;
            case WT_PACK_S8_RUNS:
                wt_runs_put(w, K, i, c, (int)v);
            }
            *unit = (int32_t)(v * units_in_one(k->type));
        }
    if (packing == WT_PACK_S8_RUNS)
        wt_runs_choose(w, K, nr);
    return w;
}

/* Parameters of pre and post: for bytes such that most results are in range. */
static void fill_affine(struct block *bn, int channels, enum wt_type type)
{
    fill(bn);
    for (int i = 0; type == WT_U8 && i < (int)bn->count; i++)
        block_set(bn, i, floats(bn)[i] * 60 + 100 * (i / channels % 2));
}

/* sum: [n][channels], the products alone. */
static void sum_products(const struct conv_case *k, const struct wt_conv_panel *p,
                         const int32_t *in, const int32_t *weight, double *sum)
{
    const double one = units_in_one(k->type) * units_in_one(k->type);
    for (int x = 0; x < k->n; x++)
        for (int c = 0; c < k->channels; c++) {
            int64_t s = 0;
            for (int ky = 0; ky < k->kh; ky++)
                s += dot_units(in + ky * p->in_row + x * p->in_px,
                               weight + (c * k->kh + ky) * k->kc, k->kc);
            sum[(size_t)x * k->channels + c] = (double)s / one;
        }
}

/* want: [3][n][channels]: pre, out, post */
static void reference_conv(const struct conv_case *k, const struct wt_conv_panel *p,
                           const struct block *in, const int32_t *weight, const struct block *res,
                           ptrdiff_t res_px, const float *coord, int nr, double *want)
{
    size_t cells = (size_t)k->n * k->channels;
    int32_t *input = block_in_units(in);
    sum_products(k, p, input, weight, want + cells); /* where the outputs come to be */
    free(input);
    for (int x = 0; x < k->n; x++)
        for (int c = 0; c < k->channels; c++) {
            double *to = want + (size_t)x * k->channels + c;
            double v = to[cells] * (k->type == WT_U8 ? p->dequant[c] : 1) + p->bias[c];
            for (int t = 0; t < k->coords; t++)
                v += (double)coord[x * k->coords + t] * p->coord_weight[t * nr + c];
            double r = k->residual ? block_get(res, x * res_px + c) : 0;
            if (k->inner)
                v = fmax((v + r) * p->inner_scale[c] + p->inner_shift[c], 0);
            double a = v * p->pre_scale[c] + p->pre_shift[c];
            to[0] = a > 0 ? a : 0;
            v += k->inner ? 0 : r;
            to[cells] = v;
            a = v * p->post_scale[c] + p->post_shift[c];
            to[2 * cells] = a > p->post_floor ? a : p->post_floor;
        }
}

static void run_conv(const struct wt_conv_kernels *conv, bool wide, const struct conv_case *k)
{
    int nr = wide ? conv->nr_wide : conv->nr_narrow;
    int ch = k->channels, pre_px = ch + below(5), out_px = ch + below(5), post_px = ch + below(5),
        res_px = ch + below(5);
    ptrdiff_t in_row = (ptrdiff_t)(k->n - 1) * k->stride_px + k->kc + k->row_gap;
    size_t cells = (size_t)k->n * ch;
    double *want = calloc(3 * cells, sizeof *want);
    int32_t *units = calloc((size_t)k->kh * k->kc * nr, sizeof *units);
    assert_true(want && units);
    struct block in = block_new(k->type, (size_t)(in_row * k->kh), below(4));
    void *w = pack_weights(k, conv->packing, nr, units);
    struct block bias = floats_new(nr), dequant = floats_new(nr), bn = floats_new(4 * (size_t)ch),
                 inner = floats_new(2 * (size_t)ch);
    struct block coord = floats_new((size_t)k->n * k->coords + 1),
                 coord_weight = floats_new((size_t)nr * k->coords + 1);
    struct block res = block_new(k->residual_type, (size_t)k->n * res_px, below(4));
    struct block pre = block_new(k->act_type, (size_t)k->n * pre_px, below(4));
    struct block out = block_new(k->out_type, (size_t)k->n * out_px, below(4));
    struct block post = block_new(k->act_type, (size_t)k->n * post_px, below(4));
    fill(&in), fill(&bias), fill(&res), fill(&coord), fill(&coord_weight), fill(&inner);
    fill_affine(&bn, ch, k->act_type);
    for (int c = 0; c < nr; c++) /* sums of bytes to about 1 */
        block_set(&dequant, c, (2 + uniform()) / (32000 * sqrt(k->kh * k->kc)));
    const float *b = floats(&bn);
    struct wt_conv_panel p = {.weight = w,
                              .bias = floats(&bias),
                              .dequant = floats(&dequant),
                              .kh = k->kh,
                              .kc = k->kc,
                              .in_row = in_row,
                              .in_px = k->stride_px,
                              .nr = nr,
                              .channels = ch,
                              .coords = k->coords,
                              .coord_weight = floats(&coord_weight),
                              .inner_scale = k->inner ? floats(&inner) : NULL,
                              .inner_shift = floats(&inner) + ch,
                              .pre_scale = b,
                              .pre_shift = b + ch,
                              .post_scale = b + 2 * ch,
                              .post_shift = b + 3 * ch,
                              .post_floor = k->floor ? -INFINITY : 0,
                              .act_type = k->act_type,
                              .out_type = k->out_type,
                              .residual_type = k->residual_type};
    struct wt_conv_row r = {.in = in.data,
                            .pre = k->pre ? pre.data : NULL,
                            .out = k->out ? out.data : NULL,
                            .post = k->post ? post.data : NULL,
                            .residual = k->residual ? res.data : NULL,
                            .pre_px = pre_px,
                            .out_px = out_px,
                            .post_px = post_px,
                            .residual_px = res_px,
                            .coord = floats(&coord)};
    (wide ? conv->wide : conv->narrow)(&p, &r, k->n);
    reference_conv(k, &p, &in, units, &res, res_px, floats(&coord), nr, want);
    char what[160];
    snprintf(what, sizeof what, "%s n %d kh %d kc %d px %d channels %d", conv->name, k->n, k->kh,
             k->kc, k->stride_px, ch);
    /* grows with the length of the sum; that of bytes is exact */
    double tolerance = 4e-7 * (8 + (k->type == WT_U8 ? 4 : k->kh * k->kc));
    check_rows(&pre, k->pre ? k->n : 0, ch, pre_px, want, tolerance, what);
    check_rows(&out, k->out ? k->n : 0, ch, out_px, want + cells, tolerance, what);
    check_rows(&post, k->post ? k->n : 0, ch, post_px, want + 2 * cells, tolerance, what);
    FREE_BLOCKS(&in, &bias, &dequant, &bn, &coord, &coord_weight, &inner, &res, &pre, &out, &post);
    free(w);
    free(want);
    free(units);
}

static enum wt_type float_type(void)
{
    return below(2) ? WT_BF16 : WT_F32;
}

static enum wt_type any_type(void)
{
    return below(3) ? float_type() : WT_U8;
}

static int sweep_conv(const struct wt_conv_kernels *conv, enum wt_type type)
{
    static const int widths[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
                                 13, 14, 15, 16, 17, 27, 28, 31, 32, 33, 47, 64};
    const bool pointwise = conv->packing == WT_PACK_S8_RUNS;
    int cases = 0, block = conv->k_block;
    for (int wide = 0; wide < 2; wide++) {
        int nr = wide ? conv->nr_wide : conv->nr_narrow;
        for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
            for (int channels = 1; channels <= nr; channels += channels < 3 ? 1 : below(6) + 1) {
                /* of bytes in steps of two: what fits a kernel's buffer in one piece and not */
                const int most = pointwise                     ? WT_RUNS_INPUTS / block
                                 : type == WT_U8 && block < 16 ? 320
                                 : block > 16                  ? 4
                                                               : 40;
                int kc = block * (1 + below(most)), flags = 1 + below(15);
                struct conv_case c = {type,         any_type(),
                                      float_type(), float_type(),
                                      widths[i],    pointwise ? 1 : 1 + below(3),
                                      kc,           block * (1 + below(2 * kc / block)),
                                      below(9),     channels,
                                      flags & 1,    flags & 2,
                                      flags & 4,    flags & 8,
                                      below(6) - 1, below(2),
                                      below(2)};
                c.coords = c.coords < 0 ? 0 : c.coords;
                run_conv(conv, wide, &c);
                c.channels = nr;
                run_conv(conv, wide, &c);
                c.act_type = c.out_type = c.residual_type = WT_F32; /* the plain epilogue of f32 */
                c.coords = c.inner = 0;
                run_conv(conv, wide, &c);
                cases += 3;
            }
    }
    if (pointwise)
        return cases;
    struct conv_case deep = {type,
                             type,
                             type == WT_U8 ? WT_BF16 : type,
                             type == WT_U8 ? WT_BF16 : type,
                             64,
                             3,
                             768,
                             256,
                             0,
                             conv->nr_wide,
                             1,
                             1,
                             1,
                             1,
                             0,
                             0};
    run_conv(conv, true, &deep);
    struct conv_case stem = {
        type, WT_BF16, WT_F32,        WT_F32, 128, 7, (21 + block - 1) / block * block,
        6,    20,      conv->nr_wide, 0,      0,   1, 1,
        0,    0};
    run_conv(conv, true, &stem);
    return cases + 2;
}

/* ---- element-wise rows ---- */

enum op { COPY, ADD, UPADD, POOL, OPS };

static void run_row(const struct wt_kernels *k, enum op op, int n, int c)
{
    static const char *const names[] = {"copy", "add", "upadd", "pool2"};
    int x_px = c + below(3), y_px = op == POOL ? x_px : c + below(3), out_px = c + below(4),
        post_px = c + below(4), wide = op == POOL ? 2 * n : n, flags = 1 + below(3);
    enum wt_type x_type = float_type(), y_type = op == POOL ? x_type : float_type();
    float floor = below(2) ? 0 : -INFINITY;
    struct block x = block_new(x_type, (size_t)wide * x_px, below(4));
    struct block y = block_new(y_type, (size_t)wide * y_px, below(4));
    struct block bn = floats_new(2 * (size_t)c);
    struct block out = block_new(float_type(), (size_t)n * out_px, below(4));
    struct block post = block_new(any_type(), (size_t)n * post_px, below(4));
    fill(&x), fill(&y), fill_affine(&bn, c, post.type);
    const float *scale = floats(&bn), *shift = scale + c;
    struct wt_row_out o = {flags & 1 ? out.data : NULL,
                           flags & 2 ? post.data : NULL,
                           out.type,
                           post.type,
                           out_px,
                           post_px,
                           scale,
                           shift,
                           floor};
    double *want = calloc(2 * (size_t)n * c, sizeof *want);
    assert_non_null(want);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < c; j++) {
            double v = block_get(&x, (ptrdiff_t)i * x_px + j);
            if (op == ADD)
                v += block_get(&y, (ptrdiff_t)i * y_px + j);
            else if (op == UPADD)
                v += block_get(&y, (ptrdiff_t)(i / 2) * y_px + j);
            else if (op == POOL)
                v = 0.25 * (block_get(&x, (ptrdiff_t)2 * i * x_px + j) +
                            block_get(&x, (ptrdiff_t)(2 * i + 1) * x_px + j) +
                            block_get(&y, (ptrdiff_t)2 * i * y_px + j) +
                            block_get(&y, (ptrdiff_t)(2 * i + 1) * y_px + j));
            want[i * c + j] = v;
            v = v * scale[j] + shift[j];
            want[((size_t)n + i) * c + j] = v > floor ? v : floor;
        }
    struct wt_row_in a = {x.data, x.type, x_px}, b = {y.data, y.type, y_px};
    if (op == COPY)
        k->copy(a, n, c, &o);
    else if (op == ADD)
        k->add(a, b, n, c, &o);
    else if (op == UPADD)
        k->upadd(a, b, n, c, &o);
    else
        k->pool2(a, b, n, c, &o);
    check_rows(&out, flags & 1 ? n : 0, c, out_px, want, 1e-6, names[op]);
    check_rows(&post, flags & 2 ? n : 0, c, post_px, want + (size_t)n * c, 1e-6, names[op]);
    FREE_BLOCKS(&x, &y, &bn, &out, &post);
    free(want);
}

static int sweep_rows(const struct wt_kernels *k)
{
    static const int channels[] = {1, 3, 7, 8, 15, 16, 17, 63, 64, 65, 99, 128, 130};
    int cases = 0;
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
        for (int n = 1; n <= 33; n += 1 + below(7))
            for (int op = 0; op < OPS; op++, cases++)
                run_row(k, (enum op)op, n, channels[i]);
    return cases;
}

static void every_level(void **state)
{
    (void)state;
    for (int level = 0; level < WT_CPU_LEVELS; level++) {
        if (!is_tested((enum wt_cpu_level)level))
            continue;
        const struct wt_kernels *k = wt_kernels_get((enum wt_cpu_level)level);
        assert_int_equal(k->level, level);
        int cases = sweep_rows(k);
        for (int type = 0; type < WT_TYPES; type++)
            for (const struct wt_conv_kernels *c = &k->conv[type]; c; c = c->pointwise)
                cases += sweep_conv(c, (enum wt_type)type);
        print_message("%s: %d cases\n", wt_cpu_level_name(k->level), cases);
        assert_true(cases > 300);
    }
}

static void levels_by_name(void **state)
{
    (void)state;
    enum wt_cpu_level level;
    assert_int_equal(wt_cpu_parse_level("c", &level), WT_OK);
    assert_int_equal(level, WT_CPU_C);
    assert_int_equal(wt_cpu_parse_level(NULL, &level), WT_OK);
    assert_int_equal(level, wt_cpu_get()->level);
    assert_int_equal(wt_cpu_parse_level("sse9", &level), WT_ERR_ARGUMENT);
    assert_true(wt_cpu_level_includes(WT_CPU_AMX, WT_CPU_AVX512VNNI));
    assert_false(wt_cpu_level_includes(WT_CPU_AVX512VNNI, WT_CPU_AVXVNNI));
    assert_false(wt_cpu_level_includes(WT_CPU_AVXVNNI, WT_CPU_AVX512));
    assert_true(wt_cpu_usable(wt_cpu_get()->level));
    assert_true(wt_cpu_get()->cores >= 1);
    assert_int_equal(wt_cpu_threads(3), 3);
    assert_int_equal(wt_cpu_threads(1000), 64);
}

/* Levels to test may be named: test_kernels avx2. */
int main(int argc, char **argv)
{
    want_levels(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_level),
        cmocka_unit_test(levels_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
