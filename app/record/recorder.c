#include "record/recorder.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fifo.h"
#include "base/status.h"
#include "draw/annotate.h"
#include "record/video_writer.h"

/* Half a second at 30 a second: longer than the pauses of a disk that is fast enough. */
#define QUEUE_LENGTH 16

struct job {
    struct wt_frame *frame;
    struct wt_result result; /* maps in `maps` */
    struct wt_view view;
    float *maps;
};

struct wt_recorder {
    struct wt_fifo *fifo;
    struct wt_video_writer *writer; /* the thread's */
    pthread_t thread;
    bool wait;
    int64_t last_us;      /* the pusher's */
    pthread_mutex_t lock; /* the rest */
    struct wt_recorder_stats stats;
    uint64_t refused; /* dropped before the queue */
    int64_t first_us;
};

static void job_destroy(void *item)
{
    struct job *job = item;
    wt_frame_unref(&job->frame);
    free(job->maps);
    free(job);
}

static size_t map_floats(const struct wt_face *face)
{
    return (size_t)(face->points + 1) * (size_t)face->map_size * (size_t)face->map_size;
}

/* The result's maps are overwritten by the next frame: copy those that will be drawn. */
static bool copy_maps(struct job *job)
{
    size_t total = 0;
    struct wt_face *face = job->result.face;
    bool wanted = job->view.heatmaps || job->view.boundary;
    for (int i = 0; i < job->result.faces; i++)
        if (wanted && face[i].maps)
            total += map_floats(&face[i]);
    if (total && !(job->maps = malloc(total * sizeof *job->maps)))
        return false;
    float *to = job->maps;
    for (int i = 0; i < job->result.faces; i++) {
        size_t n = map_floats(&face[i]);
        if (!wanted || !face[i].maps) {
            face[i].maps = NULL;
            continue;
        }
        memcpy(to, face[i].maps, n * sizeof *to);
        face[i].maps = to;
        to += n;
    }
    job->result.storage = NULL;
    return true;
}

static struct job *job_create(struct wt_frame *frame, const struct wt_result *result,
                              const struct wt_view *view)
{
    struct job *job = calloc(1, sizeof *job);
    if (!job)
        return NULL;
    job->frame = wt_frame_ref(frame);
    if (view)
        job->view = *view;
    if (result)
        job->result = *result;
    if (!copy_maps(job)) {
        job_destroy(job);
        return NULL;
    }
    return job;
}

/* ---- the thread ---------------------------------------------------------------------------- */

static void note_failure(struct wt_recorder *r, enum wt_status status)
{
    pthread_mutex_lock(&r->lock);
    if (r->stats.status == WT_OK) {
        r->stats.status = status;
        snprintf(r->stats.message, sizeof r->stats.message,
                 status == WT_ERR_IO ? "recording stopped after %.1f s: disk full or gone"
                                     : "recording stopped after %.1f s",
                 (double)r->stats.duration_us / 1e6);
    }
    pthread_mutex_unlock(&r->lock);
}

static enum wt_status record(struct wt_recorder *r, const struct job *job)
{
    struct wt_frame *drawn = NULL;
    const struct wt_frame *frame = job->frame;
    if (job->result.faces > 0 || job->view.mirror || job->view.caption) {
        drawn = wt_annotate(job->frame, &job->result, &job->view);
        if (!drawn)
            return wt_fail(WT_ERR_MEMORY, "recording: out of memory");
        frame = drawn;
    }
    enum wt_status status = wt_video_writer_write(r->writer, frame);
    wt_frame_unref(&drawn);
    if (status != WT_OK)
        return status;
    pthread_mutex_lock(&r->lock);
    if (r->stats.written++ == 0)
        r->first_us = job->frame->time_us;
    r->stats.duration_us = job->frame->time_us - r->first_us;
    r->stats.bytes = wt_video_writer_bytes(r->writer);
    pthread_mutex_unlock(&r->lock);
    return WT_OK;
}

