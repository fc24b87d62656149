/* The crop of the published WFLW test, and the same box without using the truth.
 *
 * Facts of the published evaluation (dataset/convert_WFLW.py, utils/utils.py and data/dataloader.py
 * of Wang et al.'s repository), re-implemented so that its figures can be compared:
 * 1. The list's box, cut to whole pixels, grows by int(0.05 w / 2) on the left and right and
 *    int(0.05 h / 2) above and below; left and top stay in the picture.
 * 2. A square around its centre with side 200 (w + h) / 250, cut to whole pixels, black outside the
 *    picture, is resized to 450 x 450. While a true point lies below 10 or above 440 there, 250 is
 * reduced by 10 and the square grows: here the protocol uses the truth.
 * 3. The middle 360 x 360, or all of it when a true point would come to lie below 5 or above 250,
 *    is resized to 256 x 256, or the size of the network's input.
 * Both resizes are bilinear. The published code stores step 2 as a JPEG file in between; this does
 * not. It counts positions in a crop from the crop's outer edge, as if a label were the corner of a
 * pixel: wt_official.map does the same, so that found points are compared as published.
 *
 * wt_crop_box is the protocol's square without steps that need the truth, for the crop that
 * everything else here uses (crop.h). Stateless, thread-safe. */
#ifndef WT_MODEL_OFFICIAL_H
#define WT_MODEL_OFFICIAL_H

#include "face/crop.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Side of the square of steps 1 to 3 before it grows, in mean sides of the list's box:
 * 1.05 * 2 * 0.64. */
#define WT_BOX_FACTOR 1.344

struct wt_official {
    int left, top, width, height; /* step 2, in pixels of the picture */
    int inner;                    /* step 3: how much of the 450 pixels, 360 or 450 */
    int enlarged;                 /* how often the square grew for the true points */
    struct wt_affine map;         /* picture -> crop, counted from the crop's outer edge */
    int size;                     /* step 3: side of the crop, 256 in the published code */
};

/* box: the list's; point [n]: the truth, NaN where it is not known. Errors: FORMAT, not logged: no
 * square has all points. */
enum wt_status wt_official_find(struct wt_official *out, const struct wt_box *box,
                                const struct wt_point *point, int n, int size);

/* Fills rgb [crop->size][crop->size][3]. Errors: ARGUMENT (a square of more than 16384
 * pixels), MEMORY. */
enum wt_status wt_official_extract(const struct wt_image *image, const struct wt_official *crop,
                                   uint8_t *rgb);

/* Square around a box, side = factor * mean side, no roll. */
struct wt_affine wt_crop_box(const struct wt_box *box, float factor, int size);

#ifdef __cplusplus
}
#endif
#endif
