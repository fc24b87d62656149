/* Smoothing of a face's points over time, with two filters: of the head's motion and of the face's
 * own. Both are One Euro filters: G. Casiez, N. Roussel, D. Vogel, "1 Euro Filter: A Simple
 * Speed-based Low-pass Filter for Noisy Input in Interactive Systems", CHI 2012: exponential
 * averages whose cutoff rises with the (itself smoothed) speed, so that a still face stands still
 * and a fast one does not lag.
 *
 * The head's motion is the similarity (similarity.h) from the smoothed points to the found ones.
 * All points share it, so its speed is known well, and its cutoff rises without letting the points'
 * own tremble through. What it leaves, lids, lips and noise, is filtered point by point. Speeds are
 * measured in face sides a second, so it behaves equally near and far. Plain data; one thread. */
#ifndef WT_MODEL_ONE_EURO_H
#define WT_MODEL_ONE_EURO_H

#include "wingtip.h"

struct wt_one_euro {
    bool started;
    int64_t time_us;
    struct wt_point value[WT_POINTS_MAX]; /* filtered, pixels */
    struct wt_point speed[WT_POINTS_MAX]; /* of what the head's motion leaves, sides a second */
    float head[4]; /* the head's speed, sides a second: across, down; growth and turn as they move
                      a point at the face's mean radius */
};

/* Filters n points in place. side: of the face, pixels. strength: divides the cutoffs, > 0; 1: the
 * usual. Starts anew after a pause of half a
 * second, or when started is false. n > 0; with 1 point all motion is the head's. */
void wt_one_euro_apply(struct wt_one_euro *filter, struct wt_point *point, int n, float side,
                       float strength, int64_t time_us);

/* Seconds by which the filtered points of a face that moves steadily, `speed` sides a second, are
 * behind it where frames are dt seconds apart. */
float wt_one_euro_lag(float strength, float speed, float dt);

#endif
