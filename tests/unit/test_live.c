/* The live chain's threads, with a source, a tracker and a recorder of the test's own: order,
 * pace, pause, steps, another input, a camera that goes and comes back, recording, ending at any
 * time. Meant for ThreadSanitizer too. */
#include "support.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "base/notice.h"
#include "base/status.h"
#include "live/live.h"

/* ---- a source, a tracker and a recorder for the test ----------------------------------------- */

struct wt_source {
    enum wt_source_kind kind;
    int frames, at;
    bool loop;
    int64_t period_us, base_us; /* base: times go on rising from round to round */
    uint64_t sequence;
};

static atomic_int sources, trackers, recorders, resets, pushed, lost, work_us;
static atomic_bool unplugged;

enum wt_status wt_source_open(struct wt_source **out, const struct wt_source_spec *spec)
{
    if (strcmp(spec->input, "missing") == 0)
        return wt_fail(WT_ERR_IO, "missing: not there");
    struct wt_source *s = calloc(1, sizeof *s);
    *s = (struct wt_source){.kind = strcmp(spec->input, "camera") == 0 ? WT_SOURCE_CAMERA
                                                                       : WT_SOURCE_VIDEO,
                            .frames = strcmp(spec->input, "short") == 0 ? 5 : 1000000,
                            .loop = spec->loop,
                            .period_us = 2000};
    sources++;
    *out = s;
    return WT_OK;
}

void wt_source_close(struct wt_source **source)
{
    if (!*source)
        return;
    free(*source);
    *source = NULL;
    sources--;
}

struct wt_source_info wt_source_describe(const struct wt_source *source)
{
    return (struct wt_source_info){.kind = source->kind, .name = "test", .width = 32, .height = 16};
}

enum wt_status wt_source_read(struct wt_source *source, struct wt_frame **out)
{
    if (source->kind == WT_SOURCE_CAMERA) {
        usleep(2000);
        if (unplugged) {
            lost++;
            return WT_ERR_LOST;
        }
    }
    if (source->at == source->frames) {
        if (!source->loop)
            return WT_END;
        source->at = 0;
        source->base_us += source->frames * source->period_us;
    }
    *out = wt_frame_create(32, 16);
    (*out)->sequence = source->sequence++;
    (*out)->time_us = source->base_us + source->at++ * source->period_us;
    return WT_OK;
}

enum wt_status wt_source_seek(struct wt_source *source, int64_t time_us)
{
    if (source->kind == WT_SOURCE_CAMERA)
        return WT_ERR_UNSUPPORTED;
    source->at = (int)(time_us / source->period_us);
    return WT_OK;
}

struct wt_tracker {
    int64_t time_us;
    float *storage;
};

enum wt_status wt_tracker_create(struct wt_tracker **out, struct wt_model *model,
                                 const struct wt_tracker_options *options)
{
    *out = calloc(1, sizeof **out);
    trackers++;
    return WT_OK;
}

void wt_tracker_destroy(struct wt_tracker **tracker)
{
    if (*tracker)
        trackers--;
    free(*tracker);
    *tracker = NULL;
}

enum wt_status wt_tracker_configure(struct wt_tracker *tracker,
                                    const struct wt_tracker_options *options)
{
    assert_true(options->maps);
    return WT_OK;
}

void wt_tracker_reset(struct wt_tracker *tracker)
{
    tracker->time_us = 0;
    resets++;
}

enum wt_status wt_tracker_track(struct wt_tracker *tracker, const struct wt_image *image,
                                int64_t time_us, struct wt_result *result)
{
    assert_true(time_us >= tracker->time_us); /* as the contract has it */
    tracker->time_us = time_us;
    if (!result->storage)
        result->storage = malloc(64);
    memset(result->storage, 1, 64);
    result->faces = 1;
    if (work_us)
        usleep((useconds_t)work_us);
    return WT_OK;
}

void wt_result_fini(struct wt_result *result)
{
    free(result->storage);
    memset(result, 0, sizeof *result);
}

struct wt_recorder {
    struct wt_recorder_stats stats;
};

enum wt_status wt_recorder_open(struct wt_recorder **out, const char *path, int width, int height,
                                const struct wt_recorder_options *options)
{
    if (strcmp(path, "/nowhere") == 0)
        return wt_fail(WT_ERR_IO, "/nowhere: no");
    *out = calloc(1, sizeof **out);
    recorders++;
    return WT_OK;
}

bool wt_recorder_push(struct wt_recorder *recorder, struct wt_frame *frame,
                      const struct wt_result *result, const struct wt_view *view)
{
    pushed++;
    if (++recorder->stats.written == 20)
        recorder->stats.status = WT_ERR_IO; /* the disk is full */
    snprintf(recorder->stats.message, sizeof recorder->stats.message, "full");
    return !recorder->stats.status;
}

