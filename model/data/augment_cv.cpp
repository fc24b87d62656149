#include "data/augment_cv.h"

#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "face/picture_codecs_cv.hpp"

namespace
{

cv::Mat view(uint8_t *rgb, int size)
{
    return cv::Mat(size, size, CV_8UC3, rgb);
}

enum wt_status failed(const std::exception &e)
{
    return wt_fail(WT_ERR_MEMORY, "augmentation: %s", e.what());
}

} // namespace

enum wt_status wt_augment_blur(uint8_t *rgb, int size, float sigma)
{
    try {
        /* As cv::GaussianBlur, which would start OpenCV's threads even for so small a picture. */
        cv::Mat crop = view(rgb, size);
        const cv::Mat kernel = cv::getGaussianKernel(cvRound(sigma * 6 + 1) | 1, sigma, CV_32F);
        cv::sepFilter2D(crop, crop, -1, kernel, kernel);
        return WT_OK;
    } catch (const std::exception &e) {
        return failed(e);
    }
}

enum wt_status wt_augment_low(uint8_t *rgb, int size, int side)
{
    try {
        cv::Mat crop = view(rgb, size), small;
        cv::resize(crop, small, cv::Size(side, side), 0, 0, cv::INTER_AREA);
        cv::resize(small, crop, crop.size(), 0, 0, cv::INTER_LINEAR);
        return WT_OK;
    } catch (const std::exception &e) {
        return failed(e);
    }
}

enum wt_status wt_augment_jpeg(uint8_t *rgb, int size, int quality)
{
    try {
        /* The codec takes BGR: what it does to red and blue is not the same. */
        cv::Mat crop = view(rgb, size), bgr;
        std::vector<uint8_t> bytes;
        cv::cvtColor(crop, bgr, cv::COLOR_RGB2BGR);
        const wt_picture_codecs *codecs = wt_picture_codecs_get();
        codecs->encode(".jpg", bgr, bytes, {cv::IMWRITE_JPEG_QUALITY, quality});
        bgr = codecs->decode(bytes, cv::IMREAD_COLOR);
        cv::cvtColor(bgr, crop, cv::COLOR_BGR2RGB);
        return WT_OK;
    } catch (const std::exception &e) {
        return failed(e);
    }
}

void wt_opencv_single_thread(void)
{
    cv::setNumThreads(1);
}
