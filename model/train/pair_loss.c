#include "train/pair_loss.h"

#include <math.h>

#define CELL 4.0  /* crop pixels a cell of the maps */
#define FIRST 1.5 /* crop pixel at the centre of cell 0 */

enum { AROUND = 4 };

/* A point found in a map. */
struct found {
    int row, column; /* of the peak */
    double x, y;     /* centroid, cells */
    double sum;      /* of the squares */
};

/* A point that was found in both views, and how far apart. */
struct twice {
    struct found in[2];
    double dx, dy; /* cells of the first view */
    int point;
};

static double squared(float v)
{
    return v > 0 ? (double)v * (double)v : 0;
}

/* map: of one point; false: it has no peak. */
static bool find(const float *map, int stride, int size, struct found *f)
{
    float top = 0;
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) {
            const float v = map[(size_t)(i * size + j) * (size_t)stride];
            if (v > top) {
                top = v;
                f->row = i;
                f->column = j;
            }
        }
    f->sum = f->x = f->y = 0;
    if (!(top > 0) || !isfinite(top))
        return false;
    for (int i = f->row - AROUND; i <= f->row + AROUND; i++)
        for (int j = f->column - AROUND; j <= f->column + AROUND; j++) {
            if (i < 0 || i >= size || j < 0 || j >= size)
                continue;
            const double v = squared(map[(size_t)(i * size + j) * (size_t)stride]);
            f->sum += v;
            f->x += v * j;
            f->y += v * i;
        }
    f->x /= f->sum;
    f->y /= f->sum;
    return f->sum > 1e-9; /* a map of nearly nothing has no place, and steep slopes */
}

/* Adds the gradient of gx p.x + gy p.y, p in cells. */
static void spread(const float *map, int stride, int size, const struct found *f, double gx,
                   double gy, float *grad)
{
    for (int i = f->row - AROUND; i <= f->row + AROUND; i++)
        for (int j = f->column - AROUND; j <= f->column + AROUND; j++) {
            if (i < 0 || i >= size || j < 0 || j >= size)
                continue;
            const size_t at = (size_t)(i * size + j) * (size_t)stride;
            if (map[at] > 0)
                grad[at] +=
                    (float)(2 * (double)map[at] / f->sum * (gx * (j - f->x) + gy * (i - f->y)));
        }
}

static bool inside(struct wt_point p, int size)
{
    const float side = (float)(CELL * size);
    return p.x >= 0 && p.y >= 0 && p.x < side && p.y < side; /* false for NaN */
}

/* Of the second view's crop pixels to the first's. */
static struct wt_affine between(const struct wt_pair_view view[2])
{
    const struct wt_affine back = wt_affine_invert(view[1].map);
    const float *a = view[0].map->m, *b = back.m;
    struct wt_affine to;
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++)
            to.m[3 * i + j] =
                a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + (j == 2 ? a[3 * i + 2] : 0);
    return to;
}

double wt_pair_loss(const struct wt_pair_view view[2], int points, int stride, int size,
                    float weight)
{
    const struct wt_affine to = between(view);
    const float *m = to.m;
    struct twice seen[WT_POINTS_MAX];
    int count = 0;
    double sum = 0;
    for (int p = 0; p < points; p++) {
        struct found f[2] = {{0}};
        if (!inside(view[0].point[p], size) || !inside(view[1].point[p], size) ||
            !find(view[0].maps + p, stride, size, &f[0]) ||
            !find(view[1].maps + p, stride, size, &f[1]))
            continue;
        const double x = CELL * f[1].x + FIRST, y = CELL * f[1].y + FIRST;
        const double tx = (double)m[0] * x + (double)m[1] * y + (double)m[2];
        const double ty = (double)m[3] * x + (double)m[4] * y + (double)m[5];
        seen[count++] = (struct twice){.in = {f[0], f[1]},
                                       .dx = f[0].x - (tx - FIRST) / CELL,
                                       .dy = f[0].y - (ty - FIRST) / CELL,
                                       .point = p};
    }
    for (int k = 0; k < count; k++) {
        const double d = hypot(seen[k].dx, seen[k].dy);
        sum += fmin(d, 1);
        if (!(d > 0 && d < 1))
            continue;
        const double g = (double)weight / (d * count), gx = g * seen[k].dx, gy = g * seen[k].dy;
        const int p = seen[k].point;
        spread(view[0].maps + p, stride, size, &seen[k].in[0], gx, gy, view[0].grad + p);
        spread(view[1].maps + p, stride, size, &seen[k].in[1],
               -(gx * (double)m[0] + gy * (double)m[3]), -(gx * (double)m[1] + gy * (double)m[4]),
               view[1].grad + p);
    }
    return count ? (double)weight * sum / count : 0;
}
