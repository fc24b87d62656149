/* The thread that reads the source: pace, pause, jumps, another input, a camera that comes back. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/monotonic.h"
#include "base/notice.h"
#include "base/status.h"
#include "live/live_internal.h"

/* When frames of a file are due: its own times plus an offset to the clock, set at the first frame.
 */
struct pace {
    bool tied;
    int64_t offset_us; /* clock - the file's time */
};

static bool is_camera(const struct wt_source *source)
{
    return wt_source_describe(source).kind == WT_SOURCE_CAMERA;
}

/* With the lock held. Is there anything that should not wait for the next frame? */
static bool has_request(const struct wt_live *live)
{
    return live->stopping || wt_live_moves(live) || live->steps > 0 || live->status.paused;
}

/* Waits until a frame of a file is due, or a request comes. */
static void wait_until_due(struct wt_live *live, struct pace *pace, int64_t time_us)
{
    int64_t now = wt_now_us();
    if (!pace->tied || pace->offset_us + time_us < now - 200000) {
        /* The first frame; or reading is so slow that the old offset would make frames follow too
         * fast. */
        pace->tied = true;
        pace->offset_us = now - time_us;
        return;
    }
    struct wt_deadline due = {.at_us = pace->offset_us + time_us};
    pthread_mutex_lock(&live->lock);
    while (!has_request(live) && wt_deadline_wait(due, &live->wake, &live->lock)) {
    }
    pthread_mutex_unlock(&live->lock);
}

/* The next frames do not continue the previous ones: no old frame may reach the tracker after this.
 */
static void cut(struct wt_live *live, struct pace *pace, unsigned *number)
{
    wt_capture_destroy(wt_mailbox_take(live->captures, 0));
    pace->tied = false;
    ++*number;
}

bool wt_live_gives_up(void *user)
{
    struct wt_live *live = user;
    pthread_mutex_lock(&live->lock);
    const bool enough = live->stopping || (live->opening && live->open_wanted);
    pthread_mutex_unlock(&live->lock);
    if (enough)
        wt_fail_level(WT_LOG_DEBUG); /* nobody asks any more why not */
    return enough;
}

static void set_opening(struct wt_live *live, bool opening)
{
    pthread_mutex_lock(&live->lock);
    live->opening = opening;
    pthread_mutex_unlock(&live->lock);
}

static enum wt_status open_source(struct wt_live *live, const struct wt_source_spec *wanted,
                                  struct wt_source **source)
{
    struct wt_source_spec spec = *wanted;
    spec.give_up = wt_live_gives_up;
    spec.give_up_user = live;
    set_opening(live, true);
    const enum wt_status status = wt_source_open(source, &spec);
    set_opening(live, false);
    wt_fail_level(WT_LOG_ERROR);
    return status;
}

static bool open_input(struct wt_live *live, const struct wt_source_spec *spec, unsigned number)
{
    struct wt_source *source = NULL;
    if (spec->camera) /* it may be the one that is in use: a device is opened once only */
        wt_source_let_go(live->source);
    if (open_source(live, spec, &source)) { /* already logged, which makes a notice */
        pthread_mutex_lock(&live->lock);
        live->status.asked = number;
        live->status.asked_fails = true;
        pthread_mutex_unlock(&live->lock);
        return false;
    }
    wt_source_close(&live->source);
    live->source = source;
    live->dark = (struct wt_dark){0};
    pthread_mutex_lock(&live->lock);
    live->status.asked = number;
    live->status.asked_fails = false;
    const bool loop = live->status.loop;
    wt_live_describe_source(live, source);
    if (live->loop_newer)
        live->status.loop = loop;
    live->status.lost = live->status.ended = false;
    live->status.paused = live->status.paused && live->pause_newer;
    if (live->status.paused)
        live->steps++; /* show what it is */
    pthread_mutex_unlock(&live->lock);
    return true;
}

