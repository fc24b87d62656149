#include "data/target.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { SIDE_MAX = WT_INPUT_MAX / WT_CELL, PIECES = 10 };
/* Weighted loss map (Wang et al., section 4.2). */
static const float MASK_FROM = 0.2f;
static const float BOUNDARY_REACH = 3.0f; /* cells */

struct wt_target_options wt_target_defaults(void)
{
    return (struct wt_target_options){.support = 3, .sigma = 1.75f};
}

static float to_cell(float pixel)
{
    return (pixel - 0.5f * (WT_CELL - 1)) / WT_CELL;
}

static int clamp_cell(float v, int size)
{
    return v < 0 ? 0 : v > (float)(size - 1) ? size - 1 : (int)v;
}

/* ---- mask ------------------------------------------------------------------------------------ */

/* Marks the 3x3 cells around (row, column) in one channel. */
static void mark(uint8_t *mask, int size, int stride, int row, int column)
{
    for (int i = row > 0 ? row - 1 : 0; i <= row + 1 && i < size; i++)
        for (int j = column > 0 ? column - 1 : 0; j <= column + 1 && j < size; j++)
            mask[(size_t)(i * size + j) * (size_t)stride] = 1;
}

/* map: [size][size]. */
static void mark_map(const float *map, int size, int stride, uint8_t *mask)
{
    for (int i = 0; i < size * size; i++)
        if (map[i] >= MASK_FROM)
            mark(mask, size, stride, i / size, i % size);
}

void wt_target_mask(const float *map, int size, uint8_t *mask)
{
    memset(mask, 0, (size_t)size * (size_t)size);
    mark_map(map, size, 1, mask);
}

/* ---- landmarks ------------------------------------------------------------------------------- */

/* exp(-(i - centre)^2 / (2 sigma^2)) for cells first .. first + n - 1. */
static void bell(float centre, float sigma, int first, int n, float *out)
{
    for (int k = 0; k < n; k++) {
        const float d = ((float)(first + k) - centre) / sigma;
        out[k] = expf(-0.5f * d * d);
    }
}

static void draw_point(const struct wt_target_options *o, struct wt_point p,
                       const struct wt_target_maps *maps, int channel)
{
    const int size = maps->size, stride = maps->stride;
    float *value = maps->value + channel;
    uint8_t *mask = maps->mask + channel;
    enum { WINDOW_MAX = 63 };
    float across[WINDOW_MAX], down[WINDOW_MAX];
    float x = to_cell(p.x), y = to_cell(p.y);
    const float limit =
        4 * SIDE_MAX; /* further out the Gaussian is 0, and the cast below stays defined */
    if (!(fabsf(x) < limit && fabsf(y) < limit))
        return;
    const int column = (int)floorf(x + 0.5f), row = (int)floorf(y + 0.5f);
    if (o->centre == WT_CENTRE_CELLS) {
        x = (float)column;
        y = (float)row;
    }
    const int n = 2 * o->support + 1, left = column - o->support, top = row - o->support;
    bell(x, o->sigma, left, n, across);
    bell(y, o->sigma, top, n, down);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            const int r = top + i, c = left + j;
            const float v = down[i] * across[j];
            if (r < 0 || c < 0 || r >= size || c >= size || v < o->floor)
                continue;
            value[(size_t)(r * size + c) * (size_t)stride] = v;
            if (v >= MASK_FROM)
                mark(mask, size, stride, r, c);
        }
}

/* ---- boundary -------------------------------------------------------------------------------- */

/* Squared distances to the segment a-b (cells), where they are below what is there already. */
static void near_segment(struct wt_point a, struct wt_point b, int size, float *d2)
{
    const float reach = BOUNDARY_REACH, last = (float)(size - 1);
    const float x0 = fminf(a.x, b.x) - reach, x1 = fmaxf(a.x, b.x) + reach;
    const float y0 = fminf(a.y, b.y) - reach, y1 = fmaxf(a.y, b.y) + reach;
    if (!(x1 >= 0 && y1 >= 0 && x0 <= last && y0 <= last))
        return;
    const float dx = b.x - a.x, dy = b.y - a.y, length2 = dx * dx + dy * dy;
    const float inverse = length2 > 1e-12f ? 1 / length2 : 0;
    const int left = clamp_cell(ceilf(x0), size), right = clamp_cell(x1, size);
    for (int i = clamp_cell(ceilf(y0), size); i <= clamp_cell(y1, size); i++)
        for (int j = left; j <= right; j++) {
            const float px = (float)j - a.x, py = (float)i - a.y;
            float t = (px * dx + py * dy) * inverse;
            t = t < 0 ? 0 : t > 1 ? 1 : t;
            const float ex = px - t * dx, ey = py - t * dy, d = ex * ex + ey * ey;
            float *at = d2 + i * size + j;
            *at = d < *at ? d : *at;
        }
}

