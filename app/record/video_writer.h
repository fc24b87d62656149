/* Encodes frames and writes them to a file: H.264 where there is an encoder, else MPEG-4, or FFV1
 * without loss, into Matroska or fragmented MP4, each frame with its own time. Private to
 * recorder*.c and tests. One object, one thread at a time; the thread and the queue are the
 * recorder's.
 *
 * No encoder holds frames back, and what was written is flushed every fifth of a second, in parts
 * that need no trailer: after a crash the file plays up to there. It has its name from the first
 * frame on; one that replaces a file takes its place at the end (new_file.h). */
#ifndef WT_APP_VIDEO_WRITER_H
#define WT_APP_VIDEO_WRITER_H

#include "input/frame.h"
#include "input/sound.h"
#include "record/recorder.h"
#include "weights/new_file.h"

struct wt_video_writer;

struct wt_video_writer_options {
    double fps;                    /* for rate control; 0: 30 */
    int pixel_width, pixel_height; /* shape of the pixels, for the header; 0: square */
    bool live;                     /* see wt_video_writer_open; and little work */
    bool lossless;                 /* FFV1, in .mkv only */
    bool hardware;                 /* a graphics card's encoder, if there is one that works */
    const char *codec;             /* name of libav's encoder to use, NULL: the best there is */
    bool numbered;                 /* replace no file: see wt_new_file_open_numbered */
    const char *stem;
    const struct wt_sound *sound[WT_SOUNDS_MAX]; /* that come along; NULL: none */
};

/* Times count from the first frame if live, else from 0. Errors: IO, UNSUPPORTED, MEMORY; one line
 * is logged, and an existing file is as it was. */
enum wt_status wt_video_writer_open(struct wt_video_writer **out, const char *path, int width,
                                    int height, const struct wt_video_writer_options *options);

/* Frames of another size are scaled to fit. Times must rise. Errors (one line is logged): IO: the
 * disk is full or gone; after an error nothing more can be written. */
enum wt_status wt_video_writer_write(struct wt_video_writer *writer, const struct wt_frame *frame);

/* Sound of the frames' clock: what comes before the first frame of a live recording, or before 0,
 * is left out. which: of options->sound. Takes the packet's content. Errors: as above. */
enum wt_status wt_video_writer_sound(struct wt_video_writer *writer, int which, AVPacket *packet);

/* To be called about every tenth of a second while no frames come, and before a frame
 * that may take long: flushes what is due. Errors: as above. */
enum wt_status wt_video_writer_tick(struct wt_video_writer *writer);

/* Flushes all there is. Errors: as above. */
enum wt_status wt_video_writer_flush(struct wt_video_writer *writer);

/* Finishes the file and puts it into its place if it has a frame and `keep` says so; else nothing
 * is left of it. After an error it closes silently and returns WT_OK; a new file then keeps what
 * was written, and one that was there before is unchanged. NULL-safe; sets *writer to NULL. */
enum wt_status wt_video_writer_close(struct wt_video_writer **writer, enum wt_keep keep);

/* Of the last frame, as the file has it, in microseconds. */
int64_t wt_video_writer_time(const struct wt_video_writer *writer);
int64_t wt_video_writer_bytes(const struct wt_video_writer *writer);
const char *wt_video_writer_codec(const struct wt_video_writer *writer);
/* Where the file is or will be. */
const char *wt_video_writer_path(const struct wt_video_writer *writer);
/* Whether it is there already. */
bool wt_video_writer_placed(const struct wt_video_writer *writer);

#endif
