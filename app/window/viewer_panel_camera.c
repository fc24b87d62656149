/* The panel: cameras, and what the one in use is asked for. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/notice.h"
#include "window/viewer_internal.h"

#define AGAIN_US 2000000

/* Names where they tell cameras apart, else devices. */
static const char *name_of(const struct wt_viewer_panel *p, int i)
{
    for (int k = 0; k < p->cameras; k++)
        if (k != i && strcmp(p->camera[k].name, p->camera[i].name) == 0)
            return p->camera[i].path;
    return p->camera[i].name;
}

/* Index of the camera in use, -1: none, or it is not in the list. */
static int current_camera(const struct wt_viewer *v)
{
    const struct wt_viewer_panel *p = &v->panel;
    int current = -1;
    for (int i = 0; i < p->cameras; i++)
        if (v->kind == WT_SOURCE_CAMERA && strcmp(v->status.source.name, p->camera[i].name) == 0 &&
            (current < 0 || (v->prefs.camera && strcmp(v->prefs.camera, name_of(p, i)) == 0)))
            current = i;
    return current;
}

void wt_viewer_list_cameras(struct wt_viewer *v)
{
    struct wt_viewer_panel *p = &v->panel;
    const int64_t now = wt_now_us();
    /* one that comes back may be another device */
    if (p->cameras_us && now - p->cameras_us < AGAIN_US && p->lost == v->status.lost)
        return;
    p->cameras_us = now;
    p->lost = v->status.lost;
    const int count = wt_camera_list(p->camera, WT_VIEWER_CAMERAS);
    v->redraw = v->redraw || count != p->cameras;
    p->cameras = count;
    const int at = current_camera(v);
    p->modes = at < 0 ? 0 : wt_camera_sizes(p->camera[at].path, p->mode, WT_VIEWER_MODES);
    const struct wt_camera_exposure before = p->exposure;
    if (at < 0)
        p->exposure = (struct wt_camera_exposure){0};
    else
        wt_camera_exposure_get(p->camera[at].path, &p->exposure);
    v->redraw = v->redraw || before.settable != p->exposure.settable ||
                before.automatic != p->exposure.automatic || before.value != p->exposure.value;
}

static void choose_camera(struct wt_viewer *v)
{
    const struct wt_viewer_panel *p = &v->panel;
    const char *names[WT_VIEWER_CAMERAS];
    int current = current_camera(v);
    for (int i = 0; i < p->cameras; i++)
        names[i] = name_of(p, i);
    if (wt_ui_choice(v->ui, "Camera", "take the picture from this camera", &current, names,
                     p->cameras, p->cameras ? "choose" : "none found"))
        wt_viewer_open_camera(v, names[current]);
}

static void say_size(char *text, size_t size, int width, int height, double fps)
{
    if (fps > 0)
        snprintf(text, size, "%d x %d, up to %.0f", width, height, fps);
    else
        snprintf(text, size, "%d x %d", width, height);
}

/* What the camera has, or where it does not say, or none is in use, what many have. */
static bool choose_size(struct wt_viewer *v)
{
    static const int usual[][2] = {{640, 360}, {640, 480}, {1280, 720}, {1920, 1080}};
    enum { USUAL = sizeof usual / sizeof *usual };
    const struct wt_viewer_panel *p = &v->panel;
    int *wanted = v->prefs.camera_size;
    char text[WT_VIEWER_MODES][40];
    const char *names[WT_VIEWER_MODES + 1] = {"automatic"};
    int size[WT_VIEWER_MODES + 1][2] = {{0, 0}};
    const int count = p->modes ? p->modes : USUAL;
    int at = wanted[0] ? -1 : 0;
    for (int i = 0; i < count; i++) {
        size[i + 1][0] = p->modes ? p->mode[i].width : usual[i][0];
        size[i + 1][1] = p->modes ? p->mode[i].height : usual[i][1];
        say_size(text[i], sizeof text[i], size[i + 1][0], size[i + 1][1],
                 p->modes ? p->mode[i].fps : 0);
        names[i + 1] = text[i];
        if (wanted[0] == size[i + 1][0] && wanted[1] == size[i + 1][1])
            at = i + 1;
    }
    if (!wt_ui_choice(
            v->ui, "Size",
            "of the camera's pictures, with its fastest rate; automatic: 16:9 near 1280 x "
            "720, at 24 frames a second or more",
            &at, names, count + 1, "other"))
        return false;
    memcpy(wanted, size[at], sizeof size[at]);
    return true;
}

static bool choose_rate(struct wt_viewer *v)
{
    static const char *const rates[] = {"up to 30", "15", "24", "25", "30", "50", "60"};
    static const int rate[] = {0, 15, 24, 25, 30, 50, 60};
    enum { RATES = sizeof rate / sizeof *rate };
    int at = -1;
    for (int i = 0; i < RATES; i++)
        if (rate[i] == v->prefs.fps)
            at = i;
    if (!wt_ui_choice(v->ui, "Rate",
                      "frames a second, asked of the camera, which takes the nearest", &at, rates,
                      RATES, "other"))
        return false;
    v->prefs.fps = rate[at];
    return true;
}

/* The device keeps it, so nothing is remembered here. */
static void choose_exposure(struct wt_viewer *v)
{
    struct wt_viewer_panel *p = &v->panel;
    struct wt_camera_exposure *e = &p->exposure;
    const int at = current_camera(v);
    if (at < 0 || !e->settable)
        return;
    bool automatic = e->automatic;
    float ms = (float)e->value * 0.1f;
    bool changed = e->can_be_automatic &&
                   wt_ui_check(v->ui, "Automatic exposure",
                               "the camera chooses how long a picture is exposed; in the dark many "
                               "send fewer frames then",
                               &automatic);
    if (!automatic)
        changed |= wt_ui_slider(v->ui, "Exposure", "milliseconds a picture; short ones do not blur",
                                &ms, (float)e->least * 0.1f, fminf((float)e->most * 0.1f, 100.0f),
                                "%.1f ms", NULL);
    if (!changed)
        return;
    e->automatic = automatic;
    e->value = (int)lroundf(ms * 10.0f);
    if (!wt_camera_exposure_set(p->camera[at].path, automatic, e->value))
        wt_notice(WT_NOTICE_WARNING, "the camera does not take this exposure");
}

void wt_viewer_draw_camera(struct wt_viewer *v)
{
    wt_viewer_list_cameras(v);
    choose_camera(v);
    bool changed = choose_size(v);
    changed |= choose_rate(v);
    choose_exposure(v);
    if (!changed)
        return;
    wt_viewer_apply(v);
    if (v->kind == WT_SOURCE_CAMERA)
        wt_viewer_open_camera(v, v->prefs.camera ? v->prefs.camera : v->status.source.name);
}
