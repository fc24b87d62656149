/* Faces as pictures with both sets of points, and which ones have the largest errors. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/paths.h"
#include "base/status.h"
#include "eval/eval_html.h"
#include "face/picture.h"
#include "report/html.h"

enum { SIDE = 288 };

/* Larger is worse: missed faces first, then by NME; those without a normaliser last. */
static double badness(const struct wt_eval_row *row)
{
    return isnan(row->nme) ? -1 : row->nme;
}

static int worse_first(const void *a, const void *b)
{
    const struct wt_eval_row *const *x = a, *const *y = b;
    double p = badness(*x), q = badness(*y);
    if (p != q)
        return p < q ? 1 : -1;
    return (*x > *y) - (*x < *y); /* in the list's order */
}

/* Square around the true points and, within limits, the found points. */
struct square {
    int left, top, side;
};

static struct square frame_face(const struct wt_eval_row *row)
{
    struct wt_box t = wt_points_box(row->truth, row->points), b = t;
    if (row->found) {
        struct wt_box p = wt_points_box(row->found, row->points);
        float reach = fmaxf(t.w, t.h) * 0.6f;
        float left = fmaxf(fminf(t.x, p.x), t.x - reach);
        float top = fmaxf(fminf(t.y, p.y), t.y - reach);
        float right = fminf(fmaxf(t.x + t.w, p.x + p.w), t.x + t.w + reach);
        float bottom = fminf(fmaxf(t.y + t.h, p.y + p.h), t.y + t.h + reach);
        b = (struct wt_box){left, top, right - left, bottom - top};
    }
    double side = fmin(fmax(1.25 * fmax((double)b.w, (double)b.h), 16), 16384);
    return (struct square){(int)floor((double)(b.x + b.w / 2) - side / 2),
                           (int)floor((double)(b.y + b.h / 2) - side / 2), (int)ceil(side)};
}

/* From the picture to the drawing: pixel centres are at integers, the drawing counts from its edge.
 */
static double to_drawing(float v, int from, int side)
{
    return ((double)v + 0.5 - from) * SIDE / side;
}

static void put_points(FILE *f, const char *class, const struct wt_point *p, int n, struct square q,
                       double radius)
{
    fprintf(f, "<g class=\"%s\">", class);
    for (int i = 0; i < n; i++)
        if (isfinite(p[i].x) && isfinite(p[i].y))
            fprintf(f, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>",
                    to_drawing(p[i].x, q.left, q.side), to_drawing(p[i].y, q.top, q.side), radius);
    fputs("</g>\n", f);
}

static void put_links(FILE *f, const struct wt_eval_row *row, struct square q)
{
    fputs("<g class=\"e\">", f);
    for (int i = 0; i < row->points; i++)
        if (isfinite(row->truth[i].x) && isfinite(row->truth[i].y))
            fprintf(f, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
                    to_drawing(row->truth[i].x, q.left, q.side),
                    to_drawing(row->truth[i].y, q.top, q.side),
                    to_drawing(row->found[i].x, q.left, q.side),
                    to_drawing(row->found[i].y, q.top, q.side));
    fputs("</g>\n", f);
}

/* How many pictures are missing: the report is still useful without them. One that is not there may
 * lie on another computer; that one cannot be read is a failure. */
struct lost {
    int missing, failed;
};

/* Embeds the square of the picture. */
static void put_picture(FILE *f, const char *path, const struct wt_image *held, struct square q,
                        struct lost *lost)
{
    struct wt_picture picture = {0};
    uint8_t *jpeg = NULL;
    size_t size = 0;
    if (!held && access(path, F_OK) != 0) {
        lost->missing++;
        return;
    }
    bool ok = (held || wt_picture_read(&picture, path) == WT_OK) &&
              wt_picture_square_jpeg(held ? held : &picture.image, q.left, q.top, q.side, 2 * SIDE,
                                     &jpeg, &size) == WT_OK;
    if (ok) {
        fprintf(f, "<image width=\"%d\" height=\"%d\" href=\"data:image/jpeg;base64,", SIDE, SIDE);
        wt_html_base64(f, jpeg, size);
        fputs("\"/>\n", f);
    }
    free(jpeg);
    wt_picture_fini(&picture);
    lost->failed += !ok;
}

