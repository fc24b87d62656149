/* What the ui_imgui and texts_imgui files share. C++. */
#ifndef WT_APP_UI_IMGUI_HPP
#define WT_APP_UI_IMGUI_HPP

#include <climits>

#include <imgui.h>

#include "window/fallback_font.h"
#include "window/ui_imgui.h"

/* Where a widget was last, and in which frame. */
struct wt_ui_place {
    ImGuiID id;
    int x, y, w, h;
    unsigned frame;
};

struct wt_ui {
    ImGuiContext *context;
    float scale;
    bool light, sdl, gl;
    bool typing, has_mouse, holds;
    bool keys, keys_new; /* they act on the panel; only from this frame on */
    ImGuiID keys_on;     /* the widget that was logged last */
    bool rests;          /* the mouse, on the widget rests_on, since rests_since */
    ImGuiID rests_on;
    double rests_since;
    char over[96]; /* the item that the mouse is on in this frame; what was logged of it last */
    char over_said[120];
    const char *row_name; /* of the next row; NULL: its label */
    unsigned frame;
    int seen; /* of `place` */
    struct wt_ui_place place[256];
    bool waits; /* status or legend lies on a face and has moved a moment ago */
    int corner; /* of the status, and since when */
    double corner_since;
    ImVec4 status; /* its box as last drawn: left, top, right, bottom; empty: it is off */
    /* fonts_imgui.cpp: characters that the window's font has not, in the order they came; of them,
     * in the texture; for each script the font, "": none, and whether it was looked for */
    ImVector<ImWchar> others, other_ranges[WT_SCRIPTS];
    int others_built;
    char other_font[WT_SCRIPTS][PATH_MAX];
    bool other_looked[WT_SCRIPTS];
    int legend_at; /* its place, and since when */
    double legend_since;
    ImVector<char> look, look_before; /* all that is to be drawn: of this frame; of the last one */
};

struct wt_ui_colors {
    ImU32 text, dim, warn, error, backdrop, help, key;
};
/* For texts over the picture. */
wt_ui_colors wt_ui_colors_of(const wt_ui *ui);

/* What comes after an item: its place, and its tip once the mouse has rested. name: for the log. */
void wt_ui_note(wt_ui *ui, const char *name, const char *tip);
/* The same of a text over the picture, which is no item. */
void wt_ui_note_box(wt_ui *ui, const char *name, float left, float top, float right, float bottom);
/* fonts_imgui.cpp: all fonts of that size, without the texture. */
void wt_ui_load_fonts(wt_ui *ui, float scale);
/* legend_imgui.cpp: clear of the status and of the middles of faces. */
struct wt_texts;
struct wt_text_box;
void wt_legend_draw(wt_ui *ui, const wt_texts *texts, const wt_text_box &status);
/* The label, and the width of the widget right of it. */
void wt_ui_start_row(wt_ui *ui, const char *label);

#endif
