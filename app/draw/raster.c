#include "draw/raster.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool wt_canvas_init(struct wt_canvas *canvas, struct wt_frame *frame)
{
    *canvas = (struct wt_canvas){.pixels = frame->pixels,
                                 .stride = frame->image.stride,
                                 .width = frame->image.width,
                                 .height = frame->image.height};
    canvas->x0 = canvas->width;
    canvas->y0 = canvas->height;
    canvas->mask = calloc((size_t)canvas->width, (size_t)canvas->height);
    return canvas->mask != NULL;
}

void wt_canvas_fini(struct wt_canvas *canvas)
{
    free(canvas->mask);
    *canvas = (struct wt_canvas){0};
}

static int clampi(float v, int low, int high)
{
    return v < (float)low ? low : v > (float)high ? high : (int)v;
}

void wt_canvas_stroke(struct wt_canvas *c, struct wt_point a, struct wt_point b, float radius,
                      float soft)
{
    float reach = radius + 0.5f * soft;
    if (!isfinite(a.x + a.y + b.x + b.y + reach))
        return;
    int x0 = clampi(floorf(fminf(a.x, b.x) - reach), 0, c->width);
    int y0 = clampi(floorf(fminf(a.y, b.y) - reach), 0, c->height);
    int x1 = clampi(ceilf(fmaxf(a.x, b.x) + reach) + 1, 0, c->width);
    int y1 = clampi(ceilf(fmaxf(a.y, b.y) + reach) + 1, 0, c->height);
    if (x0 >= x1 || y0 >= y1)
        return;
    float dx = b.x - a.x, dy = b.y - a.y, length2 = dx * dx + dy * dy;
    float inverse = length2 > 1e-12f ? 1.0f / length2 : 0.0f;
    for (int y = y0; y < y1; y++) {
        uint8_t *row = c->mask + (size_t)y * (size_t)c->width;
        float py = (float)y - a.y;
        for (int x = x0; x < x1; x++) {
            float px = (float)x - a.x;
            float t = (px * dx + py * dy) * inverse;
            t = t < 0.0f ? 0.0f : t > 1.0f ? 1.0f : t;
            float ex = px - t * dx, ey = py - t * dy, d2 = ex * ex + ey * ey;
            if (d2 >= reach * reach)
                continue;
            float cover = (reach - sqrtf(d2)) / soft;
            uint8_t v = cover >= 1.0f ? 255 : (uint8_t)(cover * 255.0f);
            if (v > row[x])
                row[x] = v;
        }
    }
    c->x0 = x0 < c->x0 ? x0 : c->x0;
    c->y0 = y0 < c->y0 ? y0 : c->y0;
    c->x1 = x1 > c->x1 ? x1 : c->x1;
    c->y1 = y1 > c->y1 ? y1 : c->y1;
}

void wt_canvas_paint(struct wt_canvas *c, const uint8_t rgb[3], float alpha)
{
    int strength = (int)(alpha * 256.0f);
    for (int y = c->y0; y < c->y1; y++) {
        uint8_t *mask = c->mask + (size_t)y * (size_t)c->width;
        uint8_t *p = c->pixels + y * c->stride + c->x0 * 3;
        for (int x = c->x0; x < c->x1; x++, p += 3) {
            if (!mask[x])
                continue;
            int w = mask[x] * strength / 255; /* 0..256 */
            for (int k = 0; k < 3; k++)
                p[k] = (uint8_t)(p[k] + ((rgb[2 - k] - p[k]) * w + 128) / 256);
            mask[x] = 0;
        }
    }
    c->x0 = c->width;
    c->y0 = c->height;
    c->x1 = c->y1 = 0;
}

/* ---- text ---------------------------------------------------------------------------------- */

/* Each glyph: polylines on a grid 4 wide and 6 high, y up; points as two digits "xy", a slash
 * lifts the pen. */
static const struct {
    char c;
    const char *path;
} glyphs[] = {
    {'0', "10 30 41 45 36 16 05 01 10"},
    {'1', "04 26 20"},
    {'2', "05 16 36 45 44 00 40"},
    {'3', "05 16 36 45 44 33 42 41 30 10 01/33 13"},
    {'4', "30 36 02 42"},
    {'5', "46 06 03 33 42 41 30 10 01"},
    {'6', "36 16 05 01 10 30 41 42 33 03"},
    {'7', "06 46 10"},
    {'8', "13 04 05 16 36 45 44 33 13 02 01 10 30 41 42 33"},
    {'9', "10 30 41 45 36 16 05 04 13 43"},
    {'#', "10 16/30 36/02 42/04 44"},
    {'%', "00 46/05 15 16 06 05/30 40 41 31 30"},
    {'.', "10 10"},
    {'-', "03 43"},
    {'+', "21 25/03 43"},
    {'A', "00 26 40/12 32"},
    {'B', "00 06 36 45 44 33 42 41 30 00/03 33"},
    {'C', "45 36 16 05 01 10 30 41"},
    {'D', "00 06 26 44 42 20 00"},
    {'E', "46 06 00 40/03 33"},
    {'F', "46 06 00/03 33"},
    {'G', "45 36 16 05 01 10 30 41 43 23"},
    {'H', "00 06/40 46/03 43"},
    {'I', "20 26/16 36/10 30"},
    {'J', "46 41 30 10 01"},
    {'K', "00 06/46 02/13 40"},
    {'L', "06 00 40"},
    {'M', "00 06 23 46 40"},
    {'N', "00 06 40 46"},
    {'O', "10 01 05 16 36 45 41 30 10"},
    {'P', "00 06 36 45 44 33 03"},
    {'Q', "10 01 05 16 36 45 41 30 10/22 40"},
    {'R', "00 06 36 45 44 33 03/23 40"},
    {'S', "45 36 16 05 04 13 33 42 41 30 10 01"},
    {'T', "06 46/26 20"},
    {'U', "06 01 10 30 41 46"},
    {'V', "06 20 46"},
    {'W', "06 10 24 30 46"},
    {'X', "00 46/06 40"},
    {'Y', "06 23 46/23 20"},
    {'Z', "06 46 00 40"},
};

