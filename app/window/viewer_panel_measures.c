/* The panel's section of measures, and what it says about smoothing. */
#include <math.h>
#include <stdio.h>

#include "window/canvas_imgui.h"
#include "window/viewer_internal.h"

void wt_viewer_panel_steady(struct wt_viewer *v)
{
    char text[96];
    const float strength = wt_prefs_smooth_strength(&v->prefs);
    const float dt = v->status.rate > 1 ? 1 / (float)v->status.rate : 1 / 30.0f;
    if (wt_ui_button(v->ui, v->steady.holding ? "Leave it as it was" : "Hold still",
                     "look into the camera and keep still for three seconds: smoothing is set to "
                     "what the picture needs",
                     false))
        wt_steady_hold(v);
    if (strength > 0)
        snprintf(text, sizeof text, "%.0f ms behind a slow turn, %.0f ms a fast one",
                 1000 * (double)wt_one_euro_lag(strength, WT_HOLD_SPEED, dt),
                 1000 * (double)wt_one_euro_lag(strength, 10 * WT_HOLD_SPEED, dt));
    else
        snprintf(text, sizeof text, "no lag");
    wt_ui_text(v->ui, text, false);
}

/* A line for each face: how steady, how far. */
static void list_faces(struct wt_viewer *v)
{
    char text[96];
    for (int i = 0; v->shown && i < v->shown->result.faces; i++) {
        const uint32_t id = v->shown->result.face[i].id;
        const double jitter = wt_meter_get(&v->steady.meter, id);
        if (isnan(jitter))
            snprintf(text, sizeof text, "#%u  jitter: not still yet", id);
        else
            snprintf(text, sizeof text, "#%u  jitter %.2f %% of the eye distance", id, jitter);
        wt_ui_text(v->ui, text, false);
    }
}

void wt_viewer_panel_measures(struct wt_viewer *v)
{
    static const struct {
        const char *name, *tip;
        float low, high;
        const char *unit;
    } plots[WT_PLOTS] = {
        [WT_PLOT_YAW] = {"Yaw", "positive: the nose to the left of the picture", -60, 60, " deg"},
        [WT_PLOT_PITCH] = {"Pitch", "positive: down", -45, 45, " deg"},
        [WT_PLOT_ROLL] = {"Roll", "positive: clockwise in the picture", -45, 45, " deg"},
        [WT_PLOT_EYES] = {"Eyes", "height to width, mean of both; below 0.1: shut", 0, 0.5f, ""},
        [WT_PLOT_MOUTH] = {"Mouth", "height to width", 0, 1, ""},
        [WT_PLOT_SMILE] = {"Smile", "how high the mouth's corners stand, by its width", -0.3f, 0.3f,
                           ""},
        [WT_PLOT_JITTER] = {"Jitter", "of a still head, % of the eye distance a frame", 0, 1, " %"},
    };
    const struct wt_viewer_steady *s = &v->steady;
    char text[96];
    if (!wt_ui_section(v->ui, "Measures", false, false))
        return;
    list_faces(v);
    if (!s->count) {
        wt_ui_text(v->ui, "no face yet", false);
        return;
    }
    if (isnan(s->distance))
        snprintf(text, sizeof text, "#%u  %u blink%s", s->id, s->blinked,
                 s->blinked == 1 ? "" : "s");
    else
        snprintf(text, sizeof text, "#%u  %u blink%s%s, about %.0f cm away", s->id, s->blinked,
                 s->blinked == 1 ? "" : "s", s->shut ? ", eyes shut" : "", s->distance / 10);
    wt_ui_text(v->ui, text, false);
    wt_ui_text(v->ui, "distance: of a camera that sees 65 degrees, and an adult", false);
    for (int k = 0; k < WT_PLOTS; k++)
        wt_ui_plot(v->ui, plots[k].name, plots[k].tip, s->value[k], s->count, plots[k].low,
                   plots[k].high, plots[k].unit);
}
