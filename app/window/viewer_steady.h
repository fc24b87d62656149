/* What the window measures of the faces that it shows: how steady their points are, pose, openings
 * and blinks over the last seconds; and "hold still", which sets the smoothing. One thread, the
 * window's. */
#ifndef WT_APP_VIEWER_STEADY_H
#define WT_APP_VIEWER_STEADY_H

#include "face/blink.h"
#include "measure/steady.h"

struct wt_viewer;
struct wt_tracked_frame;

#define WT_HISTORY 300 /* frames of the plots: ten seconds of a camera */

/* The plots, of one face; NaN: unknown. */
enum wt_plot {
    WT_PLOT_YAW,
    WT_PLOT_PITCH,
    WT_PLOT_ROLL,
    WT_PLOT_EYES,
    WT_PLOT_MOUTH,
    WT_PLOT_SMILE,
    WT_PLOT_JITTER,
    WT_PLOTS
};

struct wt_viewer_steady {
    struct wt_meter meter;
    struct wt_hold hold;
    bool holding; /* the filter is off, and hold is filled */
    struct wt_blinks blinks;
    uint32_t id;      /* of the face that is plotted, 0: none yet */
    unsigned blinked; /* its blinks */
    bool shut;        /* its eyes are */
    double distance;  /* to it, mm */
    int64_t time_us;  /* of the last frame */
    int count;        /* of values, the newest last */
    float value[WT_PLOTS][WT_HISTORY];
};

/* A frame has come on screen. */
void wt_steady_take(struct wt_viewer *v, const struct wt_tracked_frame *tracked);
/* "Hold still": begins; or ends it without a change. */
void wt_steady_hold(struct wt_viewer *v);
/* Ends it where no frame comes any more. Once a frame of the window. */
void wt_steady_check(struct wt_viewer *v);
/* Seconds that are left, for the hint; 0: it is not on. */
int wt_steady_left(const struct wt_viewer *v);

/* viewer_panel_measures.c: below the slider of smoothing; the section of measures. */
void wt_viewer_panel_steady(struct wt_viewer *v);
void wt_viewer_panel_measures(struct wt_viewer *v);

#endif
