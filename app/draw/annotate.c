#include "draw/annotate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw/annotate_map.h"
#include "draw/raster.h"
#include "face/crop.h"

/* Contours: 13 curves, the longest with 32 gaps; points with their ellipses; a box.
 */
#define STROKES_MAX (1400 + WT_POINTS_MAX * (WT_ELLIPSE_POINTS - 1))
#define STEPS 4 /* straight pieces between two points of a contour */

/* Colours: those of the parts, by enum wt_part, then these. */
enum { INK_WEAK = 5, INK_AXIS, INKS = INK_AXIS + 3 };

struct stroke {
    struct wt_stroke at;
    float radius;
    int ink;
};

struct strokes {
    struct stroke stroke[STROKES_MAX];
    int count;
};

static void add(struct strokes *s, struct wt_point a, struct wt_point b, float radius, int ink)
{
    if (s->count < STROKES_MAX)
        s->stroke[s->count++] = (struct stroke){{a, b}, radius, ink};
}

/* A centripetal parametrisation would be safer against loops; landmarks are evenly spaced, so the
 * uniform Catmull-Rom spline is sufficient. */
static struct wt_point spline(const struct wt_point p[4], float t)
{
    float t2 = t * t, t3 = t2 * t;
    float w[4] = {0.5f * (-t3 + 2 * t2 - t), 0.5f * (3 * t3 - 5 * t2 + 2),
                  0.5f * (-3 * t3 + 4 * t2 + t), 0.5f * (t3 - t2)};
    struct wt_point r = {0, 0};
    for (int i = 0; i < 4; i++) {
        r.x += w[i] * p[i].x;
        r.y += w[i] * p[i].y;
    }
    return r;
}

static void add_curve(struct strokes *s, const struct wt_curve *curve, const struct wt_point *point,
                      float radius)
{
    int n = curve->count;
    for (int i = 0; i + 1 < n; i++) {
        const uint8_t *k = curve->point;
        struct wt_point p[4] = {point[k[i ? i - 1 : 0]], point[k[i]], point[k[i + 1]],
                                point[k[i + 2 < n ? i + 2 : n - 1]]};
        struct wt_point from = p[1];
        for (int j = 1; j <= STEPS; j++) {
            struct wt_point to = spline(p, (float)j / STEPS);
            add(s, from, to, radius, curve->part);
            from = to;
        }
    }
}

static int ink_of(const struct wt_scheme *scheme, int point, float confidence)
{
    return confidence < WT_WEAK ? INK_WEAK : (int)wt_view_part(scheme, point);
}

static void add_landmarks(struct strokes *s, const struct wt_point *point, const float *confidence,
                          int points, const struct wt_style *style)
{
    const struct wt_scheme *scheme = wt_scheme_get(points);
    const struct wt_curve *line;
    for (int i = 0; scheme && (line = wt_scheme_line(scheme, i)); i++)
        add_curve(s, line, point, style->line);
    for (int i = 0; i < points; i++)
        add(s, point[i], point[i], style->dot,
            scheme ? ink_of(scheme, i, confidence[i]) : WT_PART_JAW);
}

/* In the coordinates of the picture, mirrored or not. */
static void add_ellipses(struct strokes *s, const struct wt_point *point, const float *confidence,
                         const struct wt_ellipse *ellipse, int points, bool mirrored,
                         const struct wt_style *style)
{
    const struct wt_scheme *scheme = wt_scheme_get(points);
    for (int i = 0; scheme && i < points; i++) {
        struct wt_point line[WT_ELLIPSE_POINTS];
        struct wt_ellipse e = ellipse[i];
        e.angle = mirrored ? -e.angle : e.angle;
        wt_ellipse_outline(&e, point[i], WT_ELLIPSE_SCALE, line);
        for (int k = 1; k < WT_ELLIPSE_POINTS; k++)
            add(s, line[k - 1], line[k], 0.5f * style->line, ink_of(scheme, i, confidence[i]));
    }
}

static void add_axes(struct strokes *s, const struct wt_point end[4], const struct wt_style *style)
{
    for (int i = 0; i < 3; i++)
        add(s, end[0], end[i + 1], 1.5f * style->line, INK_AXIS + i);
}

/* The corners of the square that the network sees, in the picture, mirrored or not. */
static void square_of(const struct wt_face *face, struct wt_point p[4])
{
    const float low = -0.5f, high = (float)face->input_size - 0.5f; /* its pixels' edges */
    const struct wt_point corner[4] = {{low, low}, {high, low}, {high, high}, {low, high}};
    const struct wt_affine back = wt_affine_invert(&face->frame_to_crop);
    for (int i = 0; i < 4; i++)
        p[i] = wt_affine_apply(&back, corner[i]);
}

static void add_box(struct strokes *s, const struct wt_face *face, const struct wt_style *style)
{
    struct wt_point p[4];
    square_of(face, p);
    for (int i = 0; i < 4; i++)
        add(s, p[i], p[(i + 1) & 3], style->line, WT_PART_JAW);
}

