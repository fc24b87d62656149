/* Points, contour lines and crop squares over the frame, anti-aliased by distance. Needs a current
 * context; one thread. */
#ifndef WT_APP_GL_OVERLAY_H
#define WT_APP_GL_OVERLAY_H

#include "draw/layout.h"
#include "draw/view.h"
#include "window/gl_util.h"

struct wt_gl_overlay {
    struct wt_gl_program ribbon, point;
    GLuint ribbon_array, ribbon_buffer, point_array, point_buffer;
};

/* Errors: those of wt_gl_program_load. */
enum wt_status wt_gl_overlay_init(struct wt_gl_overlay *overlay);
void wt_gl_overlay_fini(struct wt_gl_overlay *overlay);
void wt_gl_overlay_refresh(struct wt_gl_overlay *overlay);
void wt_gl_overlay_draw(struct wt_gl_overlay *overlay, const struct wt_result *result,
                        const struct wt_view *view, const struct wt_layout *layout);

/* Corners of a face's crop square in the window: top left, top right, bottom right, bottom left of
 * the crop. */
void wt_overlay_square(const struct wt_face *face, const struct wt_layout *layout,
                       struct wt_point corner[4]);

#endif
