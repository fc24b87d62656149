#include "teach/profile_figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/status.h"
#include "measure/evaluate.h"
#include "teach/profile_internal.h"

enum wt_status wt_profile_leave_one_out(const struct wt_dataset *truth,
                                        const struct wt_point *const *found, int points,
                                        struct wt_summary *alone, struct wt_summary *corrected)
{
    const struct wt_scheme *scheme = wt_scheme_get(points);
    double *nme = calloc(2 * truth->count + 1, sizeof *nme);
    enum wt_status status = nme ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory for errors");
    size_t n = 0;
    for (size_t i = 0; i < truth->count && !status; i++) {
        const struct wt_point *t = truth->sample[i].point;
        struct wt_point moved[WT_POINTS_MAX];
        struct wt_offset *offset = NULL;
        if (!wt_profile_seen(t, found[i], points)) {
            nme[n] = nme[truth->count + n] = INFINITY; /* not found */
            n++;
            continue;
        }
        status = wt_profile_fit(truth, found, points, i, &offset);
        memcpy(moved, found[i], (size_t)points * sizeof *moved);
        if (offset)
            wt_offset_apply(offset, moved);
        wt_offset_unref(&offset);
        nme[n] = wt_nme(t, found[i], scheme, WT_NORM_OCULAR);
        nme[truth->count + n] = wt_nme(t, moved, scheme, WT_NORM_OCULAR);
        n++;
    }
    if (!status) {
        *corrected = wt_summarise(nme + truth->count, n);
        *alone = wt_summarise(nme, n);
    }
    free(nme);
    return status;
}

enum wt_status wt_profile_error_of(const struct wt_profile *p, size_t n, double *error)
{
    const struct wt_point **found = calloc(p->found.count, sizeof *found);
    enum wt_status status = found ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory for errors");
    double sum = 0;
    size_t seen = 0;
    for (size_t i = 0; !status && i < p->found.count; i++)
        found[i] = p->found.sample[i].point;
    for (size_t i = 0; i < n && !status; i++) {
        const struct wt_point *t = p->truth.sample[i].point;
        struct wt_point moved[WT_POINTS_MAX];
        struct wt_offset *offset = NULL;
        if (!wt_profile_seen(t, found[i], p->points))
            continue;
        status = wt_profile_fit(&p->truth, found, p->points, i, &offset);
        memcpy(moved, found[i], (size_t)p->points * sizeof *moved);
        if (offset)
            wt_offset_apply(offset, moved);
        wt_offset_unref(&offset);
        sum += wt_nme(t, moved, wt_scheme_get(p->points), WT_NORM_OCULAR);
        seen++;
    }
    *error = seen ? sum / (double)seen : 0;
    free(found);
    return status;
}

static const struct wt_summary unknown = {
    .nme = NAN, .median = NAN, .fr8 = NAN, .fr10 = NAN, .auc8 = NAN, .auc10 = NAN};

/* The original network on the profile's own faces. */
static enum wt_status measure_original(const struct wt_profile *p, const struct wt_profile_run *run,
                                       struct wt_profile_figure *out)
{
    struct wt_summary corrected;
    struct wt_profile_finds finds = {.storage = NULL};
    enum wt_status status = wt_profile_find(p, p->base.text, run, &finds);
    if (!status)
        status =
            wt_profile_leave_one_out(&p->truth, finds.point, p->points, &out->original, &corrected);
    wt_profile_finds_fini(&finds);
    return status;
}

enum wt_status wt_profile_measure_own(const struct wt_profile *p, const struct wt_profile_run *run,
                                      struct wt_profile_figure *out)
{
    const struct wt_point **found = calloc(p->found.count, sizeof *found);
    enum wt_status status = found ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory for errors");
    *out = (struct wt_profile_figure){.faces = p->truth.count, .original = unknown};
    for (size_t i = 0; !status && i < p->found.count; i++)
        found[i] = p->found.sample[i].point;
    if (!status)
        status =
            wt_profile_leave_one_out(&p->truth, found, p->points, &out->network, &out->corrected);
    free(found);
    if (!status && !p->learned)
        out->original = out->network;
    else if (!status && access(p->base.text, R_OK) == 0)
        status = measure_original(p, run, out);
    return status;
}

/* ---- lists --------------------------------------------------------------------------------- */

/* One pass over a list: errors of the network by itself and with the offset. */
static enum wt_status measure_with(struct wt_net *net, const struct wt_dataset *list,
                                   const struct wt_offset *offset, struct wt_summary *out)
{
    const struct wt_eval_options how = {.crop = WT_EVAL_TRUTH,
                                        .norm = WT_NORM_OCULAR,
                                        .decoder = WT_DECODE_TRACKER,
                                        .batch = 1,
                                        .offset = offset};
    struct wt_eval_face *face = calloc(list->count, sizeof *face);
    double *nme = calloc(list->count, sizeof *nme);
    struct wt_eval_times times = {0};
    enum wt_status status = face && nme ? wt_eval_check(list, wt_net_arch(net)->points, &how)
                                        : wt_fail(WT_ERR_MEMORY, "out of memory for errors");
    if (!status)
        status = wt_eval_crops(net, list, &how, face, &times);
    for (size_t i = 0; i < list->count && !status; i++)
        nme[i] = face[i].nme;
    if (!status)
        *out = wt_summarise(nme, list->count);
    free(nme);
    free(face);
    return status;
}

static enum wt_status measure_weights(const char *path, const struct wt_profile_run *run,
                                      const struct wt_dataset *list, const struct wt_offset *offset,
                                      struct wt_summary *alone, struct wt_summary *corrected)
{
    struct wt_model *model = NULL;
    enum wt_status status = wt_profile_open_model(&model, path, run);
    if (!status)
        status = measure_with(model->net, list, NULL, alone);
    if (!status && corrected)
        status = measure_with(model->net, list, offset, corrected);
    wt_model_close(&model);
    return status;
}

enum wt_status wt_profile_measure_list(const struct wt_profile *p, const struct wt_profile_run *run,
                                       const struct wt_dataset *list, struct wt_profile_figure *out)
{
    *out = (struct wt_profile_figure){.faces = list->count, .original = unknown};
    enum wt_status status =
        measure_weights(p->weights.text, run, list, p->offset, &out->network, &out->corrected);
    if (!status && !p->learned)
        out->original = out->network;
    else if (!status && access(p->base.text, R_OK) == 0)
        status = measure_weights(p->base.text, run, list, NULL, &out->original, NULL);
    return status;
}
