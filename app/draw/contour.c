#include "draw/contour.h"

#include <math.h>
#include <string.h>

static float distance(struct wt_point a, struct wt_point b)
{
    return hypotf(b.x - a.x, b.y - a.y);
}

static struct wt_point blend(struct wt_point a, struct wt_point b, float ta, float tb, float t)
{
    float w = (t - ta) / (tb - ta);
    return (struct wt_point){a.x + (b.x - a.x) * w, a.y + (b.y - a.y) * w};
}

/* Between p[1] and p[2] at u in [0,1]: Barry and Goldman's pyramid, knots at sqrt(distance). */
static struct wt_point spline(const struct wt_point p[4], float u)
{
    float t[4] = {0.0f};
    for (int i = 1; i < 4; i++)
        t[i] = t[i - 1] + fmaxf(sqrtf(distance(p[i - 1], p[i])), 1e-3f);
    float at = t[1] + (t[2] - t[1]) * u;
    struct wt_point a1 = blend(p[0], p[1], t[0], t[1], at), a2 = blend(p[1], p[2], t[1], t[2], at),
                    a3 = blend(p[2], p[3], t[2], t[3], at);
    struct wt_point b1 = blend(a1, a2, t[0], t[2], at), b2 = blend(a2, a3, t[1], t[3], at);
    return blend(b1, b2, t[1], t[2], at);
}

int wt_contour_smooth(const struct wt_point *p, int n, float step, struct wt_point *out, int max)
{
    int count = 0;
    if (n < 1 || max < 1)
        return 0;
    out[count++] = p[0];
    for (int i = 0; i + 1 < n && count < max; i++) {
        /* Beyond the ends the curve is continued: the neighbour is mirrored at the end point. */
        struct wt_point before =
            i > 0 ? p[i - 1] : (struct wt_point){2 * p[0].x - p[1].x, 2 * p[0].y - p[1].y};
        struct wt_point after =
            i + 2 < n ? p[i + 2]
                      : (struct wt_point){2 * p[n - 1].x - p[n - 2].x, 2 * p[n - 1].y - p[n - 2].y};
        const struct wt_point four[4] = {before, p[i], p[i + 1], after};
        int pieces = (int)ceilf(distance(p[i], p[i + 1]) / step);
        pieces = pieces < 1 ? 1 : pieces > WT_CONTOUR_PIECES ? WT_CONTOUR_PIECES : pieces;
        for (int k = 1; k <= pieces && count < max; k++) {
            struct wt_point q = k < pieces ? spline(four, (float)k / pieces) : p[i + 1];
            if (distance(out[count - 1], q) > 0.25f * step)
                out[count++] = q;
        }
    }
    return count;
}

static struct wt_point direction(struct wt_point a, struct wt_point b)
{
    float d = fmaxf(distance(a, b), 1e-6f);
    return (struct wt_point){(b.x - a.x) / d, (b.y - a.y) / d};
}

int wt_contour_ribbon(const struct wt_point *p, int n, float reach, const uint8_t rgb[3],
                      struct wt_ribbon_vertex *out)
{
    if (n < 2)
        return 0;
    float length = 0.0f, along = 0.0f;
    for (int i = 1; i < n; i++)
        length += distance(p[i - 1], p[i]);
    for (int i = 0; i < n; i++) {
        struct wt_point in = direction(p[i > 0 ? i - 1 : 0], p[i > 0 ? i : 1]);
        struct wt_point on = i + 1 < n ? direction(p[i], p[i + 1]) : in;
        /* Mitre: the bisector, longer where the line turns, up to a limit. */
        float nx = -(in.y + on.y), ny = in.x + on.x;
        float norm = fmaxf(hypotf(nx, ny), 1e-6f);
        nx /= norm;
        ny /= norm;
        float longer = 1.0f / fmaxf(nx * -on.y + ny * on.x, 0.5f);
        float end = i == 0 ? -reach : i == n - 1 ? reach : 0.0f; /* space for the round ends */
        if (i > 0)
            along += distance(p[i - 1], p[i]);
        for (int side = 0; side < 2; side++) {
            float across = side ? reach : -reach;
            struct wt_ribbon_vertex v = {.x = p[i].x + on.x * end + nx * across * longer,
                                         .y = p[i].y + on.y * end + ny * across * longer,
                                         .across = across,
                                         .along = along + end,
                                         .length = length};
            memcpy(v.rgb, rgb, 3);
            out[2 * i + side] = v;
        }
    }
    return 2 * n;
}
