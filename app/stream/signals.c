#include "stream/signals.h"

#include <math.h>
#include <string.h>

#include "face/opening.h"

#define USUAL_US 20000000.0 /* in which what is usual for a face is learned anew */
#define SHUT 0.35           /* shares of what an eye opens to: shut below .. */
#define OPEN 0.85           /* .. open above */

static double clamp(double v, double low, double high)
{
    return v < low ? low : v > high ? high : v;
}

/* ---- slots ----------------------------------------------------------------------------------- */

static int find(const struct wt_signals *s, uint32_t id)
{
    for (int i = 0; i < WT_FACES_MAX; i++)
        if (s->slot[i].id == id)
            return i;
    return -1;
}

static void free_slots(struct wt_signals *s, const struct wt_result *result)
{
    for (int i = 0; i < WT_FACES_MAX; i++) {
        bool there = false;
        for (int k = 0; k < result->faces; k++)
            there |= result->face[k].id == s->slot[i].id;
        if (!there)
            s->slot[i].id = 0;
    }
}

/* ---- pose ------------------------------------------------------------------------------------ */

/* Rx(pitch) Ry(yaw) Rz(roll): see pose.h. */
static void rotate(const struct wt_pose *pose, double m[9])
{
    const double turn = 3.14159265358979323846 / 180;
    const double a = pose->pitch * turn, b = pose->yaw * turn, c = pose->roll * turn;
    const double sa = sin(a), ca = cos(a), sb = sin(b), cb = cos(b), sc = sin(c), cc = cos(c);
    const double r[9] = {cb * cc,
                         -cb * sc,
                         sb,
                         ca * sc + sa * sb * cc,
                         ca * cc - sa * sb * sc,
                         -sa * cb,
                         sa * sc - ca * sb * cc,
                         sa * cc + ca * sb * sc,
                         ca * cb};
    memcpy(m, r, sizeof r);
}

void wt_signal_quaternion(const double m[9], double q[4])
{
    /* The largest of the four is taken for the divisor (Shepperd, 1978). */
    const double t[4] = {1 + m[0] - m[4] - m[8], 1 - m[0] + m[4] - m[8], 1 - m[0] - m[4] + m[8],
                         1 + m[0] + m[4] + m[8]};
    const double xy = m[3] + m[1], xz = m[6] + m[2], yz = m[7] + m[5];
    const double wx = m[7] - m[5], wy = m[2] - m[6], wz = m[3] - m[1];
    const double by[4][4] = {
        {t[0], xy, xz, wx}, {xy, t[1], yz, wy}, {xz, yz, t[2], wz}, {wx, wy, wz, t[3]}};
    int best = 0;
    for (int i = 1; i < 4; i++)
        best = t[i] > t[best] ? i : best;
    for (int i = 0; i < 4; i++)
        q[i] = by[best][i] * 0.5 / sqrt(t[best]);
}

/* ---- features -------------------------------------------------------------------------------- */

/* Upright, in units of the outer eye corners' distance, y up. */
struct upright {
    struct wt_point p[68];
};

static bool make_upright(const struct wt_point p[68], struct upright *out)
{
    const double dx = p[45].x - p[36].x, dy = p[45].y - p[36].y, d2 = dx * dx + dy * dy;
    if (!(d2 > 1e-6))
        return false;
    for (int i = 0; i < 68; i++) {
        const double x = p[i].x - p[36].x, y = p[i].y - p[36].y;
        out->p[i].x = (float)((x * dx + y * dy) / d2);
        out->p[i].y = (float)((x * dy - y * dx) / d2);
    }
    return true;
}

/* How far the middle of a brow stands over the line of its ends. */
static double quirk(const struct wt_point *brow)
{
    return (double)brow[2].y - 0.5 * ((double)brow[0].y + (double)brow[4].y);
}

