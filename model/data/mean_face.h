/* A mean face of 98 points: that of rendered frontal faces, made symmetric.
 * For figures and tests. Constant. */
#ifndef WT_MODEL_MEAN_FACE_H
#define WT_MODEL_MEAN_FACE_H

#include "wingtip.h"

/* Pixels of the 256x256 crop, WFLW order. */
extern const struct wt_point wt_mean_face[98];

#endif
