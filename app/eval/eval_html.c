#include "eval/eval_html.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "base/text_file.h"
#include "eval/eval_compare.h"
#include "report/html.h"

static void put_cell(FILE *f, double v, int decimals)
{
    fputs("<td>", f);
    wt_html_number(f, v, decimals);
    fputs("</td>", f);
}

static void put_row_head(FILE *f, const char *name, const char *class)
{
    fprintf(f, "<tr%s%s%s><td>", class ? " class=\"" : "", class ? class : "", class ? "\"" : "");
    wt_html_text(f, name);
    fputs("</td>", f);
}

/* ---- headline ------------------------------------------------------------------------------ */

/* Standard error of the mean NME of the found faces. */
static double standard_error(const struct wt_eval_result *r, double mean)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < r->count; i++)
        if (isfinite(r->row[i].nme)) {
            sum += (r->row[i].nme - mean) * (r->row[i].nme - mean);
            n++;
        }
    return n > 1 ? sqrt(sum / (double)(n - 1) / (double)n) : NAN;
}

static void put_tiles(FILE *f, const struct wt_eval_result *r, const struct wt_eval_summary *all)
{
    const struct wt_summary *s = &all->figures;
    char note[96];
    fputs("<section class=\"tiles\">\n", f);
    snprintf(note, sizeof note, "\u00b1 %.3f standard error%s", standard_error(r, s->nme),
             wt_eval_may_miss(r) ? ", found faces" : "");
    wt_html_tile(f, "tile main", "NME", s->nme, 3, "%", note);
    wt_html_tile(f, "tile", "Median NME", s->median, 3, "%", "half of the faces are better");
    snprintf(note, sizeof note, "%.2f %% above 8 %%", s->fr8);
    wt_html_tile(f, "tile", "Failures, FR10", s->fr10, 2, "%", note);
    snprintf(note, sizeof note, "AUC8 %.2f %%", s->auc8);
    wt_html_tile(f, "tile", "AUC10", s->auc10, 2, "%", note);
    if (wt_eval_may_miss(r)) {
        snprintf(note, sizeof note, "%zu of %zu faces", all->found, all->faces);
        wt_html_tile(f, "tile", "Found", 100.0 * (double)all->found / (double)all->faces, 1, "%",
                     note);
    }
    fputs("</section>\n", f);
}

static void put_protocol(FILE *f, const struct wt_eval_result *r)
{
    char text[256];
    wt_html_section(
        f, "What was measured",
        "NME is the mean distance between found and true points divided by the normaliser. "
        "FR is the share of faces above a limit, AUC the area under the distribution of "
        "errors up to it.");
    fputs("<dl>\n", f);
    snprintf(text, sizeof text, "%zu faces", r->count);
    wt_html_fact(f, "List", r->list, text);
    wt_html_fact(f, "Crop", r->crop, wt_eval_crop_text(r->crop));
    if (!isnan(r->crop_factor)) {
        snprintf(text, sizeof text, "%.4g mean sides of the box", r->crop_factor);
        wt_html_fact(f, "Crop\u2019s side", text, "");
    }
    wt_html_fact(f, "Normaliser", r->norm, wt_eval_norm_text(r->norm));
    wt_html_fact(f, "Decoder", r->decoder, "");
    if (r->perturb)
        wt_html_fact(f, "Crops perturbed", r->perturb, "");
    wt_html_fact(f, "Label style", wt_eval_style_text(r, text, sizeof text), "");
    snprintf(text, sizeof text, "%d points, %d stack%s of width %d, %s, %s kernels", r->points,
             r->stacks, r->stacks == 1 ? "" : "s", r->width, r->precision, r->kernels);
    wt_html_fact(f, "Network", r->model, text);
    fputs("<dt>Checksums</dt><dd><code>", f);
    wt_html_text(f, r->model_sha256);
    fputs("</code> (weights)<br/><code>", f);
    wt_html_text(f, r->list_sha256);
    fputs("</code> (list)</dd>\n</dl>\n</section>\n", f);
}

/* ---- the distribution ---------------------------------------------------------------------- */

/* A result beside the page's own: its figures and the difference. */
static enum wt_status put_series(FILE *f, const struct wt_eval_page *page, int k)
{
    const struct wt_eval_result *r = k ? &page->other[k - 1] : page->result;
    struct wt_eval_summary s;
    struct wt_paired paired;
    char differs[128] = "";
    enum wt_status status = wt_eval_summarise(r, -1, &s);
    if (!status && k)
        status = wt_eval_pair(page->result, r, page->seed, &paired);
    if (status)
        return status;
    fprintf(f,
            "<tr%s><td class=\"text\"><svg class=\"swatch\" viewBox=\"0 0 18 10\"><path "
            "class=\"plot s%d%s\" d=\"M0 5H18\"/></svg>",
            k ? "" : " class=\"all\"", k % WT_HTML_COLOURS, k >= WT_HTML_COLOURS ? " again" : "");
    wt_html_text(f, k ? page->other_name[k - 1] : page->name);
    if (k)
        wt_eval_differences(page->result, r, differs, sizeof differs);
    if (*differs)
        fprintf(f, " <span class=\"bad\">(differs: %s)</span>", differs);
    fputs("</td>", f);
    put_cell(f, (double)s.faces, 0);
    put_cell(f, s.figures.nme, 3);
    put_cell(f, s.figures.fr8, 2);
    put_cell(f, s.figures.fr10, 2);
    put_cell(f, s.figures.auc8, 2);
    put_cell(f, s.figures.auc10, 2);
    if (k && paired.faces >= 2)
        fprintf(f, "<td class=\"%s\">%+.3f <small>(%+.3f to %+.3f)</small></td>",
                paired.high < 0  ? "good"
                : paired.low > 0 ? "bad"
                                 : "",
                paired.difference, paired.low, paired.high);
    else if (page->others)
        fputs("<td>-</td>", f);
    fputs("</tr>\n", f);
    return WT_OK;
}

