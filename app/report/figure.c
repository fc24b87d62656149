#include "report/figure.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "face/picture.h"
#include "report/base64.h"

/* Distinguishable in print and by colour-blind readers (after Okabe and Ito). */
static const char *const line_colour[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#000000"};
static const char *const line_dash[] = {"none", "6 2", "2 2", "8 2 2 2", "none"};
enum { LINES = sizeof line_colour / sizeof *line_colour };

WT_PRINTF(2, 3)
static void put(struct wt_figure *f, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (!f->status)
        wt_file_writer_put(&f->writer, text, (size_t)n);
}

void wt_figure_begin(struct wt_figure *f, const char *path, double width, double height)
{
    *f = (struct wt_figure){.path = path};
    f->status = wt_file_writer_init(&f->writer, path);
    put(f,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" "
        "width=\"%gpt\" height=\"%gpt\" viewBox=\"0 0 %g %g\" font-family=\"Helvetica, Arial, "
        "'Liberation Sans', 'DejaVu Sans', sans-serif\" font-size=\"8\">\n"
        "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
        width, height, width, height);
}

enum wt_status wt_figure_finish(struct wt_figure *f)
{
    put(f, "</svg>\n");
    if (!f->status)
        f->status = wt_file_writer_commit(&f->writer);
    wt_file_writer_fini(&f->writer);
    return f->status;
}

/* anchor: start, middle, end. angle: degrees. */
static void text_at(struct wt_figure *f, double x, double y, const char *anchor, double angle,
                    const char *weight, const char *text)
{
    put(f,
        "<text transform=\"translate(%.2f %.2f) rotate(%g)\" text-anchor=\"%s\" "
        "font-weight=\"%s\">%s</text>\n",
        x, y, angle, anchor, weight, text);
}

/* ---- charts -----------------------------------------------------------------------------------
 */

static double across(const struct wt_figure *f, double v)
{
    return f->x + wt_axis_share(&f->across, v) * f->w;
}

static double up(const struct wt_figure *f, double v)
{
    return f->y + f->h - wt_axis_share(&f->up, v) * f->h;
}

/* A number with a typographic minus. */
static const char *number(char text[32], double v, int decimals)
{
    if (fabs(v) < 1e-9)
        v = 0;
    snprintf(text, 32, "%s%.*f", v < 0 ? "\xe2\x88\x92" : "", decimals, fabs(v));
    return text;
}

static void tick_lines(struct wt_figure *f, const struct wt_axis *a, bool upright)
{
    char text[32];
    double v;
    for (int i = 0; wt_axis_grid(a, i, &v); i++) {
        const double x = upright ? f->x : across(f, v), y = upright ? up(f, v) : f->y + f->h;
        put(f,
            "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" stroke=\"#ddd\" "
            "stroke-width=\"0.5\"/>\n",
            x, y, upright ? f->x + f->w : x, upright ? y : f->y);
        number(text, v, a->decimals);
        text_at(f, upright ? x - 4 : x, upright ? y + 2.8 : y + 11, upright ? "end" : "middle", 0,
                "normal", text);
    }
}

void wt_figure_chart(struct wt_figure *f, double x, double y, double w, double h, const char *title,
                     struct wt_axis a, struct wt_axis b)
{
    f->x = x;
    f->y = y;
    f->w = w;
    f->h = h;
    f->across = a;
    f->up = b;
    f->lines = 0;
    tick_lines(f, &a, false);
    tick_lines(f, &b, true);
    put(f,
        "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"none\" stroke=\"#000\" "
        "stroke-width=\"0.7\"/>\n",
        x, y, w, h);
    text_at(f, x + w / 2, y - 6, "middle", 0, "bold", title);
    text_at(f, x + w / 2, y + h + 22, "middle", 0, "normal", a.label);
    text_at(f, x - 24, y + h / 2, "middle", -90, "normal", b.label);
}

/* Cuts the piece a-b at the chart's lower and upper edge; false: nothing is left. */
static bool clip(const struct wt_figure *f, double *ax, double *ay, double *bx, double *by)
{
    const double edge[2] = {f->up.from, f->up.to};
    for (int k = 0; k < 2; k++) {
        const double side = k ? -1 : 1, da = side * (*ay - edge[k]), db = side * (*by - edge[k]);
        if (da < 0 && db < 0)
            return false;
        if (da < 0 || db < 0) {
            const double t = da / (da - db), x = *ax + t * (*bx - *ax);
            *(da < 0 ? ax : bx) = x;
            *(da < 0 ? ay : by) = edge[k];
        }
    }
    return true;
}

void wt_figure_line(struct wt_figure *f, const double *x, const double *y, int n)
{
    const int k = f->lines++ % LINES;
    put(f,
        "<path fill=\"none\" stroke=\"%s\" stroke-dasharray=\"%s\" stroke-width=\"1.3\" "
        "stroke-linejoin=\"round\" d=\"",
        line_colour[k], line_dash[k]);
    double last_x = NAN, last_y = NAN;
    for (int i = 0; i + 1 < n; i++) {
        double ax = x[i], ay = y[i], bx = x[i + 1], by = y[i + 1];
        if (!isfinite(ay + by) || !clip(f, &ax, &ay, &bx, &by))
            continue;
        if (ax != last_x || ay != last_y)
            put(f, "M%.2f %.2f", across(f, ax), up(f, ay));
        put(f, "L%.2f %.2f", across(f, bx), up(f, by));
        last_x = bx;
        last_y = by;
    }
    put(f, "\"/>\n");
}

void wt_figure_legend(struct wt_figure *f, const char *const *name, int n, double x, double y)
{
    for (int i = 0; i < n; i++) {
        const double px = across(f, x), py = up(f, y) + 10.5 * i;
        put(f,
            "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" stroke=\"%s\" "
            "stroke-dasharray=\"%s\" stroke-width=\"1.3\"/>\n",
            px, py, px + 16, py, line_colour[i % LINES], line_dash[i % LINES]);
        text_at(f, px + 20, py + 2.8, "start", 0, "normal", name[i]);
    }
}

/* ---- maps -------------------------------------------------------------------------------------
 */

/* Interpolates between a few colours of evenly spaced lightness. */
static void colour_of(double t, enum wt_figure_colours colours, uint8_t bgr[3])
{
    static const uint8_t heat[5][3] = {
        {255, 255, 255}, {154, 214, 252}, {60, 141, 236}, {40, 50, 190}, {56, 8, 60}};
    static const uint8_t both[5][3] = {
        {130, 60, 20}, {220, 170, 110}, {250, 250, 250}, {120, 165, 240}, {40, 30, 170}};
    const uint8_t(*ramp)[3] = colours == WT_COLOURS_HEAT ? heat : both;
    t = !(t > 0) ? 0 : t > 1 ? 1 : t;
    const int k = t >= 1 ? 3 : (int)(t * 4);
    for (int c = 0; c < 3; c++)
        bgr[c] = (uint8_t)lrint(ramp[k][c] + (t * 4 - k) * (ramp[k + 1][c] - ramp[k][c]));
}

/* A picture of colours embedded in the drawing; each pixel is enlarged to a square, for viewers
 * that interpolate. */
static void put_picture(struct wt_figure *f, double x, double y, double w, double h,
                        const struct wt_image *image)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    char *text = NULL;
    if (f->status)
        return;
    f->status = wt_picture_encode(image, ".png", &bytes, &size);
    if (!f->status && !(text = wt_base64(bytes, size)))
        f->status = WT_ERR_MEMORY;
    free(bytes);
    if (f->status)
        return;
    put(f,
        "<image x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" preserveAspectRatio=\"none\" "
        "style=\"image-rendering:pixelated\" xlink:href=\"data:image/png;base64,",
        x, y, w, h);
    wt_file_writer_put(&f->writer, text, strlen(text));
    put(f,
        "\"/>\n<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"none\" "
        "stroke=\"#000\" stroke-width=\"0.5\"/>\n",
        x, y, w, h);
    free(text);
}

