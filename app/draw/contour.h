/* Smooth curves through a few points, as a strip of triangles around them. Stateless. */
#ifndef WT_APP_CONTOUR_H
#define WT_APP_CONTOUR_H

#include "wingtip.h"

#define WT_CONTOUR_PIECES 24 /* from a given point to the next, at most */
#define WT_CONTOUR_POINTS(n) (((n)-1) * WT_CONTOUR_PIECES + 1)
/* Of all curves of a scheme together, at most. */
#define WT_SCHEME_CURVE_POINTS 4096

/* Points of a centripetal Catmull-Rom spline through the given ones (it goes through them all,
 * without loops or cusps: Yuksel et al., 2011), about `step` apart. Points less than a quarter of a
 * step from the one before are left out. Returns how many were written, at most max: with room for
 * WT_CONTOUR_POINTS(n) the curve is whole, however long it is. */
int wt_contour_smooth(const struct wt_point *p, int n, float step, struct wt_point *out, int max);

struct wt_ribbon_vertex {
    float x, y;
    float across, along, length; /* signed distance from the line, from its start; its length */
    uint8_t rgb[3], pad;
};

/* Triangle strip of 2 n vertices around a polyline, `reach` to each side and past the ends.
 * 0 for fewer than two points. */
int wt_contour_ribbon(const struct wt_point *p, int n, float reach, const uint8_t rgb[3],
                      struct wt_ribbon_vertex *out);

#endif
