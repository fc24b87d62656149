/* The frozen picture: points are dragged until they sit. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/notice.h"
#include "base/status.h"
#include "window/canvas_imgui.h"
#include "window/viewer_internal.h"

/* ---- frames of the last ten seconds -----------------------------------------------------------
 */

static struct wt_past_frame *past(struct wt_viewer_correct *c, int age)
{
    return age < 0 ? &c->other : &c->past[(c->newest - age + WT_PAST_FRAMES) % WT_PAST_FRAMES];
}

/* The one that is frozen. */
static struct wt_past_frame *here(struct wt_viewer_correct *c)
{
    return c->given.frame ? &c->given : past(c, c->age);
}

static void drop(struct wt_past_frame *p)
{
    wt_frame_unref(&p->frame);
}

static size_t bytes_of(const struct wt_frame *frame)
{
    return (size_t)frame->image.width * (size_t)frame->image.height * 3;
}

void wt_correct_keep(struct wt_viewer *v, const struct wt_tracked_frame *tracked)
{
    struct wt_viewer_correct *c = &v->correct;
    const int64_t now = wt_now_us();
    const size_t room = WT_PAST_BYTES / bytes_of(tracked->frame);
    const int most = room > WT_PAST_FRAMES ? WT_PAST_FRAMES : room < 1 ? 1 : (int)room;
    if (c->frozen)
        return;
    while (c->pasts && (c->pasts > most || now - past(c, c->pasts - 1)->taken_us > WT_PAST_US))
        drop(past(c, --c->pasts));
    /* The newest one always is the one on screen; older ones lie evenly. */
    const bool next =
        c->pasts < 2 || past(c, 0)->taken_us - past(c, 1)->taken_us > WT_PAST_US / most;
    if (next) {
        c->newest = (c->newest + 1) % WT_PAST_FRAMES;
        c->pasts += c->pasts < WT_PAST_FRAMES;
        if (c->pasts > most)
            drop(past(c, --c->pasts));
    }
    struct wt_past_frame *p = past(c, 0);
    drop(p);
    p->frame = wt_frame_ref(tracked->frame);
    p->taken_us = now;
    p->faces = tracked->result.faces < WT_PAST_FACES ? tracked->result.faces : WT_PAST_FACES;
    memcpy(p->face, tracked->result.face, (size_t)p->faces * sizeof *p->face);
}

void wt_correct_fini(struct wt_viewer *v)
{
    for (int i = 0; i < WT_PAST_FRAMES; i++)
        drop(&v->correct.past[i]);
    drop(&v->correct.other);
    drop(&v->correct.given);
    free(v->correct.result);
    v->correct.result = NULL;
}

/* ---- freezing ------------------------------------------------------------------------------ */

static void log_points_in(const struct wt_viewer *v, const struct wt_layout *layout)
{
    const struct wt_edit *e = &v->correct.edit;
    for (int i = 0; i < e->scheme->points; i++) {
        const struct wt_point at = wt_layout_point(layout, e->now.point[i]);
        wt_log(WT_LOG_DEBUG, "ui: point %d %d %d 1 1", i, (int)lroundf(at.x), (int)lroundf(at.y));
    }
}

static void log_points(const struct wt_viewer *v)
{
    log_points_in(v, &v->drawn_layout);
}

/* The overlay draws the face as it is corrected, alone. */
static void show(struct wt_viewer *v)
{
    struct wt_viewer_correct *c = &v->correct;
    struct wt_face *face = &c->result->face[0];
    *face = here(c)->face[c->face];
    face->maps = NULL;
    memcpy(face->point, c->edit.now.point, (size_t)face->points * sizeof *face->point);
    c->result->faces = 1;
    v->redraw = true;
}

static bool begin(struct wt_viewer *v)
{
    struct wt_viewer_correct *c = &v->correct;
    const struct wt_face *face = &here(c)->face[c->face];
    if (wt_edit_begin(&c->edit, face->point, face->points)) {
        wt_notice(WT_NOTICE_WARNING, "points of this model cannot be corrected");
        return false;
    }
    c->chosen = -1;
    c->held = false;
    c->upload = true;
    show(v);
    return true;
}

