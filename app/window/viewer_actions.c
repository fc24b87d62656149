/* What keys do, and the buttons that do the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fresh_file.h"
#include "base/notice.h"
#include "base/paths.h"
#include "window/viewer_internal.h"

static void toggle_view(struct wt_viewer *v, int bit, const char *what)
{
    v->prefs.show ^= bit;
    wt_notice(WT_NOTICE_NEWS, "%s %s", what, v->prefs.show & bit ? "on" : "off");
}

static void know_hints(struct wt_viewer *v)
{
    if (v->welcoming)
        v->prefs.hints = false; /* the user has found what they are about */
    v->welcoming = false;
}

static void act_help(struct wt_viewer *v, int argument)
{
    v->show_help = !v->show_help;
    know_hints(v);
}

static void act_panel(struct wt_viewer *v, int argument)
{
    v->panel.open = !v->panel.open;
    v->panel.keys = false;
    know_hints(v);
    wt_notice(WT_NOTICE_NEWS, "panel %s", v->panel.open ? "opened; Tab closes it" : "closed");
}

static void act_panel_keys(struct wt_viewer *v, int argument)
{
    v->panel.keys = !v->panel.keys;
    v->panel.open = v->panel.open || v->panel.keys;
    know_hints(v);
    wt_notice(WT_NOTICE_NEWS, v->panel.keys ? "keys act on the panel; F6 or Esc: on the picture"
                                            : "keys act on the picture");
}

static void act_open(struct wt_viewer *v, int argument)
{
    v->panel.open = v->panel.focus_path = true;
    v->show_help = false;
}

static void act_landmarks(struct wt_viewer *v, int argument)
{
    toggle_view(v, WT_SHOW_LANDMARKS, "landmarks");
}

static void act_heatmaps(struct wt_viewer *v, int argument)
{
    toggle_view(v, WT_SHOW_HEATMAPS, "heatmaps");
}

static void act_boundary(struct wt_viewer *v, int argument)
{
    toggle_view(v, WT_SHOW_BOUNDARY, "boundary");
}

static void act_boxes(struct wt_viewer *v, int argument)
{
    toggle_view(v, WT_SHOW_BOXES, "crop squares");
}

static void act_ellipses(struct wt_viewer *v, int argument)
{
    toggle_view(v, WT_SHOW_ELLIPSES, "ellipses");
}

static void act_axes(struct wt_viewer *v, int argument)
{
    toggle_view(v, WT_SHOW_AXES, "axes");
}

/* The model's own scheme, then those of 68 and 29 points where it converts to them. */
static void act_points(struct wt_viewer *v, int argument)
{
    static const int schemes[] = {98, 68, 29};
    int own = v->model.points, shown = v->settings.view.points;
    struct wt_point from[WT_POINTS_MAX] = {{0}}, to[WT_POINTS_MAX];
    int now = 0;
    for (int i = 0; i < 3; i++)
        if (schemes[i] == (shown ? shown : own))
            now = i;
    for (int i = 1; i <= 3; i++) {
        int next = (now + i) % 3;
        if (schemes[next] != own && wt_points_convert(from, own, to, schemes[next]))
            continue;
        v->prefs.common.points = next + 1; /* 0 is auto */
        wt_notice(WT_NOTICE_NEWS, "%d points", schemes[next]);
        return;
    }
    wt_notice(WT_NOTICE_NEWS, "this model has %d points only", own);
}

static void act_smooth(struct wt_viewer *v, int argument)
{
    if (v->prefs.smoothing > 0.0)
        v->smoothing_before = v->prefs.smoothing;
    v->prefs.smoothing = v->prefs.smoothing > 0.0    ? 0.0
                         : v->smoothing_before > 0.0 ? v->smoothing_before
                                                     : WT_SMOOTHING_USUAL;
    wt_notice(WT_NOTICE_NEWS, "smoothing %s", v->prefs.smoothing > 0.0 ? "on" : "off");
}

