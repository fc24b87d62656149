#include "face/smile.h"

#include <math.h>

/* Indices among 68 points. */
enum { EYE_LEFT = 36, EYE_RIGHT = 45, CORNER_LEFT = 48, CORNER_RIGHT = 54, LIP = 62 };

static double known_or_nan(double v)
{
    return isfinite(v) ? v : NAN;
}

struct wt_smile wt_smile_measure(const struct wt_point *point, int points)
{
    struct wt_point p[WT_POINTS_MAX];
    if ((points != 98 && points != 68) || wt_points_convert(point, points, p, 68) != WT_OK)
        return (struct wt_smile){NAN, NAN};
    const double ex = (double)p[EYE_RIGHT].x - (double)p[EYE_LEFT].x;
    const double ey = (double)p[EYE_RIGHT].y - (double)p[EYE_LEFT].y;
    const double eyes = hypot(ex, ey);
    const double width = hypot((double)p[CORNER_RIGHT].x - (double)p[CORNER_LEFT].x,
                               (double)p[CORNER_RIGHT].y - (double)p[CORNER_LEFT].y);
    const double dx =
        (double)p[LIP].x - 0.5 * ((double)p[CORNER_LEFT].x + (double)p[CORNER_RIGHT].x);
    const double dy =
        (double)p[LIP].y - 0.5 * ((double)p[CORNER_LEFT].y + (double)p[CORNER_RIGHT].y);
    if (!(eyes > 0) || !(width > 0))
        return (struct wt_smile){NAN, NAN};
    /* (-ey, ex) points down where (ex, ey) points right */
    return (struct wt_smile){known_or_nan((dy * ex - dx * ey) / eyes / width),
                             known_or_nan(width / eyes)};
}
