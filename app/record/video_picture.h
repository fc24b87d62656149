/* Frames as an encoder takes them: scaled to fit, converted. Private to video_*.c. One thread. */
#ifndef WT_APP_VIDEO_PICTURE_H
#define WT_APP_VIDEO_PICTURE_H

#include <libavcodec/avcodec.h>
#include <libswscale/swscale.h>

#include "input/frame.h"

/* From this height on players assume the colours of high definition. */
#define WT_VIDEO_HIGH_DEFINITION 720

struct wt_video_picture {
    AVFrame *picture; /* YUV420P, NV12 or BGR0 */
    struct SwsContext *scale;
    int width, height;       /* of the video; the picture's are those of the encoder */
    int in_width, in_height; /* of the frames that `scale` is made for */
};

/* width, height: of the video. Returns false when memory ran out. */
bool wt_video_picture_init(struct wt_video_picture *p, const AVCodecContext *codec, int width,
                           int height);
void wt_video_picture_fini(struct wt_video_picture *p);

/* Draws a frame of any size; black bars where the proportions differ. name: for messages. Errors:
 * MEMORY, UNSUPPORTED. */
enum wt_status wt_video_picture_draw(struct wt_video_picture *p, const struct wt_image *image,
                                     const char *name);

#endif
