#include "measure/jitter.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "face/crop.h"
#include "face/scheme.h"
#include "face/similarity.h"

/* Where a face is kept: its own place, or that of one that has been gone the longest. */
static struct wt_jitter_face *place_of(struct wt_jitter *jitter, uint32_t id)
{
    struct wt_jitter_face *oldest = &jitter->face[0];
    for (int i = 0; i < WT_FACES_MAX; i++) {
        struct wt_jitter_face *f = &jitter->face[i];
        if (f->id == id)
            return f;
        if (f->frame < oldest->frame)
            oldest = f;
    }
    *oldest = (struct wt_jitter_face){.id = id};
    return oldest;
}

struct wt_motion wt_motion_between(const struct wt_point *p, const struct wt_point *q, int n)
{
    struct wt_similarity fit;
    struct wt_motion m = {0, 0, 0};
    if (!wt_similarity_fit(&fit, p, q, n))
        m.residual = m.rigid = NAN;
    for (int i = 0; i < n; i++) {
        const struct wt_point moved = wt_similarity_map(&fit, p[i]);
        m.whole += hypot((double)(q[i].x - p[i].x), (double)(q[i].y - p[i].y)) / n;
        m.residual += hypot((double)(q[i].x - moved.x), (double)(q[i].y - moved.y)) / n;
        m.rigid += hypot((double)(moved.x - p[i].x), (double)(moved.y - p[i].y)) / n;
    }
    return m;
}

static void take_pair(struct wt_jitter *jitter, const struct wt_jitter_face *face,
                      const struct wt_point now[2][WT_POINTS_MAX], int n)
{
    const struct wt_scheme *scheme = wt_scheme_get(n);
    assert(scheme && scheme->eye_outer[0] >= 0);
    const struct wt_point a = now[0][scheme->eye_outer[0]], b = now[0][scheme->eye_outer[1]];
    const double eyes = hypot((double)(b.x - a.x), (double)(b.y - a.y));
    const struct wt_motion raw = wt_motion_between(face->last[0], now[0], n);
    if (!(eyes > 0) || !isfinite(raw.rigid))
        return;
    jitter->pairs++;
    if (!(100 * raw.rigid / eyes < WT_JITTER_STILL))
        return;
    const struct wt_motion smooth = wt_motion_between(face->last[1], now[1], n);
    jitter->still++;
    jitter->whole[0] += 100 * raw.whole / eyes;
    jitter->whole[1] += 100 * smooth.whole / eyes;
    jitter->residual[0] += 100 * raw.residual / eyes;
    jitter->residual[1] += 100 * smooth.residual / eyes;
}

void wt_jitter_add(struct wt_jitter *jitter, const struct wt_result *result, int64_t time_us)
{
    jitter->frames++;
    for (int i = 0; i < result->faces; i++) {
        const struct wt_face *found = &result->face[i];
        struct wt_jitter_face *face = place_of(jitter, found->id);
        const struct wt_box box = wt_points_box(found->point, found->points);
        struct wt_point now[2][WT_POINTS_MAX];
        memcpy(now[0], found->point, sizeof now[0]);
        memcpy(now[1], found->point, sizeof now[1]);
        wt_one_euro_apply(&face->filter, now[1], found->points, (box.w + box.h) / 2, 1, time_us);
        if (face->frame == jitter->frames - 1 && face->frame > 0)
            take_pair(jitter, face, (const struct wt_point(*)[WT_POINTS_MAX])now, found->points);
        memcpy(face->last, now, sizeof now);
        face->frame = jitter->frames;
    }
}
