/* The buttons over the picture, which come with the mouse and fade when it rests. */
#include <stdio.h>

#include "base/clock.h"
#include "window/viewer_internal.h"

#define STAY_US 2200000
#define FADE_US 400000

float wt_viewer_bars_alpha(const struct wt_viewer *v, int64_t now_us)
{
    if (v->dragging)
        return 1.0f;
    if (!v->mouse_us || v->show_help)
        return 0.0f;
    if (wt_ui_has_mouse(v->ui) && !v->panel.open && !v->microscope.on) /* it rests on one of them */
        return 1.0f;
    const int64_t over = now_us - v->mouse_us - STAY_US;
    return over <= 0 ? 1.0f : over >= FADE_US ? 0.0f : 1.0f - (float)over / FADE_US;
}

float wt_viewer_bar_height(const struct wt_viewer *v)
{
    return 42.0f * wt_ui_scale(v->ui);
}

static void format_time(char out[24], double seconds)
{
    const int s = (int)seconds;
    if (s >= 3600)
        snprintf(out, 24, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(out, 24, "%d:%02d", s / 60, s % 60);
}

/* Places are of the input that is shown: none while another one is being opened, and what was
 * dragged before that is let go. */
static const char *no_seek(const struct wt_viewer *v)
{
    if (v->status.recording)
        return "no jumps while recording";
    if (wt_viewer_opening(v))
        return "another input is being opened";
    return v->dragging && v->drag_number != v->input_number ? "another input has been opened"
                                                            : NULL;
}

/* While it is dragged the picture follows, and the time shown is that of the mouse. */
static void draw_time(struct wt_viewer *v, int spare)
{
    const struct wt_live_status *s = &v->status;
    const char *why = no_seek(v);
    char text[64], at[24], all[24];
    float place = (float)s->place_us / (float)s->duration_us, before = v->drag;
    if (v->dragging && !why)
        place = v->drag;
    format_time(at, place * (double)s->duration_us / 1e6);
    format_time(all, (double)s->duration_us / 1e6);
    snprintf(text, sizeof text, "%s / %s", at, all);
    wt_ui_off_begin(v->ui, why);
    const bool was = v->dragging;
    v->dragging =
        wt_ui_seek(v->ui, "seek", why ? why : wt_viewer_tip("go to a time", WT_ACTION_JUMP), &place,
                   spare, text);
    wt_ui_off_end(v->ui);
    v->drag = place;
    if (!was)
        v->drag_number = v->input_number;
    if (v->dragging && !why && (!was || place != before))
        wt_live_seek(v->live, (int64_t)((double)place * (double)s->duration_us));
}

static void draw_bar(struct wt_viewer *v, float room, float alpha)
{
    const struct wt_live_status *s = &v->status;
    const bool still = s->paused || s->ended;
    const bool full = wt_window_fullscreen(&v->window);
    const bool timed = s->duration_us > 0 && s->source.frames > 1; /* no single picture */
    wt_ui_bar_begin(v->ui, false, room, alpha);
    if (wt_ui_icon(v->ui, still ? WT_ICON_PLAY : WT_ICON_PAUSE, "play",
                   wt_viewer_tip(still ? "go on" : "pause", WT_ACTION_PAUSE), false))
        wt_viewer_act(v, WT_ACTION_PAUSE, 0);
    if (wt_ui_icon(v->ui, s->recording ? WT_ICON_STOP : WT_ICON_RECORD, "record",
                   wt_viewer_tip(s->recording ? "stop recording" : "record", WT_ACTION_RECORD),
                   false))
        wt_viewer_act(v, WT_ACTION_RECORD, 0);
    if (wt_ui_icon(v->ui, WT_ICON_PICTURE, "screenshot",
                   wt_viewer_tip("screenshot", WT_ACTION_SCREENSHOT), false))
        wt_viewer_act(v, WT_ACTION_SCREENSHOT, 0);
    if (timed) {
        draw_time(v, 2);
        if (wt_ui_icon(v->ui, WT_ICON_LOOP, "loop", "start again at the end", s->loop)) {
            v->prefs.loop = !s->loop;
            wt_live_set_loop(v->live, v->prefs.loop);
            wt_viewer_apply(v);
        }
    }
    if (wt_ui_icon(v->ui, WT_ICON_FULL, "full screen",
                   wt_viewer_tip("full screen", WT_ACTION_FULLSCREEN), full))
        wt_viewer_act(v, WT_ACTION_FULLSCREEN, 0);
    wt_ui_bar_end(v->ui);
}

void wt_viewer_draw_bars(struct wt_viewer *v, float room)
{
    const float alpha = wt_viewer_bars_alpha(v, wt_now_us());
    if (alpha <= 0.0f)
        return;
    draw_bar(v, room, alpha);
    if (v->panel.open)
        return;
    wt_ui_bar_begin(v->ui, true, room, alpha);
    if (wt_ui_icon(v->ui, WT_ICON_PANEL, "open the panel",
                   wt_viewer_tip("the panel: everything else", WT_ACTION_PANEL), false))
        wt_viewer_act(v, WT_ACTION_PANEL, 0);
    wt_ui_bar_end(v->ui);
}
