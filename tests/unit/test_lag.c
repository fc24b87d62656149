/* Which frames a recorder still takes, by the time that the ones before took (record/lag.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/lag.h"

#define MS 1000

static struct wt_lag after(int n, const int *ms)
{
    struct wt_lag lag = {{0}, 0, 0};
    for (int i = 0; i < n; i++)
        wt_lag_note(&lag, (int64_t)ms[i] * MS);
    return lag;
}

static void an_idle_encoder_takes_a_frame(void **state)
{
    const struct wt_lag slow = after(3, (int[]){3000, 3000, 3000});
    assert_true(wt_lag_takes(&slow, 0, -1, 400 * MS));
    assert_false(wt_lag_takes(&slow, 0, 0, 400 * MS));
    assert_false(wt_lag_takes(&slow, 0, 2999 * MS, 400 * MS));
}

static void what_waits_is_written_in_time(void **state)
{
    const struct wt_lag lag = after(4, (int[]){100, 100, 100, 100});
    assert_true(wt_lag_takes(&lag, 3, -1, 400 * MS));
    assert_false(wt_lag_takes(&lag, 4, -1, 400 * MS));
    assert_true(wt_lag_takes(&lag, 2, 0, 400 * MS));
    assert_false(wt_lag_takes(&lag, 3, 0, 400 * MS));
    assert_true(wt_lag_takes(&lag, 3, 100 * MS, 400 * MS)); /* about to end */
    const struct wt_lag fast = after(4, (int[]){5, 5, 5, 5});
    assert_true(wt_lag_takes(&fast, 15, 0, 400 * MS));
}

/* A disk that pauses once costs nothing while the queue has room, then or later. */
static void a_pause_is_no_measure(void **state)
{
    struct wt_lag lag = after(5, (int[]){10, 10, 10, 10, 10});
    assert_true(wt_lag_takes(&lag, 15, 2000 * MS, 400 * MS));
    wt_lag_note(&lag, 2000 * MS);
    assert_true(wt_lag_takes(&lag, 15, 0, 400 * MS));
    wt_lag_note(&lag, 2000 * MS);
    assert_true(wt_lag_takes(&lag, 15, 0, 400 * MS));
    wt_lag_note(&lag, 2000 * MS);
    assert_false(wt_lag_takes(&lag, 0, 0, 400 * MS));
    for (int i = 0; i < 3; i++)
        wt_lag_note(&lag, 10 * MS);
    assert_true(wt_lag_takes(&lag, 15, 0, 400 * MS));
}

/* Nothing is known of the first frame but how long it has taken so far. */
static void the_first_frame_tells_by_its_time_so_far(void **state)
{
    const struct wt_lag none = {{0}, 0, 0};
    assert_true(wt_lag_takes(&none, 0, 0, 400 * MS));
    assert_true(wt_lag_takes(&none, 2, 100 * MS, 400 * MS));
    assert_false(wt_lag_takes(&none, 4, 100 * MS, 400 * MS));
    assert_false(wt_lag_takes(&none, 0, 500 * MS, 400 * MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_encoder_takes_a_frame),
        cmocka_unit_test(what_waits_is_written_in_time),
        cmocka_unit_test(a_pause_is_no_measure),
        cmocka_unit_test(the_first_frame_tells_by_its_time_so_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
