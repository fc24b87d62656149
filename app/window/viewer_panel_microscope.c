/* The panel's section about the microscope. */
#include <stdio.h>

#include "window/viewer_internal.h"

static void choose_face(struct wt_viewer *v)
{
    char text[WT_FACES_MAX][24];
    const char *names[WT_FACES_MAX];
    const struct wt_result *result = &v->shown->result;
    int at = -1;
    if (result->faces < 2)
        return;
    for (int i = 0; i < result->faces; i++) {
        snprintf(text[i], sizeof text[i], "#%u", result->face[i].id);
        names[i] = text[i];
        if (result->face[i].id == v->microscope.face)
            at = i;
    }
    if (wt_ui_choice(v->ui, "Face looked at", "by its number", &at, names, result->faces,
                     "out of sight"))
        wt_microscope_open(v, result->face[at].id, v->microscope.point);
}

void wt_viewer_panel_microscope(struct wt_viewer *v)
{
    struct wt_viewer_microscope *m = &v->microscope;
    bool on = m->on;
    if (!wt_ui_section(v->ui, "Microscope", false, false))
        return;
    if (wt_ui_check(v->ui, "Look at a point",
                    wt_viewer_tip("its heatmap in every stack; a click on a point does the same",
                                  WT_ACTION_MICROSCOPE),
                    &on))
        wt_viewer_act(v, WT_ACTION_MICROSCOPE, 0);
    if (!m->on || !v->shown)
        return;
    choose_face(v);
    int point = m->point;
    if (wt_ui_slider_int(v->ui, "Point looked at", "of the points that are shown", &point, 0,
                         m->scheme - 1, NULL))
        wt_microscope_open(v, m->face, point);
}
