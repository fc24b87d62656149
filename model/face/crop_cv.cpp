#include "face/crop_cv.h"

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

} // namespace

enum wt_status wt_crop_warp(const struct wt_image *image, const struct wt_affine *frame_to_crop,
                            enum wt_border border, const uint8_t *fill, int side, uint8_t *rgb)
{
    static const int mode[] = {cv::BORDER_REFLECT_101, cv::BORDER_REPLICATE, cv::BORDER_CONSTANT};
    try {
        const bool gray = image->format == WT_PIXEL_GRAY8;
        const cv::Mat frame = view(image);
        const float *m = frame_to_crop->m;
        const cv::Matx23d map(m[0], m[1], m[2], m[3], m[4], m[5]);
        const cv::Size size(side, side);
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
        cv::warpAffine(frame, out, map, size, cv::INTER_LINEAR, mode[border], beyond);
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
