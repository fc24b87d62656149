/* Where the frame lies in the window, and where its points do. Pixels of the window have their
 * edges at integers; pixels of the frame their centres, as everywhere else. Stateless. */
#ifndef WT_APP_LAYOUT_H
#define WT_APP_LAYOUT_H

#include <stdbool.h>

#include "wingtip.h"

struct wt_layout {
    int window_width, window_height; /* pixels of the drawable */
    int frame_width, frame_height;
    float left, top, right, bottom; /* of the frame in the window */
    float scale;                    /* window pixels to a frame pixel */
    bool mirror;
};

/* The largest frame that fits, in the middle, its edges on whole pixels. */
struct wt_layout wt_layout_fit(int window_width, int window_height, int frame_width,
                               int frame_height, bool mirror);
struct wt_point wt_layout_point(const struct wt_layout *layout, struct wt_point p);

#endif
