/* The panel's lines about profiles: which there are, what can be done with one, what it is worth.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "window/canvas_imgui.h"
#include "window/viewer_internal.h"

#define NAMES 64

static void choose_profile(struct wt_viewer *v)
{
    struct wt_viewer_teach *t = &v->teach;
    const char *names[NAMES + 1] = {"none"};
    int count = 1, at = 0;
    wt_teach_list(v);
    for (size_t i = 0; i < t->name_count && count <= NAMES; i++, count++) {
        names[count] = t->names[i];
        if (t->profile && strcmp(t->profile->name, t->names[i]) == 0)
            at = count;
    }
    if (wt_ui_choice(v->ui, "Profile", "what was taught about one person's face", &at, names, count,
                     ""))
        wt_teach_use(v, at ? names[at] : NULL);
}

void wt_viewer_panel_profile(struct wt_viewer *v)
{
    struct wt_viewer_teach *t = &v->teach;
    choose_profile(v);
    if (wt_ui_field(v->ui, "New profile",
                    "its name and Enter; it is made with the first correction", t->name,
                    sizeof t->name, false))
        wt_teach_new(v);
    if (!t->profile || !wt_ui_section(v->ui, "This profile", false, false))
        return;
    wt_ui_off_begin(v->ui, t->learner || t->work.busy);
    if (wt_ui_field(v->ui, "New name", "of this profile; Enter takes it", t->rename,
                    sizeof t->rename, false))
        wt_teach_rename(v);
    if (wt_ui_field(v->ui, "Export to",
                    "a folder that is not there yet, and Enter: corrections.txt is a list for "
                    "wingtip eval and train, weights.safetensors (once the network has learned) is "
                    "what --model takes, README.md their card; with the pictures",
                    t->folder, sizeof t->folder, false))
        wt_teach_export(v);
    if (wt_ui_button(v->ui, t->confirm ? "Really delete" : "Delete profile",
                     "its corrections, pictures and what was learned", false)) {
        if (t->confirm)
            wt_teach_delete(v);
        t->confirm = !t->confirm;
    }
    wt_ui_off_end(v->ui);
}

/* ---- figures --------------------------------------------------------------------------------- */

static void say_figure(struct wt_viewer *v, const char *what, const struct wt_summary *s)
{
    char text[160];
    if (isnan(s->nme))
        return;
    snprintf(text, sizeof text, "%s: NME %.2f %%, FR10 %.1f %%, AUC10 %.1f %%", what, s->nme,
             s->fr10, s->auc10);
    wt_ui_text(v->ui, text, false);
}

static void say_figures(struct wt_viewer *v, const char *title, const struct wt_profile_figure *f)
{
    const float *curve[3] = {f->curve[0].share, f->curve[1].share, f->curve[2].share};
    if (!v->teach.profile->learned)
        curve[1] = NULL; /* the original network */
    wt_ui_text(v->ui, title, false);
    say_figure(v, "original (red)", &f->original);
    if (v->teach.profile->learned)
        say_figure(v, "learned network (white)", &f->network);
    say_figure(v, "with offset (green)", &f->corrected);
    wt_ui_ced(v->ui, title, "share of the faces, 0 to 100 %, over their NME, 0 to 10 %", curve,
              WT_PROFILE_CED);
}

void wt_viewer_panel_figures(struct wt_viewer *v)
{
    struct wt_viewer_teach *t = &v->teach;
    char title[200];
    wt_ui_off_begin(v->ui, t->learner || t->work.busy);
    if (wt_ui_button(v->ui, "Measure",
                     "errors on the corrections, each without itself, and on the guard", false))
        wt_teach_measure(v);
    if (wt_ui_field(v->ui, "Measure on",
                    "a list of annotated faces and Enter; or drop it onto the window", t->list,
                    sizeof t->list, false))
        wt_teach_measure_list(v);
    wt_ui_off_end(v->ui);
    if (t->measured) {
        snprintf(title, sizeof title,
                 "%zu corrections, each with the offset of the others; the tracker's crops",
                 t->figure.faces);
        say_figures(v, title, &t->figure);
    }
    if (t->measured && t->guard.faces) {
        snprintf(title, sizeof title,
                 "guard: %zu rendered faces that are not learned; crops around true points",
                 t->guard.faces);
        say_figures(v, title, &t->guard);
    }
    if (t->measured_list) {
        snprintf(title, sizeof title, "%s: %zu faces; crops around true points", t->listed_name,
                 t->listed.faces);
        say_figures(v, title, &t->listed);
    }
    if (t->measured || t->measured_list)
        wt_ui_text(v->ui, "All errors by the distance of the outer eye corners.", false);
}
