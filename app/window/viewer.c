#include "window/viewer_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/notice.h"
#include "base/status.h"
#include "cli/interrupt.h"

/* ---- beginning and end --------------------------------------------------------------------- */

static void first_size(const struct wt_prefs *prefs, const struct wt_source_info *source,
                       int *width, int *height)
{
    *width = prefs->size[0];
    *height = prefs->size[1];
    if (*width > 0 && *height > 0)
        return;
    *width = source->width > 0 ? source->width : 640;
    *height = source->height > 0 ? source->height : 480;
    /* Small pictures are easier to look at when they are larger. */
    if (*width < 900 && *height < 700) {
        *width = *width * 3 / 2;
        *height = *height * 3 / 2;
    }
}

static enum wt_status create_drawing(struct wt_viewer *v)
{
    enum wt_status status = wt_gl_video_init(&v->video);
    if (!status)
        status = wt_gl_heat_init(&v->heat);
    if (!status)
        status = wt_gl_overlay_init(&v->overlay);
    if (!status)
        status = wt_screenshots_create(&v->screenshots);
    if (!status)
        status =
            wt_ui_create(&v->ui, v->window.window, v->window.context, wt_window_scale(&v->window));
    return status;
}

enum wt_status wt_viewer_create(struct wt_viewer **out, const struct wt_viewer_config *config,
                                const struct wt_source_info *source)
{
    struct wt_viewer *v = calloc(1, sizeof *v);
    if (!v)
        return wt_fail(WT_ERR_MEMORY, "out of memory");
    v->config = *config;
    v->prefs = v->saved = config->prefs;
    v->model_common = config->prefs.common;
    v->welcoming = v->prefs.hints;
    v->kind = source->kind;
    v->settings = wt_viewer_settings(&v->prefs, v->kind);
    snprintf(v->preset, sizeof v->preset, "%s", config->preset ? config->preset : "");
    snprintf(v->panel.folder, sizeof v->panel.folder, "%s",
             v->prefs.screenshots ? v->prefs.screenshots : "");
    wt_teach_init(v, config->profiles, config->profile);
    wt_viewer_faces_init(v);
    int width, height;
    first_size(&v->prefs, source, &width, &height);
    enum wt_status status = wt_window_open(&v->window, "Wingtip", width, height);
    if (!status)
        status = create_drawing(v);
    if (status) {
        wt_viewer_destroy(&v);
        return status;
    }
    v->news_event = SDL_RegisterEvents(1);
    if (v->prefs.fullscreen)
        wt_window_toggle_fullscreen(&v->window);
    *out = v;
    return WT_OK;
}

void wt_viewer_destroy(struct wt_viewer **viewer)
{
    struct wt_viewer *v = *viewer;
    if (!v)
        return;
    wt_teach_fini(v);
    wt_correct_fini(v);
    wt_viewer_faces_fini(v);
    if (v->window.context) {
        wt_split_fini(v);
        wt_microscope_fini(v);
    }
    wt_screenshots_destroy(&v->screenshots);
    if (v->window.context) {
        wt_ui_destroy(&v->ui);
        wt_gl_overlay_fini(&v->overlay);
        wt_gl_heat_fini(&v->heat);
        wt_gl_video_fini(&v->video);
        wt_window_close(&v->window);
    }
    free(v);
    *viewer = NULL;
}

/* ---- events -------------------------------------------------------------------------------- */

#define LIVELY_US 1200000   /* after an event: buttons fade, tips appear */
#define FADE_MS 33          /* between two pictures of that, while no further event comes */
#define FADE_SOFTWARE_MS 66 /* where the processor draws */

struct wt_point wt_viewer_pixels(const struct wt_viewer *v, int x, int y)
{
    int units = 0, height;
    SDL_GetWindowSize(v->window.window, &units, &height);
    const float pixels = units > 0 ? (float)v->drawn_layout.window_width / (float)units : 1.0f;
    return (struct wt_point){(float)x * pixels, (float)y * pixels};
}

/* On the live chain's threads. One event at a time is enough. */
static void on_news(void *user)
{
    struct wt_viewer *v = user;
    if (v->news_event != (Uint32)-1 && !atomic_exchange(&v->news, true))
        SDL_PushEvent(&(SDL_Event){.type = v->news_event});
}

