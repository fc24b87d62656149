/* One step of training equals PyTorch's: maps, loss, gradients, weights and running statistics
 * after a step of RMSProp, at every level of kernels; and bfloat16 stays near it. */
#include "support.h"

#include <math.h>

#include "net/hourglass.h"
#include "tape/optimiser.h"
#include "tape/tape.h"
#include "train/loss.h"

enum { BATCH = 2, CHANNELS = 6, CELLS = WT_MAP_CELLS_DEFAULT, STACKS = 2 };

static struct wt_weights *weights, *golden;
static struct wt_graph graph;

static int setup(void **state)
{
    char path[1200];
    wt_graph_init(&graph);
    if (wt_weights_load(&weights, source_path("tests/golden/net.safetensors", path, sizeof path)) ||
        wt_weights_load(&golden, source_path("tests/golden/train.safetensors", path, sizeof path)))
        return -1;
    return wt_hourglass_graph(weights, &graph) == WT_OK ? 0 : -1;
}

static int teardown(void **state)
{
    wt_graph_fini(&graph);
    wt_weights_destroy(&weights);
    wt_weights_destroy(&golden);
    return 0;
}

/* As train.py's hashed. */
static double hashed(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    uint64_t h = (73856093 * a) ^ (19349663 * b) ^ (83492791 * c) ^ (50331653 * d);
    h = ((h & 0xffffffff) * 2654435761u) & 0xffffffff;
    return (double)(h >> 8) / (1 << 24);
}

static void fill_input(float *x)
{
    for (int n = 0; n < BATCH; n++)
        for (int i = 0; i < 256; i++)
            for (int j = 0; j < 256; j++)
                for (int c = 0; c < 3; c++)
                    *x++ = (float)hashed(n, c, i, j);
}

static void fill_targets(float *y, uint8_t *mask, int stride)
{
    for (int n = 0; n < BATCH; n++)
        for (int c = 0; c < CHANNELS; c++) {
            const float cx = (float)(hashed(n, c, 1000, 7) * 50 + 7);
            const float cy = (float)(hashed(n, c, 1001, 7) * 50 + 7);
            float *map = y + (size_t)n * CELLS * stride + c;
            uint8_t *m = mask + (size_t)n * CELLS * stride + c;
            for (int i = 0; i < CELLS; i++) {
                const float dx = (float)(i % 64) - cx, dy = (float)(i / 64) - cy;
                map[i * stride] = expf(-(dx * dx + dy * dy) / (2 * 1.75f * 1.75f));
            }
            for (int i = 0; i < CELLS; i++)
                for (int k = 0; k < 9; k++) {
                    const int row = i / 64 + k / 3 - 1, column = i % 64 + k % 3 - 1;
                    if (row >= 0 && row < 64 && column >= 0 && column < 64 &&
                        map[(row * 64 + column) * stride] >= 0.2f)
                        m[i * stride] = 1;
                }
        }
}

static const struct wt_tensor *want(const char *prefix, const char *name)
{
    char full[128];
    snprintf(full, sizeof full, "%s%s", prefix, name);
    const struct wt_tensor *t = wt_weights_find(golden, full);
    if (!t)
        fail_msg("no golden tensor %s", full);
    return t;
}

/* Root of the mean square of the difference of the kept elements, over that of the kept ones. */
static double apart(const struct wt_tensor *t, const float *got, size_t count)
{
    const size_t step = count / 48 ? count / 48 : 1;
    double d = 0, s = 0;
    assert_int_equal(t->count, (count + step - 1) / step);
    for (size_t i = 0; i < t->count; i++) {
        d += pow((double)got[i * step] - t->data[i], 2);
        s += pow(t->data[i], 2);
    }
    return sqrt(d / (s + 1e-12 * (double)t->count));
}

static double loss_and_grads(struct wt_tape *tape, enum wt_cpu_level level)
{
    const struct wt_loss loss = wt_loss_defaults(WT_LOSS_AWING);
    const float channel[16] = {1, 1, 1, 1, 1, 1};
    const size_t count = (size_t)BATCH * CELLS * 16;
    float *y = calloc(count, sizeof *y);
    uint8_t *mask = calloc(count, 1);
    double sum = 0;
    const float scale = 1.0f / (BATCH * CELLS * CHANNELS);
    assert_non_null(y);
    assert_non_null(mask);
    fill_targets(y, mask, 16);
    for (int k = 0; k < STACKS; k++) {
        int stride;
        const float *pred = wt_tape_output(tape, k, &stride);
        assert_int_equal(stride, 16);
        struct wt_loss_maps maps = {pred, y, mask, channel, wt_tape_output_grad(tape, k)};
        sum += wt_loss_run(&loss, level, &maps, BATCH * CELLS, stride, scale);
    }
    free(y);
    free(mask);
    return sum * scale;
}

static double check_maps(struct wt_tape *tape)
{
    double worst = 0;
    float *plane = malloc((size_t)BATCH * CHANNELS * CELLS * sizeof *plane);
    assert_non_null(plane);
    for (int k = 0; k < STACKS; k++) {
        char name[8];
        int stride;
        const float *got = wt_tape_output(tape, k, &stride);
        for (int n = 0; n < BATCH; n++)
            for (int c = 0; c < CHANNELS; c++)
                for (int i = 0; i < CELLS; i++)
                    plane[(n * CHANNELS + c) * CELLS + i] =
                        got[((size_t)n * CELLS + i) * stride + c];
        snprintf(name, sizeof name, "y%d", k);
        worst = fmax(worst, apart(want("", name), plane, (size_t)BATCH * CHANNELS * CELLS));
    }
    free(plane);
    return worst;
}

