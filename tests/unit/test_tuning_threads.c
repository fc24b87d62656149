/* Fine-tuning and its threads: what is frozen stays bit by bit; it gives the same bits for any
 * number of threads; it runs beside a live network, can be looked at and stopped from another
 * thread; a run that diverges. Meant for ThreadSanitizer, too. */
#include "small_tune.h"

#include <pthread.h>
#include <stdatomic.h>

#include "face/crop.h"
#include "net/net.h"

/* ---- what may change ---- */

static bool behind_last(const char *name)
{
    return !strncmp(name, "top_m_1.", 8) || !strncmp(name, "conv_last1.", 11) ||
           !strncmp(name, "bn_end1.", 8) || !strncmp(name, "l1.", 3);
}

static void test_last_layers(void **state)
{
    struct wt_tune_options o = options();
    struct wt_tune_result r;
    struct wt_weights *two = network(2, SIDE);
    int changed = 0;
    o.from = two;
    o.layers = WT_TUNE_LAST;
    o.steps = 2;
    struct wt_tune *last = run(&o, &r);
    struct wt_weights *w = snapshot(last, WT_TUNE_NOW);
    for (size_t i = 0; i < w->count; i++) {
        const char *name = w->tensor[i].name;
        const bool same = same_tensor(w, two, name);
        if (!same && (!behind_last(name) || strstr(name, ".running")))
            fail_msg("%s has changed", name);
        changed += !same;
    }
    assert_true(changed >= 8);
    o.layers = WT_TUNE_ALL;
    struct wt_tune *all = run(&o, &r);
    assert_true(wt_tune_bytes(last) < wt_tune_bytes(all)); /* no moments, no kept maps */
    wt_tune_destroy(&all);
    wt_tune_destroy(&last);
    wt_weights_destroy(&two);
    wt_weights_destroy(&w);
}

static void test_threads(void **state)
{
    struct wt_weights *got[2];
    for (int k = 0; k < 2; k++) {
        struct wt_tune_options o = options();
        struct wt_tune_result r;
        o.replay = faces[1];
        o.steps = 3;
        o.threads = k ? 3 : 1;
        o.augment = wt_augment_defaults();
        struct wt_tune *t = run(&o, &r);
        got[k] = snapshot(t, WT_TUNE_NOW);
        wt_tune_destroy(&t);
    }
    same_weights(got[0], got[1]);
    assert_false(same_tensor(got[0], start, "l0.weight"));
    wt_weights_destroy(&got[0]);
    wt_weights_destroy(&got[1]);
}

/* ---- beside a live network ---- */

struct background {
    struct wt_tune *tune;
    struct wt_tune_result result;
    enum wt_status status;
    atomic_int step;
    atomic_bool ended;
};

static bool note_step(void *user, const struct wt_tune_step *s)
{
    atomic_store(&((struct background *)user)->step, s->step);
    return true;
}

static void *run_in_background(void *user)
{
    struct background *b = user;
    b->status = wt_tune_run(b->tune, &b->result);
    atomic_store(&b->ended, true);
    return NULL;
}

static void test_background(void **state)
{
    static uint8_t crop[WT_CROP_BYTES(SIDE)];
    struct background b = {.status = WT_ERR_IO};
    struct wt_tune_options o = options();
    struct wt_net *net = NULL;
    const struct wt_net_options no = {
        .threads = 2, .level = wt_cpu_get()->level, .precision = WT_PRECISION_F32};
    pthread_t thread;
    int stride, passes = 0;
    o.steps = 1000000;
    o.every = 3;
    o.step = note_step;
    o.user = &b;
    memset(crop, 90, sizeof crop);
    assert_int_equal(wt_net_create(&net, start, &no), WT_OK);
    assert_int_equal(wt_net_forward_u8(net, crop, 1, 0), WT_OK);
    const float *maps = wt_net_maps(net, 0, -1, &stride);
    const size_t bytes = (size_t)(SIDE / 4 * (SIDE / 4)) * (size_t)stride * sizeof *maps;
    float *before = malloc(bytes);
    memcpy(before, maps, bytes);
    assert_int_equal(wt_tune_create(&b.tune, &o), WT_OK);
    assert_int_equal(pthread_create(&thread, NULL, run_in_background, &b), 0);
    struct wt_weights *first = NULL;
    for (; atomic_load(&b.step) < 5 && !atomic_load(&b.ended); passes++) {
        assert_int_equal(wt_net_forward_u8(net, crop, 1, 0), WT_OK);
        assert_memory_equal(wt_net_maps(net, 0, -1, &stride), before, bytes);
        struct wt_weights *w = snapshot(b.tune, passes % 2 ? WT_TUNE_BEST : WT_TUNE_NOW);
        wt_weights_destroy(&first);
        first = w;
        struct wt_net *swapped = NULL; /* it is a network, at any time */
        assert_int_equal(wt_net_create(&swapped, w, &no), WT_OK);
        wt_net_destroy(&swapped);
    }
    wt_tune_cancel(b.tune);
    pthread_join(thread, NULL);
    assert_int_equal(b.status, WT_OK);
    assert_true(passes > 0 && b.result.stopped && b.result.steps >= 5 && b.result.steps < 1000);
    wt_weights_destroy(&first);
    wt_tune_destroy(&b.tune);
    wt_net_destroy(&net);
    free(before);
}

/* Cancelled before it began: nothing is done, and that is no error. */
static void test_cancelled_first(void **state)
{
    struct wt_tune *t = NULL;
    struct wt_tune_result r;
    const struct wt_tune_options o = options();
    assert_int_equal(wt_tune_create(&t, &o), WT_OK);
    wt_tune_cancel(t);
    assert_int_equal(wt_tune_run(t, &r), WT_OK);
    assert_true(r.stopped && !r.better && !r.judged && r.steps == 0);
    wt_tune_destroy(&t);
}

/* A rate beyond reason: one line, and the best weights stay. */
static void test_diverges(void **state)
{
    struct log_capture c;
    struct wt_tune *t = NULL;
    struct wt_tune_result r;
    struct wt_tune_options o = options();
    o.rate = 9;
    assert_int_equal(wt_tune_create(&t, &o), WT_OK);
    log_capture_start(&c);
    assert_int_equal(wt_tune_run(t, &r), WT_ERR_UNSUPPORTED);
    wt_set_log(NULL, NULL, WT_LOG_INFO);
    assert_int_equal(c.errors, 1);
    assert_non_null(strstr(c.last, "diverged at step"));
    struct wt_weights *best = snapshot(t, WT_TUNE_BEST);
    same_weights(best, start);
    wt_weights_destroy(&best);
    wt_tune_destroy(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_last_layers), cmocka_unit_test(test_threads),
        cmocka_unit_test(test_background), cmocka_unit_test(test_cancelled_first),
        cmocka_unit_test(test_diverges)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