/* The first position is where the mouse lay before the window came. */
static void handle_motion(struct wt_viewer *v, const SDL_MouseMotionEvent *motion)
{
    const bool moved = v->mouse_seen && (motion->x != v->mouse_x || motion->y != v->mouse_y);
    v->mouse_seen = true;
    v->mouse_x = motion->x;
    v->mouse_y = motion->y;
    if (moved)
        v->mouse_us = wt_now_us();
}

/* Keys that go from widget to widget there, press one and let go of it. */
static bool is_for_panel(const struct wt_viewer *v, enum wt_action action)
{
    switch (action) {
    case WT_ACTION_JUMP:
    case WT_ACTION_NUDGE:
    case WT_ACTION_PAUSE:
    case WT_ACTION_ACCEPT:
    case WT_ACTION_OLDER:
        return v->panel.keys;
    case WT_ACTION_BACK:
        return v->panel.keys && wt_ui_holds(v->ui);
    default:
        return false;
    }
}

static void handle_key(struct wt_viewer *v, const SDL_KeyboardEvent *event)
{
    const struct wt_key *key = wt_key_find(&event->keysym);
    /* What is typed into a field is no command; its Esc ends the typing, its Ctrl-Z takes letters
     * back. */
    const bool for_field =
        key && (!key->ctrl || key->action == WT_ACTION_UNDO || key->action == WT_ACTION_REDO);
    if (!key || (for_field && wt_ui_typing(v->ui)) || is_for_panel(v, key->action))
        return;
    /* Key repeat is used only for stepping and jumping. */
    if (!event->repeat || key->action == WT_ACTION_STEP || key->action == WT_ACTION_JUMP ||
        key->action == WT_ACTION_NUDGE) {
        /* Out of the panel first; its own buttons that go back mean what is shown. */
        const bool leaves = key->action == WT_ACTION_BACK && v->panel.keys && !v->show_help;
        wt_viewer_act(v, leaves ? WT_ACTION_PANEL_KEYS : key->action, key->argument);
    }
}

static void handle_window(struct wt_viewer *v, const SDL_WindowEvent *event)
{
    v->redraw = true;
    if (event->event != SDL_WINDOWEVENT_RESIZED ||
        (SDL_GetWindowFlags(v->window.window) &
         (SDL_WINDOW_FULLSCREEN_DESKTOP | SDL_WINDOW_MAXIMIZED | SDL_WINDOW_MINIMIZED)) ||
        event->data1 < 64 || event->data2 < 64)
        return;
    v->prefs.size[0] = event->data1;
    v->prefs.size[1] = event->data2;
    wt_viewer_apply(v);
}

static void handle_event(struct wt_viewer *v, const SDL_Event *event)
{
    wt_ui_event(v->ui, event);
    if (event->type == v->news_event) {
        v->news = false;
        return;
    }
    v->lively_us = wt_now_us() + LIVELY_US;
    if (event->type == SDL_MOUSEBUTTONDOWN)
        v->panel.keys = false;
    if (wt_correct_mouse(v, event) || wt_split_mouse(v, event) || wt_microscope_mouse(v, event))
        return;
    switch (event->type) {
    case SDL_QUIT:
        v->quit = true;
        break;
    case SDL_KEYDOWN:
        handle_key(v, &event->key);
        break;
    case SDL_MOUSEMOTION:
        handle_motion(v, &event->motion);
        break;
    case SDL_MOUSEBUTTONUP:
        v->redraw = true; /* most buttons act now */
        break;
    case SDL_MOUSEBUTTONDOWN:
        if (event->button.button == SDL_BUTTON_LEFT && event->button.clicks == 2 &&
            !wt_ui_has_mouse(v->ui))
            wt_viewer_act(v, WT_ACTION_FULLSCREEN, 0);
        break;
    case SDL_WINDOWEVENT:
        handle_window(v, &event->window);
        break;
    case SDL_DROPFILE:
        if (!wt_teach_dropped(v, event->drop.file))
            wt_viewer_open(v, event->drop.file);
        SDL_free(event->drop.file);
        break;
    default:
        break;
    }
}

/* May anything on screen move without news from the live chain? */
static bool is_lively(const struct wt_viewer *v)
{
    const int64_t now = wt_now_us();
    return now < v->lively_us || v->dragging || wt_ui_typing(v->ui) || wt_ui_waits(v->ui) ||
           wt_viewer_bars_alpha(v, now) > 0.0f;
}

