/* Shapes over the picture, and curves in the panel, through Dear ImGui. Places are pixels of the
 * window. One thread, the window's; every call belongs between wt_ui_begin and wt_ui_end. */
#ifndef WT_APP_CANVAS_IMGUI_H
#define WT_APP_CANVAS_IMGUI_H

#include "window/ui_imgui.h"
#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wt_handle {
    WT_HANDLE_PLAIN,
    WT_HANDLE_CHOSEN,
    WT_HANDLE_HELD,
    WT_HANDLE_HIDDEN, /* a point that cannot be seen */
};

/* A point that the mouse can take, under the panel and the bars. */
void wt_canvas_handle(struct wt_ui *ui, float x, float y, enum wt_handle kind);
/* How far from a handle the mouse may be to take it. */
float wt_canvas_handle_reach(const struct wt_ui *ui);

struct wt_loupe {
    unsigned texture;       /* of OpenGL: the frame */
    float u, v;             /* the place that it shows, 0..1 of the frame */
    float pixel_u, pixel_v; /* a pixel of the frame, in the same units */
    float zoom;             /* pixels of the window to one of the frame */
    bool mirror;
    float x, y;                     /* the mouse */
    float left, top, right, bottom; /* the picture's place, in which it stays */
};
/* A part of the frame, enlarged, with cross hairs, beside the mouse. */
void wt_canvas_loupe(struct wt_ui *ui, const struct wt_loupe *loupe);

/* Points of a face and their lines, of several at once told apart by colour. */
enum wt_canvas_color { WT_CANVAS_WHITE, WT_CANVAS_RED, WT_CANVAS_GREEN };
void wt_canvas_line(struct wt_ui *ui, const struct wt_point *point, int count,
                    enum wt_canvas_color color);
void wt_canvas_dots(struct wt_ui *ui, const struct wt_point *point, int count,
                    enum wt_canvas_color color);

struct wt_divider {
    float x; /* of the line */
    float left, right, top, bottom;
    float low;                  /* its words stay that far above the bottom */
    const char *before, *after; /* left and right of it */
    bool held;
};
/* The line between two sides of the picture, with a knob for the mouse. */
void wt_canvas_divider(struct wt_ui *ui, const struct wt_divider *divider);

/* A curve in the panel: values[count], NAN: none there; from 0 to the largest. */
void wt_ui_curve(struct wt_ui *ui, const char *label, const char *tip, const float *values,
                 int count);
/* Cumulative error distributions in one frame: values 0..100, in the colours of wt_canvas_color in
 * the order red, white, green; NULL or NAN: none. */
void wt_ui_ced(struct wt_ui *ui, const char *name, const char *tip, const float *const curve[3],
               int count);
/* The same from low to high, or as far as the values go; the newest one and its unit are written.
 */
void wt_ui_plot(struct wt_ui *ui, const char *label, const char *tip, const float *values,
                int count, float low, float high, const char *unit);
void wt_ui_bar_of(struct wt_ui *ui, float done, const char *text);

#ifdef __cplusplus
}
#endif

#endif
