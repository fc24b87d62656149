#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_eval.h"
#include "crop.h"
#include "file.h"
#include "json.h"

static const char *norm_text(const char *norm)
{
    static const char *const text[][2] = {
        {"ocular", "distance of the outer eye corners"},
        {"pupil", "distance of the pupils or eye centres"},
        {"box", "sqrt(width x height) of the true points' box"},
    };
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        if (strcmp(text[i][0], norm) == 0)
            return text[i][1];
    return "";
}

void wt_eval_print(const struct wt_eval_report *r)
{
    const struct wt_summary *s = &r->summary;
    printf("List       %s: %zu faces", r->list, r->dataset->count);
    if (r->dataset->points)
        printf(" of %d points", r->dataset->points);
    printf("\nModel      %s (%d points, %d stack%s of width %d; %s, %s kernels, %d thread%s)\n",
           r->model, r->points, r->stacks, r->stacks == 1 ? "" : "s", r->width, r->precision,
           r->kernels, r->threads, r->threads == 1 ? "" : "s");
    printf("Crop       %s\n", r->may_miss ? "detector: whole pictures, no use of the truth"
                                          : "truth: square around the true points");
    printf("Decoder    %s\n", r->decoder);
    printf("Normaliser %s: %s\n\n", r->norm, norm_text(r->norm));
    if (r->may_miss)
        printf("Found      %zu of %zu faces (%.1f %%), in %zu pictures with %zu detections\n",
               r->found, r->dataset->count, 100.0 * (double)r->found / (double)r->dataset->count,
               r->times.pictures, r->times.detections);
    printf("NME        %.3f %%  (median %.3f %%)%s\n", s->nme, s->median,
           r->may_miss ? "  of the found faces" : "");
    printf("FR8        %.2f %%    FR10   %.2f %%%s\n", s->fr8, s->fr10,
           r->may_miss ? "    missed faces are failures" : "");
    printf("AUC8       %.2f %%   AUC10  %.2f %%\n", s->auc8, s->auc10);
    printf("Time       %.1f ms a picture, %.1f of it in the network\n",
           r->times.total_ms / (double)r->times.pictures,
           r->times.forward_ms / (double)r->times.pictures);
}

static cJSON *to_json(const struct wt_eval_report *r)
{
    const struct wt_summary *s = &r->summary;
    cJSON *j = cJSON_CreateObject();
    cJSON *protocol = cJSON_AddObjectToObject(j, "protocol");
    cJSON *network = cJSON_AddObjectToObject(j, "network");
    cJSON *result = cJSON_AddObjectToObject(j, "result");
    cJSON *times = cJSON_AddObjectToObject(j, "times_ms");

    cJSON_AddStringToObject(j, "list", r->list);
    cJSON_AddStringToObject(protocol, "crop", r->crop);
    wt_json_number(protocol, "crop_factor", WT_CROP_FACTOR, 6);
    cJSON_AddStringToObject(protocol, "decoder", r->decoder);
    cJSON_AddStringToObject(protocol, "normaliser", r->norm);
    cJSON_AddStringToObject(network, "file", r->model);
    wt_json_number(network, "points", r->points, 6);
    wt_json_number(network, "stacks", r->stacks, 6);
    wt_json_number(network, "width", r->width, 6);
    cJSON_AddStringToObject(network, "precision", r->precision);
    cJSON_AddStringToObject(network, "kernels", r->kernels);
    wt_json_number(network, "threads", r->threads, 6);
    wt_json_number(result, "faces", (double)r->dataset->count, 6);
    wt_json_number(result, "found", (double)r->found, 6);
    wt_json_number(result, "nme", s->nme, 6);
    wt_json_number(result, "median", s->median, 6);
    wt_json_number(result, "fr8", s->fr8, 6);
    wt_json_number(result, "fr10", s->fr10, 6);
    wt_json_number(result, "auc8", s->auc8, 6);
    wt_json_number(result, "auc10", s->auc10, 6);
    wt_json_number(times, "pictures", (double)r->times.pictures, 6);
    wt_json_number(times, "forward", r->times.forward_ms, 6);
    wt_json_number(times, "detect", r->times.detect_ms, 6);
    wt_json_number(times, "total", r->times.total_ms, 6);
    return j;
}

enum wt_status wt_eval_write_json(const struct wt_eval_report *report, const char *path)
{
    return wt_json_write(to_json(report), path);
}

/* A field of a CSV row: quoted where it has to be. */
static void put_field(FILE *f, const char *text)
{
    if (!strpbrk(text, ",\"")) {
        fputs(text, f);
        return;
    }
    fputc('"', f);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', f);
        fputc(*text, f);
    }
    fputc('"', f);
}

enum wt_status wt_eval_write_csv(const struct wt_eval_report *report, const char *path)
{
    struct wt_file_writer w = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    fprintf(f, "image,line,points,found,nme,confidence\n");
    for (size_t i = 0; i < report->dataset->count; i++) {
        const struct wt_sample *s = &report->dataset->sample[i];
        const struct wt_eval_face *face = &report->face[i];
        put_field(f, s->name);
        fprintf(f, ",%d,%d,%d,", s->line, s->points, !isinf(face->nme));
        if (isfinite(face->nme))
            fprintf(f, "%.4f", face->nme);
        fprintf(f, ",%.4f\n", (double)face->confidence);
    }
    enum wt_status status = WT_OK;
    if (fclose(f))
        status = wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    if (!status)
        status = wt_file_writer_init(&w, path);
    if (!status) {
        wt_file_writer_put(&w, text, size);
        status = wt_file_writer_commit(&w);
    }
    wt_file_writer_fini(&w);
    free(text);
    return status;
}
