/* Video file writer with its own thread: encodes with libavcodec (H.264 if available, else MPEG-4)
 * into Matroska, or fragmented MP4 where the name ends in .mp4, with each frame's capture time, so
 * a truncated file can be played up to its end. push never blocks. One owner thread; statistics may
 * be read from any thread. */
#ifndef WT_APP_RECORDER_H
#define WT_APP_RECORDER_H

#include "draw/view.h"
#include "input/frame.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_recorder;

struct wt_recorder_options {
    bool lossless_queue; /* push waits instead of dropping (offline `track`) */
    double fps_hint;     /* for rate control only; 0: 30 */
    int pixel_width, pixel_height; /* shape of the pixels, for the header; 0: square */
};

/* Opens the file and starts the thread. width, height: of the frames to come; others are scaled.
 * An existing file is replaced only if `path` can be written. Errors: IO, UNSUPPORTED, MEMORY. */
enum wt_status wt_recorder_open(struct wt_recorder **out, const char *path, int width, int height,
                                const struct wt_recorder_options *options);

/* Queues a frame to be annotated and encoded; takes a reference to the frame and a copy of the
 * result (maps included where the view needs them). Returns false when it was dropped, or when
 * writing has failed. Times must rise; a frame that does not is dropped. */
bool wt_recorder_push(struct wt_recorder *recorder, struct wt_frame *frame,
                      const struct wt_result *result, const struct wt_view *view);

struct wt_recorder_stats {
    uint64_t written, dropped;
    int64_t duration_us;
    int64_t bytes;
    enum wt_status status; /* WT_OK, or why writing stopped (a full disk: WT_ERR_IO) */
    char message[256];     /* message for the user, empty if none */
    char codec[32];
};
struct wt_recorder_stats wt_recorder_stats(struct wt_recorder *recorder);

/* Encodes what is queued, finishes the file, joins. Returns the status of the whole recording.
 * NULL-safe; sets *recorder to NULL. */
enum wt_status wt_recorder_close(struct wt_recorder **recorder);

#ifdef __cplusplus
}
#endif

#endif
