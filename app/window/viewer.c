#include "window/viewer_internal.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/notice.h"
#include "base/status.h"
#include "cli/interrupt.h"

/* ---- beginning and end --------------------------------------------------------------------- */

static void first_size(const struct wt_viewer_config *config, const struct wt_source_info *source,
                       int *width, int *height)
{
    *width = config->width;
    *height = config->height;
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
        status = wt_panel_create(&v->ui, v->window.window, v->window.context,
                                 wt_window_scale(&v->window));
    return status;
}

enum wt_status wt_viewer_create(struct wt_viewer **out, const struct wt_viewer_config *config,
                                const struct wt_source_info *source)
{
    struct wt_viewer *v = calloc(1, sizeof *v);
    if (!v)
        return wt_fail(WT_ERR_MEMORY, "out of memory");
    v->config = *config;
    v->settings = config->settings;
    v->show_status = !config->hide_status;
    int width, height;
    first_size(config, source, &width, &height);
    enum wt_status status = wt_window_open(&v->window, "Wingtip", width, height);
    if (!status)
        status = create_drawing(v);
    if (status) {
        wt_viewer_destroy(&v);
        return status;
    }
    if (config->fullscreen)
        wt_window_toggle_fullscreen(&v->window);
    *out = v;
    return WT_OK;
}

void wt_viewer_destroy(struct wt_viewer **viewer)
{
    struct wt_viewer *v = *viewer;
    if (!v)
        return;
    wt_screenshots_destroy(&v->screenshots);
    if (v->window.context) {
        wt_panel_destroy(&v->ui);
        wt_gl_overlay_fini(&v->overlay);
        wt_gl_heat_fini(&v->heat);
        wt_gl_video_fini(&v->video);
        wt_window_close(&v->window);
    }
    free(v);
    *viewer = NULL;
}

/* ---- a frame of the window ----------------------------------------------------------------- */

static void handle_event(struct wt_viewer *v, const SDL_Event *event)
{
    const struct wt_key *key;
    wt_panel_event(v->ui, event);
    switch (event->type) {
    case SDL_QUIT:
        v->quit = true;
        break;
    case SDL_KEYDOWN:
        key = wt_key_find(&event->key.keysym);
        /* Key repeat is used only for stepping and jumping. */
        if (key &&
            (!event->key.repeat || key->action == WT_ACTION_STEP || key->action == WT_ACTION_JUMP))
            wt_viewer_act(v, key->action, key->argument);
        break;
    case SDL_DROPFILE:
        wt_viewer_open(v, event->drop.file);
        SDL_free(event->drop.file);
        break;
    default:
        break;
    }
}

static void take_tracked(struct wt_viewer *v)
{
    struct wt_tracked_frame *tracked = wt_live_take(v->live);
    if (!tracked)
        return;
    wt_tracked_frame_release(&v->shown);
    v->shown = tracked;
    wt_gl_video_upload(&v->video, &tracked->frame->image);
    wt_gl_heat_invalidate(&v->heat);
    const struct wt_result *result = &tracked->result;
    if (result->forward_ms > 0.05) /* the network has run */
        v->forward_ms += (result->forward_ms - v->forward_ms) * (v->forward_ms > 0.0 ? 0.1 : 1.0);
    if (result->detector_ran)
        v->detect_ms = result->detect_ms;
}

/* Cameras are mirrored by default, files are not; applied at the start and when the input changes.
 */
static void set_default_mirror(struct wt_viewer *v, enum wt_source_kind before)
{
    if (v->status.source.kind == before)
        return;
    v->settings.view.mirror = v->status.source.kind == WT_SOURCE_CAMERA;
    wt_live_configure(v->live, &v->settings);
}

static void check_shaders(struct wt_viewer *v)
{
    int64_t now = wt_now_us();
    if (now - v->shaders_checked_us < 300000 || !getenv("WINGTIP_SHADER_DIR"))
        return;
    v->shaders_checked_us = now;
    wt_gl_program_refresh(&v->video.program);
    wt_gl_heat_refresh(&v->heat);
    wt_gl_overlay_refresh(&v->overlay);
}

static void draw(struct wt_viewer *v, const struct wt_layout *layout)
{
    int width = layout->window_width, height = layout->window_height;
    glViewport(0, 0, width, height);
    glDisable(GL_SCISSOR_TEST);
    glClearColor(0.055f, 0.06f, 0.07f, 1.0f);
    glClear(GL_COLOR_BUFFER_BIT);
    if (v->shown) {
        /* Overlays of a face that extends beyond the frame are clipped to the frame. */
        glEnable(GL_SCISSOR_TEST);
        glScissor((int)layout->left, height - (int)layout->bottom,
                  (int)(layout->right - layout->left), (int)(layout->bottom - layout->top));
        wt_gl_video_draw(&v->video, layout);
        wt_gl_heat_draw(&v->heat, &v->shown->result, &v->settings.view, layout);
        wt_gl_overlay_draw(&v->overlay, &v->shown->result, &v->settings.view, layout);
        glDisable(GL_SCISSOR_TEST);
    }
    wt_viewer_describe(v, layout);
    wt_panel_draw(v->ui, &v->panel);
}

static void take_screenshot(struct wt_viewer *v, const struct wt_layout *layout)
{
    v->want_screenshot = false;
    wt_screenshots_take(v->screenshots, layout->window_width, layout->window_height, NULL,
                        v->config.screenshots);
}

static bool reached_frame_limit(const struct wt_viewer *v)
{
    const struct wt_live_status *s = &v->status;
    return v->config.frames > 0 && v->shown &&
           (s->tracked >= (uint64_t)v->config.frames || (s->ended && s->tracked > 0));
}

/* Returns false after the last frame. */
static bool draw_frame(struct wt_viewer *v)
{
    enum wt_source_kind kind = v->status.source.kind;
    SDL_Event event;
    while (SDL_PollEvent(&event))
        handle_event(v, &event);
    v->status = wt_live_get_status(v->live);
    set_default_mirror(v, kind);
    take_tracked(v);
    check_shaders(v);
    wt_panel_set_scale(v->ui, wt_window_scale(&v->window));

    int width, height;
    wt_window_size(&v->window, &width, &height);
    const struct wt_image *image = v->shown ? &v->shown->frame->image : NULL;
    struct wt_layout layout = wt_layout_fit(width, height, image ? image->width : 4,
                                            image ? image->height : 3, v->settings.view.mirror);
    draw(v, &layout);
    bool last = v->quit || wt_interrupted() || reached_frame_limit(v);
    if (v->want_screenshot)
        take_screenshot(v, &layout);
    if (last && v->config.last_picture)
        wt_screenshots_take(v->screenshots, width, height, v->config.last_picture, NULL);
    wt_window_present(&v->window);
    wt_rate_tick(&v->rate, wt_now_us());
    return !last;
}

enum wt_status wt_viewer_run(struct wt_viewer *v, struct wt_live **live)
{
    v->live = *live;
    v->status = wt_live_get_status(v->live);
    v->face_seen_us = wt_now_us();
    while (draw_frame(v)) {
    }
    enum wt_status status = wt_screenshots_wait(v->screenshots);
    /* Closing a camera may take a moment: do not show a frozen window meanwhile. */
    SDL_HideWindow(v->window.window);
    SDL_PumpEvents();
    wt_tracked_frame_release(&v->shown);
    enum wt_status work = wt_live_stop(live);
    v->live = NULL;
    return work ? work : status;
}
