#include "face/ellipse.h"

#include <math.h>

struct wt_ellipse wt_ellipse_of_moments(float xx, float xy, float yy)
{
    const float mean = 0.5f * (xx + yy), half = 0.5f * (xx - yy), r = hypotf(half, xy);
    if (!(mean >= 0) || !isfinite(r))
        return (struct wt_ellipse){0, 0, 0};
    return (struct wt_ellipse){sqrtf(mean + r), sqrtf(fmaxf(0, mean - r)),
                               r > 0 ? 0.5f * atan2f(xy, half) : 0};
}

void wt_ellipse_moments(const struct wt_ellipse *ellipse, float *xx, float *xy, float *yy)
{
    const float a = ellipse->major * ellipse->major, b = ellipse->minor * ellipse->minor;
    const float c = cosf(ellipse->angle), s = sinf(ellipse->angle);
    *xx = a * c * c + b * s * s;
    *yy = a * s * s + b * c * c;
    *xy = (a - b) * c * s;
}

struct wt_ellipse wt_ellipse_apply(const struct wt_affine *map, const struct wt_ellipse *ellipse)
{
    const float *m = map->m;
    float xx, xy, yy;
    wt_ellipse_moments(ellipse, &xx, &xy, &yy);
    const float ax = m[0] * xx + m[1] * xy, ay = m[0] * xy + m[1] * yy;
    const float bx = m[3] * xx + m[4] * xy, by = m[3] * xy + m[4] * yy;
    return wt_ellipse_of_moments(ax * m[0] + ay * m[1], ax * m[3] + ay * m[4],
                                 bx * m[3] + by * m[4]);
}
