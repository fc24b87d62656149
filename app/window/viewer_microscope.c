#include "window/viewer_microscope.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/notice.h"
#include "base/status.h"
#include "window/canvas_imgui.h"
#include "window/scope_imgui.h"
#include "window/viewer_internal.h"

/* A face that is gone for longer does not come back under its id (wingtip.h): another one is taken.
 */
#define GONE_US 1200000

/* ---- which point ----------------------------------------------------------------------------- */

static const struct wt_face *face_of(const struct wt_viewer *v, uint32_t id)
{
    for (int i = 0; v->shown && i < v->shown->result.faces; i++)
        if (v->shown->result.face[i].id == id)
            return &v->shown->result.face[i];
    return NULL;
}

/* The point nearest to a place of the frame, within reach; false: none. */
static bool nearest(const struct wt_viewer *v, struct wt_point at, float reach, uint32_t *id,
                    int *point)
{
    float best = reach;
    bool found = false;
    for (int i = 0; v->shown && i < v->shown->result.faces; i++) {
        const struct wt_face *face = &v->shown->result.face[i];
        struct wt_point p[WT_POINTS_MAX];
        const int n = wt_view_points(&v->settings.view, face, p);
        for (int k = 0; k < n; k++) {
            const float d = hypotf(p[k].x - at.x, p[k].y - at.y);
            if (d > best)
                continue;
            best = d;
            *id = face->id;
            *point = k;
            found = true;
        }
    }
    return found;
}

static bool least_sure(const struct wt_viewer *v, uint32_t *id, int *point)
{
    const struct wt_face *face =
        v->shown && v->shown->result.faces ? &v->shown->result.face[0] : NULL;
    float confidence[WT_POINTS_MAX];
    const int n = face ? wt_view_confidences(&v->settings.view, face, confidence) : 0;
    for (int i = 0; i < n; i++)
        if (i == 0 || confidence[i] < confidence[*point])
            *point = i;
    if (face)
        *id = face->id;
    return n > 0;
}

/* A place of the window, in the frame. */
static struct wt_point in_frame(const struct wt_layout *l, struct wt_point at)
{
    const float x = (at.x - l->left) / l->scale - 0.5f, y = (at.y - l->top) / l->scale - 0.5f;
    return (struct wt_point){l->mirror ? (float)(l->frame_width - 1) - x : x, y};
}

static bool under_mouse(const struct wt_viewer *v, struct wt_point at, uint32_t *id, int *point)
{
    const struct wt_layout *l = &v->drawn_layout;
    if (wt_ui_has_mouse(v->ui) || !(l->scale > 0.0f) || at.x < l->left || at.x >= l->right ||
        at.y < l->top || at.y >= l->bottom)
        return false;
    return nearest(v, in_frame(l, at), wt_canvas_handle_reach(v->ui) / l->scale, id, point);
}

/* ---- open and closed ------------------------------------------------------------------------- */

/* Other programs' points are made of the network's: which ones. */
static void find_sources(struct wt_viewer *v, const struct wt_face *face)
{
    struct wt_viewer_microscope *m = &v->microscope;
    struct wt_point unused[WT_POINTS_MAX];
    m->scheme = wt_view_points(&v->settings.view, face, unused);
    if (m->network != face->points)
        m->asked = 0; /* the boundary is another channel */
    m->network = face->points;
    m->point = m->point < m->scheme ? m->point : 0;
    m->sources = wt_points_sources(face->points, m->scheme, m->point, m->source);
}

/* The point of the scheme that is shown now that lies where the chosen one is. */
static void follow_scheme(struct wt_viewer *v, const struct wt_face *face)
{
    struct wt_viewer_microscope *m = &v->microscope;
    struct wt_point p[WT_POINTS_MAX];
    const int n = wt_view_points(&v->settings.view, face, p);
    if (n == m->scheme && face->points == m->network)
        return;
    m->made = m->said = false;
    m->point = 0;
    for (int i = 1; i < n; i++)
        if (hypotf(p[i].x - m->at.x, p[i].y - m->at.y) <
            hypotf(p[m->point].x - m->at.x, p[m->point].y - m->at.y))
            m->point = i;
    find_sources(v, face);
}

