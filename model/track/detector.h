/* Face detectors behind one small interface. One object, one thread at a time. */
#ifndef WT_MODEL_DETECTOR_H
#define WT_MODEL_DETECTOR_H

#include "base/cpu.h"
#include "face/crop.h"
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

/* Of the network; the cascades take none of it. */
struct wt_detector_options {
    int threads;                 /* 0: one per physical core */
    enum wt_cpu_level level;     /* kernels to use */
    enum wt_precision precision; /* INT8 counts as AUTO */
};

/* name: "haar" or NULL: OpenCV's cascades; else the path of weights for our network. Errors:
 * ARGUMENT (neither), IO (cascade files not found), those of reading weights, MEMORY. */
enum wt_status wt_detector_create(struct wt_detector **out, const char *name,
                                  const struct wt_detector_options *options);
void wt_detector_destroy(struct wt_detector **detector);

/* Our network, to ask what its searches cost; NULL: cascades. Lives as long as the detector. */
struct wt_frame_detector;
const struct wt_frame_detector *wt_detector_network(const struct wt_detector *detector);

/* Finds faces whose box is at least min_side pixels (0: the default, a fraction of the frame).
 * Writes at most max, best first, overlapping ones merged; *found says how many.
 * Errors: ARGUMENT (negative sizes), MEMORY. */
enum wt_status wt_detector_find(struct wt_detector *detector, const struct wt_image *image,
                                int min_side, struct wt_detection *out, int max, int *found);

/* The same for frequent searches. The cascades then take less effort (about a seventh of the time):
 * larger faces only; frontal ones every other time, profiles of one side or the other in between.
 * The network's search is always the full one. */
enum wt_status wt_detector_find_quick(struct wt_detector *detector, const struct wt_image *image,
                                      struct wt_detection *out, int max, int *found);

#ifdef __cplusplus
}
#endif
#endif
