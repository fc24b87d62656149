/* The thread that tracks, and owns the recorder. */
#include <string.h>

#include "base/clock.h"
#include "base/notice.h"
#include "base/status.h"
#include "input/microphone.h"
#include "live/live_internal.h"
#include "track/tracker_offset.h"

/* A recording that is killed may lack the last second; writing takes up to 0.3 s of it. */
#define RECORD_LAG_US 400000

/* What this thread remembers from frame to frame. */
struct track {
    struct wt_live *live;
    struct wt_live_settings settings;
    unsigned settings_version, record_version, compare_version, probe_version, cut;
    struct wt_live_govern govern;
    bool paused;
    struct wt_live_recording recording;
    struct wt_recorder *recorder;
    struct wt_microphone *microphone; /* of the recording; NULL: none */
    struct wt_sound *sound;           /* of the newest frame's input; NULL: none */
    bool record_wanted;               /* with the next frame that may_begin */
    bool record_must;                 /* none has come yet for a recording that must have one */
    int faces, stacks;                /* that the tracker has: with what the governor takes */
    bool reset;                       /* the tracker forgot its faces since the last frame */
    struct wt_frame *last; /* to track again when settings change while nothing new comes */
    int crowd_said;        /* the number of faces for which it was said that there are more */
    struct wt_result seen; /* a copy for the watcher, without maps */
};

/* ---- recording ----------------------------------------------------------------------------- */

static void publish_recording(struct track *t)
{
    struct wt_recorder_stats stats = {0};
    if (t->recorder)
        stats = wt_recorder_stats(t->recorder);
    pthread_mutex_lock(&t->live->lock);
    t->live->record_runs = t->live->status.recording = t->recorder != NULL;
    t->live->status.record_waits = t->record_wanted && !t->recorder;
    t->live->record_seen = t->record_version;
    t->live->status.record = stats;
    pthread_mutex_unlock(&t->live->lock);
}

/* Every frame of the source, or how many of how many a second. */
static void announce(const struct wt_recorder_stats *stats)
{
    char frames[96];
    wt_recorder_describe(stats, frames, sizeof frames);
    wt_notice(WT_NOTICE_NEWS, "saved %s: %.1f s, %s", stats->path, (double)stats->duration_us / 1e6,
              frames);
    if (stats->written < stats->offered)
        wt_log(WT_LOG_INFO, "%s: %s; the others came faster than they could be tracked or recorded",
               stats->path, frames);
}

static void say_nothing_came(void)
{
    wt_notice(WT_NOTICE_NEWS, "nothing was recorded: no frame came");
}

static void end_recording(struct track *t)
{
    struct wt_recorder_stats stats = {0};
    const bool waited = t->record_wanted && !t->recorder;
    if (waited && !t->record_must)
        say_nothing_came();
    t->record_wanted = false;
    if (waited)
        publish_recording(t);
    if (!t->recorder)
        return;
    enum wt_status status = wt_recorder_close(&t->recorder, WT_KEEP_ALL, &stats);
    wt_microphone_close(&t->microphone);
    publish_recording(t); /* who reads that it is saved may ask for the next one */
    if (!status)
        announce(&stats);
    else if (stats.message[0])
        wt_notice(WT_NOTICE_ERROR, "%s", stats.message);
    if (status)
        wt_live_note_failure(t->live, status);
}

/* Its sound. A recording without is better than none. */
static struct wt_sound *open_microphone(struct track *t)
{
    const char *name = t->recording.microphone;
    enum wt_status status = name[0] ? wt_microphone_open(&t->microphone, name) : WT_OK;
    if (status)
        wt_live_note_failure(t->live, status);
    return t->microphone ? wt_microphone_sound(t->microphone) : NULL;
}

