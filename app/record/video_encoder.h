/* Which encoder, and how it is set. Private to video_*.c and tests. Stateless, thread-safe.
 *
 * None of them delays frames: those that an encoder holds are lost when the program is killed. */
#ifndef WT_APP_VIDEO_ENCODER_H
#define WT_APP_VIDEO_ENCODER_H

#include <libavcodec/avcodec.h>

#include "record/video_writer.h"

/* H.264 by the processor, or MPEG-4 where there is no encoder for it; with options->hardware by a
 * graphics card's encoder, if there is one that works, else as without; or FFV1. Sizes are rounded
 * up to even where the encoder needs that. flags: of AVCodecContext. name: for messages. The
 * pictures' format is wt_video_encoder_format's. Errors: UNSUPPORTED, MEMORY. */
enum wt_status wt_video_encoder_open(AVCodecContext **out, const char *name, int width, int height,
                                     int flags, AVRational time_base,
                                     const struct wt_video_writer_options *options);

/* What a picture for it is to be: YUV420P, NV12 or BGR0, in ordinary memory. */
enum AVPixelFormat wt_video_encoder_format(const AVCodecContext *codec);

/* As avcodec_send_frame; to a graphics card's memory first where the encoder takes it from there.
 */
int wt_video_encoder_send(AVCodecContext *codec, const AVFrame *picture);

#endif
