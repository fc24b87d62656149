/* Optimisers against their definition in double precision; clipping, average, refusal of what is
 * not finite; rates. */
#include "support.h"

#include <math.h>

#include "tape/optimiser.h"

enum { INPUTS = 3, OUTPUTS = 40, STEPS = 5 };

static float weight[OUTPUTS * INPUTS], bias[OUTPUTS];
static struct wt_graph graph;

static int setup(void **state)
{
    for (int i = 0; i < OUTPUTS * INPUTS; i++)
        weight[i] = sinf((float)i);
    for (int i = 0; i < OUTPUTS; i++)
        bias[i] = cosf((float)i);
    wt_graph_init(&graph);
    const int x = wt_graph_input(&graph, 4, 4, INPUTS);
    wt_graph_output(&graph, wt_graph_conv(&graph, "conv", x, OUTPUTS, 1, 1, 0, weight, bias));
    return 0;
}

static int teardown(void **state)
{
    wt_graph_fini(&graph);
    return 0;
}

static struct wt_tape *new_tape(int threads)
{
    struct wt_tape *tape = NULL;
    const struct wt_tape_options o = {
        .batch = 1, .threads = threads, .level = WT_CPU_C, .momentum = 0.1f};
    assert_int_equal(wt_tape_create(&tape, &graph, &o), WT_OK);
    assert_int_equal(wt_tape_params(tape), 2);
    return tape;
}

static double gradient(int step, int param, size_t i)
{
    return sin(1.0 + step * 0.7 + param * 2 + (double)i * 0.3) * 0.1;
}

static void set_gradients(struct wt_tape *tape, int step)
{
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < wt_tape_param(tape, k)->count; i++)
            wt_tape_param(tape, k)->grad[i] = (float)gradient(step, k, i);
}

/* One number through all steps. */
static double expected(const struct wt_optimiser_options *o, double rate, int param, size_t i,
                       double shrink, double *average)
{
    double w = param ? (double)bias[i] : (double)weight[i], s = 0, m = 0;
    const double decay = o->decay_all || !param ? o->weight_decay : 0;
    *average = w;
    for (int step = 1; step <= STEPS; step++) {
        double g = (double)(float)gradient(step, param, i) * shrink;
        if (o->kind == WT_OPTIMISER_RMSPROP) {
            g += decay * w;
            s = o->beta2 * s + (1 - o->beta2) * g * g;
            w -= rate * g / (sqrt(s) + o->epsilon);
        } else {
            w -= rate * decay * w;
            m = o->beta1 * m + (1 - o->beta1) * g;
            s = o->beta2 * s + (1 - o->beta2) * g * g;
            w -= rate * m / (1 - pow(o->beta1, step)) /
                 (sqrt(s / (1 - pow(o->beta2, step))) + o->epsilon);
        }
        const double keep = fmin(o->average, step / (step + 20.0));
        *average = keep * *average + (1 - keep) * w;
    }
    return w;
}

static void check(const struct wt_optimiser_options *options, double shrink)
{
    struct wt_tape *tape = new_tape(2);
    struct wt_optimiser *o = NULL;
    assert_int_equal(wt_optimiser_create(&o, tape, options), WT_OK);
    for (int step = 1; step <= STEPS; step++) {
        set_gradients(tape, step);
        assert_true(wt_optimiser_step(o, 0.01));
    }
    assert_int_equal(wt_optimiser_steps(o), STEPS);
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < wt_tape_param(tape, k)->count; i++) {
            double average;
            const double w = expected(options, 0.01, k, i, shrink, &average);
            assert_true(fabs((double)wt_tape_param(tape, k)->value[i] - w) < 2e-6);
            if (options->average > 0)
                assert_true(fabs((double)wt_optimiser_average(o, k)[i] - average) < 2e-6);
        }
    wt_optimiser_destroy(&o);
    wt_tape_destroy(&tape);
}

static void test_definitions(void **state)
{
    for (int kind = 0; kind < 2; kind++)
        for (int all = 0; all < 2; all++) {
            struct wt_optimiser_options o = wt_optimiser_defaults((enum wt_optimiser_kind)kind);
            o.weight_decay = 0.05;
            o.decay_all = all != 0;
            o.average = 0.1 + 0.8 * all;
            check(&o, 1);
        }
}

