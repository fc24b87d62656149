/* The change between the accurate and the fast network, together with the governor, on computers
 * that are made up: where it ends, and that it does not swing. */
#include "support.h"

#include <math.h>

#include "live/ease.h"
#include "live/governor.h"

/* A pass of the accurate network on one thread, ms; of the fast one so much; processors that the
 * program takes otherwise. */
struct computer {
    double pass_ms, fast, other;
};

static struct wt_governor governor;
static struct wt_ease ease;
static struct wt_governor_goal goal = {.threads = 2};
static int64_t now_us, busy_us;
static int changes;

static void begin_network(void)
{
    struct wt_governor_rung rung[WT_GOVERNOR_RUNGS];
    const int n = wt_governor_make_rungs(rung, 0, ease.light ? 1 : 2, 2);
    wt_governor_init(&governor, &goal, rung, n, 2);
}

static void begin(double share)
{
    goal.share = share;
    ease = (struct wt_ease){0};
    now_us = 1000000;
    busy_us = 0;
    begin_network();
}

static double pass_of(const struct computer *c)
{
    const struct wt_governor_rung *r = &governor.rung[governor.at];
    const double one = c->pass_ms * (ease.light ? c->fast : r->stacks == 1 ? 0.55 : 1);
    return one / (governor.threads > 1 ? 1.7 : 1);
}

/* Runs for so many seconds at so many frames a second. */
static void live(const struct computer *c, double seconds, double rate)
{
    const int64_t end = now_us + (int64_t)(1e6 * seconds);
    changes = 0;
    while (now_us < end) {
        const double pass = pass_of(c), step = fmax(1000 / rate, pass);
        now_us += (int64_t)(1000 * step);
        busy_us += (int64_t)(1000 * (pass * (governor.threads > 1 ? 1.9 : 1) + c->other * step));
        wt_governor_add(&governor, &(struct wt_governor_sample){.now_us = now_us,
                                                                .busy_us = busy_us,
                                                                .pass_ms = pass,
                                                                .period_ms = 1000 / rate});
        const struct wt_ease_sample s = {.now_us = now_us,
                                         .eased = governor.at > 0,
                                         .load = governor.load,
                                         .share = governor.share,
                                         .goal = goal.share};
        if (wt_ease_add(&ease, &s)) {
            changes++;
            begin_network();
        }
    }
}

/* Fast enough for the rate: never anything else. */
static void a_fast_computer_keeps_the_accurate_one(void **state)
{
    begin(0);
    live(&(struct computer){12, 0.22, 0.1}, 3600, 30);
    assert_false(ease.light);
    assert_int_equal(changes, 0);
}

/* Two stacks take 59 of 33 ms, with two threads: the fast network, for good. */
static void a_slow_one_takes_the_fast_one_and_stays(void **state)
{
    begin(0);
    live(&(struct computer){100, 0.22, 0.1}, 30, 30);
    assert_true(ease.light);
    assert_int_equal(changes, 1);
    live(&(struct computer){100, 0.22, 0.1}, 3600, 30);
    assert_true(ease.light);
    assert_int_equal(changes, 0);
    assert_int_equal(governor.at, 0);
}

/* A tenth of two processors is 6.7 ms of one for a frame. */
static void a_small_share_takes_the_fast_one(void **state)
{
    begin(0.10);
    live(&(struct computer){25, 0.22, 0.02}, 60, 30);
    assert_true(ease.light);
    live(&(struct computer){25, 0.22, 0.02}, 600, 30);
    assert_true(ease.light);
    assert_int_equal(changes, 0);
}

/* Other work for five minutes: then the accurate one is back within some minutes, and stays. */
static void it_comes_back_when_there_is_room(void **state)
{
    begin(0);
    live(&(struct computer){15, 0.22, 0.1}, 60, 30);
    assert_int_equal(changes, 0);
    live(&(struct computer){80, 0.22, 0.1}, 300, 30);
    assert_true(ease.light);
    live(&(struct computer){15, 0.22, 0.1}, 120, 30);
    assert_false(ease.light);
    live(&(struct computer){15, 0.22, 0.1}, 3600, 30);
    assert_int_equal(changes, 0);
}

/* The fast one says that there is room, and the accurate one has none, for its cost is not what is
 * foreseen: it is tried ever more rarely. */
static void what_fails_is_tried_ever_more_rarely(void **state)
{
    begin(0);
    live(&(struct computer){100, 0.02, 0.1}, 600, 30);
    const int first = changes;
    assert_true(first >= 3);
    live(&(struct computer){100, 0.02, 0.1}, 3600, 30);
    assert_true(changes <= 2 * 60 / 15); /* twice in a quarter of an hour, at most */
    live(&(struct computer){100, 0.02, 0.1}, 3600, 30);
    assert_true(changes <= 8);
}

/* What is seen just after another network began says nothing about it. */
static void it_waits_after_a_change(void **state)
{
    begin(0);
    wt_ease_settle(&ease, 1000000);
    const struct wt_ease_sample eased = {.now_us = 3900000, .eased = true, .load = 2};
    struct wt_ease_sample s = eased;
    assert_false(wt_ease_add(&ease, &s));
    for (s.now_us = 4100000; s.now_us < 6500000; s.now_us += 100000)
        assert_false(wt_ease_add(&ease, &s));
    s.now_us = 6700000;
    assert_true(wt_ease_add(&ease, &s));
    assert_true(ease.light);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fast_computer_keeps_the_accurate_one),
        cmocka_unit_test(a_slow_one_takes_the_fast_one_and_stays),
        cmocka_unit_test(a_small_share_takes_the_fast_one),
        cmocka_unit_test(it_comes_back_when_there_is_room),
        cmocka_unit_test(what_fails_is_tried_ever_more_rarely),
        cmocka_unit_test(it_waits_after_a_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