/* Biases whose effect the next BatchNorm takes away: their gradient is 0 but for rounding. */
static bool without_effect(const char *name)
{
    const char *const part[] = {"conv.bias", "conv_last0.bias", "conv_last1.bias", "bl0.bias",
                                "al0.bias"};
    for (int i = 0; i < 5; i++)
        if (strstr(name, part[i]))
            return true;
    return false;
}

static double norm(const float *v, size_t count)
{
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        squares += (double)v[i] * v[i];
    return sqrt(squares);
}

/* Differences of the gradients from the reference's: of the worst tensor, and of all together. */
struct differences {
    double worst, all;
    int tensors;
};

static struct differences check_grads(struct wt_tape *tape)
{
    struct differences d = {0};
    double off = 0, sum = 0, weight = 0;
    for (int i = 0; i < wt_tape_params(tape); i++) {
        const struct wt_tape_param *p = wt_tape_param(tape, i);
        if (!p->grad)
            continue;
        float *v = malloc(p->count * sizeof *v);
        assert_non_null(v);
        wt_tape_param_export(p, p->grad, v);
        const double size = sqrt(want("sum.", p->name)->data[0]);
        double e = norm(v, p->count) / weight;
        if (!without_effect(p->name)) {
            e = fmax(apart(want("grad.", p->name), v, p->count),
                     fabs(norm(v, p->count) / size - 1));
            off += pow(apart(want("grad.", p->name), v, p->count) * size, 2);
            sum += size * size;
        }
        if (p->decay)
            weight = size;
        if (!(e <= d.worst))
            d.worst = e;
        d.tensors++;
        free(v);
    }
    d.all = sqrt(off / sum);
    assert_true(d.tensors > 100);
    return d;
}

/* Weights after a step of RMSProp, which is rate * 10 against the gradient's sign: where the
 * reference's gradient is too near 0 for a sign, there is nothing to compare. Returns the worst
 * difference. */
static double check_after(struct wt_tape *tape)
{
    double worst = 0;
    int compared = 0;
    for (int i = 0; i < wt_tape_params(tape); i++) {
        const struct wt_tape_param *p = wt_tape_param(tape, i);
        const struct wt_tensor *after = want("after.", p->name);
        const struct wt_tensor *grad = p->grad ? want("grad.", p->name) : NULL;
        const size_t step = p->count / 48 ? p->count / 48 : 1;
        float *v = malloc(p->count * sizeof *v);
        assert_non_null(v);
        wt_tape_param_export(p, p->value, v);
        const double rms = grad ? norm(grad->data, grad->count) / sqrt((double)grad->count) : 0;
        for (size_t k = 0; k < after->count; k++) {
            if (without_effect(p->name) || (grad && fabs(grad->data[k]) < 0.05 * rms))
                continue;
            const double d = fabs((double)v[k * step] - after->data[k]);
            worst = fmax(worst, d / (1 + fabs(after->data[k])));
            compared++;
        }
        free(v);
    }
    assert_true(compared > 3000);
    return worst;
}

static void step_of(enum wt_cpu_level level, bool bf16, const double bound[5])
{
    struct wt_tape *tape = NULL;
    struct wt_optimiser *optimiser = NULL;
    const struct wt_tape_options options = {
        .batch = BATCH, .threads = 2, .level = level, .bf16 = bf16, .momentum = 0.1f};
    struct wt_optimiser_options rms = wt_optimiser_defaults(WT_OPTIMISER_RMSPROP);
    rms.weight_decay = 1e-5;
    assert_int_equal(wt_tape_create(&tape, &graph, &options), WT_OK);
    assert_int_equal(wt_optimiser_create(&optimiser, tape, &rms), WT_OK);
    fill_input(wt_tape_input(tape));
    wt_tape_forward(tape, BATCH);
    assert_null(wt_tape_first_bad(tape));
    const double loss = loss_and_grads(tape, level), want_loss = want("", "loss")->data[0];
    wt_tape_backward(tape);
    const double maps = check_maps(tape);
    const struct differences grads = check_grads(tape);
    assert_true(wt_optimiser_step(optimiser, 1e-4));
    const double after = check_after(tape);
    print_message(
        "%s %s: loss %.7g (%.7g), maps %.2g, gradients %.2g, the worst %.2g, after a step "
        "%.2g\n",
        wt_cpu_level_name(level), bf16 ? "bf16" : "f32", loss, want_loss, maps, grads.all,
        grads.worst, after);
    assert_true(fabs(loss / want_loss - 1) <= bound[0]);
    assert_true(maps <= bound[1]);
    assert_true(grads.all <= bound[2]);
    assert_true(grads.worst <= bound[3]);
    assert_true(after <= bound[4]);
    wt_optimiser_destroy(&optimiser);
    wt_tape_destroy(&tape);
}

static void test_f32(void **state)
{
    const double bound[5] = {2e-6, 1e-5, 1e-3, 5e-3, 5e-6};
    for (int level = 0; level < WT_CPU_LEVELS; level++)
        if (wt_cpu_usable((enum wt_cpu_level)level))
            step_of((enum wt_cpu_level)level, false, bound);
}

static void test_bf16(void **state)
{
    const double bound[5] = {5e-3, 5e-2, 0.5, INFINITY, INFINITY};
    const enum wt_cpu_level levels[] = {WT_CPU_C, WT_CPU_AVX512BF16, WT_CPU_AMX};
    for (int i = 0; i < 3; i++)
        if (wt_cpu_usable(levels[i]))
            step_of(levels[i], true, bound);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_f32), cmocka_unit_test(test_bf16)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
