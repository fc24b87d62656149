/* Our face detector: the network of detector_net.h on a whole frame, and its maps read.
 *
 * The frame is averaged down until its longer side has WT_FRAME_DETECTOR_SIDE pixels (never
 * enlarged), laid into the top left corner of the network's input and the rest filled with grey.
 * The network is prepared for one size of input at a time, so frames of one size after the other
 * are quick. One object, one thread at a time. */
#ifndef WT_MODEL_FRAME_DETECTOR_H
#define WT_MODEL_FRAME_DETECTOR_H

#include "track/detector.h"
#include "weights/weights.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WT_FRAME_DETECTOR_SIDE 384
/* Least score of a face: see the card of the weights for what other values give. */
#define WT_FRAME_DETECTOR_SCORE 0.44f

struct wt_frame_detector;

/* The weights must outlive the detector. Errors: FORMAT, UNSUPPORTED, MEMORY. */
enum wt_status wt_frame_detector_create(struct wt_frame_detector **out,
                                        const struct wt_weights *weights,
                                        const struct wt_detector_options *options);
void wt_frame_detector_destroy(struct wt_frame_detector **detector);

/* Faces with a score of at least `least` and a side of at least min_side frame pixels, best first,
 * one detection a face; at most max. Errors: MEMORY. */
enum wt_status wt_frame_detector_find(struct wt_frame_detector *detector,
                                      const struct wt_image *image, int min_side, float least,
                                      struct wt_detection *out, int max, int *found);

/* What the last search was computed with and spent on the network alone, without shrinking the
 * frame. */
struct wt_frame_detector_info {
    int width, height; /* of the network's input; 0: no search yet */
    const char *precision;
    double macs, ms;
};
struct wt_frame_detector_info wt_frame_detector_info(const struct wt_frame_detector *detector);

/* Reads maps [rows][columns][stride], of cells of so many pixels, as detector_net.h has them: peaks
 * of at least `least`, in pixels of the network's input, best first, one a face. Returns how many,
 * at most max. Pure. */
int wt_frame_detector_decode(const float *maps, int rows, int columns, int stride, int cell,
                             float least, struct wt_detection *out, int max);

/* Sorts by score and keeps the best of those that lie on one face; returns how many are left. */
int wt_detections_merge(struct wt_detection *detection, int count);

#ifdef __cplusplus
}
#endif
#endif
