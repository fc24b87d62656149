/* A network in two parts, of which the first is computed once: the second gives the same maps and
 * the same gradients as the whole network of which the same layers are trained. */
#include "support.h"

#include <math.h>

#include "net/hourglass.h"
#include "tape/tape.h"

enum { INPUT = 128, MAP = 32, CELLS = MAP * MAP, POINTS = 9 };

static struct wt_weights *weights;
static struct wt_arch arch;
static enum wt_hourglass_cut cut;

static bool nothing(void *user, const char *node)
{
    return false;
}

/* What follows the cut, by the nodes' names. */
static bool follows(void *user, const char *node)
{
    char name[4][32];
    static const char *const part[] = {"m%d.", "top_m_%d.", "conv_last%d", "bn_end%d"};
    for (int i = 0; i < 4; i++) {
        snprintf(name[i], sizeof name[i], part[i], arch.stacks - 1);
        if ((i || cut == WT_CUT_STACK) && strncmp(node, name[i], strlen(name[i])) == 0)
            return true;
    }
    snprintf(name[0], sizeof name[0], "l%d", arch.stacks - 1);
    return strcmp(node, name[0]) == 0;
}

static struct wt_tape *make_tape(const struct wt_graph *g,
                                 bool (*trains)(void *user, const char *node))
{
    struct wt_tape *tape = NULL;
    const struct wt_tape_options o = {.batch = 2,
                                      .threads = 2,
                                      .level = wt_cpu_get()->level,
                                      .fixed_norms = true,
                                      .trains = trains};
    assert_int_equal(wt_tape_create(&tape, g, &o), WT_OK);
    return tape;
}

static void fill(float *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (float)(i * 2654435761u % 1000u) * 1e-3f;
}

static const struct wt_tape_param *find(struct wt_tape *tape, const char *name)
{
    for (int i = 0; i < wt_tape_params(tape); i++)
        if (strcmp(wt_tape_param(tape, i)->name, name) == 0)
            return wt_tape_param(tape, i);
    return NULL;
}

static void compare(const float *a, const float *b, size_t n, const char *what)
{
    double largest = 0, off = 0;
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs((double)a[i]));
        off = fmax(off, fabs((double)(a[i] - b[i])));
    }
    if (!(off <= 1e-4 * largest + 1e-7))
        fail_msg("%s: off by %g, largest %g", what, off, largest);
}

/* Gradients for the same dL/d(maps). */
static void compare_gradients(struct wt_tape *whole, struct wt_tape *rest)
{
    int stride, compared = 0;
    wt_tape_output(whole, arch.stacks - 1, &stride);
    for (int i = 0; i < arch.stacks; i++)
        memset(wt_tape_output_grad(whole, i), 0, 2 * CELLS * (size_t)stride * sizeof(float));
    float *a = wt_tape_output_grad(whole, arch.stacks - 1), *b = wt_tape_output_grad(rest, 0);
    for (size_t i = 0; i < 2 * CELLS * (size_t)stride; i++)
        a[i] = b[i] = (int)(i % (size_t)stride) <= POINTS ? sinf((float)i) : 0;
    wt_tape_backward(whole);
    wt_tape_backward(rest);
    for (int i = 0; i < wt_tape_params(rest); i++) {
        const struct wt_tape_param *p = wt_tape_param(rest, i), *q = find(whole, p->name);
        assert_non_null(q);
        if (!p->grad)
            continue;
        assert_non_null(q->grad);
        compare(q->grad, p->grad, p->count, p->name);
        compared++;
    }
    assert_true(compared > 10);
    for (int i = 0; i < wt_tape_params(whole); i++) /* and nothing is left out */
        if (wt_tape_param(whole, i)->grad)
            assert_non_null(find(rest, wt_tape_param(whole, i)->name));
}

static void check(int stacks, enum wt_hourglass_cut where)
{
    struct wt_graph g[3]; /* whole, front, rest */
    struct wt_tape *tape[3];
    const size_t pixels = 2 * INPUT * INPUT * 3;
    int stride[3], heat_stride = 0;
    arch = (struct wt_arch){.stacks = stacks, .width = 32, .points = POINTS, .input = INPUT};
    cut = where;
    assert_int_equal(wt_weights_create(&weights), WT_OK);
    assert_int_equal(wt_hourglass_random(weights, &arch, 7), WT_OK);
    for (int i = 0; i < 3; i++)
        wt_graph_init(&g[i]);
    assert_int_equal(wt_hourglass_graph(weights, &g[0]), WT_OK);
    assert_int_equal(wt_hourglass_split(weights, cut, &g[1], &g[2]), WT_OK);
    for (int i = 0; i < 3; i++) {
        tape[i] = make_tape(&g[i], i == 1 ? nothing : follows);
        wt_graph_fini(&g[i]);
    }
    fill(wt_tape_input(tape[0]), pixels);
    fill(wt_tape_input(tape[1]), pixels);
    wt_tape_forward(tape[0], 2);
    wt_tape_forward(tape[1], 2);
    const float *x = wt_tape_output(tape[1], 0, &stride[1]), *heat = NULL;
    if (cut == WT_CUT_STACK && stacks > 1)
        heat = wt_tape_output(tape[1], 1, &heat_stride);
    const size_t features = (size_t)wt_hourglass_features(&arch, cut);
    for (size_t k = 0; k < 2; k++)
        wt_hourglass_join(&arch, cut, x + k * CELLS * (size_t)stride[1], stride[1],
                          heat ? heat + k * CELLS * (size_t)heat_stride : NULL, heat_stride,
                          wt_tape_input(tape[2]) + k * CELLS * features);
    wt_tape_forward(tape[2], 2);
    const float *a = wt_tape_output(tape[0], stacks - 1, &stride[0]);
    const float *b = wt_tape_output(tape[2], 0, &stride[2]);
    assert_int_equal(stride[0], stride[2]);
    compare(a, b, 2 * CELLS * (size_t)stride[0], "maps");
    compare_gradients(tape[0], tape[2]);
    for (int i = 0; i < 3; i++)
        wt_tape_destroy(&tape[i]);
    wt_weights_destroy(&weights);
}

static void test_head(void **state)
{
    check(1, WT_CUT_HEAD);
    check(3, WT_CUT_HEAD);
}

static void test_stack(void **state)
{
    check(1, WT_CUT_STACK);
    check(2, WT_CUT_STACK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_head), cmocka_unit_test(test_stack)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
