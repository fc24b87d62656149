/* Shared by viewer.c, viewer_actions.c and viewer_status.c. */
#ifndef WT_APP_VIEWER_INTERNAL_H
#define WT_APP_VIEWER_INTERNAL_H

#include "base/rate.h"
#include "window/gl_heat.h"
#include "window/gl_overlay.h"
#include "window/gl_video.h"
#include "window/panel_imgui.h"
#include "window/screenshot.h"
#include "window/viewer.h"
#include "window/window.h"

struct wt_viewer {
    struct wt_viewer_config config;
    struct wt_live_settings settings;
    struct wt_live *live;
    struct wt_live_status status;   /* of this frame of the window */
    struct wt_tracked_frame *shown; /* the frame on screen, NULL before the first */

    struct wt_window window;
    struct wt_gl_video video;
    struct wt_gl_heat heat;
    struct wt_gl_overlay overlay;
    struct wt_panel_ui *ui;
    struct wt_panel panel;
    struct wt_screenshots *screenshots;

    struct wt_rate rate;
    double forward_ms, detect_ms; /* smoothed; of the last search */
    int64_t face_seen_us, shaders_checked_us;
    bool quit, want_screenshot, show_status, show_help;
};

/* viewer_actions.c */
void wt_viewer_act(struct wt_viewer *v, enum wt_action action, int argument);
void wt_viewer_open(struct wt_viewer *v, const char *path);

/* viewer_status.c: fills v->panel */
void wt_viewer_describe(struct wt_viewer *v, const struct wt_layout *layout);

#endif
