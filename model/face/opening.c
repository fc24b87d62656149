#include "face/opening.h"

#include <math.h>

/* Indices among 68 points: the corners, then pairs above and below. */
struct slit {
    int corner[2], pairs, pair[3][2];
};
static const struct slit slits[3] = {
    {{36, 39}, 2, {{37, 41}, {38, 40}}},
    {{42, 45}, 2, {{43, 47}, {44, 46}}},
    {{60, 64}, 3, {{61, 67}, {62, 66}, {63, 65}}},
};

static double apart(const struct wt_point *point, const int which[2])
{
    const struct wt_point a = point[which[0]], b = point[which[1]];
    return hypot((double)a.x - (double)b.x, (double)a.y - (double)b.y);
}

static double measure(const struct wt_point *point, const struct slit *slit)
{
    double height = 0, width = apart(point, slit->corner);
    for (int i = 0; i < slit->pairs; i++)
        height += apart(point, slit->pair[i]) / slit->pairs;
    return width > 0 && isfinite(height / width) ? height / width : NAN;
}

struct wt_opening wt_opening_measure(const struct wt_point *point, int points)
{
    struct wt_point p[WT_POINTS_MAX];
    if ((points != 98 && points != 68) || wt_points_convert(point, points, p, 68) != WT_OK)
        return (struct wt_opening){{NAN, NAN}, NAN};
    return (struct wt_opening){{measure(p, &slits[0]), measure(p, &slits[1])},
                               measure(p, &slits[2])};
}
