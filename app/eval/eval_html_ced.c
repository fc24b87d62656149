/* The distribution of errors as a chart. */
#include <math.h>
#include <stdlib.h>

#include "base/sort.h"
#include "base/status.h"
#include "eval/eval_html.h"
#include "report/html.h"

/* The CED as a step function: a point for every face. */
static enum wt_status put_curve(struct wt_chart *chart, const struct wt_eval_result *r,
                                double limit)
{
    size_t n = 0;
    double *x = malloc(2 * (r->count + 2) * sizeof *x), *y = x ? x + r->count + 2 : NULL;
    if (!x)
        return wt_fail(WT_ERR_MEMORY, "out of memory for %zu faces", r->count);
    x[n++] = 0;
    for (size_t i = 0; i < r->count; i++)
        if (!isnan(r->row[i].nme))
            x[n++] = r->row[i].nme;
    wt_sort_doubles(x, n);
    size_t shown = 0;
    for (size_t i = 0; i < n; i++)
        if (x[i] <= limit)
            y[shown++] = n > 1 ? 100.0 * (double)i / (double)(n - 1) : NAN;
    x[shown] = limit;
    y[shown] = shown ? y[shown - 1] : 0;
    wt_chart_line(chart, x, y, shown + 1, 1);
    free(x);
    return WT_OK;
}

/* Papers show up to 12 %; a network at the start of training needs more. */
static double limit_for(const struct wt_eval_result *r)
{
    const double wider[] = {12, 24, 60};
    size_t within[3] = {0}, found = 0;
    for (size_t i = 0; i < r->count; i++)
        for (int k = 0; k < 3 && isfinite(r->row[i].nme); k++) {
            within[k] += r->row[i].nme <= wider[k];
            found += k == 0;
        }
    for (int k = 0; k < 2; k++)
        if (2 * within[k] >= found)
            return wider[k];
    return wider[2];
}

enum wt_status wt_eval_html_ced(FILE *f, const struct wt_eval_result *result,
                                const struct wt_eval_result *other, int others)
{
    const double limit = limit_for(result);
    const struct wt_axis x = {"NME, %", 0, limit, limit / 12, 0}, y = {"faces, %", 0, 100, 20, 0};
    struct wt_chart chart;
    fputs("<figure class=\"ced\">\n", f);
    wt_chart_begin(&chart, f, x, y, "Cumulative distribution of the NME");
    wt_chart_mark(&chart, 8, "8");
    wt_chart_mark(&chart, 10, "10");
    enum wt_status status = put_curve(&chart, result, limit);
    for (int i = 0; i < others && !status; i++)
        status = put_curve(&chart, &other[i], limit);
    wt_chart_end(&chart);
    fputs("</figure>\n", f);
    return status;
}
