/* The legend over the picture: which colour means what. It knows how it looks, not what it says.
 * Goes through Dear ImGui, as texts_imgui.h. */
#ifndef WT_APP_LEGEND_IMGUI_H
#define WT_APP_LEGEND_IMGUI_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { WT_LEGEND_LINES = 12, WT_LEGEND_COLORS = 24 };

struct wt_legend_line {
    char text[48];
    uint8_t rgb[WT_LEGEND_COLORS][3];
    int colors; /* 1: a dot; more: a strip from low to high values */
};

/* No pointers, as in struct wt_texts. */
struct wt_legend {
    struct wt_legend_line line[WT_LEGEND_LINES];
    int lines; /* 0: no legend */
};

#ifdef __cplusplus
}
#endif

#endif
