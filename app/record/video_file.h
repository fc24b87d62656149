/* A video's container: where it lies, and when what is in memory goes to the disk. Private to
 * video_*.c. One thread.
 *
 * Matroska is written in clusters, MP4 in fragments, none of which needs what comes after it; each
 * ends with a flush, a fifth of a second after the one before, on the clock or in the video. So a
 * file that is cut off plays to its end. */
#ifndef WT_APP_VIDEO_FILE_H
#define WT_APP_VIDEO_FILE_H

#include <libavformat/avformat.h>

#include "base/status.h"
#include "weights/new_file.h"

struct wt_video_file {
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
    bool pending;       /* something has been written since the last flush */
};

/* The container by the name's ending, and the file beside its place. numbered, stem: see
 * new_file.h. Streams are the caller's to add to file->format. Errors: UNSUPPORTED, IO, MEMORY. */
enum wt_status wt_video_file_open(struct wt_video_file *file, const char *path, bool numbered,
                                  const char *stem);

/* The functions below return 0 or libav's error; file->error is set if it was the file's. */
int wt_video_file_start(struct wt_video_file *file);
/* Takes the packet's content. Times in the stream's base, all streams' in one order. */
int wt_video_file_write(struct wt_video_file *file, AVPacket *packet);
/* To the disk with what is in memory. With the first picture in it, a file that replaces none comes
 * into its place. */
int wt_video_file_flush(struct wt_video_file *file);
/* Flushes if the last time is a fifth of a second ago on the clock. */
int wt_video_file_tick(struct wt_video_file *file);
int wt_video_file_finish(struct wt_video_file *file);

/* Cuts off what is behind the last flush. */
void wt_video_file_cut(struct wt_video_file *file);
/* Whether something of a file that failed stays: it was new, and has pictures. */
bool wt_video_file_stays(const struct wt_video_file *file);
/* Puts it into its place if it has pictures and `keep` says so. Errors: IO (logged). */
enum wt_status wt_video_file_close(struct wt_video_file *file, enum wt_keep keep);

#endif
