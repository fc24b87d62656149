/* The live chain's surroundings, made by the test: sources, trackers, models and recorders that
 * count themselves and do what the test wants. They take the place of ours when the program is
 * linked. */
#ifndef WT_TESTS_LIVE_FAKES_H
#define WT_TESTS_LIVE_FAKES_H

#include "support.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "base/notice.h"
#include "base/status.h"
#include "live/live.h"
#include "track/probe.h"
#include "track/tracker_offset.h"

struct wt_source {
    enum wt_source_kind kind;
    int frames, at;
    bool loop, stalls; /* stalls: the next frame never comes */
    bool (*give_up)(void *user);
    void *give_up_user;
    int64_t period_us, base_us; /* base: times go on rising from round to round */
    uint64_t sequence;
};

static atomic_int sources, trackers, recorders, models, resets, news, pushed, lost, work_us;
static atomic_int in_use, let_go_first, stacks_in_use;
static atomic_int made; /* trackers, since the start of the test's program */
static _Atomic char detector_in_use;
static atomic_bool unplugged;
static atomic_int dead_waits;

/* A thread that comes there stays until it is opened again. */
struct gate {
    atomic_bool shut;
    atomic_int waiting; /* threads */
};
static struct gate at_open, at_seek, at_end, at_track;

static void pass(struct gate *gate)
{
    if (!gate->shut)
        return;
    gate->waiting++;
    while (gate->shut)
        usleep(200);
    gate->waiting--;
}

enum wt_status wt_source_open(struct wt_source **out, const struct wt_source_spec *spec)
{
    if (spec->camera) {
        let_go_first += in_use == 0;
        return wt_fail(WT_ERR_IO, "busy");
    }
    pass(&at_open);
    if (strcmp(spec->input, "dead") == 0) { /* an address where nobody answers */
        dead_waits++;
        while (!spec->give_up(spec->give_up_user))
            usleep(200);
        dead_waits--;
        return wt_fail(WT_ERR_IO, "dead: no longer waited for");
    }
    if (strcmp(spec->input, "missing") == 0)
        return wt_fail(WT_ERR_IO, "missing: not there");
    struct wt_source *s = calloc(1, sizeof *s);
    *s = (struct wt_source){.kind = strcmp(spec->input, "camera") == 0 ? WT_SOURCE_CAMERA
                                                                       : WT_SOURCE_VIDEO,
                            .frames = strcmp(spec->input, "short") == 0   ? 5
                                      : strcmp(spec->input, "round") == 0 ? 50
                                                                          : 1000000,
                            .loop = spec->loop,
                            .stalls = strcmp(spec->input, "stalls") == 0,
                            .give_up = spec->give_up,
                            .give_up_user = spec->give_up_user,
                            .period_us = 2000};
    sources++;
    in_use += s->kind == WT_SOURCE_CAMERA;
    *out = s;
    return WT_OK;
}

struct wt_sound *wt_source_sound(const struct wt_source *source)
{
    return NULL;
}

void wt_source_close(struct wt_source **source)
{
    if (!*source)
        return;
    in_use = 0;
    free(*source);
    *source = NULL;
    sources--;
}

struct wt_source_info wt_source_describe(const struct wt_source *source)
{
    return (struct wt_source_info){.kind = source->kind,
                                   .name = "test",
                                   .width = 32,
                                   .height = 16,
                                   .fps = 500,
                                   .frames = source->frames};
}

int64_t wt_source_place(const struct wt_source *source)
{
    return source->at > 0 ? (source->at - 1) * source->period_us : 0;
}

void wt_source_set_loop(struct wt_source *source, bool loop)
{
    source->loop = loop;
}

bool wt_source_loops(const struct wt_source *source)
{
    return source->loop;
}

void wt_source_set_give_up(struct wt_source *source, bool (*give_up)(void *user), void *user)
{
    source->give_up = give_up;
    source->give_up_user = user;
}

void wt_source_let_go(struct wt_source *source)
{
    in_use = 0;
}

/* Models are told apart by their stacks. */
struct wt_model {
    int stacks;
};

static struct wt_model *new_model(int stacks)
{
    struct wt_model *model = calloc(1, sizeof *model);
    model->stacks = stacks;
    models++;
    return model;
}

void wt_model_close(struct wt_model **model)
{
    models -= *model != NULL;
    free(*model);
    *model = NULL;
}

struct wt_model_info wt_model_describe(const struct wt_model *model)
{
    return (struct wt_model_info){.stacks = model->stacks, .threads = 2};
}

static atomic_int threads_in_use;
static atomic_int pass_us; /* that each pass says it took */

/* As track/model_internal.h has it, whose struct wt_model is another one. */
void wt_model_limit_threads(struct wt_model *model, int threads);
void wt_model_limit_threads(struct wt_model *model, int threads)
{
    threads_in_use = threads;
}

