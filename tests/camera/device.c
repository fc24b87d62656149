#include "device.h"

#include "controls.h"
#include "modes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define DEVICES 8
#define BUFFERS 8
#define SECOND 1000000000ll

enum buffer_state { IDLE, QUEUED, FILLED };

struct device {
    bool open, gone, streaming, writes;
    int fd;           /* a timer */
    char folder[256]; /* what it plays */
    struct modes modes;
    int mode, rate;      /* those chosen */
    int memory, buffers; /* memory file; number of buffers in it */
    struct {
        enum buffer_state state;
        uint32_t bytes, sequence;
        int64_t time;
    } buffer[BUFFERS];
    struct clip clip;
    int64_t due; /* of the next frame, on the monotonic clock, in ns */
    uint32_t sequence;
};

static struct device device[DEVICES];
/* ---- the folder ---------------------------------------------------------------------------- */

static void note(const char *folder, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void note(const char *folder, const char *format, ...)
{
    char path[300], line[200];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    line[n++] = '\n';
    snprintf(path, sizeof path, "%s/log", folder);
    int fd =
        (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0)
        return;
    if (write(fd, line, (size_t)n) != n)
        abort();
    syscall(SYS_close, fd);
}

/* Is the camera in this state now? *number: what stands after the word, else 0. */
bool in_state(const char *folder, const char *state, int *number)
{
    char path[300], text[64] = "", word[32] = "";
    int n = 0;
    snprintf(path, sizeof path, "%s/state", folder);
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return false;
    if (syscall(SYS_read, fd, text, sizeof text - 1) < 0)
        text[0] = 0;
    syscall(SYS_close, fd);
    sscanf(text, "%31s %d", word, &n);
    if (number)
        *number = n;
    return strcmp(word, state) == 0;
}

static bool unplugged(const char *folder)
{
    struct stat status;
    return stat(folder, &status) != 0;
}
/* ---- frames -------------------------------------------------------------------------------- */

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

static const struct mode *mode_of(const struct device *d)
{
    return &d->modes.mode[d->mode];
}

static uint8_t *memory_of(const struct device *d, int i)
{
    const size_t size = mode_size(mode_of(d));
    void *p = (void *)syscall(SYS_mmap, NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, d->memory,
                              (off_t)(size * (size_t)i));
    return p == MAP_FAILED ? NULL : p;
}

static void fill(struct device *d, int i)
{
    const size_t size = mode_size(mode_of(d));
    size_t bytes;
    int every;
    const uint8_t *frame = clip_frame(&d->clip, d->sequence, &bytes);
    uint8_t *memory = memory_of(d, i);
    if (!memory)
        abort();
    if (in_state(d->folder, "cut", &every) && every && d->sequence % (uint32_t)every == 0)
        bytes /= 2;
    if (in_state(d->folder, "empty", &every) && every && d->sequence % (uint32_t)every == 0)
        bytes = 0;
    memset(memory, 0, size);
    memcpy(memory, frame, bytes);
    munmap(memory, size);
    d->buffer[i].state = FILLED;
    d->buffer[i].bytes = (uint32_t)bytes;
    d->buffer[i].sequence = d->sequence;
    d->buffer[i].time = d->due;
}

static int oldest(const struct device *d, enum buffer_state state)
{
    int best = -1;
    for (int i = 0; i < d->buffers; i++)
        if (d->buffer[i].state == state && (best < 0 || d->buffer[i].time < d->buffer[best].time))
            best = i;
    return best;
}

/* The camera up to now, and when it is readable. */
static void run_camera(struct device *d)
{
    int late = 0;
    struct itimerspec timer = {0};
    const bool stuck = in_state(d->folder, "stuck", NULL);
    while (d->streaming && !stuck && d->due <= now()) {
        const int i = oldest(d, QUEUED);
        if (i >= 0)
            fill(d, i);
        d->sequence++;
        if (!in_state(d->folder, "late", &late))
            late = 0;
        d->due += (int64_t)((double)SECOND / mode_of(d)->rate[d->rate]) + late * (SECOND / 1000);
    }
    const int64_t at = oldest(d, FILLED) >= 0 ? 1 : d->streaming && !stuck ? d->due : 0;
    timer.it_value = (struct timespec){at / SECOND, at % SECOND};
    timerfd_settime(d->fd, TFD_TIMER_ABSTIME, &timer, NULL);
}

/* ---- what a driver does -------------------------------------------------------------------- */

static int fails(int error)
{
    errno = error;
    return -1;
}

/* Another one has the right to stream: another program, or another descriptor of this one. */
static bool taken(const struct device *d)
{
    for (int i = 0; i < DEVICES; i++)
        if (&device[i] != d && device[i].open && device[i].buffers &&
            strcmp(device[i].folder, d->folder) == 0)
            return true;
    return in_state(d->folder, "busy", NULL);
}

/* An output, as v4l2loopback's devices are: programs write pictures to it. */
static bool is_output(const struct device *d)
{
    char path[300];
    struct stat status;
    snprintf(path, sizeof path, "%s/output", d->folder);
    return stat(path, &status) == 0;
}

static int capability(struct device *d, struct v4l2_capability *c)
{
    char path[300];
    memset(c, 0, sizeof *c);
    snprintf(path, sizeof path, "%s/metadata", d->folder);
    struct stat status;
    const bool metadata = stat(path, &status) == 0;
    snprintf((char *)c->driver, sizeof c->driver, "played");
    snprintf((char *)c->card, sizeof c->card, "played camera");
    c->device_caps =
        V4L2_CAP_STREAMING | (metadata ? V4L2_CAP_META_CAPTURE : V4L2_CAP_VIDEO_CAPTURE);
    if (is_output(d))
        c->device_caps = V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_READWRITE;
    c->capabilities =
        V4L2_CAP_STREAMING | V4L2_CAP_META_CAPTURE | V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_DEVICE_CAPS;
    return 0;
}

/* Takes YUYV in the nearest size that the device has. */
static int output_format(struct device *d, struct v4l2_format *f)
{
    if (in_state(d->folder, "busy", NULL))
        return fails(EBUSY);
    d->mode = modes_nearest(&d->modes, V4L2_PIX_FMT_YUYV, f->fmt.pix.width, f->fmt.pix.height);
    const struct mode *m = mode_of(d);
    f->fmt.pix.width = (uint32_t)m->width;
    f->fmt.pix.height = (uint32_t)m->height;
    f->fmt.pix.pixelformat = m->format;
    f->fmt.pix.bytesperline = mode_stride(m);
    f->fmt.pix.sizeimage = (uint32_t)mode_bytes(m);
    d->writes = true;
    note(d->folder, "writes %.4s %dx%d", (const char *)&m->format, m->width, m->height);
    return 0;
}

/* Whole pictures, into the file `written`. */
ssize_t device_write(struct device *d, const void *bytes, size_t size)
{
    char path[300];
    if (unplugged(d->folder))
        return fails(ENODEV);
    if (!d->writes || size != mode_bytes(mode_of(d)))
        return fails(EINVAL);
    snprintf(path, sizeof path, "%s/written", d->folder);
    int fd =
        (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    const char *at = bytes;
    for (size_t left = size; fd >= 0 && left;) {
        const ssize_t n = syscall(SYS_write, fd, at, left);
        if (n <= 0)
            abort();
        at += n;
        left -= (size_t)n;
    }
    syscall(SYS_close, fd);
    return (ssize_t)size;
}

static int format(struct device *d, struct v4l2_format *f, bool set, bool keep)
{
    if (f->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
        return fails(EINVAL);
    int mode = d->mode;
    if (set) {
        mode =
            modes_nearest(&d->modes, f->fmt.pix.pixelformat, f->fmt.pix.width, f->fmt.pix.height);
        if (keep && (d->buffers || taken(d)))
            return fails(EBUSY);
    }
    const struct mode *m = &d->modes.mode[mode];
    memset(&f->fmt, 0, sizeof f->fmt);
    f->fmt.pix = (struct v4l2_pix_format){.width = (uint32_t)m->width,
                                          .height = (uint32_t)m->height,
                                          .pixelformat = m->format,
                                          .field = V4L2_FIELD_NONE,
                                          .bytesperline = mode_stride(m),
                                          .sizeimage = (uint32_t)mode_bytes(m),
                                          .colorspace = V4L2_COLORSPACE_SRGB};
    if (set && keep) {
        d->mode = mode;
        d->rate = 0;
    }
    return 0;
}

static int parameters(struct device *d, struct v4l2_streamparm *p, bool set)
{
    if (p->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
        return fails(EINVAL);
    const struct v4l2_fract wanted = p->parm.capture.timeperframe;
    if (set && (d->streaming || taken(d)))
        return fails(EBUSY);
    if (set && wanted.numerator)
        d->rate = mode_nearest_rate(mode_of(d), (double)wanted.denominator / wanted.numerator);
    memset(&p->parm, 0, sizeof p->parm);
    p->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
    p->parm.capture.timeperframe =
        (struct v4l2_fract){1000, (uint32_t)(1000 * mode_of(d)->rate[d->rate] + 0.5)};
    return 0;
}

static void let_go(struct device *d)
{
    if (d->buffers)
        syscall(SYS_close, d->memory);
    d->buffers = 0;
    d->streaming = false;
    clip_close(&d->clip);
}

static int request_buffers(struct device *d, struct v4l2_requestbuffers *r)
{
    if (r->type != V4L2_BUF_TYPE_VIDEO_CAPTURE || r->memory != V4L2_MEMORY_MMAP)
        return fails(EINVAL);
    if (d->streaming || taken(d))
        return fails(EBUSY);
    let_go(d);
    if (!r->count)
        return 0;
    if (!clip_open(&d->clip, d->folder, mode_of(d)))
        return fails(EIO);
    d->buffers = r->count < BUFFERS ? (int)r->count : BUFFERS;
    d->memory = memfd_create("frames", MFD_CLOEXEC);
    if (d->memory < 0 || ftruncate(d->memory, (off_t)mode_size(mode_of(d)) * d->buffers))
        abort();
    memset(d->buffer, 0, sizeof d->buffer);
    r->count = (uint32_t)d->buffers;
    return 0;
}

static int buffer(struct device *d, struct v4l2_buffer *b, unsigned long request)
{
    if (b->type != V4L2_BUF_TYPE_VIDEO_CAPTURE || !d->buffers)
        return fails(EINVAL);
    if (request != VIDIOC_DQBUF && b->index >= (uint32_t)d->buffers)
        return fails(EINVAL);
    run_camera(d);
    if (request == VIDIOC_DQBUF) {
        const int i = oldest(d, FILLED);
        if (!d->streaming)
            return fails(EINVAL);
        if (i < 0)
            return fails(EAGAIN);
        b->index = (uint32_t)i;
    }
    const uint32_t i = b->index;
    if (request == VIDIOC_QBUF) {
        if (d->buffer[i].state != IDLE)
            return fails(EINVAL);
        d->buffer[i].state = QUEUED;
        d->buffer[i].time = now();
    } else if (request == VIDIOC_DQBUF) {
        d->buffer[i].state = IDLE;
    }
    *b = (struct v4l2_buffer){
        .index = i,
        .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
        .memory = V4L2_MEMORY_MMAP,
        .field = V4L2_FIELD_NONE,
        .flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
        .bytesused = d->buffer[i].bytes,
        .sequence = d->buffer[i].sequence,
        .timestamp = {d->buffer[i].time / SECOND, d->buffer[i].time % SECOND / 1000},
        .m.offset = (uint32_t)(mode_size(mode_of(d)) * i),
        .length = (uint32_t)mode_bytes(mode_of(d))};
    run_camera(d);
    return 0;
}

static int stream(struct device *d, bool on)
{
    const struct mode *m = mode_of(d);
    if (on && !d->buffers)
        return fails(EINVAL);
    if (on && in_state(d->folder, "bandwidth", NULL))
        return fails(ENOSPC);
    if (on && !d->streaming)
        note(d->folder, "streams %.4s %dx%d at %g", (const char *)&m->format, m->width, m->height,
             m->rate[d->rate]);
    d->streaming = on;
    d->due = now() + (int64_t)((double)SECOND / m->rate[d->rate]);
    for (int i = 0; !on && i < d->buffers; i++)
        d->buffer[i].state = IDLE;
    run_camera(d);
    return 0;
}

static int input(unsigned long request, void *argument)
{
    struct v4l2_input *in = argument;
    int *number = argument;
    if (request == VIDIOC_G_INPUT) {
        *number = 0;
        return 0;
    }
    if (request == VIDIOC_S_INPUT)
        return *number == 0 ? 0 : fails(EINVAL);
    if (in->index)
        return fails(EINVAL);
    *in = (struct v4l2_input){.name = "Camera 1", .type = V4L2_INPUT_TYPE_CAMERA};
    return 0;
}

int device_answer(struct device *d, unsigned long request, void *argument)
{
    d->gone = d->gone || unplugged(d->folder);
    if (d->gone)
        return fails(ENODEV);
    switch (request) {
    case VIDIOC_QUERYCAP:
        return capability(d, argument);
    case VIDIOC_ENUMINPUT:
    case VIDIOC_G_INPUT:
    case VIDIOC_S_INPUT:
        return input(request, argument);
    case VIDIOC_ENUM_FMT:
        return modes_format(&d->modes, argument) ? 0 : fails(EINVAL);
    case VIDIOC_ENUM_FRAMESIZES:
        return modes_size(&d->modes, argument) ? 0 : fails(EINVAL);
    case VIDIOC_ENUM_FRAMEINTERVALS:
        return modes_interval(&d->modes, argument) ? 0 : fails(EINVAL);
    case VIDIOC_S_FMT:
        if (is_output(d) && ((struct v4l2_format *)argument)->type == V4L2_BUF_TYPE_VIDEO_OUTPUT)
            return output_format(d, argument);
        /* fall through */
    case VIDIOC_G_FMT:
    case VIDIOC_TRY_FMT:
        return format(d, argument, request != VIDIOC_G_FMT, request == VIDIOC_S_FMT);
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM:
        return parameters(d, argument, request == VIDIOC_S_PARM);
    case VIDIOC_REQBUFS:
        return request_buffers(d, argument);
    case VIDIOC_QUERYBUF:
    case VIDIOC_QBUF:
    case VIDIOC_DQBUF:
        return buffer(d, argument, request);
    case VIDIOC_STREAMON:
        return stream(d, true);
    case VIDIOC_STREAMOFF:
        return stream(d, false);
    case VIDIOC_QUERYCTRL:
    case VIDIOC_QUERYMENU:
    case VIDIOC_G_CTRL:
    case VIDIOC_S_CTRL:
        return controls_answer(d->folder, request, argument);
    default:
        return fails(ENOTTY);
    }
}
/* ---- the descriptors ------------------------------------------------------------------------ */

struct device *device_find(int fd)
{
    for (int i = 0; i < DEVICES; i++)
        if (device[i].open && device[i].fd == fd)
            return &device[i];
    return NULL;
}

int device_open(const char *folder)
{
    struct device *d = NULL;
    if (unplugged(folder))
        return fails(ENOENT);
    if (in_state(folder, "denied", NULL))
        return fails(EACCES);
    for (int i = 0; i < DEVICES && !d; i++)
        if (!device[i].open)
            d = &device[i];
    if (!d)
        return fails(EMFILE);
    *d = (struct device){.open = true};
    snprintf(d->folder, sizeof d->folder, "%.255s", folder);
    if (!modes_read(&d->modes, folder)) {
        d->open = false;
        return fails(EIO);
    }
    d->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    return d->fd;
}

void device_close(struct device *d)
{
    let_go(d);
    d->open = false;
}

int device_memory(const struct device *d)
{
    return d->memory;
}
