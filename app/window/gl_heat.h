/* Heatmaps and boundary over the faces, computed on the GPU from the network's maps: first
 * their maximum over the points that are shown, then, in the face's crop square, interpolated and
 * coloured. Needs a current context; one thread. */
#ifndef WT_APP_GL_HEAT_H
#define WT_APP_GL_HEAT_H

#include "draw/layout.h"
#include "draw/view.h"
#include "window/gl_util.h"

struct wt_gl_heat_slot {
    GLuint maps, merged, target; /* [points + 1][side][side]; heat and boundary; its framebuffer */
    int layers, side;
};

struct wt_gl_heat {
    struct wt_gl_program merge, draw;
    GLuint array, colormap;     /* rows of the heatmaps' and the boundary's palette */
    enum wt_palette palette[2]; /* that are in it */
    struct wt_gl_heat_slot slot[WT_FACES_MAX];
    bool merged_valid;
    int merged_points; /* view for which the maps were merged */
};

/* Errors: those of wt_gl_program_load. */
enum wt_status wt_gl_heat_init(struct wt_gl_heat *heat);
void wt_gl_heat_fini(struct wt_gl_heat *heat);
void wt_gl_heat_refresh(struct wt_gl_heat *heat);

/* There is a new result: the uploaded maps are out of date. */
void wt_gl_heat_invalidate(struct wt_gl_heat *heat);
/* Draws what the view selects; uploads and merges maps if something changed. The framebuffer in use
 * must be the window's. */
void wt_gl_heat_draw(struct wt_gl_heat *heat, const struct wt_result *result,
                     const struct wt_view *view, const struct wt_layout *layout);

#endif
