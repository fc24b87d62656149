#include "live/live_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/monotonic.h"
#include "base/status.h"

void wt_capture_destroy(void *item)
{
    struct wt_capture *capture = item;
    if (capture) {
        wt_frame_unref(&capture->frame);
        wt_sound_unref(&capture->sound);
        free(capture);
    }
}

/* Tracked frames are reused, because a result's maps take a few megabytes. */
void wt_tracked_frame_release(struct wt_tracked_frame **tracked)
{
    if (!*tracked)
        return;
    struct wt_live *live = (*tracked)->live;
    wt_frame_unref(&(*tracked)->frame);
    pthread_mutex_lock(&live->lock);
    (*tracked)->next = live->spare;
    live->spare = *tracked;
    pthread_mutex_unlock(&live->lock);
    *tracked = NULL;
}

static void destroy_tracked(void *item)
{
    struct wt_tracked_frame *tracked = item;
    wt_tracked_frame_release(&tracked);
}

struct wt_tracked_frame *wt_live_spare_frame(struct wt_live *live)
{
    pthread_mutex_lock(&live->lock);
    struct wt_tracked_frame *tracked = live->spare;
    if (tracked)
        live->spare = tracked->next;
    pthread_mutex_unlock(&live->lock);
    if (!tracked)
        tracked = calloc(1, sizeof *tracked);
    if (tracked)
        tracked->live = live;
    return tracked;
}

/* The source is left open: on failure it is still the caller's. */
static void destroy(struct wt_live **live)
{
    struct wt_live *l = *live;
    wt_mailbox_destroy(&l->captures);
    wt_mailbox_destroy(&l->tracked);
    wt_tracker_destroy(&l->tracker);
    wt_offset_unref(&l->offset);
    while (l->spare) {
        struct wt_tracked_frame *next = l->spare->next;
        wt_result_fini(&l->spare->result);
        wt_result_fini(&l->spare->before);
        free(l->spare->probe);
        free(l->spare);
        l->spare = next;
    }
    pthread_cond_destroy(&l->wake);
    pthread_mutex_destroy(&l->lock);
    pthread_mutex_destroy(&l->streams_lock);
    free(l);
    *live = NULL;
}

static enum wt_status prepare(struct wt_live *l)
{
    enum wt_status status = wt_mailbox_create(&l->captures, wt_capture_destroy);
    if (!status)
        status = wt_mailbox_create(&l->tracked, destroy_tracked);
    if (status)
        return status;
    struct wt_tracker_options options = wt_live_tracker_options(l, &l->settings, l->model);
    l->detector = l->settings.detector;
    return wt_tracker_create(&l->tracker, l->model, &options);
}

struct wt_tracker_options wt_live_tracker_options(const struct wt_live *live,
                                                  const struct wt_live_settings *settings,
                                                  const struct wt_model *model)
{
    const bool has_stacks = settings->stacks <= wt_model_describe(model).stacks;
    return (struct wt_tracker_options){
        .max_faces = settings->faces,
        .search_every = settings->search_every,
        .detector = settings->detector.text[0] ? settings->detector.text : NULL,
        .smooth = settings->smoothing > 0.0f,
        .smooth_strength = settings->smoothing,
        .maps = true,
        .background = !live->repeatable,
        .stacks = has_stacks ? settings->stacks : 0};
}

/* With the lock held, or before the threads are there. */
void wt_live_describe_source(struct wt_live *live, const struct wt_source *source)
{
    struct wt_live_status *s = &live->status;
    s->source = wt_source_describe(source);
    const bool known =
        s->source.kind != WT_SOURCE_CAMERA && s->source.frames > 0 && s->source.fps > 0;
    s->duration_us = known ? (int64_t)(1e6 * (double)s->source.frames / s->source.fps) : -1;
    s->place_us = 0;
    s->loop = wt_source_loops(source);
    s->frames = 0;
    s->dark = false;
    live->left_out_before = wt_mailbox_dropped(live->captures);
}