static void begin_recording(struct track *t, const struct wt_frame *frame)
{
    const struct wt_live_recording *wanted = &t->recording;
    const struct wt_recorder_options options = {
        .lag_us = RECORD_LAG_US,
        .content = wanted->content,
        .lossless = wanted->lossless,
        .hardware = wanted->hardware,
        .results = wanted->results,
        .numbered = true,
        .stem = wanted->stem.text[0] ? wanted->stem.text : NULL,
        .sound = {wanted->no_audio ? NULL : t->sound, open_microphone(t)}};
    enum wt_status status = wt_recorder_open(&t->recorder, wanted->path.text, frame->image.width,
                                             frame->image.height, &options);
    if (status) { /* already logged, which makes a notice */
        t->record_wanted = false;
        wt_microphone_close(&t->microphone);
        wt_live_note_failure(t->live, status);
    }
    t->record_must = false;
    publish_recording(t);
    if (!status)
        wt_notice(WT_NOTICE_NEWS, "recording to %s", wanted->path.text);
}

/* Not before a jump that was asked for earlier, which would end it. From here on there are no
 * jumps, until publish_recording says otherwise. */
static bool may_begin(struct track *t)
{
    struct wt_live *live = t->live;
    pthread_mutex_lock(&live->lock);
    const bool may = !wt_live_moves(live) && t->cut == live->cuts;
    live->record_runs = may;
    pthread_mutex_unlock(&live->lock);
    return may;
}

static void record(struct track *t, const struct wt_tracked_frame *tracked)
{
    if (t->record_wanted && !t->recorder && may_begin(t))
        begin_recording(t, tracked->frame);
    if (!t->recorder)
        return;
    wt_recorder_push(t->recorder, tracked->frame, &tracked->result, &t->settings.view);
    publish_recording(t);
    if (wt_recorder_stats(t->recorder).status)
        end_recording(t);
}

static void stream(struct track *t, const struct wt_tracked_frame *tracked)
{
    struct wt_live *live = t->live;
    pthread_mutex_lock(&live->streams_lock);
    for (int i = 0; i < WT_LIVE_STREAMS; i++)
        wt_streams_push(live->streams[i], tracked->frame, &tracked->result, &t->settings.view);
    pthread_mutex_unlock(&live->streams_lock);
}

/* ---- the session ---------------------------------------------------------------------------- */

static void end_session(struct track *t, const char *why)
{
    if (t->live->session && why)
        wt_log(WT_LOG_WARN, "%s: the session has ended", why);
    wt_live_note_failure(t->live, wt_session_close(&t->live->session));
}

/* Every frame that the tracker has seen, also one that it sees again. */
static void keep(struct track *t, struct wt_frame *frame, const struct wt_result *result)
{
    const struct wt_session_step step = {.time_us = frame->time_us,
                                         .reset = t->reset,
                                         .faces = t->faces,
                                         .stacks = t->stacks,
                                         .search_every = t->settings.search_every,
                                         .smoothing = t->settings.smoothing};
    t->reset = false;
    if (t->live->session && !wt_session_push(t->live->session, frame, &step, result))
        end_session(t, NULL);
}

/* ---- tracking ------------------------------------------------------------------------------ */

/* Says once for each number of faces that there are more. */
static void note_crowd(struct track *t, const struct wt_result *result)
{
    if (result->unfollowed && t->crowd_said != t->settings.faces) {
        t->crowd_said = t->settings.faces;
        wt_log(WT_LOG_WARN,
               "more faces are seen than are followed (%d); --faces N follows up to %d",
               t->settings.faces, WT_FACES_MAX);
    }
}

/* With what the governor takes instead. */
static void configure(struct track *t)
{
    const struct wt_governor *g = &t->govern.governor;
    struct wt_live_settings settings = t->settings;
    if (g->at > 0) {
        settings.stacks = g->rung[g->at].stacks;
        settings.faces = g->rung[g->at].faces;
    }
    const struct wt_tracker_options options =
        wt_live_tracker_options(t->live, &settings, t->live->model);
    t->faces = settings.faces;
    t->stacks = settings.stacks;
    wt_tracker_configure(t->live->tracker, &options);
    wt_live_compare_configure(t->live, &t->settings);
}

static void publish_governor(struct track *t)
{
    const struct wt_governor *g = &t->govern.governor;
    struct wt_live_status *s = &t->live->status;
    pthread_mutex_lock(&t->live->lock);
    s->threads = g->threads;
    s->eased_stacks = g->at > 0 ? g->rung[g->at].stacks : 0;
    s->eased_faces = g->at > 0 ? g->rung[g->at].faces : 0;
    s->load = g->load;
    s->share = g->share;
    pthread_mutex_unlock(&t->live->lock);
}

