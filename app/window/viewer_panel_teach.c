/* The panel's section about correcting and learning. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "teach/label.h"
#include "window/canvas_imgui.h"
#include "window/viewer_internal.h"

static void say_what_is_kept(struct wt_viewer *v)
{
    char text[PATH_MAX + 200];
    if (v->config.label) {
        snprintf(text, sizeof text, "Enter writes the face to %s and goes on.",
                 v->config.label->out.text);
        wt_ui_text(v->ui, text, false);
        return;
    }
    snprintf(text, sizeof text,
             "Kept until you delete it, on this computer alone: the points, and the part of the "
             "picture around the face, in %s",
             v->teach.store.folder.text);
    wt_ui_text(v->ui, text, false);
}

static void draw_correcting(struct wt_viewer *v)
{
    struct wt_viewer_correct *c = &v->correct;
    float age = (float)c->age;
    if (c->looking)
        return;
    if (!c->frozen) {
        if (wt_ui_button(
                v->ui, "Correct points",
                wt_viewer_tip("stop the picture, and drag what is wrong", WT_ACTION_CORRECT),
                false))
            wt_viewer_act(v, WT_ACTION_CORRECT, 0);
        return;
    }
    if (wt_ui_button(v->ui, "Keep points",
                     wt_viewer_tip("the profile learns them at once", WT_ACTION_ACCEPT), false))
        wt_viewer_act(v, WT_ACTION_ACCEPT, 0);
    if (v->config.label) {
        if (wt_ui_button(v->ui, "Skip face", "it gets no label (Backspace)", true))
            wt_viewer_act(v, WT_ACTION_SKIP, 0);
    } else if (wt_ui_button(v->ui, "Leave", wt_viewer_tip("keep nothing", WT_ACTION_CORRECT), true))
        wt_viewer_act(v, WT_ACTION_CORRECT, 0);
    if (wt_ui_button(v->ui, "Undo", wt_viewer_tip("the last change", WT_ACTION_UNDO), false))
        wt_viewer_act(v, WT_ACTION_UNDO, 0);
    if (wt_ui_button(v->ui, "Redo", wt_viewer_tip("it again", WT_ACTION_REDO), true))
        wt_viewer_act(v, WT_ACTION_REDO, 0);
    if (wt_ui_button(v->ui, "Other side",
                     wt_viewer_tip("this half of the face as the mirror image of the other",
                                   WT_ACTION_OTHER_SIDE),
                     true))
        wt_viewer_act(v, WT_ACTION_OTHER_SIDE, 0);
    if (wt_ui_button(v->ui, "Hidden",
                     wt_viewer_tip("the chosen point cannot be seen here", WT_ACTION_HIDE), true))
        wt_viewer_act(v, WT_ACTION_HIDE, 0);
    if (c->pasts > 1 && !c->given.frame && c->age >= 0 &&
        wt_ui_slider(v->ui, "Back",
                     wt_viewer_tip("frames of the last ten seconds", WT_ACTION_OLDER), &age, 0.0f,
                     (float)(c->pasts - 1), "%.0f frames", "newest"))
        wt_correct_look(v, (int)(age + 0.5f));
    if (!v->config.label && !c->given.frame && c->age >= 0 &&
        wt_ui_button(v->ui, "Next face", "another face of this frame", false))
        wt_correct_next_face(v);
    say_what_is_kept(v);
}

static void draw_curves(struct wt_viewer *v)
{
    static float error[WT_LEARNER_POINTS], loss[WT_LEARNER_POINTS], guard[WT_LEARNER_POINTS];
    const struct wt_learner_progress *p = &v->teach.progress;
    bool guarded = false;
    for (int i = 0; i < p->points; i++) {
        error[i] = p->point[i].error;
        loss[i] = p->point[i].loss;
        guard[i] = p->point[i].guard;
        guarded = guarded || !isnan(guard[i]);
    }
    wt_ui_curve(v->ui, "Loss", "of the corrected faces and of rendered ones, over the steps", loss,
                p->points);
    wt_ui_curve(v->ui, "Error, %",
                "of the corrections, each with the offset of the others; by the eye distance",
                error, p->points);
    if (guarded)
        wt_ui_curve(v->ui, "Guard, %",
                    "error on rendered faces that are not learned: it must not grow", guard,
                    p->points);
}

static void say_guard(struct wt_viewer *v, const struct wt_learner_progress *p)
{
    char text[200];
    if (isnan(p->guard_before))
        return;
    snprintf(text, sizeof text,
             "guard: %.2f -> %.2f %%, limit %.2f; its points moved by %.2f %%, limit %.2f",
             p->guard_before, p->guard, p->guard_limit, isnan(p->drift) ? 0.0 : p->drift,
             p->drift_limit);
    const bool over = p->guard > p->guard_limit || p->drift > p->drift_limit;
    wt_ui_text(v->ui, text, over);
}

static void draw_progress(struct wt_viewer *v)
{
    static const char *const doing[] = {"reading the faces", "learning", "judging and saving"};
    const struct wt_viewer_teach *t = &v->teach;
    const struct wt_learner_progress *p = &t->progress;
    char text[400];
    if (t->learner && p->state < WT_LEARNER_KEPT) {
        const double all = p->seconds + p->left;
        snprintf(text, sizeof text, "%s, %.0f s left", doing[p->state], p->left);
        wt_ui_bar_of(v->ui, all > 0 ? (float)(p->seconds / all) : 0.0f, text);
        snprintf(text, sizeof text, "%d steps, %.1f faces a second", p->step, p->faces_a_second);
        wt_ui_text(v->ui, text, false);
        say_guard(v, p);
    }
    draw_curves(v);
    if (!t->learner && p->message[0])
        wt_ui_text(v->ui, p->message, p->state != WT_LEARNER_KEPT);
}

static void draw_learning(struct wt_viewer *v)
{
    struct wt_viewer_teach *t = &v->teach;
    char text[200];
    const size_t faces = t->profile->truth.count;
    const bool few = faces < WT_LEARNER_LEAST;
    snprintf(text, sizeof text, "%zu corrected face%s, taken into account%s", faces,
             faces == 1 ? "" : "s", t->profile->learned ? ", by the network, too" : "");
    wt_ui_text(v->ui, text, false);
    wt_ui_off_begin(v->ui, (few && !t->learner) || t->work.busy);
    if (wt_ui_button(v->ui, t->learner ? "Stop learning" : "Learn",
                     few ? "three corrected faces are the least to learn from"
                         : "the network learns in the background what the offset cannot say",
                     false))
        wt_teach_learn(v);
    wt_ui_off_end(v->ui);
    if (!t->learner)
        wt_ui_slider(v->ui, "Learn for", "seconds of a round; it can be stopped at any time",
                     &t->seconds, 10.0f, 300.0f, "%.0f s", NULL);
    bool before = t->off;
    if (wt_ui_check(v->ui, "Before", wt_viewer_tip("without the profile", WT_ACTION_COMPARE),
                    &before))
        wt_viewer_act(v, WT_ACTION_COMPARE, 0);
    bool split = v->split.on;
    wt_ui_beside(v->ui);
    if (wt_ui_check(v->ui, "Before | after",
                    wt_viewer_tip("both networks on each frame, either side of a line to drag",
                                  WT_ACTION_SPLIT),
                    &split))
        wt_viewer_act(v, WT_ACTION_SPLIT, 0);
    if (t->progressed)
        draw_progress(v);
    if (!t->ask)
        return;
    wt_ui_text(v->ui, "Is it better? \"Before\" shows the difference.", true);
    if (wt_ui_button(v->ui, "Keep it", "go on with what was learned", false))
        t->ask = false;
    if (wt_ui_button(v->ui, "Discard it", "the original network again; corrections stay", true))
        wt_teach_back(v);
}

void wt_viewer_panel_teach(struct wt_viewer *v)
{
    struct wt_viewer_teach *t = &v->teach;
    if (!wt_ui_section(v->ui, "Teach", true, false))
        return;
    if (!t->usable) {
        wt_ui_text(v->ui, "there is no folder for profiles", true);
        return;
    }
    if (!v->config.label)
        wt_viewer_panel_profile(v);
    draw_correcting(v);
    if (!t->profile)
        return;
    draw_learning(v);
    wt_viewer_panel_figures(v);
    wt_viewer_panel_faces(v);
}
