/* The live chain's threads, with a source, a tracker and a recorder of the test's own: order,
 * pace, pause, steps, another input, a camera that goes and comes back, recording, ending at any
 * time. What is asked for while a jump is under way: test_live_jumps.c. Meant for ThreadSanitizer
 * too.
 */
#include "live_fakes.h"

/* ---- tests ---------------------------------------------------------------------------------- */

static void test_pace(void **state)
{
    int64_t start = wt_now_us();
    struct wt_live *live = begin("long");
    uint64_t last = take(live, 50);
    /* 2 ms a frame: never faster, however quick the tracker is. */
    assert_true((int64_t)last * 2000 <= wt_now_us() - start);
    struct wt_live_status status = wt_live_get_status(live);
    assert_true(status.frames >= last && status.tracked > 0 && status.rate > 0.0);
    end(live);
}

static void test_slow_tracker(void **state)
{
    work_us = 12000;
    struct wt_live *live = begin("long");
    uint64_t last = take(live, 10), taken = 10;
    for (; last < taken + 8 && taken < 1000; taken++) /* frames are left out rather than queued */
        last = take(live, 1);
    assert_true(last >= taken + 8);
    assert_true(wt_live_get_status(live).left_out > 0);
    work_us = 0;
    end(live);
}

static void test_pause_and_step(void **state)
{
    struct wt_live *live = begin("long");
    take(live, 3);
    wt_live_pause(live, true);
    settle(live);
    uint64_t tracked = wt_live_get_status(live).tracked;
    usleep(30000);
    assert_int_equal(wt_live_get_status(live).tracked, tracked);
    for (uint64_t i = 1; i <= 3; i++) {
        wt_live_step(live);
        take(live, 1);
        assert_int_equal(wt_live_get_status(live).tracked, tracked + i);
    }
    wt_live_pause(live, false);
    take(live, 3);
    end(live);
}

static void test_end_and_again(void **state)
{
    struct wt_live *live = begin("short");
    WAIT_UNTIL(wt_live_get_status(live).ended);
    settle(live); /* the last frame may still be on its way */
    int before = resets;
    wt_live_pause(live, false);
    take(live, 1);
    assert_int_equal(resets, before + 1);
    WAIT_UNTIL(wt_live_get_status(live).ended);
    end(live);
}

/* Times start anew with another input: the tracker must have been reset (it asserts). */
static void test_another_input(void **state)
{
    struct wt_live *live = begin("long");
    for (int i = 0; i < 10; i++) {
        take(live, 5);
        open_other(live, i % 2 ? "short" : "camera", i % 2);
        if (i % 3 == 0)
            wt_live_jump(live, -1000);
    }
    open_other(live, "missing", false);
    usleep(20000);
    open_other(live, "long", false);
    take(live, 5);
    end(live);
}

static atomic_int errors;
static void count_errors(void *user, enum wt_log_level level, const char *line)
{
    errors++;
}

/* Nobody waits for an address that does not answer: neither who opens something else, nor who
 * closes the window; and it is no error any more. */
static void test_dead_input(void **state)
{
    errors = 0;
    wt_set_log(count_errors, NULL, WT_LOG_ERROR);
    struct wt_live *live = begin("long");
    take(live, 3);
    open_other(live, "dead", false);
    WAIT_UNTIL(dead_waits == 1);
    open_other(live, "short", false);
    take(live, 3);
    assert_int_equal(dead_waits, 0);
    open_other(live, "missing", false); /* what comes after is said again */
    WAIT_UNTIL(errors == 1);
    open_other(live, "dead", false);
    WAIT_UNTIL(dead_waits == 1);
    end(live);
    live = begin("stalls"); /* opened before there was a chain to ask */
    WAIT_UNTIL(dead_waits == 1);
    end(live);
    assert_int_equal(errors, 1);
    assert_int_equal(dead_waits, 0);
    wt_set_log(silent, NULL, WT_LOG_ERROR);
}

/* Times of a loop go on rising from round to round; jumps are within the input, and it goes on
 * looping. */
