#include "report/html.h"

#include <math.h>
#include <stdbool.h>

/* The drawing, and the plot inside it. */
enum { WIDTH = 860, HEIGHT = 400, LEFT = 54, RIGHT = 844, TOP = 26, BOTTOM = 346 };

static double place(const struct wt_axis *a, double v, double from, double to)
{
    return from + fmin(fmax(wt_axis_share(a, v), 0), 1) * (to - from);
}

static double across(const struct wt_chart *c, double x)
{
    return place(&c->x, x, LEFT, RIGHT);
}

static double up(const struct wt_chart *c, double y)
{
    return place(&c->y, y, BOTTOM, TOP);
}

static void put_value(FILE *f, const struct wt_axis *a, double v)
{
    if (a->step > 0 && a->decimals <= 4)
        fprintf(f, "%.*f</text>\n", a->decimals, v);
    else /* with an exponent if there is no room for the zeros */
        fprintf(f, "%.6g</text>\n", v);
}

static void draw_grid(const struct wt_chart *c)
{
    FILE *f = c->f;
    double v;
    for (int i = 0; wt_axis_grid(&c->y, i, &v); i++) {
        double y = up(c, v);
        fprintf(f, "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>\n", LEFT, y,
                RIGHT, y);
        fprintf(f, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", LEFT - 9, y + 4);
        put_value(f, &c->y, v);
    }
    for (int i = 0; wt_axis_grid(&c->x, i, &v); i++) {
        double x = across(c, v);
        fprintf(f, "<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>\n", x, TOP,
                x, BOTTOM);
        fprintf(f, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">", x, BOTTOM + 20);
        put_value(f, &c->x, v);
    }
    fprintf(f, "<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", LEFT, BOTTOM,
            RIGHT, BOTTOM);
}

void wt_chart_begin(struct wt_chart *chart, FILE *f, struct wt_axis x, struct wt_axis y,
                    const char *describe)
{
    *chart = (struct wt_chart){.f = f, .x = x, .y = y};
    fprintf(f, "<svg viewBox=\"0 0 %d %d\" role=\"img\">\n<title>", WIDTH, HEIGHT);
    wt_html_text(f, describe);
    fputs("</title>\n", f);
    draw_grid(chart);
    fprintf(f, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">", (LEFT + RIGHT) / 2, HEIGHT - 10);
    wt_html_text(f, x.label);
    fprintf(f, "</text>\n<text x=\"%d\" y=\"%d\">", LEFT - 44, TOP - 12);
    wt_html_text(f, y.label);
    fputs("</text>\n", f);
}

void wt_chart_mark(struct wt_chart *chart, double x, const char *name)
{
    double at = across(chart, x);
    fprintf(chart->f, "<line class=\"mark\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>\n", at,
            TOP, at, BOTTOM);
    fprintf(chart->f, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">", at, TOP - 10);
    wt_html_text(chart->f, name);
    fputs("</text>\n", chart->f);
}

void wt_chart_line(struct wt_chart *chart, const double *x, const double *y, size_t n, int step)
{
    int colour = chart->lines % WT_HTML_COLOURS;
    bool begun = false;
    double px = 0, py = 0;
    fprintf(chart->f, "<path class=\"plot s%d%s%s\" d=\"", colour,
            chart->lines >= WT_HTML_COLOURS ? " again" : "", chart->pale ? " pale" : "");
    chart->lines += !chart->pale;
    chart->pale = false;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i]) || !isfinite(y[i]))
            continue;
        double nx = across(chart, x[i]), ny = up(chart, y[i]);
        bool last = i + 1 == n;
        if (!begun)
            fprintf(chart->f, "M%.1f %.1f", nx, ny);
        else if (!last && fabs(nx - px) < 0.25 && fabs(ny - py) < 0.25)
            continue; /* too small to be visible */
        else if (step)
            fprintf(chart->f, "H%.1fV%.1f", nx, ny);
        else
            fprintf(chart->f, "L%.1f %.1f", nx, ny);
        begun = true;
        px = nx;
        py = ny;
    }
    fputs("\"/>\n", chart->f);
}

void wt_chart_dots(struct wt_chart *chart, const double *x, const double *y, size_t n)
{
    fprintf(chart->f, "<path class=\"plot dots s%d\" d=\"",
            (chart->lines + WT_HTML_COLOURS - 1) % WT_HTML_COLOURS);
    for (size_t i = 0; i < n; i++)
        if (isfinite(x[i]) && isfinite(y[i]))
            fprintf(chart->f, "M%.1f %.1fh0", across(chart, x[i]), up(chart, y[i]));
    fputs("\"/>\n", chart->f);
}

void wt_chart_end(struct wt_chart *chart)
{
    fputs("</svg>\n", chart->f);
}
