/* Tells when a camera sends a black picture: its lid is closed, or a switch for privacy. Pure. */
#ifndef WT_APP_DARK_H
#define WT_APP_DARK_H

#include "wingtip.h"

struct wt_dark {
    bool dark;
    bool turning;     /* the newest pictures say otherwise, since then: */
    int64_t since_us; /* time of the first of them */
};

/* The next picture of a camera; start with a zeroed object. dark changes when pictures have been
 * black, or no longer, for a second: cameras begin with a few black ones, and a hand may pass.
 * Black: at most 1 in 200 of the samples of a grid is brighter than 24 of 255. Returns whether dark
 * has changed. */
bool wt_dark_add(struct wt_dark *d, const struct wt_image *image, int64_t time_us);

#endif
