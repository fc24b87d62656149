/* Ellipses of one standard deviation, between moments and axes. Pure functions, thread-safe. */
#ifndef WT_MODEL_ELLIPSE_H
#define WT_MODEL_ELLIPSE_H

#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Central second moments (a covariance, pixels^2), of which the half axes are the roots of the
 * eigenvalues. Negative eigenvalues, as rounding makes them, count as 0; NaN gives a point. */
struct wt_ellipse wt_ellipse_of_moments(float xx, float xy, float yy);
/* And back. */
void wt_ellipse_moments(const struct wt_ellipse *ellipse, float *xx, float *xy, float *yy);

/* What a map makes of an ellipse; its shift does not matter. */
struct wt_ellipse wt_ellipse_apply(const struct wt_affine *map, const struct wt_ellipse *ellipse);

#ifdef __cplusplus
}
#endif
#endif
