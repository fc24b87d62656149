/* How the microscope looks, through Dear ImGui: pictures in rows, marks on them, lines of text. It
 * knows nothing of networks. One thread, the window's; between wt_ui_begin and wt_ui_end. */
#ifndef WT_APP_SCOPE_IMGUI_H
#define WT_APP_SCOPE_IMGUI_H

#include "window/ui_imgui.h"
#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WT_SCOPE_IMAGES = 9, WT_SCOPE_IMAGE_ROWS = 4, WT_SCOPE_LINES = 16, WT_SCOPE_MARKS = 4 };

enum wt_scope_mark_kind {
    WT_SCOPE_FRAME, /* a rectangle from a to b */
    WT_SCOPE_CROSS, /* at a */
};

/* 0..1 of the picture; what lies beyond is cut off. */
struct wt_scope_mark {
    enum wt_scope_mark_kind kind;
    struct wt_point a, b;
};

struct wt_scope_image {
    char name[40];    /* for the log of places: unlike all others */
    char caption[48]; /* below it */
    bool there;       /* false: an empty place that says `missing` */
    const char *missing;
    unsigned texture;         /* of OpenGL */
    struct wt_point from, to; /* its part of the texture, 0..1 */
    struct wt_scope_mark mark[WT_SCOPE_MARKS];
    int marks;
};

struct wt_scope_images {
    char title[96];
    struct wt_scope_image image[WT_SCOPE_IMAGES];
    int images, columns; /* the row has room for so many */
};

struct wt_scope_line {
    char label[32], text[128];
    bool warn;
};

struct wt_scope_view {
    char title[128];
    struct wt_scope_images row[WT_SCOPE_IMAGE_ROWS];
    int rows;
    struct wt_scope_line line[WT_SCOPE_LINES];
    int lines;
};

enum wt_scope_press { WT_SCOPE_NOTHING, WT_SCOPE_PREVIOUS, WT_SCOPE_NEXT, WT_SCOPE_CLOSED };

/* Its width in a window of that width, pixels. */
float wt_scope_width(const struct wt_ui *ui, int width);
/* A column as high as the window, its right edge at `right`. Returns the button that was pressed.
 */
enum wt_scope_press wt_scope_draw(struct wt_ui *ui, const struct wt_scope_view *view, float right,
                                  float width);

#ifdef __cplusplus
}
#endif

#endif
