/* What the legend says of what is drawn. */
#include <stdio.h>
#include <string.h>

#include "window/viewer_internal.h"

static struct wt_legend_line *add(struct wt_legend *legend, const char *text)
{
    static struct wt_legend_line none; /* beyond the last one; there are fewer */
    if (legend->lines == WT_LEGEND_LINES)
        return &none;
    struct wt_legend_line *line = &legend->line[legend->lines++];
    snprintf(line->text, sizeof line->text, "%s", text);
    return line;
}

static void add_color(struct wt_legend *legend, const char *text, const uint8_t rgb[3])
{
    struct wt_legend_line *line = add(legend, text);
    line->colors = 1;
    memcpy(line->rgb[0], rgb, 3);
}

static void add_palette(struct wt_legend *legend, const char *text, enum wt_palette palette)
{
    struct wt_legend_line *line = add(legend, text);
    line->colors = WT_LEGEND_COLORS;
    for (int i = 0; i < WT_LEGEND_COLORS; i++)
        wt_colormap(palette, (float)i / (WT_LEGEND_COLORS - 1), line->rgb[i]);
}

void wt_viewer_describe_legend(struct wt_viewer *v)
{
    static const char *const parts[] = {[WT_PART_JAW] = "jaw",
                                        [WT_PART_BROW] = "brows",
                                        [WT_PART_EYE] = "eyes, pupils",
                                        [WT_PART_NOSE] = "nose",
                                        [WT_PART_LIPS] = "lips"};
    static const char *const axes[] = {"axis to the side", "axis down", "axis out of the face"};
    const struct wt_view *view = &v->settings.view;
    const struct wt_style style = wt_style_for(100.0f);
    struct wt_legend *legend = &v->texts.legend;
    char weak[48];
    if (!v->prefs.legend || wt_correct_frame(v) || v->config.label)
        return;
    for (int i = 0; i < 5 && (view->landmarks || view->ellipses); i++)
        add_color(legend, parts[i], style.rgb[i]);
    snprintf(weak, sizeof weak, "less than %.0f %% sure", 100.0 * (double)WT_WEAK);
    if (view->landmarks || view->ellipses)
        add_color(legend, weak, style.weak);
    for (int i = 0; i < 3 && view->axes; i++)
        add_color(legend, axes[i], style.axis[i]);
    if (view->heatmaps)
        add_palette(legend, "a point here: no to sure", view->heatmap_palette);
    if (view->boundary)
        add_palette(legend, "an outline here: no to sure", view->boundary_palette);
}
