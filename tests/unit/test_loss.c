/* Losses: against golden values of the reference, against finite differences, at the edges of their
 * definition, and every instruction set against double precision. */
#include "support.h"

#include <math.h>

#include "train/loss.h"
#include "weights/weights.h"

static const enum wt_loss_kind kinds[] = {WT_LOSS_AWING, WT_LOSS_WING, WT_LOSS_MSE};

static int levels(void)
{
    return (int)wt_cpu_get()->level + 1;
}

static struct wt_weights *golden(const char *name)
{
    char path[1200];
    struct wt_weights *w = NULL;
    assert_int_equal(wt_weights_load(&w, source_path(name, path, sizeof path)), WT_OK);
    return w;
}

static const struct wt_tensor *tensor(const struct wt_weights *w, const char *name, size_t count)
{
    const struct wt_tensor *t = wt_weights_find(w, name);
    assert_non_null(t);
    if (count)
        assert_int_equal(t->count, count);
    return t;
}

/* One element through the vector code. */
static float one(const struct wt_loss *loss, int level, float p, float y, float *grad)
{
    const float channel = 1;
    struct wt_loss_maps maps = {.pred = &p, .target = &y, .channel = &channel, .grad = grad};
    return (float)wt_loss_run(loss, (enum wt_cpu_level)level, &maps, 1, 1, 1.0f);
}

static void close_to(double got, double want, double relative, double absolute)
{
    if (!(fabs(got - want) <= absolute + relative * fabs(want)))
        fail_msg("got %.9g, wanted %.9g", got, want);
}

/* The grid of the reference holds d = 0 and d = theta. */
static void test_golden_grid(void **state)
{
    struct wt_weights *w = golden("tests/golden/awing.safetensors");
    const struct wt_tensor *p = tensor(w, "p", 121 * 21), *y = tensor(w, "y", p->count);
    const struct wt_tensor *l = tensor(w, "loss", p->count), *g = tensor(w, "grad", p->count);
    const struct wt_loss loss = wt_loss_defaults(WT_LOSS_AWING);
    int zeros = 0;
    for (int level = 0; level < levels(); level++)
        for (size_t i = 0; i < p->count; i++) {
            float grad;
            const float value = one(&loss, level, p->data[i], y->data[i], &grad);
            close_to(value, l->data[i], 2e-6, 2e-6);
            close_to(grad, g->data[i], 2e-5, 2e-5);
            zeros += p->data[i] == y->data[i];
        }
    assert_true(zeros > 0);
    wt_weights_destroy(&w);
}

static void test_golden_weighted(void **state)
{
    enum { CHANNELS = 3, CELLS = 64 * 64, STRIDE = 5 }; /* two channels of padding */
    struct wt_weights *w = golden("tests/golden/targets.safetensors");
    const struct wt_tensor *y = tensor(w, "y98", CHANNELS * CELLS), *m = tensor(w, "m98", y->count);
    const struct wt_tensor *p = tensor(w, "pred", y->count), *g = tensor(w, "grad", y->count);
    const float channel[STRIDE] = {1, 1, 1, 0, 0};
    const struct wt_loss loss = wt_loss_defaults(WT_LOSS_AWING);
    float *in = calloc(3 * CELLS * STRIDE, sizeof *in);
    uint8_t *mask = calloc(CELLS, STRIDE);
    struct wt_loss_maps maps = {in, in + CELLS * STRIDE, mask, channel, in + 2 * CELLS * STRIDE};
    for (int i = 0; i < CELLS; i++)
        for (int c = 0; c < STRIDE; c++) {
            size_t from = (size_t)(c % CHANNELS * CELLS + i), to = (size_t)(i * STRIDE + c);
            in[to] = c < CHANNELS ? p->data[from] : NAN; /* nobody looks at padding */
            in[CELLS * STRIDE + to] = y->data[from];
            mask[to] = m->data[from] != 0;
        }
    for (int level = 0; level < levels(); level++) {
        double sum = wt_loss_run(&loss, (enum wt_cpu_level)level, &maps, CELLS, STRIDE,
                                 1.0f / (CHANNELS * CELLS));
        close_to(sum / (CHANNELS * CELLS), tensor(w, "loss", 1)->data[0], 1e-6, 0);
        for (int i = 0; i < CELLS; i++)
            for (int c = 0; c < STRIDE; c++)
                close_to(maps.grad[i * STRIDE + c],
                         c < CHANNELS ? g->data[(size_t)(c * CELLS + i)] : 0, 1e-5, 1e-9);
    }
    free(in);
    free(mask);
    wt_weights_destroy(&w);
}

