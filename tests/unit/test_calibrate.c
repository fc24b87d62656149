/* Ranges of convolutions' inputs: from the weights into the graph, and lies refused. */
#include "capture.h"

#include <math.h>

#include "hourglass.h"
#include "quant.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges_reach_the_graph),
        cmocka_unit_test(test_lies_are_refused),
    };
    return cmocka_run_group_tests(tests, capture_setup, capture_teardown);
}
