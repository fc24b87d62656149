#include "controls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct exposure {
    int mode, value, least, most, step;
};

static int fails(int error)
{
    errno = error;
    return -1;
}

static int open_file(const char *folder, int flags)
{
    char path[300];
    snprintf(path, sizeof path, "%s/exposure", folder);
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0644);
}

static bool exposure_read(const char *folder, struct exposure *e)
{
    char text[100] = "";
    int fd = open_file(folder, O_RDONLY);
    if (fd < 0)
        return false;
    const long n = syscall(SYS_read, fd, text, sizeof text - 1);
    syscall(SYS_close, fd);
    return n > 0 &&
           sscanf(text, "%d %d %d %d %d", &e->mode, &e->value, &e->least, &e->most, &e->step) == 5;
}

static int exposure_write(const char *folder, const struct exposure *e)
{
    char text[100];
    const int n = snprintf(text, sizeof text, "%d %d %d %d %d\n", e->mode, e->value, e->least,
                           e->most, e->step);
    int fd = open_file(folder, O_WRONLY | O_TRUNC);
    if (fd < 0 || write(fd, text, (size_t)n) != n)
        abort();
    syscall(SYS_close, fd);
    return 0;
}

static int query(const struct exposure *e, struct v4l2_queryctrl *q)
{
    if (q->id != V4L2_CID_EXPOSURE_ABSOLUTE)
        return fails(EINVAL);
    *q = (struct v4l2_queryctrl){.id = q->id,
                                 .type = V4L2_CTRL_TYPE_INTEGER,
                                 .minimum = e->least,
                                 .maximum = e->most,
                                 .step = e->step,
                                 .default_value = e->least};
    return 0;
}

/* As webcams: manual and "aperture priority". */
static bool known_mode(int mode)
{
    return mode == V4L2_EXPOSURE_MANUAL || mode == V4L2_EXPOSURE_APERTURE_PRIORITY;
}

static int control(const char *folder, struct exposure *e, struct v4l2_control *c, bool set)
{
    int *held = c->id == V4L2_CID_EXPOSURE_AUTO       ? &e->mode
                : c->id == V4L2_CID_EXPOSURE_ABSOLUTE ? &e->value
                                                      : NULL;
    if (!held)
        return fails(EINVAL);
    if (!set) {
        c->value = *held;
        return 0;
    }
    if (held == &e->mode && !known_mode(c->value))
        return fails(EINVAL);
    if (held == &e->value && e->mode != V4L2_EXPOSURE_MANUAL)
        return fails(EACCES);
    if (held == &e->value &&
        (c->value < e->least || c->value > e->most || (c->value - e->least) % e->step))
        return fails(ERANGE);
    *held = c->value;
    return exposure_write(folder, e);
}

int controls_answer(const char *folder, unsigned long request, void *argument)
{
    struct exposure e;
    if (!exposure_read(folder, &e))
        return fails(EINVAL);
    if (request == VIDIOC_QUERYCTRL)
        return query(&e, argument);
    if (request == VIDIOC_QUERYMENU) {
        struct v4l2_querymenu *m = argument;
        return m->id == V4L2_CID_EXPOSURE_AUTO && known_mode((int)m->index) ? 0 : fails(EINVAL);
    }
    return control(folder, &e, argument, request == VIDIOC_S_CTRL);
}
