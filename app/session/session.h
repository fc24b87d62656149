/* A session: what was tracked, kept so that it can be tracked again with the same results. A folder
 * with video.mkv (FFV1, every pixel of every tracked frame) and session.jsonl: a line about the
 * weights, then one for each frame with its time, the settings that were in force and the results,
 * whose numbers have the 9 digits that tell floats apart.
 *
 *   {"session":1,"wingtip":"0.1.0","model":"/.../wingtip-98.safetensors","model_sha256":"...",
 *    "detector":"...","detector_sha256":"...","precision":"int8","kernels":"avx2"}
 *   {"frame":1,"time_us":0,"reset":true,"faces_max":4,"stacks":0,"search_every":0,"smoothing":1,
 *    "faces":[{"id":1,"confidence":0.9,"points":[x,y,...],"point_confidence":[...]}]}
 *
 * "reset": the tracker forgot its faces before this frame. Errors are logged once. */
#ifndef WT_APP_SESSION_H
#define WT_APP_SESSION_H

#include <stdio.h>

#include "base/checksum.h"
#include "base/paths.h"
#include "input/frame.h"

/* What the results depend on besides the frames. */
struct wt_session_head {
    struct wt_path model, detector; /* files; detector "haar": cascades */
    char model_sha256[WT_SHA256_SIZE], detector_sha256[WT_SHA256_SIZE]; /* "" of haar */
    char precision[16], kernels[32];
};

/* Of a frame, before it is tracked. */
struct wt_session_step {
    int64_t time_us;
    bool reset;
    int faces, stacks;
    float search_every, smoothing;
};

/* The head of a model that is open. detector: as wt_common_detector says. Errors: IO, MEMORY. */
enum wt_status wt_session_describe(struct wt_session_head *head, const struct wt_model *model,
                                   const char *detector);

/* A frame's faces as the log has them, with the same numbers in any locale. */
void wt_session_print_faces(FILE *out, const struct wt_result *result);

/* ---- writing --------------------------------------------------------------------------------- */

struct wt_session;

/* Makes the folder, which must be new or empty. limit: bytes; the session ends there. Errors: IO,
 * ARGUMENT (something is there), MEMORY. */
enum wt_status wt_session_create(struct wt_session **out, const char *folder, int64_t limit,
                                 const struct wt_session_head *head);
/* Waits for room in a short queue, so that nothing is left out. Takes a reference to the frame.
 * false: the session has ended (full, another size of frames, a full disk), which was logged;
 * then it is to be closed. */
bool wt_session_push(struct wt_session *session, struct wt_frame *frame,
                     const struct wt_session_step *step, const struct wt_result *result);
/* Errors: of the whole session. NULL-safe; sets NULL. */
enum wt_status wt_session_close(struct wt_session **session);

/* ---- reading --------------------------------------------------------------------------------- */

struct wt_session_log;

/* Errors: IO, FORMAT, MEMORY. */
enum wt_status wt_session_log_open(struct wt_session_log **out, const char *folder,
                                   struct wt_session_head *head);
/* The next frame. faces: its faces as they stand in the line, until the next call; result: the
 * same, without maps. END; FORMAT, after a line. */
enum wt_status wt_session_log_read(struct wt_session_log *log, struct wt_session_step *step,
                                   const char **faces, struct wt_result *result);
void wt_session_log_close(struct wt_session_log **log);

#endif
