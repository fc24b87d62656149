/* Face detectors behind one small interface. One object, one thread at a time. */
#ifndef WT_MODEL_DETECTOR_H
#define WT_MODEL_DETECTOR_H

#include "crop.h"
#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_detection {
    struct wt_box box; /* calibrated: mean side and centre as the 98 points' bounding box has them,
                          so that wt_crop_square(centre, 1.45 * mean side) fits the network */
    float roll;        /* radians, 0 if the detector cannot tell */
    float score;       /* larger is surer; comparable within one detector only */
};

struct wt_detector;

/* name: "haar" or NULL. Errors: ARGUMENT (unknown), IO (cascade files not found), MEMORY. */
enum wt_status wt_detector_create(struct wt_detector **out, const char *name);
void wt_detector_destroy(struct wt_detector **detector);

/* Finds faces whose box is at least min_side pixels (0: the default, a fraction of the frame).
 * Writes at most max, best first, overlapping ones merged; *found says how many.
 * Errors: ARGUMENT, MEMORY. */
enum wt_status wt_detector_find(struct wt_detector *detector, const struct wt_image *image,
                                int min_side, struct wt_detection *out, int max, int *found);

/* The same with less effort (about a seventh of the time), for looking often: larger faces only;
 * frontal ones every other time, profiles of one side or the other in between. */
enum wt_status wt_detector_glance(struct wt_detector *detector, const struct wt_image *image,
                                  struct wt_detection *out, int max, int *found);

#ifdef __cplusplus
}
#endif
#endif
