#include "data/fits.h"

#include <math.h>
#include <stdio.h>

bool wt_sample_fits(const struct wt_sample *sample, int width, int height, char *reason,
                    size_t size)
{
    struct wt_point p[WT_POINTS_MAX] = {{0, 0}};
    int known = 0;
    for (int i = 0; i < sample->points; i++)
        if (!isnan(sample->point[i].x))
            p[known++] = sample->point[i];
    const struct wt_box box = wt_points_box(p, known);
    const float side = (box.w + box.h) / 2, slack = side / 2;
    if (known < 2 || !(side >= 4)) {
        snprintf(reason, size, "the face is only %.1f pixels wide", (double)side);
        return false;
    }
    for (int i = 0; i < sample->points; i++) {
        const struct wt_point q = sample->point[i];
        if (q.x < -slack || q.y < -slack || q.x > (float)(width - 1) + slack ||
            q.y > (float)(height - 1) + slack) {
            snprintf(reason, size, "point %d at (%.1f, %.1f) is far outside the picture, %d x %d",
                     i, (double)q.x, (double)q.y, width, height);
            return false;
        }
    }
    return true;
}
