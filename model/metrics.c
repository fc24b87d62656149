#include "metrics.h"

#include <math.h>
#include <stdlib.h>

static double distance(struct wt_point a, struct wt_point b)
{
    return hypot((double)a.x - b.x, (double)a.y - b.y);
}

static struct wt_point mean_of(const struct wt_point *p, const uint8_t *index, int n)
{
    double x = 0, y = 0;
    for (int i = 0; i < n; i++) {
        x += p[index[i]].x;
        y += p[index[i]].y;
    }
    return (struct wt_point){(float)(x / n), (float)(y / n)};
}

static double box_side(const struct wt_point *p, int n)
{
    double left = INFINITY, top = INFINITY, right = -INFINITY, bottom = -INFINITY;
    for (int i = 0; i < n; i++) {
        left = fmin(left, p[i].x);
        right = fmax(right, p[i].x);
        top = fmin(top, p[i].y);
        bottom = fmax(bottom, p[i].y);
    }
    return sqrt((right - left) * (bottom - top));
}

static double normaliser(const struct wt_point *truth, const struct wt_scheme *s, enum wt_norm norm)
{
    switch (norm) {
    case WT_NORM_OCULAR:
        if (s->eye_outer[0] < 0)
            return NAN;
        return distance(truth[s->eye_outer[0]], truth[s->eye_outer[1]]);
    case WT_NORM_PUPIL:
        if (s->pupil[0] >= 0)
            return distance(truth[s->pupil[0]], truth[s->pupil[1]]);
        if (s->eye_points_count <= 0)
            return NAN;
        return distance(mean_of(truth, s->eye_points[0], s->eye_points_count),
                        mean_of(truth, s->eye_points[1], s->eye_points_count));
    case WT_NORM_BOX:
        return box_side(truth, s->points);
    }
    return NAN;
}

double wt_nme(const struct wt_point *truth, const struct wt_point *found,
              const struct wt_scheme *scheme, enum wt_norm norm)
{
    double by = normaliser(truth, scheme, norm), sum = 0;
    if (!(by > 0))
        return NAN;
    for (int i = 0; i < scheme->points; i++)
        sum += distance(truth[i], found[i]);
    return sum / scheme->points / by * 100;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct wt_summary wt_summarise(double *nme, size_t n)
{
    struct wt_summary s = {0};
    size_t found = 0, over8 = 0, over10 = 0;
    double sum = 0, area8 = 0, area10 = 0;

    for (size_t i = 0; i < n; i++)
        if (!isnan(nme[i]))
            nme[s.faces++] = nme[i];
    s.nme = s.median = NAN;
    if (!s.faces) {
        s.fr8 = s.fr10 = s.auc8 = s.auc10 = NAN;
        return s;
    }
    qsort(nme, s.faces, sizeof *nme, ascending);
    for (size_t i = 0; i < s.faces; i++) {
        if (isfinite(nme[i])) {
            found++;
            sum += nme[i];
        }
        over8 += nme[i] > 8;
        over10 += nme[i] > 10;
        area8 += fmax(0, 8 - nme[i]);
        area10 += fmax(0, 10 - nme[i]);
    }
    if (found) {
        s.nme = sum / (double)found;
        s.median = (nme[(found - 1) / 2] + nme[found / 2]) / 2;
    }
    s.fr8 = 100.0 * (double)over8 / (double)s.faces;
    s.fr10 = 100.0 * (double)over10 / (double)s.faces;
    s.auc8 = 100.0 * area8 / 8 / (double)s.faces;
    s.auc10 = 100.0 * area10 / 10 / (double)s.faces;
    return s;
}
