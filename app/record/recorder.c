#include "record/recorder.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fifo.h"
#include "base/paths.h"
#include "base/status.h"
#include "draw/annotate.h"
#include "record/lag.h"
#include "record/result_writer.h"
#include "record/sound_feed.h"
#include "record/video_writer.h"

/* Frames that wait are lost when the program is killed, and take memory. Half a second at 30 a
 * second is longer than the pauses of a disk that is fast enough; large frames take longer to
 * encode. */
#define QUEUE_MAX 16
#define QUEUE_MIN 1
#define QUEUE_BYTES (100 << 20)

#define TICK_MS 100 /* between flushes while no frames come */

struct job {
    struct wt_frame *frame;
    struct wt_result result; /* maps in `maps` */
    struct wt_view view;
    float *maps;
};

struct wt_recorder {
    struct wt_fifo *fifo;
    int queue_length;
    /* The thread's: */
    struct wt_video_writer *annotated, *raw;
    struct wt_result_writer *results;
    bool with_results, numbered, path_known;
    pthread_t thread;
    struct wt_sound_feed sound;
    bool wait, sound_to_end;
    int64_t lag_us;
    int64_t last_us; /* the pusher's, and those below */
    int64_t first_offer_us;
    uint64_t first_sequence;
    bool short_of_memory;
    pthread_mutex_t lock; /* the rest */
    struct wt_recorder_stats stats;
    uint64_t refused; /* dropped before the queue */
    int64_t first_us;
    struct wt_lag lag;
    int64_t busy_since_us; /* with a frame; 0: with none */
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

static enum wt_status write_annotated(struct wt_recorder *r, const struct job *job)
{
    struct wt_frame *drawn = NULL;
    const struct wt_frame *frame = job->frame;
    if (!r->annotated)
        return WT_OK;
    if (job->result.faces > 0 || job->view.mirror || job->view.caption) {
        drawn = wt_annotate(job->frame, &job->result, &job->view);
        if (!drawn)
            return wt_fail(WT_ERR_MEMORY, "recording: out of memory");
        frame = drawn;
    }
    enum wt_status status = wt_video_writer_write(r->annotated, frame);
    wt_frame_unref(&drawn);
    return status;
}

static struct wt_video_writer *main_writer(const struct wt_recorder *r)
{
    return r->annotated ? r->annotated : r->raw;
}

/* Opened once the video has its name, whose ending is exchanged. */
static enum wt_status open_results(struct wt_recorder *r)
{
    const char *video = wt_video_writer_path(main_writer(r)), *dot = strrchr(video, '.');
    struct wt_path path;
    enum wt_status status =
        wt_path_print(&path, "%.*s.jsonl",
                      dot && !strchr(dot, '/') ? (int)(dot - video) : (int)strlen(video), video);
    if (!status)
        status = wt_result_writer_open(&r->results, path.text,
                                       &(struct wt_result_writer_options){.format = WT_RESULT_JSONL,
                                                                          .numbered = r->numbered,
                                                                          .early = true});
    return status;
}

static enum wt_status write_results(struct wt_recorder *r, const struct job *job)
{
    enum wt_status status = WT_OK;
    if (!r->with_results)
        return WT_OK;
    if (!r->results)
        status = open_results(r);
    if (!status)
        status = wt_result_writer_write(r->results, (int64_t)r->stats.written,
                                        wt_video_writer_time(main_writer(r)), &job->frame->image,
                                        &job->result);
    return status;
}

/* The whole path, once it is known: a new file's at the first picture. */
static void note_path(struct wt_recorder *r)
{
    const struct wt_video_writer *w = main_writer(r);
    struct wt_path whole;
    if (r->path_known || !w || !wt_video_writer_placed(w))
        return;
    r->path_known = true;
    pthread_mutex_lock(&r->lock);
    snprintf(r->stats.path, sizeof r->stats.path, "%.1023s",
             realpath(wt_video_writer_path(w), whole.text) ? whole.text : wt_video_writer_path(w));
    pthread_mutex_unlock(&r->lock);
}

static void count(struct wt_recorder *r, const struct job *job)
{
    const struct wt_video_writer *w = main_writer(r);
    note_path(r);
    pthread_mutex_lock(&r->lock);
    if (r->stats.written++ == 0)
        r->first_us = job->frame->time_us;
    r->stats.duration_us = job->frame->time_us - r->first_us;
    r->stats.bytes = wt_video_writer_bytes(w);
    pthread_mutex_unlock(&r->lock);
}

static enum wt_status tick(struct wt_recorder *r)
{
    enum wt_status status = r->annotated ? wt_video_writer_tick(r->annotated) : WT_OK;
    return status || !r->raw ? status : wt_video_writer_tick(r->raw);
}

/* Between frames what is due goes to the disk before a frame that may take long. */
static enum wt_status record(struct wt_recorder *r, const struct job *job)
{
    struct wt_video_writer *const video[2] = {r->annotated, r->raw};
    enum wt_status status = r->wait ? WT_OK : tick(r);
    if (!status)
        status = wt_sound_feed_frame(&r->sound, job->frame, video);
    if (!status)
        status = write_annotated(r, job);
    if (!status && r->raw)
        status = wt_video_writer_write(r->raw, job->frame);
    if (!status)
        status = write_results(r, job);
    if (!status)
        count(r, job);
    return status;
}

/* Notes when it is with a frame, and how long that took. */
static enum wt_status record_timed(struct wt_recorder *r, const struct job *job)
{
    const int64_t start = wt_now_us();
    pthread_mutex_lock(&r->lock);
    r->busy_since_us = start;
    pthread_mutex_unlock(&r->lock);
    enum wt_status status = record(r, job);
    pthread_mutex_lock(&r->lock);
    r->busy_since_us = 0;
    wt_lag_note(&r->lag, wt_now_us() - start);
    pthread_mutex_unlock(&r->lock);
    return status;
}

static void *run(void *arg)
{
    struct wt_recorder *r = arg;
    for (;;) {
        struct job *job = wt_fifo_pop(r->fifo, TICK_MS);
        if (!job && wt_fifo_closed(r->fifo))
            break;
        enum wt_status status = job ? record_timed(r, job) : tick(r);
        if (job)
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

static enum wt_status close_writers(struct wt_recorder *r, enum wt_keep keep)
{
    struct wt_video_writer *const video[2] = {r->annotated, r->raw};
    if (keep && r->stats.status == WT_OK)
        r->stats.status = wt_sound_feed_end(&r->sound, r->sound_to_end, video);
    if (keep && main_writer(r) && r->stats.status == WT_OK)
        r->stats.status = wt_video_writer_flush(main_writer(r));
    note_path(r);
    if (r->stats.status && keep)
        keep = WT_KEEP_NEW;
    enum wt_status status[3] = {wt_video_writer_close(&r->annotated, keep),
                                wt_video_writer_close(&r->raw, keep),
                                wt_result_writer_close(&r->results, keep)};
    return status[0] ? status[0] : status[1] ? status[1] : status[2];
}

static void destroy(struct wt_recorder *r)
{
    wt_sound_feed_fini(&r->sound);
    wt_fifo_destroy(&r->fifo);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

static enum wt_status open_raw(struct wt_recorder *r, const char *path, int width, int height,
                               const struct wt_video_writer_options *options)
{
    struct wt_path beside;
    const char *dot = strrchr(path, '.');
    int name = dot && !strchr(dot, '/') ? (int)(dot - path) : (int)strlen(path);
    enum wt_status status = wt_path_print(&beside, "%.*s-raw%s", name, path, path + name);
    return status ? status : wt_video_writer_open(&r->raw, beside.text, width, height, options);
}

static enum wt_status open_writers(struct wt_recorder *r, const char *path, int width, int height,
                                   const struct wt_recorder_options *o)
{
    struct wt_video_writer_options options = {.fps = o->fps_hint,
                                              .pixel_width = o->pixel_width,
                                              .pixel_height = o->pixel_height,
                                              .live = !o->lossless_queue,
                                              .lossless = o->lossless,
                                              .hardware = o->hardware,
                                              .numbered = o->numbered,
                                              .stem = o->stem,
                                              .sound = {o->sound[0], o->sound[1]}};
    enum wt_status status = wt_video_writer_open(
        o->content == WT_RECORD_RAW ? &r->raw : &r->annotated, path, width, height, &options);
    options.stem = NULL;
    if (!status && o->content == WT_RECORD_BOTH)
        status = open_raw(r, path, width, height, &options);
    return status;
}

static int queue_length(int width, int height)
{
    int64_t n = QUEUE_BYTES / ((int64_t)width * height * 3 + 1);
    return n < QUEUE_MIN ? QUEUE_MIN : n > QUEUE_MAX ? QUEUE_MAX : (int)n;
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
    r->lag_us = options->lag_us;
    r->with_results = options->results;
    r->numbered = options->numbered;
    r->last_us = INT64_MIN;
    enum wt_status status =
        wt_sound_feed_init(&r->sound, options->sound, options->fps_hint, !r->wait);
    if (status == WT_OK)
        status = open_writers(r, path, width, height, options);
    r->queue_length = queue_length(width, height);
    if (status == WT_OK)
        status = wt_fifo_create(&r->fifo, r->queue_length, job_destroy);
    if (status == WT_OK) {
        struct wt_video_writer *w = main_writer(r);
        snprintf(r->stats.codec, sizeof r->stats.codec, "%s", wt_video_writer_codec(w));
        snprintf(r->stats.path, sizeof r->stats.path, "%s", wt_video_writer_path(w));
        if (!start_thread(r))
            status = wt_fail(WT_ERR_MEMORY, "%s: cannot start a thread", path);
    }
    if (status != WT_OK) {
        close_writers(r, WT_KEEP_NOTHING);
        destroy(r);
        return status;
    }
    *out = r;
    return WT_OK;
}

void wt_recorder_sound_to_end(struct wt_recorder *recorder)
{
    recorder->sound_to_end = true; /* read once the thread has ended */
}

static bool refuse(struct wt_recorder *r)
{
    pthread_mutex_lock(&r->lock);
    r->refused++;
    pthread_mutex_unlock(&r->lock);
    return false;
}

/* Without memory for it a frame of a live picture is dropped, said once, and the recording goes on;
 * elsewhere the work has failed. */
static bool refuse_for_memory(struct wt_recorder *r)
{
    if (!r->short_of_memory)
        wt_fail(WT_ERR_MEMORY, "recording: out of memory for a frame");
    r->short_of_memory = true;
    if (r->wait) {
        note_failure(r, WT_ERR_MEMORY);
        wt_fifo_close(r->fifo);
    }
    return refuse(r);
}

static void note_offer(struct wt_recorder *r, const struct wt_frame *frame)
{
    if (r->last_us == INT64_MIN) {
        r->first_sequence = frame->sequence;
        r->first_offer_us = frame->time_us;
    }
    pthread_mutex_lock(&r->lock);
    r->stats.offered = frame->sequence - r->first_sequence + 1;
    r->stats.offered_us = frame->time_us - r->first_offer_us;
    pthread_mutex_unlock(&r->lock);
}

/* If the queue is full, or too long for what is in it to come to the disk in time. */
static bool has_room(struct wt_recorder *r)
{
    const int waiting = wt_fifo_length(r->fifo);
    if (waiting >= r->queue_length || !r->lag_us)
        return waiting < r->queue_length;
    pthread_mutex_lock(&r->lock);
    const int64_t busy_us = r->busy_since_us ? wt_now_us() - r->busy_since_us : -1;
    const bool takes = wt_lag_takes(&r->lag, waiting, busy_us, r->lag_us);
    pthread_mutex_unlock(&r->lock);
    return takes;
}

bool wt_recorder_push(struct wt_recorder *recorder, struct wt_frame *frame,
                      const struct wt_result *result, const struct wt_view *view)
{
    struct wt_recorder *r = recorder;
    note_offer(r, frame);
    if (frame->time_us <= r->last_us)
        return refuse(r);
    if (!r->wait && !has_room(r)) /* before the copy */
        return refuse(r);
    struct job *job = job_create(frame, result, view);
    if (!job)
        return refuse_for_memory(r);
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

enum wt_status wt_recorder_close(struct wt_recorder **recorder, enum wt_keep keep,
                                 struct wt_recorder_stats *stats)
{
    struct wt_recorder *r = *recorder;
    *recorder = NULL;
    if (!r)
        return WT_OK;
    wt_fifo_close(r->fifo);
    pthread_join(r->thread, NULL);
    enum wt_status closing = close_writers(r, keep), status = r->stats.status;
    if (stats)
        *stats = wt_recorder_stats(r);
    const bool lost = r->short_of_memory;
    destroy(r);
    return status != WT_OK ? status : closing != WT_OK ? closing : lost ? WT_ERR_MEMORY : WT_OK;
}
