#include "measure/steady.h"

#include <math.h>
#include <string.h>

#include "face/crop.h"
#include "face/scheme.h"

#define FORGET_US 500000 /* a face that comes back later is measured anew */
#define AVERAGE_S 1.0

/* Distance of the outer eye corners; 0: the scheme has none. */
static double eyes_apart(const struct wt_point *point, int points)
{
    const struct wt_scheme *scheme = wt_scheme_get(points);
    if (!scheme || scheme->eye_outer[0] < 0)
        return 0;
    const struct wt_point a = point[scheme->eye_outer[0]], b = point[scheme->eye_outer[1]];
    return hypot((double)(b.x - a.x), (double)(b.y - a.y));
}

/* ---- the meter ------------------------------------------------------------------------------ */

static struct wt_meter_face *meter_face(struct wt_meter *meter, uint32_t id)
{
    struct wt_meter_face *oldest = &meter->face[0];
    for (int i = 0; i < WT_FACES_MAX; i++) {
        struct wt_meter_face *f = &meter->face[i];
        if (f->id == id)
            return f;
        if (!f->id || (oldest->id && f->time_us < oldest->time_us))
            oldest = f;
    }
    memset(oldest, 0, sizeof *oldest);
    return oldest;
}

static void take_motion(struct wt_meter_face *f, const struct wt_face *now, double seconds)
{
    const double eyes = eyes_apart(now->point, now->points);
    const struct wt_motion m = wt_motion_between(f->last, now->point, now->points);
    if (!(eyes > 0) || !isfinite(m.rigid) || !(100 * m.rigid / eyes < WT_JITTER_STILL))
        return;
    const double jitter = 100 * m.whole / eyes;
    if (f->measured)
        f->jitter += (1 - exp(-seconds / AVERAGE_S)) * (jitter - f->jitter);
    else
        f->jitter = jitter;
    f->measured = true;
}

void wt_meter_add(struct wt_meter *meter, const struct wt_result *result, int64_t time_us)
{
    for (int i = 0; i < result->faces; i++) {
        const struct wt_face *now = &result->face[i];
        struct wt_meter_face *f = meter_face(meter, now->id);
        const int64_t gap = time_us - f->time_us;
        if (f->id && gap > 0 && gap < FORGET_US)
            take_motion(f, now, (double)gap / 1e6);
        else if (f->id && gap != 0)
            f->measured = false;
        f->id = now->id;
        f->time_us = time_us;
        memcpy(f->last, now->point, sizeof f->last);
    }
}

double wt_meter_get(const struct wt_meter *meter, uint32_t id)
{
    for (int i = 0; i < WT_FACES_MAX; i++)
        if (id && meter->face[i].id == id && meter->face[i].measured)
            return meter->face[i].jitter;
    return NAN;
}

/* ---- hold still ----------------------------------------------------------------------------- */

static const struct wt_face *largest(const struct wt_result *faces)
{
    const struct wt_face *best = NULL;
    float most = 0;
    for (int i = 0; i < faces->faces; i++) {
        const struct wt_box box = wt_points_box(faces->face[i].point, faces->face[i].points);
        if (box.w + box.h > most) {
            most = box.w + box.h;
            best = &faces->face[i];
        }
    }
    return best;
}

static const struct wt_face *face_of(const struct wt_result *faces, uint32_t id)
{
    for (int i = 0; i < faces->faces; i++)
        if (faces->face[i].id == id)
            return &faces->face[i];
    return NULL;
}

/* Mean motion over the still pairs with the filter of that strength, 0: none; % of the eye
 * distance. The first half second, in which the filter settles, does not count. */
static double jitter_with(const struct wt_hold *h, float strength, int *still, int *pairs)
{
    struct wt_one_euro filter = {0};
    struct wt_point now[WT_POINTS_MAX], last[WT_POINTS_MAX];
    double sum = 0;
    *still = *pairs = 0;
    for (int i = 0; i < h->frames; i++) {
        const struct wt_box box = wt_points_box(h->point[i], h->points);
        memcpy(now, h->point[i], sizeof now);
        if (strength > 0)
            wt_one_euro_apply(&filter, now, h->points, (box.w + box.h) / 2, strength,
                              h->time_us[i]);
        if (i && h->time_us[i] - h->begin_us > 500000) {
            const double eyes = eyes_apart(h->point[i], h->points);
            const struct wt_motion raw = wt_motion_between(h->point[i - 1], h->point[i], h->points);
            ++*pairs;
            if (eyes > 0 && 100 * raw.rigid / eyes < WT_JITTER_STILL) {
                ++*still;
                sum += 100 * wt_motion_between(last, now, h->points).whole / eyes;
            }
        }
        memcpy(last, now, sizeof last);
    }
    return *still ? sum / *still : 0;
}

/* The weakest that is enough, else the strongest that does not lag too much. */
static enum wt_hold_end choose(const struct wt_hold *h, struct wt_hold_result *result)
{
    int still, pairs;
    struct wt_hold_result r = {0};
    const int64_t all_us = h->time_us[h->frames - 1] - h->begin_us;
    const float dt = (float)all_us * 1e-6f / (float)(h->frames > 1 ? h->frames - 1 : 1);
    r.jitter[0] = r.jitter[1] = jitter_with(h, 0, &still, &pairs);
    if (h->frames < 10)
        return WT_HOLD_FEW;
    if (still * 5 < pairs * 4)
        return WT_HOLD_MOVED;
    r.reached = r.jitter[0] <= WT_HOLD_TARGET;
    for (float strength = 1 / 6.0f; !r.reached; strength *= 1.15f) {
        const float lag = wt_one_euro_lag(strength, WT_HOLD_SPEED, dt);
        if (lag > WT_HOLD_LAG_MAX)
            break;
        r.strength = strength;
        r.lag_ms = 1000 * (double)lag;
        r.jitter[1] = jitter_with(h, strength, &still, &pairs);
        r.reached = r.jitter[1] <= WT_HOLD_TARGET;
    }
    *result = r;
    return WT_HOLD_DONE;
}

enum wt_hold_end wt_hold_add(struct wt_hold *hold, const struct wt_result *faces, int64_t time_us,
                             struct wt_hold_result *result)
{
    const struct wt_face *face = hold->id ? face_of(faces, hold->id) : largest(faces);
    const int64_t before = hold->frames ? hold->time_us[hold->frames - 1] : time_us - 1;
    if (!face)
        return hold->id ? WT_HOLD_LOST : WT_HOLD_GOES_ON;
    if (time_us < before || (hold->id && face->points != hold->points))
        return WT_HOLD_LOST; /* another run of the input, another model */
    if (time_us == before)
        return WT_HOLD_GOES_ON;
    if (!hold->id) {
        hold->id = face->id;
        hold->points = face->points;
        hold->begin_us = time_us;
    }
    if (hold->frames < WT_HOLD_FRAMES &&
        (!hold->frames || time_us - before >= WT_HOLD_US / WT_HOLD_FRAMES)) {
        hold->time_us[hold->frames] = time_us;
        memcpy(hold->point[hold->frames++], face->point, sizeof hold->point[0]);
    }
    return time_us - hold->begin_us >= WT_HOLD_US ? choose(hold, result) : WT_HOLD_GOES_ON;
}
