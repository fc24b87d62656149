/* Every kernel of every CPU level this machine has, against a plain double-precision reference:
 * random data, odd and tile-edge sizes, unaligned pointers, guard zones around outputs, poisoned
 * outputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

static uint64_t rng = 88172645463325252u;

static float uniform(void)
{
    rng ^= rng << 13;
    rng ^= rng >> 7;
    rng ^= rng << 17;
    return (float)(rng >> 40) / (float)(1 << 23) - 1;
}

static int below(int n)
{
    return (int)((double)(uniform() + 1) * 0.5 * n) % n;
}

/* ---- memory with guards: every float outside the cells a kernel may write keeps its poison ----
 */

#define POISON (-12345.5f)
enum { GUARD = 64 };

struct block {
    float *base, *data;
    size_t count;
};

static struct block block_new(size_t count, int misalign)
{
    struct block b = {malloc((count + 2 * GUARD + 16) * sizeof(float)), NULL, count};
    assert_non_null(b.base);
    b.data = b.base + GUARD + misalign;
    for (size_t i = 0; i < count + 2 * GUARD + 16; i++)
        b.base[i] = POISON;
    return b;
}

static void fill(struct block *b)
{
    for (size_t i = 0; i < b->count; i++)
        b->data[i] = uniform();
}

/* Compares rows of n pixels, c of px floats each, with want [n][c]; all else must be poison. */
static void check_rows(const struct block *b, int n, int c, ptrdiff_t px, const double *want,
                       double tolerance, const char *what)
{
    size_t total = b->count + 2 * GUARD + 16;
    for (size_t i = 0; i < total; i++) {
        ptrdiff_t at = &b->base[i] - b->data;
        if (at >= 0 && at / px < n && at % px < c) {
            double w = want[at / px * c + at % px];
            if (!(fabs(b->base[i] - w) <= tolerance * (1 + fabs(w))))
                fail_msg("%s: pixel %td channel %td: %g, not %g", what, at / px, at % px,
                         b->base[i], w);
        } else if (b->base[i] != POISON) {
            fail_msg("%s: wrote outside, at float %td", what, at);
        }
    }
}

/* ---- convolution ---- */

struct conv_case {
    int n, kh, kc, stride_px, row_gap, channels, pre, out, post, residual;
};

static void reference_conv(const struct wt_conv_panel *p, const struct wt_conv_row *r, int n,
                           int nr, double *pre, double *out, double *post)
{
    for (int x = 0; x < n; x++)
        for (int c = 0; c < p->channels; c++) {
            double v = p->bias[c];
            for (int ky = 0; ky < p->kh; ky++)
                for (int k = 0; k < p->kc; k++)
                    v += (double)r->in[ky * p->in_row + x * p->in_px + k] *
                         p->weight[((size_t)ky * p->kc + k) * nr + c];
            double a = v * p->pre_scale[c] + p->pre_shift[c];
            pre[x * p->channels + c] = a > 0 ? a : 0;
            if (r->residual)
                v += r->residual[x * r->residual_px + c];
            out[x * p->channels + c] = v;
            a = v * p->post_scale[c] + p->post_shift[c];
            post[x * p->channels + c] = a > 0 ? a : 0;
        }
}