static void act_stacks(struct wt_viewer *v, int argument)
{
    int stacks = v->model.stacks;
    if (argument > stacks || stacks == 1) {
        wt_notice(WT_NOTICE_NEWS, "this network has %d stack%s", stacks, stacks > 1 ? "s" : "");
        return;
    }
    v->prefs.stacks = argument;
    wt_notice(WT_NOTICE_NEWS, "%d of %d stacks", argument ? argument : stacks, stacks);
}

static void act_faces(struct wt_viewer *v, int argument)
{
    int faces = v->prefs.faces + argument;
    if (faces >= 1 && faces <= WT_FACES_MAX)
        v->prefs.faces = faces;
    wt_notice(WT_NOTICE_NEWS, "at most %d face%s", v->prefs.faces, v->prefs.faces > 1 ? "s" : "");
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
    struct wt_live_recording recording = wt_viewer_recording(&v->prefs);
    struct wt_fresh_file file;
    struct wt_path videos;
    if (v->status.record_wanted) {
        wt_live_record(v->live, NULL, false);
        return;
    }
    const char *folder = v->prefs.screenshots;
    if (!folder && wt_videos_folder(&videos))
        folder = videos.text;
    if (wt_fresh_file(&file, folder, ".mkv"))
        return;
    recording.path = file.path;
    recording.stem = file.stem;
    wt_live_record(v->live, &recording, false);
}

static void act_fullscreen(struct wt_viewer *v, int argument)
{
    wt_window_toggle_fullscreen(&v->window);
    wt_notice(WT_NOTICE_NEWS, "full screen %s", wt_window_fullscreen(&v->window) ? "on" : "off");
}

/* What is seen changes: from then on it is the user's choice, not the input's. */
static void act_mirror(struct wt_viewer *v, int argument)
{
    v->prefs.mirror = v->settings.view.mirror ? WT_MIRROR_NO : WT_MIRROR_YES;
    wt_notice(WT_NOTICE_NEWS, "mirror %s", v->prefs.mirror == WT_MIRROR_YES ? "on" : "off");
}

static void act_status(struct wt_viewer *v, int argument)
{
    static const char *const words[] = {"full", "one line", "off"};
    v->prefs.status = (v->prefs.status + 1) % 3;
    wt_notice(WT_NOTICE_NEWS, "status %s", words[v->prefs.status]);
}

static void act_correct(struct wt_viewer *v, int argument)
{
    wt_correct_toggle(v);
}

static void act_accept(struct wt_viewer *v, int argument)
{
    if (v->config.label)
        wt_viewer_label_set(v, false);
    else
        wt_teach_accept(v);
}

static void act_compare(struct wt_viewer *v, int argument)
{
    wt_teach_compare(v);
}

static void act_split(struct wt_viewer *v, int argument)
{
    wt_split_toggle(v);
}

static void act_microscope(struct wt_viewer *v, int argument)
{
    wt_microscope_toggle(v);
}

static void act_quit(struct wt_viewer *v, int argument)
{
    v->quit = true;
}

static void act_back(struct wt_viewer *v, int argument)
{
    if (v->show_help)
        v->show_help = false;
    else if (v->correct.frozen)
        wt_correct_toggle(v);
    else if (v->microscope.on)
        wt_microscope_close(v);
    else if (v->panel.open)
        act_panel(v, 0);
    else if (wt_window_fullscreen(&v->window))
        act_fullscreen(v, 0);
    else if (v->status.record_wanted)
        wt_notice(WT_NOTICE_NEWS, "Esc does not quit while recording: R stops it, Q quits");
    else
        act_quit(v, 0);
}

static void (*const acts[WT_ACTIONS])(struct wt_viewer *v, int argument) = {
    [WT_ACTION_HELP] = act_help,
    [WT_ACTION_PANEL] = act_panel,
    [WT_ACTION_PANEL_KEYS] = act_panel_keys,
    [WT_ACTION_OPEN] = act_open,
    [WT_ACTION_LANDMARKS] = act_landmarks,
    [WT_ACTION_HEATMAPS] = act_heatmaps,
    [WT_ACTION_BOUNDARY] = act_boundary,
    [WT_ACTION_BOXES] = act_boxes,
    [WT_ACTION_ELLIPSES] = act_ellipses,
    [WT_ACTION_AXES] = act_axes,
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
    [WT_ACTION_CORRECT] = act_correct,
    [WT_ACTION_ACCEPT] = act_accept,
    [WT_ACTION_COMPARE] = act_compare,
    [WT_ACTION_SPLIT] = act_split,
    [WT_ACTION_MICROSCOPE] = act_microscope,
    [WT_ACTION_BACK] = act_back,
    [WT_ACTION_QUIT] = act_quit,
};

