/* Jitter: how much found points move from frame to frame while the head stands still, with and
 * without smoothing over time (one_euro.h, as the tracker has it).
 *
 * A pair is a face in two frames one after the other. The similarity (shift, turn, scale) that fits
 * its points best in the sense of least squares is taken for the head's own motion; where that
 * moves the raw points by less than WT_JITTER_STILL on average, the head counts as still. Two
 * figures over those pairs, each a mean over points and pairs in per cent of the distance of the
 * outer eye corners: the points' whole motion, and what is left of it without the similarity (which
 * takes a little jitter along: with independent noise 1 % of it for 98 points).
 *
 * Not a tracker: it is given what a tracker without smoothing found. Plain data; one thread. */
#ifndef WT_MODEL_JITTER_H
#define WT_MODEL_JITTER_H

#include "track/one_euro.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WT_JITTER_STILL 1.0 /* per cent of the eye distance a frame */

/* How a face moved from p to q: means over n points, px. */
struct wt_motion {
    double whole;    /* as it is */
    double residual; /* what the similarity leaves */
    double rigid;    /* what the similarity does */
};
/* Not finite where p lies in one place. n > 0. */
struct wt_motion wt_motion_between(const struct wt_point *p, const struct wt_point *q, int n);

struct wt_jitter_face {
    uint32_t id;                            /* 0: no face yet */
    int64_t frame;                          /* the last one that showed it, from 1 on */
    struct wt_point last[2][WT_POINTS_MAX]; /* raw, smoothed */
    struct wt_one_euro filter;
};

struct wt_jitter {
    struct wt_jitter_face face[WT_FACES_MAX]; /* private */
    int64_t frames;
    int64_t pairs, still;         /* of faces whose eyes are apart */
    double whole[2], residual[2]; /* sums over the still pairs; raw, smoothed */
};

/* The next frame's faces; start with a zeroed object. Points must be raw, of a scheme with outer
 * eye corners. */
void wt_jitter_add(struct wt_jitter *jitter, const struct wt_result *result, int64_t time_us);

#ifdef __cplusplus
}
#endif
#endif
