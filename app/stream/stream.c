#include "stream/stream.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "stream/stream_internal.h"
#include "stream/udp.h"

#define SINKS 4
#define GOOD 5  /* sent in a row before it is said to work again */
#define QUEUE 3 /* frames that wait for an output: what is older comes too late for an avatar */

struct wt_streams {
    struct wt_sink sink[SINKS];
    int count;
    bool wait, draws;
};

/* ---- frames ------------------------------------------------------------------------------------
 */

static void job_unref(void *item)
{
    struct wt_stream_job *job = item;
    if (atomic_fetch_sub(&job->refs, 1) > 1)
        return;
    wt_frame_unref(&job->frame);
    free(job->maps);
    free(job);
}

/* The maps are overwritten by the next frame. */
static bool copy_maps(struct wt_stream_job *job, bool wanted)
{
    struct wt_result *r = &job->result;
    size_t total = 0;
    for (int i = 0; i < r->faces; i++) {
        if (!wanted)
            r->face[i].maps = NULL;
        if (r->face[i].maps)
            total += (size_t)(r->face[i].points + 1) * (size_t)r->face[i].map_size *
                     (size_t)r->face[i].map_size;
    }
    r->storage = NULL;
    r->storage_size = 0;
    if (total && !(job->maps = malloc(total * sizeof *job->maps)))
        return false;
    float *to = job->maps;
    for (int i = 0; i < r->faces; i++) {
        struct wt_face *face = &r->face[i];
        const size_t n =
            (size_t)(face->points + 1) * (size_t)face->map_size * (size_t)face->map_size;
        if (!face->maps)
            continue;
        memcpy(to, face->maps, n * sizeof *to);
        face->maps = to;
        to += n;
    }
    return true;
}

static struct wt_stream_job *job_create(const struct wt_streams *s, struct wt_frame *frame,
                                        const struct wt_result *result, const struct wt_view *view)
{
    struct wt_stream_job *job = calloc(1, sizeof *job);
    if (!job)
        return NULL;
    atomic_init(&job->refs, 1);
    job->frame = wt_frame_ref(frame);
    job->result = *result;
    job->view = *view;
    job->view.mirror = false;
    if (!copy_maps(job, s->draws && (view->heatmaps || view->boundary))) {
        job->result.faces = 0;
        job_unref(job);
        return NULL;
    }
    return job;
}

/* ---- an output's thread ------------------------------------------------------------------------
 */

/* One line each time that it begins to fail or works again. A refused datagram is told with the
 * next one: every other seems to go well. */
static void note(struct wt_sink *s, bool ok, const char *why)
{
    const bool idle = s->idle;
    s->idle = false;
    if (idle)
        return;
    s->good = ok ? s->good + 1 : 0;
    if (ok && s->failing && s->good < GOOD)
        return;
    if (ok && s->failing)
        wt_log(WT_LOG_INFO, "%s to %s: goes on", s->type->name, s->target);
    if (!ok && !s->failing && !s->said)
        wt_log(WT_LOG_WARN, "%s to %s: %s", s->type->name, s->target, why);
    s->failing = !ok;
    s->said = false;
}

static void *run(void *argument)
{
    struct wt_sink *s = argument;
    pthread_setname_np(pthread_self(), "wt-stream");
    for (;;) {
        struct wt_stream_job *job = wt_fifo_pop(s->fifo, 200);
        char why[WT_STREAM_WHY] = "";
        if (!job && wt_fifo_closed(s->fifo))
            break;
        if (!job)
            continue;
        const bool ok = s->type->send(s, job, why);
        note(s, ok, why);
        job_unref(job);
    }
    return NULL;
}

static enum wt_status start(struct wt_streams *streams, const struct wt_sink_type *type,
                            const char *target, int points)
{
    struct wt_sink *s = &streams->sink[streams->count];
    sigset_t all, before;
    if (!target || !target[0])
        return WT_OK;
    streams->count++;
    *s = (struct wt_sink){.type = type, .points = points};
    snprintf(s->target, sizeof s->target, "%s", target);
    enum wt_status status = wt_fifo_create(&s->fifo, QUEUE, job_unref);
    if (status)
        return status;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    s->started = pthread_create(&s->thread, NULL, run, s) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return s->started ? WT_OK : wt_fail(WT_ERR_MEMORY, "%s: cannot start a thread", target);
}

/* ---- all of them -------------------------------------------------------------------------------
 */

enum wt_status wt_streams_check(const struct wt_stream_options *o)
{
    const char *const address[] = {o->osf, o->vmc};
    static const char *const name[] = {"--osf-udp", "--vmc"};
    char host[WT_UDP_HOST], port[8];
    for (int i = 0; i < 2; i++)
        if (address[i] && address[i][0] && !wt_udp_address(address[i], host, port))
            return wt_fail(WT_ERR_ARGUMENT,
                           "%s: \"%.200s\" is not HOST:PORT, such as 127.0.0.1:11573", name[i],
                           address[i]);
    return WT_OK;
}

enum wt_status wt_streams_open(struct wt_streams **out, const struct wt_stream_options *o)
{
    enum wt_status status = wt_streams_check(o);
    struct wt_streams *s;
    *out = NULL;
    if (status)
        return status;
    if (!(s = calloc(1, sizeof *s)))
        return wt_fail(WT_ERR_MEMORY, "streams: out of memory");
    s->wait = o->wait;
    s->draws = o->camera && o->camera[0];
    status = start(s, &wt_sink_osf, o->osf, 0);
    if (!status)
        status = start(s, &wt_sink_vmc, o->vmc, 0);
    if (!status)
        status = start(s, &wt_sink_camera, o->camera, 0);
    if (!status)
        status = start(s, &wt_sink_lines, o->lines, o->points);
    if (status || !s->count)
        wt_streams_close(&s);
    *out = s;
    return status;
}

void wt_streams_push(struct wt_streams *streams, struct wt_frame *frame,
                     const struct wt_result *result, const struct wt_view *view)
{
    struct wt_streams *s = streams;
    struct wt_stream_job *job = s ? job_create(s, frame, result, view) : NULL;
    if (!job) /* without memory this frame is left out */
        return;
    for (int i = 0; i < s->count; i++) {
        atomic_fetch_add(&job->refs, 1);
        (s->wait ? wt_fifo_push_wait : wt_fifo_push)(s->sink[i].fifo, job); /* or it is unref'ed */
    }
    job_unref(job);
}

enum wt_status wt_streams_close(struct wt_streams **streams)
{
    struct wt_streams *s = *streams;
    enum wt_status status = WT_OK;
    *streams = NULL;
    if (!s)
        return status;
    for (int i = 0; i < s->count; i++) {
        struct wt_sink *sink = &s->sink[i];
        sink->closing = true;
        if (sink->fifo)
            wt_fifo_close(sink->fifo);
    }
    for (int i = 0; i < s->count; i++) {
        struct wt_sink *sink = &s->sink[i];
        if (sink->started)
            pthread_join(sink->thread, NULL);
        const enum wt_status closed = sink->type->close(sink);
        status = status ? status : closed;
        wt_fifo_destroy(&sink->fifo);
    }
    free(s);
    return status;
}