/* How long nobody needs to look what there is to draw if no event comes. Texts change with the
 * time, too: they are looked at ten times a second. */
static int rest_ms(const struct wt_viewer *v)
{
    if (v->redraw)
        return 0;
    if (!is_lively(v))
        return 100;
    const int64_t since = (wt_now_us() - v->looked_us) / 1000;
    const int64_t due = v->window.software ? FADE_SOFTWARE_MS : FADE_MS;
    return since < due ? (int)(due - since) : 0;
}

static void handle_events(struct wt_viewer *v)
{
    SDL_Event event;
    const int rest = rest_ms(v);
    bool more = rest > 0 ? SDL_WaitEventTimeout(&event, rest) : SDL_PollEvent(&event);
    while (more) {
        handle_event(v, &event);
        /* A field, and the panel, see the keys that are down in a frame: one a frame, or quick ones
         * are lost. */
        const bool alone = event.type == SDL_KEYDOWN && (wt_ui_typing(v->ui) || v->panel.keys);
        more = !alone && SDL_PollEvent(&event);
    }
}

/* ---- a frame of the window ----------------------------------------------------------------- */

/* Returns whether there is a new frame. */
static bool take_tracked(struct wt_viewer *v)
{
    struct wt_tracked_frame *tracked = wt_live_take(v->live);
    if (!tracked)
        return false;
    wt_tracked_frame_release(&v->shown);
    v->shown = tracked;
    v->shown_us = v->shown_us ? v->shown_us : wt_now_us();
    wt_correct_keep(v, tracked);
    if (!wt_correct_frame(v))
        wt_gl_video_upload(&v->video, &tracked->frame->image);
    wt_gl_heat_invalidate(&v->heat);
    if (v->split.heat_made)
        wt_gl_heat_invalidate(&v->split.heat);
    wt_steady_take(v, tracked);
    const struct wt_result *result = &tracked->result;
    if (result->forward_ms > 0.05) /* the network has run */
        v->forward_ms += (result->forward_ms - v->forward_ms) * (v->forward_ms > 0.0 ? 0.1 : 1.0);
    if (result->detector_ran)
        v->detect_ms = result->detect_ms;
    if (result->faces != v->faces_said)
        wt_log(WT_LOG_DEBUG, "window: faces %d", v->faces_said = result->faces);
    return true;
}

static void check_shaders(struct wt_viewer *v)
{
    int64_t now = wt_now_us();
    if (now - v->shaders_checked_us < 300000 || !getenv("WINGTIP_SHADER_DIR"))
        return;
    v->shaders_checked_us = now;
    v->redraw = true;
    wt_gl_program_refresh(&v->video.program);
    wt_gl_heat_refresh(&v->heat);
    wt_gl_overlay_refresh(&v->overlay);
}

static float panel_width(const struct wt_viewer *v, int width)
{
    return v->panel.open ? wt_ui_panel_width(v->ui, width) : 0.0f;
}

/* What is not for the frame: panel and microscope, side by side at the right. */
static float taken_width(const struct wt_viewer *v, int width)
{
    const float taken = panel_width(v, width) + wt_microscope_width(v, width);
    return fminf(taken, (float)width);
}

/* The picture keeps clear of them where that leaves it some room. */
static struct wt_layout lay_out(const struct wt_viewer *v)
{
    int width, height;
    wt_window_size(&v->window, &width, &height);
    const int beside = width - (int)taken_width(v, width);
    const struct wt_frame *frozen = wt_correct_frame(v);
    const struct wt_image *image = frozen     ? &frozen->image
                                   : v->shown ? &v->shown->frame->image
                                              : NULL;
    struct wt_layout layout =
        wt_layout_fit(beside >= width / 4 ? beside : width, height, image ? image->width : 4,
                      image ? image->height : 3, v->settings.view.mirror);
    layout.window_width = width;
    return layout;
}

/* The frame that is corrected, with its points alone. */
static void draw_frozen(struct wt_viewer *v, const struct wt_layout *layout)
{
    const struct wt_view view = {.landmarks = true, .mirror = v->settings.view.mirror};
    if (v->correct.upload)
        wt_gl_video_upload(&v->video, &wt_correct_frame(v)->image);
    v->correct.upload = false;
    wt_gl_video_draw(&v->video, layout);
    wt_gl_overlay_draw(&v->overlay, v->correct.result, &view, layout);
}