/* The face's id and confidence, over the square as in the window (viewer_status.c). */
static void draw_tag(struct wt_canvas *canvas, const struct wt_face *face,
                     const struct wt_style *style)
{
    struct wt_point p[4];
    char text[32];
    square_of(face, p);
    float left = p[0].x, top = p[0].y;
    for (int i = 1; i < 4; i++) {
        left = fminf(left, p[i].x);
        top = fminf(top, p[i].y);
    }
    snprintf(text, sizeof text, "#%u  %.0f%%", face->id, 100.0 * (double)face->confidence);
    wt_canvas_tag(canvas, text, left, top, fmaxf(9.0f, 4.5f * style->dot));
}

/* First all halos in one pass, then the colours part by part, so that no halo covers a line. */
static void draw(struct wt_canvas *canvas, const struct strokes *s, const struct wt_style *style)
{
    for (int i = 0; i < s->count; i++)
        wt_canvas_stroke(canvas, s->stroke[i].at.a, s->stroke[i].at.b,
                         s->stroke[i].radius + 0.5f * style->halo, style->halo + 0.5f);
    wt_canvas_paint(canvas, style->outline, style->outline_alpha);
    for (int ink = 0; ink < INKS; ink++) {
        const uint8_t *rgb = ink < INK_WEAK   ? style->rgb[ink]
                             : ink < INK_AXIS ? style->weak
                                              : style->axis[ink - INK_AXIS];
        for (int i = 0; i < s->count; i++)
            if (s->stroke[i].ink == ink)
                wt_canvas_stroke(canvas, s->stroke[i].at.a, s->stroke[i].at.b, s->stroke[i].radius,
                                 1.0f);
        wt_canvas_paint(canvas, rgb, 1.0f);
    }
}

/* Only in the picture: the results that are written to files are not mirrored. */
static void mirror_face(struct wt_face *face, int width)
{
    float *m = face->frame_to_crop.m, last = (float)(width - 1);
    for (int i = 0; i < face->points; i++)
        face->point[i].x = last - face->point[i].x;
    for (int row = 0; row < 6; row += 3) {
        m[row + 2] += m[row] * last;
        m[row] = -m[row];
    }
}

static void copy_pixels(struct wt_frame *to, const struct wt_image *from, bool mirror)
{
    for (int y = 0; y < from->height; y++) {
        const uint8_t *p = from->data + y * from->stride;
        uint8_t *q = to->pixels + y * to->image.stride;
        if (!mirror) {
            memcpy(q, p, (size_t)from->width * 3);
            continue;
        }
        for (int x = from->width - 1; x >= 0; x--, q += 3)
            memcpy(q, p + x * 3, 3);
    }
}

static void annotate_face(struct wt_canvas *canvas, const struct wt_face *seen,
                          const struct wt_view *view, struct strokes *strokes)
{
    struct wt_face face = *seen;
    struct wt_point point[WT_POINTS_MAX], axes[4];
    float confidence[WT_POINTS_MAX];
    struct wt_ellipse ellipse[WT_POINTS_MAX];
    const bool has_axes = view->axes && wt_view_axes(&face, canvas->width, canvas->height, axes);
    for (int i = 0; has_axes && view->mirror && i < 4; i++)
        axes[i].x = (float)(canvas->width - 1) - axes[i].x;
    if (view->mirror)
        mirror_face(&face, canvas->width);
    if (view->boundary && face.maps)
        wt_annotate_map(canvas, &face, view, true);
    if (view->heatmaps && face.maps)
        wt_annotate_map(canvas, &face, view, false);
    int points = wt_view_points(view, &face, point);
    struct wt_box box = wt_points_box(face.point, face.points);
    struct wt_style style = wt_style_for(0.5f * (box.w + box.h));
    strokes->count = 0;
    wt_view_confidences(view, &face, confidence);
    if (view->ellipses) {
        wt_view_ellipses(view, &face, ellipse);
        add_ellipses(strokes, point, confidence, ellipse, points, view->mirror, &style);
    }
    if (view->landmarks)
        add_landmarks(strokes, point, confidence, points, &style);
    if (has_axes)
        add_axes(strokes, axes, &style);
    if (view->boxes)
        add_box(strokes, &face, &style);
    draw(canvas, strokes, &style);
    if (view->boxes)
        draw_tag(canvas, &face, &style);
}

static void draw_caption(struct wt_canvas *canvas, const char *caption)
{
    const int side = canvas->width < canvas->height ? canvas->width : canvas->height;
    const float height = fmaxf(8.0f, (float)side / 30.0f);
    wt_canvas_text(canvas, caption, height, (float)canvas->height - height, height);
}

struct wt_frame *wt_annotate(const struct wt_frame *frame, const struct wt_result *result,
                             const struct wt_view *view)
{
    struct wt_frame *out = wt_frame_create(frame->image.width, frame->image.height);
    struct strokes *strokes = malloc(sizeof *strokes);
    struct wt_canvas canvas = {0};
    if (!out || !strokes || !wt_canvas_init(&canvas, out)) {
        wt_frame_unref(&out);
        goto done;
    }
    out->sequence = frame->sequence;
    out->time_us = frame->time_us;
    copy_pixels(out, &frame->image, view->mirror);
    for (int i = 0; i < result->faces; i++)
        annotate_face(&canvas, &result->face[i], view, strokes);
    if (view->caption)
        draw_caption(&canvas, view->caption);
done:
    wt_canvas_fini(&canvas);
    free(strokes);
    return out;
}
