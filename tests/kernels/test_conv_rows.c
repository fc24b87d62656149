/* Kernels that make several rows in one call against the same kernels row by row: every bit of the
 * outputs and of what lies around them. Maps of any width, so that rows are cut into tiles, joined,
 * and left as they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/kernels.h"
#include "kernels/store.h"

static uint64_t rng = 88172645463325252u;

static int below(int n)
{
    rng ^= rng << 13;
    rng ^= rng >> 7;
    rng ^= rng << 17;
    return (int)((rng >> 33) % (unsigned)n);
}

static float uniform(void)
{
    return (float)below(20001) / 10000 - 1;
}

/* count random numbers of a type. */
static void *numbers(enum wt_type type, ptrdiff_t count)
{
    char *x = malloc((size_t)count * wt_type_size(type));
    assert_non_null(x);
    for (ptrdiff_t i = 0; i < count; i++)
        if (type == WT_F32)
            ((float *)x)[i] = uniform();
        else if (type == WT_BF16)
            ((uint16_t *)x)[i] = wt_bf16_store(uniform());
        else
            ((uint8_t *)x)[i] = (uint8_t)below(256);
    return x;
}

/* An array that rows are written to, twice: by one call, and row by row. */
struct target {
    enum wt_type type;
    ptrdiff_t px, pitch;
    size_t bytes;
    char *data[2];
};

static struct target target_new(enum wt_type type, int rows, int n, int channels)
{
    struct target t = {.type = type, .px = channels + below(9)};
    t.pitch = n * t.px + below(9);
    t.bytes = (size_t)(rows * t.pitch) * wt_type_size(type);
    for (int i = 0; i < 2; i++) {
        t.data[i] = malloc(t.bytes);
        assert_non_null(t.data[i]);
        memset(t.data[i], 0x5a, t.bytes);
    }
    return t;
}

static void *target_row(const struct target *t, int which, bool used, int y)
{
    return used ? t->data[which] + y * t->pitch * (ptrdiff_t)wt_type_size(t->type) : NULL;
}

static void target_check(struct target *t, const char *what)
{
    if (memcmp(t->data[0], t->data[1], t->bytes) != 0)
        fail_msg("%s: rows in one call differ from rows one by one", what);
    free(t->data[0]);
    free(t->data[1]);
}

static void run_case(const struct wt_conv_kernels *k, enum wt_type type, bool wide, int n, int rows)
{
    const bool usual =
        below(2); /* a full panel of bfloat16 is the case that kernels special-case */
    const int nr = wide ? k->nr_wide : k->nr_narrow, channels = usual ? nr : 1 + below(nr),
              flags = 1 + below(31), stride = 1 + below(2), gap = below(4) * (below(3) - 1);
    const enum wt_type act = below(2) ? WT_BF16 : WT_U8,
                       out_type = usual || below(2) ? WT_BF16 : WT_F32;
    struct wt_conv_panel p = {.kh = 1 + below(3),
                              .kc = k->k_block * (1 + below(3)),
                              .nr = nr,
                              .channels = channels,
                              .coords = below(3) ? 0 : 5,
                              .act_type = act,
                              .out_type = out_type,
                              .residual_type = out_type};
    const int kc = p.kc;
    const ptrdiff_t px = k->k_block;
    p.in_px = stride * px;
    p.in_row = (n * stride + 2) * px + (gap < 0 ? 4 : gap * px);
    const int K = p.kh * kc;
    char *in = numbers(type, (rows * stride + p.kh) * p.in_row + kc);
    char *w = numbers(k->packing == WT_PACK_BF16_PAIR ? WT_BF16 : WT_U8, (ptrdiff_t)K * nr);
    float *f = numbers(WT_F32, nr * 12), *coord = numbers(WT_F32, rows * n * 5);
    p.weight = w;
    p.bias = f;
    p.dequant = f + nr;
    p.coord_weight = f + 2 * nr;
    p.inner_scale = flags & 16 ? f + 7 * nr : NULL;
    p.inner_shift = f + 8 * nr;
    p.pre_scale = p.post_shift = f + 9 * nr;
    p.pre_shift = p.post_scale = f + 10 * nr;
    struct target pre = target_new(act, rows, n, channels),
                  out = target_new(out_type, rows, n, channels),
                  post = target_new(act, rows, n, channels);
    ptrdiff_t res_px = channels + below(5), res_pitch = n * res_px + below(9);
    char *res = numbers(out_type, rows * res_pitch);
    const struct wt_conv_pitch pitch = {stride * p.in_row, pre.pitch, out.pitch,
                                        post.pitch,        res_pitch, n * p.coords};
    for (int y = 0; y <= rows; y++) { /* the last time all of them */
        int which = y == rows, at = which ? 0 : y;
        const struct wt_conv_row r = {
            .in = in + at * pitch.in * (ptrdiff_t)wt_type_size(type),
            .pre = target_row(&pre, which, flags & 1, at),
            .out = target_row(&out, which, flags & 2, at),
            .post = target_row(&post, which, flags & 4, at),
            .residual = flags & 8 ? res + at * res_pitch * (ptrdiff_t)wt_type_size(out_type) : NULL,
            .pre_px = pre.px,
            .out_px = out.px,
            .post_px = post.px,
            .residual_px = res_px,
            .coord = coord + at * pitch.coord,
        };
        if (which)
            (wide ? k->wide_rows : k->narrow_rows)(&p, &r, &pitch, rows, n);
        else
            (wide ? k->wide : k->narrow)(&p, &r, n);
    }
    char what[120];
    snprintf(what, sizeof what, "%s %d x %d, stride %d, gap %d, flags %d", k->name, rows, n, stride,
             gap, flags);
    target_check(&pre, what);
    target_check(&out, what);
    target_check(&post, what);
    free(in);
    free(w);
    free(f);
    free(coord);
    free(res);
}

static void rows_together_equal_rows_one_by_one(void **state)
{
    (void)state;
    static const int widths[] = {1, 2, 3, 4, 5, 8, 12, 15, 16, 17, 24, 31, 32, 33, 64};
    int kernels = 0;
    for (int level = 0; level < WT_CPU_LEVELS; level++)
        for (int type = 0; type < WT_TYPES && wt_cpu_usable((enum wt_cpu_level)level); type++) {
            const struct wt_conv_kernels *k = &wt_kernels_get((enum wt_cpu_level)level)->conv[type];
            for (int i = 0; k->wide_rows && i < 15 * 8 * 3; i++)
                for (int wide = 0; wide < 2; wide++)
                    run_case(k, (enum wt_type)type, wide, widths[i % 15], 1 + i / 15 % 8);
            kernels += k->wide_rows != NULL;
        }
    print_message("%d kernels for several rows on this CPU\n", kernels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_together_equal_rows_one_by_one)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