static void *run(void *arg)
{
    struct wt_recorder *r = arg;
    for (struct job *job; (job = wt_fifo_pop(r->fifo, -1)) != NULL;) {
        enum wt_status status = record(r, job);
        job_destroy(job);
        if (status == WT_OK)
            continue;
        note_failure(r, status);
        wt_fifo_close(r->fifo); /* wakes a pusher that waits; what is queued is freed with it */
        break;
    }
    return NULL;
}

/* Signals are for the program's main thread. */
static bool start_thread(struct wt_recorder *r)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool ok = pthread_create(&r->thread, NULL, run, r) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ok;
}

/* ---- the owner ----------------------------------------------------------------------------- */

static void destroy(struct wt_recorder *r)
{
    wt_fifo_destroy(&r->fifo);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

enum wt_status wt_recorder_open(struct wt_recorder **out, const char *path, int width, int height,
                                const struct wt_recorder_options *options)
{
    static const struct wt_recorder_options none;
    options = options ? options : &none;
    struct wt_recorder *r = calloc(1, sizeof *r);
    if (!r)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    pthread_mutex_init(&r->lock, NULL);
    r->wait = options->lossless_queue;
    r->last_us = INT64_MIN;
    signal(SIGXFSZ, SIG_IGN); /* exceeding the file size limit is reported like a full disk */
    enum wt_status status = wt_fifo_create(&r->fifo, QUEUE_LENGTH, job_destroy);
    if (status == WT_OK)
        status = wt_video_writer_open(
            &r->writer, path, width, height,
            &(struct wt_video_writer_options){.fps = options->fps_hint,
                                              .live = !r->wait,
                                              .pixel_width = options->pixel_width,
                                              .pixel_height = options->pixel_height});
    if (status == WT_OK) {
        snprintf(r->stats.codec, sizeof r->stats.codec, "%s", wt_video_writer_codec(r->writer));
        if (!start_thread(r)) {
            status = wt_fail(WT_ERR_MEMORY, "%s: cannot start a thread", path);
            wt_video_writer_close(&r->writer);
        }
    }
    if (status != WT_OK) {
        destroy(r);
        return status;
    }
    *out = r;
    return WT_OK;
}

static bool refuse(struct wt_recorder *r)
{
    pthread_mutex_lock(&r->lock);
    r->refused++;
    pthread_mutex_unlock(&r->lock);
    return false;
}

bool wt_recorder_push(struct wt_recorder *recorder, struct wt_frame *frame,
                      const struct wt_result *result, const struct wt_view *view)
{
    struct wt_recorder *r = recorder;
    if (frame->time_us <= r->last_us)
        return refuse(r);
    /* If the queue is full, avoid the copy. */
    if (!r->wait && wt_fifo_length(r->fifo) >= QUEUE_LENGTH)
        return refuse(r);
    struct job *job = job_create(frame, result, view);
    if (!job)
        return refuse(r);
    int64_t time_us = frame->time_us;
    if (!(r->wait ? wt_fifo_push_wait : wt_fifo_push)(r->fifo, job))
        return false; /* the queue has counted it */
    r->last_us = time_us;
    return true;
}

struct wt_recorder_stats wt_recorder_stats(struct wt_recorder *recorder)
{
    uint64_t dropped = wt_fifo_dropped(recorder->fifo);
    pthread_mutex_lock(&recorder->lock);
    struct wt_recorder_stats stats = recorder->stats;
    stats.dropped = dropped + recorder->refused;
    pthread_mutex_unlock(&recorder->lock);
    return stats;
}

enum wt_status wt_recorder_close(struct wt_recorder **recorder)
{
    struct wt_recorder *r = *recorder;
    *recorder = NULL;
    if (!r)
        return WT_OK;
    wt_fifo_close(r->fifo);
    pthread_join(r->thread, NULL);
    enum wt_status status = r->stats.status, closing = wt_video_writer_close(&r->writer);
    destroy(r);
    return status != WT_OK ? status : closing;
}