enum wt_status wt_live_start(struct wt_live **out, struct wt_source *source, struct wt_model *model,
                             const struct wt_live_settings *settings)
{
    struct wt_live *l = calloc(1, sizeof *l);
    if (!l || !wt_monitor_init(&l->lock, &l->wake)) {
        free(l);
        return wt_fail(WT_ERR_MEMORY, "out of memory");
    }
    pthread_mutex_init(&l->streams_lock, NULL);
    l->model = model;
    l->repeatable = settings->session != NULL;
    l->seek_us = -1;
    l->settings = *settings;
    l->settings_version = 1;
    enum wt_status status = prepare(l);
    if (status)
        goto fail;
    wt_live_describe_source(l, source);
    l->session = settings->session;
    /* The consumer starts first, so that it does not miss the first frame. */
    if (pthread_create(&l->track_thread, NULL, wt_live_track_main, l)) {
        status = wt_fail(WT_ERR_MEMORY, "cannot start the tracking thread");
        goto fail;
    }
    l->source = source;
    wt_source_set_give_up(source, wt_live_gives_up, l);
    if (pthread_create(&l->capture_thread, NULL, wt_live_capture_main, l)) {
        status = wt_fail(WT_ERR_MEMORY, "cannot start the capture thread");
        wt_mailbox_close(l->captures);
        pthread_join(l->track_thread, NULL);
        goto fail;
    }
    *out = l;
    return WT_OK;

fail:
    wt_source_set_give_up(source, NULL, NULL);
    l->session = NULL; /* as the source and the model it is still the caller's */
    destroy(&l);
    return status;
}

void wt_live_note_failure(struct wt_live *live, enum wt_status status)
{
    pthread_mutex_lock(&live->lock);
    if (!live->failed)
        live->failed = status;
    pthread_mutex_unlock(&live->lock);
}

enum wt_status wt_live_stop(struct wt_live **live)
{
    struct wt_live *l = *live;
    if (!l)
        return WT_OK;
    pthread_mutex_lock(&l->lock);
    l->stopping = true;
    pthread_cond_broadcast(&l->wake);
    pthread_mutex_unlock(&l->lock);
    wt_mailbox_close(l->captures);
    wt_mailbox_close(l->tracked);
    pthread_join(l->capture_thread, NULL);
    pthread_join(l->track_thread, NULL);
    for (int i = 0; i < WT_LIVE_STREAMS; i++)
        wt_live_note_failure(l, wt_streams_close(&l->streams[i]));
    wt_source_close(&l->source);
    wt_fail_level(WT_LOG_ERROR); /* which wt_live_gives_up has lowered if the source asked */
    wt_live_compare_end(l);
    wt_tracker_destroy(&l->tracker);
    wt_model_close(&l->compare_model);
    wt_model_close(&l->model);
    wt_model_close(&l->new_model);
    wt_model_close(&l->retired);
    enum wt_status status = l->failed;
    destroy(live);
    return status;
}

void wt_live_set_news(struct wt_live *live, void (*news)(void *user), void *user)
{
    pthread_mutex_lock(&live->lock);
    live->news = news;
    live->news_user = user;
    pthread_mutex_unlock(&live->lock);
}

void wt_live_set_watch(struct wt_live *live,
                       void (*watch)(void *user, const struct wt_live_sight *sight), void *user)
{
    pthread_mutex_lock(&live->lock);
    live->watch = watch;
    live->watch_user = user;
    pthread_mutex_unlock(&live->lock);
}

void wt_live_tell(struct wt_live *live)
{
    pthread_mutex_lock(&live->lock);
    void (*news)(void *) = live->news;
    void *user = live->news_user;
    pthread_mutex_unlock(&live->lock);
    if (news)
        news(user);
}

struct wt_tracked_frame *wt_live_take(struct wt_live *live)
{
    return wt_mailbox_take(live->tracked, 0);
}

/* ---- settings and requests ------------------------------------------------------------------ */

bool wt_live_moves(const struct wt_live *live)
{
    return live->under_way || live->open_wanted || live->again || live->jump_us ||
           live->seek_us >= 0;
}

/* With the lock held. To stay there. */
static bool is_at_end(const struct wt_live *live)
{
    return live->status.ended && !wt_live_moves(live);
}

void wt_live_configure(struct wt_live *live, const struct wt_live_settings *settings)
{
    pthread_mutex_lock(&live->lock);
    const struct wt_live_settings *old = &live->settings;
    if (old->faces != settings->faces || old->stacks != settings->stacks ||
        old->smoothing != settings->smoothing || old->rate != settings->rate ||
        old->share != settings->share || old->threads_fixed != settings->threads_fixed ||
        strcmp(old->detector.text, settings->detector.text) != 0)
        live->settings_version++;
    live->settings = *settings;
    pthread_mutex_unlock(&live->lock);
}

void wt_live_set_offset(struct wt_live *live, struct wt_offset *offset)
{
    pthread_mutex_lock(&live->lock);
    struct wt_offset *old = live->offset;
    live->offset = wt_offset_ref(offset);
    live->settings_version++;
    pthread_mutex_unlock(&live->lock);
    wt_offset_unref(&old);
}

