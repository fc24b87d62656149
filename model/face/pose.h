/* Which way a head is turned, estimated from its points. Pure functions, thread-safe. */
#ifndef WT_MODEL_POSE_H
#define WT_MODEL_POSE_H

#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How far a head is turned aside, 0..90 degrees (either way), of points in a scheme that has the
 * outer eye corners and the tip of the nose (98, 68 and 29 points); NaN where it has not, or they
 * are not known, or in one place.
 *
 * Seen from afar, a tip that stands out by f w before the middle of corners w apart moves by
 * f w sin(yaw) along their line, which shrinks to w cos(yaw): the ratio is f tan(yaw). f = 0.54
 * fits rendered heads whose yaw is known (the demo clip's, at 14 moments with more than 5 degrees:
 * within 4 degrees at most of them, 10 where they also nod). An estimate for sorting faces, not a
 * measurement.
 */
double wt_yaw(const struct wt_point *point, int points);

#ifdef __cplusplus
}
#endif
#endif