static void test_jumps_in_a_loop(void **state)
{
    struct wt_live *live = begin("round");
    assert_true(wt_live_get_status(live).loop);
    assert_int_equal(wt_live_get_status(live).duration_us, 50 * 2000);
    uint64_t last = take(live, 1);
    while (last < 120) /* the third round */
        last = take(live, 1);
    assert_true(wt_live_get_status(live).place_us < 50 * 2000);
    for (int i = 0; i < 4; i++) {
        int before = resets;
        if (i % 2)
            wt_live_jump(live, -1000000); /* further back than there is: its beginning */
        else
            wt_live_seek(live, 60000);
        WAIT_UNTIL(resets > before);
        last = take(live, 3);
    }
    last = take(live, 1);
    uint64_t end_of_rounds = last + 120;
    while (last < end_of_rounds)
        last = take(live, 1);
    assert_false(wt_live_get_status(live).ended);
    wt_live_set_loop(live, false);
    WAIT_UNTIL(wt_live_get_status(live).ended);
    assert_true(wt_live_get_status(live).place_us >= 49 * 2000);
    end(live);
}

/* A jump while it is paused shows the new place, and stays paused. */
static void test_jump_while_paused(void **state)
{
    struct wt_live *live = begin("long");
    take(live, 2);
    wt_live_pause(live, true);
    settle(live);
    wt_live_seek(live, 40 * 2000);
    take(live, 1);
    assert_int_equal(wt_live_get_status(live).place_us, 40 * 2000);
    usleep(30000);
    assert_null(wt_live_take(live));
    assert_true(wt_live_get_status(live).paused);
    end(live);
}

static void test_counters_start_anew(void **state)
{
    work_us = 12000;
    struct wt_live *live = begin("long");
    WAIT_UNTIL(wt_live_get_status(live).left_out > 10);
    uint64_t tracked = wt_live_get_status(live).tracked;
    work_us = 0;
    open_other(live, "short", false);
    WAIT_UNTIL(wt_live_get_status(live).ended);
    struct wt_live_status status = wt_live_get_status(live);
    assert_int_equal(status.frames, 5);
    assert_true(status.left_out < 5);
    WAIT_UNTIL(wt_live_get_status(live).tracked > tracked); /* this one goes on */
    end(live);
}

/* The device of the camera in use is given back before a camera is opened; if that fails, the old
 * one goes on. */
static void test_camera_instead_of_camera(void **state)
{
    struct wt_live *live = begin("camera");
    take(live, 2);
    let_go_first = 0;
    wt_live_open(live, &(struct wt_source_spec){.camera = "0"});
    WAIT_UNTIL(let_go_first == 1);
    take(live, 3);
    end(live);
}

static void test_another_model(void **state)
{
    struct wt_live *live = begin("long");
    struct wt_live_settings other = usual;
    other.stacks = 4; /* more than there are: all */
    wt_live_configure(live, &other);
    take(live, 2);
    assert_null(wt_live_take_retired(live));
    struct wt_model *next = new_model(4), *old = NULL;
    wt_live_use_model(live, next);
    WAIT_UNTIL(old || (old = wt_live_take_retired(live)));
    assert_int_equal(old->stacks, 2);
    assert_ptr_equal(wt_live_get_status(live).model, next);
    wt_model_close(&old);
    take(live, 3);
    WAIT_UNTIL(stacks_in_use == 4);
    wt_live_use_model(live, new_model(9)); /* of which no tracker can be made */
    WAIT_UNTIL(old || (old = wt_live_take_retired(live)));
    assert_int_equal(old->stacks, 9);
    assert_ptr_equal(wt_live_get_status(live).model, next);
    wt_model_close(&old);
    take(live, 3);
    /* One after another, faster than they are used; none is lost. */
    for (int i = 0; i < 20; i++)
        wt_live_use_model(live, new_model(3));
    take(live, 3);
    end(live);
}