static void put_caption(FILE *f, const struct wt_eval_result *r, const struct wt_eval_row *row)
{
    const char *separator = "";
    fputs("<figcaption><b>", f);
    if (row->found)
        wt_html_number(f, row->nme, 2);
    fprintf(f, "%s</b><br/>", row->found ? " %" : "not found");
    wt_html_text(f, wt_base_name(row->image));
    if (row->line)
        fprintf(f, ", line %d", row->line);
    for (int i = 0; i < r->subsets; i++)
        if (row->subsets & UINT32_C(1) << i) {
            fputs(*separator ? separator : "<br/>", f);
            wt_html_text(f, r->subset[i]);
            separator = ", ";
        }
    fputs("</figcaption>\n", f);
}

static enum wt_status put_face(FILE *f, const struct wt_eval_result *r,
                               const struct wt_eval_row *row, struct lost *lost)
{
    struct square q = frame_face(row);
    double radius = row->points > 40 ? 2.4 : 3;
    char *path = NULL;
    if (asprintf(&path, "%s%s", row->image[0] == '/' ? "" : r->images, row->image) < 0)
        return wt_fail(WT_ERR_MEMORY, "out of memory");
    fprintf(f, "<figure><svg viewBox=\"0 0 %d %d\" role=\"img\"><title>", SIDE, SIDE);
    wt_html_text(f, row->image);
    fputs("</title>\n", f);
    put_picture(f, path, row->picture, q, lost);
    free(path);
    if (row->found)
        put_links(f, row, q);
    put_points(f, "t", row->truth, row->points, q, radius);
    if (row->found)
        put_points(f, "p", row->found, row->points, q, radius * 0.7);
    fputs("</svg>\n", f);
    put_caption(f, r, row);
    fputs("</figure>\n", f);
    return WT_OK;
}

void wt_eval_html_controls(FILE *f)
{
    static const char *const box[][3] = {
        {"true-points", "<i class=\"ring\"></i>", "true points"},
        {"found-points", "<i class=\"spot\"></i>", "found points"},
        {"links", "", "lines between them"},
    };
    for (int i = 0; i < 3; i++)
        fprintf(f,
                "<input class=\"off\" type=\"checkbox\" id=\"%s\" checked=\"checked\"/><label "
                "class=\"controls\" for=\"%s\">%s%s</label>\n",
                box[i][0], box[i][0], box[i][1], box[i][2]);
}

enum wt_status wt_eval_html_faces(FILE *f, const struct wt_eval_result *result,
                                  const struct wt_eval_row *const *row, int n, int *failed)
{
    struct lost lost = {0};
    enum wt_status status = WT_OK;
    fputs("<div class=\"faces\">\n", f);
    for (int i = 0; i < n && !status; i++)
        status = put_face(f, result, row[i], &lost);
    fputs("</div>\n", f);
    if (lost.missing + lost.failed)
        wt_log(WT_LOG_WARN, "%d of %d pictures could not be read and are missing in the report",
               lost.missing + lost.failed, n);
    *failed += lost.failed;
    return status;
}

enum wt_status wt_eval_worst(const struct wt_eval_result *result, const struct wt_eval_row **row,
                             int n)
{
    const struct wt_eval_row **order = malloc((result->count + 1) * sizeof *order);
    if (!order)
        return wt_fail(WT_ERR_MEMORY, "out of memory for %zu faces", result->count);
    for (size_t i = 0; i < result->count; i++)
        order[i] = &result->row[i];
    qsort(order, result->count, sizeof *order, worse_first);
    memcpy(row, order, (size_t)n * sizeof *row);
    free(order);
    return WT_OK;
}

enum wt_status wt_eval_html_worst(FILE *f, const struct wt_eval_result *result, int most,
                                  int *failed)
{
    const int n = (size_t)most < result->count ? most : (int)result->count;
    const struct wt_eval_row **row = calloc((size_t)n + 1, sizeof *row);
    enum wt_status status = row ? wt_eval_worst(result, row, n)
                                : wt_fail(WT_ERR_MEMORY, "out of memory for %d faces", n);
    fprintf(f,
            "<section class=\"long\">\n<h2>The worst %d faces</h2>\n<p class=\"note\">Largest NME "
            "first. Faces that were not found come before all others.</p>\n",
            n);
    wt_eval_html_controls(f);
    if (!status)
        status = wt_eval_html_faces(f, result, row, n, failed);
    fputs("</section>\n", f);
    free(row);
    return status;
}
