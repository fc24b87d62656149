/* What the detector's network is to learn from a frame, and the loss of its maps.
 *
 * Targets lie beside each other as the network's maps do, [32][32][WT_FACE_TARGETS]: channels as
 * enum wt_face_map, HEAT 1 at the cell nearest to a face's centre and a Gaussian around it, the
 * others as the network should predict them; then SHARE, how much a cell's other channels count.
 * mask [32][32][WT_FACE_TARGETS], of which the first counts: 1 where HEAT must not be judged,
 * because a face there (cut off, tiny) need be neither found nor missed.
 *
 * Loss of a frame: (focal + sizes) / faces, faces at least 1.
 *   focal, at p = sigmoid(heat + WT_FACE_PRIOR): -(1 - p)^2 ln p where the target y is 1, else
 *     -(1 - y)^4 p^2 ln(1 - p)  (Law and Deng, "CornerNet", ECCV 2018, eq. 1)
 *   sizes: SHARE * weight of the channel * smooth L1 of the difference, quadratic below 0.1
 * Pure functions, thread-safe. */
#ifndef WT_MODEL_DETECTOR_LOSS_H
#define WT_MODEL_DETECTOR_LOSS_H

#include "face/square.h"
#include "net/detector_net.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WT_FACE_SHARE = WT_FACE_MAPS, WT_FACE_TARGETS = 16 };
/* Side of the frames to learn from, pixels, and of their maps. */
enum {
    WT_TRAINING_FRAME_SIDE = 256,
    WT_TRAINING_FRAME_CELLS = WT_TRAINING_FRAME_SIDE / WT_FACE_CELL,
    WT_TRAINING_FRAME_MAP = WT_TRAINING_FRAME_CELLS * WT_TRAINING_FRAME_CELLS
};

/* Empties value and mask [32][32][WT_FACE_TARGETS]. */
void wt_detector_target_clear(float *value, uint8_t *mask);
/* Adds a face, in pixels of the 256x256 frame; its centre must be inside. */
void wt_detector_target_add(const struct wt_square *face, float *value);
/* Marks the face's square as not to be judged. */
void wt_detector_target_ignore(const struct wt_square *face, uint8_t *mask);

/* Loss of one frame. pred and grad [32][32][stride], grad = scale * dL/dpred (0 in channels that
 * are no maps). A NaN or infinity in pred shows in the result. */
double wt_detector_loss(const float *pred, const float *value, const uint8_t *mask, int stride,
                        float scale, float *grad);

#ifdef __cplusplus
}
#endif
#endif
