#include "eval/eval_json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "eval/eval_robust.h"

/* ---- numbers and strings of the rows, which are written as text ---------------------------- */

/* With that many decimals; null for what JSON cannot express. */
static void put_number(FILE *f, double v, int decimals)
{
    if (isfinite(v))
        fprintf(f, "%.*f", decimals, v);
    else
        fputs("null", f);
}

/* The shortest text that reads as the same number. */
static void put_exact(FILE *f, double v)
{
    char text[64];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    fputs(isfinite(v) ? text : "null", f);
}

static void put_string(FILE *f, const char *text)
{
    fputc('"', f);
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if (*p == '"' || *p == '\\')
            fprintf(f, "\\%c", *p);
        else if (*p < 0x20)
            fprintf(f, "\\u%04x", *p);
        else
            fputc(*p, f);
    fputc('"', f);
}

static void put_points(FILE *f, const char *name, const struct wt_point *p, int n)
{
    fprintf(f, ", \"%s\": [", name);
    for (int i = 0; i < n; i++) {
        put_number(f, (double)p[i].x, 2);
        fputs(", ", f);
        put_number(f, (double)p[i].y, 2);
        fputs(i + 1 < n ? ", " : "]", f);
    }
}

static void put_row(FILE *f, const struct wt_eval_result *r, const struct wt_eval_row *row)
{
    const char *separator = "";
    fputs("{\"image\": ", f);
    put_string(f, row->image);
    fprintf(f, ", \"line\": %d, \"points\": %d, \"subsets\": [", row->line, row->points);
    for (int i = 0; i < r->subsets; i++)
        if (row->subsets & UINT32_C(1) << i) {
            fputs(separator, f);
            put_string(f, r->subset[i]);
            separator = ", ";
        }
    fprintf(f, "], \"found\": %s, \"nme\": ", row->found ? "true" : "false");
    put_exact(f, row->nme);
    fputs(", \"confidence\": ", f);
    put_number(f, (double)row->confidence, 4);
    if (row->error) {
        fputs(", \"error\": [", f);
        for (int i = 0; i < row->points; i++) {
            put_number(f, (double)row->error[i], 3);
            fputs(i + 1 < row->points ? ", " : "]", f);
        }
    }
    put_points(f, "truth", row->truth, row->points);
    if (row->found)
        put_points(f, "predicted", row->found, row->points);
    fputc('}', f);
}

/* ---- writing ------------------------------------------------------------------------------- */

/* Adds the text that `put` writes unchanged: cJSON would print one number a line, or everything on
 * one line. */
static bool add_text(cJSON *object, const char *name, const struct wt_eval_result *result,
                     void (*put)(FILE *, const struct wt_eval_result *))
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f)
        return false;
    put(f, result);
    bool ok = fclose(f) == 0 && cJSON_AddRawToObject(object, name, text) != NULL;
    free(text);
    return ok;
}

static void put_faces(FILE *f, const struct wt_eval_result *r)
{
    fputs("[", f);
    for (size_t i = 0; i < r->count; i++) {
        fputs(i ? ",\n\t\t" : "\n\t\t", f);
        put_row(f, r, &r->row[i]);
    }
    fputs("\n\t]", f);
}

static void put_per_point(FILE *f, const struct wt_eval_result *r)
{
    int scheme[4], n = wt_eval_schemes(r, scheme);
    fputs("{", f);
    for (int k = 0; k < n; k++) {
        const struct wt_scheme *s = wt_scheme_get(scheme[k]);
        double mean[WT_POINTS_MAX];
        wt_eval_points(r, s->points, mean);
        fprintf(f, "%s\n\t\t\"%d\": [", k ? "," : "", s->points);
        for (int i = 0; i < s->points; i++) {
            fprintf(f, "%s\n\t\t\t{\"index\": %d, \"name\": \"%s\", \"nme\": ", i ? "," : "", i,
                    s->point_name[i]);
            put_number(f, mean[i], 4);
            fputs("}", f);
        }
        fputs("\n\t\t]", f);
    }
    fputs("\n\t}", f);
}

static void add_parts(cJSON *j, const struct wt_eval_result *r)
{
    int scheme[4], n = wt_eval_schemes(r, scheme);
    cJSON *all = cJSON_AddObjectToObject(j, "per_part");
    for (int i = 0; i < n; i++) {
        const struct wt_scheme *s = wt_scheme_get(scheme[i]);
        double mean[WT_POINTS_MAX], part[WT_EVAL_PARTS];
        char name[16];
        snprintf(name, sizeof name, "%d", s->points);
        cJSON *to = cJSON_AddObjectToObject(all, name);
        wt_eval_points(r, s->points, mean);
        wt_eval_parts(s, mean, part);
        for (int k = 0; k < WT_EVAL_PARTS; k++)
            if (!isnan(part[k]))
                wt_json_number(to, wt_eval_part_name[k], part[k], 6);
    }
}