/* The scalar form's slope against central differences, away from the kinks. */
static void test_finite_differences(void **state)
{
    int checked = 0;
    for (size_t k = 0; k < 3; k++) {
        struct wt_loss loss = wt_loss_defaults(kinds[k]);
        for (int variant = 0; variant < 2; variant++) {
            if (variant) { /* none of the constants may be taken for another */
                loss.alpha = 2.4f;
                loss.theta = 0.3f;
                loss.omega = 5;
                loss.epsilon = 1.7f;
            }
            for (double y = 0; y <= 1; y += 0.125)
                for (double p = -1.03; p < 2; p += 0.047) {
                    const double h = 1e-6, d = fabs(p - y);
                    double slope;
                    if (d < 1e-3)
                        continue;
                    wt_loss_value(&loss, p, y, &slope);
                    double numeric = (wt_loss_value(&loss, p + h, y, NULL) -
                                      wt_loss_value(&loss, p - h, y, NULL)) /
                                     (2 * h);
                    close_to(slope, numeric, 1e-6, fabs(d - (double)loss.theta) < 2 * h ? 1 : 1e-6);
                    checked++;
                }
        }
    }
    assert_true(checked > 3000);
}

/* Vector code of every level against the scalar form, over a range of sizes of d. */
static void test_levels(void **state)
{
    for (size_t k = 0; k < 3; k++) {
        struct wt_loss loss = wt_loss_defaults(kinds[k]);
        for (int level = 0; level < levels(); level++)
            for (int i = -60; i < 24; i++)
                for (int t = 0; t <= 4; t++) {
                    float grad, y = 0.25f * (float)t, p = y + ldexpf(i & 1 ? -0.77f : 0.9f, i / 2);
                    double slope, want = wt_loss_value(&loss, p, y, &slope);
                    close_to(one(&loss, level, p, y, &grad), want, 1e-5, 1e-20);
                    close_to(grad, slope, 1e-5, 1e-20);
                }
    }
}

static void test_edges(void **state)
{
    for (size_t k = 0; k < 3; k++) {
        const struct wt_loss loss = wt_loss_defaults(kinds[k]);
        for (int level = 0; level < levels(); level++)
            for (int t = 0; t <= 10; t++) {
                const float y = (float)t / 10;
                float grad = 7;
                assert_true(one(&loss, level, y, y, &grad) == 0);
                assert_true(grad == 0);
                /* just beside it: finite, small, of the right sign */
                const float up = nextafterf(y, 2), down = nextafterf(y, -1);
                assert_true(one(&loss, level, up, y, &grad) < 1e-5f);
                assert_true(isfinite(grad) && grad >= 0);
                assert_true(one(&loss, level, down, y, &grad) < 1e-5f);
                assert_true(isfinite(grad) && grad <= 0);
                /* value and slope are continuous at theta */
                double s0, s1, v0 = wt_loss_value(&loss, y + 0.4999999, y, &s0);
                double v1 = wt_loss_value(&loss, y + 0.5000001, y, &s1);
                close_to(v0, v1, 1e-5, 0);
                close_to(s0, s1, 1e-5, 0);
                /* what is not a number does not vanish */
                assert_true(isnan(one(&loss, level, NAN, y, &grad)));
                assert_false(isfinite(one(&loss, level, INFINITY, y, &grad)));
            }
    }
    /* Facts of the method: y = 1 pulls harder than y = 0 near the target, omega ln 2 ... */
    const struct wt_loss awing = wt_loss_defaults(WT_LOSS_AWING);
    double at0, at1;
    wt_loss_value(&awing, 0.1, 0, &at0);
    wt_loss_value(&awing, 0.9, 1, &at1);
    assert_true(-at1 > 4 * at0);
    close_to(wt_loss_value(&awing, 0.5, 0, NULL), 14 * log1p(pow(0.5, (double)2.1f)), 1e-9, 0);
}

