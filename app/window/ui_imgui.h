/* Controls for the mouse and for keys, through Dear ImGui: a C interface of a few widgets. It knows
 * how they look, not what they mean. One thread, the window's, with its context current; every call
 * but create, destroy and event belongs between begin and end.
 *
 * At log level debug each widget's place is logged when it comes or changes: `ui: NAME X Y WIDTH
 * HEIGHT`, window pixels; tests press there. */
#ifndef WT_APP_UI_IMGUI_H
#define WT_APP_UI_IMGUI_H

#include <SDL.h>
#include <stdbool.h>
#include <stdint.h>

#include "wt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_ui;

/* Errors: MEMORY, UNSUPPORTED. */
enum wt_status wt_ui_create(struct wt_ui **out, SDL_Window *window, SDL_GLContext context,
                            float scale);
/* NULL-safe; sets NULL. */
void wt_ui_destroy(struct wt_ui **ui);
void wt_ui_event(struct wt_ui *ui, const SDL_Event *event);
/* Size of text relative to an ordinary screen, and colours; before begin. Nothing happens when they
 * are the same. */
void wt_ui_set_look(struct wt_ui *ui, float scale, bool light);
float wt_ui_scale(const struct wt_ui *ui);
bool wt_ui_light(const struct wt_ui *ui);

/* A text that will be drawn in this frame, from outside the program: its characters that the font
 * does not have are there from the next frame on, where another font has them. The widgets and
 * texts below do it themselves. again: some are still missing, so that there should be a next
 * frame. */
void wt_ui_need(struct wt_ui *ui, const char *text);
bool wt_ui_again(const struct wt_ui *ui);
/* Whether the last frame had a text on a face that will move: there should be a next frame, though
 * nothing changes. */
bool wt_ui_waits(const struct wt_ui *ui);

/* A frame. end: whether it looks otherwise than the one before; paint: draws it into the
 * framebuffer in use. */
void wt_ui_begin(struct wt_ui *ui);
bool wt_ui_end(struct wt_ui *ui);
void wt_ui_paint(struct wt_ui *ui);

/* Of the last frame: is a text being typed; does the mouse act on, or rest over, a widget? */
bool wt_ui_typing(const struct wt_ui *ui);
bool wt_ui_has_mouse(const struct wt_ui *ui);

bool wt_ui_has_mouse_down(const struct wt_ui *ui);

/* From the next frame on keys act on the panel: arrows go from widget to widget, Space presses or
 * takes hold of one, Enter types into it; or no longer. */
void wt_ui_set_keys(struct wt_ui *ui, bool on);
/* Of the last frame: is a widget held, or a list open? Then Esc lets go of that. */
bool wt_ui_holds(const struct wt_ui *ui);

/* ---- the panel ------------------------------------------------------------------------------ */

/* Its width for a window of that size, pixels. */
float wt_ui_panel_width(const struct wt_ui *ui, int width);
/* At the right edge, as high as the window. Call panel_end in any case. */
void wt_ui_panel_begin(struct wt_ui *ui, float panel_width);
void wt_ui_panel_end(struct wt_ui *ui);

/* A heading that opens and closes what follows; returns whether it is open. unfold: opens it and
 * scrolls there. */
bool wt_ui_section(struct wt_ui *ui, const char *title, bool open_at_first, bool unfold);

/* What the next widget's row shows instead of its label, which still is its name. */
void wt_ui_row_name(struct wt_ui *ui, const char *shown);

/* Widgets return whether the user has just changed the value or pressed. label: shown left of it;
 * tip: shown when the mouse rests on it. */
bool wt_ui_check(struct wt_ui *ui, const char *label, const char *tip, bool *value);
/* format: printf's for the value; zero: shown instead at the minimum, or NULL. */
bool wt_ui_slider(struct wt_ui *ui, const char *label, const char *tip, float *value, float min,
                  float max, const char *format, const char *zero);
bool wt_ui_slider_int(struct wt_ui *ui, const char *label, const char *tip, int *value, int min,
                      int max, const char *zero);
/* A list to choose from: names[0..count-1]; index -1: shows `none`. Choosing what is chosen already
 * counts, too. */
bool wt_ui_choice(struct wt_ui *ui, const char *label, const char *tip, int *index,
                  const char *const *names, int count, const char *none);
/* Two buttons in a row: `beside` puts this one right of the last widget. */
bool wt_ui_button(struct wt_ui *ui, const char *label, const char *tip, bool beside);
/* A button with a picture (texture of OpenGL, 0: none) and a line of text below it; `columns` of
 * them fill a row. on: it is the one that is shown. */
bool wt_ui_picture(struct wt_ui *ui, const char *name, const char *tip, unsigned texture,
                   const char *text, bool beside, int columns, bool on);
/* The next widget that is no row stands right of the last one. */
void wt_ui_beside(struct wt_ui *ui);
/* A line of text to type; true: Enter was pressed. focus: typing begins here. */
bool wt_ui_field(struct wt_ui *ui, const char *label, const char *tip, char *text, size_t size,
                 bool focus);
void wt_ui_text(struct wt_ui *ui, const char *text, bool warn);
/* A strip of colours with words at its ends. */
void wt_ui_strip(struct wt_ui *ui, const uint8_t (*rgb)[3], int colors, const char *low,
                 const char *high);
/* Widgets between do not react. */
void wt_ui_off_begin(struct wt_ui *ui, bool off);
void wt_ui_off_end(struct wt_ui *ui);

/* ---- buttons over the picture ---------------------------------------------------------------- */

enum wt_ui_icon {
    WT_ICON_PLAY,
    WT_ICON_PAUSE,
    WT_ICON_RECORD,
    WT_ICON_STOP,
    WT_ICON_PICTURE,
    WT_ICON_FULL,
    WT_ICON_PANEL,
    WT_ICON_LOOP,
};

/* A bar over the picture's lower edge, or with `top` a small one in the upper right corner; right:
 * where the picture's room ends; alpha: how visible, > 0. Returns its height, with its margin. Call
 * bar_end. */
float wt_ui_bar_begin(struct wt_ui *ui, bool top, float right, float alpha);
void wt_ui_bar_end(struct wt_ui *ui);
/* on: the state that it shows is on. */
bool wt_ui_icon(struct wt_ui *ui, enum wt_ui_icon icon, const char *name, const char *tip, bool on);
/* A time line over the rest of the bar but for `spare` icons; true while it is dragged or when it
 * was pressed, with the place 0..1. */
bool wt_ui_seek(struct wt_ui *ui, const char *name, const char *tip, float *place, int spare,
                const char *text);

#ifdef __cplusplus
}
#endif

#endif
