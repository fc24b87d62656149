/* What training starts with: a network that grows by a stack puts out what the smaller one did;
 * tensors that do not fit keep what they had. */
#include "support.h"

#include <math.h>

#include "net/net.h"
#include "train/start.h"

enum { WIDTH = 32, POINTS = 19 };

static uint8_t picture[256 * 256 * 3];

static struct wt_weights *network(int stacks, int width, bool varied)
{
    struct wt_weights *w = NULL;
    const struct wt_arch arch = {.stacks = stacks, .width = width, .points = POINTS};
    assert_int_equal(wt_weights_create(&w), WT_OK);
    /* varied: BatchNorm statistics unlike 0 and 1, so that a wrong one shows */
    assert_int_equal((varied ? wt_hourglass_random : wt_start_random)(w, &arch, 7), WT_OK);
    return w;
}

static struct wt_net *run(const struct wt_weights *w)
{
    struct wt_net *net = NULL;
    const struct wt_net_options o = {
        .threads = 2, .level = wt_cpu_get()->level, .precision = WT_PRECISION_F32};
    assert_int_equal(wt_net_create(&net, w, &o), WT_OK);
    assert_int_equal(wt_net_forward_u8(net, picture, 1, 0), WT_OK);
    return net;
}

/* Largest difference of two stacks' maps, by the largest value. */
static double apart(const struct wt_net *a, int i, const struct wt_net *b, int k)
{
    int sa, sb;
    double d = 0, most = 0;
    const float *x = wt_net_maps(a, 0, i, &sa), *y = wt_net_maps(b, 0, k, &sb);
    for (int cell = 0; cell < WT_MAP_CELLS_DEFAULT; cell++)
        for (int c = 0; c <= POINTS; c++) {
            d = fmax(d, fabs((double)x[cell * sa + c] - (double)y[cell * sb + c]));
            most = fmax(most, fabs((double)y[cell * sb + c]));
        }
    assert_true(most > 0.01);
    return d / most;
}

static bool mask_is_there(const struct wt_net *net, int stack)
{
    int stride;
    const float *m = wt_net_maps(net, 0, stack, &stride);
    for (int cell = 0; cell < WT_MAP_CELLS_DEFAULT; cell++)
        if (m[cell * stride + POINTS] > WT_BOUNDARY_THRESHOLD)
            return true;
    return false;
}

static const float *values(const struct wt_weights *w, const char *name)
{
    const struct wt_tensor *t = wt_weights_find(w, name);
    assert_non_null(t);
    return t->data;
}

static void test_second_stack(void **state)
{
    struct log_capture c;
    struct wt_weights *one = network(1, WIDTH, true), *two = network(2, WIDTH, false);
    log_capture_start(&c);
    wt_start_from(two, one);
    assert_int_equal(c.lines, 1); /* says that it grew, and no warning */
    wt_set_log(NULL, NULL, WT_LOG_INFO);
    struct wt_net *a = run(one), *b = run(two);
    assert_true(mask_is_there(b, 0));
    assert_true(apart(b, 0, a, 0) < 1e-6);
    assert_true(apart(b, 1, a, 0) < 1e-6);
    wt_net_destroy(&a);
    wt_net_destroy(&b);
    wt_weights_destroy(&one);
    wt_weights_destroy(&two);
}

/* What joins the given stacks stays; the third is the second again, its masked inputs included. */
static void test_third_stack(void **state)
{
    struct wt_weights *two = network(2, WIDTH, true), *three = network(3, WIDTH, false);
    const struct wt_tensor *coords = wt_weights_find(two, "m1.coordconv.conv.weight");
    wt_start_from(three, two);
    assert_memory_equal(values(three, "m2.coordconv.conv.weight"), coords->data,
                        coords->count * sizeof(float));
    assert_memory_equal(values(three, "bl0.weight"), values(two, "bl0.weight"),
                        WIDTH * WIDTH * sizeof(float));
    for (int i = 0; i < WIDTH * (POINTS + 1); i++)
        assert_true(values(three, "al1.weight")[i] == 0);
    struct wt_net *a = run(two), *b = run(three);
    assert_true(apart(b, 0, a, 0) < 1e-6 && apart(b, 1, a, 1) < 1e-6);
    assert_true(apart(a, 1, a, 0) > 1e-2); /* or the next line would say nothing */
    assert_true(apart(b, 2, a, 1) < apart(b, 2, a, 0));
    wt_net_destroy(&a);
    wt_net_destroy(&b);
    wt_weights_destroy(&two);
    wt_weights_destroy(&three);
}

/* Another width: nothing grows, and only tensors without a width are taken. */
static void test_other_width(void **state)
{
    struct log_capture c;
    struct wt_weights *one = network(1, 16, true), *two = network(2, WIDTH, false),
                      *fresh = network(2, WIDTH, false);
    const struct wt_tensor *bl = wt_weights_find(fresh, "bl0.weight");
    log_capture_start(&c);
    wt_start_from(two, one);
    assert_int_equal(c.lines, 1);
    wt_set_log(NULL, NULL, WT_LOG_INFO);
    assert_memory_equal(values(two, "bl0.weight"), bl->data, bl->count * sizeof(float));
    assert_memory_equal(values(two, "l0.bias"), values(one, "l0.bias"),
                        (POINTS + 1) * sizeof(float));
    wt_weights_destroy(&one);
    wt_weights_destroy(&two);
    wt_weights_destroy(&fresh);
}

/* The columns of coordinates become 0, nothing else changes. */
static void test_plain(void **state)
{
    static const struct {
        const char *name;
        int coords;
    } cases[] = {{"conv1.conv.weight", 3},
                 {"m0.coordconv.conv.weight", 3},
                 {"m1.coordconv.conv.weight", 5},
                 {"m1.coordconv.conv.bias", 0},
                 {"m1.coordconv.conv.weight_scale", 0},
                 {"m0.b1_4.conv1.weight", 0}};
    struct wt_weights *w = network(2, WIDTH, true), *plain = network(2, WIDTH, true);
    int zeros[6] = {0};
    for (int i = 0; i < 6; i++)
        assert_int_equal(wt_hourglass_coords(cases[i].name), cases[i].coords);
    wt_start_zero_coords(plain);
    for (size_t i = 0; i < w->count; i++) {
        const struct wt_tensor *a = &w->tensor[i], *b = &plain->tensor[i];
        const int coords = wt_hourglass_coords(a->name);
        const size_t area = a->dims == 4 ? (size_t)(a->shape[2] * a->shape[3]) : 1;
        for (size_t k = 0; k < a->count; k++) {
            const int left = coords ? (int)(a->shape[1] - (int64_t)(k / area) % a->shape[1]) : 9;
            assert_true(b->data[k] == (left <= coords ? 0 : a->data[k]));
            zeros[coords] += left <= coords && a->data[k] != 0;
        }
    }
    assert_int_equal(zeros[3], 3 * (WIDTH / 4 * 49 + WIDTH));
    assert_int_equal(zeros[5], 5 * WIDTH);
    wt_weights_destroy(&w);
    wt_weights_destroy(&plain);
}

int main(void)
{
    uint32_t rng = 1;
    for (size_t i = 0; i < sizeof picture; i++)
        picture[i] = (uint8_t)((rng = rng * 1664525u + 1013904223u) >> 24);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_second_stack), cmocka_unit_test(test_third_stack),
        cmocka_unit_test(test_other_width), cmocka_unit_test(test_plain)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