enum wt_status wt_source_read(struct wt_source *source, struct wt_frame **out)
{
    if (source->stalls && source->at == 3) {
        dead_waits++;
        while (!source->give_up(source->give_up_user))
            usleep(200);
        dead_waits--;
        return WT_END;
    }
    if (source->kind == WT_SOURCE_CAMERA) {
        usleep(2000);
        if (unplugged) {
            lost++;
            return WT_ERR_LOST;
        }
    }
    if (source->at == source->frames) {
        if (!source->loop) {
            pass(&at_end);
            return WT_END;
        }
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
    pass(&at_seek);
    source->at = (int)(time_us / source->period_us);
    return WT_OK;
}

struct wt_tracker {
    const struct wt_model *model;
    int64_t time_us;
    float *storage;
    struct wt_offset *offset;
    struct wt_probe *probe;
};
static atomic_int corrections; /* of the offset that tracked the last frame; 0: none */

enum wt_status wt_tracker_create(struct wt_tracker **out, struct wt_model *model,
                                 const struct wt_tracker_options *options)
{
    assert_true(options->stacks <= model->stacks);
    if (model->stacks == 9)
        return wt_fail(WT_ERR_MEMORY, "no tracker");
    if (options->detector && strcmp(options->detector, "missing") == 0)
        return wt_fail(WT_ERR_IO, "missing: not there");
    *out = calloc(1, sizeof **out);
    (*out)->model = model;
    stacks_in_use = options->stacks;
    detector_in_use = options->detector ? options->detector[0] : '\0';
    trackers++;
    made++;
    return WT_OK;
}

void wt_tracker_destroy(struct wt_tracker **tracker)
{
    if (*tracker) {
        trackers--;
        wt_offset_unref(&(*tracker)->offset);
    }
    free(*tracker);
    *tracker = NULL;
}

enum wt_status wt_tracker_configure(struct wt_tracker *tracker,
                                    const struct wt_tracker_options *options)
{
    assert_true(options->maps);
    assert_true(options->stacks <= tracker->model->stacks);
    stacks_in_use = options->stacks;
    return WT_OK;
}

enum wt_status wt_tracker_set_offset(struct wt_tracker *tracker, struct wt_offset *offset)
{
    wt_offset_ref(offset);
    wt_offset_unref(&tracker->offset);
    tracker->offset = offset;
    return WT_OK;
}

void wt_tracker_set_probe(struct wt_tracker *tracker, struct wt_probe *probe)
{
    tracker->probe = probe;
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
    corrections = tracker->offset ? wt_offset_corrections(tracker->offset) : 0;
    if (!result->storage)
        result->storage = malloc(64);
    memset(result->storage, 1, 64);
    result->faces = 1;
    if (tracker->probe)
        tracker->probe->seen = tracker->probe->id == 1;
    result->total_ms = pass_us / 1e3;
    pass(&at_track);
    if (work_us)
        usleep((useconds_t)work_us);
    return WT_OK;
}

void wt_result_fini(struct wt_result *result)
{
    free(result->storage);
    memset(result, 0, sizeof *result);
}

/* Its path is that of the recording. /nowhere cannot be opened; /small has room for 20 frames. */
struct wt_recorder {
    struct wt_recorder_stats stats;
};
static atomic_int opened;        /* recorders, since the start of the test's program */
static _Atomic int64_t first_us; /* time of the newest one's first frame */

enum wt_status wt_recorder_open(struct wt_recorder **out, const char *path, int width, int height,
                                const struct wt_recorder_options *options)
{
    if (strcmp(path, "/nowhere") == 0)
        return wt_fail(WT_ERR_IO, "/nowhere: no");
    *out = calloc(1, sizeof **out);
    snprintf((*out)->stats.path, sizeof(*out)->stats.path, "%s", path);
    recorders++;
    opened++;
    return WT_OK;
}

bool wt_recorder_push(struct wt_recorder *recorder, struct wt_frame *frame,
                      const struct wt_result *result, const struct wt_view *view)
{
    if (++recorder->stats.written == 1)
        first_us = frame->time_us;
    if (recorder->stats.written == 20 && strcmp(recorder->stats.path, "/small") == 0) {
        recorder->stats.status = WT_ERR_IO;
        snprintf(recorder->stats.message, sizeof recorder->stats.message, "full");
    }
    pushed++;
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

/* ---- what tests do with the chain ----------------------------------------------------------- */

static const struct wt_live_settings usual = {
    .view = {.landmarks = true}, .faces = 1, .smoothing = 1.0f};

static void on_news(void *user)
{
    ++*(atomic_int *)user;
}

static void open_other(struct wt_live *live, const char *input, bool loop)
{
    char name[16]; /* gone when it is opened */
    snprintf(name, sizeof name, "%s", input);
    wt_live_open(live, &(struct wt_source_spec){.input = name, .loop = loop});
    memset(name, '?', sizeof name);
}

static struct wt_live *begin(const char *input)
{
    struct wt_live *live = NULL;
    struct wt_source *source = NULL;
    struct wt_source_spec spec = {.input = input, .loop = strcmp(input, "round") == 0};
    assert_int_equal(wt_source_open(&source, &spec), WT_OK);
    assert_int_equal(wt_live_start(&live, source, new_model(2), &usual), WT_OK);
    wt_live_set_news(live, on_news, &news);
    return live;
}

static void end(struct wt_live *live)
{
    wt_live_stop(&live);
    assert_null(live);
    assert_int_equal(sources, 0);
    assert_int_equal(trackers, 0);
    assert_int_equal(recorders, 0);
    assert_int_equal(models, 0);
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

static void silent(void *user, enum wt_log_level level, const char *line) {}

#endif