/* Odd strides, rows in pieces, in-place gradient, channel weights, no mask. */
static void test_layout(void **state)
{
    enum { CELLS = 37, STRIDE = 99 };
    static float pred[CELLS * STRIDE], target[CELLS * STRIDE], grad[CELLS * STRIDE];
    static float pieces[CELLS * STRIDE];
    static uint8_t mask[CELLS * STRIDE];
    float channel[STRIDE];
    const struct wt_loss loss = wt_loss_defaults(WT_LOSS_AWING);
    uint32_t x = 1;
    for (int i = 0; i < CELLS * STRIDE; i++) {
        x = x * 1664525u + 1013904223u;
        target[i] = (float)(x >> 24) / 255;
        pred[i] = target[i] + (float)((int)(x >> 12 & 255) - 128) / 100;
        mask[i] = x >> 9 & 1;
    }
    for (int c = 0; c < STRIDE; c++)
        channel[c] = c % 3 == 0 ? 0 : c % 3 == 1 ? 1 : 0.5f;
    double want = 0;
    for (int i = 0; i < CELLS * STRIDE; i++)
        want += (double)channel[i % STRIDE] * (1 + 10 * mask[i]) *
                wt_loss_value(&loss, pred[i], target[i], NULL);
    for (int level = 0; level < levels(); level++) {
        struct wt_loss_maps maps = {pred, target, mask, channel, grad};
        close_to(wt_loss_run(&loss, (enum wt_cpu_level)level, &maps, CELLS, STRIDE, 2), want, 1e-6,
                 0);
        for (int i = 0; i < CELLS * STRIDE; i++) {
            double slope;
            wt_loss_value(&loss, pred[i], target[i], &slope);
            close_to(grad[i], 2 * slope * (double)channel[i % STRIDE] * (1 + 10 * mask[i]), 1e-5,
                     1e-6);
        }
        memcpy(pieces, pred, sizeof pred);
        for (int from = 0; from < CELLS; from += 10) { /* in place */
            size_t at = (size_t)(from * STRIDE);
            struct wt_loss_maps part = {pieces + at, target + at, mask + at, channel, pieces + at};
            wt_loss_run(&loss, (enum wt_cpu_level)level, &part,
                        CELLS - from < 10 ? CELLS - from : 10, STRIDE, 2);
        }
        assert_memory_equal(pieces, grad, sizeof grad);
        maps.mask = NULL;
        maps.grad = NULL;
        assert_true(wt_loss_run(&loss, (enum wt_cpu_level)level, &maps, CELLS, STRIDE, 2) < want);
    }
}

static void test_check(void **state)
{
    struct log_capture log;
    log_capture_start(&log);
    for (size_t k = 0; k < 3; k++) {
        struct wt_loss loss = wt_loss_defaults(kinds[k]);
        assert_int_equal(wt_loss_check(&loss), WT_OK);
        loss.epsilon = 0;
        assert_int_equal(wt_loss_check(&loss), WT_ERR_ARGUMENT);
        loss.epsilon = NAN;
        assert_int_equal(wt_loss_check(&loss), WT_ERR_ARGUMENT);
    }
    assert_int_equal(log.errors, 6);
    assert_non_null(strstr(log.last, "epsilon"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_grid),
        cmocka_unit_test(test_golden_weighted),
        cmocka_unit_test(test_finite_differences),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