static void govern(struct track *t, const struct wt_frame *frame, const struct wt_result *result)
{
    const struct wt_governor *g = &t->govern.governor;
    if (wt_live_govern_frame(&t->govern, frame, result)) {
        wt_log(WT_LOG_DEBUG, "governor: %d thread%s, %d stacks, %d faces; load %.2f, share %.2f",
               g->threads, g->threads > 1 ? "s" : "", g->rung[g->at].stacks, g->rung[g->at].faces,
               g->load, g->share);
        wt_live_govern_apply(&t->govern, t->live->model);
        configure(t);
    }
    publish_governor(t);
}

/* A tracker with another model, or with the same and another detector. Faces are found anew; a
 * recording goes on. Where it cannot be made the old one stays. */
static void change_tracker(struct track *t, struct wt_model *model)
{
    struct wt_live *live = t->live;
    struct wt_tracker *tracker = NULL;
    const struct wt_tracker_options options = wt_live_tracker_options(live, &t->settings, model);
    struct wt_model *old = model;
    live->detector = t->settings.detector;
    if (!wt_tracker_create(&tracker, model, &options)) {
        /* What compares may have the old model, which the caller closes. */
        wt_tracker_destroy(&live->before);
        wt_tracker_destroy(&live->tracker);
        live->tracker = tracker;
        old = live->model;
    }
    if (model == live->model)
        return;
    pthread_mutex_lock(&live->lock);
    live->model = old == model ? live->model : model;
    live->retired = old;
    pthread_mutex_unlock(&live->lock);
    wt_live_tell(live);
}

/* Copies settings and requests of the main thread. Returns whether the tracker's settings have
 * changed. */
static bool snapshot(struct track *t)
{
    struct wt_live *live = t->live;
    pthread_mutex_lock(&live->lock);
    bool changed = t->settings_version != live->settings_version;
    bool record_changed = t->record_version != live->record_version;
    const bool compare_changed = t->compare_version != live->compare_version;
    const bool probe_changed = t->probe_version != live->probe_version;
    /* One at a time: the caller takes the old one back first. */
    struct wt_model *model = live->retired ? NULL : live->new_model;
    live->new_model = model ? NULL : live->new_model;
    t->settings = live->settings;
    t->settings_version = live->settings_version;
    t->paused = live->status.paused;
    const unsigned record_version = live->record_version;
    t->compare_version = live->compare_version;
    t->probe_version = live->probe_version;
    const struct wt_live_recording recording = live->recording;
    const bool must = live->record_must;
    struct wt_offset *offset = changed || model ? wt_offset_ref(live->offset) : NULL;
    pthread_mutex_unlock(&live->lock);
    const bool finds_anew = strcmp(live->detector.text, t->settings.detector.text) != 0;
    if (model || finds_anew || offset)
        end_session(t, model        ? "another network"
                       : finds_anew ? "another face detector"
                                    : "a profile");
    if (model || finds_anew)
        change_tracker(t, model ? model : live->model);
    if (changed || model) {
        wt_live_govern_begin(&t->govern, &t->settings, live->model);
        configure(t);
    }
    if (model || finds_anew || compare_changed)
        wt_live_compare_follow(live, &t->settings, compare_changed);
    if (changed || model) /* a new tracker has none */
        wt_tracker_set_offset(live->tracker, offset);
    wt_offset_unref(&offset);
    if (record_changed) {
        /* begun and ended before it was seen here */
        if (record_version - t->record_version > 1 && !recording.path.text[0] &&
            !t->record_wanted && !t->recorder)
            say_nothing_came();
        end_recording(t);
        t->recording = recording;
        t->record_wanted = recording.path.text[0] != '\0';
        t->record_must = t->record_wanted && must;
        t->record_version = record_version;
        publish_recording(t);
    }
    return changed || model || compare_changed || probe_changed;
}

