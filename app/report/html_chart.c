#include "report/html.h"

#include <math.h>
#include <stdbool.h>

/* The drawing, and the plot inside it. */
enum { WIDTH = 860, HEIGHT = 400, LEFT = 54, RIGHT = 844, TOP = 26, BOTTOM = 346 };

/* Share of the way from one end of an axis to the other, 0..1. */
static double share(const struct wt_chart_axis *a, double v)
{
    double t = a->step > 0 ? (v - a->from) / (a->to - a->from)
               : v > 0     ? log(v / a->from) / log(a->to / a->from)
                           : 0;
    return fmin(fmax(t, 0), 1);
}

static double place(const struct wt_chart_axis *a, double v, double from, double to)
{
    return from + share(a, v) * (to - from);
}

static double across(const struct wt_chart *c, double x)
{
    return place(&c->x, x, LEFT, RIGHT);
}

static double up(const struct wt_chart *c, double y)
{
    return place(&c->y, y, BOTTOM, TOP);
}

/* The grid's i-th value; false: there are no more. Logarithmic axes have their own round numbers,
 * more of them where the axis is short. */
static bool grid_value(const struct wt_chart_axis *a, int i, double *v)
{
    static const struct {
        double below;
        int n;
        double round[6];
    } grid[] = {{15, 6, {1, 1.5, 2, 3, 5, 7}}, {2000, 3, {1, 2, 5}}, {INFINITY, 1, {1}}};
    int k = 0;
    if (a->step > 0) {
        *v = a->from + i * a->step;
        return *v <= a->to + 1e-9 * a->step;
    }
    while (a->to / a->from >= grid[k].below)
        k++;
    double decade = pow(10, floor(log10(a->from)));
    for (int at = 0; decade <= a->to; decade *= 10)
        for (int j = 0; j < grid[k].n; j++) {
            *v = decade * grid[k].round[j];
            if (*v >= a->from * (1 - 1e-9) && *v <= a->to * (1 + 1e-9) && at++ == i)
                return true;
        }
    return false;
}

static void put_value(FILE *f, const struct wt_chart_axis *a, double v)
{
    if (a->step > 0 && a->decimals <= 4)
        fprintf(f, "%.*f</text>\n", a->decimals, v);
    else /* as a power of ten where there is no room for the zeros */
        fprintf(f, "%.6g</text>\n", v);
}

static void draw_grid(const struct wt_chart *c)
{
    FILE *f = c->f;
    double v;
    for (int i = 0; grid_value(&c->y, i, &v); i++) {
        double y = up(c, v);
        fprintf(f, "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>\n", LEFT, y,
                RIGHT, y);
        fprintf(f, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", LEFT - 9, y + 4);
        put_value(f, &c->y, v);
    }
    for (int i = 0; grid_value(&c->x, i, &v); i++) {
        double x = across(c, v);
        fprintf(f, "<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>\n", x, TOP,
                x, BOTTOM);
        fprintf(f, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">", x, BOTTOM + 20);
        put_value(f, &c->x, v);
    }
    fprintf(f, "<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", LEFT, BOTTOM,
            RIGHT, BOTTOM);
}

struct wt_chart_axis wt_chart_fit(const char *label, double low, double high, bool logarithmic)
{
    struct wt_chart_axis a = {.label = label};
    if (!(high > low)) { /* one value, or none */
        low = isfinite(low) ? low : 0;
        high = low + fmax(fabs(low) / 10, 1e-9);
    }
    if (logarithmic && low > 0 && high / low > 4) {
        a.from = low / 1.08;
        a.to = high * 1.08;
        return a;
    }
    const double raw = (high - low) / 7, decade = pow(10, floor(log10(raw)));
    a.step = decade * (raw <= decade ? 1 : raw <= 2 * decade ? 2 : raw <= 5 * decade ? 5 : 10);
    a.from = floor(low / a.step + 1e-9) * a.step;
    a.to = ceil(high / a.step - 1e-9) * a.step;
    a.decimals = (int)fmax(0, ceil(-log10(a.step) - 1e-9));
    return a;
}

void wt_chart_begin(struct wt_chart *chart, FILE *f, struct wt_chart_axis x, struct wt_chart_axis y,
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
            continue; /* nobody sees it */
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
