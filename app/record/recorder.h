/* Recordings: encodes frames on a thread of its own (video_writer.h) with each frame's capture
 * time, annotated, as they came, or both, and the results beside them as JSON lines. What is older
 * than half a second survives the program's sudden end. push never blocks. One owner thread;
 * statistics may be read from any thread. */
#ifndef WT_APP_RECORDER_H
#define WT_APP_RECORDER_H

#include <stddef.h>

#include "draw/view.h"
#include "input/frame.h"
#include "weights/new_file.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_recorder;
struct wt_sound;

#define WT_SOUNDS_MAX 2 /* of the input, of a microphone */

enum wt_record_content {
    WT_RECORD_ANNOTATED,
    WT_RECORD_RAW,  /* the frames as they came */
    WT_RECORD_BOTH, /* and the raw ones in NAME-raw.ENDING */
};

struct wt_recorder_options {
    bool lossless_queue;           /* push waits instead of dropping (offline `track`) */
    int64_t lag_us;                /* a frame that would be written later is dropped; 0: none is */
    double fps_hint;               /* for rate control only; 0: 30 */
    int pixel_width, pixel_height; /* shape of the pixels, for the header; 0: square */
    enum wt_record_content content;
    bool lossless;    /* FFV1 instead of H.264; .mkv only */
    bool hardware;    /* a graphics card's encoder, if there is one that works */
    bool results;     /* the faces in NAME.jsonl, with the video's time stamps */
    bool numbered;    /* never replace a file: NAME-2.ENDING, ... */
    const char *stem; /* see wt_new_file_open_numbered */
    /* Sound that goes along, from the first frame, or from 0 where the queue is lossless, to the
     * end of the last one: in the frames' time; by the clock (frame.h). NULL: none. References are
     * taken.
     */
    struct wt_sound *sound[WT_SOUNDS_MAX];
};

/* Opens the file and starts the thread. width, height: of the frames to come; others are scaled.
 * The file has its name from the first frame on; an existing one is replaced at the end. Errors:
 * IO, UNSUPPORTED, MEMORY. */
enum wt_status wt_recorder_open(struct wt_recorder **out, const char *path, int width, int height,
                                const struct wt_recorder_options *options);

/* Queues a frame to be annotated and encoded; takes a reference to the frame and a copy of the
 * result (maps included where the view needs them). Returns false when it was dropped, or when
 * writing has failed. Times must rise; a frame that does not is dropped. Where nothing may be lost,
 * an end of memory is a failure like a full disk; of a live picture only that frame is dropped, and
 * wt_recorder_close returns MEMORY. */
bool wt_recorder_push(struct wt_recorder *recorder, struct wt_frame *frame,
                      const struct wt_result *result, const struct wt_view *view);

/* The input has ended: what it has of sound behind its last frame goes into the recording, too. */
void wt_recorder_sound_to_end(struct wt_recorder *recorder);

struct wt_recorder_stats {
    uint64_t written, dropped;
    uint64_t offered;   /* by the source since the first frame, kept or not, also before push */
    int64_t offered_us; /* from the first of them to the last */
    int64_t duration_us;
    int64_t bytes;
    enum wt_status status; /* WT_OK, or why writing stopped (a full disk: WT_ERR_IO) */
    char message[256];     /* message for the user, empty if none */
    char codec[32];
    char path[1024]; /* where it is or will be; whole once a frame has been written */
};
struct wt_recorder_stats wt_recorder_stats(struct wt_recorder *recorder);

/* Frames a second that are kept, and that there were. false: too few to tell, or all are kept. */
bool wt_recorder_rates(const struct wt_recorder_stats *stats, double *kept, double *of);

/* "2 of 30 frames a second kept (23 of 299)", or "all 45 frames". */
void wt_recorder_describe(const struct wt_recorder_stats *stats, char *text, size_t size);

/* Encodes what is queued, puts the file into its place, joins, if `keep` says so.
 * stats: at the end; NULL: not wanted. Returns the status of the whole recording. NULL-safe; sets
 * *recorder to NULL. */
enum wt_status wt_recorder_close(struct wt_recorder **recorder, enum wt_keep keep,
                                 struct wt_recorder_stats *stats);

#ifdef __cplusplus
}
#endif

#endif
