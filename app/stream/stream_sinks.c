/* The outputs. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/status.h"
#include "draw/annotate.h"
#include "record/result_writer.h"
#include "stream/packet.h"
#include "stream/stream_internal.h"
#include "stream/udp.h"
#include "stream/virtual_camera.h"

#define AGAIN_US 1000000 /* between two attempts to open */

static bool out_of_memory(char why[WT_STREAM_WHY])
{
    snprintf(why, WT_STREAM_WHY, "out of memory");
    return false;
}

/* Is it time to try to open it (again)? */
static bool may_try(struct wt_sink *s)
{
    const int64_t now = wt_now_us();
    if (s->tried_us && now - s->tried_us < AGAIN_US)
        return false;
    s->tried_us = now;
    return true;
}

/* ---- datagrams --------------------------------------------------------------------------------
 */

struct udp {
    int fd;
    bool begun;
    int64_t first_us;
    struct wt_signals signals;
    struct wt_signal signal[WT_FACES_MAX];
    uint8_t packet[WT_OSF_ROOM];
};

static struct udp *udp_of(struct wt_sink *s)
{
    if (!s->self && (s->self = calloc(1, sizeof(struct udp))))
        ((struct udp *)s->self)->fd = -1;
    return s->self;
}

/* why stays what it was while it is too early to try again. */
static bool udp_ready(struct wt_sink *s, struct udp *u, char why[WT_STREAM_WHY])
{
    if (u->fd < 0 && may_try(s))
        u->fd = wt_udp_open(s->target, why, WT_STREAM_WHY);
    return u->fd >= 0;
}

static int signals_of(struct udp *u, const struct wt_stream_job *job)
{
    return wt_signals_update(&u->signals, &job->frame->image, job->frame->time_us, &job->result,
                             u->signal);
}

static bool send_osf(struct wt_sink *s, const struct wt_stream_job *job, char why[WT_STREAM_WHY])
{
    struct udp *u = udp_of(s);
    struct timespec now;
    if (!u)
        return out_of_memory(why);
    if (!udp_ready(s, u, why))
        return false;
    clock_gettime(CLOCK_REALTIME, &now);
    int count = signals_of(u, job);
    count = count > 36 ? 36 : count; /* what one datagram holds */
    const size_t size = wt_osf_packet(u->packet, (double)now.tv_sec + 1e-9 * (double)now.tv_nsec,
                                      &job->frame->image, u->signal, count);
    s->idle = !size;
    return !size || wt_udp_send(u->fd, u->packet, size, why, WT_STREAM_WHY);
}

static bool send_vmc(struct wt_sink *s, const struct wt_stream_job *job, char why[WT_STREAM_WHY])
{
    struct udp *u = udp_of(s);
    if (!u)
        return out_of_memory(why);
    if (!udp_ready(s, u, why))
        return false;
    if (!u->begun)
        u->first_us = job->frame->time_us;
    u->begun = true;
    const int count = signals_of(u, job);
    const double seconds = (double)(job->frame->time_us - u->first_us) / 1e6;
    const size_t size = wt_vmc_bundle(u->packet, seconds, u->signal, count);
    return wt_udp_send(u->fd, u->packet, size, why, WT_STREAM_WHY);
}

static enum wt_status close_udp(struct wt_sink *s)
{
    struct udp *u = s->self;
    if (u && u->fd >= 0)
        close(u->fd);
    free(u);
    return WT_OK;
}

const struct wt_sink_type wt_sink_osf = {"OpenSeeFace packets", send_osf, close_udp};
const struct wt_sink_type wt_sink_vmc = {"VMC bundles", send_vmc, close_udp};

/* ---- JSON lines --------------------------------------------------------------------------------
 */

/* To standard output by way of memory, so that a reader that takes nothing can be left. */
struct lines {
    struct wt_result_writer *writer;
    FILE *memory;
    char *text;
    size_t size;
    int64_t count;
};

static bool lines_open(struct wt_sink *s, struct lines *l)
{
    struct wt_result_writer_options options = {
        .format = WT_RESULT_JSONL, .points = s->points, .numbered = true, .early = true};
    if (strcmp(s->target, "-") == 0) {
        l->memory = open_memstream(&l->text, &l->size);
        options.to = l->memory;
        if (!l->memory)
            return false;
    }
    return !wt_result_writer_open(&l->writer, s->target, &options);
}

/* A pipe that is ready takes 4096 bytes at least. false: closing, or an error. */
static bool drain(struct wt_sink *s, const char *text, size_t size, char why[WT_STREAM_WHY])
{
    while (size) {
        struct pollfd ready = {.fd = STDOUT_FILENO, .events = POLLOUT};
        const int found = poll(&ready, 1, 100);
        if (found == 0 || (found < 0 && errno == EINTR)) {
            if (s->closing)
                return true;
            continue;
        }
        const ssize_t n = write(STDOUT_FILENO, text, size < 4096 ? size : 4096);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (n < 0) {
            snprintf(why, WT_STREAM_WHY, "standard output: %s", strerror(errno));
            return false;
        }
        text += n;
        size -= (size_t)n;
    }
    return true;
}

static bool send_lines(struct wt_sink *s, const struct wt_stream_job *job, char why[WT_STREAM_WHY])
{
    struct lines *l = s->self;
    if (!l) {
        if (!(l = s->self = calloc(1, sizeof *l)))
            return out_of_memory(why);
        if (!lines_open(s, l))
            s->said = true; /* logged by the writer */
    }
    if (!l->writer)
        return false;
    if (l->memory)
        rewind(l->memory);
    if (wt_result_writer_write(l->writer, l->count, job->frame->time_us, &job->frame->image,
                               &job->result)) {
        s->said = true;
        return false;
    }
    l->count++;
    return !l->memory || drain(s, l->text, (size_t)ftell(l->memory), why);
}

static enum wt_status close_lines(struct wt_sink *s)
{
    struct lines *l = s->self;
    enum wt_status status = WT_OK;
    if (!l)
        return status;
    status = wt_result_writer_close(&l->writer, WT_KEEP_ALL);
    if (l->memory)
        fclose(l->memory);
    free(l->text);
    free(l);
    return status;
}

const struct wt_sink_type wt_sink_lines = {"JSON lines", send_lines, close_lines};

/* ---- the virtual camera ------------------------------------------------------------------------
 */

static bool send_camera(struct wt_sink *s, const struct wt_stream_job *job, char why[WT_STREAM_WHY])
{
    const struct wt_image *image = &job->frame->image;
    struct wt_virtual_camera *camera = s->self;
    if (!camera) {
        if (!may_try(s))
            return false;
        camera = wt_virtual_camera_open(s->target, image->width, image->height, why, WT_STREAM_WHY);
        if (!camera)
            return false;
        s->self = camera;
    }
    struct wt_frame *drawn = wt_annotate(job->frame, &job->result, &job->view);
    if (!drawn)
        return out_of_memory(why);
    const bool ok = wt_virtual_camera_write(camera, &drawn->image, why, WT_STREAM_WHY);
    wt_frame_unref(&drawn);
    if (!ok) {
        wt_virtual_camera_close(&camera);
        s->self = NULL;
        s->tried_us = wt_now_us();
    }
    return ok;
}

static enum wt_status close_camera(struct wt_sink *s)
{
    struct wt_virtual_camera *camera = s->self;
    wt_virtual_camera_close(&camera);
    return WT_OK;
}

const struct wt_sink_type wt_sink_camera = {"virtual camera", send_camera, close_camera};
