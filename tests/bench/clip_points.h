/* Exact points of a rendered clip: a table `frame,face,x0,y0,...` with a heading, as that of the
 * demo clip. */
#ifndef WT_CLIP_POINTS_H
#define WT_CLIP_POINTS_H

#include <stdbool.h>

#include "wingtip.h"

enum { CLIP_FRAMES = 1000, CLIP_POINTS = 98 };

struct clip_points {
    int frames; /* those after the last one with the person have no points */
    bool there[CLIP_FRAMES];
    struct wt_point point[CLIP_FRAMES][CLIP_POINTS];
};

/* Of one person; a frame beyond CLIP_FRAMES is left out. False: no such file, or nobody there. */
bool clip_points_read(struct clip_points *out, const char *path, int person);

#endif
