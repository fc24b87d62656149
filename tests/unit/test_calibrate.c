/* Ranges of convolutions' inputs: chosen from what is seen, from the weights into the graph, lies
 * refused; and the int8 form of weights. */
#include "capture.h"

#include <math.h>

#include "kernels/quant.h"
#include "measure/calibrate.h"
#include "net/hourglass.h"
#include "net/net.h"
#include "net/range.h"

static struct wt_weights *network(int stacks)
{
    const struct wt_arch arch = {stacks, 16, 4};
    struct wt_weights *w;
    assert_int_equal(wt_weights_create(&w), WT_OK);
    assert_int_equal(wt_hourglass_random(w, &arch, 1), WT_OK);
    return w;
}

/* Adds NAME.input_range with one range for all channels but the last. */
static void add_range(struct wt_weights *w, const char *name, int channels, float low, float high,
                      float last_low, float last_high)
{
    char tensor[96];
    snprintf(tensor, sizeof tensor, "%s.input_range", name);
    struct wt_tensor *t = wt_weights_add(w, tensor, 2, (int64_t[]){2, channels});
    assert_non_null(t);
    for (int c = 0; c < channels; c++) {
        t->data[c] = c + 1 < channels ? low : last_low;
        t->data[channels + c] = c + 1 < channels ? high : last_high;
    }
}

static const struct wt_node *find(const struct wt_graph *g, const char *name)
{
    for (int i = 0; i < g->count; i++)
        if (g->node[i].op == WT_OP_CONV && strcmp(g->node[i].name, name) == 0)
            return &g->node[i];
    fail_msg("no convolution %s", name);
    return NULL;
}

static void test_ranges_reach_the_graph(void **state)
{
    struct wt_weights *w = network(2);
    struct wt_graph g;
    wt_graph_init(&g);
    add_range(w, "m1.coordconv.conv", 16, -1, 2, -3, 4); /* five coordinates are not among them */
    add_range(w, "conv3.conv2", 4, 0, 2, 0, 5);
    assert_int_equal(wt_hourglass_graph(w, &g), WT_OK);
    const struct wt_node *n = find(&g, "m1.coordconv.conv");
    assert_true(n->in_low[0] == -1 && n->in_low[15] == -3 && n->in_high[0] == 2 &&
                n->in_high[15] == 4);
    n = find(&g, "conv3.conv2");
    assert_true(n->in_low[3] == 0 && n->in_high[2] == 2 && n->in_high[3] == 5);
    n = find(&g, "conv3.conv1");
    assert_null(n->in_low);
    assert_null(n->in_high);
    wt_graph_fini(&g);
    wt_weights_destroy(&w);
}

static void refuse(const char *name, int channels, float low, float high)
{
    struct wt_weights *w = network(1);
    struct wt_graph g;
    wt_graph_init(&g);
    add_range(w, name, channels, 0, 1, low, high);
    assert_one_line(WT_ERR_FORMAT, wt_hourglass_graph(w, &g));
    wt_graph_fini(&g);
    wt_weights_destroy(&w);
}

static void test_lies_are_refused(void **state)
{
    refuse("m0.coordconv.conv", 16, NAN, 1);
    refuse("m0.coordconv.conv", 16, 0, NAN);
    refuse("m0.coordconv.conv", 16, 0, INFINITY);
    refuse("m0.coordconv.conv", 16, -INFINITY, 0);
    refuse("m0.coordconv.conv", 16, -3e38f, 3e38f);
    refuse("m0.coordconv.conv", 16, 1, -1);
    refuse("m0.coordconv.conv", 16, 0.5f, 1); /* no integer for 0 */
    refuse("m0.coordconv.conv", 16, -1, -0.5f);
    refuse("m0.coordconv.conv", 16, 0, 0);
    refuse("m0.coordconv.conv", 16, 0, 1e-37f);
    refuse("m0.coordconv.conv", 19, 0, 1); /* the coordinates have none */
    refuse("conv2.conv1", 4, -1, 1);       /* behind a ReLU, padded */
    refuse("l0", 16, -1, 1);               /* behind a ReLU */
}

