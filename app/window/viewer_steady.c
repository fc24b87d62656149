/* Measures of the faces on screen, and the smoothing that a still person needs. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/notice.h"
#include "face/opening.h"
#include "face/pose.h"
#include "face/smile.h"
#include "window/viewer_internal.h"

/* ---- hold still ----------------------------------------------------------------------------- */

static void end_hold(struct wt_viewer *v)
{
    v->steady.holding = false;
    wt_viewer_apply(v);
}

void wt_steady_hold(struct wt_viewer *v)
{
    if (v->steady.holding) {
        end_hold(v);
        wt_notice(WT_NOTICE_NEWS, "smoothing stays as it was");
        return;
    }
    if (v->status.paused || v->status.ended || v->status.lost) {
        wt_notice(WT_NOTICE_WARNING, "hold still: the picture stands");
        return;
    }
    memset(&v->steady.hold, 0, sizeof v->steady.hold);
    v->steady.holding = true;
    wt_viewer_apply(v); /* raw points from the next frame on */
}

void wt_steady_check(struct wt_viewer *v)
{
    if (!v->steady.holding || !(v->status.paused || v->status.ended || v->status.lost))
        return;
    end_hold(v);
    wt_notice(WT_NOTICE_WARNING, "hold still: the picture stands; smoothing stays as it was");
}

int wt_steady_left(const struct wt_viewer *v)
{
    const struct wt_hold *h = &v->steady.hold;
    if (!v->steady.holding)
        return 0;
    const int64_t done = h->frames ? v->steady.time_us - h->begin_us : 0;
    return done < WT_HOLD_US ? (int)((WT_HOLD_US - done + 999999) / 1000000) : 1;
}

static void announce(struct wt_viewer *v, const struct wt_hold_result *r)
{
    v->prefs.smoothing = wt_prefs_smoothing_of(r->strength);
    end_hold(v);
    if (r->strength <= 0)
        wt_notice(WT_NOTICE_NEWS, "smoothing off: jitter is %.2f %% of the eye distance as it is",
                  r->jitter[0]);
    else
        wt_notice(WT_NOTICE_NEWS,
                  "smoothing %.2f: jitter %.2f to %.2f %% of the eye distance%s, %.0f ms behind a "
                  "slow turn",
                  v->prefs.smoothing, r->jitter[0], r->jitter[1],
                  r->reached ? "" : " (more would lag too much)", r->lag_ms);
}

static void take_hold(struct wt_viewer *v, const struct wt_result *result, int64_t time_us)
{
    static const char *const why[] = {
        [WT_HOLD_LOST] = "the face was lost",
        [WT_HOLD_MOVED] = "the head moved",
        [WT_HOLD_FEW] = "too few frames",
    };
    struct wt_hold_result r;
    const enum wt_hold_end end = wt_hold_add(&v->steady.hold, result, time_us, &r);
    if (end == WT_HOLD_DONE) {
        announce(v, &r);
    } else if (end != WT_HOLD_GOES_ON) {
        end_hold(v);
        wt_notice(WT_NOTICE_WARNING, "hold still: %s; smoothing stays as it was", why[end]);
    }
}

/* ---- measures over time --------------------------------------------------------------------- */

static const struct wt_face *plotted(struct wt_viewer_steady *s, const struct wt_result *result)
{
    const struct wt_face *largest = NULL;
    float most = 0;
    for (int i = 0; i < result->faces; i++) {
        const struct wt_face *f = &result->face[i];
        const float side = fabsf(f->point[0].x - f->point[f->points / 3].x);
        if (f->id == s->id)
            return f;
        if (!largest || side > most) {
            largest = f;
            most = side;
        }
    }
    if (largest) { /* another one: its plots start empty */
        s->id = largest->id;
        s->count = 0;
        s->blinked = 0;
    }
    return largest;
}

static void push(struct wt_viewer_steady *s, const double value[WT_PLOTS])
{
    const bool full = s->count == WT_HISTORY;
    for (int k = 0; k < WT_PLOTS; k++) {
        if (full)
            memmove(s->value[k], s->value[k] + 1, sizeof s->value[k] - sizeof s->value[k][0]);
        s->value[k][full ? s->count - 1 : s->count] = (float)value[k];
    }
    s->count += !full;
}

static void measure(struct wt_viewer_steady *s, const struct wt_face *face,
                    const struct wt_image *image, int64_t time_us)
{
    double value[WT_PLOTS];
    for (int k = 0; k < WT_PLOTS; k++)
        value[k] = (double)NAN;
    s->distance = (double)NAN;
    if (face) {
        const struct wt_camera_model camera = wt_camera_assumed(image->width, image->height);
        const struct wt_opening opening = wt_opening_measure(face->point, face->points);
        struct wt_pose pose;
        wt_pose_estimate(face->point, face->points, &camera, &pose);
        const struct wt_blink blink = wt_blinks_update(&s->blinks, face->id, time_us, opening.eye);
        s->blinked = blink.known ? blink.count : 0;
        s->shut = blink.known && blink.shut;
        s->distance = sqrt(pose.x * pose.x + pose.y * pose.y + pose.z * pose.z);
        value[WT_PLOT_YAW] = pose.yaw;
        value[WT_PLOT_PITCH] = pose.pitch;
        value[WT_PLOT_ROLL] = pose.roll;
        value[WT_PLOT_EYES] = 0.5 * (opening.eye[0] + opening.eye[1]);
        value[WT_PLOT_MOUTH] = opening.mouth;
        value[WT_PLOT_SMILE] = wt_smile_measure(face->point, face->points).lift;
        value[WT_PLOT_JITTER] = wt_meter_get(&s->meter, face->id);
    }
    push(s, value);
}

void wt_steady_take(struct wt_viewer *v, const struct wt_tracked_frame *tracked)
{
    struct wt_viewer_steady *s = &v->steady;
    const struct wt_result *result = &tracked->result;
    const int64_t time_us = tracked->frame->time_us;
    if (s->count && time_us == s->time_us)
        return; /* the same frame, tracked with other settings */
    wt_meter_add(&s->meter, result, time_us);
    measure(s, plotted(s, result), &tracked->frame->image, time_us);
    s->time_us = time_us;
    if (s->holding)
        take_hold(v, result, time_us);
}