static void run_conv(wt_conv_fn *kernel, int nr, const struct conv_case *k, const char *name)
{
    int ch = k->channels, mis = below(4), pre_px = ch + below(5), out_px = ch + below(5),
        post_px = ch + below(5), res_px = ch + below(5);
    ptrdiff_t in_row = (ptrdiff_t)(k->n - 1) * k->stride_px + k->kc + k->row_gap;
    struct block in = block_new((size_t)(in_row * k->kh), mis);
    struct block w = block_new((size_t)k->kh * k->kc * nr, mis), bias = block_new(nr, mis);
    struct block bn = block_new(4 * (size_t)ch, mis), res = block_new((size_t)k->n * res_px, mis);
    struct block pre = block_new((size_t)k->n * pre_px, mis);
    struct block out = block_new((size_t)k->n * out_px, below(4));
    struct block post = block_new((size_t)k->n * post_px, below(4));
    fill(&in), fill(&w), fill(&bias), fill(&bn), fill(&res);
    for (int i = 0; i < k->kh * k->kc; i++)
        for (int c = ch; c < nr; c++)
            w.data[i * nr + c] = 0;
    struct wt_conv_panel p = {w.data,          bias.data, k->kh,   k->kc,        in_row,
                              k->stride_px,    ch,        bn.data, bn.data + ch, bn.data + 2 * ch,
                              bn.data + 3 * ch};
    struct wt_conv_row r = {in.data,
                            k->pre ? pre.data : NULL,
                            k->out ? out.data : NULL,
                            k->post ? post.data : NULL,
                            k->residual ? res.data : NULL,
                            pre_px,
                            out_px,
                            post_px,
                            res_px};
    size_t cells = (size_t)k->n * ch;
    double *want = calloc(3 * cells, sizeof *want);
    assert_non_null(want);
    kernel(&p, &r, k->n);
    reference_conv(&p, &r, k->n, nr, want, want + cells, want + 2 * cells);
    char what[160];
    snprintf(what, sizeof what, "%s n %d kh %d kc %d px %d channels %d", name, k->n, k->kh, k->kc,
             k->stride_px, ch);
    double tolerance = 4e-7 * (8 + k->kh * k->kc); /* grows with the length of the sum */
    check_rows(&pre, k->pre ? k->n : 0, ch, pre_px, want, tolerance, what);
    check_rows(&out, k->out ? k->n : 0, ch, out_px, want + cells, tolerance, what);
    check_rows(&post, k->post ? k->n : 0, ch, post_px, want + 2 * cells, tolerance, what);
    struct block *all[] = {&in, &w, &bias, &bn, &res, &pre, &out, &post};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]->base);
    free(want);
}

static int sweep_conv(const struct wt_kernels *k)
{
    static const int widths[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                                 12, 13, 14, 15, 16, 27, 28, 29, 32, 64};
    int cases = 0;
    for (int wide = 0; wide < 2; wide++) {
        int nr = wide ? k->nr_wide : k->nr_narrow;
        wt_conv_fn *fn = wide ? k->conv_wide : k->conv_narrow;
        for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
            for (int channels = 1; channels <= nr; channels += channels < 3 ? 1 : below(6) + 1) {
                int kh = 1 + below(3), kc = 1 + below(50), flags = 1 + below(15);
                struct conv_case c = {widths[i], kh,       kc,        1 + below(2 * kc),
                                      below(9),  channels, flags & 1, flags & 2,
                                      flags & 4, flags & 8};
                run_conv(fn, nr, &c, k->conv_name);
                c.channels = nr;
                run_conv(fn, nr, &c, k->conv_name);
                cases += 2;
            }
    }
    struct conv_case stem = {128, 7, 21, 6, 20, k->nr_wide, 0, 0, 1, 1};
    run_conv(k->conv_wide, k->nr_wide, &stem, k->conv_name);
    struct conv_case deep = {64, 3, 768, 256, 0, k->nr_wide, 1, 1, 1, 1};
    run_conv(k->conv_wide, k->nr_wide, &deep, k->conv_name);
    return cases + 2;
}

/* ---- element-wise rows ---- */

enum op { COPY, ADD, UPADD, POOL, OPS };

static void run_row(const struct wt_kernels *k, enum op op, int n, int c)
{
    static const char *const names[] = {"copy", "add", "upadd", "pool2"};
    int x_px = c + below(3), y_px = c + below(3), out_px = c + below(4), post_px = c + below(4);
    int wide = op == POOL ? 2 * n : n, flags = 1 + below(3);
    struct block x = block_new((size_t)wide * x_px, below(4)),
                 y = block_new((size_t)wide * x_px + (size_t)n * y_px, below(4));
    struct block bn = block_new(2 * (size_t)c, below(4));
    struct block out = block_new((size_t)n * out_px, below(4));
    struct block post = block_new((size_t)n * post_px, below(4));
    fill(&x), fill(&y), fill(&bn);
    struct wt_row_out o = {flags & 1 ? out.data : NULL,
                           flags & 2 ? post.data : NULL,
                           out_px,
                           post_px,
                           bn.data,
                           bn.data + c};
    double *want = calloc(2 * (size_t)n * c, sizeof *want);
    assert_non_null(want);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < c; j++) {
            const float *a = x.data, *b = y.data;
            double v = op == COPY  ? a[i * x_px + j]
                       : op == ADD ? (double)a[i * x_px + j] + b[i * y_px + j]
                       : op == UPADD
                           ? (double)a[i * x_px + j] + b[i / 2 * y_px + j]
                           : 0.25 * ((double)a[2 * i * x_px + j] + a[(2 * i + 1) * x_px + j] +
                                     b[2 * i * x_px + j] + b[(2 * i + 1) * x_px + j]);
            want[i * c + j] = v;
            v = v * bn.data[j] + bn.data[c + j];
            want[((size_t)n + i) * c + j] = v > 0 ? v : 0;
        }
    if (op == COPY)
        k->copy_f32(x.data, x_px, n, c, &o);
    else if (op == ADD)
        k->add_f32(x.data, x_px, y.data, y_px, n, c, &o);
    else if (op == UPADD)
        k->upadd_f32(x.data, x_px, y.data, y_px, n, c, &o);
    else
        k->pool2_f32(x.data, y.data, x_px, n, c, &o);
    check_rows(&out, flags & 1 ? n : 0, c, out_px, want, 1e-6, names[op]);
    check_rows(&post, flags & 2 ? n : 0, c, post_px, want + (size_t)n * c, 1e-6, names[op]);
    struct block *all[] = {&x, &y, &bn, &out, &post};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]->base);
    free(want);
}

