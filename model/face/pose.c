#include "face/pose.h"

#include <math.h>
#include <string.h>

#include "face/scheme.h"

static const double NOSE_STANDS_OUT = 0.54; /* in distances of the outer eye corners */

double wt_yaw(const struct wt_point *point, int points)
{
    const struct wt_scheme *scheme = wt_scheme_get(points);
    int tip = 0;
    if (!scheme || scheme->eye_outer[0] < 0)
        return NAN;
    while (tip < points && strcmp(scheme->point_name[tip], "nose_tip") != 0)
        tip++;
    if (tip == points)
        return NAN;
    const struct wt_point l = point[scheme->eye_outer[0]], r = point[scheme->eye_outer[1]];
    const double dx = (double)(r.x - l.x), dy = (double)(r.y - l.y), square = dx * dx + dy * dy;
    const double nx = (double)point[tip].x - (double)(l.x + r.x) / 2;
    const double ny = (double)point[tip].y - (double)(l.y + r.y) / 2;
    if (!(square > 0)) /* NaN too */
        return NAN;
    return atan(fabs(nx * dx + ny * dy) / square / NOSE_STANDS_OUT) * 180 / 3.141592653589793;
}