static void measure(const struct upright *u, const struct wt_opening *opening,
                    double f[WT_FEATURES])
{
    const struct wt_point *p = u->p;
    const double middle = p[51].x, upper = p[51].y,
                 eyes = 0.5 * ((double)p[39].y + (double)p[42].y);
    f[WT_FEATURE_EYE_RIGHT] = opening->eye[WT_SIGNAL_RIGHT];
    f[WT_FEATURE_EYE_LEFT] = opening->eye[WT_SIGNAL_LEFT];
    f[WT_FEATURE_BROW_STEEP_RIGHT] = (double)p[21].y - (double)p[17].y;
    f[WT_FEATURE_BROW_STEEP_LEFT] = (double)p[22].y - (double)p[26].y;
    f[WT_FEATURE_BROW_UP_RIGHT] = p[19].y - eyes;
    f[WT_FEATURE_BROW_UP_LEFT] = p[24].y - eyes;
    f[WT_FEATURE_BROW_QUIRK_RIGHT] = quirk(p + 17);
    f[WT_FEATURE_BROW_QUIRK_LEFT] = quirk(p + 22);
    f[WT_FEATURE_CORNER_UP_RIGHT] = p[48].y - upper;
    f[WT_FEATURE_CORNER_UP_LEFT] = p[54].y - upper;
    f[WT_FEATURE_CORNER_OUT_RIGHT] = middle - p[48].x;
    f[WT_FEATURE_CORNER_OUT_LEFT] = p[54].x - middle;
    f[WT_FEATURE_MOUTH_OPEN] = (double)p[62].y - (double)p[66].y;
    f[WT_FEATURE_MOUTH_WIDE] = (double)p[54].x - (double)p[48].x;
}

/* What makes a feature 1, in eye distances (of eyes: in their own ratio): about what faces do. */
static const double full[WT_FEATURES] = {0.25, 0.25, 0.12, 0.12, 0.08, 0.12, 0.12,
                                         0.08, 0.12, 0.12, 0.12, 0.12, 0.35, 0.2};

static void learn(struct wt_signal_slot *slot, bool first, double share, struct wt_signal *out,
                  const double now[WT_FEATURES])
{
    for (int i = 0; i < WT_FEATURES; i++) {
        const double v = isfinite(now[i]) ? now[i] : slot->usual[i];
        slot->usual[i] += (v - slot->usual[i]) * (first ? 1.0 : share);
        out->feature[i] = clamp((v - slot->usual[i]) / full[i], -1.0, 1.0);
    }
}

/* Wider eyes are learned at once, narrower ones slowly: a blink is short. */
static void open_eyes(struct wt_signal_slot *slot, double share, const struct wt_opening *opening,
                      struct wt_signal *out)
{
    for (int i = 0; i < 2; i++) {
        const double v = opening->eye[i];
        if (!isfinite(v))
            continue;
        slot->open[i] = v > slot->open[i] ? v : slot->open[i] + (v - slot->open[i]) * share;
        if (slot->open[i] > 1e-3)
            out->open[i] = clamp((v / slot->open[i] - SHUT) / (OPEN - SHUT), 0.0, 1.0);
    }
}

static void fill(struct wt_signal_slot *slot, bool first, int64_t time_us,
                 const struct wt_camera_model *camera, struct wt_signal *out)
{
    const struct wt_face *face = out->face;
    const double since = first ? 0.0 : (double)(time_us - slot->time_us);
    const double share = clamp(since / USUAL_US, 0.0, 1.0);
    struct upright upright;
    double now[WT_FEATURES];
    slot->time_us = time_us;
    out->open[0] = out->open[1] = 1.0;
    out->posed = wt_pose_estimate(face->point, face->points, camera, &out->pose);
    if (out->posed)
        rotate(&out->pose, out->rotation);
    if (face->points == 68)
        memcpy(out->point, face->point, sizeof out->point);
    else if (wt_points_convert(face->point, face->points, out->point, 68))
        return;
    if (!make_upright(out->point, &upright))
        return;
    const struct wt_opening opening = wt_opening_measure(out->point, 68);
    out->known = true;
    out->mouth = isfinite(opening.mouth) ? clamp(opening.mouth, 0.0, 1.0) : 0.0;
    open_eyes(slot, share, &opening, out);
    measure(&upright, &opening, now);
    learn(slot, first, share, out, now);
}

int wt_signals_update(struct wt_signals *signals, const struct wt_image *image, int64_t time_us,
                      const struct wt_result *result, struct wt_signal out[WT_FACES_MAX])
{
    const struct wt_camera_model camera = wt_camera_assumed(image->width, image->height);
    free_slots(signals, result);
    for (int i = 0; i < result->faces; i++) {
        const struct wt_face *face = &result->face[i];
        int at = find(signals, face->id);
        const bool first = at < 0;
        if (first) {
            at = find(signals, 0); /* there are as many slots as faces */
            signals->slot[at] = (struct wt_signal_slot){.id = face->id};
        }
        out[i] = (struct wt_signal){.face = face, .slot = at};
        fill(&signals->slot[at], first, time_us, &camera, &out[i]);
    }
    return result->faces;
}
