/* The panel: where the picture comes from, who finds the points, what is kept. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/paths.h"
#include "draw/annotate.h"
#include "window/viewer_internal.h"

const char *wt_viewer_tip(const char *text, enum wt_action action)
{
    static char tip[256];
    snprintf(tip, sizeof tip, "%s\nkey: %s", text, wt_key_label(action));
    return tip;
}

/* ---- input --------------------------------------------------------------------------------- */

static void draw_input(struct wt_viewer *v)
{
    struct wt_viewer_panel *p = &v->panel;
    const bool focus = p->focus_path;
    p->focus_path = false;
    if (!wt_ui_section(v->ui, "Input", true, focus))
        return;
    wt_ui_text(v->ui, v->status.source.name, false);
    wt_viewer_draw_camera(v);
    const bool entered = wt_ui_field(
        v->ui, "File", wt_viewer_tip("video, picture or folder; Enter opens it", WT_ACTION_OPEN),
        p->path, sizeof p->path, focus);
    if (wt_ui_button(v->ui, "Open", "open the file named above", false) || entered)
        wt_viewer_open(v, p->path);
    if (wt_ui_button(v->ui, "Demo clip", "the clip that comes with the program", true))
        wt_viewer_open_clip(v);
}

/* ---- model --------------------------------------------------------------------------------- */

/* What is chosen is none of the bundled ones: it comes last. Returns its place. */
static int add_file(const char **names, int *count, const char *file)
{
    names[*count] = wt_base_name(file);
    return (*count)++;
}

static void choose_model(struct wt_viewer *v)
{
    static const char *const values[] = {NULL, "accurate", "fast", "free", "fast-free"};
    const char *names[] = {"automatic", "accurate", "fast", "free", "free, fast", NULL};
    const char *wanted = v->prefs.common.model;
    int at = wanted ? -1 : 0, count = 5;
    for (int i = 1; i < 5; i++)
        if (wanted && strcmp(wt_weights_whole_name(values[i]), wt_weights_whole_name(wanted)) == 0)
            at = i;
    if (at < 0)
        at = add_file(names, &count, wanted);
    if (wt_ui_choice(v->ui, "Model",
                     "automatic: the accurate one where this computer is fast enough for it; free: "
                     "weights for any use",
                     &at, names, count, "") &&
        at < 5) {
        v->prefs.common.model = values[at];
        wt_teach_use(v, NULL);
        wt_viewer_load_model(v);
        wt_viewer_apply(v);
    }
}

static void choose_weights(struct wt_viewer *v)
{
    struct wt_viewer_panel *p = &v->panel;
    if (!wt_ui_field(v->ui, "Weights", "a file of weights (.safetensors); Enter takes it",
                     p->weights, sizeof p->weights, false) ||
        !p->weights[0])
        return;
    const char *kept = wt_config_keep(v->config.config, p->weights);
    if (!kept)
        return;
    v->prefs.common.model = kept;
    wt_teach_use(v, NULL);
    wt_viewer_load_model(v);
    wt_viewer_apply(v);
}

static void choose_arithmetic(struct wt_viewer *v)
{
    static const char *const precisions[] = {"automatic", "f32", "bf16", "int8"};
    static const char *const threads[] = {
        "as few as do", "1",  "2",  "3",  "4",  "5",  "6", "7", "8", "9",
        "10",           "11", "12", "13", "14", "15", "16"};
    struct wt_common *c = &v->prefs.common;
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int count = 1 + (int)(cores < 1 ? 1 : cores > 16 ? 16 : cores);
    count = c->threads >= count && c->threads <= 16 ? c->threads + 1 : count;
    int at = c->threads < count ? c->threads : -1;
    bool changed = wt_ui_choice(v->ui, "Precision",
                                "arithmetic of the network; automatic: the fastest that "
                                "keeps the accuracy",
                                &c->precision, precisions, 4, "");
    if (wt_ui_choice(v->ui, "Threads",
                     "as few as leave room to spare within a frame's time, or a number", &at,
                     threads, count, "more")) {
        c->threads = at;
        changed = true;
    }
    if (!changed)
        return;
    wt_viewer_load_model(v);
    wt_viewer_apply(v);
}