/* The tracker is made anew, once, with the model in use; one that cannot be made leaves the old. */
static void test_another_detector(void **state)
{
    struct wt_live *live = begin("long");
    struct wt_live_settings other = usual;
    take(live, 2);
    assert_int_equal(detector_in_use, '\0');
    const struct wt_model *model = wt_live_get_status(live).model;
    snprintf(other.detector.text, sizeof other.detector.text, "haar");
    wt_live_configure(live, &other);
    WAIT_UNTIL(detector_in_use == 'h');
    take(live, 3);
    assert_int_equal(trackers, 1);
    assert_ptr_equal(wt_live_get_status(live).model, model);
    assert_null(wt_live_take_retired(live));
    const int before = made;
    other.faces = 2; /* the same detector: the same tracker */
    wt_live_configure(live, &other);
    take(live, 3);
    snprintf(other.detector.text, sizeof other.detector.text, "missing");
    wt_live_configure(live, &other);
    take(live, 3);
    assert_int_equal(made, before);
    assert_int_equal(trackers, 1);
    other.detector.text[0] = '\0';
    wt_live_configure(live, &other);
    WAIT_UNTIL(made == before + 1);
    take(live, 3);
    assert_int_equal(detector_in_use, '\0');
    wt_live_compare(live, true, NULL); /* both look with the detector that is chosen */
    WAIT_UNTIL(trackers == 2);
    snprintf(other.detector.text, sizeof other.detector.text, "haar");
    wt_live_configure(live, &other);
    WAIT_UNTIL(made == before + 4 && trackers == 2);
    assert_int_equal(detector_in_use, 'h');
    end(live);
}

static void test_another_model_while_paused(void **state)
{
    struct wt_live *live = begin("long");
    take(live, 2);
    wt_live_pause(live, true);
    settle(live);
    wt_live_use_model(live, new_model(3));
    take(live, 1); /* the same frame again */
    end(live);
}

static void test_news(void **state)
{
    struct wt_live *live = begin("short");
    WAIT_UNTIL(wt_live_get_status(live).ended);
    settle(live);
    int before = news;
    assert_true(before > 0);
    usleep(300000);
    assert_int_equal(news, before); /* nothing changes: nothing is told */
    wt_live_pause(live, false);
    WAIT_UNTIL(news > before);
    end(live);
}

static void test_lost_camera(void **state)
{
    struct wt_live *live = begin("camera");
    take(live, 3);
    unplugged = true;
    WAIT_UNTIL(wt_live_get_status(live).lost && lost > 3);
    unplugged = false;
    take(live, 3);
    assert_false(wt_live_get_status(live).lost);
    end(live);
}

static void test_settings_without_frames(void **state)
{
    struct wt_live *live = begin("long");
    take(live, 2);
    wt_live_pause(live, true);
    settle(live);
    struct wt_live_settings other = usual;
    other.smoothing = 0.0f;
    wt_live_configure(live, &other);
    take(live, 1); /* the same frame again */
    end(live);
}

/* Frames are 2 ms apart. The passes say themselves what they took, so that it does not matter how
 * busy this computer is. */
static void test_governor(void **state)
{
    struct wt_live_settings s = usual;
    pass_us = 100;
    struct wt_live *live = begin("long");
    WAIT_UNTIL(threads_in_use == 1);
    WAIT_UNTIL(wt_live_get_status(live).threads == 1);
    pass_us = 1500;
    WAIT_UNTIL(threads_in_use == 2);
    pass_us = 3000; /* too slow, but nothing was asked for: the network stays whole */
    WAIT_UNTIL(wt_live_get_status(live).load > 1.2);
    assert_int_equal(wt_live_get_status(live).eased_stacks, 0);
    assert_int_equal(stacks_in_use, 0);
    s.rate = 500;
    wt_live_configure(live, &s);
    WAIT_UNTIL(stacks_in_use == 1);
    WAIT_UNTIL(wt_live_get_status(live).eased_stacks == 1);
    s.threads_fixed = true;
    s.rate = 0;
    pass_us = 100;
    wt_live_configure(live, &s);
    WAIT_UNTIL(stacks_in_use == 0);
    WAIT_UNTIL(wt_live_get_status(live).load > 0 && wt_live_get_status(live).load < 0.1);
    assert_int_equal(threads_in_use, 2);
    pass_us = 0;
    end(live);
}