/* Ranges that differ between convolutions of one input: it has one quantiser. */
static void test_shared_inputs_have_one_range(void **state)
{
    struct wt_weights *w = network(2);
    struct wt_graph g;
    wt_graph_init(&g);
    add_range(w, "l0", 16, 0, 1, 0, 1);
    add_range(w, "bl0", 16, 0, 1, 0, 2);
    assert_one_line(WT_ERR_FORMAT, wt_hourglass_graph(w, &g));
    wt_graph_fini(&g);
    wt_weights_destroy(&w);
}

/* ---- choosing ranges ---- */

enum { CHANNELS = 3, VALUES = 300000 };

/* Squared error of an output over all values, inputs and weights quantised as the engine does, but
 * for the bound of pairs of weights, of which the choice of ranges does not know (range.h). */
static double output_error(const float *x, const float *weight, const float *low, const float *high)
{
    double sum = 0, largest = 0;
    struct wt_quant q[CHANNELS];
    for (int c = 0; c < CHANNELS; c++) {
        q[c] = wt_quant_range(low[c], high[c]);
        largest = fmax(largest, fabsf(weight[c] * q[c].scale));
    }
    float scale = wt_quant_weight_scale((float)largest);
    for (int i = 0; i < VALUES; i++) {
        double want = 0, got = 0;
        for (int c = 0; c < CHANNELS; c++) {
            long n = lrintf(x[i * CHANNELS + c] / q[c].scale) + q[c].zero;
            n = n < 0 ? 0 : n > 255 ? 255 : n;
            want += (double)x[i * CHANNELS + c] * weight[c];
            got += (double)(n - q[c].zero) * wt_quant_weight(weight[c] * q[c].scale, scale) * scale;
        }
        sum += (want - got) * (want - got);
    }
    return sum / VALUES;
}

static void choose(const float *x, const float *weight, float *low, float *high)
{
    struct wt_range_stats s;
    const struct wt_range_weights conv = {weight, 1, CHANNELS, 1};
    assert_int_equal(wt_range_stats_init(&s, CHANNELS), WT_OK);
    wt_range_stats_add(&s, x, CHANNELS, VALUES / 2);
    wt_range_stats_add(&s, x + CHANNELS * (VALUES / 2), CHANNELS, VALUES / 2);
    assert_int_equal(wt_range_choose(&s, &conv, 1, low, high), WT_OK);
    for (int c = 0; c < CHANNELS; c++)
        assert_true(wt_quant_range_valid(low[c], high[c]));
    wt_range_stats_fini(&s);
}

static float *values(uint32_t seed)
{
    float *x = malloc(sizeof *x * CHANNELS * VALUES);
    assert_non_null(x);
    for (int i = 0; i < CHANNELS * VALUES; i++) {
        seed = seed * 1664525u + 1013904223u;
        x[i] = (float)(seed >> 8) / (float)(1 << 24);
    }
    return x;
}

/* An outlier in 300,000 is cut off: the others gain more than it loses. */
static void test_outliers_are_cut(void **state)
{
    const float weight[CHANNELS] = {1, 0.7f, -0.9f};
    float low[CHANNELS], high[CHANNELS];
    float *x = values(1);
    x[5 * CHANNELS] = 3;
    choose(x, weight, low, high);
    const float seen[CHANNELS] = {3, 1, 1}, none[CHANNELS] = {0};
    assert_true(high[0] < 2.5f && low[0] == 0 && low[1] == 0);
    assert_true(output_error(x, weight, low, high) < output_error(x, weight, none, seen));
    free(x);
}

/* A channel of a wide range makes the weights of the others coarse; theirs are widened for it. */
static void test_weights_count(void **state)
{
    const float weight[CHANNELS] = {1, 0.003f, -0.002f};
    float low[CHANNELS], high[CHANNELS], seen[CHANNELS] = {0}, none[CHANNELS] = {0};
    float *x = values(2);
    for (int i = 0; i < CHANNELS * VALUES; i++)
        seen[i % CHANNELS] = fmaxf(seen[i % CHANNELS], x[i]);
    choose(x, weight, low, high);
    assert_true(high[1] > 1.9f && high[2] > 1.9f && high[0] < 1.1f);
    assert_true(output_error(x, weight, low, high) < output_error(x, weight, none, seen));
    free(x);
}