static void run_coord_map(const struct wt_kernels *k, int n, int c)
{
    int mask_px = 1 + below(7);
    struct block base = block_new((size_t)n * c, below(4)),
                 mask = block_new((size_t)n * mask_px, 0);
    struct block col = block_new(n, 0), wr = block_new(c, below(4)), wc = block_new(c, below(4));
    struct block out = block_new((size_t)n * c, below(4));
    fill(&base), fill(&mask), fill(&col), fill(&wr), fill(&wc);
    if (n > 2) {
        mask.data[0] = 0.05f; /* the threshold itself is off */
        mask.data[mask_px] = NAN;
        mask.data[2 * mask_px] = 7;
    }
    double *want = calloc((size_t)n * c, sizeof *want);
    assert_non_null(want);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < c; j++)
            want[i * c + j] =
                base.data[i * c + j] + (mask.data[i * mask_px] > 0.05f
                                            ? -0.25 * wr.data[j] + (double)col.data[i] * wc.data[j]
                                            : 0);
    k->coord_map_f32(base.data, mask.data, mask_px, 0.05f, -0.25f, col.data, wr.data, wc.data, n, c,
                     out.data);
    check_rows(&out, n, c, c, want, 1e-6, "coord_map");
    struct block *all[] = {&base, &mask, &col, &wr, &wc, &out};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]->base);
    free(want);
}

static int sweep_rows(const struct wt_kernels *k)
{
    static const int channels[] = {1, 3, 7, 8, 15, 16, 17, 63, 64, 65, 99, 128, 130};
    int cases = 0;
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
        for (int n = 1; n <= 33; n += 1 + below(7)) {
            for (int op = 0; op < OPS; op++, cases++)
                run_row(k, (enum op)op, n, channels[i]);
            run_coord_map(k, n, channels[i]);
        }
    return cases;
}

/* ---- Winograd: both transforms around a plain product, against the plain 3x3 convolution ---- */

static void winograd_filter(const float *g, double u[16])
{
    static const double G[4][3] = {{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}};
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 4; x++) {
            u[4 * y + x] = 0;
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 3; j++)
                    u[4 * y + x] += G[y][i] * g[3 * i + j] * G[x][j];
        }
}

