/* Text over the picture: status, help, messages, labels. Wraps Dear ImGui in a C interface; defines
 * how a panel looks, not what it says. One thread, the window's, with its context current. */
#ifndef WT_APP_PANEL_IMGUI_H
#define WT_APP_PANEL_IMGUI_H

#include <SDL.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/notice.h"
#include "window/keys.h"
#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WT_PANEL_LINES 12
#define WT_PANEL_TEXT 160

struct wt_panel_line {
    char text[WT_PANEL_TEXT];
    bool dim, warn;
};

struct wt_panel_label {
    struct wt_point at;    /* window pixels: the label's left bottom corner */
    struct wt_point below; /* its left top corner where the status is in the way */
    char text[48];
};

/* What a frame of the window shows in words. Everything is copied or drawn before the call ends. */
struct wt_panel {
    bool status, help;
    struct wt_panel_line line[WT_PANEL_LINES];
    int lines;
    struct wt_panel_label label[WT_FACES_MAX];
    int labels;
    const char *hint;    /* hint at the bottom centre; NULL: none */
    const char *trouble; /* in the middle; NULL: none */
    const char *message; /* bottom; NULL: none */
    enum wt_notice_kind message_kind;
    bool recording;
    char recording_text[64];
    bool recording_warn;
    bool paused;
};

struct wt_panel_ui;

/* Errors: MEMORY, UNSUPPORTED. */
enum wt_status wt_panel_create(struct wt_panel_ui **out, SDL_Window *window, SDL_GLContext context,
                               float scale);
void wt_panel_destroy(struct wt_panel_ui **ui);
void wt_panel_event(struct wt_panel_ui *ui, const SDL_Event *event);
/* Text for a screen of another density; nothing happens when it is the same. */
void wt_panel_set_scale(struct wt_panel_ui *ui, float scale);
/* Draws into the framebuffer in use. */
void wt_panel_draw(struct wt_panel_ui *ui, const struct wt_panel *panel);

#ifdef __cplusplus
}
#endif

#endif
