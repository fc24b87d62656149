/* Pictures that have nothing to do with each other, tracked side by side: each on one thread, a
 * first sight as after wt_tracker_reset. Results do not depend on the number of threads. */
#ifndef WT_APP_STILLS_H
#define WT_APP_STILLS_H

#include "input/frame.h"
#include "track/twins.h"

struct wt_still {
    struct wt_frame *frame; /* owned */
    struct wt_result result;
    enum wt_status status;
    bool done; /* false: an interrupt came first */
};

/* Zeroed is empty. */
struct wt_stills {
    struct wt_twins twins;
    struct wt_still *still; /* [room], a window of pictures in order */
    int room, count;
};

/* The model must outlive it. Call fini also after an error. Errors: those of wt_twins_init. */
enum wt_status wt_stills_init(struct wt_stills *stills, const struct wt_model *model,
                              const struct wt_tracker_options *options);
void wt_stills_fini(struct wt_stills *stills);

/* Takes ownership. false: the window is full then, and is to be tracked. */
bool wt_stills_add(struct wt_stills *stills, struct wt_frame *frame);

/* Fills status, done and result of the window's pictures. An error of a picture is not logged. */
void wt_stills_track(struct wt_stills *stills);

/* The picture's status; logs an error, which needs another attempt. */
enum wt_status wt_stills_check(struct wt_stills *stills, struct wt_still *still);

/* Releases the frames. */
void wt_stills_clear(struct wt_stills *stills);

#endif
