/* What keys do. */
#include <stdio.h>

#include "base/fresh_file.h"
#include "base/notice.h"
#include "window/viewer_internal.h"

static void news(const char *what, bool on)
{
    wt_notice(WT_NOTICE_NEWS, "%s %s", what, on ? "on" : "off");
}

static void toggle(bool *value, const char *what)
{
    *value = !*value;
    news(what, *value);
}

static void act_help(struct wt_viewer *v, int argument)
{
    v->show_help = !v->show_help;
}

static void act_landmarks(struct wt_viewer *v, int argument)
{
    toggle(&v->settings.view.landmarks, "landmarks");
}

static void act_heatmaps(struct wt_viewer *v, int argument)
{
    toggle(&v->settings.view.heatmaps, "heatmaps");
}

static void act_boundary(struct wt_viewer *v, int argument)
{
    toggle(&v->settings.view.boundary, "boundary");
}

static void act_boxes(struct wt_viewer *v, int argument)
{
    toggle(&v->settings.view.boxes, "crop squares");
}

/* The model's own scheme, then those of 68 and 29 points where it converts to them. */
static void act_points(struct wt_viewer *v, int argument)
{
    static const int schemes[] = {98, 68, 29};
    int own = v->config.model.points, shown = v->settings.view.points;
    struct wt_point from[WT_POINTS_MAX] = {{0}}, to[WT_POINTS_MAX];
    int now = 0;
    for (int i = 0; i < 3; i++)
        if (schemes[i] == (shown ? shown : own))
            now = i;
    for (int i = 1; i <= 3; i++) {
        int next = schemes[(now + i) % 3];
        if (next != own && wt_points_convert(from, own, to, next))
            continue;
        v->settings.view.points = next;
        wt_notice(WT_NOTICE_NEWS, "%d points", next);
        return;
    }
    wt_notice(WT_NOTICE_NEWS, "this model has %d points only", own);
}

static void act_smooth(struct wt_viewer *v, int argument)
{
    toggle(&v->settings.smooth, "smoothing");
}

static void act_stacks(struct wt_viewer *v, int argument)
{
    int stacks = v->config.model.stacks;
    if (argument > stacks || stacks == 1) {
        wt_notice(WT_NOTICE_NEWS, "this network has %d stack%s", stacks, stacks > 1 ? "s" : "");
        return;
    }
    v->settings.stacks = argument;
    wt_notice(WT_NOTICE_NEWS, "%d of %d stacks", argument ? argument : stacks, stacks);
}

static void act_faces(struct wt_viewer *v, int argument)
{
    int faces = v->settings.faces + argument;
    if (faces >= 1 && faces <= WT_FACES_MAX)
        v->settings.faces = faces;
    wt_notice(WT_NOTICE_NEWS, "at most %d face%s", v->settings.faces,
              v->settings.faces > 1 ? "s" : "");
}

static void act_pause(struct wt_viewer *v, int argument)
{
    wt_live_pause(v->live, !v->status.paused && !v->status.ended);
}

static void act_step(struct wt_viewer *v, int argument)
{
    wt_live_step(v->live);
}

static void act_jump(struct wt_viewer *v, int argument)
{
    wt_live_jump(v->live, argument * INT64_C(1000000));
}

static void act_screenshot(struct wt_viewer *v, int argument)
{
    v->want_screenshot = true;
}

static void act_record(struct wt_viewer *v, int argument)
{
    struct wt_live_recording recording = v->config.recording;
    struct wt_fresh_file file;
    if (v->status.recording || v->status.record_waits) {
        wt_live_record(v->live, NULL, false);
        return;
    }
    if (wt_fresh_file(&file, v->config.recordings, ".mkv"))
        return;
    recording.path = file.path;
    recording.stem = file.stem;
    wt_live_record(v->live, &recording, false);
}

static void act_fullscreen(struct wt_viewer *v, int argument)
{
    wt_window_toggle_fullscreen(&v->window);
}

static void act_mirror(struct wt_viewer *v, int argument)
{
    toggle(&v->settings.view.mirror, "mirror");
}

static void act_status(struct wt_viewer *v, int argument)
{
    v->show_status = !v->show_status;
}

static void act_quit(struct wt_viewer *v, int argument)
{
    v->quit = true;
}

static void (*const acts[WT_ACTIONS])(struct wt_viewer *v, int argument) = {
    [WT_ACTION_HELP] = act_help,
    [WT_ACTION_LANDMARKS] = act_landmarks,
    [WT_ACTION_HEATMAPS] = act_heatmaps,
    [WT_ACTION_BOUNDARY] = act_boundary,
    [WT_ACTION_BOXES] = act_boxes,
    [WT_ACTION_POINTS] = act_points,
    [WT_ACTION_SMOOTH] = act_smooth,
    [WT_ACTION_STACKS] = act_stacks,
    [WT_ACTION_FACES] = act_faces,
    [WT_ACTION_PAUSE] = act_pause,
    [WT_ACTION_STEP] = act_step,
    [WT_ACTION_JUMP] = act_jump,
    [WT_ACTION_SCREENSHOT] = act_screenshot,
    [WT_ACTION_RECORD] = act_record,
    [WT_ACTION_FULLSCREEN] = act_fullscreen,
    [WT_ACTION_MIRROR] = act_mirror,
    [WT_ACTION_STATUS] = act_status,
    [WT_ACTION_QUIT] = act_quit,
};

void wt_viewer_act(struct wt_viewer *v, enum wt_action action, int argument)
{
    if (!acts[action])
        return;
    acts[action](v, argument);
    wt_live_configure(v->live, &v->settings);
}

void wt_viewer_open(struct wt_viewer *v, const char *path)
{
    wt_live_open(v->live, path, false);
    v->config.note = NULL;
}
