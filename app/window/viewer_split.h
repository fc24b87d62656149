/* Before and after on the live picture: left of a divider what the original network sees of the
 * frame, right of it what the profile makes of the same frame. Part of viewer_internal.h. */
#ifndef WT_APP_VIEWER_SPLIT_H
#define WT_APP_VIEWER_SPLIT_H

#include <SDL.h>
#include <stdbool.h>

#include "draw/layout.h"
#include "window/gl_heat.h"

struct wt_viewer;

struct wt_viewer_split {
    bool on;
    bool asked;       /* the live chain compares, or will once the weights are open */
    bool own_weights; /* with the original weights; else with the model in use */
    float at;         /* of the divider, 0..1 of the picture's width in the window; 0: never set */
    bool held;
    int said;               /* place in the log; 0: none yet */
    struct wt_gl_heat heat; /* of the left side */
    bool heat_made;
    SDL_Cursor *cursor[2]; /* the usual one, and that over the divider */
};

/* On or off; it needs a profile, and says so. */
void wt_split_toggle(struct wt_viewer *v);
void wt_split_end(struct wt_viewer *v);
/* Once a frame of the window: what is compared follows the profile. */
void wt_split_check(struct wt_viewer *v);
/* With the window's context. */
void wt_split_fini(struct wt_viewer *v);
/* Is there something to draw on both sides? */
bool wt_split_shown(const struct wt_viewer *v);
/* true: the mouse was for the divider. */
bool wt_split_mouse(struct wt_viewer *v, const SDL_Event *event);
/* Maps and points of both sides, in the scissor of the picture; and the divider, between
 * wt_ui_begin and wt_ui_end. */
void wt_split_draw_sides(struct wt_viewer *v, const struct wt_layout *layout);
void wt_split_draw(struct wt_viewer *v, const struct wt_layout *layout);

#endif
