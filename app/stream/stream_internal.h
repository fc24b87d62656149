/* Shared by stream*.c: a frame on its way, and what an output is. */
#ifndef WT_APP_STREAM_INTERNAL_H
#define WT_APP_STREAM_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/fifo.h"
#include "stream/stream.h"

#define WT_STREAM_WHY 160

/* Shared by the outputs' queues. */
struct wt_stream_job {
    atomic_int refs;
    struct wt_frame *frame;
    struct wt_result result; /* maps in `maps` */
    struct wt_view view;
    float *maps;
};

struct wt_sink;

/* send: false, and why, when it failed; it is called again with the next frame. close: returns
 * what close failed with. */
struct wt_sink_type {
    const char *name;
    bool (*send)(struct wt_sink *sink, const struct wt_stream_job *job, char why[WT_STREAM_WHY]);
    enum wt_status (*close)(struct wt_sink *sink);
};

struct wt_sink {
    const struct wt_sink_type *type;
    char target[1024];
    int points;
    struct wt_fifo *fifo;
    pthread_t thread;
    bool started, failing, said;
    bool idle;           /* set by send: there was nothing to send */
    int good;            /* sent since the last failure */
    atomic_bool closing; /* no more waiting */
    int64_t tried_us;    /* when it was last opened in vain */
    void *self;          /* the type's own; NULL at first */
};

extern const struct wt_sink_type wt_sink_osf, wt_sink_vmc, wt_sink_lines, wt_sink_camera;

#endif
