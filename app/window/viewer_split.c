#include "window/viewer_split.h"

#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/notice.h"
#include "window/canvas_imgui.h"
#include "window/viewer_internal.h"

#define MIDDLE 0.5f
#define EDGE 0.02f /* so near to the picture's edge the divider can still be taken */

/* ---- what is compared ------------------------------------------------------------------------ */

static void stop(struct wt_viewer *v)
{
    if (v->split.asked)
        wt_live_compare(v->live, false, NULL);
    v->split.asked = false;
}

void wt_split_end(struct wt_viewer *v)
{
    if (!v->split.on)
        return;
    stop(v);
    v->split.on = v->split.held = false;
    v->split.said = 0;
    v->redraw = true;
}

void wt_split_toggle(struct wt_viewer *v)
{
    struct wt_viewer_split *s = &v->split;
    if (s->on) {
        wt_split_end(v);
        wt_notice(WT_NOTICE_NEWS, "one picture again");
        return;
    }
    if (!v->teach.profile) {
        wt_notice(WT_NOTICE_NEWS, "no profile to compare with: C corrects points");
        return;
    }
    if (v->teach.off)
        wt_teach_compare(v); /* the right side is with the profile */
    s->on = true;
    s->at = s->at > 0.0f ? s->at : MIDDLE;
    v->redraw = true;
    wt_notice(WT_NOTICE_NEWS, "before left of the line, after right of it; drag the line");
}

/* Where the profile has weights of its own, the original ones run beside them; else the model in
 * use does, which is the original one. */
void wt_split_check(struct wt_viewer *v)
{
    struct wt_viewer_split *s = &v->split;
    const struct wt_profile *p = v->teach.profile;
    struct wt_model *model = NULL;
    wt_viewer_split_model(v, &model); /* one that was opened for it */
    if (s->on && !p)
        wt_split_end(v);
    if (!s->on) {
        wt_model_close(&model);
        return;
    }
    if (model) {
        wt_live_compare(v->live, true, model);
        s->asked = s->own_weights = true;
    }
    /* Not between two models: what runs now is not what the profile has. */
    if (wt_viewer_loading(v) || v->split_loader.busy)
        return;
    const bool others = v->model_seen && wt_viewer_split_stale(v);
    if (s->asked && s->own_weights == p->learned && !others)
        return;
    if (p->learned) {
        wt_viewer_load_split(v, p->base.text);
        if (!v->split_loader.busy) { /* logged */
            wt_split_end(v);
            return;
        }
    } else {
        wt_live_compare(v->live, true, NULL);
        s->own_weights = false;
    }
    s->asked = true;
}

bool wt_split_shown(const struct wt_viewer *v)
{
    return v->split.on && v->shown && v->shown->compared && !wt_correct_frame(v);
}

void wt_split_fini(struct wt_viewer *v)
{
    struct wt_viewer_split *s = &v->split;
    if (s->heat_made)
        wt_gl_heat_fini(&s->heat);
    s->heat_made = false;
    for (int i = 0; i < 2; i++) {
        if (s->cursor[i])
            SDL_FreeCursor(s->cursor[i]);
        s->cursor[i] = NULL;
    }
}

/* ---- the mouse ------------------------------------------------------------------------------- */

static float place_of(const struct wt_viewer_split *s, const struct wt_layout *l)
{
    return floorf(l->left + s->at * (l->right - l->left)) + 0.5f;
}

/* For tests, as widgets' places are. */
static void say_place(struct wt_viewer_split *s, const struct wt_layout *l)
{
    const int x = (int)place_of(s, l);
    if (x != s->said)
        wt_log(WT_LOG_DEBUG, "ui: divider %d %d 1 1", x, (int)(0.5f * (l->top + l->bottom)));
    s->said = x;
}

static bool over(const struct wt_viewer *v, struct wt_point at)
{
    const struct wt_layout *l = &v->drawn_layout;
    return !wt_ui_has_mouse(v->ui) && at.y >= l->top && at.y < l->bottom &&
           fabsf(at.x - place_of(&v->split, l)) <= wt_canvas_handle_reach(v->ui);
}

