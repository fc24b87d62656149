/* The live window: draws what the live pipeline delivers and turns keys and the mouse into requests
 * to it. Main thread. */
#ifndef WT_APP_VIEWER_H
#define WT_APP_VIEWER_H

#include "config/prefs.h"
#include "live/live.h"
#include "teach/profile.h"

struct wt_label;

struct wt_viewer_config {
    struct wt_prefs prefs;
    struct wt_config *config;    /* where they are remembered; must outlive the viewer */
    const char *preset;          /* that they come from, or NULL */
    const char *profiles;        /* folder of profiles, NULL: the user's own */
    struct wt_profile **profile; /* in use at the start, or NULL in it; taken over */
    const char *note;            /* one more line of status, or NULL */
    const char *last_picture;    /* file for the window's last picture, or NULL */
    struct wt_label *label;      /* faces to label, instead of following the input; NULL: none */
    bool keep_model;             /* never another network by itself */
    int frames; /* quit after so many tracked frames, or at the input's end; 0: no */
};

struct wt_viewer;

/* What the live pipeline has to start with, for an input of that kind. */
struct wt_live_settings wt_viewer_settings(const struct wt_prefs *prefs, enum wt_source_kind kind);

/* What is recorded, and how; the path is the caller's to fill in. */
struct wt_live_recording wt_viewer_recording(const struct wt_prefs *prefs);

/* Opens the window. Errors: UNSUPPORTED (no display, no OpenGL), MEMORY. */
enum wt_status wt_viewer_create(struct wt_viewer **out, const struct wt_viewer_config *config,
                                const struct wt_source_info *source);
void wt_viewer_destroy(struct wt_viewer **viewer);
/* Runs until the user quits, or a signal says so (cli/interrupt.h, the caller's to catch). Returns
 * the first failure of a recording, a picture, reading or tracking; each was logged. The live
 * pipeline must have been started with wt_viewer_settings; it is stopped here, with the window
 * hidden, and *live set to NULL. */
enum wt_status wt_viewer_run(struct wt_viewer *viewer, struct wt_live **live);

#endif
