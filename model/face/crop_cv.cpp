#include "face/crop_cv.h"

#include <algorithm>
#include <cmath>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "base/status.h"

namespace
{

cv::Mat view(const struct wt_image *image)
{
    return cv::Mat(image->height, image->width, image->format == WT_PIXEL_GRAY8 ? CV_8UC1 : CV_8UC3,
                   const_cast<uint8_t *>(image->data), (size_t)image->stride);
}

/* A crop that shrinks the frame samples one pixel of several, and what it does not see of them
 * comes and goes from frame to frame. So the part of the frame that it shows is first brought to
 * between one and two pixels a crop pixel, each the mean of the area that it covers. Where that is
 * so already, frame and map stay as they are. */
bool shrink(cv::Mat &frame, cv::Matx23d &map, int side)
{
    const double scale = std::sqrt(std::abs(map(0, 0) * map(1, 1) - map(0, 1) * map(1, 0)));
    const int times = scale > 0 ? (int)std::min(1 / scale, 4096.0) : 1;
    if (times < 2)
        return false;
    cv::Matx23d back;
    cv::invertAffineTransform(map, back);
    double left = INFINITY, top = INFINITY, right = -INFINITY, bottom = -INFINITY;
    for (int corner = 0; corner < 4; corner++) {
        const double u = corner & 1 ? side : -1, v = corner & 2 ? side : -1;
        const double x = back(0, 0) * u + back(0, 1) * v + back(0, 2);
        const double y = back(1, 0) * u + back(1, 1) * v + back(1, 2);
        left = std::min(left, x);
        right = std::max(right, x);
        top = std::min(top, y);
        bottom = std::max(bottom, y);
    }
    const double beside = 2 * times; /* for the interpolation */
    const int x0 = (int)std::max(0.0, std::floor(left - beside));
    const int y0 = (int)std::max(0.0, std::floor(top - beside));
    const int x1 = (int)std::min((double)frame.cols, std::ceil(right + beside));
    const int y1 = (int)std::min((double)frame.rows, std::ceil(bottom + beside));
    if (x1 - x0 < 2 * times || y1 - y0 < 2 * times)
        return false;
    /* Whole squares of pixels are many times quicker for OpenCV than any others. What is cut off
     * lies beside the crop, or is less than one of its pixels at the frame's edge. */
    const cv::Size size((x1 - x0) / times, (y1 - y0) / times);
    cv::Mat small;
    cv::resize(frame(cv::Rect(x0, y0, size.width * times, size.height * times)), small, size, 0, 0,
               cv::INTER_AREA);
    /* Pixel centres are at integers: x = x0 - 0.5 + (x' + 0.5) * times. */
    const double bx = x0 - 0.5 + 0.5 * times, by = y0 - 0.5 + 0.5 * times;
    for (int row = 0; row < 2; row++) {
        map(row, 2) += map(row, 0) * bx + map(row, 1) * by;
        map(row, 0) *= times;
        map(row, 1) *= times;
    }
    frame = small;
    return true;
}

} // namespace

enum wt_status wt_crop_warp(const struct wt_image *image, const struct wt_affine *frame_to_crop,
                            enum wt_border border, const uint8_t *fill, int side, uint8_t *rgb)
{
    static const int mode[] = {cv::BORDER_REFLECT_101, cv::BORDER_REPLICATE, cv::BORDER_CONSTANT};
    try {
        const bool gray = image->format == WT_PIXEL_GRAY8;
        cv::Mat frame = view(image);
        const float *m = frame_to_crop->m;
        cv::Matx23d map(m[0], m[1], m[2], m[3], m[4], m[5]);
        const cv::Size size(side, side);
        /* Mirrored without the edge's pixels twice; a pixel that stands for several has the edge
         * beside it. */
        const bool shrunk = shrink(frame, map, side);
        const int beyond_edge =
            shrunk && border == WT_BORDER_MIRROR ? cv::BORDER_REFLECT : mode[border];
        cv::Mat crop(size, CV_8UC3, rgb), out = crop;
        if (gray)
            out = cv::Mat(size, CV_8UC1);
        cv::Scalar beyond;
        if (fill && gray)
            beyond = cv::Scalar((fill[0] + fill[1] + fill[2]) / 3);
        else if (fill && image->format == WT_PIXEL_BGR24)
            beyond = cv::Scalar(fill[2], fill[1], fill[0]);
        else if (fill)
            beyond = cv::Scalar(fill[0], fill[1], fill[2]);
        cv::warpAffine(frame, out, map, size, cv::INTER_LINEAR, beyond_edge, beyond);
        if (gray)
            cv::cvtColor(out, crop, cv::COLOR_GRAY2RGB);
        else if (image->format == WT_PIXEL_BGR24)
            cv::cvtColor(crop, crop, cv::COLOR_BGR2RGB);
        return WT_OK;
    } catch (const std::exception &e) {
        return wt_fail(WT_ERR_MEMORY, "crop: %s", e.what());
    }
}

enum wt_status wt_crop_resize(const struct wt_image *image, int left, int top, int width,
                              int height, int side, uint8_t *rgb)
{
    try {
        const cv::Mat frame = view(image);
        const cv::Rect wanted(left, top, width, height);
        const cv::Rect there = wanted & cv::Rect(0, 0, image->width, image->height);
        cv::Mat region = cv::Mat::zeros(height, width, frame.type());
        if (!there.empty())
            frame(there).copyTo(region(there - wanted.tl()));
        cv::Mat out(side, side, CV_8UC3, rgb), resized;
        cv::resize(region, resized, out.size(), 0, 0, cv::INTER_LINEAR);
        if (image->format == WT_PIXEL_GRAY8)
            cv::cvtColor(resized, out, cv::COLOR_GRAY2RGB);
        else if (image->format == WT_PIXEL_BGR24)
            cv::cvtColor(resized, out, cv::COLOR_BGR2RGB);
        else
            resized.copyTo(out);
        return WT_OK;
    } catch (const std::exception &e) {
        return wt_fail(WT_ERR_MEMORY, "crop: %s", e.what());
    }
}
