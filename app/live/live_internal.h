/* Shared by live.c, live_capture.c and live_track.c. */
#ifndef WT_APP_LIVE_INTERNAL_H
#define WT_APP_LIVE_INTERNAL_H

#include <limits.h>
#include <pthread.h>

#include "base/mailbox.h"
#include "base/rate.h"
#include "input/sound.h"
#include "live/dark.h"
#include "live/governor.h"
#include "live/live.h"

/* A frame on its way to the tracker. A new cut number means that it does not continue the previous
 * frames: the tracker forgets its faces, and times start again. */
struct wt_capture {
    struct wt_frame *frame;
    struct wt_sound *sound; /* of its input; NULL: none */
    unsigned cut;
    int64_t at_us; /* when it was to be seen: grabbed, or due */
};

/* The governor and what it is fed with; on the tracking thread. */
struct wt_live_govern {
    struct wt_governor governor;
    double rate, period_ms;
    int64_t time_us, due_us; /* of the last frame; of the next one, where a rate is wished */
    uint64_t sequence;
};

struct wt_live {
    struct wt_mailbox *captures, *tracked;
    pthread_t capture_thread, track_thread;
    struct wt_tracker *tracker; /* track thread only, as is the next */
    struct wt_path detector;    /* that it was last made with, or should have been */
    struct wt_session *session; /* track thread only, while that runs; NULL: none, or ended */
    bool repeatable;            /* there was one from the start */

    pthread_mutex_t lock; /* for all below */
    pthread_cond_t wake;  /* the capture thread: a request has come */
    bool stopping;
    struct wt_live_settings settings;
    struct wt_offset *offset;  /* NULL: none */
    unsigned settings_version; /* of settings and offset */
    void (*news)(void *user);
    void *news_user;
    void (*watch)(void *user, const struct wt_live_sight *sight);
    void *watch_user;
    /* requests to the capture thread */
    int steps;
    int64_t jump_us, seek_us; /* seek_us -1: none */
    bool again;               /* from the start */
    bool open_wanted;
    bool opening;   /* another input: given up when a third one is asked for */
    bool under_way; /* one of the last four is being carried out */
    unsigned cuts;  /* cut number of what is read now, as of the last one that was */
    /* asked for since the newest request to open, which then does not undo them */
    bool pause_newer, loop_newer;
    unsigned open_number;       /* of the newest request */
    struct wt_source_spec open; /* its names are in the next two */
    char open_input[WT_LIVE_PATH], open_camera[WT_LIVE_PATH];
    /* request to the track thread; path "": no recording */
    struct wt_live_recording recording;
    bool record_must;
    bool record_runs;                     /* one does, or is being opened: no jumps */
    unsigned record_version, record_seen; /* record_seen: dealt with, `status` tells how */
    enum wt_status failed;                /* the first failure that lost something */
    struct wt_model *new_model;           /* request to the track thread */
    struct wt_model *model;               /* in use by it */
    struct wt_model *retired;             /* for the caller to close */
    uint64_t left_out_before;             /* with earlier inputs */
    bool compare; /* request to the track thread: another result to compare with */
    struct wt_model *compare_model;
    unsigned compare_version;
    uint32_t probe_id; /* request to the track thread; 0: none */
    int probe_channels, probe_channel[WT_PROBE_CHANNELS];
    unsigned probe_version;

    struct wt_live_status status;
    struct wt_rate rate;
    struct wt_tracked_frame *spare; /* tracked frames to use again, with their storage */

    struct wt_source *source; /* capture thread only */
    struct wt_dark dark;      /* as well */

    /* track thread only; NULL: nothing to compare with. before_model NULL: the tracker has `model`
     */
    struct wt_tracker *before;
    struct wt_model *before_model;

    pthread_mutex_t streams_lock; /* held while a frame is pushed, which never waits */
    struct wt_streams *streams[WT_LIVE_STREAMS];
};

/* Another input, or the same camera again: the status starts anew. With the lock held, or before
 * the threads are there. */
void wt_live_describe_source(struct wt_live *live, const struct wt_source *source);
/* With the lock held. Is another place or input asked for, and not yet there? Frames that come now
 * are the last ones of the old place. */
bool wt_live_moves(const struct wt_live *live);
/* Calls the caller's news; without the lock. */
void wt_live_tell(struct wt_live *live);
/* Options of the tracker for the settings; stacks that the model does not have are all it has. */
struct wt_tracker_options wt_live_tracker_options(const struct wt_live *live,
                                                  const struct wt_live_settings *settings,
                                                  const struct wt_model *model);

/* live_compare.c, on the track thread: carries out a request (asked), or makes the tracker anew
 * that went with the model in use; configures it as the other one; ends it; and tracks the frame.
 */
void wt_live_compare_follow(struct wt_live *live, const struct wt_live_settings *settings,
                            bool asked);
void wt_live_compare_configure(struct wt_live *live, const struct wt_live_settings *settings);
void wt_live_compare_end(struct wt_live *live);
void wt_live_compare_track(struct wt_live *live, struct wt_tracked_frame *tracked,
                           const struct wt_frame *frame);
/* live_probe.c, on the track thread: the frame that is tracked next has a probe, if one is asked
 * for. */
void wt_live_probe_frame(struct wt_live *live, struct wt_tracked_frame *tracked);
/* live_govern.c. The settings or the model have changed: begins anew. */
void wt_live_govern_begin(struct wt_live_govern *g, const struct wt_live_settings *settings,
                          struct wt_model *model);
/* Lets as many of the model's threads work as the governor wants. */
void wt_live_govern_apply(const struct wt_live_govern *g, struct wt_model *model);
/* A frame was tracked; true: the governor has changed its mind. */
bool wt_live_govern_frame(struct wt_live_govern *g, const struct wt_frame *frame,
                          const struct wt_result *result);
/* Is a frame left out, for the rate? */
bool wt_live_govern_skips(struct wt_live_govern *g, int64_t time_us);

void wt_capture_destroy(void *item);
/* Keeps it for wt_live_stop, if it is the first. */
void wt_live_note_failure(struct wt_live *live, enum wt_status status);
void *wt_live_capture_main(void *live);
/* For sources: is what they wait for no longer wanted? Their thread's failures are not shown then.
 */
bool wt_live_gives_up(void *live);
void *wt_live_track_main(void *live);
/* A tracked frame that has no frame yet, its result fit for wt_tracker_track; NULL: out of memory.
 */
struct wt_tracked_frame *wt_live_spare_frame(struct wt_live *live);

#endif
