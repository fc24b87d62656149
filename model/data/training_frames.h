/* Frames for the detector to learn from: faces large and small, at any place, turned and mirrored,
 * in whole pictures or several pictures side by side.
 *
 * A frame is made around one face of the sources, its anchor; all other faces of the same picture
 * come with it. They must stand on consecutive lines of their list, as all faces of a picture
 * should, labelled or not: what is in no list is taken for background. Pure functions, thread-safe.
 */
#ifndef WT_MODEL_TRAINING_FRAMES_H
#define WT_MODEL_TRAINING_FRAMES_H

#include "data/augment.h"
#include "data/faces.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sides are pixels of the 256x256 frame; shares 0..1. */
struct wt_training_frames {
    double side_min, side_max; /* of the anchor's face, evenly on a log scale */
    double mosaic;             /* share of frames in four parts, a picture each */
    double background;         /* share of pictures that are cut out anywhere, not at a face */
};

struct wt_training_frames wt_training_frames_defaults(void);

struct wt_training_frame_scratch {
    struct wt_picture picture, smaller;
    uint8_t *rgb; /* [256][256][3] */
    char *reason; /* what was wrong with the picture of face `failed` */
    size_t reason_size, failed;
};

/* Draws from r: rgb [256][256][3]; value and mask as detector_loss.h has them. Of the augmentation
 * the rotation, the mirror and all that changes colours is used. Errors: those of reading pictures;
 * scratch->reason is set. */
enum wt_status wt_training_frame_make(const struct wt_faces *faces, size_t anchor,
                                      const struct wt_training_frames *frames,
                                      const struct wt_augment *augment, struct wt_random *r,
                                      struct wt_training_frame_scratch *scratch, uint8_t *rgb,
                                      float *value, uint8_t *mask);

#ifdef __cplusplus
}
#endif
#endif
