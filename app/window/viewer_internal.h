/* Shared by the viewer*.c files. */
#ifndef WT_APP_VIEWER_INTERNAL_H
#define WT_APP_VIEWER_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/quantiles.h"
#include "base/rate.h"
#include "input/camera_exposure.h"
#include "input/camera_v4l2.h"
#include "live/ease.h"
#include "window/gl_heat.h"
#include "window/gl_overlay.h"
#include "window/gl_video.h"
#include "window/screenshot.h"
#include "window/texts_imgui.h"
#include "window/ui_imgui.h"
#include "window/viewer.h"
#include "window/viewer_faces.h"
#include "window/viewer_microscope.h"
#include "window/viewer_mine.h"
#include "window/viewer_split.h"
#include "window/viewer_steady.h"
#include "window/viewer_teach.h"
#include "window/window.h"

#define WT_VIEWER_CAMERAS 16
#define WT_VIEWER_MODES 32

/* A model being opened on a thread of its own. */
struct wt_viewer_loader {
    pthread_t thread;
    bool busy;               /* the thread is to be joined */
    bool asked;              /* another one is wanted than what it opens, or opened last */
    atomic_bool done;        /* it has ended */
    struct wt_common wanted; /* what the user has chosen */
    struct wt_common common; /* what is opened: that, or a profile's weights */
    char weights[PATH_MAX];  /* the latter */
    struct wt_model *model;  /* what came of it; NULL: nothing */
    char why[160];
};

/* What the panel remembers from frame to frame. */
struct wt_viewer_panel {
    bool open, focus_path;
    bool keys; /* arrow keys, Space and Enter act on it, not on the picture */
    char path[WT_LIVE_PATH], folder[WT_LIVE_PATH], weights[WT_LIVE_PATH], preset[64];
    struct wt_camera_info camera[WT_VIEWER_CAMERAS];
    int cameras;
    char stream[WT_LIVE_LINES][WT_LIVE_PATH];    /* addresses and device, also while they are off */
    bool lost;                                   /* the one in use was, when they were listed */
    int64_t cameras_us;                          /* when they were listed */
    struct wt_camera_mode mode[WT_VIEWER_MODES]; /* of the one in use: its sizes */
    int modes;
    struct wt_camera_exposure exposure; /* as well */
    float text_size;                    /* wanted, while its slider is held; 0: none */
};

struct wt_viewer {
    struct wt_viewer_config config;
    struct wt_prefs prefs;            /* what the user wants */
    struct wt_prefs saved;            /* of it, what the file of settings knows, or does not need */
    int64_t changed_us;               /* when prefs last changed, 0: saved */
    struct wt_live_settings settings; /* what follows from prefs and the input */
    enum wt_source_kind kind;         /* that they were made for */
    const char *camera_wanted;        /* asked for, and not open yet; NULL: none */
    unsigned camera_number;           /* of the request; see wt_live_open */
    unsigned input_number;            /* of the newest request for another input; 0: none */
    char input_name[256];             /* of what it asks for */
    int64_t input_us;                 /* when */
    bool input_said;                  /* that it takes a while */
    char preset[64];                  /* "": none */
    struct wt_live *live;
    struct wt_live_status status;   /* of this frame of the window */
    struct wt_tracked_frame *shown; /* the frame on screen, NULL before the first */
    const struct wt_model *model_seen;
    struct wt_model_info model; /* of model_seen */
    struct wt_common model_common;
    struct wt_viewer_loader loader;
    struct wt_ease ease;
    const char *ease_model; /* what was chosen when it began */
    struct wt_viewer_correct correct;
    struct wt_viewer_teach teach;
    struct wt_viewer_mine mine;
    int labelled; /* the face of config.label on screen */
    struct wt_viewer_split split;
    struct wt_viewer_faces faces;
    struct wt_viewer_microscope microscope;
    struct wt_viewer_loader split_loader;
    struct wt_viewer_steady steady;

    struct wt_window window;
    struct wt_gl_video video;
    struct wt_gl_heat heat;
    struct wt_gl_overlay overlay;
    struct wt_ui *ui;
    struct wt_texts texts, drawn_texts; /* of this frame; of the one on screen */
    struct wt_layout drawn_layout;
    struct wt_screenshots *screenshots;
    struct wt_viewer_panel panel;

    struct wt_rate rate;
    struct wt_quantiles latency; /* from the camera to the screen, ms */
    unsigned drawn, drawn_said;  /* how often the window was drawn; of it, logged */
    int64_t drawn_said_us;
    int faces_said;               /* of the frame that is shown, logged */
    double forward_ms, detect_ms; /* smoothed; of the last search */
    int64_t face_seen_us, shaders_checked_us, shown_us /* the first frame */;
    int64_t mouse_us; /* when the mouse last moved, 0: it has not */
    int mouse_x, mouse_y;
    int64_t lively_us; /* until then something may move */
    int64_t looked_us; /* when it was last looked what there is to draw */
    bool mouse_seen, redraw, dragging;
    float drag;              /* place on the time line */
    unsigned drag_number;    /* input_number when the drag began */
    double smoothing_before; /* it was switched off; 0: it never was */
    bool quit, want_screenshot, show_help;
    bool welcoming; /* the first hint is shown */
    Uint32 news_event;
    atomic_bool news;
};

