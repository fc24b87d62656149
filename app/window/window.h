/* A window with an OpenGL 3.3 core context, paced at the display's rate. To be used by the thread
 * that created it, which is the main one (a rule of SDL). */
#ifndef WT_APP_WINDOW_H
#define WT_APP_WINDOW_H

#include <SDL.h>
#include <stdbool.h>
#include <stdint.h>

#include "wt_status.h"

struct wt_window {
    SDL_Window *window;
    SDL_GLContext context;
    bool software;      /* software rendering, which competes with tracking for the CPU */
    int64_t period_us;  /* least time from frame to frame */
    int64_t swapped_us; /* when the last one was on the screen */
    int64_t shown_us;   /* when the last one was shown */
    bool full;          /* full screen is wanted */
    int restored[2];    /* size outside full screen, in the desktop's units */
    int64_t settle_us;  /* when the last change between the two will have settled; 0: it has */
};

/* Starts SDL's video. NULL, or why there is no display for a window. Call SDL_Quit in both cases.
 */
const char *wt_window_no_display(void);

/* Is there a display for a window? Shuts SDL down again. */
bool wt_window_possible(void);

/* width, height: in the desktop's units, made smaller to fit the screen. One error line where there
 * is no display or no OpenGL 3.3. Errors: UNSUPPORTED. */
enum wt_status wt_window_open(struct wt_window *w, const char *title, int width, int height);
void wt_window_close(struct wt_window *w);

/* Pixels of the drawable. */
void wt_window_size(const struct wt_window *w, int *width, int *height);
/* Scale of text relative to an ordinary screen, 1..4. */
float wt_window_scale(const struct wt_window *w);
/* Is full screen wanted? The display follows within wt_window_settle. */
bool wt_window_fullscreen(const struct wt_window *w);
void wt_window_toggle_fullscreen(struct wt_window *w);
/* To be called about ten times a second: carries out wanted changes, one after the other. An X
 * server tells of a new size later, and SDL takes what it tells of the last change but one for the
 * last. */
void wt_window_settle(struct wt_window *w);
/* Shows what was drawn; waits for the display, or as long as a display would make it wait. */
void wt_window_present(struct wt_window *w);
/* Instead, where nothing was drawn: waits for as long. */
void wt_window_pass(struct wt_window *w);

#endif
