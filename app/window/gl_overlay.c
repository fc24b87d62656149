#include "window/gl_overlay.h"

#include <math.h>
#include <string.h>

#include "draw/contour.h"
#include "face/crop.h"
#include "face/scheme.h"

#define STRIPS_MAX (WT_POINTS_MAX + 2)
#define KNOTS_MAX 33 /* of a curve: the jaw's */
#define VERTICES_MAX (2 * WT_SCHEME_CURVE_POINTS)

enum { RIBBON_HALF_WIDTH, RIBBON_HALO };
static const char *const ribbon_uniforms[] = {"u_half_width", "u_halo", NULL};
enum { POINT_HALO };
static const char *const point_uniforms[] = {"u_halo", NULL};

struct dot {
    float x, y, radius, rim;
    float rgba[4];
};

/* Triangle strips of several lines, ready to be drawn. */
struct strips {
    struct wt_ribbon_vertex vertex[VERTICES_MAX];
    GLint first[STRIPS_MAX];
    GLsizei count[STRIPS_MAX];
    int strips, vertices;
};

#define OFFSET(type, member) ((const void *)offsetof(type, member))

enum wt_status wt_gl_overlay_init(struct wt_gl_overlay *o)
{
    enum wt_status status = wt_gl_program_load(&o->ribbon, "ribbon", ribbon_uniforms);
    if (!status)
        status = wt_gl_program_load(&o->point, "point", point_uniforms);
    if (status)
        return status;
    glGenVertexArrays(1, &o->ribbon_array);
    glGenBuffers(1, &o->ribbon_buffer);
    glBindVertexArray(o->ribbon_array);
    glBindBuffer(GL_ARRAY_BUFFER, o->ribbon_buffer);
    const GLsizei size = sizeof(struct wt_ribbon_vertex);
    glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, size, OFFSET(struct wt_ribbon_vertex, x));
    glVertexAttribPointer(1, 3, GL_FLOAT, GL_FALSE, size, OFFSET(struct wt_ribbon_vertex, across));
    glVertexAttribPointer(2, 3, GL_UNSIGNED_BYTE, GL_TRUE, size,
                          OFFSET(struct wt_ribbon_vertex, rgb));
    for (GLuint i = 0; i < 3; i++)
        glEnableVertexAttribArray(i);

    glGenVertexArrays(1, &o->point_array);
    glGenBuffers(1, &o->point_buffer);
    glBindVertexArray(o->point_array);
    glBindBuffer(GL_ARRAY_BUFFER, o->point_buffer);
    glVertexAttribPointer(0, 4, GL_FLOAT, GL_FALSE, sizeof(struct dot), OFFSET(struct dot, x));
    glVertexAttribPointer(1, 4, GL_FLOAT, GL_FALSE, sizeof(struct dot), OFFSET(struct dot, rgba));
    for (GLuint i = 0; i < 2; i++) {
        glEnableVertexAttribArray(i);
        glVertexAttribDivisor(i, 1);
    }
    glBindVertexArray(0);
    return WT_OK;
}

void wt_gl_overlay_fini(struct wt_gl_overlay *o)
{
    wt_gl_program_fini(&o->ribbon);
    wt_gl_program_fini(&o->point);
    glDeleteVertexArrays(1, &o->ribbon_array);
    glDeleteVertexArrays(1, &o->point_array);
    glDeleteBuffers(1, &o->ribbon_buffer);
    glDeleteBuffers(1, &o->point_buffer);
    memset(o, 0, sizeof *o);
}

void wt_gl_overlay_refresh(struct wt_gl_overlay *o)
{
    wt_gl_program_refresh(&o->ribbon);
    wt_gl_program_refresh(&o->point);
}

/* ---- lines --------------------------------------------------------------------------------- */

static void add_line(struct strips *s, const struct wt_point *p, int n, float reach,
                     const uint8_t rgb[3])
{
    if (s->strips == STRIPS_MAX || s->vertices + 2 * n > VERTICES_MAX)
        return;
    int count = wt_contour_ribbon(p, n, reach, rgb, s->vertex + s->vertices);
    if (!count)
        return;
    s->first[s->strips] = s->vertices;
    s->count[s->strips++] = count;
    s->vertices += count;
}