static void draw_picture(struct wt_viewer *v, const struct wt_layout *layout)
{
    int width = layout->window_width, height = layout->window_height;
    glViewport(0, 0, width, height);
    glDisable(GL_SCISSOR_TEST);
    if (v->prefs.theme == WT_THEME_LIGHT)
        glClearColor(0.84f, 0.86f, 0.88f, 1.0f);
    else
        glClearColor(0.055f, 0.06f, 0.07f, 1.0f);
    glClear(GL_COLOR_BUFFER_BIT);
    if (!v->shown)
        return;
    /* Overlays of a face that extends beyond the frame are clipped to the frame. */
    glEnable(GL_SCISSOR_TEST);
    glScissor((int)layout->left, height - (int)layout->bottom, (int)(layout->right - layout->left),
              (int)(layout->bottom - layout->top));
    if (wt_correct_frame(v)) {
        draw_frozen(v, layout);
    } else if (wt_split_shown(v)) {
        wt_gl_video_draw(&v->video, layout);
        wt_split_draw_sides(v, layout);
    } else {
        wt_gl_video_draw(&v->video, layout);
        wt_gl_heat_draw(&v->heat, &v->shown->result, &v->settings.view, layout);
        wt_gl_overlay_draw(&v->overlay, &v->shown->result, &v->settings.view, layout);
    }
    glDisable(GL_SCISSOR_TEST);
}

/* All but the picture. Returns whether it looks otherwise than what is on screen. */
static bool lay_out_widgets(struct wt_viewer *v, const struct wt_layout *layout)
{
    const float panel = panel_width(v, layout->window_width);
    const float taken = taken_width(v, layout->window_width);
    wt_ui_set_keys(v->ui, v->panel.keys);
    wt_ui_begin(v->ui);
    wt_correct_draw(v, layout);
    wt_split_draw(v, layout);
    wt_viewer_faces_draw(v, layout);
    wt_texts_draw(v->ui, &v->texts);
    if (taken < (float)layout->window_width)
        wt_viewer_draw_bars(v, (float)layout->window_width - taken);
    wt_microscope_draw(v, layout, (float)layout->window_width - panel);
    if (v->panel.open)
        wt_viewer_draw_panel(v, panel);
    v->drawn_texts = v->texts;
    return wt_ui_end(v->ui);
}

/* Returns whether it was drawn: a picture that is the same needs no drawing, unless the widgets
 * look otherwise. */
static bool draw(struct wt_viewer *v, const struct wt_layout *layout, bool another)
{
    v->redraw = false;
    const bool changed = lay_out_widgets(v, layout);
    v->redraw = v->redraw || wt_ui_again(v->ui);
    if (!another && !changed)
        return false;
    draw_picture(v, layout);
    wt_ui_paint(v->ui);
    v->drawn_layout = *layout;
    return true;
}

static void take_screenshot(struct wt_viewer *v, const struct wt_layout *layout)
{
    v->want_screenshot = false;
    wt_screenshots_take(v->screenshots, layout->window_width, layout->window_height, NULL,
                        v->prefs.screenshots);
}

static bool reached_frame_limit(const struct wt_viewer *v)
{
    const struct wt_live_status *s = &v->status;
    return v->config.frames > 0 && v->shown &&
           (s->tracked >= (uint64_t)v->config.frames || (s->ended && s->tracked > 0));
}

/* Bytes between members may differ where no member does: then the window is drawn once more. */
static bool same_bytes(const void *a, const void *b, size_t size)
{
    return memcmp(a, b, size) == 0;
}

/* Is the picture another one than on screen, or wanted anew? */
static bool is_another(const struct wt_viewer *v, const struct wt_layout *layout)
{
    return v->redraw || v->want_screenshot || !same_bytes(layout, &v->drawn_layout, sizeof *layout);
}

/* May widgets or texts look otherwise? */
static bool may_differ(const struct wt_viewer *v)
{
    return is_lively(v) || !same_bytes(&v->texts, &v->drawn_texts, sizeof v->texts);
}

/* In full screen the arrow goes when it rests. */
static void show_cursor(const struct wt_viewer *v)
{
    const bool needed = !wt_window_fullscreen(&v->window) || v->panel.open ||
                        wt_viewer_bars_alpha(v, wt_now_us()) > 0.0f;
    SDL_ShowCursor(needed ? SDL_ENABLE : SDL_DISABLE);
}

