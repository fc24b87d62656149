/* From libav's frames to ours: colours, pixels that are not square, turning. One object, one thread
 * at a time. Private to app/input. */
#ifndef WT_APP_VIDEO_PIXELS_H
#define WT_APP_VIDEO_PIXELS_H

#include "base/status.h"
#include "input/frame.h"

#include <libavutil/frame.h>
#include <libswscale/swscale.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a decoded picture becomes upright. */
struct wt_turn {
    int orientation; /* 1..8, face/orient.h; quarter turns and mirroring */
    double degrees;  /* any other angle, clockwise, about the centre; 0: none */
};

/* What ffmpeg's autorotation makes of a display matrix, NULL: none. */
struct wt_turn wt_turn_of(const int32_t *matrix);

/* Size in square pixels of w x h pixels of this shape: the side that is too short is stretched. A
 * shape that is hardly off, or absurd, counts as square. */
void wt_square_size(AVRational shape, int *w, int *h);

/* Zeroed before its first use. */
struct wt_video_pixels {
    struct SwsContext *scale;
};
void wt_video_pixels_fini(struct wt_video_pixels *pixels);

/* A new frame: square pixels, upright, BGR. shape: of the pixels, 0/x: not known. name: for
 * messages. Errors: UNSUPPORTED, MEMORY. */
enum wt_status wt_video_pixels_convert(struct wt_video_pixels *pixels, AVFrame *decoded,
                                       AVRational shape, struct wt_turn turn, const char *name,
                                       struct wt_frame **out);

#ifdef __cplusplus
}
#endif
#endif