/* A rate that is asked for leaves frames out evenly; what is recorded is whole. */
static void test_rate(void **state)
{
    struct wt_live_settings s = usual;
    struct wt_live *live = begin("long");
    s.rate = 100; /* of 500 */
    wt_live_configure(live, &s);
    take(live, 5);
    const uint64_t first = take(live, 1);
    /* Every fifth in the mean, also where one comes late; what this thread misses makes it more. */
    assert_true(take(live, 20) >= first + 5 * 20 - 5);
    struct wt_live_recording recording = {.path = {"/somewhere"}};
    const int before = pushed;
    wt_live_record(live, &recording, false);
    WAIT_UNTIL(pushed >= before + 10);
    end(live);
}

/* An offset comes and goes while frames are tracked, and in a pause, whoever lets go of it first.
 */
static void test_offsets(void **state)
{
    struct wt_point face[2][98];
    struct wt_offset_pair pair[2];
    struct wt_live *live = begin("long");
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < 98; i++)
            face[k][i] = (struct wt_point){(float)(i * 7 % 50), (float)(i % 9)};
        face[k][60] = (struct wt_point){-10, 0};
        face[k][72] = (struct wt_point){90, 0};
        pair[k] = (struct wt_offset_pair){face[k], face[k]};
    }
    for (int i = 0; i < 20; i++) {
        struct wt_offset *offset = NULL;
        assert_int_equal(wt_offset_fit(&offset, 98, pair, 1 + i % 2), WT_OK);
        wt_live_set_offset(live, i % 5 == 4 ? NULL : offset);
        wt_offset_unref(&offset);
        take(live, 1 + (uint64_t)i % 3);
        WAIT_UNTIL(corrections == (i % 5 == 4 ? 0 : 1 + i % 2));
    }
    /* Another model's tracker has the offset that is in force. */
    struct wt_offset *stays = NULL;
    struct wt_model *old = NULL;
    assert_int_equal(wt_offset_fit(&stays, 98, pair, 2), WT_OK);
    wt_live_set_offset(live, stays);
    wt_offset_unref(&stays);
    take(live, 1);
    WAIT_UNTIL(corrections == 2);
    wt_live_use_model(live, new_model(4));
    WAIT_UNTIL(old || (old = wt_live_take_retired(live)));
    wt_model_close(&old);
    take(live, 3);
    assert_int_equal(corrections, 2);
    wt_live_pause(live, true);
    settle(live);
    wt_live_set_offset(live, NULL);
    take(live, 1);
    assert_int_equal(corrections, 0);
    end(live);
}

/* A probe comes with the frames while it is wanted, also with one that stands, and goes again. */
static void test_probe(void **state)
{
    const int channel[] = {7, 98};
    struct wt_live *live = begin("long");
    for (int round = 0; round < 2; round++) {
        struct wt_tracked_frame *tracked = NULL;
        for (int on = 1; on >= 0; on--) {
            wt_live_probe(live, on ? 1 : 0, channel, on ? 2 : 0);
            bool as_wanted = false;
            for (int64_t until = wt_now_us() + HANGS_US; !as_wanted && wt_now_us() < until;) {
                if (!(tracked = wt_live_take(live))) {
                    usleep(300);
                    continue;
                }
                const struct wt_probe *p = tracked->probe;
                as_wanted = on ? p && p->seen && p->id == 1 && p->channels == 2 &&
                                     p->channel[0] == 7 && p->channel[1] == 98
                               : !p;
                wt_tracked_frame_release(&tracked);
            }
            assert_true(as_wanted);
        }
        wt_live_pause(live, true); /* the second time */
        settle(live);
    }
    /* More channels than there is room for; the end while it is wanted. */
    const int many[] = {1, 2, 3, 4, 5};
    wt_live_probe(live, 1, many, 5);
    end(live);
}