static bool jump_to(struct wt_live *live, int64_t time_us)
{
    if (wt_source_seek(live->source, time_us)) {
        wt_notice(WT_NOTICE_WARNING, "this input cannot jump");
        return false;
    }
    pthread_mutex_lock(&live->lock);
    live->status.ended = false;
    if (live->status.paused)
        live->steps++; /* show the new position */
    pthread_mutex_unlock(&live->lock);
    return true;
}

/* Requests, copied to be carried out without the lock. */
struct requests {
    bool stop, moves, open, again, loop, recording, ended;
    struct wt_source_spec spec;
    char input[WT_LIVE_PATH], camera[WT_LIVE_PATH];
    int64_t jump_us, seek_us;
    unsigned number; /* of the request to open */
};

static void take_requests(struct wt_live *live, struct requests *r)
{
    pthread_mutex_lock(&live->lock);
    *r = (struct requests){.stop = live->stopping,
                           .moves = wt_live_moves(live),
                           .open = live->open_wanted,
                           .again = live->again,
                           .loop = live->status.loop,
                           /* not one whose end is asked for */
                           .recording =
                               live->record_runs && live->record_seen == live->record_version,
                           .ended = live->status.ended,
                           .spec = live->open,
                           .number = live->open_number,
                           .jump_us = live->jump_us,
                           .seek_us = live->seek_us};
    memcpy(r->input, live->open_input, sizeof r->input);
    memcpy(r->camera, live->open_camera, sizeof r->camera);
    live->under_way = r->moves;
    live->open_wanted = false;
    if (!r->open) { /* else they are of the input that is opened, and come after it */
        live->again = false;
        live->jump_us = 0;
        live->seek_us = -1;
    }
    pthread_mutex_unlock(&live->lock);
    r->spec.input = r->spec.input ? r->input : NULL;
    r->spec.camera = r->spec.camera ? r->camera : NULL;
}

/* Another input or place; whether there is one now. place_us: of the newest frame within the input.
 */
static bool move(struct wt_live *live, const struct requests *r, int64_t *place_us)
{
    if (r->open) {
        if (!open_input(live, &r->spec, r->number))
            return false;
        *place_us = 0; /* the next jump starts from this input's beginning */
        return true;
    }
    const bool jump = r->jump_us || r->seek_us >= 0;
    const int64_t from = r->seek_us >= 0 ? r->seek_us : r->again ? 0 : *place_us;
    const int64_t to = from + r->jump_us > 0 ? from + r->jump_us : 0;
    if (jump && is_camera(live->source))
        wt_notice(WT_NOTICE_NEWS, "a camera cannot jump");
    else if (jump && r->recording && !r->ended)
        wt_notice(WT_NOTICE_NEWS, "no jumps while recording");
    else if (jump_to(live, to)) {
        *place_us = to;
        return true;
    }
    return false;
}

/* Carries out requests. Returns false to stop. */
static bool handle_requests(struct wt_live *live, struct pace *pace, unsigned *cut_number,
                            int64_t *place_us)
{
    struct requests r;
    take_requests(live, &r);
    if (r.stop)
        return false;
    if (!r.open)
        wt_source_set_loop(live->source, r.loop);
    if (!r.moves)
        return true;
    if (move(live, &r, place_us))
        cut(live, pace, cut_number);
    pthread_mutex_lock(&live->lock);
    live->under_way = false;
    live->cuts = *cut_number;
    pthread_mutex_unlock(&live->lock);
    wt_live_tell(live);
    return true;
}

/* With a file: waits while paused or at its end. Returns whether to read the next frame, and
 * whether to show it. */
static bool may_read(struct wt_live *live, bool camera, bool *show, struct pace *pace)
{
    pthread_mutex_lock(&live->lock);
    bool held = live->status.ended || (live->status.paused && !live->steps);
    if (held && !camera)
        pace->tied = false;
    if (held && !(camera && !live->status.ended)) {
        struct wt_deadline soon = wt_deadline_in(100);
        while (!live->stopping && !wt_live_moves(live) &&
               (live->status.ended || (live->status.paused && !live->steps)) &&
               wt_deadline_wait(soon, &live->wake, &live->lock)) {
        }
    }
    bool read = !live->status.ended && !live->stopping &&
                (camera || !live->status.paused || live->steps > 0);
    *show = !live->status.paused || live->steps > 0;
    pthread_mutex_unlock(&live->lock);
    return read;
}

