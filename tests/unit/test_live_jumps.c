/* The live chain while a jump or another input is under way: what is asked for meanwhile comes
 * after it, and is neither lost nor undone by it. Gates hold the threads where it matters. Meant
 * for ThreadSanitizer too. */
#include "live_fakes.h"

#define FAR_US (500000 * INT64_C(2000)) /* in "long", which is not there before a jump */

static const struct wt_live_recording somewhere = {.path = {"/somewhere"}};

static int open_gates(void **state)
{
    at_open.shut = at_seek.shut = at_end.shut = at_track.shut = false;
    return 0;
}

/* A frame is with the tracker and stays there, the next one waits. Returns how many were tracked.
 */
static uint64_t hold_frames(struct wt_live *live)
{
    at_track.shut = true;
    WAIT_UNTIL(at_track.waiting == 1);
    const uint64_t frames = wt_live_get_status(live).frames;
    WAIT_UNTIL(wt_live_get_status(live).frames >= frames + 2);
    return wt_live_get_status(live).tracked;
}

/* Both are tracked. */
static void let_frames_go(struct wt_live *live, uint64_t tracked)
{
    at_track.shut = false;
    WAIT_UNTIL(wt_live_get_status(live).tracked == tracked + 2);
}

/* A jump that does not end before its gate opens; a recording that is asked for meanwhile, and the
 * frames of before. */
static struct wt_live *begin_while_jumping(void)
{
    struct wt_live *live = begin("long");
    take(live, 3);
    const int before = opened;
    const uint64_t tracked = hold_frames(live);
    at_seek.shut = true;
    wt_live_seek(live, FAR_US);
    WAIT_UNTIL(at_seek.waiting == 1);
    wt_live_record(live, &somewhere, false);
    let_frames_go(live, tracked);
    const struct wt_live_status status = wt_live_get_status(live);
    assert_true(status.record_waits && status.record_wanted);
    assert_false(status.recording);
    assert_int_equal(opened, before);
    return live;
}

/* It has none of the frames of before the jump, and goes on behind it. */
static void test_recording(void **state)
{
    const int before = opened;
    struct wt_live *live = begin_while_jumping();
    pushed = 0;
    at_seek.shut = false;
    WAIT_UNTIL(pushed >= 50);
    assert_true(wt_live_get_status(live).recording);
    assert_true(first_us >= FAR_US);
    assert_int_equal(opened, before + 1);
    wt_live_record(live, NULL, false);
    assert_false(wt_live_get_status(live).record_wanted);
    WAIT_UNTIL(!wt_live_get_status(live).recording);
    take(live, 3);
    assert_int_equal(opened, before + 1);
    assert_int_equal(recorders, 0);
    end(live);
}

static void test_recording_that_is_given_up(void **state)
{
    char text[WT_NOTICE_SIZE] = "";
    enum wt_notice_kind kind;
    const int before = opened;
    struct wt_live *live = begin_while_jumping();
    wt_live_record(live, NULL, false);
    assert_false(wt_live_get_status(live).record_wanted);
    WAIT_UNTIL(!wt_live_get_status(live).record_waits);
    assert_true(wt_notice_get(text, &kind, wt_now_us()));
    assert_string_equal(text, "nothing was recorded: no frame came");
    at_seek.shut = false;
    WAIT_UNTIL(wt_live_get_status(live).place_us >= FAR_US);
    take(live, 5);
    assert_false(wt_live_get_status(live).recording);
    assert_int_equal(opened, before); /* so that there is no file */
    end(live);
}

/* A recording that waits while nothing moves waits for what a jump brings, and then holds jumps
 * off.
 */