static enum wt_status put_distribution(FILE *f, const struct wt_eval_page *page)
{
    enum wt_status status;
    wt_html_section(
        f, "Distribution of errors",
        "Share of faces with an NME of at most so much (CED). A higher curve is better; "
        "what is missing at the dashed lines are the failures FR8 and FR10.");
    status = wt_eval_html_ced(f, page->result, page->other, page->others);
    fprintf(f,
            "<div class=\"scroll\"><table>\n<thead><tr><th>Result</th><th>faces</th>"
            "<th>NME</th><th>FR8</th><th>FR10</th><th>AUC8</th><th>AUC10</th>%s</tr></thead>\n"
            "<tbody>\n",
            page->others ? "<th>NME compared, 95 % interval</th>" : "");
    for (int k = 0; k <= page->others && !status; k++)
        status = put_series(f, page, k);
    fputs("</tbody>\n</table></div>\n", f);
    if (page->others)
        fprintf(f,
                "<p class=\"note\">Compared: NME of the result minus that of this report over the "
                "faces found in both; interval of a paired bootstrap with %d resamples.</p>\n",
                WT_EVAL_ROUNDS);
    fputs("</section>\n", f);
    return status;
}

/* ---- subsets ------------------------------------------------------------------------------- */

static enum wt_status put_subsets(FILE *f, const struct wt_eval_result *r)
{
    struct wt_eval_summary s[WT_SUBSETS_MAX + 1];
    enum wt_status status = WT_OK;
    double most = 0;
    if (!r->subsets)
        return WT_OK;
    for (int i = -1; i < r->subsets && !status; i++) {
        status = wt_eval_summarise(r, i, &s[i + 1]);
        most = fmax(most, s[i + 1].figures.nme);
    }
    if (status)
        return status;
    wt_html_section(f, "Subsets", "A face may be in several of them, or in none. All in per cent.");
    fputs(
        "<div class=\"scroll\"><table class=\"subsets\">\n<thead><tr><th>Subset</th><th>faces</th>"
        "<th>NME</th><th></th><th>median</th><th>FR8</th><th>FR10</th><th>AUC8</th><th>AUC10</th>"
        "</tr></thead>\n<tbody>\n",
        f);
    for (int i = 0; i <= r->subsets; i++) {
        const struct wt_summary *v = &s[i].figures;
        put_row_head(f, i ? r->subset[i - 1] : "all", i ? NULL : "all");
        put_cell(f, (double)s[i].faces, 0);
        put_cell(f, v->nme, 3);
        fprintf(f, "<td><span class=\"bar\"><i style=\"width:%.0f%%\"></i></span></td>",
                most > 0 && isfinite(v->nme) ? 100 * v->nme / most : 0.0);
        put_cell(f, v->median, 3);
        put_cell(f, v->fr8, 2);
        put_cell(f, v->fr10, 2);
        put_cell(f, v->auc8, 2);
        put_cell(f, v->auc10, 2);
        fputs("</tr>\n", f);
    }
    fputs("</tbody>\n</table></div>\n</section>\n", f);
    return WT_OK;
}

/* ---- the page ------------------------------------------------------------------------------ */

static enum wt_status put_page(FILE *f, const struct wt_eval_page *page, int *failed)
{
    const struct wt_eval_result *r = page->result;
    struct wt_eval_summary all;
    char title[300], subtitle[600], label[256];
    enum wt_status status = wt_eval_summarise(r, -1, &all);
    if (status)
        return status;
    wt_eval_label(r->model, label, sizeof label);
    snprintf(title, sizeof title, "Accuracy of %s", label);
    snprintf(subtitle, sizeof subtitle, "%zu faces of %s \u00b7 crop %s \u00b7 normaliser %s",
             all.faces, r->list, r->crop, r->norm);
    wt_html_begin(f, "Wingtip \u00b7 evaluation", title, subtitle, 0);
    put_tiles(f, r, &all);
    status = put_distribution(f, page);
    if (!status)
        status = put_subsets(f, r);
    int scheme[4], schemes = wt_eval_schemes(r, scheme);
    for (int i = 0; i < schemes && !status; i++)
        wt_eval_html_shape(f, r, scheme[i]);
    if (!status && page->worst)
        status = wt_eval_html_worst(f, r, page->worst, failed);
    put_protocol(f, r);
    snprintf(subtitle, sizeof subtitle, "wingtip %s eval", wt_version());
    wt_html_end(f, subtitle);
    return status;
}

enum wt_status wt_eval_write_html(const struct wt_eval_page *page, const char *path)
{
    struct wt_text_file file;
    int failed = 0;
    enum wt_status status = wt_text_file_begin(&file, path);
    if (!status)
        status = put_page(file.f, page, &failed);
    status = wt_text_file_end(&file, status);
    return !status && failed ? WT_ERR_IO : status;
}
