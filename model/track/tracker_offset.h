/* A tracker whose points are corrected for one person (face/offset.h), for the application. */
#ifndef WT_MODEL_TRACKER_OFFSET_H
#define WT_MODEL_TRACKER_OFFSET_H

#include "face/offset.h"
#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

/* From the next frame on the points of all faces are moved by the offset, before they are smoothed,
 * which begins anew with another offset;
 * what the tracker follows, the crops, confidences and maps stay those of the network. The tracker
 * holds a reference. NULL: none. Called by the tracker's thread. Errors: ARGUMENT (an offset of
 * another number of points); then the old one stays. */
enum wt_status wt_tracker_set_offset(struct wt_tracker *tracker, struct wt_offset *offset);

/* What the network found of a face in the last frame, without offset and smoothing: [points of the
 * model], valid until the next call for the tracker. NULL: no such face was seen. */
const struct wt_point *wt_tracker_found(const struct wt_tracker *tracker, uint32_t id);

#ifdef __cplusplus
}
#endif
#endif