/* Shares of faces at every quarter of a per cent, as pairs. */
static void put_ced(FILE *f, const struct wt_eval_result *r)
{
    double *nme = malloc((r->count + 1) * sizeof *nme);
    fputs("[", f);
    for (size_t i = 0; nme && i < r->count; i++)
        nme[i] = r->row[i].nme;
    for (int i = 0; nme && i <= 60; i++) {
        fprintf(f, "%s[%.2f, ", i ? ", " : "", i * 0.25);
        put_number(f, wt_ced(nme, r->count, i * 0.25), 4);
        fputs("]", f);
    }
    fputs("]", f);
    free(nme);
}

static enum wt_status add_figures(cJSON *to, const struct wt_eval_result *r, int subset)
{
    struct wt_eval_summary s;
    enum wt_status status = wt_eval_summarise(r, subset, &s);
    if (status)
        return status;
    wt_json_number(to, "faces", (double)s.faces, 15);
    wt_json_number(to, "found", (double)s.found, 15);
    wt_json_number(to, "nme", s.figures.nme, 6);
    wt_json_number(to, "median", s.figures.median, 6);
    wt_json_number(to, "fr8", s.figures.fr8, 6);
    wt_json_number(to, "fr10", s.figures.fr10, 6);
    wt_json_number(to, "auc8", s.figures.auc8, 6);
    wt_json_number(to, "auc10", s.figures.auc10, 6);
    return WT_OK;
}

static void add_protocol(cJSON *j, const struct wt_eval_result *r)
{
    cJSON_AddStringToObject(j, "list", r->list);
    cJSON_AddStringToObject(j, "list_sha256", r->list_sha256);
    cJSON_AddStringToObject(j, "images", r->images);
    cJSON *protocol = cJSON_AddObjectToObject(j, "protocol");
    cJSON_AddStringToObject(protocol, "crop", r->crop);
    wt_json_number(protocol, "crop_factor", r->crop_factor, 6);
    cJSON_AddStringToObject(protocol, "decoder", r->decoder);
    cJSON_AddStringToObject(protocol, "normaliser", r->norm);
    if (r->perturb)
        cJSON_AddStringToObject(protocol, "perturbation", r->perturb);
    if (r->style) {
        cJSON *style = cJSON_AddObjectToObject(protocol, "style");
        cJSON_AddStringToObject(style, "file", r->style);
        cJSON_AddStringToObject(style, "sha256", r->style_sha256);
        cJSON_AddBoolToObject(style, "reverse", r->style_reverse);
    }
    cJSON *network = cJSON_AddObjectToObject(j, "network");
    cJSON_AddStringToObject(network, "file", r->model);
    cJSON_AddStringToObject(network, "sha256", r->model_sha256);
    wt_json_number(network, "points", r->points, 6);
    wt_json_number(network, "stacks", r->stacks, 6);
    wt_json_number(network, "width", r->width, 6);
    cJSON_AddStringToObject(network, "precision", r->precision);
    cJSON_AddStringToObject(network, "kernels", r->kernels);
    wt_json_number(network, "threads", r->threads, 6);
    if (r->parts) {
        cJSON *shard = cJSON_AddObjectToObject(j, "shard");
        wt_json_number(shard, "part", r->part, 6);
        wt_json_number(shard, "of", r->parts, 6);
    }
}

static void add_times(cJSON *j, const struct wt_eval_times *t)
{
    cJSON *times = cJSON_AddObjectToObject(j, "times_ms");
    wt_json_number(times, "pictures", (double)t->pictures, 15);
    wt_json_number(times, "detections", (double)t->detections, 15);
    wt_json_number(times, "forward", t->forward_ms, 6);
    wt_json_number(times, "detect", t->detect_ms, 6);
    wt_json_number(times, "total", t->total_ms, 6);
}

enum wt_status wt_eval_write_json(const struct wt_eval_result *r, const char *path)
{
    cJSON *j = cJSON_CreateObject();
    add_protocol(j, r);
    enum wt_status status = add_figures(cJSON_AddObjectToObject(j, "result"), r, -1);
    cJSON *subsets = r->subsets ? cJSON_AddObjectToObject(j, "subsets") : NULL;
    for (int i = 0; i < r->subsets && !status; i++)
        status = add_figures(cJSON_AddObjectToObject(subsets, r->subset[i]), r, i);
    add_parts(j, r);
    if (r->robust)
        wt_robust_json(j, r->robust);
    add_times(j, &r->times);
    bool ok = add_text(j, "ced", r, put_ced) && add_text(j, "per_point", r, put_per_point) &&
              add_text(j, "per_face", r, put_faces);
    if (status || !ok) {
        cJSON_Delete(j);
        return status ? status : wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    }
    return wt_json_write(j, path);
}
