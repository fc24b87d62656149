/* Errors of the points, drawn on the mean of the true faces. */
#include <complex.h>
#include <math.h>
#include <stdlib.h>

#include "eval/eval_html.h"
#include "report/html.h"

typedef double complex plane; /* x + iy: rotation and scaling are one product */

enum { ROUNDS = 4, SIDE = 440, MARGIN = 34, NAMED = 5 };

/* Centres a shape on 0 and scales it to a mean distance of 1; false: all points in one place. */
static bool normalise(plane *p, int n)
{
    plane centre = 0;
    double size = 0;
    for (int i = 0; i < n; i++)
        centre += p[i] / n;
    for (int i = 0; i < n; i++) {
        p[i] -= centre;
        size += cabs(p[i]) / n;
    }
    for (int i = 0; i < n && size > 0; i++)
        p[i] /= size;
    return size > 0 && isfinite(size);
}

/* A face whose points are all known; missing points would bias the alignment. */
static bool load(const struct wt_eval_row *row, int points, plane *p)
{
    if (row->points != points)
        return false;
    for (int i = 0; i < points; i++)
        p[i] = (double)row->truth[i].x + (double)row->truth[i].y * I;
    return normalise(p, points);
}

/* Rotates p for the best fit to `to`, and adds it to sum. */
static void add_rotated(const plane *p, const plane *to, int n, plane *sum)
{
    plane product = 0;
    for (int i = 0; i < n; i++)
        product += conj(p[i]) * to[i];
    double length = cabs(product);
    plane turn = length > 0 ? product / length : 1;
    for (int i = 0; i < n; i++)
        sum[i] += p[i] * turn;
}

static plane eye(const struct wt_scheme *s, const plane *p, int side)
{
    plane sum = 0;
    for (int i = 0; i < s->eye_points_count; i++)
        sum += p[s->eye_points[side][i]];
    return sum / s->eye_points_count;
}

size_t wt_eval_mean_shape(const struct wt_eval_result *r, int points, struct wt_point *mean)
{
    const struct wt_scheme *s = wt_scheme_get(points);
    plane at[WT_POINTS_MAX], shape[WT_POINTS_MAX], sum[WT_POINTS_MAX];
    size_t n = 0;
    for (int round = 0; round < ROUNDS; round++) {
        n = 0;
        for (int k = 0; k < points; k++)
            sum[k] = 0;
        for (size_t i = 0; i < r->count; i++) {
            if (!load(&r->row[i], points, shape))
                continue;
            add_rotated(shape, n == 0 && round == 0 ? shape : at, points, sum);
            if (n++ == 0 && round == 0) /* the first face is the initial mean */
                for (int k = 0; k < points; k++)
                    at[k] = shape[k];
        }
        if (!n || !normalise(sum, points))
            return 0;
        for (int k = 0; k < points; k++)
            at[k] = sum[k];
    }
    plane level = eye(s, at, 1) - eye(s, at, 0);
    for (int k = 0; k < points; k++) {
        plane p = cabs(level) > 0 ? at[k] * conj(level) / cabs(level) : at[k];
        mean[k] = (struct wt_point){(float)creal(p), (float)cimag(p)};
    }
    return n;
}

/* From the mean shape's unit to the drawing's pixels. */
struct fit {
    double scale, dx, dy;
};

static struct fit fit_drawing(const struct wt_point *p, int n)
{
    struct wt_box box = wt_points_box(p, n);
    double scale = (SIDE - 2 * MARGIN) / fmax((double)box.w, (double)box.h);
    return (struct fit){scale, SIDE / 2.0 - scale * (double)(box.x + box.w / 2),
                        SIDE / 2.0 - scale * (double)(box.y + box.h / 2)};
}

static void put_contours(FILE *f, const struct wt_scheme *s, const struct wt_point *p,
                         struct fit fit)
{
    for (int c = 0; c < s->curves; c++) {
        fputs("<polyline class=\"contour\" points=\"", f);
        for (int i = 0; i < s->curve[c].count; i++) {
            struct wt_point q = p[s->curve[c].point[i]];
            fprintf(f, "%.1f,%.1f ", (double)q.x * fit.scale + fit.dx,
                    (double)q.y * fit.scale + fit.dy);
        }
        fputs("\"/>\n", f);
    }
}

/* Is this one of the largest errors? */
static bool is_named(const double *error, int n, int point)
{
    int larger = 0;
    for (int i = 0; i < n; i++)
        larger += error[i] > error[point];
    return larger < NAMED;
}

