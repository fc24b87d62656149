#include "stream/virtual_camera.h"

#include <errno.h>
#include <fcntl.h>
#include <libswscale/swscale.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct wt_virtual_camera {
    int fd, width, height, stride;
    size_t bytes;
    uint8_t *pixels;
    struct SwsContext *scale;
    int in_width, in_height; /* that `scale` is made for */
};

static bool refuse(char *why, size_t size, const char *reason)
{
    snprintf(why, size, "%s", reason);
    return false;
}

static const char *reason_of(int error)
{
    return error == ENOENT   ? "no such device (sudo modprobe v4l2loopback exclusive_caps=1)"
           : error == EACCES ? "no permission"
           : error == EBUSY  ? "in use by another program"
           : error == ENODEV ? "gone"
                             : strerror(error);
}

/* The format that is agreed on may have longer rows. */
static bool agree(struct wt_virtual_camera *c, char *why, size_t size)
{
    struct v4l2_capability can = {0};
    if (ioctl(c->fd, VIDIOC_QUERYCAP, &can))
        return refuse(why, size, errno == ENOTTY ? "not a video device" : reason_of(errno));
    const uint32_t caps =
        can.capabilities & V4L2_CAP_DEVICE_CAPS ? can.device_caps : can.capabilities;
    if (!(caps & V4L2_CAP_VIDEO_OUTPUT))
        return refuse(why, size, "a camera, not an output (v4l2loopback)");
    struct v4l2_format f = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT};
    f.fmt.pix = (struct v4l2_pix_format){.width = (uint32_t)c->width,
                                         .height = (uint32_t)c->height,
                                         .pixelformat = V4L2_PIX_FMT_YUYV,
                                         .field = V4L2_FIELD_NONE,
                                         .bytesperline = 2 * (uint32_t)c->width,
                                         .sizeimage = 2 * (uint32_t)(c->width * c->height),
                                         .colorspace = V4L2_COLORSPACE_SRGB};
    if (ioctl(c->fd, VIDIOC_S_FMT, &f))
        return refuse(why, size, reason_of(errno));
    if (f.fmt.pix.pixelformat != V4L2_PIX_FMT_YUYV || f.fmt.pix.width < 2 || f.fmt.pix.height < 1 ||
        f.fmt.pix.width > 16384 || f.fmt.pix.height > 16384)
        return refuse(why, size, "it takes no YUYV pictures");
    c->width = (int)f.fmt.pix.width;
    c->height = (int)f.fmt.pix.height;
    c->stride = (int)f.fmt.pix.bytesperline;
    c->stride = c->stride < 2 * c->width ? 2 * c->width : c->stride;
    c->bytes = (size_t)c->stride * (size_t)c->height;
    return true;
}

struct wt_virtual_camera *wt_virtual_camera_open(const char *device, int width, int height,
                                                 char *why, size_t size)
{
    struct wt_virtual_camera *c = calloc(1, sizeof *c);
    if (!c) {
        refuse(why, size, "out of memory");
        return NULL;
    }
    c->width = width & ~1; /* two pixels share their colour */
    c->height = height;
    c->fd = open(device, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    bool ok = c->fd >= 0 ? agree(c, why, size) : refuse(why, size, reason_of(errno));
    if (ok && !(c->pixels = calloc(1, c->bytes)))
        ok = refuse(why, size, "out of memory");
    if (!ok)
        wt_virtual_camera_close(&c);
    return c;
}

static bool convert(struct wt_virtual_camera *c, const struct wt_image *image)
{
    if (!c->scale || c->in_width != image->width || c->in_height != image->height) {
        sws_freeContext(c->scale);
        c->scale =
            sws_getContext(image->width, image->height, AV_PIX_FMT_BGR24, c->width, c->height,
                           AV_PIX_FMT_YUYV422, SWS_BILINEAR | SWS_ACCURATE_RND, NULL, NULL, NULL);
        c->in_width = image->width;
        c->in_height = image->height;
    }
    if (!c->scale)
        return false;
    const uint8_t *from[4] = {image->data};
    uint8_t *to[4] = {c->pixels};
    const int from_stride[4] = {(int)image->stride}, to_stride[4] = {c->stride};
    return sws_scale(c->scale, from, from_stride, 0, image->height, to, to_stride) == c->height;
}

bool wt_virtual_camera_write(struct wt_virtual_camera *camera, const struct wt_image *image,
                             char *why, size_t size)
{
    if (!convert(camera, image))
        return refuse(why, size, "out of memory");
    const ssize_t n = write(camera->fd, camera->pixels, camera->bytes);
    if (n >= 0 || errno == EAGAIN || errno == EINTR)
        return true;
    return refuse(why, size, reason_of(errno));
}

void wt_virtual_camera_close(struct wt_virtual_camera **camera)
{
    struct wt_virtual_camera *c = *camera;
    *camera = NULL;
    if (!c)
        return;
    if (c->fd >= 0)
        close(c->fd);
    sws_freeContext(c->scale);
    free(c->pixels);
    free(c);
}