static void ask(struct wt_viewer *v)
{
    struct wt_viewer_microscope *m = &v->microscope;
    if (m->asked == m->face && m->asked_point[0] == m->source[0] &&
        m->asked_point[1] == m->source[1])
        return;
    int channel[WT_PROBE_CHANNELS] = {m->source[0], m->source[1]};
    channel[m->sources] = m->network; /* the boundary */
    m->asked = m->face;
    m->asked_point[0] = m->source[0];
    m->asked_point[1] = m->source[1];
    m->made = m->said = false;
    wt_live_probe(v->live, m->face, channel, m->sources + 1);
}

void wt_microscope_open(struct wt_viewer *v, uint32_t id, int point)
{
    struct wt_viewer_microscope *m = &v->microscope;
    const struct wt_face *face = face_of(v, id);
    struct wt_point p[WT_POINTS_MAX];
    if (!face)
        return;
    m->scope = m->scope ? m->scope : calloc(1, sizeof *m->scope);
    m->view = m->view ? m->view : calloc(1, sizeof *m->view);
    if (!m->scope || !m->view) {
        wt_fail(WT_ERR_MEMORY, "out of memory for the microscope");
        return;
    }
    m->on = true;
    m->face = id;
    m->point = point;
    m->lost_us = 0;
    find_sources(v, face);
    wt_view_points(&v->settings.view, face, p);
    m->at = p[m->point];
    ask(v);
    v->redraw = true;
}

void wt_microscope_close(struct wt_viewer *v)
{
    struct wt_viewer_microscope *m = &v->microscope;
    if (!m->on)
        return;
    m->on = false;
    m->asked = 0;
    wt_live_probe(v->live, 0, NULL, 0);
    wt_log(WT_LOG_DEBUG, "microscope: closed");
    v->redraw = true;
}

void wt_microscope_toggle(struct wt_viewer *v)
{
    uint32_t id = 0;
    int point = 0;
    if (v->microscope.on) {
        wt_microscope_close(v);
        return;
    }
    const struct wt_point mouse = wt_viewer_pixels(v, v->mouse_x, v->mouse_y);
    if (under_mouse(v, mouse, &id, &point) || least_sure(v, &id, &point))
        wt_microscope_open(v, id, point);
    else
        wt_notice(WT_NOTICE_NEWS, "no face to look at");
}

void wt_microscope_fini(struct wt_viewer *v)
{
    struct wt_viewer_microscope *m = &v->microscope;
    glDeleteTextures(3, m->texture); /* zeros are ignored */
    memset(m->texture, 0, sizeof m->texture);
    free(m->scope);
    free(m->view);
    m->scope = NULL;
    m->view = NULL;
}

bool wt_microscope_mouse(struct wt_viewer *v, const SDL_Event *event)
{
    uint32_t id;
    int point;
    const bool shown = v->settings.view.landmarks || v->settings.view.ellipses;
    if (event->type != SDL_MOUSEBUTTONDOWN || event->button.button != SDL_BUTTON_LEFT || !shown ||
        wt_correct_frame(v) || v->show_help ||
        !under_mouse(v, wt_viewer_pixels(v, event->button.x, event->button.y), &id, &point))
        return false;
    wt_microscope_open(v, id, point);
    return v->microscope.on;
}

/* ---- frame by frame -------------------------------------------------------------------------- */

/* The face that is nearest to where the point was, once its own is gone. */
static void take_another(struct wt_viewer *v)
{
    struct wt_viewer_microscope *m = &v->microscope;
    uint32_t id;
    int point;
    if (nearest(v, m->at, INFINITY, &id, &point))
        wt_microscope_open(v, id, m->point);
}

