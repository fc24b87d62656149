/* The microscope: one point of one face, as the network sees it, stack by stack. Part of
 * viewer_internal.h. While it is closed nothing is computed for it. */
#ifndef WT_APP_VIEWER_MICROSCOPE_H
#define WT_APP_VIEWER_MICROSCOPE_H

#include <SDL.h>
#include <stdbool.h>
#include <stdint.h>

#include "draw/layout.h"
#include "draw/scope.h"

struct wt_viewer;
struct wt_scope_view;

struct wt_viewer_microscope {
    bool on;
    uint32_t face;              /* id */
    int point, scheme;          /* of a scheme of so many points */
    struct wt_point at;         /* where it was last, frame pixels */
    int64_t lost_us;            /* when the face went out of sight; 0: it is in sight */
    int source[2], sources;     /* the network's points that it is made of */
    int network;                /* points of the network that these are of */
    uint32_t asked;             /* face that the live chain looks at */
    int asked_point[2];         /* of it */
    bool made;                  /* pictures are of the frame on screen */
    bool said;                  /* what was asked for has come, and is in the log */
    int said_run;               /* with so many stacks */
    struct wt_scope *scope;     /* made at first use */
    struct wt_scope_view *view; /* as well */
    unsigned texture[3];        /* maps, close-up, crop; 0: not yet */
};

/* Opens it at a point that is shown, or closes it. With a key: at the point under the mouse, else
 * the one that the network is least sure of. */
void wt_microscope_toggle(struct wt_viewer *v);
void wt_microscope_close(struct wt_viewer *v);
/* A face's id, a point of the scheme that is shown. */
void wt_microscope_open(struct wt_viewer *v, uint32_t face, int point);
/* With the window's context. */
void wt_microscope_fini(struct wt_viewer *v);
/* true: a click on a point opened it. */
bool wt_microscope_mouse(struct wt_viewer *v, const SDL_Event *event);
/* Once a frame of the window: it follows model, scheme and faces. taken: there is a new frame. */
void wt_microscope_check(struct wt_viewer *v, bool taken);
/* Its room at the right, pixels; 0: closed. */
float wt_microscope_width(const struct wt_viewer *v, int width);
/* Between wt_ui_begin and wt_ui_end; right: where its room ends. */
void wt_microscope_draw(struct wt_viewer *v, const struct wt_layout *layout, float right);

/* Does the frame on screen have what was asked for? It may be of an earlier request. */
bool wt_microscope_has(const struct wt_viewer *v);

/* viewer_microscope_view.c: what it shows of the frame on screen. */
void wt_microscope_describe(struct wt_viewer *v);

/* viewer_panel_microscope.c: the panel's section about it. */
void wt_viewer_panel_microscope(struct wt_viewer *v);

#endif