static void draw_model(struct wt_viewer *v)
{
    char text[256];
    if (!wt_ui_section(v->ui, "Network", false, false))
        return;
    wt_ui_off_begin(v->ui, v->teach.learner != NULL); /* the network is the profile's */
    choose_model(v);
    choose_weights(v);
    wt_ui_off_end(v->ui);
    choose_arithmetic(v);
    snprintf(text, sizeof text, "%s%s, %s, %s, %d thread%s, %.1f ms",
             wt_viewer_loading(v) ? "loading; now " : "", v->model.name, v->model.precision,
             v->model.kernels, v->model.threads, v->model.threads > 1 ? "s" : "", v->forward_ms);
    wt_ui_text(v->ui, text, false);
}

/* ---- tracking ------------------------------------------------------------------------------ */

static void choose_stacks(struct wt_viewer *v)
{
    static const char *const names[] = {"all", "1", "2", "3", "4", "5", "6", "7", "8"};
    const int has = v->model.stacks < 8 ? v->model.stacks : 8;
    int at = v->prefs.stacks <= has ? v->prefs.stacks : 0;
    if (has < 2 ||
        !wt_ui_choice(v->ui, "Stacks",
                      wt_viewer_tip("fewer are faster and less accurate", WT_ACTION_STACKS), &at,
                      names, has + 1, ""))
        return;
    v->prefs.stacks = at;
    wt_viewer_apply(v);
}

static void choose_detector(struct wt_viewer *v)
{
    static const char *const values[] = {NULL, "wingtip-detector-free", "haar"};
    const char *names[] = {"bundled", "free", "OpenCV's cascades", NULL};
    const char *wanted = v->prefs.common.detector;
    int at = wanted && strcmp(wanted, "wingtip-detector") != 0 ? -1 : 0, count = 3;
    for (int i = 1; i < 3; i++)
        if (wanted && strcmp(values[i], wanted) == 0)
            at = i;
    if (at < 0)
        at = add_file(names, &count, wanted);
    if (wt_ui_choice(v->ui, "Detector",
                     "finds new faces; free: weights for any use, as the free networks", &at, names,
                     count, "") &&
        at < 3) {
        v->prefs.common.detector = values[at];
        wt_viewer_apply(v);
    }
}

static void draw_tracking(struct wt_viewer *v)
{
    float smoothing = (float)v->prefs.smoothing;
    if (!wt_ui_section(v->ui, "Tracking", true, false))
        return;
    if (wt_ui_slider_int(v->ui, "Faces", wt_viewer_tip("at most so many", WT_ACTION_FACES),
                         &v->prefs.faces, 1, WT_FACES_MAX, NULL))
        wt_viewer_apply(v);
    if (wt_ui_slider(
            v->ui, "Smoothing",
            wt_viewer_tip("over time: more stands stiller, and lags more", WT_ACTION_SMOOTH),
            &smoothing, 0.0f, 1.0f, "%.2f", "off")) {
        v->prefs.smoothing = (double)smoothing;
        wt_viewer_apply(v);
    }
    wt_viewer_panel_steady(v);
    choose_detector(v);
    choose_stacks(v);
    wt_viewer_panel_effort(v);
}

void wt_viewer_draw_panel(struct wt_viewer *v, float width)
{
    wt_ui_panel_begin(v->ui, width);
    if (wt_ui_button(v->ui, "Close", wt_viewer_tip("the panel", WT_ACTION_PANEL), false))
        wt_viewer_act(v, WT_ACTION_PANEL, 0);
    if (wt_ui_button(v->ui, "Keys", wt_viewer_tip("all of them", WT_ACTION_HELP), true))
        wt_viewer_act(v, WT_ACTION_HELP, 0);
    draw_input(v);
    wt_viewer_panel_view(v);
    draw_tracking(v);
    wt_viewer_panel_measures(v);
    wt_viewer_panel_microscope(v);
    wt_viewer_panel_teach(v);
    wt_viewer_panel_mine(v);
    wt_viewer_panel_record(v);
    wt_viewer_panel_streams(v);
    draw_model(v);
    wt_viewer_panel_window(v);
    wt_viewer_panel_presets(v);
    wt_viewer_panel_messages(v);
    wt_ui_panel_end(v->ui);
}