static void run_winograd(const struct wt_kernels *k, int wide, int tiles, int cin, int channels)
{
    int nr = wide ? k->nr_wide : k->nr_narrow, n = 2 * tiles, in_px = cin + below(4);
    int out_px = channels + below(5), res_px = channels + below(3);
    ptrdiff_t in_row = (ptrdiff_t)(n + 2) * in_px + below(9);
    struct block in = block_new((size_t)in_row * 4, below(4)),
                 w = block_new((size_t)channels * cin * 9, 0);
    struct block bias = block_new(nr, below(4)), bn = block_new(4 * (size_t)channels, below(4));
    struct block res = block_new((size_t)n * res_px, 0);
    struct block v = block_new((size_t)16 * tiles * cin, below(4)),
                 m = block_new((size_t)16 * tiles * nr, below(4));
    struct block out[2] = {block_new((size_t)n * out_px, below(4)),
                           block_new((size_t)n * out_px, 0)};
    struct block post[2] = {block_new((size_t)n * out_px, below(4)),
                            block_new((size_t)n * out_px, 0)};
    fill(&in), fill(&w), fill(&bias), fill(&bn), fill(&res), fill(&m);
    k->winograd_in(in.data, in_row, in_px, tiles, cin, v.data, (ptrdiff_t)tiles * cin);
    for (int c = 0; c < channels; c++)
        for (int t = 0; t < tiles; t++) {
            double sum[16] = {0};
            for (int i = 0; i < cin; i++) {
                double u[16];
                winograd_filter(w.data + ((size_t)c * cin + i) * 9, u);
                for (int pos = 0; pos < 16; pos++)
                    sum[pos] += u[pos] * v.data[((size_t)pos * tiles + t) * cin + i];
            }
            for (int pos = 0; pos < 16; pos++)
                m.data[((size_t)pos * tiles + t) * nr + c] = (float)sum[pos];
        }
    struct wt_conv_panel p = {.bias = bias.data,
                              .channels = channels,
                              .pre_scale = bn.data,
                              .pre_shift = bn.data,
                              .post_scale = bn.data + 2 * channels,
                              .post_shift = bn.data + 3 * channels};
    struct wt_conv_row rows[2];
    for (int y = 0; y < 2; y++)
        rows[y] = (struct wt_conv_row){.out = out[y].data,
                                       .post = post[y].data,
                                       .residual = res.data,
                                       .out_px = out_px,
                                       .post_px = out_px,
                                       .residual_px = res_px};
    (wide ? k->winograd_out_wide : k->winograd_out_narrow)(m.data, (ptrdiff_t)tiles * nr, tiles, &p,
                                                           rows);
    double *want = calloc(2 * (size_t)n * channels, sizeof *want);
    assert_non_null(want);
    for (int y = 0; y < 2; y++) {
        for (int x = 0; x < n; x++)
            for (int c = 0; c < channels; c++) {
                double s = bias.data[c] + res.data[x * res_px + c];
                for (int tap = 0; tap < 9; tap++)
                    for (int i = 0; i < cin; i++)
                        s += (double)in.data[(y + tap / 3) * in_row + (x + tap % 3) * in_px + i] *
                             w.data[((size_t)c * cin + i) * 9 + tap];
                want[(size_t)x * channels + c] = s;
                s = s * p.post_scale[c] + p.post_shift[c];
                want[((size_t)n + x) * channels + c] = s > 0 ? s : 0;
            }
        check_rows(&out[y], n, channels, out_px, want, 4e-6 * cin, k->winograd_name);
        check_rows(&post[y], n, channels, out_px, want + (size_t)n * channels, 4e-6 * cin,
                   k->winograd_name);
    }
    for (int i = 0; i < GUARD; i++) {
        assert_true(v.data[-1 - i] == POISON);
        assert_true(v.data[v.count + i] == POISON);
    }
    struct block *all[] = {&in, &w, &bias, &bn, &res, &v, &m, &out[0], &out[1], &post[0], &post[1]};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]->base);
    free(want);
}

static int sweep_winograd(const struct wt_kernels *k)
{
    int cases = 0;
    for (int wide = 0; wide < 2 && k->winograd_name; wide++)
        for (int tiles = 1; tiles <= 33; tiles += 1 + below(8))
            for (int channels = 1; channels <= (wide ? k->nr_wide : k->nr_narrow);
                 channels += 1 + below(9), cases++)
                run_winograd(k, wide, tiles, 16 * (1 + below(4)), channels);
    return cases;
}

static void every_level(void **state)
{
    (void)state;
    for (int level = 0; level <= (int)wt_cpu_get()->level; level++) {
        const struct wt_kernels *k = wt_kernels_get((enum wt_cpu_level)level);
        assert_int_equal(k->level, level);
        int cases = sweep_conv(k) + sweep_rows(k), tiled = sweep_winograd(k);
        print_message("%s: %d cases, Winograd %d\n", wt_cpu_level_name(k->level), cases, tiled);
        assert_true(cases > 300);
        assert_true(level == WT_CPU_C || tiled > 20);
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
    assert_true(wt_cpu_get()->cores >= 1);
    assert_int_equal(wt_cpu_threads(3), 3);
    assert_int_equal(wt_cpu_threads(1000), 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_level),
        cmocka_unit_test(levels_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
