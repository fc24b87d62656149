/* The panel's sections about the picture, the window, presets and messages. */
#include <stdio.h>
#include <string.h>

#include "window/viewer_internal.h"

#define COLORS 64

/* One of heatmaps and boundary: shown or not, how opaque, in which colours. */
static bool draw_map(struct wt_viewer *v, const char *what, int bit, enum wt_action action,
                     double *opacity, int *palette)
{
    char name[2][48];
    uint8_t rgb[COLORS][3];
    bool on = v->prefs.show & bit, changed = false;
    float value = (float)*opacity;
    if (wt_ui_check(v->ui, what, wt_viewer_tip("what the network sees", action), &on))
        wt_viewer_act(v, action, 0);
    if (!on)
        return false;
    snprintf(name[0], sizeof name[0], "%s opacity", what);
    snprintf(name[1], sizeof name[1], "%s colours", what);
    wt_ui_row_name(v->ui, "  opacity");
    if (wt_ui_slider(v->ui, name[0], "less lets the face shine through", &value, 0.05f, 1.0f,
                     "%.2f", NULL)) {
        *opacity = (double)value;
        changed = true;
    }
    wt_ui_row_name(v->ui, "  colours");
    changed |= wt_ui_choice(v->ui, name[1], "from low values to high ones", palette,
                            wt_palette_names, WT_PALETTES, "");
    for (int i = 0; i < COLORS; i++)
        wt_colormap((enum wt_palette) * palette, (float)i / (COLORS - 1), rgb[i]);
    wt_ui_strip(v->ui, (const uint8_t(*)[3])rgb, COLORS, "low", "high");
    return changed;
}

static void choose_points(struct wt_viewer *v)
{
    static const int schemes[] = {98, 68, 29};
    static const int index[] = {1, 2, 3}; /* of --points */
    const char *names[3];
    char text[3][16];
    struct wt_point from[WT_POINTS_MAX] = {{0}}, to[WT_POINTS_MAX];
    const int own = v->model.points,
              shown = v->settings.view.points ? v->settings.view.points : own;
    int count = 0, at = -1, which[3];
    for (int i = 0; i < 3; i++) {
        if (schemes[i] != own && wt_points_convert(from, own, to, schemes[i]))
            continue;
        snprintf(text[count], sizeof text[count], "%d", schemes[i]);
        names[count] = text[count];
        if (schemes[i] == shown)
            at = count;
        which[count++] = index[i];
    }
    if (wt_ui_choice(v->ui, "Points", wt_viewer_tip("of a face", WT_ACTION_POINTS), &at, names,
                     count, "the model's")) {
        v->prefs.common.points = which[at];
        wt_viewer_apply(v);
    }
}

void wt_viewer_panel_view(struct wt_viewer *v)
{
    struct wt_prefs *p = &v->prefs;
    static const char *const mirrors[] = {"cameras", "always", "never"};
    bool landmarks = p->show & WT_SHOW_LANDMARKS, boxes = p->show & WT_SHOW_BOXES;
    if (!wt_ui_section(v->ui, "View", true, false))
        return;
    if (wt_ui_check(v->ui, "Landmarks", wt_viewer_tip("points and outlines", WT_ACTION_LANDMARKS),
                    &landmarks))
        wt_viewer_act(v, WT_ACTION_LANDMARKS, 0);
    choose_points(v);
    if (wt_ui_check(v->ui, "Crop squares",
                    wt_viewer_tip("with numbers and confidence", WT_ACTION_BOXES), &boxes))
        wt_viewer_act(v, WT_ACTION_BOXES, 0);
    bool ellipses = p->show & WT_SHOW_ELLIPSES, axes = p->show & WT_SHOW_AXES;
    if (wt_ui_check(
            v->ui, "Ellipses",
            wt_viewer_tip("half a standard deviation of each point's heatmap", WT_ACTION_ELLIPSES),
            &ellipses))
        wt_viewer_act(v, WT_ACTION_ELLIPSES, 0);
    if (wt_ui_check(v->ui, "Head axes",
                    wt_viewer_tip("to the side, down, out of the face", WT_ACTION_AXES), &axes))
        wt_viewer_act(v, WT_ACTION_AXES, 0);
    bool changed = draw_map(v, "Heatmaps", WT_SHOW_HEATMAPS, WT_ACTION_HEATMAPS,
                            &p->heatmap_opacity, &p->heatmap_palette);
    changed |= draw_map(v, "Boundary", WT_SHOW_BOUNDARY, WT_ACTION_BOUNDARY, &p->boundary_opacity,
                        &p->boundary_palette);
    changed |= wt_ui_check(v->ui, "Legend", "what the colours mean, clear of faces", &p->legend);
    changed |= wt_ui_choice(v->ui, "Mirror", wt_viewer_tip("left and right", WT_ACTION_MIRROR),
                            &p->mirror, mirrors, 3, "");
    if (changed)
        wt_viewer_apply(v);
}