static int next_with_face(struct wt_viewer_correct *c, int age, int step)
{
    while (age >= 0 && age < c->pasts && !past(c, age)->faces)
        age += step;
    return age >= 0 && age < c->pasts ? age : -1;
}

void wt_correct_look(struct wt_viewer *v, int age)
{
    struct wt_viewer_correct *c = &v->correct;
    const int found = next_with_face(c, age, age >= c->age ? 1 : -1);
    if (!c->frozen || c->given.frame || found < 0 || found == c->age)
        return;
    c->age = found;
    c->face = 0;
    begin(v);
}

void wt_correct_next_face(struct wt_viewer *v)
{
    struct wt_viewer_correct *c = &v->correct;
    c->face = (c->face + 1) % here(c)->faces;
    begin(v);
}

void wt_correct_leave(struct wt_viewer *v)
{
    struct wt_viewer_correct *c = &v->correct;
    if (!c->frozen)
        return;
    c->frozen = c->held = c->looking = false;
    drop(&c->given);
    if (v->shown)
        wt_gl_video_upload(&v->video, &v->shown->frame->image);
    v->redraw = true;
}

static bool has_result(struct wt_viewer_correct *c)
{
    if (!c->result && !(c->result = calloc(1, sizeof *c->result)))
        wt_fail(WT_ERR_MEMORY, "out of memory");
    return c->result != NULL;
}

void wt_correct_open(struct wt_viewer *v, struct wt_frame *frame, const struct wt_face *face)
{
    struct wt_viewer_correct *c = &v->correct;
    if (!has_result(c))
        return;
    drop(&c->other);
    drop(&c->given);
    c->looking = false;
    c->other = (struct wt_past_frame){.frame = wt_frame_ref(frame), .faces = 1, .face = {*face}};
    c->age = -1;
    c->face = 0;
    c->frozen = begin(v);
    c->say = c->frozen;
}

bool wt_correct_look_at(struct wt_viewer *v, struct wt_frame *frame, const struct wt_point *point,
                        int points, const char *picture)
{
    struct wt_viewer_correct *c = &v->correct;
    if (c->frozen && !c->looking) {
        wt_notice(WT_NOTICE_NEWS, "first Enter, which keeps the points, or Esc");
        return false;
    }
    if (!has_result(c))
        return false;
    drop(&c->given);
    c->given = (struct wt_past_frame){.frame = wt_frame_ref(frame), .faces = 1};
    c->given.face[0].points = points;
    memcpy(c->given.face[0].point, point, (size_t)points * sizeof *point);
    snprintf(c->picture, sizeof c->picture, "%s", picture);
    c->face = 0;
    c->frozen = c->looking = begin(v);
    if (c->frozen)
        c->result->faces = 0; /* all of its points are drawn by viewer_faces.c */
    else
        drop(&c->given);
    return c->frozen;
}

void wt_correct_edit(struct wt_viewer *v)
{
    struct wt_viewer_correct *c = &v->correct;
    if (!c->looking)
        return;
    c->looking = false;
    show(v);
    log_points(v);
    wt_notice(WT_NOTICE_NEWS, "correct the points; Enter keeps them instead, Esc does not");
}

void wt_correct_toggle(struct wt_viewer *v)
{
    struct wt_viewer_correct *c = &v->correct;
    if (v->config.label) {
        wt_notice(WT_NOTICE_NEWS, "Enter labels this face, Backspace skips it, Q ends");
        return;
    }
    if (c->frozen) {
        const bool looked = c->looking;
        wt_correct_leave(v);
        wt_notice(WT_NOTICE_NEWS, looked ? "live again" : "not kept; the picture goes on");
        return;
    }
    const int age = next_with_face(c, 0, 1);
    if (age < 0) {
        wt_notice(WT_NOTICE_NEWS, "no face of the last 10 seconds to correct");
        return;
    }
    if (!has_result(c))
        return;
    c->age = age;
    c->face = 0;
    c->frozen = begin(v);
    if (!c->frozen)
        return;
    log_points(v);
    wt_notice(WT_NOTICE_NEWS, "correct the points; Enter keeps them, Esc does not");
}