/* Passes a frame on; takes over the reference. */
static void deliver(struct wt_live *live, struct wt_frame *frame, int64_t place_us,
                    unsigned cut_number, int64_t at_us)
{
    struct wt_capture *capture = malloc(sizeof *capture);
    if (!capture) {
        wt_live_note_failure(live, wt_fail(WT_ERR_MEMORY, "out of memory for a frame"));
        wt_frame_unref(&frame);
        return;
    }
    *capture = (struct wt_capture){.frame = frame,
                                   .sound = wt_sound_ref(wt_source_sound(live->source)),
                                   .cut = cut_number,
                                   .at_us = at_us};
    pthread_mutex_lock(&live->lock);
    live->status.frames++;
    live->status.place_us = place_us;
    if (live->steps > 0)
        live->steps--;
    pthread_mutex_unlock(&live->lock);
    wt_mailbox_put(live->captures, capture);
}

static void set_lost(struct wt_live *live, bool lost)
{
    pthread_mutex_lock(&live->lock);
    bool changed = live->status.lost != lost, news = changed && !lost;
    live->status.lost = lost;
    if (news)
        live->status.source = wt_source_describe(live->source);
    pthread_mutex_unlock(&live->lock);
    if (changed)
        wt_live_tell(live);
    if (news)
        wt_notice(WT_NOTICE_NEWS, "the camera is back");
}

/* Says when a camera's pictures turn black, and when they no longer are. */
static void look_for_light(struct wt_live *live, const struct wt_frame *frame)
{
    if (!wt_dark_add(&live->dark, &frame->image, frame->time_us))
        return;
    pthread_mutex_lock(&live->lock);
    live->status.dark = live->dark.dark;
    pthread_mutex_unlock(&live->lock);
    if (live->dark.dark)
        wt_log(WT_LOG_WARN, "camera \"%s\" sends a black picture: is it covered?",
               wt_source_describe(live->source).name);
    else
        wt_notice(WT_NOTICE_NEWS, "the camera sees again");
    wt_live_tell(live);
}

static void set_ended(struct wt_live *live)
{
    pthread_mutex_lock(&live->lock);
    if (!wt_live_moves(live)) { /* else a pause is of the place where it goes on */
        live->status.ended = true;
        live->status.paused = false;
        live->steps = 0;
    }
    pthread_mutex_unlock(&live->lock);
    wt_live_tell(live);
}

void *wt_live_capture_main(void *argument)
{
    struct wt_live *live = argument;
    struct pace pace = {0};
    unsigned cut_number = 0;
    int64_t place_us = 0;
    bool show;
    pthread_setname_np(pthread_self(), "wt-capture");
    while (handle_requests(live, &pace, &cut_number, &place_us)) {
        bool camera = is_camera(live->source);
        if (!may_read(live, camera, &show, &pace))
            continue;
        struct wt_frame *frame = NULL;
        enum wt_status status = wt_source_read(live->source, &frame);
        set_lost(live, status == WT_ERR_LOST);
        if (status == WT_ERR_LOST)
            continue;
        if (status) {
            if (status != WT_END)
                wt_live_note_failure(live, status);
            set_ended(live);
            continue;
        }
        place_us = wt_source_place(live->source);
        if (camera)
            look_for_light(live, frame);
        else if (show)
            wait_until_due(live, &pace, frame->time_us);
        frame->clock_us = frame->time_us + (camera ? 0 : pace.offset_us);
        if (show)
            deliver(live, frame, place_us, cut_number, camera ? frame->time_us : wt_now_us());
        else
            wt_frame_unref(&frame); /* a paused camera keeps running, otherwise its buffered frames
                                       would be late */
    }
    wt_mailbox_close(live->captures);
    return NULL;
}