/* With one step's norm as the bound only steps beyond it shrink; so a bound far below all. */
static void test_clip(void **state)
{
    struct wt_optimiser_options o = wt_optimiser_defaults(WT_OPTIMISER_RMSPROP);
    struct wt_tape *tape = new_tape(1);
    struct wt_optimiser *optimiser = NULL;
    double squares = 0;
    o.clip = 0.25;
    o.epsilon = 0.1; /* so that the size of a gradient matters */
    assert_int_equal(wt_optimiser_create(&optimiser, tape, &o), WT_OK);
    set_gradients(tape, 1);
    assert_true(wt_optimiser_step(optimiser, 0.01));
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < wt_tape_param(tape, k)->count; i++)
            squares += pow((double)(float)gradient(1, k, i), 2);
    assert_true(fabs(wt_optimiser_norm(optimiser) - sqrt(squares)) < 1e-9);
    assert_true(sqrt(squares) > 0.5);
    const double g = gradient(1, 1, 3) * 0.25 / sqrt(squares);
    const double want = (double)bias[3] - 0.01 * g / (sqrt(0.01 * g * g) + 0.1);
    assert_true(fabs((double)wt_tape_param(tape, 1)->value[3] - want) < 1e-6);
    wt_optimiser_destroy(&optimiser);
    wt_tape_destroy(&tape);
}

static void test_not_finite(void **state)
{
    const struct wt_optimiser_options o = wt_optimiser_defaults(WT_OPTIMISER_ADAMW);
    const float bad[] = {NAN, INFINITY, -INFINITY};
    struct wt_tape *tape = new_tape(2);
    struct wt_optimiser *optimiser = NULL;
    assert_int_equal(wt_optimiser_create(&optimiser, tape, &o), WT_OK);
    for (int i = 0; i < 3; i++) {
        set_gradients(tape, 1);
        wt_tape_param(tape, 1)->grad[7] = bad[i];
        assert_false(wt_optimiser_step(optimiser, 0.01));
        assert_string_equal(wt_optimiser_bad(optimiser), "conv.bias");
        assert_memory_equal(wt_tape_param(tape, 1)->value, bias, sizeof bias);
        assert_int_equal(wt_optimiser_steps(optimiser), 0);
    }
    set_gradients(tape, 1);
    assert_true(wt_optimiser_step(optimiser, 0.01));
    assert_null(wt_optimiser_bad(optimiser));
    wt_optimiser_destroy(&optimiser);
    wt_tape_destroy(&tape);
}

static void close_to(double got, double want)
{
    if (!(fabs(got - want) <= 1e-12))
        fail_msg("rate %g, wanted %g", got, want);
}

static void test_rates(void **state)
{
    struct wt_learning_rate r = {
        .kind = WT_LEARNING_RATE_STEP, .base = 1e-4, .factor = 0.1, .step = {80, 160}, .steps = 2};
    close_to(wt_learning_rate_at(&r, 9, 0, 0), 1e-4);
    close_to(wt_learning_rate_at(&r, 9, 79, 0.3), 1e-4);
    close_to(wt_learning_rate_at(&r, 9, 80, 0.3), 1e-5);
    close_to(wt_learning_rate_at(&r, 9, 239, 0.9), 1e-6);
    r.warm_up = 200;
    close_to(wt_learning_rate_at(&r, 0, 0, 0), 1e-4 / 200);
    close_to(wt_learning_rate_at(&r, 99, 0, 0), 1e-4 / 2);
    close_to(wt_learning_rate_at(&r, 199, 0, 0), 1e-4);
    r.kind = WT_LEARNING_RATE_COSINE;
    r.base = 1e-3;
    close_to(wt_learning_rate_at(&r, 500, 90, 0), 1e-3);
    close_to(wt_learning_rate_at(&r, 500, 90, 0.5), 1e-3 * 0.505);
    close_to(wt_learning_rate_at(&r, 500, 90, 1), 1e-5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definitions), cmocka_unit_test(test_clip),
        cmocka_unit_test(test_not_finite), cmocka_unit_test(test_rates)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