struct wt_live_status wt_live_get_status(struct wt_live *live)
{
    pthread_mutex_lock(&live->lock);
    struct wt_live_status status = live->status;
    status.ended = is_at_end(live);
    status.rate = wt_rate_get(&live->rate, wt_now_us());
    status.left_out = wt_mailbox_dropped(live->captures) - live->left_out_before;
    status.model = live->model;
    status.record_wanted = live->record_seen == live->record_version
                               ? status.recording || status.record_waits
                               : live->recording.path.text[0] != '\0';
    pthread_mutex_unlock(&live->lock);
    return status;
}

static void request_begin(struct wt_live *live)
{
    pthread_mutex_lock(&live->lock);
}

static void request_end(struct wt_live *live)
{
    pthread_cond_broadcast(&live->wake);
    pthread_mutex_unlock(&live->lock);
}

void wt_live_pause(struct wt_live *live, bool paused)
{
    request_begin(live);
    const bool at_end = is_at_end(live);
    live->status.paused = paused && !at_end;
    live->again = live->again || (!paused && at_end);
    live->pause_newer = true;
    request_end(live);
}

void wt_live_step(struct wt_live *live)
{
    request_begin(live);
    live->status.paused = true;
    live->steps += !is_at_end(live);
    live->pause_newer = true;
    request_end(live);
}

void wt_live_jump(struct wt_live *live, int64_t by_us)
{
    request_begin(live);
    live->jump_us += by_us;
    request_end(live);
}

void wt_live_seek(struct wt_live *live, int64_t time_us)
{
    request_begin(live);
    live->seek_us = time_us > 0 ? time_us : 0;
    live->jump_us = 0;
    live->again = false;
    request_end(live);
}

void wt_live_set_loop(struct wt_live *live, bool loop)
{
    request_begin(live);
    live->status.loop = loop;
    live->loop_newer = true;
    request_end(live);
}

static const char *keep_name(const char *name, char buffer[WT_LIVE_PATH])
{
    snprintf(buffer, WT_LIVE_PATH, "%s", name ? name : "");
    return name ? buffer : NULL;
}

unsigned wt_live_open(struct wt_live *live, const struct wt_source_spec *spec)
{
    request_begin(live);
    const unsigned number = ++live->open_number;
    live->open = *spec;
    live->open.input = keep_name(spec->input, live->open_input);
    live->open.camera = keep_name(spec->camera, live->open_camera);
    live->open_wanted = true;
    live->pause_newer = live->loop_newer = false;
    /* They are of the input that goes. */
    live->jump_us = 0;
    live->seek_us = -1;
    live->again = false;
    request_end(live);
    return number;
}

void wt_live_use_model(struct wt_live *live, struct wt_model *model)
{
    request_begin(live);
    struct wt_model *overtaken = live->new_model;
    live->new_model = model;
    request_end(live);
    wt_model_close(&overtaken);
}

struct wt_model *wt_live_take_retired(struct wt_live *live)
{
    pthread_mutex_lock(&live->lock);
    struct wt_model *model = live->retired;
    live->retired = NULL;
    pthread_mutex_unlock(&live->lock);
    return model;
}

enum wt_status wt_live_stream(struct wt_live *live, enum wt_live_stream which, const char *target,
                              int points)
{
    const struct wt_stream_options options = {.osf = which == WT_LIVE_OSF ? target : NULL,
                                              .vmc = which == WT_LIVE_VMC ? target : NULL,
                                              .camera = which == WT_LIVE_CAMERA ? target : NULL,
                                              .lines = which == WT_LIVE_LINES ? target : NULL,
                                              .points = points};
    struct wt_streams *streams = NULL;
    /* The old one first: a device is opened once only. */
    for (int opened = 0; opened < 2; opened++) {
        pthread_mutex_lock(&live->streams_lock);
        struct wt_streams *old = live->streams[which];
        live->streams[which] = streams;
        pthread_mutex_unlock(&live->streams_lock);
        wt_live_note_failure(live, wt_streams_close(&old));
        const enum wt_status status = opened ? WT_OK : wt_streams_open(&streams, &options);
        if (status)
            return status;
    }
    return WT_OK;
}

void wt_live_record(struct wt_live *live, const struct wt_live_recording *recording, bool must)
{
    request_begin(live);
    live->recording =
        recording ? *recording : (struct wt_live_recording){.content = WT_RECORD_ANNOTATED};
    live->record_must = must;
    live->record_version++;
    request_end(live);
}
