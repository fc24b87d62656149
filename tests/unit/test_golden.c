/* The engine's maps equal PyTorch's for the same weights and input, at every level of kernels,
 * one image at a time and in a batch. */
#include "capture.h"
#include "support.h"

#include <math.h>

#include "net/net.h"

static struct wt_weights *weights, *maps;
static const struct wt_tensor *input;

static int setup(void **state)
{
    char path[1200];
    if (wt_weights_load(&weights, source_path("tests/golden/net.safetensors", path, sizeof path)) ||
        wt_weights_load(&maps, source_path("tests/golden/eval.safetensors", path, sizeof path)))
        return -1;
    input = wt_weights_find(maps, "x");
    return input && input->dims == 4 && input->shape[2] == 256 ? 0 : -1;
}

static int teardown(void **state)
{
    wt_weights_destroy(&weights);
    wt_weights_destroy(&maps);
    return 0;
}

/* PyTorch's planes to our interleaved channels, n times. */
static float *interleaved(int n)
{
    const size_t pixels = (size_t)256 * 256;
    float *x = malloc((size_t)n * pixels * 3 * sizeof *x);
    assert_non_null(x);
    for (size_t i = 0; i < (size_t)n * pixels; i++)
        for (size_t c = 0; c < 3; c++)
            x[3 * i + c] = input->data[c * pixels + i % pixels];
    return x;
}

static double worst_difference(const struct wt_net *net, int image, int stack)
{
    const size_t cells = (size_t)64 * 64;
    char name[8];
    int stride;
    double worst = 0;
    const float *got = wt_net_maps(net, image, stack, &stride);
    snprintf(name, sizeof name, "y%d", stack);
    const struct wt_tensor *y = wt_weights_find(maps, name);
    assert_non_null(y);
    assert_non_null(got);
    assert_int_equal(y->count, 6 * cells);
    for (size_t c = 0; c < 6; c++)
        for (size_t i = 0; i < cells; i++) {
            double d = fabs((double)got[i * (size_t)stride + c] - y->data[c * cells + i]);
            if (!(d <= worst)) /* NaN counts as worst */
                worst = d;
        }
    return worst;
}

static void check(enum wt_cpu_level level, int batch)
{
    struct wt_net *net = NULL;
    struct wt_net_options options = {
        .threads = 2, .batch = batch, .level = level, .precision = WT_PRECISION_F32};
    float *x = interleaved(batch);
    assert_int_equal(wt_net_create(&net, weights, &options), WT_OK);
    assert_int_equal(wt_net_forward_f32(net, x, batch, 0), WT_OK);
    for (int image = 0; image < batch; image++)
        for (int stack = 0; stack < 2; stack++) {
            double d = worst_difference(net, image, stack);
            print_message("%s, batch %d, image %d, stack %d: largest difference %.2g\n",
                          wt_cpu_level_name(level), batch, image, stack, d);
            assert_true(d <= 2e-5);
        }
    wt_net_destroy(&net);
    free(x);
}

static void test_levels(void **state)
{
    for (int level = WT_CPU_C; level < WT_CPU_LEVELS; level++) {
        if (!wt_cpu_usable((enum wt_cpu_level)level))
            continue;
        check((enum wt_cpu_level)level, 1);
        check((enum wt_cpu_level)level, 2);
    }
}

/* A number that is none, in any tensor that the network needs, is refused by name. */
static void test_not_finite(void **state)
{
    const struct wt_net_options with = {.threads = 1, .precision = WT_PRECISION_F32};
    for (size_t i = 0; i < weights->count; i += 1 + weights->count / 20) {
        struct wt_tensor *t = &weights->tensor[i];
        struct wt_net *net = NULL;
        struct log_capture c;
        const float kept = t->data[t->count - 1];
        t->data[t->count - 1] = i % 2 ? NAN : -INFINITY;
        log_capture_start(&c);
        const enum wt_status status = wt_net_create(&net, weights, &with);
        wt_set_log(NULL, NULL, WT_LOG_INFO);
        t->data[t->count - 1] = kept;
        wt_net_destroy(&net);
        if (strstr(t->name, "num_batches_tracked"))
            continue;
        assert_int_equal(status, WT_ERR_FORMAT);
        assert_int_equal(c.errors, 1);
        assert_non_null(strstr(c.last, t->name));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_levels),
                                       cmocka_unit_test(test_not_finite)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
