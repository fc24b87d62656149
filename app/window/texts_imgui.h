/* Texts over the picture: status, help, messages, labels. Defines how they look, not what they say.
 * Goes through Dear ImGui; between wt_ui_begin and wt_ui_end. */
#ifndef WT_APP_TEXTS_IMGUI_H
#define WT_APP_TEXTS_IMGUI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/notice.h"
#include "window/keys.h"
#include "window/legend_imgui.h"
#include "window/ui_imgui.h"
#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WT_TEXT_LINES 12
#define WT_TEXT_SIZE 320 /* a name of 255 bytes, and what is said of it */

struct wt_text_line {
    char text[WT_TEXT_SIZE];
    bool dim, warn;
};

struct wt_text_label {
    struct wt_point at;    /* window pixels: the label's left bottom corner */
    struct wt_point below; /* its left top corner where the status is in the way */
    char text[48];
};

struct wt_text_box {
    float left, top, right, bottom; /* window pixels */
};

/* What a frame of the window shows in words. It has no pointers: two that are equal byte for byte
 * look the same. */
struct wt_texts {
    float width, height; /* of the picture's room: texts stay within it; pixels from the top left */
    float low;           /* texts at the bottom stay that far above the room's lower edge */
    float high;          /* those at the top right that far from the right one */
    bool status, help;
    struct wt_text_line line[WT_TEXT_LINES];
    int lines, main_lines;     /* all; the first ones, which matter more */
    struct wt_text_line brief; /* instead of them where they would cover a face */
    struct wt_text_label label[WT_FACES_MAX];
    int labels;
    struct wt_text_box face[WT_FACES_MAX]; /* the status lies beside these where there is room */
    int faces;
    char hint[WT_TEXT_SIZE];      /* at the bottom centre; "": none */
    char trouble[400];            /* in the middle; "": none */
    char message[WT_NOTICE_SIZE]; /* bottom; "": none */
    enum wt_notice_kind message_kind;
    bool recording;
    char recording_text[64];
    bool recording_warn;
    bool paused;
    struct wt_legend legend;
};

void wt_texts_draw(struct wt_ui *ui, const struct wt_texts *texts);

#ifdef __cplusplus
}
#endif

#endif
