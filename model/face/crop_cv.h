/* OpenCV's part of the crop; see crop.h. Stateless, thread-safe. */
#ifndef WT_MODEL_CROP_CV_H
#define WT_MODEL_CROP_CV_H

#include "face/crop.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The same as wt_crop_extract_border for checked images and maps that stay near the frame
 * (positions within 16 bits): cv::warpAffine, bilinear; before it cv::resize, by area, where the
 * crop shrinks. Errors: MEMORY. */
enum wt_status wt_crop_warp(const struct wt_image *image, const struct wt_affine *frame_to_crop,
                            enum wt_border border, const uint8_t *fill, int side, uint8_t *rgb);

/* The rectangle (left, top, width, height) of an image, black where it lies outside, resized to rgb
 * [side][side][3]: cv::resize, bilinear. The image has been checked; sizes are positive. Errors:
 * MEMORY. */
enum wt_status wt_crop_resize(const struct wt_image *image, int left, int top, int width,
                              int height, int side, uint8_t *rgb);

#ifdef __cplusplus
}
#endif
#endif