/* Rims first, then the lines, so that no rim lies on a line. */
static void draw_strips(const struct wt_gl_overlay *o, const struct strips *s,
                        const struct wt_style *style, const struct wt_layout *l)
{
    if (!s->vertices)
        return;
    glBindVertexArray(o->ribbon_array);
    glBindBuffer(GL_ARRAY_BUFFER, o->ribbon_buffer);
    glBufferData(GL_ARRAY_BUFFER, s->vertices * (GLsizeiptr)sizeof *s->vertex, s->vertex,
                 GL_STREAM_DRAW);
    wt_gl_program_use(&o->ribbon, l->window_width, l->window_height);
    const uint8_t *rim = style->outline;
    glUniform1f(o->ribbon.at[RIBBON_HALF_WIDTH], style->line + style->halo);
    glUniform4f(o->ribbon.at[RIBBON_HALO], rim[0] / 255.0f, rim[1] / 255.0f, rim[2] / 255.0f,
                style->outline_alpha);
    glMultiDrawArrays(GL_TRIANGLE_STRIP, s->first, s->count, s->strips);
    glUniform1f(o->ribbon.at[RIBBON_HALF_WIDTH], style->line);
    glUniform4f(o->ribbon.at[RIBBON_HALO], 0, 0, 0, 0);
    glMultiDrawArrays(GL_TRIANGLE_STRIP, s->first, s->count, s->strips);
}

static void draw_contours(const struct wt_gl_overlay *o, const struct wt_scheme *scheme,
                          const struct wt_point *p, const struct wt_style *style,
                          const struct wt_layout *l)
{
    struct strips strips;
    strips.strips = strips.vertices = 0;
    const struct wt_curve *curve;
    for (int i = 0; (curve = wt_scheme_line(scheme, i)); i++) {
        struct wt_point knot[KNOTS_MAX], line[WT_CONTOUR_POINTS(KNOTS_MAX)];
        for (int k = 0; k < curve->count; k++)
            knot[k] = p[curve->point[k]];
        int n = wt_contour_smooth(knot, curve->count, 3.0f, line, WT_CONTOUR_POINTS(KNOTS_MAX));
        add_line(&strips, line, n, style->line + style->halo + 1.0f, style->rgb[curve->part]);
    }
    draw_strips(o, &strips, style, l);
}

/* ---- points -------------------------------------------------------------------------------- */

static const uint8_t *dot_color(const struct wt_style *style, const struct wt_scheme *scheme,
                                int point, float confidence)
{
    return confidence < WT_WEAK ? style->weak : style->rgb[wt_view_part(scheme, point)];
}

static void draw_dots(const struct wt_gl_overlay *o, const struct wt_scheme *scheme,
                      const struct wt_point *p, const float *confidence,
                      const struct wt_style *style, const struct wt_layout *l)
{
    struct dot dots[WT_POINTS_MAX];
    for (int i = 0; i < scheme->points; i++) {
        const uint8_t *rgb = dot_color(style, scheme, i, confidence[i]);
        /* Points of low confidence are drawn fainter, but never invisible. */
        float sure = fminf(fmaxf((confidence[i] - 0.1f) / 0.3f, 0.0f), 1.0f);
        dots[i] =
            (struct dot){p[i].x,
                         p[i].y,
                         style->dot,
                         style->dot + style->halo,
                         {rgb[0] / 255.0f, rgb[1] / 255.0f, rgb[2] / 255.0f, 0.4f + 0.6f * sure}};
    }
    glBindVertexArray(o->point_array);
    glBindBuffer(GL_ARRAY_BUFFER, o->point_buffer);
    glBufferData(GL_ARRAY_BUFFER, scheme->points * (GLsizeiptr)sizeof *dots, dots, GL_STREAM_DRAW);
    wt_gl_program_use(&o->point, l->window_width, l->window_height);
    const uint8_t *rim = style->outline;
    glUniform4f(o->point.at[POINT_HALO], rim[0] / 255.0f, rim[1] / 255.0f, rim[2] / 255.0f,
                style->outline_alpha);
    glDrawArraysInstanced(GL_TRIANGLE_STRIP, 0, 4, scheme->points);
}

/* ---- ellipses and axes ---------------------------------------------------------------------- */