static void test_recording_that_waits(void **state)
{
    struct wt_live *live = begin("long");
    take(live, 3);
    wt_live_pause(live, true);
    settle(live);
    wt_live_record(live, &somewhere, false);
    WAIT_UNTIL(wt_live_get_status(live).record_waits);
    assert_true(wt_live_get_status(live).record_wanted);
    pushed = 0;
    wt_live_seek(live, FAR_US);
    WAIT_UNTIL(wt_live_get_status(live).recording);
    assert_false(wt_live_get_status(live).record_waits);
    WAIT_UNTIL(pushed > 0);
    assert_true(first_us == FAR_US);
    wt_live_seek(live, 0);
    wt_live_step(live);
    WAIT_UNTIL(wt_live_get_status(live).place_us == FAR_US + 2000);
    settle(live);
    assert_true(wt_live_get_status(live).recording);
    end(live);

    /* At the end of the input: for playing it again. */
    const int before = opened;
    live = begin("short");
    WAIT_UNTIL(wt_live_get_status(live).ended);
    settle(live);
    wt_live_record(live, &somewhere, false);
    WAIT_UNTIL(wt_live_get_status(live).record_waits);
    wt_live_pause(live, false);
    WAIT_UNTIL(wt_live_get_status(live).recording && wt_live_get_status(live).ended);
    settle(live);
    wt_live_pause(live, false); /* which ends one that has come to the end */
    WAIT_UNTIL(!wt_live_get_status(live).recording);
    WAIT_UNTIL(wt_live_get_status(live).ended);
    settle(live);
    assert_false(wt_live_get_status(live).record_wanted);
    assert_int_equal(opened, before + 1);
    end(live);
}

/* Once its end is asked for a recording holds no jump off, and the next one begins behind that. */
static void test_jump_after_a_recording(void **state)
{
    const int before = opened;
    struct wt_live *live = begin("long");
    wt_live_record(live, &somewhere, false);
    WAIT_UNTIL(wt_live_get_status(live).recording);
    hold_frames(live);
    wt_live_record(live, NULL, false);
    wt_live_record(live, &somewhere, false);
    wt_live_seek(live, FAR_US);
    WAIT_UNTIL(wt_live_get_status(live).place_us >= FAR_US);
    assert_int_equal(opened, before + 1);
    at_track.shut = false;
    WAIT_UNTIL(opened == before + 2);
    pushed = 0;
    WAIT_UNTIL(pushed >= 5);
    assert_true(first_us >= FAR_US);
    assert_true(wt_live_get_status(live).recording);
    end(live);
}

/* The recording begins with the other input; where that cannot be opened, with the old one. */
static void test_recording_while_opening(void **state)
{
    struct wt_live *live = begin("long");
    wt_live_seek(live, FAR_US); /* to tell the two apart by their times */
    WAIT_UNTIL(wt_live_get_status(live).place_us >= FAR_US);
    for (int there = 0; there < 2; there++) {
        const int before = opened;
        const uint64_t tracked = hold_frames(live);
        at_open.shut = true;
        open_other(live, there ? "round" : "missing", true);
        WAIT_UNTIL(at_open.waiting == 1);
        wt_live_record(live, &somewhere, false);
        let_frames_go(live, tracked);
        assert_true(wt_live_get_status(live).record_waits);
        assert_int_equal(opened, before);
        pushed = 0;
        at_open.shut = false;
        WAIT_UNTIL(pushed >= 50);
        assert_true(wt_live_get_status(live).recording);
        assert_int_equal(opened, before + 1);
        wt_live_record(live, NULL, false);
        WAIT_UNTIL(!wt_live_get_status(live).recording);
        assert_true(there ? first_us < FAR_US : first_us >= FAR_US);
    }
    end(live);
}

