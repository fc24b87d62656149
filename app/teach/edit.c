#include "teach/edit.h"

#include <math.h>
#include <string.h>

static float distance(struct wt_point a, struct wt_point b)
{
    return hypotf(a.x - b.x, a.y - b.y);
}

/* The eyes' outer corners; else the mean side of what encloses the points. */
static float unit_of(const struct wt_scheme *scheme, const struct wt_point *p)
{
    const int8_t *eye = scheme->eye_outer;
    float low[2] = {p[0].x, p[0].y}, high[2] = {p[0].x, p[0].y};
    if (eye[0] >= 0 && eye[1] >= 0 && distance(p[eye[0]], p[eye[1]]) > 1.0f)
        return distance(p[eye[0]], p[eye[1]]);
    for (int i = 1; i < scheme->points; i++) {
        low[0] = fminf(low[0], p[i].x), high[0] = fmaxf(high[0], p[i].x);
        low[1] = fminf(low[1], p[i].y), high[1] = fmaxf(high[1], p[i].y);
    }
    return fmaxf(1.0f, (high[0] - low[0] + high[1] - low[1]) / 2.0f);
}

enum wt_status wt_edit_begin(struct wt_edit *edit, const struct wt_point *point, int points)
{
    const struct wt_scheme *scheme = wt_scheme_get(points);
    if (!scheme)
        return WT_ERR_UNSUPPORTED;
    memset(edit, 0, sizeof *edit);
    edit->scheme = scheme;
    memcpy(edit->now.point, point, (size_t)points * sizeof *point);
    edit->unit = unit_of(scheme, point);
    return WT_OK;
}

int wt_edit_nearest(const struct wt_edit *edit, struct wt_point at, float within)
{
    int nearest = -1;
    for (int i = 0; i < edit->scheme->points; i++) {
        const float d = distance(edit->now.point[i], at);
        if (d <= within) {
            within = d;
            nearest = i;
        }
    }
    return nearest;
}

/* ---- steps --------------------------------------------------------------------------------- */

/* A change comes: `before` can be returned to. The oldest step makes room. */
static void remember(struct wt_edit *edit, const struct wt_edit_state *before)
{
    if (edit->done == WT_EDIT_STEPS) {
        memmove(edit->step, edit->step + 1, (WT_EDIT_STEPS - 1) * sizeof *edit->step);
        edit->done--;
    }
    edit->step[edit->done++] = *before;
    edit->undone = 0;
}

static void swap_with_now(struct wt_edit *edit, int step)
{
    const struct wt_edit_state now = edit->now;
    edit->now = edit->step[step];
    edit->step[step] = now;
}

bool wt_edit_undo(struct wt_edit *edit)
{
    if (!edit->done || edit->dragging)
        return false;
    swap_with_now(edit, --edit->done);
    edit->undone++;
    return true;
}

bool wt_edit_redo(struct wt_edit *edit)
{
    if (!edit->undone || edit->dragging)
        return false;
    swap_with_now(edit, edit->done++);
    edit->undone--;
    return true;
}

bool wt_edit_changed(const struct wt_edit *edit)
{
    return edit->done > 0;
}

/* ---- moving -------------------------------------------------------------------------------- */

void wt_edit_grab(struct wt_edit *edit)
{
    edit->grabbed = edit->now;
    edit->dragging = true;
}

/* 1 at the point, 0 from the reach on, level at both ends. */
static float share(const struct wt_edit *edit, float along)
{
    const float t = along / (WT_EDIT_REACH * edit->unit);
    return t >= 1.0f ? 0.0f : 0.5f + 0.5f * cosf((float)M_PI * t);
}

/* How much of the move the points beside position k of a curve take: the most of all curves. */
static void share_along(const struct wt_edit *edit, const struct wt_curve *curve, int k,
                        float *weight)
{
    const struct wt_point *p = edit->grabbed.point;
    for (int way = -1; way <= 1; way += 2) {
        float along = 0.0f;
        for (int i = k + way; i >= 0 && i < curve->count; i += way) {
            along += distance(p[curve->point[i]], p[curve->point[i - way]]);
            weight[curve->point[i]] = fmaxf(weight[curve->point[i]], share(edit, along));
        }
    }
}

