#include "eval/eval_robust.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/status.h"
#include "base/text_file.h"
#include "face/pose.h"

static const double yaw_edge[WT_YAW_BINS] = {15, 30, 45, INFINITY}; /* degrees */
static const char *const yaw_name[WT_YAW_BINS] = {"0-15", "15-30", "30-45", "45+"};

int wt_robust_all(struct wt_perturb_step *step)
{
    int n = 0;
    for (int k = 0; k < WT_PERTURB_KINDS; k++)
        for (int i = 0; i < 3; i++)
            step[n++] =
                (struct wt_perturb_step){(enum wt_perturb_kind)k, wt_perturb_info[k].step[i]};
    return n;
}

/* ---- measuring ----------------------------------------------------------------------------- */

struct passes {
    const struct wt_eval_options *how;
    size_t before; /* faces of the passes before this one */
};

static void progress(void *user, size_t done)
{
    const struct passes *p = user;
    if (p->how->progress)
        p->how->progress(p->how->user, p->before + done);
}

/* The face's yaw bin; -1: unknown. */
static int yaw_bin(const struct wt_sample *s)
{
    const double yaw = wt_yaw(s->point, s->points);
    int bin = 0;
    if (isnan(yaw))
        return -1;
    while (yaw >= yaw_edge[bin])
        bin++;
    return bin;
}

/* nme: room for [dataset->count]. */
static void take_row(const struct wt_dataset *dataset, const struct wt_eval_face *face, double *nme,
                     struct wt_robust_row *row)
{
    size_t faces[WT_YAW_BINS] = {0};
    double sum[WT_YAW_BINS] = {0};
    for (size_t i = 0; i < dataset->count; i++) {
        const int bin = yaw_bin(&dataset->sample[i]);
        nme[i] = face[i].nme;
        if (bin >= 0 && isfinite(nme[i])) {
            faces[bin]++;
            sum[bin] += nme[i];
        }
    }
    for (int k = 0; k < WT_YAW_BINS; k++)
        row->yaw_nme[k] = faces[k] ? sum[k] / (double)faces[k] : NAN;
    row->figures = wt_summarise(nme, dataset->count);
}

enum wt_status wt_robust_measure(struct wt_net *net, const struct wt_dataset *dataset,
                                 const struct wt_eval_options *how,
                                 const struct wt_perturb_step *step, int steps, uint64_t seed,
                                 struct wt_robust *out, struct wt_eval_face *face,
                                 struct wt_eval_times *times)
{
    struct passes passes = {.how = how};
    struct wt_eval_options each = *how;
    struct wt_eval_times other;
    double *nme = malloc(dataset->count * sizeof *nme);
    struct wt_eval_face *changed = malloc(dataset->count * sizeof *changed);
    enum wt_status status = nme && changed ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory");
    *out = (struct wt_robust){.seed = seed};
    each.progress = progress;
    each.user = &passes;
    for (size_t i = 0; i < dataset->count; i++) {
        const int bin = yaw_bin(&dataset->sample[i]);
        if (bin >= 0)
            out->yaw_faces[bin]++;
    }
    for (int k = -1; k < steps && !status; k++) { /* the first pass changes nothing */
        struct wt_perturb perturb = {.seed = seed};
        struct wt_robust_row *row = &out->row[out->rows];
        if (k >= 0) {
            row->step = step[k];
            perturb.value[step[k].kind] = step[k].value;
        }
        each.perturb = k < 0 ? NULL : &perturb;
        struct wt_eval_face *to = k < 0 ? face : changed;
        status = wt_eval_crops(net, dataset, &each, to, k < 0 ? times : &other);
        if (status)
            break;
        take_row(dataset, to, nme, row);
        out->rows++;
        passes.before += dataset->count;
    }
    free(changed);
    free(nme);
    return status;
}

/* ---- tables -------------------------------------------------------------------------------- */

static const char *kind_of(const struct wt_robust_row *row)
{
    return row->step.value > 0 ? wt_perturb_info[row->step.kind].name : "none";
}

void wt_robust_print(const struct wt_robust *robust, FILE *f)
{
    fputs("| perturbation | strength | NME % | FR8 % |", f);
    for (int k = 0; k < WT_YAW_BINS; k++)
        fprintf(f, " NME, yaw %s (%zu) |", yaw_name[k], robust->yaw_faces[k]);
    fputs("\n|---|--:|--:|--:|", f);
    for (int k = 0; k < WT_YAW_BINS; k++)
        fputs("--:|", f);
    for (int i = 0; i < robust->rows; i++) {
        const struct wt_robust_row *row = &robust->row[i];
        fprintf(f, "\n| %s | ", kind_of(row));
        if (row->step.value > 0)
            fprintf(f, "%g %s | ", row->step.value, wt_perturb_info[row->step.kind].unit);
        else
            fputs(" | ", f);
        fprintf(f, "%.3f | %.2f |", row->figures.nme, row->figures.fr8);
        for (int k = 0; k < WT_YAW_BINS; k++)
            if (isnan(row->yaw_nme[k]))
                fputs(" - |", f);
            else
                fprintf(f, " %.3f |", row->yaw_nme[k]);
    }
    fputc('\n', f);
}

void wt_robust_json(cJSON *to, const struct wt_robust *robust)
{
    cJSON *all = cJSON_AddObjectToObject(to, "robustness");
    wt_json_number(all, "seed", (double)robust->seed, 15);
    cJSON *faces = cJSON_AddObjectToObject(all, "yaw_faces");
    for (int k = 0; k < WT_YAW_BINS; k++)
        wt_json_number(faces, yaw_name[k], (double)robust->yaw_faces[k], 15);
    cJSON *rows = cJSON_AddArrayToObject(all, "rows");
    for (int i = 0; i < robust->rows; i++) {
        const struct wt_robust_row *row = &robust->row[i];
        cJSON *o = cJSON_CreateObject();
        cJSON_AddItemToArray(rows, o);
        cJSON_AddStringToObject(o, "perturbation", kind_of(row));
        wt_json_number(o, "strength", row->step.value, 6);
        wt_json_number(o, "nme", row->figures.nme, 6);
        wt_json_number(o, "fr8", row->figures.fr8, 6);
        cJSON *yaw = cJSON_AddObjectToObject(o, "yaw_nme");
        for (int k = 0; k < WT_YAW_BINS; k++)
            wt_json_number(yaw, yaw_name[k], row->yaw_nme[k], 6);
    }
}

enum wt_status wt_robust_csv(const struct wt_robust *robust, const char *path)
{
    struct wt_text_file file;
    enum wt_status status = wt_text_file_begin(&file, path);
    if (status)
        return status;
    fputs("perturbation,strength,nme,fr8", file.f);
    for (int k = 0; k < WT_YAW_BINS; k++)
        fprintf(file.f, ",nme_yaw_%s", yaw_name[k]);
    for (int i = 0; i < robust->rows; i++) {
        const struct wt_robust_row *row = &robust->row[i];
        fprintf(file.f, "\n%s,%g,%.4f,%.3f", kind_of(row), row->step.value, row->figures.nme,
                row->figures.fr8);
        for (int k = 0; k < WT_YAW_BINS; k++)
            if (isnan(row->yaw_nme[k]))
                fputc(',', file.f);
            else
                fprintf(file.f, ",%.4f", row->yaw_nme[k]);
    }
    fputc('\n', file.f);
    return wt_text_file_end(&file, WT_OK);
}
