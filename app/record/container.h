/* A video's container: where it lies, and when what is in memory goes to the disk. Private to
 * video_*.c. One thread.
 *
 * Matroska is written in clusters, MP4 in fragments, none of which needs what comes after it; each
 * ends with a flush, a fifth of a second after the one before, on the clock or in the video. So a
 * file that is cut off plays to its end. */
#ifndef WT_APP_CONTAINER_H
#define WT_APP_CONTAINER_H

#include <libavformat/avformat.h>

#include "base/status.h"
#include "weights/new_file.h"

struct wt_container {
    AVFormatContext *format;
    int pictures_stream; /* index of the video's stream */
    AVPacket *held;      /* MP4's last picture, until its length is known */
    AVPacket *spare;
    struct wt_new_file place;
    int64_t flushed_us; /* when, on the monotonic clock */
    int64_t since_us;   /* the time in the video of the first picture that is not flushed */
    int64_t bytes;      /* flushed */
    int error;          /* errno of the first failed write, 0: none */
    bool pictures;      /* some have been written */
    bool misplaced;     /* it could not be put into its place, which has been reported */
    bool headed;        /* the first flush has been */
    bool pending;       /* something has been written since the last flush */
};

/* The container by the name's ending, and the file beside its place. numbered, stem: see
 * new_file.h. Streams are the caller's to add to file->format. Errors: UNSUPPORTED, IO, MEMORY. */
enum wt_status wt_container_open(struct wt_container *file, const char *path, bool numbered,
                                 const char *stem);

/* The functions below return 0 or libav's error; file->error is set if it was the file's. */
int wt_container_start(struct wt_container *file);
/* Takes the packet's content. Times in the stream's base, all streams' in one order. */
int wt_container_write(struct wt_container *file, AVPacket *packet);
/* To the disk with what is in memory. With the first picture in it, a file that replaces none comes
 * into its place. */
int wt_container_flush(struct wt_container *file);
/* Flushes if the last time is a fifth of a second ago on the clock. The next picture
 * may follow at any time. */
int wt_container_tick(struct wt_container *file);
int wt_container_finish(struct wt_container *file);

/* Cuts off what is behind the last flush. */
void wt_container_cut(struct wt_container *file);
/* Whether something of a file that failed stays: it was new, and has pictures. */
bool wt_container_stays(const struct wt_container *file);
/* Puts it into its place if it has pictures and `keep` says so. Errors: IO (logged). */
enum wt_status wt_container_close(struct wt_container *file, enum wt_keep keep);

#endif
