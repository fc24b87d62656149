#include "input/camera_v4l2.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/paths.h"

/* More of anything than cameras have: a driver that never ends its list must not hold us. */
#define LIST_MAX 256

/* In order of preference. */
static const uint32_t readable[] = {V4L2_PIX_FMT_MJPEG,  V4L2_PIX_FMT_JPEG,   V4L2_PIX_FMT_YUYV,
                                    V4L2_PIX_FMT_UYVY,   V4L2_PIX_FMT_NV12,   V4L2_PIX_FMT_NV21,
                                    V4L2_PIX_FMT_YUV420, V4L2_PIX_FMT_YVU420, V4L2_PIX_FMT_BGR24,
                                    V4L2_PIX_FMT_RGB24};
enum { READABLE = sizeof readable / sizeof *readable };

static int preference(uint32_t format)
{
    for (int i = 0; i < READABLE; i++)
        if (readable[i] == format)
            return i;
    return READABLE;
}

static int open_device(const char *device)
{
    return open(device, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

/* ---- modes --------------------------------------------------------------------------------- */

/* Goes through a device's modes. Of what it has any of, those nearest to what is wanted. */
struct survey {
    int width, height;
    double fps;
    void (*take)(void *user, const struct wt_camera_mode *mode);
    void *user;
};

static double rate_of(struct v4l2_fract interval)
{
    return interval.numerator ? (double)interval.denominator / interval.numerator : 0.0;
}

static void survey_rates(int fd, const struct survey *s, struct wt_camera_mode mode)
{
    struct v4l2_frmivalenum f = {.pixel_format = mode.format,
                                 .width = (uint32_t)mode.width,
                                 .height = (uint32_t)mode.height};
    for (; f.index < LIST_MAX && ioctl(fd, VIDIOC_ENUM_FRAMEINTERVALS, &f) == 0; f.index++) {
        if (f.type != V4L2_FRMIVAL_TYPE_DISCRETE) {
            const double low = rate_of(f.stepwise.max), high = rate_of(f.stepwise.min);
            mode.fps = fmin(fmax(s->fps, low), high);
            break;
        }
        mode.fps = rate_of(f.discrete);
        s->take(s->user, &mode);
    }
    if (f.index == 0) /* any rate between two, or it does not say */
        s->take(s->user, &mode);
}

static int within(int wanted, uint32_t least, uint32_t most, uint32_t step)
{
    if (wanted <= (int)least || most < least)
        return (int)least;
    if (wanted >= (int)most)
        return (int)most;
    return (int)(least + ((uint32_t)wanted - least) / (step ? step : 1) * (step ? step : 1));
}

static void survey_sizes(int fd, const struct survey *s, uint32_t format)
{
    struct v4l2_frmsizeenum f = {.pixel_format = format};
    for (; f.index < LIST_MAX && ioctl(fd, VIDIOC_ENUM_FRAMESIZES, &f) == 0; f.index++) {
        struct wt_camera_mode mode = {.format = format};
        const struct v4l2_frmsize_stepwise *any = &f.stepwise;
        const bool discrete = f.type == V4L2_FRMSIZE_TYPE_DISCRETE;
        mode.width = discrete ? (int)f.discrete.width
                              : within(s->width, any->min_width, any->max_width, any->step_width);
        mode.height = discrete
                          ? (int)f.discrete.height
                          : within(s->height, any->min_height, any->max_height, any->step_height);
        if (mode.width > 0 && mode.height > 0)
            survey_rates(fd, s, mode);
        if (!discrete)
            return;
    }
}

static bool survey(const char *device, const struct survey *s)
{
    struct v4l2_fmtdesc f = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    int fd = open_device(device);
    if (fd < 0)
        return false;
    for (; f.index < LIST_MAX && ioctl(fd, VIDIOC_ENUM_FMT, &f) == 0; f.index++)
        if (preference(f.pixelformat) < READABLE)
            survey_sizes(fd, s, f.pixelformat);
    close(fd);
    return true;
}

struct choice {
    int width, height;
    double fps;
    bool usual; /* no size was asked for: width and height are what most would like */
    bool found;
    struct wt_camera_mode best;
};

static bool is_wide(const struct wt_camera_mode *m)
{
    return abs(m->width * 9 - m->height * 16) < 16 * 9;
}

/* Where no size was asked for, a rate at which motion looks smooth comes before everything, then
 * the shape of today's screens: many cameras send large pictures a few times a second only. */
#define SMOOTH_FPS 24.0

static int usual_rank(const struct choice *c, const struct wt_camera_mode *m)
{
    const bool slow = m->fps > 0 && m->fps < fmin(SMOOTH_FPS, c->fps) - 0.5;
    return c->usual ? 2 * !slow + is_wide(m) : 0;
}

static bool better(const struct choice *c, const struct wt_camera_mode *mode)
{
    const struct wt_camera_mode *m[] = {mode, &c->best};
    double off[2], rate[2];
    int rank[2];
    if (!c->found)
        return true;
    for (int i = 0; i < 2; i++) {
        off[i] = fabs((double)m[i]->width * m[i]->height - (double)c->width * c->height) +
                 fabs((double)m[i]->width - c->width); /* of the same area the same shape */
        rate[i] = fmin(m[i]->fps, c->fps + 0.5);
        rank[i] = usual_rank(c, m[i]);
    }
    if (rank[0] != rank[1])
        return rank[0] > rank[1];
    if (off[0] != off[1])
        return off[0] < off[1];
    if (fabs(rate[0] - rate[1]) > 0.5)
        return rate[0] > rate[1];
    if (mode->format != c->best.format)
        return preference(mode->format) < preference(c->best.format);
    return fabs(mode->fps - c->fps) < fabs(c->best.fps - c->fps);
}

static void choose(void *user, const struct wt_camera_mode *mode)
{
    struct choice *c = user;
    if (!better(c, mode))
        return;
    c->best = *mode;
    c->found = true;
}

bool wt_camera_best_mode(const char *device, int width, int height, double fps,
                         struct wt_camera_mode *out)
{
    struct choice c = {.width = width > 0 ? width : WT_CAMERA_WIDTH,
                       .height = height > 0 ? height : WT_CAMERA_HEIGHT,
                       .fps = fps,
                       .usual = width < 1 || height < 1};
    const struct survey s = {c.width, c.height, c.fps, choose, &c};
    survey(device, &s);
    *out = c.best;
    return c.found;
}

struct sizes {
    struct wt_camera_mode *out;
    int count, max;
};

/* In order, each once, with its fastest rate. */
static void list_size(void *user, const struct wt_camera_mode *mode)
{
    struct sizes *s = user;
    int at = 0;
    while (at < s->count && (s->out[at].width < mode->width ||
                             (s->out[at].width == mode->width && s->out[at].height < mode->height)))
        at++;
    if (at < s->count && s->out[at].width == mode->width && s->out[at].height == mode->height) {
        if (mode->fps > s->out[at].fps)
            s->out[at] = *mode;
        return;
    }
    if (s->count == s->max)
        return;
    memmove(&s->out[at + 1], &s->out[at], sizeof *s->out * (size_t)(s->count - at));
    s->out[at] = *mode;
    s->count++;
}

int wt_camera_sizes(const char *device, struct wt_camera_mode *out, int max)
{
    /* What a device that takes any size is asked about. */
    static const int known[][2] = {{640, 360}, {640, 480}, {1280, 720}, {1920, 1080}};
    struct sizes sizes = {.out = out, .max = max};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const struct survey s = {known[i][0], known[i][1], 1000.0, list_size, &sizes};
        if (!survey(device, &s))
            return 0;
    }
    return sizes.count;
}

/* ---- faults -------------------------------------------------------------------------------- */

/* Does a process hold the device? Of other people's this cannot be seen. */
static bool holds(const char *process, const char *device)
{
    struct wt_path folder, link, target;
    bool found = false;
    if (wt_path_print(&folder, "/proc/%s/fd", process))
        return false;
    DIR *dir = opendir(folder.text);
    for (struct dirent *e; dir && !found && (e = readdir(dir)) != NULL;) {
        if (wt_path_print(&link, "%s/%s", folder.text, e->d_name))
            continue;
        const ssize_t n = readlink(link.text, target.text, sizeof target.text - 1);
        target.text[n > 0 ? n : 0] = 0;
        found = strcmp(target.text, device) == 0;
    }
    if (dir)
        closedir(dir);
    return found;
}

static void name_of_process(const char *process, char *name, size_t size)
{
    struct wt_path path;
    snprintf(name, size, "another program");
    FILE *file = wt_path_print(&path, "/proc/%s/comm", process) ? NULL : fopen(path.text, "re");
    if (!file)
        return;
    if (fgets(name, (int)size, file))
        name[strcspn(name, "\n")] = 0;
    fclose(file);
}

static void say_who(const char *device, char *text, size_t size)
{
    char name[32];
    DIR *dir = opendir("/proc");
    snprintf(text, size, "in use by another program");
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        if (!isdigit((unsigned char)e->d_name[0]) || atol(e->d_name) == (long)getpid() ||
            !holds(e->d_name, device))
            continue;
        name_of_process(e->d_name, name, sizeof name);
        snprintf(text, size, "in use by %s (process %.20s)", name, e->d_name);
        break;
    }
    if (dir)
        closedir(dir);
}