/* Pause, steps and loop are not undone by the input that was asked for before. */
static void test_pause_while_opening(void **state)
{
    struct wt_live *live = begin("long");
    for (int steps = 0; steps < 2; steps++) {
        take(live, 3);
        wt_live_pause(live, true); /* this one would be undone */
        at_open.shut = true;
        open_other(live, "long", false);
        WAIT_UNTIL(at_open.waiting == 1);
        wt_live_pause(live, true);
        wt_live_set_loop(live, true);
        if (steps)
            wt_live_step(live);
        const unsigned asked = wt_live_get_status(live).asked;
        at_open.shut = false;
        WAIT_UNTIL(wt_live_get_status(live).asked > asked);
        assert_true(wt_live_get_status(live).paused);
        WAIT_UNTIL(wt_live_get_status(live).frames == (uint64_t)(1 + steps));
        settle(live);
        const struct wt_live_status status = wt_live_get_status(live);
        assert_true(status.paused && status.loop);
        assert_int_equal(status.frames, 1 + steps); /* its first one is shown */
        open_other(live, "long", false);
        WAIT_UNTIL(wt_live_get_status(live).frames > 3);
        assert_false(wt_live_get_status(live).paused);
        assert_false(wt_live_get_status(live).loop);
    }
    end(live);
}

/* Stands at that place, and goes on standing there. */
static void assert_stands_at(struct wt_live *live, int64_t place_us)
{
    WAIT_UNTIL(wt_live_get_status(live).place_us == place_us && !wt_live_get_status(live).ended);
    settle(live);
    const struct wt_live_status status = wt_live_get_status(live);
    assert_true(status.paused && !status.ended);
    assert_int_equal(status.place_us, place_us);
}

/* At the end, where a jump back is under way, a pause is one, not a wish to play it again. */
static void test_leaving_the_end(void **state)
{
    struct wt_live *live = begin("short"); /* 0 .. 8000 us */
    WAIT_UNTIL(wt_live_get_status(live).ended);
    settle(live);
    at_seek.shut = true;
    wt_live_jump(live, -4000);
    WAIT_UNTIL(at_seek.waiting == 1);
    assert_false(wt_live_get_status(live).ended);
    wt_live_pause(live, true);
    at_seek.shut = false;
    assert_stands_at(live, 4000);

    /* From the start, and paused there. */
    wt_live_pause(live, false);
    WAIT_UNTIL(wt_live_get_status(live).ended);
    settle(live);
    at_seek.shut = true;
    wt_live_pause(live, false);
    assert_false(wt_live_get_status(live).ended);
    WAIT_UNTIL(at_seek.waiting == 1);
    wt_live_pause(live, true);
    at_seek.shut = false;
    assert_stands_at(live, 0);

    /* From the start, but no: from there. */
    wt_live_pause(live, false);
    WAIT_UNTIL(wt_live_get_status(live).ended);
    settle(live);
    at_seek.shut = true;
    wt_live_pause(live, false);
    wt_live_seek(live, 6000);
    wt_live_pause(live, true);
    at_seek.shut = false;
    assert_stands_at(live, 6000);

    /* A step at the end, where there is none, is not kept for later. */
    wt_live_pause(live, false);
    WAIT_UNTIL(wt_live_get_status(live).ended);
    settle(live);
    wt_live_step(live);
    wt_live_seek(live, 2000);
    assert_stands_at(live, 2000);
    end(live);
}

/* The end is found while a jump away from it, and a pause, have been asked for. */
static void test_end_that_is_left_already(void **state)
{
    at_end.shut = true;
    struct wt_live *live = begin("short");
    WAIT_UNTIL(at_end.waiting == 1);
    wt_live_seek(live, 4000);
    wt_live_pause(live, true);
    at_end.shut = false;
    assert_stands_at(live, 4000);
    end(live);
}

int main(void)
{
    wt_set_log(silent, NULL, WT_LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_recording, open_gates),
        cmocka_unit_test_setup(test_recording_that_is_given_up, open_gates),
        cmocka_unit_test_setup(test_recording_that_waits, open_gates),
        cmocka_unit_test_setup(test_jump_after_a_recording, open_gates),
        cmocka_unit_test_setup(test_recording_while_opening, open_gates),
        cmocka_unit_test_setup(test_pause_while_opening, open_gates),
        cmocka_unit_test_setup(test_leaving_the_end, open_gates),
        cmocka_unit_test_setup(test_end_that_is_left_already, open_gates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
