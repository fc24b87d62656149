/* The frame on the screen. Needs a current context; one thread. */
#ifndef WT_APP_GL_VIDEO_H
#define WT_APP_GL_VIDEO_H

#include "draw/layout.h"
#include "input/frame.h"
#include "window/gl_util.h"

struct wt_gl_video {
    struct wt_gl_program program;
    GLuint texture, array;
    int width, height; /* of the texture */
    int size_max;      /* largest texture of this driver */
};

/* Errors: those of wt_gl_program_load. */
enum wt_status wt_gl_video_init(struct wt_gl_video *video);
void wt_gl_video_fini(struct wt_gl_video *video);
/* A frame larger than the driver's textures is thinned out. */
void wt_gl_video_upload(struct wt_gl_video *video, const struct wt_image *image);
void wt_gl_video_draw(struct wt_gl_video *video, const struct wt_layout *layout);

#endif