/* viewer.c: a place of the window's events in pixels of the drawable. */
struct wt_point wt_viewer_pixels(const struct wt_viewer *v, int x, int y);

/* viewer_actions.c */
void wt_viewer_act(struct wt_viewer *v, enum wt_action action, int argument);
/* A path as people type and paste it: file://, ~/, blanks before it. false: there is none, or it is
 * too long, which was said. */
bool wt_viewer_path(const char *typed, struct wt_path *path);
/* A file, folder or pattern; as above. */
void wt_viewer_open(struct wt_viewer *v, const char *path);
void wt_viewer_open_camera(struct wt_viewer *v, const char *camera);
/* The demo clip. */
void wt_viewer_open_clip(struct wt_viewer *v);

/* viewer_prefs.c: prefs have changed: what follows from them, and that it is to be remembered. */
void wt_viewer_apply(struct wt_viewer *v);
/* The input's kind has changed, perhaps: what follows. */
void wt_viewer_follow_input(struct wt_viewer *v);
/* Writes the file of settings where something has changed; at_once: or a second after that. */
void wt_viewer_remember(struct wt_viewer *v, bool at_once);
void wt_viewer_use_preset(struct wt_viewer *v, const char *name);
void wt_viewer_save_preset(struct wt_viewer *v, const char *name);
void wt_viewer_delete_preset(struct wt_viewer *v, const char *name);

/* viewer_model.c: asks for the model of prefs.common, or of what stands in for it; begins to open
 * it beside the tracking, once a frame of the window, when all who may ask have; takes one over
 * that is ready; waits and frees at the end. */
void wt_viewer_load_model(struct wt_viewer *v);
void wt_viewer_start_model(struct wt_viewer *v);
bool wt_viewer_loading(const struct wt_viewer *v);
/* Another input is being opened. */
bool wt_viewer_opening(const struct wt_viewer *v);
void wt_viewer_check_model(struct wt_viewer *v);
void wt_viewer_drop_model(struct wt_viewer *v);
/* The same for the weights that the split view compares with; whether those that were opened last
 * were opened for other settings than the model in use; and what has come, the caller's, or NULL.
 */
void wt_viewer_load_split(struct wt_viewer *v, const char *weights);
bool wt_viewer_split_stale(const struct wt_viewer *v);
void wt_viewer_split_model(struct wt_viewer *v, struct wt_model **model);

/* viewer_ease.c: once a frame of the window: a lighter network, or the wanted one again. */
void wt_viewer_check_ease(struct wt_viewer *v);
/* Name of the network that takes the place of the one that is chosen; NULL: none does. */
const char *wt_viewer_light(const struct wt_viewer *v);

/* viewer_label.c: while faces are labelled (config.label). begin: the first one that is open. */
void wt_viewer_label_begin(struct wt_viewer *v);
/* The face on screen is labelled so, or skipped; then the next open one. */
void wt_viewer_label_set(struct wt_viewer *v, bool skip);
/* Another face, so many later in the order; what was moved stays in memory. */
void wt_viewer_label_step(struct wt_viewer *v, int by);

/* viewer_status.c: fills v->texts */
void wt_viewer_describe(struct wt_viewer *v, const struct wt_layout *layout, float room, float low);

/* viewer_legend.c: fills v->texts.legend, empty before. */
void wt_viewer_describe_legend(struct wt_viewer *v);

/* viewer_panel.c, viewer_bar.c: between wt_ui_begin and wt_ui_end */
void wt_viewer_draw_panel(struct wt_viewer *v, float width);
/* viewer_panel_camera.c */
void wt_viewer_draw_camera(struct wt_viewer *v);
/* Lists cameras anew where that was long ago. */
void wt_viewer_list_cameras(struct wt_viewer *v);
void wt_viewer_draw_bars(struct wt_viewer *v, float room);
/* How visible the bars are, 0..1; the lower one's height. */
float wt_viewer_bars_alpha(const struct wt_viewer *v, int64_t now_us);
float wt_viewer_bar_height(const struct wt_viewer *v);

/* viewer_panel_streams.c: its section; starts, changes and ends streams where `before` was
 * otherwise.
 */
void wt_viewer_panel_streams(struct wt_viewer *v);
void wt_viewer_follow_streams(struct wt_viewer *v, const struct wt_prefs *before);

/* viewer_panel_effort.c: what tracking may take, and takes */
void wt_viewer_panel_effort(struct wt_viewer *v);

/* viewer_panel_look.c: the sections about the picture and the window */
void wt_viewer_panel_view(struct wt_viewer *v);
void wt_viewer_panel_window(struct wt_viewer *v);
void wt_viewer_panel_presets(struct wt_viewer *v);
void wt_viewer_panel_messages(struct wt_viewer *v);
/* viewer_panel_record.c */
void wt_viewer_panel_record(struct wt_viewer *v);
/* `text`, and the key that does the same, for a tip; until the next call. */
const char *wt_viewer_tip(const char *text, enum wt_action action);

#endif
