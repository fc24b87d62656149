#include "eval/eval_report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/status.h"
#include "base/text_file.h"

/* ---- text ---------------------------------------------------------------------------------- */

static void print_protocol(const struct wt_eval_result *r)
{
    bool same = true;
    char style[512];
    for (size_t i = 1; i < r->count; i++)
        same = same && r->row[i].points == r->row[0].points;
    printf("List       %s: %zu faces", WT_SHOWN(r->list), r->count);
    if (same)
        printf(" of %d points", r->row[0].points);
    if (r->parts)
        printf(", part %d of %d", r->part, r->parts);
    printf("\nModel      %s (%d points, %d stack%s of width %d; %s, %s kernels, %d thread%s)\n",
           WT_SHOWN(r->model), r->points, r->stacks, r->stacks == 1 ? "" : "s", r->width,
           WT_SHOWN(r->precision), WT_SHOWN(r->kernels), r->threads, r->threads == 1 ? "" : "s");
    printf("Crop       %s: %s\n", WT_SHOWN(r->crop), wt_eval_crop_text(r->crop));
    printf("Decoder    %s\n", WT_SHOWN(r->decoder));
    if (r->perturb)
        printf("Perturbed  %s\n", WT_SHOWN(r->perturb));
    if (r->style)
        printf("Style      %s\n", WT_SHOWN(wt_eval_style_text(r, style, sizeof style)));
    printf("Normaliser %s: %s\n\n", WT_SHOWN(r->norm), wt_eval_norm_text(r->norm));
}

static void print_figures(const struct wt_eval_result *r, const struct wt_eval_summary *all)
{
    const struct wt_summary *s = &all->figures;
    bool may_miss = wt_eval_may_miss(r);
    if (may_miss)
        printf("Found      %zu of %zu faces (%.1f %%), in %zu pictures with %zu detections\n",
               all->found, all->faces, 100.0 * (double)all->found / (double)all->faces,
               r->times.pictures, r->times.detections);
    printf("NME        %.3f %%  (median %.3f %%)%s\n", s->nme, s->median,
           may_miss ? "  of the found faces" : "");
    printf("FR8        %.2f %%    FR10   %.2f %%%s\n", s->fr8, s->fr10,
           may_miss ? "    missed faces are failures" : "");
    printf("AUC8       %.2f %%   AUC10  %.2f %%\n", s->auc8, s->auc10);
}

static void print_parts(const struct wt_eval_result *r)
{
    int scheme[4], n = wt_eval_schemes(r, scheme);
    for (int i = 0; i < n; i++) {
        const struct wt_scheme *s = wt_scheme_get(scheme[i]);
        double mean[WT_POINTS_MAX], part[WT_EVAL_PARTS];
        if (!wt_eval_points(r, s->points, mean))
            continue;
        wt_eval_parts(s, mean, part);
        printf("NME of     ");
        for (int k = 0; k < WT_EVAL_PARTS; k++)
            if (!isnan(part[k]))
                printf("%s %.2f %%  ", wt_eval_part_name[k], part[k]);
        printf("(%d points)\n", s->points);
    }
}

static enum wt_status print_subsets(const struct wt_eval_result *r)
{
    enum wt_status status = WT_OK;
    if (r->subsets)
        printf("\n%-16s %6s %7s %7s %7s %7s %7s %7s\n", "Subset", "faces", "NME %", "median", "FR8",
               "FR10", "AUC8", "AUC10");
    for (int i = 0; i < r->subsets && !status; i++) {
        struct wt_eval_summary s;
        status = wt_eval_summarise(r, i, &s);
        if (status)
            break;
        printf("%-16s %6zu", WT_SHOWN(r->subset[i]), s.faces);
        const double v[] = {s.figures.nme,  s.figures.median, s.figures.fr8,
                            s.figures.fr10, s.figures.auc8,   s.figures.auc10};
        for (int k = 0; k < 6; k++)
            if (isnan(v[k]))
                printf(" %7s", "-");
            else
                printf(" %7.*f", k < 2 ? 3 : 2, v[k]);
        printf("\n");
    }
    return status;
}

enum wt_status wt_eval_print(const struct wt_eval_result *result)
{
    struct wt_eval_summary all;
    enum wt_status status = wt_eval_summarise(result, -1, &all);
    if (status)
        return status;
    print_protocol(result);
    print_figures(result, &all);
    print_parts(result);
    printf("Time       %.1f ms a picture, %.1f of it in the network\n",
           result->times.total_ms / (double)result->times.pictures,
           result->times.forward_ms / (double)result->times.pictures);
    return print_subsets(result);
}

/* ---- CSV ----------------------------------------------------------------------------------- */

/* A field of a CSV row: quoted where it has to be. */
static void put_field(FILE *f, const char *text)
{
    const bool quoted = strpbrk(text, ",\"") != NULL;
    if (quoted)
        fputc('"', f);
    while (*text) { /* control characters are escaped: a row stays a line */
        const struct wt_escaped e = wt_escape_next(text);
        if (*text == '"')
            fputc('"', f);
        fputs(e.text, f);
        text += e.taken;
    }
    if (quoted)
        fputc('"', f);
}

static void put_row(FILE *f, const struct wt_eval_result *r, const struct wt_eval_row *row)
{
    const char *separator = "";
    put_field(f, row->image);
    fprintf(f, ",%d,%d,%d,", row->line, row->points, row->found != NULL);
    if (isfinite(row->nme))
        fprintf(f, "%.4f", row->nme);
    fprintf(f, ",%.4f,", (double)row->confidence);
    for (int i = 0; i < r->subsets; i++)
        if (row->subsets & UINT32_C(1) << i) {
            fputs(separator, f);
            put_field(f, r->subset[i]);
            separator = "|";
        }
    fputc('\n', f);
}

enum wt_status wt_eval_write_csv(const struct wt_eval_result *result, const char *path)
{
    struct wt_text_file file;
    enum wt_status status = wt_text_file_begin(&file, path);
    if (status)
        return status;
    fprintf(file.f, "image,line,points,found,nme,confidence,subsets\n");
    for (size_t i = 0; i < result->count; i++)
        put_row(file.f, result, &result->row[i]);
    return wt_text_file_end(&file, status);
}