static void draw_ellipses(const struct wt_gl_overlay *o, const struct wt_scheme *scheme,
                          const struct wt_point *p, const struct wt_ellipse *ellipse,
                          const float *confidence, struct wt_style style, const struct wt_layout *l)
{
    struct strips strips;
    strips.strips = strips.vertices = 0;
    style.line = fmaxf(0.5f, 0.5f * style.line);
    for (int i = 0; i < scheme->points; i++) {
        struct wt_point line[WT_ELLIPSE_POINTS];
        struct wt_ellipse e = ellipse[i];
        e.angle = l->mirror ? -e.angle : e.angle;
        wt_ellipse_outline(&e, p[i], WT_ELLIPSE_SCALE * l->scale, line);
        add_line(&strips, line, WT_ELLIPSE_POINTS, style.line + style.halo + 1.0f,
                 dot_color(&style, scheme, i, confidence[i]));
    }
    draw_strips(o, &strips, &style, l);
}

static void draw_axes(const struct wt_gl_overlay *o, const struct wt_face *face,
                      struct wt_style style, const struct wt_layout *l)
{
    struct wt_point end[4];
    struct strips strips;
    strips.strips = strips.vertices = 0;
    if (!wt_view_axes(face, l->frame_width, l->frame_height, end))
        return;
    style.line *= 1.5f;
    for (int i = 0; i < 3; i++) {
        const struct wt_point arm[2] = {wt_layout_point(l, end[0]), wt_layout_point(l, end[i + 1])};
        add_line(&strips, arm, 2, style.line + style.halo + 1.0f, style.axis[i]);
    }
    draw_strips(o, &strips, &style, l);
}

/* ---- a face -------------------------------------------------------------------------------- */

void wt_overlay_square(const struct wt_face *face, const struct wt_layout *layout,
                       struct wt_point corner[4])
{
    const float low = -0.5f, high = (float)face->input_size - 0.5f;
    const struct wt_point at[4] = {{low, low}, {high, low}, {high, high}, {low, high}};
    struct wt_affine to_frame = wt_affine_invert(&face->frame_to_crop);
    for (int i = 0; i < 4; i++)
        corner[i] = wt_layout_point(layout, wt_affine_apply(&to_frame, at[i]));
}

static void draw_square(const struct wt_gl_overlay *o, const struct wt_face *face,
                        struct wt_style style, const struct wt_layout *l)
{
    static const uint8_t white[3] = {255, 255, 255};
    struct wt_point corner[4];
    struct strips strips;
    strips.strips = strips.vertices = 0;
    wt_overlay_square(face, l, corner);
    style.line = fmaxf(0.75f, style.line * 0.6f);
    for (int i = 0; i < 4; i++) {
        struct wt_point side[2] = {corner[i], corner[(i + 1) % 4]};
        add_line(&strips, side, 2, style.line + style.halo + 1.0f, white);
    }
    draw_strips(o, &strips, &style, l);
}

void wt_gl_overlay_draw(struct wt_gl_overlay *o, const struct wt_result *result,
                        const struct wt_view *view, const struct wt_layout *l)
{
    glEnable(GL_BLEND);
    glBlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
    for (int i = 0; i < result->faces; i++) {
        const struct wt_face *face = &result->face[i];
        struct wt_point p[WT_POINTS_MAX];
        float confidence[WT_POINTS_MAX];
        int n = wt_view_points(view, face, p);
        const struct wt_scheme *scheme = wt_scheme_get(n);
        for (int k = 0; k < n; k++)
            p[k] = wt_layout_point(l, p[k]);
        /* Size from the model's own points, as in recordings, so that the style is the same for
         * every scheme. */
        struct wt_box box = wt_points_box(face->point, face->points);
        struct wt_style style = wt_style_for(0.5f * (box.w + box.h) * l->scale);
        if (view->boxes)
            draw_square(o, face, style, l);
        wt_view_confidences(view, face, confidence);
        if (view->ellipses && scheme) {
            struct wt_ellipse ellipse[WT_POINTS_MAX];
            wt_view_ellipses(view, face, ellipse);
            draw_ellipses(o, scheme, p, ellipse, confidence, style, l);
        }
        if (view->landmarks && scheme) {
            draw_contours(o, scheme, p, &style, l);
            draw_dots(o, scheme, p, confidence, &style, l);
        }
        if (view->axes)
            draw_axes(o, face, style, l);
    }
}