void wt_viewer_act(struct wt_viewer *v, enum wt_action action, int argument)
{
    v->redraw = true;
    if (wt_correct_act(v, action, argument) || !acts[action])
        return;
    v->status =
        wt_live_get_status(v->live); /* an action before in this frame may have changed it */
    acts[action](v, argument);
    wt_viewer_apply(v);
}

/* ---- another input ------------------------------------------------------------------------- */

/* Who opens something wants to see it; but points that were moved stay until the user says what
 * becomes of them. */
static void show_live(struct wt_viewer *v)
{
    const struct wt_viewer_correct *c = &v->correct;
    if (!c->frozen || v->config.label)
        return;
    if (c->looking || !wt_edit_changed(&c->edit))
        wt_correct_leave(v);
    else
        wt_notice(WT_NOTICE_NEWS,
                  "it plays behind this picture: Enter keeps the points, Esc does not");
}

static unsigned open_spec(struct wt_viewer *v, const struct wt_source_spec *spec)
{
    show_live(v);
    v->config.note = NULL;
    v->redraw = true;
    const char *name = spec->camera ? spec->camera : spec->input ? spec->input : "";
    snprintf(v->input_name, sizeof v->input_name, "%s", wt_base_name(name));
    v->input_us = wt_now_us();
    v->input_said = false;
    v->input_number = wt_live_open(v->live, spec);
    return v->input_number;
}

bool wt_viewer_opening(const struct wt_viewer *v)
{
    return v->status.asked < v->input_number;
}

/* %41 and the like, in place. */
static void decode_percent(char *text)
{
    char *to = text;
    for (const char *from = text; *from; to++) {
        unsigned value;
        if (from[0] == '%' && sscanf(from + 1, "%2x", &value) == 1 && value > 0 && from[2]) {
            *to = (char)value;
            from += 3;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
}

bool wt_viewer_path(const char *typed, struct wt_path *path)
{
    const char *home = getenv("HOME");
    typed += strspn(typed, " \t");
    if (!*typed)
        return false;
    if (strncmp(typed, "file://", 7) == 0) {
        if (wt_path_print(path, "%s", typed + 7))
            return false;
        decode_percent(path->text);
        return true;
    }
    if (typed[0] == '~' && typed[1] == '/' && home)
        return !wt_path_print(path, "%s%s", home, typed + 1);
    return !wt_path_print(path, "%s", typed);
}

void wt_viewer_open(struct wt_viewer *v, const char *path)
{
    struct wt_path whole;
    if (wt_viewer_path(path, &whole))
        open_spec(v, &(struct wt_source_spec){
                         .input = whole.text, .loop = v->prefs.loop, .fps = v->prefs.fps});
}

void wt_viewer_open_camera(struct wt_viewer *v, const char *camera)
{
    const char *kept = wt_config_keep(v->config.config, camera);
    if (!kept)
        return;
    v->camera_wanted = kept; /* remembered when it is open */
    v->camera_number = open_spec(v, &(struct wt_source_spec){.camera = kept,
                                                             .width = v->prefs.camera_size[0],
                                                             .height = v->prefs.camera_size[1],
                                                             .fps = v->prefs.fps});
}

void wt_viewer_open_clip(struct wt_viewer *v)
{
    struct wt_path clip;
    if (wt_asset_path(WT_ASSET_CLIP, clip.text, sizeof clip.text))
        open_spec(v, &(struct wt_source_spec){.input = clip.text, .loop = true});
    else
        wt_notice(WT_NOTICE_WARNING, "the demo clip is missing");
}