const struct wt_frame *wt_correct_frame(const struct wt_viewer *v)
{
    const struct wt_viewer_correct *c = &v->correct;
    return c->frozen ? here((struct wt_viewer_correct *)c)->frame : NULL;
}

/* ---- keys ---------------------------------------------------------------------------------- */

static void nudge(struct wt_viewer *v, int dx, int dy)
{
    struct wt_viewer_correct *c = &v->correct;
    if (c->chosen < 0)
        wt_notice(WT_NOTICE_NEWS, "click a point first; then arrows move it");
    else
        wt_edit_nudge(&c->edit, c->chosen, (float)(v->settings.view.mirror ? -dx : dx), (float)dy);
}

static bool act_on_points(struct wt_viewer *v, enum wt_action action, int argument)
{
    struct wt_viewer_correct *c = &v->correct;
    switch (action) {
    case WT_ACTION_JUMP:
        nudge(v, argument > 0 ? 1 : -1, 0);
        return true;
    case WT_ACTION_NUDGE:
        nudge(v, 0, argument);
        return true;
    case WT_ACTION_UNDO:
        wt_notice(WT_NOTICE_NEWS, wt_edit_undo(&c->edit) ? "taken back" : "nothing to take back");
        return true;
    case WT_ACTION_REDO:
        wt_notice(WT_NOTICE_NEWS, wt_edit_redo(&c->edit) ? "done again" : "nothing to do again");
        return true;
    case WT_ACTION_HIDE:
    case WT_ACTION_OTHER_SIDE:
        if (c->chosen < 0) {
            wt_notice(WT_NOTICE_NEWS, "click a point first");
        } else if (action == WT_ACTION_HIDE) {
            wt_edit_hide(&c->edit, c->chosen);
            wt_notice(WT_NOTICE_NEWS, "point %d %s", c->chosen,
                      c->edit.now.hidden[c->chosen] ? "cannot be seen" : "can be seen");
        } else {
            wt_edit_mirror(&c->edit, c->chosen);
            wt_notice(WT_NOTICE_NEWS, "this side is now as the other one");
        }
        return true;
    default:
        return false;
    }
}

/* While a kept correction is looked at, keys do not move its points, nor what plays behind it. */
static bool is_for_points(enum wt_action action)
{
    return action == WT_ACTION_JUMP || action == WT_ACTION_NUDGE || action == WT_ACTION_UNDO ||
           action == WT_ACTION_REDO || action == WT_ACTION_HIDE || action == WT_ACTION_OTHER_SIDE ||
           action == WT_ACTION_OLDER;
}

bool wt_correct_act(struct wt_viewer *v, enum wt_action action, int argument)
{
    struct wt_viewer_correct *c = &v->correct;
    if (!c->frozen)
        return false;
    if (c->looking)
        return is_for_points(action);
    if (act_on_points(v, action, argument)) {
        show(v);
        log_points(v);
        return true;
    }
    switch (action) {
    case WT_ACTION_OLDER:
        if (v->config.label)
            wt_viewer_label_step(v, -argument);
        else
            wt_correct_look(v, c->age + argument);
        return true;
    case WT_ACTION_SKIP:
        if (v->config.label)
            wt_viewer_label_set(v, true);
        return true;
    case WT_ACTION_PAUSE:
    case WT_ACTION_STEP:
        wt_notice(WT_NOTICE_NEWS, "first Enter, which keeps the points, or Esc");
        return true;
    default:
        return false;
    }
}

/* ---- the mouse ----------------------------------------------------------------------------- */

static struct wt_point place_in_frame(const struct wt_viewer *v, int x, int y)
{
    const struct wt_layout *l = &v->drawn_layout;
    const struct wt_point at = wt_viewer_pixels(v, x, y);
    float u = (at.x - l->left) / (l->right - l->left);
    const float w = (at.y - l->top) / (l->bottom - l->top);
    u = l->mirror ? 1.0f - u : u;
    return (struct wt_point){u * (float)l->frame_width - 0.5f, w * (float)l->frame_height - 0.5f};
}