/* Asking for the format that it has anyway needs the right that only one program has. */
static bool is_busy(int fd)
{
    struct v4l2_format f = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    return ioctl(fd, VIDIOC_G_FMT, &f) == 0 && ioctl(fd, VIDIOC_S_FMT, &f) != 0 && errno == EBUSY;
}

/* What the device offers where it is nothing that can be read; else an empty text. */
static void list_unreadable(int fd, char *text, size_t size)
{
    struct v4l2_fmtdesc f = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    size_t used = 0;
    text[0] = 0;
    for (; f.index < LIST_MAX && ioctl(fd, VIDIOC_ENUM_FMT, &f) == 0; f.index++) {
        char word[5] = "";
        if (preference(f.pixelformat) < READABLE) {
            text[0] = 0;
            return;
        }
        for (int i = 0; i < 4; i++) {
            const char letter = (char)(f.pixelformat >> 8 * i & 0x7f);
            word[i] = isprint((unsigned char)letter) ? letter : '?';
        }
        if (used < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", word);
    }
}

void wt_camera_fault(const char *device, char *text, size_t size)
{
    char formats[100];
    int fd = open_device(device);
    const int error = errno;
    if (fd < 0 && (error == EACCES || error == EPERM))
        snprintf(text, size, "no permission to use it (group \"video\")");
    else if (fd < 0 && error == EBUSY)
        say_who(device, text, size);
    else if (fd < 0 && (error == ENOENT || error == ENODEV || error == ENXIO))
        snprintf(text, size, "it has been unplugged");
    else if (fd < 0)
        snprintf(text, size, "%s", strerror(error));
    if (fd < 0)
        return;
    list_unreadable(fd, formats, sizeof formats);
    if (is_busy(fd))
        say_who(device, text, size);
    else if (formats[0])
        snprintf(text, size, "no format that can be read (it has %s)", formats);
    else
        snprintf(text, size, "it sends no pictures");
    close(fd);
}
