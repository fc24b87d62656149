/* The panel's section about the corrected faces. */
#include <math.h>
#include <stdio.h>

#include "window/canvas_imgui.h"
#include "window/viewer_internal.h"

static void say_error(char *out, size_t size, const double nme[2])
{
    char text[2][16];
    for (int i = 0; i < 2; i++)
        snprintf(text[i], sizeof text[i], isnan(nme[i]) ? "not found" : "%.2f", nme[i]);
    snprintf(out, size, "%s -> %s", text[0], text[1]);
}

static void draw_page(struct wt_viewer *v)
{
    struct wt_viewer_faces *f = &v->faces;
    for (int i = 0; i < wt_viewer_faces_on_page(v); i++) {
        const int face = f->page * WT_FACES_PAGE + i;
        char name[32], text[40];
        snprintf(name, sizeof name, "face %d", face + 1);
        say_error(text, sizeof text, f->shown.face[face].nme);
        if (wt_ui_picture(v->ui, name, "look at it large; it can be edited or deleted there",
                          f->texture[i], text, i % 3 > 0, 3, v->faces.large == face))
            wt_viewer_faces_look(v, face);
    }
    if (f->pages < 2)
        return;
    char text[40];
    wt_ui_off_begin(v->ui, f->page == 0);
    if (wt_ui_button(v->ui, "Earlier", "corrected faces", false))
        wt_viewer_faces_turn(v, f->page - 1);
    wt_ui_off_end(v->ui);
    wt_ui_off_begin(v->ui, f->page == f->pages - 1);
    if (wt_ui_button(v->ui, "Later", "corrected faces", true))
        wt_viewer_faces_turn(v, f->page + 1);
    wt_ui_off_end(v->ui);
    snprintf(text, sizeof text, "page %d of %d", f->page + 1, f->pages);
    wt_ui_beside(v->ui);
    wt_ui_text(v->ui, text, false);
}

static void draw_large(struct wt_viewer *v)
{
    static const char *const what[3] = {"Placed", "Original", "Profile"};
    static const char *const tip[3] = {"white: as you placed them",
                                       "red: as the original network finds them",
                                       "green: the profile, with the offset of the others"};
    struct wt_viewer_faces *f = &v->faces;
    wt_ui_off_begin(v->ui, v->teach.learner || v->teach.work.busy);
    if (wt_ui_button(v->ui, "Edit points", "drag them again; Enter keeps them instead", false)) {
        wt_viewer_faces_edit(v);
        wt_ui_off_end(v->ui);
        return;
    }
    if (wt_ui_button(v->ui, f->confirm ? "Really delete it" : "Delete face",
                     "this correction, with its picture", true)) {
        if (f->confirm)
            wt_viewer_faces_remove(v);
        f->confirm = !f->confirm;
    }
    wt_ui_off_end(v->ui);
    if (wt_ui_button(v->ui, "Back to live", wt_viewer_tip("the live picture", WT_ACTION_BACK),
                     true))
        wt_correct_leave(v);
    for (int i = 0; i < 3; i++) {
        if (i)
            wt_ui_beside(v->ui);
        if (wt_ui_check(v->ui, what[i], tip[i], &f->show[i]))
            v->redraw = true;
    }
}

void wt_viewer_panel_faces(struct wt_viewer *v)
{
    struct wt_viewer_faces *f = &v->faces;
    if (!wt_ui_section(v->ui, "Corrected faces", false, false))
        return;
    wt_viewer_faces_follow(v);
    if (!f->shown.profile) {
        wt_ui_text(v->ui, f->failed ? "they cannot be read" : "looking at them ...", f->failed);
        return;
    }
    draw_page(v);
    if (v->correct.looking && f->large >= 0)
        draw_large(v);
    wt_ui_text(v->ui,
               "NME, %, original network -> profile with the offset of the other faces "
               "(leave-one-out); by the outer eye corners; the tracker's crops.",
               false);
    if (f->shown.profile->learned)
        wt_ui_text(v->ui, "The network has learned from these very faces: on them it is flattered.",
                   false);
}