static bool noticed(const char *begins)
{
    char last[WT_NOTICE_SIZE] = "";
    enum wt_notice_kind kind;
    return wt_notice_get(last, &kind, wt_now_us()) && strncmp(last, begins, strlen(begins)) == 0;
}

static void test_recording(void **state)
{
    struct wt_live *live = begin("long");
    pushed = 0;
    wt_live_record(live, &(struct wt_live_recording){.path = {"/somewhere"}}, false);
    WAIT_UNTIL(wt_live_get_status(live).recording && pushed > 3);
    wt_live_record(live, NULL, false);
    WAIT_UNTIL(!wt_live_get_status(live).recording);
    wt_live_record(live, &(struct wt_live_recording){.path = {"/nowhere"}}, false);
    usleep(20000);
    assert_false(wt_live_get_status(live).recording);
    pushed = 0;
    wt_live_record(live, &(struct wt_live_recording){.path = {"/small"}}, false);
    WAIT_UNTIL(pushed >= 20); /* then writing fails: it stops, and says so */
    WAIT_UNTIL(!wt_live_get_status(live).recording);
    WAIT_UNTIL(noticed("full")); /* once it has stopped */
    wt_live_record(live, &(struct wt_live_recording){.path = {"/somewhere"}}, false);
    take(live, 5);
    /* What is wanted is known at once, so that a key that was pressed twice begins and ends one. */
    for (int i = 0; i < 50; i++) {
        wt_live_record(live, NULL, false);
        assert_false(wt_live_get_status(live).record_wanted);
        wt_live_record(live, &(struct wt_live_recording){.path = {"/somewhere"}}, false);
        assert_true(wt_live_get_status(live).record_wanted);
    }
    WAIT_UNTIL(wt_live_get_status(live).recording);
    assert_true(wt_live_get_status(live).record_wanted);
    wt_live_record(live, NULL, false);
    WAIT_UNTIL(noticed("saved"));
    /* One that is ended before a frame could come says so, also if it is never seen to begin. */
    for (int i = 0; i < 20; i++) {
        wt_notice(WT_NOTICE_NEWS, "before");
        wt_live_record(live, &(struct wt_live_recording){.path = {"/somewhere"}}, false);
        wt_live_record(live, NULL, false);
        WAIT_UNTIL(noticed("nothing was recorded") || noticed("saved"));
    }
    wt_live_record(live, &(struct wt_live_recording){.path = {"/somewhere"}}, false);
    WAIT_UNTIL(wt_live_get_status(live).recording);
    end(live); /* while it records */
}

static void test_ending_at_once(void **state)
{
    for (int i = 0; i < 20; i++)
        end(begin(i % 2 ? "long" : "camera"));
    struct wt_live *none = NULL;
    wt_live_stop(&none);
}

int main(void)
{
    wt_set_log(silent, NULL, WT_LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pace),
        cmocka_unit_test(test_slow_tracker),
        cmocka_unit_test(test_pause_and_step),
        cmocka_unit_test(test_end_and_again),
        cmocka_unit_test(test_another_input),
        cmocka_unit_test(test_dead_input),
        cmocka_unit_test(test_jumps_in_a_loop),
        cmocka_unit_test(test_jump_while_paused),
        cmocka_unit_test(test_counters_start_anew),
        cmocka_unit_test(test_camera_instead_of_camera),
        cmocka_unit_test(test_another_model),
        cmocka_unit_test(test_another_detector),
        cmocka_unit_test(test_another_model_while_paused),
        cmocka_unit_test(test_news),
        cmocka_unit_test(test_lost_camera),
        cmocka_unit_test(test_settings_without_frames),
        cmocka_unit_test(test_governor),
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_offsets),
        cmocka_unit_test(test_probe),
        cmocka_unit_test(test_recording),
        cmocka_unit_test(test_ending_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