static void test_signs_and_dead_channels(void **state)
{
    const float weight[CHANNELS] = {1, 1, 1};
    float low[CHANNELS], high[CHANNELS];
    float *x = values(3);
    for (int i = 0; i < VALUES; i++) {
        x[i * CHANNELS] -= 0.25f;
        x[i * CHANNELS + 1] = 0;
        x[i * CHANNELS + 2] -= 1;
    }
    choose(x, weight, low, high);
    assert_true(low[0] < -0.2f && high[0] > 0.6f && high[0] / low[0] < -2.9f);
    assert_true(low[1] == 0 && high[1] > 0);
    assert_true(low[2] < -0.9f && high[2] >= 0 && high[2] < 0.01f);
    free(x);
}

static void test_no_numbers(void **state)
{
    const float nan[CHANNELS] = {0, NAN, 0}, infinite[CHANNELS] = {INFINITY, 0, 0};
    const float weight[CHANNELS] = {1, 1, 1};
    const float *const bad[] = {nan, infinite};
    for (int i = 0; i < 2; i++) {
        struct wt_range_stats s;
        const struct wt_range_weights conv = {weight, 1, CHANNELS, 1};
        float low[CHANNELS], high[CHANNELS];
        assert_int_equal(wt_range_stats_init(&s, CHANNELS), WT_OK);
        wt_range_stats_add(&s, bad[i], CHANNELS, 1);
        assert_one_line(WT_ERR_FORMAT, wt_range_choose(&s, &conv, 1, low, high));
        wt_range_stats_fini(&s);
    }
}

/* ---- a whole network ---- */

static bool has_range(const struct wt_weights *w, const char *name)
{
    char tensor[96];
    snprintf(tensor, sizeof tensor, "%s.input_range", name);
    return wt_weights_find(w, tensor) != NULL;
}

static uint8_t *noise(void)
{
    uint8_t *rgb = malloc(256 * 256 * 3);
    uint32_t x = 99;
    assert_non_null(rgb);
    for (int i = 0; i < 256 * 256 * 3; i++)
        rgb[i] = (uint8_t)((x = x * 1664525u + 1013904223u) >> 24);
    return rgb;
}

/* The maps of the last stack, in a precision. */
static float *maps_of(const struct wt_weights *w, enum wt_precision precision)
{
    const struct wt_net_options o = {
        .threads = 2, .level = wt_cpu_get()->level, .precision = precision};
    const int maps = 5, cells = WT_MAP_CELLS_DEFAULT;
    struct wt_net *net = NULL;
    int stride;
    uint8_t *rgb = noise();
    float *copy = malloc(sizeof *copy * (size_t)(maps * cells));
    assert_non_null(copy);
    assert_int_equal(wt_net_create(&net, w, &o), WT_OK);
    assert_int_equal(wt_net_forward_u8(net, rgb, 1, 0), WT_OK);
    const float *m = wt_net_maps(net, 0, -1, &stride);
    for (int i = 0; i < cells; i++)
        memcpy(copy + i * maps, m + i * stride, (size_t)maps * sizeof *m);
    wt_net_destroy(&net);
    free(rgb);
    return copy;
}

/* Root mean square of the difference over that of a. */
static double difference(const float *a, const float *b)
{
    double d = 0, all = 0;
    for (int i = 0; i < 5 * WT_MAP_CELLS_DEFAULT; i++) {
        d += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        all += (double)a[i] * a[i];
    }
    return sqrt(d / all);
}

/* A calibrated network keeps its maps in int8; in the int8 form of its weights it computes the
 * same, before and after the way through a file. */
