/* The camera driver for Video4Linux, through OpenCV. */
#include "input/source_internal.h"

#include <cstdlib>
#include <memory>
#include <new>

#include <linux/videodev2.h>

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgproc.hpp>

#include "base/clock.h"
#include "base/module.h"
#include "input/camera_module_cv.hpp"
#include "input/camera_v4l2.h"

namespace
{

/* Seconds that OpenCV waits for a picture, instead of 10: meanwhile nothing can be asked of the
 * thread that reads. Some cameras take two or three for their first. Set before there are threads.
 */
[[maybe_unused]] const int patience = setenv("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "5", 0);

/* So many damaged frames in a row are left out, as cameras send some when they start. */
constexpr int damaged_max = 30;

const wt_camera_module *videoio()
{
    static wt_module module = {"wingtip-camera.so", "app", "wt_camera_module_table", nullptr};
    return static_cast<const wt_camera_module *>(wt_module_table(&module));
}

/* cv::VideoCapture, of which the program is linked with nothing. */
class video_capture
{
  public:
    bool open(const char *path)
    {
        return videoio()->open(self.get(), path);
    }
    bool set(int property, double value)
    {
        return videoio()->set(self.get(), property, value);
    }
    double get(int property) const
    {
        return videoio()->get(self.get(), property);
    }
    bool grab()
    {
        return videoio()->grab(self.get());
    }
    bool retrieve(cv::Mat &to)
    {
        return videoio()->retrieve(self.get(), to);
    }

  private:
    std::unique_ptr<cv::VideoCapture, void (*)(cv::VideoCapture *)> self{videoio()->create(),
                                                                         videoio()->destroy};
};

struct device {
    video_capture capture;
    cv::Mat scratch; /* what OpenCV delivers */
    cv::Mat colours; /* the same converted here */
    int conversion;  /* how; -1: OpenCV has converted it */
    bool first;      /* the first frame has been grabbed, at first_us */
    int64_t first_us;
};

int list(void *, wt_camera_info *out, int max)
{
    return wt_camera_list(out, max);
}

/* Where a device does not say what it can: MJPG, as many cameras reach their frame rate with
 * compressed pictures only. Those without it keep their own format. */
void set_up(video_capture &capture, const char *path, const wt_source_spec *wanted)
{
    wt_camera_mode mode = {V4L2_PIX_FMT_MJPEG, wanted->width > 0 ? wanted->width : WT_CAMERA_WIDTH,
                           wanted->height > 0 ? wanted->height : WT_CAMERA_HEIGHT, 0.0};
    const double fps = wanted->fps > 0 ? wanted->fps : 30.0;
    wt_camera_mode best;
    if (wt_camera_best_mode(path, wanted->width, wanted->height, fps, &best))
        mode = best;
    capture.set(cv::CAP_PROP_FOURCC, (double)mode.format);
    capture.set(cv::CAP_PROP_FRAME_WIDTH, mode.width);
    capture.set(cv::CAP_PROP_FRAME_HEIGHT, mode.height);
    capture.set(cv::CAP_PROP_BUFFERSIZE, 2); /* buffered frames are late */
    /* Last: OpenCV forgets how long a frame takes when anything else changes, unless it is 1/N s.
     */
    capture.set(cv::CAP_PROP_FPS, mode.fps > 0 ? mode.fps : fps);
}

/* OpenCV takes red for blue in these two formats. So they are asked for as they are. */
void take_over_conversion(device *d)
{
    const int format = (int)d->capture.get(cv::CAP_PROP_FOURCC);
    d->conversion = -1;
    if (format == (int)V4L2_PIX_FMT_NV12)
        d->conversion = cv::COLOR_YUV2BGR_NV12;
    if (format == (int)V4L2_PIX_FMT_NV21)
        d->conversion = cv::COLOR_YUV2BGR_NV21;
    if (d->conversion >= 0 && !d->capture.set(cv::CAP_PROP_CONVERT_RGB, 0))
        d->conversion = -1;
}

/* With its first frame, as some devices fail only when they shall send one. */
enum wt_status start(device *d, const wt_camera_info *camera, const wt_source_spec *wanted,
                     wt_source_info *info)
{
    if (!d->capture.open(camera->path))
        return WT_ERR_IO;
    set_up(d->capture, camera->path, wanted);
    take_over_conversion(d);
    info->width = (int)d->capture.get(cv::CAP_PROP_FRAME_WIDTH);
    info->height = (int)d->capture.get(cv::CAP_PROP_FRAME_HEIGHT);
    info->fps = d->capture.get(cv::CAP_PROP_FPS);
    d->first = d->capture.grab();
    d->first_us = wt_now_us();
    return d->first ? WT_OK : WT_ERR_IO;
}

enum wt_status open_device(void *, const wt_camera_info *camera, const wt_source_spec *wanted,
                           void **out, wt_source_info *info)
{
    device *d = nullptr;
    enum wt_status status;
    try {
        cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
        d = new device();
        status = start(d, camera, wanted, info);
    } catch (const std::bad_alloc &) {
        status = WT_ERR_MEMORY;
    } catch (...) {
        status = WT_ERR_IO;
    }
    if (status == WT_OK)
        *out = d;
    else
        delete d;
    return status;
}

/* The frame that was grabbed; empty where it is damaged, which OpenCV also tells by exceptions. */
cv::Mat decode(device *d)
{
    try {
        if (!d->capture.retrieve(d->scratch))
            return cv::Mat();
        if (d->conversion < 0 || d->scratch.empty() || d->scratch.type() != CV_8UC1)
            return d->scratch;
        cv::cvtColor(d->scratch, d->colours, d->conversion);
        return d->colours;
    } catch (const cv::Exception &e) {
        if (e.code == cv::Error::StsNoMem)
            throw std::bad_alloc();
        return cv::Mat();
    }
}

/* *out is NULL where the frame is damaged. */
enum wt_status retrieve(device *d, wt_frame **out)
{
    *out = nullptr;
    const cv::Mat decoded = decode(d);
    if (decoded.empty() || decoded.type() != CV_8UC3)
        return WT_OK;
    wt_frame *frame = wt_frame_create(decoded.cols, decoded.rows);
    if (!frame)
        return WT_ERR_MEMORY;
    cv::Mat view(frame->image.height, frame->image.width, CV_8UC3, frame->pixels,
                 (size_t)frame->image.stride);
    decoded.copyTo(view);
    *out = frame;
    return WT_OK;
}

enum wt_status read_device(void *self, wt_frame **out)
{
    device *d = static_cast<device *>(self);
    try {
        for (int damaged = 0; damaged < damaged_max; damaged++) {
            if (!d->first && !d->capture.grab())
                return WT_ERR_LOST;
            /* before decoding: closest to the exposure */
            const int64_t now = d->first ? d->first_us : wt_now_us();
            d->first = false;
            enum wt_status status = retrieve(d, out);
            if (status != WT_OK)
                return status;
            if (*out) {
                (*out)->time_us = now;
                return WT_OK;
            }
        }
        return WT_ERR_LOST;
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
