#include "data/fractions.h"

#include <math.h>
#include <stdio.h>

static const float FRACTION_MAX = 2;

bool wt_fractions_take(struct wt_fractions *f, const char *path, int line, const float *xy,
                       int points, float origin)
{
    float low = INFINITY, high = -INFINITY;
    for (int i = 0; i < 2 * points; i++) {
        const float v = xy[i] + origin;
        low = v < low ? v : low; /* not of a NaN */
        high = v > high ? v : high;
    }
    /* One number all over is a face without marks, or a single point: not for this to judge. */
    if (points < 2 || !(low < high) || low < -FRACTION_MAX || high > FRACTION_MAX)
        return false;
    if (f->faces++ == 0) {
        f->low = low;
        f->high = high;
        snprintf(f->where, sizeof f->where, line > 0 ? "%s:%d" : "%s", path, line);
    }
    return true;
}

enum wt_status wt_fractions_end(const struct wt_fractions *f)
{
    if (!f->faces)
        return WT_OK;
    char others[64] = "";
    if (f->faces > 1)
        snprintf(others, sizeof others, " (as do those of %zu other face%s)", f->faces - 1,
                 f->faces > 2 ? "s" : "");
    return wt_fail(WT_ERR_FORMAT,
                   "%s: the coordinates, from %.3g to %.3g, look like parts of the picture's width "
                   "and height%s; they have to be in pixels",
                   f->where, (double)f->low, (double)f->high, others);
}