static void put_dots(FILE *f, const struct wt_scheme *s, const struct wt_point *p, struct fit fit,
                     const double *error, double least, double most)
{
    double dense = s->points > 40 ? 1 : 1.6;
    for (int i = 0; i < s->points; i++) {
        char colour[8];
        double level = most > least ? (error[i] - least) / (most - least) : 0;
        if (isnan(error[i]))
            continue;
        fprintf(f,
                "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.2f\" fill=\"%s\"><title>%d "
                "%s: %.2f %%</title></circle>\n",
                (double)p[i].x * fit.scale + fit.dx, (double)p[i].y * fit.scale + fit.dy,
                dense * (2.6 + 5.4 * level), wt_html_heat(level, colour), i, s->point_name[i],
                error[i]);
    }
    for (int i = 0; i < s->points; i++)
        if (!isnan(error[i]) && is_named(error, s->points, i))
            fprintf(f, "<text class=\"named\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%d</text>\n",
                    (double)p[i].x * fit.scale + fit.dx + (p[i].x < 0 ? -12 : 12),
                    (double)p[i].y * fit.scale + fit.dy + 4, p[i].x < 0 ? "end" : "start", i);
}

/* Colours from the smallest to the largest error. */
static void put_scale(FILE *f, double least, double most)
{
    char colour[8];
    fprintf(f, "<svg viewBox=\"0 0 320 40\" role=\"img\"><title>Scale of colours</title>\n");
    for (int i = 0; i < 32; i++)
        fprintf(f, "<rect x=\"%d\" y=\"4\" width=\"10.5\" height=\"10\" fill=\"%s\"/>\n", i * 10,
                wt_html_heat(i / 31.0, colour));
    fprintf(
        f,
        "<text x=\"0\" y=\"32\">%.2f %%</text><text x=\"320\" y=\"32\" text-anchor=\"end\">%.2f "
        "%%</text>\n</svg>\n",
        least, most);
}

static void put_parts(FILE *f, const struct wt_scheme *s, const double *error)
{
    double part[WT_EVAL_PARTS], most = 0;
    wt_eval_parts(s, error, part);
    for (int k = 0; k < WT_EVAL_PARTS; k++)
        most = fmax(most, part[k]);
    fputs("<table class=\"parts\">\n<thead><tr><th>Part</th><th>NME</th><th></th></tr></thead>\n"
          "<tbody>\n",
          f);
    for (int k = 0; k < WT_EVAL_PARTS; k++)
        if (isfinite(part[k]))
            fprintf(f,
                    "<tr><td>%s</td><td>%.2f</td><td><span class=\"bar\"><i "
                    "style=\"width:%.0f%%\"></i></span></td></tr>\n",
                    wt_eval_part_name[k], part[k], most > 0 ? 100 * part[k] / most : 0.0);
    fputs("</tbody>\n</table>\n", f);
}

void wt_eval_html_shape(FILE *f, const struct wt_eval_result *result, int points)
{
    const struct wt_scheme *s = wt_scheme_get(points);
    struct wt_point mean[WT_POINTS_MAX];
    double error[WT_POINTS_MAX], least = INFINITY, most = 0;
    size_t n = wt_eval_points(result, points, error);
    if (!n || !wt_eval_mean_shape(result, points, mean))
        return;
    for (int i = 0; i < points; i++) {
        least = fmin(least, error[i]);
        most = fmax(most, error[i]);
    }
    fprintf(
        f,
        "<section>\n<h2>Where the errors are</h2>\n<p class=\"note\">Mean error of each of the %d "
        "points over %zu faces, in per cent of the normaliser, drawn on the mean of the true "
        "faces. Larger and redder is worse; the %d worst have their number.</p>\n<div "
        "class=\"two\">\n<figure class=\"shape\"><svg viewBox=\"0 0 %d %d\" "
        "role=\"img\"><title>Errors on the mean face</title>\n",
        points, n, NAMED, SIDE, SIDE);
    struct fit fit = fit_drawing(mean, points);
    put_contours(f, s, mean, fit);
    put_dots(f, s, mean, fit, error, least, most);
    fputs("</svg></figure>\n<div>\n", f);
    put_parts(f, s, error);
    put_scale(f, least, most);
    fputs("</div>\n</div>\n<details><summary>Every point</summary>\n<div class=\"columns\">\n", f);
    for (int i = 0; i < points; i++) {
        fprintf(f, "<div><span>%d %s</span><span>", i, s->point_name[i]);
        wt_html_number(f, error[i], 2);
        fputs("</span></div>\n", f);
    }
    fputs("</div>\n</details>\n</section>\n", f);
}
