/* The governor on computers that are made up: what it settles on, and that it stays there. */
#include "support.h"

#include <math.h>

#include "base/quantiles.h"
#include "live/governor.h"

/* A computer: what a pass takes, ms, on one thread, all stacks, one face; how well threads help. */
struct computer {
    double pass_ms;
    double stack_cost; /* of a rung with one stack, relative */
    double gain;       /* of the second thread, 1..2 */
    double other;      /* processors that the program takes otherwise */
    double noise;      /* relative, evenly */
    int faces;         /* in the picture */
    int processors;
};

static struct wt_governor governor;
static int64_t now_us, busy_us;
static int changes;

static double noise_of(double amount)
{
    static uint32_t state = 1;
    state = state * 1664525 + 1013904223;
    return 1 + amount * (2.0 * (state >> 8) / (1 << 24) - 1);
}

static double pass_of(const struct computer *c)
{
    const struct wt_governor_rung *r = &governor.rung[governor.at];
    const int faces = c->faces < r->faces ? c->faces : r->faces;
    const double speed = governor.threads > 1 ? 1 + (c->gain - 1) * (governor.threads - 1) : 1;
    return c->pass_ms * (r->stacks == 1 ? c->stack_cost : 1) * faces / speed * noise_of(c->noise);
}

/* Runs for so many seconds at so many frames a second. */
static void live(const struct computer *c, double seconds, double rate)
{
    const int64_t end = now_us + (int64_t)(1e6 * seconds);
    changes = 0;
    while (now_us < end) {
        const double pass = pass_of(c), step = fmax(1000 / rate, pass);
        now_us += (int64_t)(1000 * step);
        /* threads that wait for one another take time, too: 1.35 for 2, as measured */
        busy_us += (int64_t)(1000 * (pass * (1 + 0.9 * (governor.threads - 1)) + c->other * step));
        changes += wt_governor_add(
            &governor,
            &(struct wt_governor_sample){
                .now_us = now_us, .busy_us = busy_us, .pass_ms = pass, .period_ms = 1000 / rate});
    }
}

static void begin(const struct wt_governor_goal *goal, int stacks, int faces, int processors)
{
    struct wt_governor_rung rung[WT_GOVERNOR_RUNGS];
    const int n = wt_governor_make_rungs(rung, 0, stacks, faces);
    wt_governor_init(&governor, goal, rung, n, processors);
    now_us = 12345678;
    busy_us = 0;
}

static void rungs_go_down_to_one_face(void **state)
{
    struct wt_governor_rung r[WT_GOVERNOR_RUNGS];
    assert_int_equal(wt_governor_make_rungs(r, 0, 2, 4), 4);
    assert_true(r[0].stacks == 0 && r[0].faces == 4);
    assert_true(r[1].stacks == 1 && r[1].faces == 4);
    assert_true(r[2].stacks == 1 && r[2].faces == 2);
    assert_true(r[3].stacks == 1 && r[3].faces == 1);
    assert_int_equal(wt_governor_make_rungs(r, 1, 4, 1), 1);
    assert_true(r[0].stacks == 1 && r[0].faces == 1);
    assert_int_equal(wt_governor_make_rungs(r, 0, 1, 32), 6);
    assert_int_equal(wt_governor_make_rungs(r, 0, 64, 32), WT_GOVERNOR_RUNGS);
}

/* The bundled fast network on two cores: one thread is enough for a camera; then nothing changes
 * for an hour. At 90 frames a second it is not. */
static void the_fewest_threads_that_keep_the_rate(void **state)
{
    const struct computer c = {6.5, 0.6, 1.6, 0.1, 0.25, 1, 2};
    begin(&(struct wt_governor_goal){.threads = 2}, 2, 4, 2);
    assert_int_equal(governor.threads, 2); /* until it knows */
    live(&c, 10, 30);
    assert_int_equal(governor.threads, 1);
    live(&c, 3600, 30);
    assert_int_equal(changes, 0);
    assert_int_equal(governor.at, 0);
    live(&c, 10, 90);
    assert_int_equal(governor.threads, 2);
    live(&c, 600, 90);
    assert_int_equal(changes, 0);
    /* more faces, more threads */
    struct computer two = c;
    two.faces = 3;
    begin(&(struct wt_governor_goal){.threads = 2}, 2, 4, 2);
    live(&c, 10, 30);
    assert_int_equal(governor.threads, 1);
    live(&two, 10, 30);
    assert_int_equal(governor.threads, 2);
    assert_int_equal(governor.at, 0);
    /* the user's own number stays, whatever comes */
    begin(&(struct wt_governor_goal){.threads = 2, .fixed = true}, 2, 4, 2);
    live(&c, 100, 30);
    assert_int_equal(governor.threads, 2);
}