/* So that a test sees whether anything is drawn while nothing changes. */
static void tell_drawn(struct wt_viewer *v)
{
    const int64_t now = wt_now_us();
    if (v->drawn == v->drawn_said || now - v->drawn_said_us < 500000)
        return;
    v->drawn_said = v->drawn;
    v->drawn_said_us = now;
    wt_log(WT_LOG_DEBUG, "window drawn: %u", v->drawn);
}

/* For tests/bench/live.sh. */
static void tell_pace(const struct wt_viewer *v)
{
    const struct wt_live_status *s = &v->status;
    wt_log(WT_LOG_DEBUG,
           "window: %llu frames tracked, %llu of %llu left out, at last %.1f/s; camera to screen "
           "%.1f ms, 95 %% within %.1f",
           (unsigned long long)s->tracked, (unsigned long long)s->left_out,
           (unsigned long long)s->frames, s->rate, wt_quantiles_get(&v->latency, 0.5),
           wt_quantiles_get(&v->latency, 0.95));
}

/* Returns false after the last frame. */
static bool run_frame(struct wt_viewer *v)
{
    handle_events(v);
    wt_window_settle(&v->window);
    wt_viewer_check_model(v); /* and the status of this frame */
    wt_viewer_check_ease(v);
    wt_viewer_start_model(v);
    wt_viewer_follow_input(v);
    const bool taken = take_tracked(v);
    check_shaders(v);
    wt_teach_check(v);
    wt_mine_check(v);
    wt_split_check(v);
    wt_microscope_check(v, taken);
    wt_viewer_faces_check(v);
    wt_steady_check(v);
    wt_viewer_remember(v, false);
    wt_ui_set_look(v->ui, wt_window_scale(&v->window) * (float)v->prefs.text_size,
                   v->prefs.theme == WT_THEME_LIGHT);
    show_cursor(v);
    if (v->panel.open)
        wt_viewer_list_cameras(v);

    const struct wt_layout layout = lay_out(v);
    const bool bars = wt_viewer_bars_alpha(v, wt_now_us()) > 0.0f;
    wt_viewer_describe(v, &layout, (float)layout.window_width - taken_width(v, layout.window_width),
                       bars ? wt_viewer_bar_height(v) : 0.0f);
    const bool last = v->quit || wt_interrupted() || reached_frame_limit(v);
    tell_drawn(v);
    const bool another = taken || last || is_another(v, &layout);
    if (!another && !may_differ(v))
        return true;
    v->looked_us = wt_now_us();
    if (!draw(v, &layout, another)) {
        wt_window_pass(&v->window);
        return true;
    }
    if (v->want_screenshot)
        take_screenshot(v, &layout);
    if (last && v->config.last_picture)
        wt_screenshots_take(v->screenshots, layout.window_width, layout.window_height,
                            v->config.last_picture, NULL);
    wt_window_present(&v->window);
    v->looked_us = v->window.swapped_us;
    wt_rate_tick(&v->rate, wt_now_us());
    v->drawn++;
    if (taken && v->shown->captured_us > 0)
        wt_quantiles_add(&v->latency, (double)(v->window.swapped_us - v->shown->captured_us) / 1e3);
    return !last;
}

enum wt_status wt_viewer_run(struct wt_viewer *v, struct wt_live **live)
{
    v->live = *live;
    v->redraw = true;
    v->face_seen_us = wt_now_us();
    wt_live_set_news(v->live, on_news, v);
    if (v->config.label)
        wt_viewer_label_begin(v);
    else
        wt_mine_start(v);
    while (run_frame(v)) {
    }
    tell_pace(v);
    wt_live_set_news(v->live, NULL, NULL);
    enum wt_status status = wt_screenshots_wait(v->screenshots);
    /* Closing a camera may take a moment: do not show a frozen window meanwhile. */
    SDL_HideWindow(v->window.window);
    SDL_PumpEvents();
    wt_viewer_remember(v, true);
    wt_correct_leave(v);
    wt_split_end(v);
    wt_tracked_frame_release(&v->shown);
    wt_teach_leave(v);
    /* First of all camera and recording: nobody sees any more that they go on. */
    enum wt_status work = wt_live_stop(live);
    v->live = NULL;
    wt_teach_fini(v);
    wt_viewer_drop_model(v);
    wt_mine_end(v);
    return work ? work : status;
}
