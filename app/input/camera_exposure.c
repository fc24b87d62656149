#include "input/camera_exposure.h"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool read_control(int fd, uint32_t id, int *value)
{
    struct v4l2_control c = {.id = id};
    if (ioctl(fd, VIDIOC_G_CTRL, &c))
        return false;
    *value = c.value;
    return true;
}

static bool write_control(int fd, uint32_t id, int value)
{
    struct v4l2_control c = {.id = id, .value = value};
    return ioctl(fd, VIDIOC_S_CTRL, &c) == 0;
}

static bool has_mode(int fd, int mode)
{
    struct v4l2_querymenu m = {.id = V4L2_CID_EXPOSURE_AUTO, .index = (uint32_t)mode};
    return ioctl(fd, VIDIOC_QUERYMENU, &m) == 0;
}

/* Of the modes of V4L2_CID_EXPOSURE_AUTO the first that the device has: those in which the camera,
 * or the user, sets the time. Webcams have "aperture priority" for the first. -1: none. */
static int mode_for(int fd, bool automatic)
{
    static const int modes[2][2] = {{V4L2_EXPOSURE_MANUAL, V4L2_EXPOSURE_SHUTTER_PRIORITY},
                                    {V4L2_EXPOSURE_AUTO, V4L2_EXPOSURE_APERTURE_PRIORITY}};
    for (int i = 0; i < 2; i++)
        if (has_mode(fd, modes[automatic][i]))
            return modes[automatic][i];
    return -1;
}

static bool is_automatic(int fd)
{
    int mode = V4L2_EXPOSURE_MANUAL;
    read_control(fd, V4L2_CID_EXPOSURE_AUTO, &mode);
    return mode == V4L2_EXPOSURE_AUTO || mode == V4L2_EXPOSURE_APERTURE_PRIORITY;
}

static bool describe(int fd, struct wt_camera_exposure *out)
{
    struct v4l2_queryctrl q = {.id = V4L2_CID_EXPOSURE_ABSOLUTE};
    if (ioctl(fd, VIDIOC_QUERYCTRL, &q) || (q.flags & V4L2_CTRL_FLAG_DISABLED) ||
        q.maximum <= q.minimum)
        return false;
    out->least = q.minimum;
    out->most = q.maximum;
    out->step = q.step > 0 ? q.step : 1;
    out->value = q.default_value;
    read_control(fd, q.id, &out->value);
    out->can_be_automatic = mode_for(fd, true) >= 0;
    out->automatic = is_automatic(fd);
    out->settable = true;
    return true;
}

bool wt_camera_exposure_get(const char *device, struct wt_camera_exposure *out)
{
    int fd = open(device, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    *out = (struct wt_camera_exposure){0};
    if (fd < 0)
        return false;
    const bool there = describe(fd, out);
    close(fd);
    return there;
}

bool wt_camera_exposure_set(const char *device, bool automatic, int value)
{
    struct wt_camera_exposure e = {0};
    int fd = open(device, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool done = describe(fd, &e) && (!automatic || e.can_be_automatic);
    const int mode = done ? mode_for(fd, automatic) : -1;
    if (done && mode >= 0)
        done = write_control(fd, V4L2_CID_EXPOSURE_AUTO, mode);
    if (done && !automatic) {
        value = value < e.least ? e.least : value > e.most ? e.most : value;
        value = e.least + (value - e.least) / e.step * e.step;
        done = write_control(fd, V4L2_CID_EXPOSURE_ABSOLUTE, value);
    }
    close(fd);
    return done;
}
