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

/* Shots go back to their chain, for a result's maps are a few megabytes. */
void wt_shot_release(struct wt_shot **shot)
{
    if (!*shot)
        return;
    struct wt_live *live = (*shot)->live;
    wt_frame_unref(&(*shot)->frame);
    pthread_mutex_lock(&live->lock);
    (*shot)->next = live->spare;
    live->spare = *shot;
    pthread_mutex_unlock(&live->lock);
    *shot = NULL;
}

static void destroy_shot(void *item)
{
    struct wt_shot *shot = item;
    wt_shot_release(&shot);
}

struct wt_shot *wt_live_spare_shot(struct wt_live *live)
{
    pthread_mutex_lock(&live->lock);
    struct wt_shot *shot = live->spare;
    if (shot)
        live->spare = shot->next;
    pthread_mutex_unlock(&live->lock);
    if (!shot)
        shot = calloc(1, sizeof *shot);
    if (shot)
        shot->live = live;
    return shot;
}

/* The source is left open: on failure it is still the caller's. */
static void destroy(struct wt_live **live)
{
    struct wt_live *l = *live;
    wt_mailbox_destroy(&l->captures);
    wt_mailbox_destroy(&l->shots);
    wt_tracker_destroy(&l->tracker);
    while (l->spare) {
        struct wt_shot *next = l->spare->next;
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
        status = wt_mailbox_create(&l->shots, destroy_shot);
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
    /* The consumer first, so that the first frame is waited for. */
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

void wt_live_stop(struct wt_live **live)
{
    struct wt_live *l = *live;
    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    l->stopping = true;
    pthread_cond_broadcast(&l->wake);
    pthread_mutex_unlock(&l->lock);
    wt_mailbox_close(l->captures);
    wt_mailbox_close(l->shots);
    pthread_join(l->capture_thread, NULL);
    pthread_join(l->track_thread, NULL);
    wt_source_close(&l->source);
    destroy(live);
}

struct wt_shot *wt_live_take(struct wt_live *live)
{
    return wt_mailbox_take(live->shots, 0);
}

/* ---- settings and wishes ------------------------------------------------------------------- */

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

static void wish_begin(struct wt_live *live)
{
    pthread_mutex_lock(&live->lock);
}

static void wish_end(struct wt_live *live)
{
    pthread_cond_broadcast(&live->wake);
    pthread_mutex_unlock(&live->lock);
}

void wt_live_pause(struct wt_live *live, bool paused)
{
    wish_begin(live);
    live->status.paused = paused && !live->status.ended;
    live->again = !paused && live->status.ended;
    wish_end(live);
}

void wt_live_step(struct wt_live *live)
{
    wish_begin(live);
    live->status.paused = true;
    live->steps++;
    wish_end(live);
}

void wt_live_jump(struct wt_live *live, int64_t by_us)
{
    wish_begin(live);
    live->jump_us += by_us;
    wish_end(live);
}

void wt_live_open(struct wt_live *live, const char *input, bool loop)
{
    wish_begin(live);
    snprintf(live->open_path, sizeof live->open_path, "%s", input);
    live->open_loop = loop;
    wish_end(live);
}

void wt_live_record(struct wt_live *live, const char *path)
{
    wish_begin(live);
    snprintf(live->record_path, sizeof live->record_path, "%s", path ? path : "");
    live->record_version++;
    wish_end(live);
}