void wt_viewer_panel_window(struct wt_viewer *v)
{
    struct wt_prefs *p = &v->prefs;
    static const char *const statuses[] = {"full", "one line", "none"};
    static const char *const themes[] = {"dark", "light"};
    float size = (float)p->text_size;
    bool full = wt_window_fullscreen(&v->window);
    if (!wt_ui_section(v->ui, "Window", false, false))
        return;
    bool changed =
        wt_ui_choice(v->ui, "Status", wt_viewer_tip("over the picture", WT_ACTION_STATUS),
                     &p->status, statuses, 3, "");
    changed |= wt_ui_choice(v->ui, "Theme", "of texts and this panel", &p->theme, themes, 2, "");
    if (wt_ui_slider(v->ui, "Text size", "relative to the screen's own", &size, 0.5f, 3.0f, "%.1f",
                     NULL))
        v->panel.text_size = size;
    if (v->panel.text_size > 0.0f && !wt_ui_has_mouse_down(v->ui)) {
        /* Only now, as the slider would move under the mouse. */
        p->text_size = (double)(int)(v->panel.text_size * 10.0f + 0.5f) / 10.0;
        v->panel.text_size = 0.0f;
        changed = true;
    }
    changed |=
        wt_ui_check(v->ui, "Hints", "say at the start which keys show help and panel", &p->hints);
    if (wt_ui_check(v->ui, "Full screen",
                    wt_viewer_tip("as large as it gets", WT_ACTION_FULLSCREEN), &full))
        wt_viewer_act(v, WT_ACTION_FULLSCREEN, 0);
    if (changed)
        wt_viewer_apply(v);
}

#define PRESETS 32

void wt_viewer_panel_presets(struct wt_viewer *v)
{
    const char *names[PRESETS];
    int count = 0, at = -1;
    if (!wt_ui_section(v->ui, "Presets", false, false))
        return;
    if (!wt_config_path(v->config.config)) {
        wt_ui_text(v->ui, "nothing is remembered in this run", false);
        return;
    }
    for (; count < PRESETS && (names[count] = wt_config_section(v->config.config, count)); count++)
        if (strcmp(names[count], v->preset) == 0)
            at = count;
    if (wt_ui_choice(v->ui, "Preset", "take all of its settings over", &at, names, count,
                     count ? "choose" : "none yet"))
        wt_viewer_use_preset(v, names[at]);
    const bool entered = wt_ui_field(v->ui, "Name", "of a preset with the settings as they are now",
                                     v->panel.preset, sizeof v->panel.preset, false);
    if (wt_ui_button(v->ui, "Save preset", "under the name above", false) || entered)
        wt_viewer_save_preset(v, v->panel.preset);
    wt_ui_off_begin(v->ui, !v->preset[0]);
    if (wt_ui_button(v->ui, "Delete preset", "the one that is chosen", true))
        wt_viewer_delete_preset(v, v->preset);
    wt_ui_off_end(v->ui);
    wt_ui_text(v->ui, wt_config_path(v->config.config), false);
}

void wt_viewer_panel_messages(struct wt_viewer *v)
{
    static struct wt_notice_entry entry[WT_NOTICES];
    char line[WT_NOTICE_SIZE + 32], time[16];
    int count;
    if (!wt_ui_section(v->ui, "Messages", false, false))
        return;
    wt_notice_list(entry, &count);
    if (!count)
        wt_ui_text(v->ui, "none yet", false);
    for (int i = 0; i < count; i++) {
        struct tm local;
        localtime_r(&entry[i].when, &local);
        strftime(time, sizeof time, "%H:%M:%S", &local);
        snprintf(line, sizeof line, "%s  %s", time, entry[i].text);
        wt_ui_text(v->ui, line, entry[i].kind != WT_NOTICE_NEWS);
    }
}