/* Uniform Catmull-Rom between p[1] and p[2]. */
static struct wt_point catmull_rom(const struct wt_point *p, float t)
{
    const float t2 = t * t, t3 = t2 * t;
    const float w[4] = {0.5f * (-t + 2 * t2 - t3), 0.5f * (2 - 5 * t2 + 3 * t3),
                        0.5f * (t + 4 * t2 - 3 * t3), 0.5f * (t3 - t2)};
    struct wt_point q = {0, 0};
    for (int k = 0; k < 4; k++) {
        q.x += w[k] * p[k].x;
        q.y += w[k] * p[k].y;
    }
    return q;
}

/* p: n points of a curve in cells with room for one before and one after, which continue it
 * straight on. */
static void draw_curve(struct wt_point *p, int n, int size, float *d2)
{
    p[-1] = (struct wt_point){2 * p[0].x - p[1].x, 2 * p[0].y - p[1].y};
    p[n] = (struct wt_point){2 * p[n - 1].x - p[n - 2].x, 2 * p[n - 1].y - p[n - 2].y};
    for (int i = 0; i + 1 < n; i++) {
        struct wt_point from = p[i];
        for (int k = 1; k <= PIECES; k++) {
            const struct wt_point to = catmull_rom(p + i - 1, (float)k / PIECES);
            near_segment(from, to, size, d2);
            from = to;
        }
    }
}

bool wt_target_boundary(const struct wt_scheme *scheme, const struct wt_point *point, int size,
                        float *map)
{
    const float far2 = BOUNDARY_REACH * BOUNDARY_REACH;
    const int cells = size * size;
    memset(map, 0, (size_t)cells * sizeof *map);
    for (int c = 0; c < scheme->curves; c++)
        for (int i = 0; i < scheme->curve[c].count; i++)
            if (isnan(point[scheme->curve[c].point[i]].x))
                return false;
    for (int i = 0; i < cells; i++)
        map[i] = far2;
    for (int c = 0; c < scheme->curves; c++) {
        const struct wt_curve *curve = &scheme->curve[c];
        struct wt_point p[sizeof curve->point + 2];
        for (int i = 0; i < curve->count; i++) {
            const struct wt_point q = point[curve->point[i]];
            p[i + 1] = (struct wt_point){to_cell(q.x), to_cell(q.y)};
        }
        draw_curve(p + 1, curve->count, size, map);
    }
    for (int i = 0; i < cells; i++)
        map[i] = map[i] < far2 ? expf(-0.5f * map[i]) : 0;
    return true;
}

static bool draw_boundary(const struct wt_target_face *face, const struct wt_target_maps *maps)
{
    const int size = maps->size, stride = maps->stride, channel = face->scheme->points;
    float map[SIDE_MAX * SIDE_MAX];
    if (!wt_target_boundary(face->scheme, face->point, size, map) &&
        !(face->drawn && wt_target_boundary(face->drawn, face->drawn_point, size, map)))
        return false;
    for (int i = 0; i < size * size; i++)
        if (map[i] > 0)
            maps->value[(size_t)i * (size_t)stride + (size_t)channel] = map[i];
    mark_map(map, size, stride, maps->mask + channel);
    return true;
}

void wt_target_draw(const struct wt_target_options *options, const struct wt_target_face *face,
                    const struct wt_target_maps *maps)
{
    const int points = face->scheme->points, stride = maps->stride;
    const size_t all = (size_t)stride * (size_t)maps->size * (size_t)maps->size;
    assert(stride > points && options->support >= 1 && options->support <= 31);
    assert(maps->size >= 1 && maps->size <= SIDE_MAX);
    memset(maps->value, 0, all * sizeof *maps->value);
    memset(maps->mask, 0, all);
    for (int c = 0; c < stride; c++)
        maps->channel[c] = 0;
    for (int c = 0; c < points; c++) {
        if (isnan(face->point[c].x))
            continue;
        maps->channel[c] = 1;
        draw_point(options, face->point[c], maps, c);
    }
    if (options->boundary != WT_BOUNDARY_NONE && draw_boundary(face, maps))
        maps->channel[points] = 1;
}