static void show_cursor(struct wt_viewer_split *s, bool on_line)
{
    static const SDL_SystemCursor kind[] = {SDL_SYSTEM_CURSOR_ARROW, SDL_SYSTEM_CURSOR_SIZEWE};
    if (!s->cursor[on_line])
        s->cursor[on_line] = SDL_CreateSystemCursor(kind[on_line]);
    if (s->cursor[on_line] && SDL_GetCursor() != s->cursor[on_line])
        SDL_SetCursor(s->cursor[on_line]);
}

static void drag(struct wt_viewer *v, struct wt_point at)
{
    const struct wt_layout *l = &v->drawn_layout;
    const float place = (at.x - l->left) / fmaxf(l->right - l->left, 1.0f);
    v->split.at = fminf(fmaxf(place, EDGE), 1.0f - EDGE);
    v->redraw = true;
}

bool wt_split_mouse(struct wt_viewer *v, const SDL_Event *event)
{
    struct wt_viewer_split *s = &v->split;
    if (event->type == SDL_MOUSEMOTION) {
        const struct wt_point at = wt_viewer_pixels(v, event->motion.x, event->motion.y);
        if (s->held)
            drag(v, at);
        if (s->held || s->cursor[1])
            show_cursor(s, s->held || (wt_split_shown(v) && over(v, at)));
        else if (wt_split_shown(v) && over(v, at))
            show_cursor(s, true);
        return false; /* the bars see it, too */
    }
    if (event->type == SDL_MOUSEBUTTONUP && event->button.button == SDL_BUTTON_LEFT && s->held) {
        drag(v, wt_viewer_pixels(v, event->button.x, event->button.y));
        s->held = false;
        return true;
    }
    if (event->type != SDL_MOUSEBUTTONDOWN || event->button.button != SDL_BUTTON_LEFT ||
        !wt_split_shown(v) || !over(v, wt_viewer_pixels(v, event->button.x, event->button.y)))
        return false;
    s->held = true;
    v->redraw = true;
    return true;
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void draw_side(struct wt_viewer *v, const struct wt_layout *l, struct wt_gl_heat *heat,
                      const struct wt_result *result, float from, float to)
{
    const int left = (int)from, right = (int)to;
    glScissor(left, l->window_height - (int)l->bottom, right > left ? right - left : 0,
              (int)(l->bottom - l->top));
    if (heat)
        wt_gl_heat_draw(heat, result, &v->settings.view, l);
    wt_gl_overlay_draw(&v->overlay, result, &v->settings.view, l);
}

void wt_split_draw_sides(struct wt_viewer *v, const struct wt_layout *l)
{
    struct wt_viewer_split *s = &v->split;
    const float at = floorf(place_of(s, l));
    if (!s->heat_made) /* at first use: most never compare */
        s->heat_made = !wt_gl_heat_init(&s->heat);
    draw_side(v, l, s->heat_made ? &s->heat : NULL, &v->shown->before, l->left, at);
    draw_side(v, l, &v->heat, &v->shown->result, at, l->right);
}

void wt_split_draw(struct wt_viewer *v, const struct wt_layout *l)
{
    struct wt_viewer_split *s = &v->split;
    char after[96];
    if (!wt_split_shown(v))
        return;
    snprintf(after, sizeof after, "after: profile %s", v->teach.profile->name);
    const bool bars = wt_viewer_bars_alpha(v, wt_now_us()) > 0.0f;
    const struct wt_divider d = {.x = place_of(s, l),
                                 .left = l->left,
                                 .right = l->right,
                                 .top = l->top,
                                 .bottom = l->bottom,
                                 .low = bars ? wt_viewer_bar_height(v) : 0.0f,
                                 .before = "before: original",
                                 .after = after,
                                 .held = s->held};
    wt_canvas_divider(v->ui, &d);
    say_place(s, l);
}