static int point_at(const struct wt_viewer *v, struct wt_point at)
{
    return wt_edit_nearest(&v->correct.edit, at,
                           wt_canvas_handle_reach(v->ui) / v->drawn_layout.scale);
}

static void press(struct wt_viewer *v, const SDL_MouseButtonEvent *button)
{
    struct wt_viewer_correct *c = &v->correct;
    const struct wt_point at = place_in_frame(v, button->x, button->y);
    const int point = point_at(v, at);
    if (button->button == SDL_BUTTON_RIGHT && point >= 0) {
        c->chosen = point;
        wt_correct_act(v, WT_ACTION_HIDE, 0);
    }
    if (button->button != SDL_BUTTON_LEFT)
        return;
    c->all = SDL_GetModState() & KMOD_SHIFT;
    c->chosen = point;
    c->held = c->all || point >= 0;
    c->grabbed = at;
    if (c->held)
        wt_edit_grab(&c->edit);
}

static void move(struct wt_viewer *v, int x, int y)
{
    struct wt_viewer_correct *c = &v->correct;
    c->mouse = place_in_frame(v, x, y);
    if (!c->held)
        return;
    wt_edit_drag(&c->edit, c->all ? -1 : c->chosen, c->mouse.x - c->grabbed.x,
                 c->mouse.y - c->grabbed.y);
    show(v);
}

bool wt_correct_mouse(struct wt_viewer *v, const SDL_Event *event)
{
    struct wt_viewer_correct *c = &v->correct;
    if (!c->frozen || c->looking)
        return false;
    if (event->type == SDL_MOUSEMOTION)
        move(v, event->motion.x, event->motion.y);
    else if (event->type == SDL_MOUSEBUTTONDOWN && !wt_ui_has_mouse(v->ui))
        press(v, &event->button);
    else if (event->type == SDL_MOUSEBUTTONUP && c->held) {
        move(v, event->button.x, event->button.y);
        c->held = false;
        wt_edit_drop(&c->edit);
        log_points(v);
    }
    return event->type == SDL_MOUSEBUTTONDOWN;
}

/* ---- drawing ------------------------------------------------------------------------------- */

static void draw_loupe(struct wt_viewer *v, const struct wt_layout *l, struct wt_point at,
                       struct wt_point place)
{
    const float zoom = fmaxf(4.0f, 3.0f * l->scale);
    const struct wt_loupe loupe = {.texture = v->video.texture,
                                   .u = (at.x + 0.5f) / (float)l->frame_width,
                                   .v = (at.y + 0.5f) / (float)l->frame_height,
                                   .pixel_u = 1.0f / (float)l->frame_width,
                                   .pixel_v = 1.0f / (float)l->frame_height,
                                   .zoom = zoom,
                                   .mirror = l->mirror,
                                   .x = place.x,
                                   .y = place.y,
                                   .left = l->left,
                                   .top = l->top,
                                   .right = l->right,
                                   .bottom = l->bottom};
    wt_canvas_loupe(v->ui, &loupe);
}

void wt_correct_draw(struct wt_viewer *v, const struct wt_layout *layout)
{
    struct wt_viewer_correct *c = &v->correct;
    if (!c->frozen || c->looking)
        return;
    if (c->say)
        log_points_in(v, layout); /* of a frame of another size, which is in no layout before */
    c->say = false;
    const struct wt_edit_state *now = &c->edit.now;
    const int over = c->held || wt_ui_has_mouse(v->ui) ? -1 : point_at(v, c->mouse);
    const int looked_at = c->held && !c->all ? c->chosen : over;
    for (int i = 0; i < c->edit.scheme->points; i++) {
        const struct wt_point at = wt_layout_point(layout, now->point[i]);
        wt_canvas_handle(v->ui, at.x, at.y,
                         now->hidden[i]                     ? WT_HANDLE_HIDDEN
                         : i == looked_at && c->held        ? WT_HANDLE_HELD
                         : i == looked_at || i == c->chosen ? WT_HANDLE_CHOSEN
                                                            : WT_HANDLE_PLAIN);
    }
    if (looked_at >= 0)
        draw_loupe(v, layout, now->point[looked_at],
                   wt_layout_point(layout, now->point[looked_at]));
}
