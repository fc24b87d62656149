/* Encodes frames and writes them to a file: H.264 where there is an encoder, else MPEG-4, into
 * Matroska or fragmented MP4, each frame with its own time. Private to recorder*.c and tests. One
 * object, one thread at a time; the thread and the queue are the recorder's.
 *
 * What has been written stays playable after a crash: both containers are written in fragments of a
 * fraction of a second that need no trailer. */
#ifndef WT_APP_VIDEO_WRITER_H
#define WT_APP_VIDEO_WRITER_H

#include "input/frame.h"

struct wt_video_writer;

struct wt_video_writer_options {
    double fps;        /* for rate control; 0: 30 */
    int pixel_width, pixel_height; /* shape of the pixels, for the header; 0: square */
    bool live;         /* no delay in the encoder, little work; else better compression */
    const char *codec; /* name of libav's encoder to use, NULL: the best there is */
};

/* Times count from the first frame if live, else from 0. The file is created or replaced last,
 * when nothing else can fail any more. Errors: IO, UNSUPPORTED, MEMORY; one line is logged. */
enum wt_status wt_video_writer_open(struct wt_video_writer **out, const char *path, int width,
                                    int height, const struct wt_video_writer_options *options);

/* Frames of another size are scaled to fit. Times must rise. Errors (one line is logged): IO: the
 * disk is full or gone; after an error nothing more can be written. */
enum wt_status wt_video_writer_write(struct wt_video_writer *writer, const struct wt_frame *frame);

/* Writes what the encoder still holds, finishes the file. NULL-safe; sets *writer to NULL. After
 * an error it only closes, silently, and returns WT_OK. */
enum wt_status wt_video_writer_close(struct wt_video_writer **writer);

int64_t wt_video_writer_bytes(const struct wt_video_writer *writer);
const char *wt_video_writer_codec(const struct wt_video_writer *writer);

#endif