/* Too slow with all threads: fewer stacks, then fewer faces; and back when there is room. */
static void rungs_hold_the_rate(void **state)
{
    struct computer c = {70, 0.5, 1.7, 0, 0.1, 1, 2};
    begin(&(struct wt_governor_goal){.threads = 2}, 2, 4, 2);
    live(&c, 20, 30);
    assert_int_equal(governor.at, 1);
    assert_int_equal(governor.threads, 2);
    live(&c, 3600, 30);
    assert_int_equal(changes, 0); /* it knows what the rung above costs */
    c.faces = 4;
    live(&c, 30, 30);
    assert_int_equal(governor.at, 3);
    c.pass_ms = 5; /* another program has ended */
    live(&c, 60, 30);
    assert_int_equal(governor.at, 0);
    /* where the user wants the network as it is, it stays */
    c.pass_ms = 200;
    begin(&(struct wt_governor_goal){.threads = 2, .steady_rungs = true}, 2, 4, 2);
    live(&c, 60, 30);
    assert_int_equal(governor.at, 0);
}

/* 15 % of four processors: with as little as that takes, and no more changes after that. */
static void share_is_held(void **state)
{
    const struct computer c = {14, 0.5, 1.8, 0.1, 0.2, 2, 4};
    begin(&(struct wt_governor_goal){.threads = 4, .share = 0.15}, 2, 4, 4);
    live(&c, 30, 30);
    live(&c, 600, 30);
    assert_true(governor.share < 0.15 * 1.1);
    assert_true(changes <= 2);
    assert_int_equal(governor.threads, 1);
    assert_int_equal(governor.at, 1);
}

/* On every threshold, with much noise, and where going up costs more than was foreseen: the changes
 * of an hour can be counted on the fingers. */
static void it_does_not_swing(void **state)
{
    int worst = 0;
    for (double pass = 4; pass < 120; pass *= 1.07)
        for (int fixed = 0; fixed < 2; fixed++) {
            const struct computer c = {pass, 0.8, 1.3, 0.2, 0.3, 2, 2};
            begin(&(struct wt_governor_goal){.threads = 2, .fixed = fixed, .share = 0.6}, 2, 4, 2);
            live(&c, 3600, 30);
            worst = changes > worst ? changes : worst;
        }
    print_message("at most %d changes in an hour\n", worst);
    assert_true(worst <= 20);
}

/* A load that comes and goes with every change: the wait doubles each time. */
static void a_wrong_step_is_tried_ever_less(void **state)
{
    int early = 0, late = 0;
    int64_t moved_us = 0;
    begin(&(struct wt_governor_goal){.threads = 1}, 2, 1, 1);
    for (int minute = 0; minute < 120; minute++) {
        for (int frame = 0; frame < 1800; frame++) {
            /* The rung below saves little at first, and seems to have room a while later; the one
             * above never has any. */
            const double pass = !governor.at ? 32 : now_us - moved_us < 3000000 ? 24 : 8;
            now_us += 33333;
            busy_us += 1000;
            const int moved = wt_governor_add(
                &governor,
                &(struct wt_governor_sample){
                    .now_us = now_us, .busy_us = busy_us, .pass_ms = pass, .period_ms = 33.333});
            moved_us = moved ? now_us : moved_us;
            *(minute < 10 ? &early : &late) += moved;
        }
    }
    print_message("%d changes in ten minutes, %d in the 110 after\n", early, late);
    assert_true(early >= 1 && early <= 16);
    assert_true(late <= 2 * 11 + 2); /* every ten minutes, up and down */
}

static void odd_samples_do_no_harm(void **state)
{
    begin(&(struct wt_governor_goal){.threads = 2, .share = 0.5}, 2, 4, 2);
    static const double odd[] = {0, -1, NAN, INFINITY, 1e300, 1e-300};
    for (int i = 0; i < 20000; i++) {
        now_us += (i % 7 - 2) * 5000; /* also back */
        wt_governor_add(&governor, &(struct wt_governor_sample){.now_us = now_us,
                                                                .busy_us = i % 3 ? now_us : 0,
                                                                .pass_ms = odd[i % 6],
                                                                .period_ms = odd[i / 6 % 6]});
        assert_true(governor.threads >= 1 && governor.threads <= 2);
        assert_true(governor.at >= 0 && governor.at < governor.rungs);
    }
}

static void quantiles_of_the_last_values(void **state)
{
    static struct wt_quantiles q;
    assert_true(wt_quantiles_get(&q, 0.5) == 0);
    wt_quantiles_add(&q, 7);
    wt_quantiles_add(&q, (double)NAN);
    assert_true(wt_quantiles_get(&q, 0) == 7 && wt_quantiles_get(&q, 1) == 7);
    for (int i = 0; i < 1000; i++)
        wt_quantiles_add(&q, 1e6);
    for (int i = WT_QUANTILES; i >= 1; i--) /* the older ones are forgotten */
        wt_quantiles_add(&q, i);
    assert_true(wt_quantiles_get(&q, 0.5) == WT_QUANTILES / 2);
    assert_true(wt_quantiles_get(&q, 0.95) == 122); /* 121.6 of 128 */
    assert_true(wt_quantiles_get(&q, 1) == WT_QUANTILES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rungs_go_down_to_one_face),
        cmocka_unit_test(the_fewest_threads_that_keep_the_rate),
        cmocka_unit_test(rungs_hold_the_rate),
        cmocka_unit_test(share_is_held),
        cmocka_unit_test(it_does_not_swing),
        cmocka_unit_test(a_wrong_step_is_tried_ever_less),
        cmocka_unit_test(quantiles_of_the_last_values),
        cmocka_unit_test(odd_samples_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
