/* Opening videos with libav: files, pipes, network addresses. Private to app/input. One thread. */
#ifndef WT_APP_VIDEO_OPEN_H
#define WT_APP_VIDEO_OPEN_H

#include "input/source_internal.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Most pixels of a frame; no decoder is asked for more. */
#define WT_VIDEO_PIXELS_MAX (1 << 28)

struct wt_video_file {
    AVFormatContext *format;
    AVCodecContext *codec;
    AVStream *stream; /* belongs to format */
    int pipe;         /* descriptor of an opened pipe, -1: none */
};

/* The input is the path of a file or a pipe, or a network address. spec must outlive it. Call close
 * also after an error. Errors: IO, FORMAT, UNSUPPORTED, MEMORY. */
enum wt_status wt_video_file_open(struct wt_video_file *file, const struct wt_source_spec *spec);
/* Does the caller no longer want it? */
bool wt_video_given_up(const struct wt_source_spec *spec);
void wt_video_file_close(struct wt_video_file *file);

/* The decoder of the best video stream of an opened format. */
enum wt_status wt_video_file_decoder(struct wt_video_file *file, const char *name);

#ifdef __cplusplus
}
#endif
#endif