static void put_colours(struct wt_figure *f, double x, double y, double w, double h,
                        const float *map, int rows, int columns, double low, double high,
                        enum wt_figure_colours colours)
{
    enum { GROW = 8 };
    const int width = columns * GROW, height = rows * GROW;
    uint8_t *pixels = malloc((size_t)width * (size_t)height * 3);
    if (!pixels) {
        f->status = f->status ? f->status : wt_fail(WT_ERR_MEMORY, "%s: out of memory", f->path);
        return;
    }
    for (int i = 0; i < width * height; i++)
        colour_of(((double)map[i / width / GROW * columns + i % width / GROW] - low) / (high - low),
                  colours, pixels + i * 3);
    const struct wt_image image = {pixels, width, height, width * 3, WT_PIXEL_BGR24};
    put_picture(f, x, y, w, h, &image);
    free(pixels);
}

void wt_figure_map(struct wt_figure *f, double x, double y, double w, const char *title,
                   const float *map, int rows, int columns, double low, double high,
                   enum wt_figure_colours colours)
{
    enum { BAR = 64 };
    float bar[BAR];
    char text[32];
    const double h = w * rows / columns;
    text_at(f, x + w / 2, y - 5, "middle", 0, "bold", title);
    put_colours(f, x, y, w, h, map, rows, columns, low, high, colours);
    for (int i = 0; i < BAR; i++)
        bar[i] = (float)(low + (high - low) * i / (BAR - 1));
    put_colours(f, x, y + h + 5, w, 5, bar, 1, BAR, low, high, colours);
    number(text, low, 0);
    text_at(f, x, y + h + 19, "start", 0, "normal", text);
    number(text, high, 0);
    text_at(f, x + w, y + h + 19, "end", 0, "normal", text);
}

/* ---- points -----------------------------------------------------------------------------------
 */

void wt_figure_points(struct wt_figure *f, double x, double y, double w, const char *title,
                      const struct wt_point *point, int n, bool numbered)
{
    enum { EDGE = 30 }; /* pixels that are left out on each side: faces lie in the middle */
    const double scale = w / (256 - 2 * EDGE);
    if (title) {
        put(f,
            "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"none\" "
            "stroke=\"#000\" stroke-width=\"0.5\"/>\n",
            x, y, w, w);
        text_at(f, x + w / 2, y - 6, "middle", 0, "bold", title);
    }
    for (int i = 0; i < n; i++) {
        char text[16];
        const double px = x + ((double)point[i].x - EDGE) * scale;
        const double py = y + ((double)point[i].y - EDGE) * scale;
        put(f, "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"%g\" fill=\"%s\"/>\n", px, py,
            numbered ? 1.8 : 1.1, numbered ? line_colour[1] : "#aaa");
        snprintf(text, sizeof text, "%d", i);
        if (numbered)
            text_at(f, px + 2.2, py - 1.6, "start", 0, "normal", text);
    }
}
