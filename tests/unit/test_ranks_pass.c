/* Several ranks, here threads of one process, with threads of their own: their sums over a batch
 * are those of one rank with the whole batch. Kernels are checked by ThreadSanitizer. */
#include "thread_ranks.h"

#include "net/hourglass.h"
#include "tape/tape.h"

enum { SIDE = WT_INPUT_MIN, CELLS = SIDE / 4 * (SIDE / 4) };

struct pass {
    const struct wt_graph *graph;
    struct wt_tape *tape;
    int batch, first; /* images; the first one's number in the whole batch */
    bool bf16;
};

static float noise(uint32_t i)
{
    i = (i ^ 61) * 2654435761u;
    i = (i ^ i >> 15) * 2246822519u;
    return (float)(i >> 8) / (float)(1 << 24);
}

static void run_pass(struct member *m)
{
    struct pass *p = m->work;
    const struct wt_tape_options o = {.batch = p->batch,
                                      .threads = 2,
                                      .level = wt_cpu_get()->level,
                                      .bf16 = p->bf16,
                                      .momentum = 0.1f,
                                      .ranks = m->ranks.ranks > 1 ? &m->ranks : NULL};
    int stride;
    const size_t pixels = (size_t)SIDE * SIDE * 3;
    m->status = wt_tape_create(&p->tape, p->graph, &o);
    if (m->status)
        return;
    for (size_t i = 0; i < pixels * (size_t)p->batch; i++)
        wt_tape_input(p->tape)[i] = noise((uint32_t)(i + (size_t)p->first * pixels));
    wt_tape_forward(p->tape, p->batch);
    wt_tape_output(p->tape, 0, &stride);
    const size_t cells = (size_t)CELLS * (size_t)stride;
    for (size_t i = 0; i < cells * (size_t)p->batch; i++)
        wt_tape_output_grad(p->tape, 0)[i] =
            (noise((uint32_t)(i + (size_t)p->first * cells) ^ 0x55aa55u) - 0.5f) / 100;
    wt_tape_backward(p->tape);
}

static void compare_passes(const struct pass *part, int ranks, const struct pass *whole,
                           double maps, double params)
{
    int stride;
    const float *want = wt_tape_output(whole->tape, 0, &stride);
    const size_t count = (size_t)part->batch * CELLS * (size_t)stride;
    for (int k = 0; k < ranks; k++) {
        assert_true(apart(wt_tape_output(part[k].tape, 0, &stride), want + (size_t)k * count, count,
                          1e-6) < maps);
        assert_null(wt_tape_first_bad(part[k].tape));
    }
    for (int i = 0; i < wt_tape_params(whole->tape); i++) {
        const struct wt_tape_param *w = wt_tape_param(whole->tape, i);
        const struct wt_tape_param *p = wt_tape_param(part[0].tape, i);
        if (w->grad)
            assert_true(apart(p->grad, w->grad, w->count, 1e-3) < params);
        assert_true(apart(p->value, w->value, w->count, 1e-6) < maps);
        for (int k = 1; k < ranks; k++) {
            const struct wt_tape_param *q = wt_tape_param(part[k].tape, i);
            assert_memory_equal(p->value, q->value, p->count * sizeof *p->value);
            if (p->grad)
                assert_memory_equal(p->grad, q->grad, p->count * sizeof *p->grad);
        }
    }
}

/* One rank with the whole batch, then several with equal parts of it. */
static void compare_ranks(const struct wt_graph *g, bool bf16)
{
    struct pass whole = {g, NULL, 4, 0, bf16}, part[MOST];
    struct member one = {.work = &whole}, m[MOST] = {{.work = NULL}};
    on_ranks(&one, 1, run_pass);
    for (int ranks = 2; ranks <= 4; ranks += 2) {
        for (int k = 0; k < ranks; k++) {
            part[k] = (struct pass){g, NULL, 4 / ranks, k * 4 / ranks, bf16};
            m[k].work = &part[k];
        }
        on_ranks(m, ranks, run_pass);
        compare_passes(part, ranks, &whole, bf16 ? 0.02 : 1e-5, bf16 ? 0.1 : 1e-3);
        for (int k = 0; k < ranks; k++)
            wt_tape_destroy(&part[k].tape);
    }
    wt_tape_destroy(&whole.tape);
}

static void test_pass(void **state)
{
    const struct wt_arch arch = {.stacks = 1, .width = 16, .points = 5, .input = SIDE};
    struct wt_weights *w = NULL;
    struct wt_graph g;
    assert_int_equal(wt_weights_create(&w), WT_OK);
    assert_int_equal(wt_hourglass_random(w, &arch, 3), WT_OK);
    wt_graph_init(&g);
    assert_int_equal(wt_hourglass_graph(w, &g), WT_OK);
    for (int bf16 = 0; bf16 < 2; bf16++)
        compare_ranks(&g, bf16);
    wt_graph_fini(&g);
    wt_weights_destroy(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pass)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
