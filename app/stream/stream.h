/* Results and pictures for other programs while tracking goes on: OpenSeeFace's and VMC's
 * datagrams, JSON lines, a virtual camera. Each output has a thread and a short queue of its own: a
 * pusher never waits for any of them (unless `wait`), and none for another. What fails is logged
 * once, and once more when it works again; meanwhile it is tried again. One owner thread. */
#ifndef WT_APP_STREAM_H
#define WT_APP_STREAM_H

#include "draw/view.h"
#include "input/frame.h"

/* Each NULL or "": no such output. */
struct wt_stream_options {
    const char *osf, *vmc; /* HOST:PORT */
    const char *camera;    /* device */
    const char *lines;     /* file of JSON lines, "-": standard output */
    int points;            /* of the lines, as in wt_view.points */
    bool wait; /* push waits for room in a queue (work that may take its time, so that nothing is
                  left out) */
};

#define WT_STREAM_OSF_HELP                                                                         \
    "send OpenSeeFace's packets there (UDP), for programs that move avatars; theirs is port 11573"
#define WT_STREAM_VMC_HELP                                                                         \
    "send the head's rotation, blinks and mouth there, as bundles of the VMC protocol (OSC); "     \
    "often "                                                                                       \
    "port 39539"
#define WT_STREAM_CAMERA_HELP                                                                      \
    "give other programs the picture with what is drawn on it as a camera: device of "             \
    "v4l2loopback, "                                                                               \
    "such as /dev/video2"

struct wt_streams;

/* Are they addresses? Logs what is not. Errors: ARGUMENT. */
enum wt_status wt_streams_check(const struct wt_stream_options *options);

/* *out is NULL where there is nothing to do. Texts are copied. Errors: ARGUMENT, MEMORY. */
enum wt_status wt_streams_open(struct wt_streams **out, const struct wt_stream_options *options);

/* Takes a reference to the frame and a copy of the result. view: what the virtual camera's pictures
 * show; they are never mirrored. NULL-safe. */
void wt_streams_push(struct wt_streams *streams, struct wt_frame *frame,
                     const struct wt_result *result, const struct wt_view *view);

/* Sends what is queued, but does not wait for a reader that takes nothing; joins. Returns the
 * failure of writing JSON lines to a file, if there was one. NULL-safe; sets NULL. */
enum wt_status wt_streams_close(struct wt_streams **streams);

#endif