void wt_edit_drag(struct wt_edit *edit, int point, float dx, float dy)
{
    const struct wt_scheme *scheme = edit->scheme;
    float weight[WT_POINTS_MAX] = {0};
    if (!edit->dragging)
        return;
    const struct wt_curve *line;
    for (int c = 0; point >= 0 && (line = wt_scheme_line(scheme, c)); c++)
        for (int k = 0; k < line->count; k++)
            if (line->point[k] == point)
                share_along(edit, line, k, weight);
    for (int i = 0; i < scheme->points; i++) {
        const float w = point < 0 || i == point ? 1.0f : weight[i];
        edit->now.point[i].x = edit->grabbed.point[i].x + w * dx;
        edit->now.point[i].y = edit->grabbed.point[i].y + w * dy;
    }
}

static bool has_moved(const struct wt_edit *edit)
{
    for (int i = 0; i < edit->scheme->points; i++)
        if (distance(edit->now.point[i], edit->grabbed.point[i]) > 0.0f)
            return true;
    return false;
}

void wt_edit_drop(struct wt_edit *edit)
{
    if (edit->dragging && has_moved(edit))
        remember(edit, &edit->grabbed);
    edit->dragging = false;
}

void wt_edit_nudge(struct wt_edit *edit, int point, float dx, float dy)
{
    if (edit->dragging)
        return;
    remember(edit, &edit->now);
    edit->now.point[point].x += dx;
    edit->now.point[point].y += dy;
}

void wt_edit_hide(struct wt_edit *edit, int point)
{
    if (edit->dragging)
        return;
    remember(edit, &edit->now);
    edit->now.hidden[point] = !edit->now.hidden[point];
}

/* ---- the other side ------------------------------------------------------------------------ */

/* The axis: a point on it, and the direction across the face, of length 1. */
static bool find_axis(const struct wt_edit *edit, struct wt_point *on, struct wt_point *across)
{
    const struct wt_scheme *scheme = edit->scheme;
    const struct wt_point *p = edit->now.point;
    struct wt_point middle = {0}, side = {0};
    int pairs = 0;
    for (int i = 0; i < scheme->points; i++) {
        const int k = scheme->flip[i];
        if (k <= i)
            continue;
        middle.x += (p[i].x + p[k].x) / 2.0f;
        middle.y += (p[i].y + p[k].y) / 2.0f;
        /* Which of a pair comes first differs from part to part: the sign that fits the others. */
        const float dx = p[k].x - p[i].x, dy = p[k].y - p[i].y;
        const float sign = side.x * dx + side.y * dy < 0.0f ? -1.0f : 1.0f;
        side.x += sign * dx;
        side.y += sign * dy;
        pairs++;
    }
    const float length = hypotf(side.x, side.y);
    if (!pairs || length <= 0.0f)
        return false;
    *on = (struct wt_point){middle.x / (float)pairs, middle.y / (float)pairs};
    *across = (struct wt_point){side.x / length, side.y / length};
    return true;
}

static float side_of(struct wt_point p, struct wt_point on, struct wt_point across)
{
    return (p.x - on.x) * across.x + (p.y - on.y) * across.y;
}

void wt_edit_mirror(struct wt_edit *edit, int point)
{
    const struct wt_scheme *scheme = edit->scheme;
    struct wt_point on, across;
    if (edit->dragging || !find_axis(edit, &on, &across))
        return;
    const struct wt_edit_state before = edit->now;
    const float half = side_of(before.point[point], on, across);
    remember(edit, &before);
    for (int i = 0; i < scheme->points; i++) {
        const int other = scheme->flip[i];
        const struct wt_point from = before.point[other];
        const float d = side_of(from, on, across);
        const bool middle = scheme->flip[point] == point;
        if (middle ? i != point : other == i || side_of(before.point[i], on, across) * half <= 0.0f)
            continue;
        const float by = middle ? d : 2.0f * d;
        edit->now.point[i] = (struct wt_point){from.x - by * across.x, from.y - by * across.y};
        edit->now.hidden[i] = before.hidden[other];
    }
}

void wt_edit_result(const struct wt_edit *edit, struct wt_point *out)
{
    for (int i = 0; i < edit->scheme->points; i++)
        out[i] = edit->now.hidden[i] ? (struct wt_point){NAN, NAN} : edit->now.point[i];
}
