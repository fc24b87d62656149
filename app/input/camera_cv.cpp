/* The camera driver for Video4Linux, through OpenCV. */
#include "input/source_internal.h"

#include <new>

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/videoio.hpp>

#include "base/clock.h"

namespace
{

struct device {
    cv::VideoCapture capture;
    cv::Mat scratch; /* for frames that are not 8-bit BGR of the expected size */
};

int list(void *, wt_camera_info *out, int max)
{
    return wt_camera_list(out, max);
}

/* MJPG first: many cameras reach their frame rate with compressed pictures only. Those without it
 * keep their own format. */
void set_up(cv::VideoCapture &capture, const wt_source_spec *wanted)
{
    capture.set(cv::CAP_PROP_FOURCC, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'));
    capture.set(cv::CAP_PROP_FRAME_WIDTH, wanted->width > 0 ? wanted->width : 640);
    capture.set(cv::CAP_PROP_FRAME_HEIGHT, wanted->height > 0 ? wanted->height : 480);
    capture.set(cv::CAP_PROP_FPS, wanted->fps > 0 ? wanted->fps : 30.0);
    capture.set(cv::CAP_PROP_BUFFERSIZE, 2); /* buffered frames are late */
}

enum wt_status open_device(void *, const wt_camera_info *camera, const wt_source_spec *wanted,
                           void **out, wt_source_info *info)
{
    device *d = nullptr;
    try {
        cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
        d = new device;
        if (!d->capture.open(camera->path, cv::CAP_V4L2)) {
            delete d;
            return WT_ERR_IO;
        }
        set_up(d->capture, wanted);
        info->width = (int)d->capture.get(cv::CAP_PROP_FRAME_WIDTH);
        info->height = (int)d->capture.get(cv::CAP_PROP_FRAME_HEIGHT);
        info->fps = d->capture.get(cv::CAP_PROP_FPS);
    } catch (const std::bad_alloc &) {
        delete d;
        return WT_ERR_MEMORY;
    } catch (...) {
        delete d;
        return WT_ERR_IO;
    }
    *out = d;
    return WT_OK;
}

enum wt_status retrieve(device *d, wt_frame **out)
{
    if (!d->capture.retrieve(d->scratch) || d->scratch.empty() || d->scratch.type() != CV_8UC3)
        return WT_ERR_LOST;
    wt_frame *frame = wt_frame_create(d->scratch.cols, d->scratch.rows);
    if (!frame)
        return WT_ERR_MEMORY;
    cv::Mat view(frame->image.height, frame->image.width, CV_8UC3, frame->pixels,
                 (size_t)frame->image.stride);
    d->scratch.copyTo(view);
    *out = frame;
    return WT_OK;
}

enum wt_status read_device(void *self, wt_frame **out)
{
    device *d = static_cast<device *>(self);
    try {
        if (!d->capture.grab())
            return WT_ERR_LOST;
        int64_t now = wt_now_us(); /* before decoding: closest to the exposure */
        enum wt_status status = retrieve(d, out);
        if (status == WT_OK)
            (*out)->time_us = now;
        return status;
    } catch (const std::bad_alloc &) {
        return WT_ERR_MEMORY;
    } catch (...) {
        return WT_ERR_LOST;
    }
}

void close_device(void *self)
{
    try {
        delete static_cast<device *>(self);
    } catch (...) {
    }
}

} // namespace

extern "C" const wt_camera_driver wt_camera_driver_v4l2 = {
    list, open_device, read_device, close_device, nullptr, 200, 1000,
};