/* What the watcher sees once the frame has gone on to the window: it delays the next one only. */
static void copy_for_watcher(struct track *t, const struct wt_result *result)
{
    const struct wt_face *face = result->face;
    t->seen.faces = result->faces;
    memcpy(t->seen.face, face, (size_t)result->faces * sizeof *face);
    for (int i = 0; i < result->faces; i++)
        t->seen.face[i].maps = NULL;
}

static void show_to_watcher(struct track *t, struct wt_frame *frame)
{
    struct wt_live *live = t->live;
    pthread_mutex_lock(&live->lock);
    void (*const watch)(void *, const struct wt_live_sight *) = live->watch;
    void *const user = live->watch_user;
    pthread_mutex_unlock(&live->lock);
    if (!watch)
        return;
    const struct wt_live_sight sight = {
        .tracker = live->tracker,
        .model = live->model,
        .stacks = wt_live_tracker_options(live, &t->settings, live->model).stacks,
        .frame = frame,
        .result = &t->seen};
    watch(user, &sight);
}

/* at_us: when the frame was to be seen; 0: it was tracked before. */
static void track(struct track *t, struct wt_frame *frame, int64_t at_us)
{
    const bool again = at_us == 0;
    struct wt_live *live = t->live;
    struct wt_tracked_frame *tracked = wt_live_spare_frame(live);
    if (!tracked) { /* this frame is lost, the next one may succeed */
        wt_live_note_failure(live, wt_fail(WT_ERR_MEMORY, "out of memory for a frame"));
        return;
    }
    wt_live_probe_frame(live, tracked);
    enum wt_status status =
        wt_tracker_track(live->tracker, &frame->image, frame->time_us, &tracked->result);
    if (status) {
        tracked->result.faces = 0;
        wt_live_note_failure(live, status);
    }
    keep(t, frame, &tracked->result);
    wt_live_compare_track(live, tracked, frame);
    note_crowd(t, &tracked->result);
    tracked->frame = wt_frame_ref(frame);
    tracked->captured_us = at_us;
    if (!again) {
        govern(t, frame, &tracked->result);
        record(t, tracked);
        stream(t, tracked);
    }
    copy_for_watcher(t, &tracked->result);
    pthread_mutex_lock(&live->lock);
    if (!again) {
        live->status.tracked++;
        wt_rate_tick(&live->rate, wt_now_us());
    }
    pthread_mutex_unlock(&live->lock);
    wt_mailbox_put(live->tracked, tracked);
    wt_live_tell(live);
    if (!again && !status)
        show_to_watcher(t, frame);
}

static void handle(struct track *t, struct wt_capture *capture)
{
    bool changed = snapshot(t);
    if (!capture) {
        if (changed && t->last)
            track(t, t->last, 0);
        return;
    }
    if (capture->cut != t->cut) {
        t->cut = capture->cut;
        wt_tracker_reset(t->live->tracker);
        t->reset = true;
        if (t->live->before)
            wt_tracker_reset(t->live->before);
        if (t->recorder) /* one that waits begins here */
            end_recording(t);
    }
    wt_frame_unref(&t->last);
    t->last = wt_frame_ref(capture->frame);
    wt_sound_unref(&t->sound);
    t->sound = wt_sound_ref(capture->sound);
    /* What is recorded, or looked at frame by frame, is not thinned out. */
    if (t->paused || t->record_wanted || t->recorder ||
        !wt_live_govern_skips(&t->govern, capture->frame->time_us))
        track(t, capture->frame, capture->at_us ? capture->at_us : 1);
}

void *wt_live_track_main(void *argument)
{
    struct track t = {.live = argument};
    struct wt_mailbox *captures = t.live->captures;
    pthread_setname_np(pthread_self(), "wt-track");
    for (;;) {
        struct wt_capture *capture = wt_mailbox_take(captures, 100);
        if (!capture && wt_mailbox_closed(captures))
            break;
        handle(&t, capture);
        wt_capture_destroy(capture);
    }
    if (t.record_wanted && t.record_must)
        wt_live_note_failure(t.live, wt_fail(WT_ERR_IO, "%s: nothing was recorded: no frame came",
                                             t.recording.path.text));
    end_recording(&t);
    end_session(&t, NULL);
    wt_frame_unref(&t.last);
    wt_sound_unref(&t.sound);
    return NULL;
}