static void test_network(void **state)
{
    const char *path = capture_path("w.safetensors");
    struct wt_weights *w = network(2), *r;
    assert_int_equal(wt_calibrate_noise(w, 2, wt_cpu_get()->level), WT_OK);
    assert_true(has_range(w, "conv2.conv1") && has_range(w, "m1.coordconv.conv") &&
                has_range(w, "l1") && has_range(w, "bl0"));
    assert_false(has_range(w, "conv1.conv"));
    float *exact = maps_of(w, WT_PRECISION_F32), *small = maps_of(w, WT_PRECISION_INT8);
    assert_true(difference(exact, small) > 0 && difference(exact, small) < 0.1);

    assert_int_equal(wt_quantise_weights(w), WT_OK);
    assert_int_equal(wt_weights_find(w, "conv2.conv1.weight")->storage, WT_STORE_I8);
    assert_int_equal(wt_weights_find(w, "conv1.conv.weight")->storage, WT_STORE_F32);
    assert_int_equal(wt_weights_find(w, "m1.coordconv.conv.weight")->storage, WT_STORE_F32);
    assert_int_equal(wt_weights_find(w, "bl0.weight")->storage, WT_STORE_F32);
    assert_int_equal(wt_weights_find(w, "l0.weight")->storage, WT_STORE_F32);
    float *again = maps_of(w, WT_PRECISION_INT8), *rounded = maps_of(w, WT_PRECISION_F32);
    assert_true(difference(exact, rounded) > 0 && difference(exact, rounded) < 0.1);
    /* The integers are the same, their scales to the last bit of a float; a value that lies just
     * between two integers may then become the other one. */
    assert_true(difference(small, again) < difference(exact, small) / 4);

    assert_int_equal(wt_weights_save(w, path), WT_OK);
    assert_int_equal(wt_weights_load(&r, path), WT_OK);
    float *loaded = maps_of(r, WT_PRECISION_INT8);
    assert_memory_equal(loaded, again, sizeof *again * 5 * WT_MAP_CELLS_DEFAULT);
    free(exact);
    free(small);
    free(again);
    free(rounded);
    free(loaded);
    wt_weights_destroy(&r);
    wt_weights_destroy(&w);
    unlink(path);
}

/* The integers that plans make of the weights are those of the file; sums of two fit. */
static void test_the_very_integers(void **state)
{
    const char *path = capture_path("w.safetensors");
    struct wt_weights *w = network(1), *r;
    size_t integers = 0, pairs = 0;
    assert_int_equal(wt_calibrate_noise(w, 2, wt_cpu_get()->level), WT_OK);
    struct wt_weights *before = network(1);
    assert_int_equal(wt_quantise_weights(w), WT_OK);
    assert_int_equal(wt_weights_save(w, path), WT_OK);
    assert_int_equal(wt_weights_load(&r, path), WT_OK);
    for (size_t i = 0; i < r->count; i++) {
        const struct wt_tensor *t = &r->tensor[i], *from = wt_weights_find(before, t->name);
        char name[96];
        if (t->storage != WT_STORE_I8)
            continue;
        snprintf(name, sizeof name, "%.*s.input_range", (int)strlen(t->name) - 7, t->name);
        const float *range = wt_weights_find(r, name)->data;
        size_t inputs = (size_t)t->shape[1], taps = (size_t)(t->shape[2] * t->shape[3]);
        float step[256], scale[2];
        assert_true(inputs <= 256);
        for (size_t k = 0; k < inputs; k++)
            step[k] = wt_quant_range(range[k], range[inputs + k]).scale;
        for (int64_t o = 0; o < t->shape[0]; o++) {
            const float *const both[2] = {from->data + (size_t)o * inputs * taps,
                                          t->data + (size_t)o * inputs * taps};
            int pair[2] = {0}; /* of one sign: of the inputs 2i and 2i + 1 of a 1x1 convolution */
            for (int k = 0; k < 2; k++)
                scale[k] = wt_quant_weights_scale(both[k], step, (int)inputs, (int)taps);
            for (size_t x = 0; x < inputs * taps; x++) {
                int was = wt_quant_weight(both[0][x] * step[x / taps], scale[0]);
                assert_int_equal(was, wt_quant_weight(both[1][x] * step[x / taps], scale[1]));
                integers += was != 0;
                pair[was < 0] = (taps == 1 && x % 2 ? pair[was < 0] : 0) + abs(was);
                pair[was >= 0] = taps == 1 && x % 2 ? pair[was >= 0] : 0;
                assert_true(pair[0] <= 128 && pair[1] <= 128);
                pairs += pair[0] + pair[1] > 120;
            }
        }
    }
    assert_true(pairs > 100);
    assert_true(integers > 10000);
    wt_weights_destroy(&before);
    wt_weights_destroy(&r);
    wt_weights_destroy(&w);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges_reach_the_graph),
        cmocka_unit_test(test_lies_are_refused),
        cmocka_unit_test(test_shared_inputs_have_one_range),
        cmocka_unit_test(test_outliers_are_cut),
        cmocka_unit_test(test_weights_count),
        cmocka_unit_test(test_signs_and_dead_channels),
        cmocka_unit_test(test_no_numbers),
        cmocka_unit_test(test_network),
        cmocka_unit_test(test_the_very_integers),
    };
    return cmocka_run_group_tests(tests, capture_setup, capture_teardown);
}
