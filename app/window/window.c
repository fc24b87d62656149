#include "window/window.h"

#include <epoxy/gl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/paths.h"
#include "base/status.h"

/* Limits the load of software rendering. */
#define SOFTWARE_RATE 30

/* Between two changes to and from full screen. */
#define SETTLE_US 300000

static void set_attributes(void)
{
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 3);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MINOR_VERSION, 3);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_CORE);
    SDL_GL_SetAttribute(SDL_GL_DOUBLEBUFFER, 1);
    SDL_GL_SetAttribute(SDL_GL_DEPTH_SIZE, 0);
    SDL_GL_SetAttribute(SDL_GL_ALPHA_SIZE, 0);
}

static void fit_to_screen(int *width, int *height)
{
    SDL_Rect usable;
    if (SDL_GetDisplayUsableBounds(0, &usable) || usable.w < 64 || usable.h < 64)
        return;
    float scale = fminf(1.0f, fminf(usable.w * 0.95f / *width, usable.h * 0.9f / *height));
    *width = (int)(*width * scale);
    *height = (int)(*height * scale);
}

static void choose_frame_rate(struct wt_window *w)
{
    const char *renderer = (const char *)glGetString(GL_RENDERER);
    w->software = renderer && (strstr(renderer, "llvmpipe") || strstr(renderer, "softpipe") ||
                               strstr(renderer, "SWR"));
    SDL_DisplayMode mode;
    int display = SDL_GetWindowDisplayIndex(w->window);
    int rate = 60;
    if (!SDL_GetCurrentDisplayMode(display < 0 ? 0 : display, &mode) && mode.refresh_rate >= 24)
        rate = mode.refresh_rate;
    if (w->software && rate > SOFTWARE_RATE)
        rate = SOFTWARE_RATE;
    /* Less than the display's period: normally the display sets the pace; this limits drivers that
     * do not wait for it. Without a display's pace a camera sets it, whose frames come now a little
     * earlier, now later: none of them should wait for the one before. */
    w->period_us = (int64_t)(1e6 / rate * (w->software ? 0.75 : 0.9));
    SDL_GL_SetSwapInterval(1);
    wt_log(WT_LOG_DEBUG, "OpenGL %s, %s, at most %d frames a second",
           (const char *)glGetString(GL_VERSION), renderer ? renderer : "?", rate);
}

/* Without a display SDL can draw into memory, which is invisible; so that driver is used only on
 * request. */
static bool invisible(void)
{
    const char *driver = SDL_GetCurrentVideoDriver();
    return !SDL_getenv("SDL_VIDEODRIVER") &&
           (strcmp(driver, "offscreen") == 0 || strcmp(driver, "dummy") == 0);
}

const char *wt_window_no_display(void)
{
    /* If this is not set, Wayland's library prints an error before it fails. */
    static const char *const where = "XDG_RUNTIME_DIR";
    const bool quiet = !getenv(where) && setenv(where, "/", 0) == 0;
    const bool failed = SDL_Init(SDL_INIT_VIDEO);
    if (quiet)
        unsetenv(where);
    if (failed)
        return SDL_GetError();
    return invisible() ? "neither X11 nor Wayland answers" : NULL;
}

bool wt_window_possible(void)
{
    bool possible = !wt_window_no_display();
    SDL_Quit();
    return possible;
}

/* Of the window itself: what is run from a build folder has no desktop entry that says it. Without
 * the file the desktop shows its own. */
static void set_icon(SDL_Window *window)
{
    struct wt_path path;
    SDL_Surface *icon =
        wt_asset_path(WT_ASSET_ICON, path.text, sizeof path.text) ? SDL_LoadBMP(path.text) : NULL;
    if (icon)
        SDL_SetWindowIcon(window, icon);
    SDL_FreeSurface(icon);
}

