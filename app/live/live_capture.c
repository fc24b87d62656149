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
    return live->stopping || live->open_path[0] || live->jump_us || live->again ||
           live->steps > 0 || live->status.paused;
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

static bool open_input(struct wt_live *live, const char *path, bool loop)
{
    struct wt_source_spec spec = {.input = path, .loop = loop};
    struct wt_source *source = NULL;
    if (wt_source_open(&source, &spec))
        return false; /* already logged, which makes a notice */
    wt_source_close(&live->source);
    live->source = source;
    pthread_mutex_lock(&live->lock);
    live->status.source = wt_source_describe(source);
    live->status.lost = live->status.ended = live->status.paused = false;
    pthread_mutex_unlock(&live->lock);
    return true;
}

static bool jump_to(struct wt_live *live, int64_t time_us)
{
    if (wt_source_seek(live->source, time_us > 0 ? time_us : 0)) {
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

/* Carries out requests. Returns false to stop. */
static bool handle_requests(struct wt_live *live, struct pace *pace, unsigned *cut_number,
                            int64_t *time_us)
{
    char path[WT_LIVE_PATH];
    pthread_mutex_lock(&live->lock);
    memcpy(path, live->open_path, sizeof path);
    live->open_path[0] = '\0';
    bool loop = live->open_loop, again = live->again, go = !live->stopping;
    bool recording = live->status.recording, ended = live->status.ended;
    int64_t jump_us = live->jump_us;
    live->jump_us = 0;
    live->again = false;
    pthread_mutex_unlock(&live->lock);

    if (go && path[0] && open_input(live, path, loop)) {
        cut(live, pace, cut_number);
        *time_us = 0; /* the next jump starts from this input's beginning, not from the old place */
    } else if (go && jump_us && is_camera(live->source))
        wt_notice(WT_NOTICE_NEWS, "a camera cannot jump");
    else if (go && jump_us && recording && !ended)
        wt_notice(WT_NOTICE_NEWS, "no jumps while recording");
    else if (go && (jump_us || again) && jump_to(live, again ? 0 : *time_us + jump_us))
        cut(live, pace, cut_number);
    return go;
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
        while (!live->stopping && !live->open_path[0] && !live->jump_us && !live->again &&
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
static void deliver(struct wt_live *live, struct wt_frame *frame, unsigned cut_number)
{
    struct wt_capture *capture = malloc(sizeof *capture);
    if (!capture) {
        wt_live_note_failure(live, wt_fail(WT_ERR_MEMORY, "out of memory for a frame"));
        wt_frame_unref(&frame);
        return;
    }
    *capture = (struct wt_capture){.frame = frame, .cut = cut_number};
    pthread_mutex_lock(&live->lock);
    live->status.frames++;
    if (live->steps > 0)
        live->steps--;
    pthread_mutex_unlock(&live->lock);
    wt_mailbox_put(live->captures, capture);
}

static void set_lost(struct wt_live *live, bool lost)
{
    pthread_mutex_lock(&live->lock);
    bool news = live->status.lost && !lost;
    live->status.lost = lost;
    if (news)
        live->status.source = wt_source_describe(live->source);
    pthread_mutex_unlock(&live->lock);
    if (news)
        wt_notice(WT_NOTICE_NEWS, "the camera is back");
}

static void set_ended(struct wt_live *live)
{
    pthread_mutex_lock(&live->lock);
    live->status.ended = true;
    live->status.paused = false;
    live->steps = 0;
    pthread_mutex_unlock(&live->lock);
}

void *wt_live_capture_main(void *argument)
{
    struct wt_live *live = argument;
    struct pace pace = {0};
    unsigned cut_number = 0;
    int64_t time_us = 0; /* of the newest frame */
    bool show;
    pthread_setname_np(pthread_self(), "wt-capture");
    while (handle_requests(live, &pace, &cut_number, &time_us)) {
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
        time_us = frame->time_us;
        if (!camera && show)
            wait_until_due(live, &pace, time_us);
        if (show)
            deliver(live, frame, cut_number);
        else
            wt_frame_unref(&frame); /* a paused camera keeps running, otherwise its buffered frames
                                       would be late */
    }
    wt_mailbox_close(live->captures);
    return NULL;
}
