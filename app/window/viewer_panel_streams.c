/* The panel's section about what goes to other programs while it runs. */
#include <stdio.h>
#include <string.h>

#include "base/notice.h"
#include "window/viewer_internal.h"

static const struct {
    const char *name, *field, *tip, *usual;
    size_t offset; /* of the target in wt_prefs */
} output[WT_LIVE_LINES] = {
    [WT_LIVE_OSF] = {"OpenSeeFace", "OSF to", "packets for VSeeFace, VTube Studio and others",
                     "127.0.0.1:11573", offsetof(struct wt_prefs, osf)},
    [WT_LIVE_VMC] = {"VMC", "VMC to", "head, blinks and mouth for programs that move avatars",
                     "127.0.0.1:39539", offsetof(struct wt_prefs, vmc)},
    [WT_LIVE_CAMERA] = {"Virtual camera", "Device",
                        "the picture with what is drawn on it, as a camera for calls",
                        "/dev/video2", offsetof(struct wt_prefs, virtual_camera)},
};

static const char **target_of(struct wt_prefs *prefs, int i)
{
    return (const char **)((char *)prefs + output[i].offset);
}

static bool is_on(struct wt_prefs *prefs, int i)
{
    const char *target = *target_of(prefs, i);
    return target && target[0];
}

static void start(struct wt_viewer *v, int i)
{
    const char *target = *target_of(&v->prefs, i);
    if (wt_live_stream(v->live, (enum wt_live_stream)i, target, 0)) /* logged, which is a notice */
        *target_of(&v->prefs, i) = NULL;
    else if (is_on(&v->prefs, i))
        wt_notice(WT_NOTICE_NEWS, "%s: %s", output[i].name, target);
    else
        wt_notice(WT_NOTICE_NEWS, "%s off", output[i].name);
}

void wt_viewer_follow_streams(struct wt_viewer *v, const struct wt_prefs *before)
{
    struct wt_prefs old = *before;
    for (int i = 0; i < WT_LIVE_LINES; i++) {
        const char *a = *target_of(&old, i), *b = *target_of(&v->prefs, i);
        if (strcmp(a ? a : "", b ? b : "") != 0)
            start(v, i);
    }
}

static void draw(struct wt_viewer *v, int i)
{
    char *text = v->panel.stream[i];
    const size_t size = sizeof v->panel.stream[i];
    bool on = is_on(&v->prefs, i);
    if (on && !text[0])
        snprintf(text, size, "%s", *target_of(&v->prefs, i));
    if (!text[0])
        snprintf(text, size, "%s", output[i].usual);
    const bool switched = wt_ui_check(v->ui, output[i].name, output[i].tip, &on);
    const bool entered =
        wt_ui_field(v->ui, output[i].field, "where to; Enter takes it", text, size, false);
    if (!switched && !entered)
        return;
    const char *kept = on || entered ? wt_config_keep(v->config.config, text) : NULL;
    *target_of(&v->prefs, i) = kept;
    start(v, i);
    wt_viewer_apply(v);
}

void wt_viewer_panel_streams(struct wt_viewer *v)
{
    if (!wt_ui_section(v->ui, "Streams", false, false))
        return;
    for (int i = 0; i < WT_LIVE_LINES; i++)
        draw(v, i);
}
