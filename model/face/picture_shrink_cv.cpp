#include "face/picture.h"

#include <cassert>
#include <cstdlib>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "base/status.h"
#include "face/crop.h"

void wt_picture_fini(struct wt_picture *picture)
{
    if (!picture)
        return;
    free(picture->pixels);
    *picture = {};
}

namespace
{

/* Room for width x height pixels, unless it is there. */
bool reserve(struct wt_picture *picture, int width, int height)
{
    const size_t row = (size_t)width * 3;
    if (picture->pixels && picture->image.width == width && picture->image.height == height)
        return true;
    wt_picture_fini(picture);
    picture->pixels = (uint8_t *)malloc(row * (size_t)height);
    picture->image = {picture->pixels, width, height, (ptrdiff_t)row, WT_PIXEL_BGR24};
    return picture->pixels != nullptr;
}

} // namespace

enum wt_status wt_picture_shrink(const struct wt_image *image, int width, int height,
                                 struct wt_picture *out)
{
    assert(wt_image_check(image) == WT_OK);
    try {
        const bool gray = image->format == WT_PIXEL_GRAY8;
        const cv::Mat from(image->height, image->width, gray ? CV_8UC1 : CV_8UC3,
                           const_cast<uint8_t *>(image->data), (size_t)image->stride);
        if (!reserve(out, width, height))
            return wt_fail(WT_ERR_MEMORY, "picture: out of memory");
        cv::Mat to(height, width, CV_8UC3, out->pixels), small = to;
        if (gray)
            small = cv::Mat(height, width, CV_8UC1);
        cv::resize(from, small, small.size(), 0, 0, cv::INTER_AREA);
        if (gray)
            cv::cvtColor(small, to, cv::COLOR_GRAY2BGR);
        else if (image->format == WT_PIXEL_RGB24)
            cv::cvtColor(to, to, cv::COLOR_RGB2BGR);
        return WT_OK;
    } catch (const std::exception &e) {
        return wt_fail(WT_ERR_MEMORY, "picture: %s", e.what());
    }
}
