/* The crop: the one function that training, evaluation and live use share.
 *
 * A similarity maps a square of the frame, side = factor * mean(width, height of the points'
 * bounding box), centred on that box, rotated by an angle, to size x size pixels (the
 * network's input); sampling is bilinear with mirrored borders (reflect without repeating the
 * edge); a crop that shrinks twofold or more is sampled from a frame whose pixels are means of
 * squares of pixels, so that no pixel is passed over. Stateless, thread-safe. */
#ifndef WT_MODEL_CROP_H
#define WT_MODEL_CROP_H

#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WT_CROP_FACTOR 1.45f
#define WT_CROP_BYTES(size) ((size_t)(size) * (size_t)(size)*3)

struct wt_box {
    float x, y, w, h; /* left, top, width, height in pixels; x + w is the right edge */
};

struct wt_box wt_points_box(const struct wt_point *p, int n);

/* Intersection over union, 0..1; 0 for empty boxes. */
float wt_box_iou(const struct wt_box *a, const struct wt_box *b);

/* Centre (cx,cy), side and roll (radians, clockwise on screen; the crop is turned upright). */
struct wt_affine wt_crop_square(float cx, float cy, float side, float roll, int size);

/* Square around points; roll 0 keeps the frame's axes. */
struct wt_affine wt_crop_points(const struct wt_point *p, int n, float factor, float roll,
                                int size);

struct wt_point wt_affine_apply(const struct wt_affine *a, struct wt_point p);
/* Inverse of an invertible map. */
struct wt_affine wt_affine_invert(const struct wt_affine *a);

/* Checks size, format and stride of an image from outside; logs what is wrong. Whatever takes
 * images further in relies on it: wt_tracker_track has checked its frame, and what the readers of
 * pictures and videos make is correct. Errors: ARGUMENT. */
enum wt_status wt_image_check(const struct wt_image *image);

/* Fills rgb [size][size][3]. Any image format and size; parts outside the frame are mirrored.
 * Equals cv::warpAffine for the same map, pixel for pixel, unless the square is many times larger
 * than the frame or far outside it. Errors: ARGUMENT (map not finite or not invertible),
 * MEMORY. */
enum wt_status wt_crop_extract(const struct wt_image *image, const struct wt_affine *frame_to_crop,
                               int size, uint8_t *rgb);

/* What is beyond the frame. */
enum wt_border {
    WT_BORDER_MIRROR,    /* d c b | a b c d | c b a */
    WT_BORDER_REPLICATE, /* a a a | a b c d | d d d */
    WT_BORDER_CONSTANT,  /* one colour */
};

/* The same with another border. fill: RGB, for WT_BORDER_CONSTANT, else NULL. */
enum wt_status wt_crop_extract_border(const struct wt_image *image,
                                      const struct wt_affine *frame_to_crop, enum wt_border border,
                                      const uint8_t *fill, int size, uint8_t *rgb);

#ifdef __cplusplus
}
#endif
#endif