void wt_microscope_check(struct wt_viewer *v, bool taken)
{
    struct wt_viewer_microscope *m = &v->microscope;
    if (!m->on)
        return;
    if (wt_correct_frame(v)) {
        wt_microscope_close(v);
        return;
    }
    const struct wt_face *face = face_of(v, m->face);
    const int64_t now = wt_now_us();
    m->made = m->made && !taken;
    if (!face) {
        m->lost_us = m->lost_us ? m->lost_us : now;
        if (now - m->lost_us > GONE_US)
            take_another(v);
        return;
    }
    struct wt_point p[WT_POINTS_MAX];
    m->lost_us = 0;
    follow_scheme(v, face);
    wt_view_points(&v->settings.view, face, p);
    m->at = p[m->point];
    ask(v);
}

float wt_microscope_width(const struct wt_viewer *v, int width)
{
    return v->microscope.on ? wt_scope_width(v->ui, width) : 0.0f;
}

static void upload(unsigned *texture, int filter, int width, int height, const void *rgb)
{
    if (!*texture)
        *texture = wt_gl_texture(GL_TEXTURE_2D, filter);
    glBindTexture(GL_TEXTURE_2D, *texture);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGB8, width, height, 0, GL_RGB, GL_UNSIGNED_BYTE, rgb);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
}

bool wt_microscope_has(const struct wt_viewer *v)
{
    const struct wt_viewer_microscope *m = &v->microscope;
    const struct wt_probe *p = v->shown ? v->shown->probe : NULL;
    if (!p || !p->seen || p->id != m->face || p->channels != m->sources + 1)
        return false;
    for (int k = 0; k < m->sources; k++)
        if (p->channel[k] != m->source[k])
            return false;
    return m->sources > 0;
}

/* For tests: once for what was asked, and where the number of stacks that run changes. */
static void say(struct wt_viewer_microscope *m, const struct wt_probe *p)
{
    const struct wt_scope_peak *peak = &m->scope->peak[p->stacks_run - 1][0];
    if (m->said && m->said_run == p->stacks_run)
        return;
    m->said = true;
    m->said_run = p->stacks_run;
    wt_log(WT_LOG_DEBUG,
           "microscope: face %u, point %d of %d, channels %d %d, %d of %d stacks, cell %d %d",
           m->face, m->point, m->scheme, m->source[0], m->source[1], p->stacks_run, p->stacks,
           peak->row, peak->column);
}

static void make(struct wt_viewer *v)
{
    struct wt_viewer_microscope *m = &v->microscope;
    const struct wt_probe *p = v->shown ? v->shown->probe : NULL;
    if (m->made)
        return;
    m->made = true;
    if (wt_microscope_has(v)) {
        const struct wt_view *view = &v->settings.view;
        wt_scope_make(m->scope, p, m->sources, view->heatmap_palette, view->boundary_palette);
        upload(&m->texture[0], GL_LINEAR, WT_SCOPE_WIDTH, WT_SCOPE_HEIGHT, m->scope->maps);
        upload(&m->texture[1], GL_LINEAR, WT_SCOPE_CLOSE, WT_SCOPE_CLOSE, m->scope->close);
        upload(&m->texture[2], GL_LINEAR, p->input_size, p->input_size, p->crop);
        say(m, p);
    }
    wt_microscope_describe(v);
}

void wt_microscope_draw(struct wt_viewer *v, const struct wt_layout *l, float right)
{
    struct wt_viewer_microscope *m = &v->microscope;
    if (!m->on)
        return;
    make(v);
    const struct wt_point at = wt_layout_point(l, m->at);
    if (!m->lost_us)
        wt_canvas_handle(v->ui, at.x, at.y, WT_HANDLE_HELD); /* a ring, on dots of any colour */
    const float width = wt_microscope_width(v, l->window_width);
    const int step[] = {[WT_SCOPE_PREVIOUS] = -1, [WT_SCOPE_NEXT] = 1};
    const enum wt_scope_press press = wt_scope_draw(v->ui, m->view, right, width);
    if (press == WT_SCOPE_CLOSED)
        wt_microscope_close(v);
    else if (press != WT_SCOPE_NOTHING)
        wt_microscope_open(v, m->face, (m->point + m->scheme + step[press]) % m->scheme);
}