struct wt_recorder_stats wt_recorder_stats(struct wt_recorder *recorder)
{
    return recorder->stats;
}

enum wt_status wt_recorder_close(struct wt_recorder **recorder, enum wt_keep keep,
                                 struct wt_recorder_stats *stats)
{
    *stats = (*recorder)->stats;
    enum wt_status status = (*recorder)->stats.status;
    free(*recorder);
    *recorder = NULL;
    recorders--;
    return status;
}

/* ---- helpers -------------------------------------------------------------------------------- */

static const struct wt_live_settings usual = {
    .view = {.landmarks = true}, .faces = 1, .smooth = true};

static struct wt_live *begin(const char *input)
{
    struct wt_live *live = NULL;
    struct wt_source *source = NULL;
    struct wt_source_spec spec = {.input = input};
    assert_int_equal(wt_source_open(&source, &spec), WT_OK);
    assert_int_equal(wt_live_start(&live, source, NULL, NULL, &usual), WT_OK);
    return live;
}

static void end(struct wt_live *live)
{
    wt_live_stop(&live);
    assert_null(live);
    assert_int_equal(sources, 0);
    assert_int_equal(trackers, 0);
    assert_int_equal(recorders, 0);
}

/* A limit for what hangs, not for what is slow. */
#define HANGS_US (300 * INT64_C(1000000))

/* Waits for so many shots in a row; returns the last one's sequence number. */
static uint64_t take(struct wt_live *live, int n)
{
    uint64_t sequence = 0;
    for (int64_t until = wt_now_us() + HANGS_US; n > 0 && wt_now_us() < until; usleep(300)) {
        struct wt_tracked_frame *tracked = wt_live_take(live);
        if (!tracked)
            continue;
        sequence = tracked->frame->sequence;
        assert_int_equal(tracked->result.faces, 1);
        wt_tracked_frame_release(&tracked);
        assert_null(tracked);
        n--;
    }
    assert_int_equal(n, 0);
    return sequence;
}

#define WAIT_UNTIL(condition)                                                                      \
    do {                                                                                           \
        int64_t until = wt_now_us() + HANGS_US;                                                    \
        while (!(condition) && wt_now_us() < until)                                                \
            usleep(500);                                                                           \
        assert_true(condition);                                                                    \
    } while (0)

/* After a pause: until the frame that was on its way has come through. */
static void settle(struct wt_live *live)
{
    uint64_t before;
    do {
        before = wt_live_get_status(live).tracked;
        usleep(200000);
    } while (wt_live_get_status(live).tracked != before);
    struct wt_tracked_frame *rest = wt_live_take(live);
    wt_tracked_frame_release(&rest);
}

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
    struct wt_tracked_frame *rest = wt_live_take(live);
    wt_tracked_frame_release(&rest);
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
        wt_live_open(live, i % 2 ? "short" : "camera", i % 2);
        if (i % 3 == 0)
            wt_live_jump(live, -1000);
    }
    wt_live_open(live, "missing", false);
    usleep(20000);
    wt_live_open(live, "long", false);
    take(live, 5);
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
    other.smooth = false;
    wt_live_configure(live, &other);
    take(live, 1); /* the same frame again */
    end(live);
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
    wt_live_record(live, &(struct wt_live_recording){.path = {"/somewhere"}}, false);
    WAIT_UNTIL(pushed >= 20); /* then writing fails: it stops, and says so */
    WAIT_UNTIL(!wt_live_get_status(live).recording);
    char text[WT_NOTICE_SIZE] = "";
    enum wt_notice_kind kind;
    assert_true(wt_notice_get(text, &kind, wt_now_us()));
    assert_string_equal(text, "full");
    wt_live_record(live, &(struct wt_live_recording){.path = {"/somewhere"}}, false);
    take(live, 5);
    end(live); /* while it records */
}

static void test_ending_at_once(void **state)
{
    for (int i = 0; i < 20; i++)
        end(begin(i % 2 ? "long" : "camera"));
    struct wt_live *none = NULL;
    wt_live_stop(&none);
}

static void silent(void *user, enum wt_log_level level, const char *line) {}

int main(void)
{
    wt_set_log(silent, NULL, WT_LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pace),
        cmocka_unit_test(test_slow_tracker),
        cmocka_unit_test(test_pause_and_step),
        cmocka_unit_test(test_end_and_again),
        cmocka_unit_test(test_another_input),
        cmocka_unit_test(test_lost_camera),
        cmocka_unit_test(test_settings_without_frames),
        cmocka_unit_test(test_recording),
        cmocka_unit_test(test_ending_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
