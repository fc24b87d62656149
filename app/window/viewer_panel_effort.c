/* The panel's rows about what tracking may take, and what it takes. */
#include <stdio.h>

#include "window/viewer_internal.h"

/* As many lines before the first figure as after it: what lies below does not move under the mouse.
 */
static void say_what_it_takes(struct wt_viewer *v)
{
    const struct wt_live_status *s = &v->status;
    char text[128];
    snprintf(text, sizeof text, "%d thread%s", s->threads, s->threads == 1 ? "" : "s");
    wt_ui_text(v->ui, text, false);
    snprintf(text, sizeof text, "used: not measured yet");
    if (s->load > 0)
        snprintf(text, sizeof text, "used: %.0f %% of frame time, %.0f %% of cores", 100 * s->load,
                 100 * s->share);
    wt_ui_text(v->ui, text, false);
    snprintf(text, sizeof text, "camera to screen: not measured yet");
    if (v->latency.count)
        snprintf(text, sizeof text, "camera to screen: %.0f ms, 95 %% within %.0f",
                 wt_quantiles_get(&v->latency, 0.5), wt_quantiles_get(&v->latency, 0.95));
    wt_ui_text(v->ui, text, false);
    if (s->eased_faces) {
        snprintf(text, sizeof text, "eased to %d stack%s and %d face%s", s->eased_stacks,
                 s->eased_stacks == 1 ? "" : "s", s->eased_faces, s->eased_faces == 1 ? "" : "s");
        wt_ui_text(v->ui, text, true);
    }
    if (v->ease.light)
        wt_ui_text(v->ui, "eased to the fast network", true);
}

void wt_viewer_panel_effort(struct wt_viewer *v)
{
    static const char *const rates[] = {
        "all there is time for", "10", "15", "20", "24", "30", "60"};
    static const int rate[] = {0, 10, 15, 20, 24, 30, 60};
    static const char *const shares[] = {"no limit", "10 %", "15 %", "20 %", "30 %", "50 %"};
    static const int share[] = {0, 10, 15, 20, 30, 50};
    int at = -1, of = -1;
    for (int i = 0; i < 7; i++)
        at = (int)v->prefs.rate == rate[i] ? i : at;
    for (int i = 0; i < 6; i++)
        of = (int)v->prefs.share == share[i] ? i : of;
    bool changed = wt_ui_choice(
        v->ui, "Frame rate",
        "no more than these are tracked, and they are held, with fewer stacks and faces if needed",
        &at, rates, 7, "other");
    if (changed)
        v->prefs.rate = rate[at];
    if (wt_ui_choice(v->ui, "Processor",
                     "no more than this of all processors, with fewer threads, stacks and faces",
                     &of, shares, 6, "other")) {
        v->prefs.share = share[of];
        changed = true;
    }
    if (changed)
        wt_viewer_apply(v);
    say_what_it_takes(v);
}