enum wt_status wt_window_open(struct wt_window *w, const char *title, int width, int height)
{
    memset(w, 0, sizeof *w);
    /* Users watch without touching a key: keep the screen on and do not disable the desktop's
     * compositor. */
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "0");
    SDL_SetHint(SDL_HINT_MOUSE_FOCUS_CLICKTHROUGH, "1");
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    const char *why = wt_window_no_display();
    if (why) {
        enum wt_status status =
            wt_fail(WT_ERR_UNSUPPORTED,
                    "no display for a window (%s); without one: wingtip demo, or track", why);
        wt_window_close(w);
        return status;
    }
    set_attributes();
    fit_to_screen(&width, &height);
    w->window =
        SDL_CreateWindow(title, SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, width, height,
                         SDL_WINDOW_OPENGL | SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
    if (w->window)
        w->context = SDL_GL_CreateContext(w->window);
    if (!w->context) {
        enum wt_status status = wt_fail(
            WT_ERR_UNSUPPORTED,
            "no window with OpenGL 3.3 (%s); without one: wingtip demo, or track", SDL_GetError());
        wt_window_close(w);
        return status;
    }
    set_icon(w->window);
    SDL_SetWindowMinimumSize(w->window, 240, 180);
    SDL_EventState(SDL_DROPFILE, SDL_ENABLE);
    choose_frame_rate(w);
    return WT_OK;
}

void wt_window_close(struct wt_window *w)
{
    if (w->context)
        SDL_GL_DeleteContext(w->context);
    if (w->window)
        SDL_DestroyWindow(w->window);
    memset(w, 0, sizeof *w);
    SDL_Quit();
}

void wt_window_size(const struct wt_window *w, int *width, int *height)
{
    SDL_GL_GetDrawableSize(w->window, width, height);
    *width = *width > 0 ? *width : 1;
    *height = *height > 0 ? *height : 1;
}

float wt_window_scale(const struct wt_window *w)
{
    int units = 0, pixels = 0, height;
    SDL_GetWindowSize(w->window, &units, &height);
    SDL_GL_GetDrawableSize(w->window, &pixels, &height);
    float scale = units > 0 ? (float)pixels / units : 1.0f;
    /* X11 has no logical units: use the screen's density, if known (that which the
     * desktop sets, Xft.dpi, before the monitor's own), rounded down to quarter steps. */
    float dpi = 96.0f;
    int display = SDL_GetWindowDisplayIndex(w->window);
    if (scale <= 1.0f && !SDL_GetDisplayDPI(display < 0 ? 0 : display, &dpi, NULL, NULL))
        scale = floorf(dpi / 96.0f * 4.0f) / 4.0f;
    return fminf(fmaxf(scale, 1.0f), 4.0f);
}

bool wt_window_fullscreen(const struct wt_window *w)
{
    return w->full;
}

void wt_window_toggle_fullscreen(struct wt_window *w)
{
    w->full = !w->full;
    wt_window_settle(w);
}

/* Left full screen: the window has the size of before, unless the desktop gives it another (a
 * maximised window, a tiling window manager, which ignores this). */
static void restore_size(struct wt_window *w)
{
    int width, height;
    SDL_GetWindowSize(w->window, &width, &height);
    if ((width != w->restored[0] || height != w->restored[1]) &&
        !(SDL_GetWindowFlags(w->window) & (SDL_WINDOW_MAXIMIZED | SDL_WINDOW_MINIMIZED)))
        SDL_SetWindowSize(w->window, w->restored[0], w->restored[1]);
}

void wt_window_settle(struct wt_window *w)
{
    const int64_t now = wt_now_us();
    if (now < w->settle_us)
        return;
    const bool full = SDL_GetWindowFlags(w->window) & SDL_WINDOW_FULLSCREEN;
    if (w->settle_us && !full)
        restore_size(w);
    w->settle_us = 0;
    if (w->full == full)
        return;
    if (w->full)
        SDL_GetWindowSize(w->window, &w->restored[0], &w->restored[1]);
    w->settle_us = now + SETTLE_US;
    if (SDL_SetWindowFullscreen(w->window, w->full ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0)) {
        wt_log(WT_LOG_WARN, "no full screen: %s", SDL_GetError());
        w->full = full;
    }
}

void wt_window_pass(struct wt_window *w)
{
    int64_t now = wt_now_us(), due = w->shown_us + w->period_us;
    if (SDL_GetWindowFlags(w->window) & (SDL_WINDOW_MINIMIZED | SDL_WINDOW_HIDDEN))
        due = now + 50000; /* minimised or hidden */
    if (now < due) {
        struct timespec rest = {.tv_nsec = (long)(due - now) * 1000};
        nanosleep(&rest, NULL);
        now = due;
    }
    w->shown_us = now - due < w->period_us ? due : now;
}

void wt_window_present(struct wt_window *w)
{
    SDL_GL_SwapWindow(w->window);
    w->swapped_us = wt_now_us();
    wt_window_pass(w);
}