static const char *glyph_path(char c)
{
    for (size_t i = 0; i < sizeof glyphs / sizeof *glyphs; i++)
        if (glyphs[i].c == toupper((unsigned char)c))
            return glyphs[i].path;
    return "";
}

/* A pen's way: at most so many points, rounded. */
enum { PATH_POINTS = 96 };

/* Does the pen turn by less than 60 degrees at b? */
static bool bends(struct wt_point a, struct wt_point b, struct wt_point c)
{
    const float ux = b.x - a.x, uy = b.y - a.y, vx = c.x - b.x, vy = c.y - b.y;
    const float lengths = hypotf(ux, uy) * hypotf(vx, vy);
    return lengths > 0.0f && ux * vx + uy * vy > 0.5f * lengths;
}

static struct wt_point between(struct wt_point a, struct wt_point b, float t)
{
    return (struct wt_point){a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
}

/* Cuts corners that are none of a letter's: rings become round, the tip of a 7 stays sharp.
 * (Chaikin, "An algorithm for high-speed curve generation", 1974, where the pen bends only.) */
static int cut_corners(struct wt_point *p, int n)
{
    struct wt_point out[PATH_POINTS];
    const bool ring = n > 3 && p[0].x == p[n - 1].x && p[0].y == p[n - 1].y;
    int count = 0;
    for (int i = 0; i < n && count + 2 < PATH_POINTS; i++) {
        const bool end = i == 0 || i == n - 1;
        const struct wt_point before = p[i > 0  ? i - 1
                                         : ring ? n - 2
                                                : 0],
                              after = p[i < n - 1 ? i + 1
                                        : ring    ? 1
                                                  : n - 1];
        if ((end && !ring) || !bends(before, p[i], after)) {
            out[count++] = p[i];
            continue;
        }
        if (i > 0)
            out[count++] = between(p[i], before, 0.27f);
        if (i < n - 1)
            out[count++] = between(p[i], after, 0.27f);
    }
    if (ring && count > 2)
        out[count++] = out[0];
    memcpy(p, out, (size_t)count * sizeof *p);
    return count;
}

/* One way of the pen, from *path on, which moves behind it. */
static int pen_path(const char **path, float x, float y, float unit, struct wt_point *p)
{
    int n = 0;
    const char *at = *path;
    for (bool lifted = false; *at && !lifted && n < 24; at += at[2] ? 3 : 2) {
        p[n++] =
            (struct wt_point){x + (float)(at[0] - '0') * unit, y - (float)(at[1] - '0') * unit};
        lifted = at[2] == '/';
    }
    *path = at;
    n = cut_corners(p, n);
    return cut_corners(p, n);
}

int wt_text_strokes(const char *text, float x, float y, float height, struct wt_stroke *out,
                    int max)
{
    float unit = height / 6.0f;
    int count = 0;
    for (; *text; text++, x += 6.0f * unit)
        for (const char *path = glyph_path(*text); *path && count < max;) {
            struct wt_point p[PATH_POINTS];
            const int n = pen_path(&path, x, y, unit, p);
            for (int i = 1; i < n && count < max; i++)
                out[count++] = (struct wt_stroke){p[i - 1], p[i]};
        }
    return count;
}

void wt_canvas_tag(struct wt_canvas *canvas, const char *text, float x, float bottom, float height)
{
    enum { STROKES = 600 };
    static const uint8_t white[3] = {255, 255, 255}, dark[3] = {22, 15, 12}; /* BGR */
    struct wt_stroke stroke[STROKES];
    const float margin = 0.65f * height, unit = height / 6.0f;
    const float wide = (6.0f * (float)strlen(text) - 2.0f) * unit + 2.0f * margin;
    const float high = height + 1.2f * margin, half = 0.5f * high;
    x = fmaxf(fminf(x, (float)canvas->width - wide), 0.0f);
    bottom = fmaxf(bottom, high);
    const struct wt_point from = {x + half, bottom - half}, to = {x + wide - half, from.y};
    wt_canvas_stroke(canvas, from, to, half, 1.0f);
    wt_canvas_paint(canvas, dark, 0.7f);
    const int n =
        wt_text_strokes(text, x + margin, bottom - 0.6f * margin, height, stroke, STROKES);
    for (int i = 0; i < n; i++)
        wt_canvas_stroke(canvas, stroke[i].a, stroke[i].b, fmaxf(0.6f, 0.07f * height), 1.0f);
    wt_canvas_paint(canvas, white, 1.0f);
}

void wt_canvas_text(struct wt_canvas *canvas, const char *text, float x, float y, float height)
{
    enum { STROKES = 400 };
    static const uint8_t white[3] = {255, 255, 255}, dark[3] = {15, 15, 20};
    struct wt_stroke stroke[STROKES];
    const int n = wt_text_strokes(text, x, y, height, stroke, STROKES);
    const float radius = fmaxf(0.7f, 0.07f * height);
    for (int i = 0; i < n; i++)
        wt_canvas_stroke(canvas, stroke[i].a, stroke[i].b, 2.5f * radius, 2.0f);
    wt_canvas_paint(canvas, dark, 0.7f);
    for (int i = 0; i < n; i++)
        wt_canvas_stroke(canvas, stroke[i].a, stroke[i].b, radius, 1.0f);
    wt_canvas_paint(canvas, white, 1.0f);
}
