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
    while (l->spare) {
        struct wt_tracked_frame *next = l->spare->next;
        wt_result_fini(&l->spare->result);
        free(l->spare);
        l->spare = next;
    }
    pthread_cond_destroy(&l->wake);
    pthread_mutex_destroy(&l->lock);
    free(l);
    *live = NULL;
}

static enum wt_status prepare(struct wt_live *l, const char *detector)
{
    enum wt_status status = wt_mailbox_create(&l->captures, wt_capture_destroy);
    if (!status)
        status = wt_mailbox_create(&l->tracked, destroy_tracked);
    if (status)
        return status;
    struct wt_tracker_options options = {.max_faces = l->settings.faces,
                                         .detector = detector,
                                         .smooth = true,
                                         .maps = true,
                                         .background = true};
    return wt_tracker_create(&l->tracker, l->model, &options);
}

enum wt_status wt_live_start(struct wt_live **out, struct wt_source *source, struct wt_model *model,
                             const char *detector, const struct wt_live_settings *settings)
{
    struct wt_live *l = calloc(1, sizeof *l);
    if (!l || !wt_monitor_init(&l->lock, &l->wake)) {
        free(l);
        return wt_fail(WT_ERR_MEMORY, "out of memory");
    }
    l->model = model;
    l->settings = *settings;
    l->settings_version = 1;
    l->status.source = wt_source_describe(source);
    enum wt_status status = prepare(l, detector);
    if (status)
        goto fail;
    /* The consumer starts first, so that it does not miss the first frame. */
    if (pthread_create(&l->track_thread, NULL, wt_live_track_main, l)) {
        status = wt_fail(WT_ERR_MEMORY, "cannot start the tracking thread");
        goto fail;
    }
    l->source = source;
    if (pthread_create(&l->capture_thread, NULL, wt_live_capture_main, l)) {
        status = wt_fail(WT_ERR_MEMORY, "cannot start the capture thread");
        wt_mailbox_close(l->captures);
        pthread_join(l->track_thread, NULL);
        goto fail;
    }
    *out = l;
    return WT_OK;

fail:
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
    wt_source_close(&l->source);
    enum wt_status status = l->failed;
    destroy(live);
    return status;
}

struct wt_tracked_frame *wt_live_take(struct wt_live *live)
{
    return wt_mailbox_take(live->tracked, 0);
}

/* ---- settings and requests ------------------------------------------------------------------ */

void wt_live_configure(struct wt_live *live, const struct wt_live_settings *settings)
{
    pthread_mutex_lock(&live->lock);
    const struct wt_live_settings *old = &live->settings;
    if (old->faces != settings->faces || old->stacks != settings->stacks ||
        old->smooth != settings->smooth)
        live->settings_version++;
    live->settings = *settings;
    pthread_mutex_unlock(&live->lock);
}

struct wt_live_status wt_live_get_status(struct wt_live *live)
{
    pthread_mutex_lock(&live->lock);
    struct wt_live_status status = live->status;
    status.rate = wt_rate_get(&live->rate, wt_now_us());
    pthread_mutex_unlock(&live->lock);
    status.left_out = wt_mailbox_dropped(live->captures);
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
    live->status.paused = paused && !live->status.ended;
    live->again = !paused && live->status.ended;
    request_end(live);
}

void wt_live_step(struct wt_live *live)
{
    request_begin(live);
    live->status.paused = true;
    live->steps++;
    request_end(live);
}

void wt_live_jump(struct wt_live *live, int64_t by_us)
{
    request_begin(live);
    live->jump_us += by_us;
    request_end(live);
}

void wt_live_open(struct wt_live *live, const char *input, bool loop)
{
    request_begin(live);
    snprintf(live->open_path, sizeof live->open_path, "%s", input);
    live->open_loop = loop;
    request_end(live);
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
