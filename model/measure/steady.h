/* How steady the points of faces are on screen, and the weakest smoothing that makes them so.
 *
 * The meter goes on all the time: for each face the motion of its shown points from frame to frame
 * while its head stands still (jitter.h), averaged over about a second. The hold is a person who
 * keeps still for three seconds while nothing is smoothed: what moves is noise, and the filter is
 * tried on it at each strength. Plain data; one thread. */
#ifndef WT_MODEL_STEADY_H
#define WT_MODEL_STEADY_H

#include "measure/jitter.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the meter ------------------------------------------------------------------------------ */

struct wt_meter_face {
    uint32_t id; /* 0: free */
    int64_t time_us;
    bool measured;
    double jitter; /* % of the distance of the outer eye corners a frame */
    struct wt_point last[WT_POINTS_MAX];
};

struct wt_meter {
    struct wt_meter_face face[WT_FACES_MAX];
};

/* The next shown frame; start with a zeroed object. The same time again, as of a frame that is
 * shown twice, or an earlier one begins anew. */
void wt_meter_add(struct wt_meter *meter, const struct wt_result *result, int64_t time_us);
/* In % of the distance of the outer eye corners; NaN: unknown, as until the head has stood still.
 */
double wt_meter_get(const struct wt_meter *meter, uint32_t id);

/* ---- hold still ----------------------------------------------------------------------------- */

#define WT_HOLD_US 3000000
#define WT_HOLD_FRAMES 240     /* kept; what comes faster than 80 a second is left out */
#define WT_HOLD_TARGET 0.10    /* % of the eye distance a frame: under what is seen on a screen */
#define WT_HOLD_SPEED 0.1f     /* face sides a second at which the lag is told: a slow turn */
#define WT_HOLD_LAG_MAX 0.060f /* seconds at that speed; steadiness is not bought with more */

struct wt_hold {
    uint32_t id; /* of the face that was the largest at first; 0: none yet */
    int points, frames;
    int64_t begin_us; /* of the first frame with it */
    int64_t time_us[WT_HOLD_FRAMES];
    struct wt_point point[WT_HOLD_FRAMES][WT_POINTS_MAX];
};

enum wt_hold_end {
    WT_HOLD_GOES_ON,
    WT_HOLD_DONE,
    WT_HOLD_LOST,  /* the face went out of sight */
    WT_HOLD_MOVED, /* the head did, in more than a fifth of the frames */
    WT_HOLD_FEW,   /* fewer than 10 frames in 3 s: too slow to tell */
};

struct wt_hold_result {
    float strength;   /* of the filter; 0: none is needed */
    double jitter[2]; /* raw, with that strength: % of the eye distance a frame */
    double lag_ms;    /* at WT_HOLD_SPEED */
    bool reached;     /* jitter[1] is at most WT_HOLD_TARGET */
};

/* The next frame, of unsmoothed points; start with a zeroed object. Frames before the first face
 * are waited through. DONE: *result is filled. The same frame again changes nothing. */
enum wt_hold_end wt_hold_add(struct wt_hold *hold, const struct wt_result *faces, int64_t time_us,
                             struct wt_hold_result *result);

#ifdef __cplusplus
}
#endif
#endif
