#include "crop_cv.h"

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "status.h"

enum wt_status wt_crop_warp(const struct wt_image *image, const struct wt_affine *frame_to_crop,
                            uint8_t *rgb)
{
    try {
        const bool gray = image->format == WT_PIXEL_GRAY8;
        const cv::Mat frame(image->height, image->width, gray ? CV_8UC1 : CV_8UC3,
                            const_cast<uint8_t *>(image->data), (size_t)image->stride);
        const float *m = frame_to_crop->m;
        const cv::Matx23d map(m[0], m[1], m[2], m[3], m[4], m[5]);
        const cv::Size size(WT_INPUT_SIZE, WT_INPUT_SIZE);
        cv::Mat crop(size, CV_8UC3, rgb), out = crop;
        if (gray)
            out = cv::Mat(size, CV_8UC1);
        cv::warpAffine(frame, out, map, size, cv::INTER_LINEAR, cv::BORDER_REFLECT_101);
        if (gray)
            cv::cvtColor(out, crop, cv::COLOR_GRAY2RGB);
        else if (image->format == WT_PIXEL_BGR24)
            cv::cvtColor(crop, crop, cv::COLOR_BGR2RGB);
        return WT_OK;
    } catch (const std::exception &e) {
        return wt_fail(WT_ERR_MEMORY, "crop: %s", e.what());
    }
}
