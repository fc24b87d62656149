#include "teach/profile_figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/status.h"
#include "measure/evaluate.h"
#include "teach/profile_internal.h"

static void make_curve(const double *nme, size_t n, struct wt_profile_curve *out)
{
    for (int i = 0; i < WT_PROFILE_CED; i++)
        out->share[i] = (float)wt_ced(nme, n, i / 5.0);
}

enum wt_status wt_profile_leave_one_out(const struct wt_dataset *truth,
                                        const struct wt_point *const *found, int points,
                                        struct wt_summary *alone, struct wt_summary *corrected,
                                        struct wt_profile_curve curve[2])
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
    for (int k = 0; k < 2 && curve && !status; k++)
        make_curve(nme + (k ? truth->count : 0), n, &curve[k]);
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

/* As many faces, nothing measured. */
static struct wt_profile_figure unknown(size_t faces)
{
    const struct wt_summary none = {
        .nme = NAN, .median = NAN, .fr8 = NAN, .fr10 = NAN, .auc8 = NAN, .auc10 = NAN};
    struct wt_profile_figure f = {
        .faces = faces, .original = none, .network = none, .corrected = none};
    for (int k = 0; k < 3; k++)
        make_curve(NULL, 0, &f.curve[k]);
    return f;
}

static void original_is_network(struct wt_profile_figure *f)
{
    f->original = f->network;
    f->curve[0] = f->curve[1];
}

/* The original network on the profile's own faces. */
static enum wt_status measure_original(const struct wt_profile *p, const struct wt_profile_run *run,
                                       struct wt_profile_figure *out)
{
    struct wt_summary corrected;
    struct wt_profile_curve curve[2];
    struct wt_profile_finds finds = {.storage = NULL};
    enum wt_status status = wt_profile_find(p, p->base.text, run, &finds);
    if (!status)
        status = wt_profile_leave_one_out(&p->truth, finds.point, p->points, &out->original,
                                          &corrected, curve);
    if (!status)
        out->curve[0] = curve[0];
    wt_profile_finds_fini(&finds);
    return status;
}

enum wt_status wt_profile_measure_own(const struct wt_profile *p, const struct wt_profile_run *run,
                                      struct wt_profile_figure *out)
{
    const struct wt_point **found = calloc(p->found.count, sizeof *found);
    enum wt_status status = found ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory for errors");
    *out = unknown(p->truth.count);
    for (size_t i = 0; !status && i < p->found.count; i++)
        found[i] = p->found.sample[i].point;
    if (!status)
        status = wt_profile_leave_one_out(&p->truth, found, p->points, &out->network,
                                          &out->corrected, out->curve + 1);
    free(found);
    if (!status && !p->learned)
        original_is_network(out);
    else if (!status && access(p->base.text, R_OK) == 0)
        status = measure_original(p, run, out);
    return status;
}

/* ---- lists --------------------------------------------------------------------------------- */

/* Between so many faces it is asked whether to give up. */
#define PART 32

static enum wt_status measure_parts(struct wt_net *net, const struct wt_profile_run *run,
                                    const struct wt_dataset *list,
                                    const struct wt_eval_options *how, struct wt_eval_face *face)
{
    struct wt_eval_times times = {0};
    enum wt_status status = WT_OK;
    for (size_t i = 0; i < list->count && !status; i += PART) {
        struct wt_dataset part = *list;
        part.sample += i;
        part.count = list->count - i < PART ? list->count - i : PART;
        status = run->give_up && run->give_up(run->user)
                     ? WT_END
                     : wt_eval_crops(net, &part, how, face + i, &times);
    }
    return status;
}

/* One pass over a list: errors of the network by itself and with the offset. */
static enum wt_status measure_with(struct wt_net *net, const struct wt_profile_run *run,
                                   const struct wt_dataset *list, const struct wt_offset *offset,
                                   struct wt_summary *out, struct wt_profile_curve *curve)
{
    const struct wt_eval_options how = {.crop = WT_EVAL_TRUTH,
                                        .norm = WT_NORM_OCULAR,
                                        .decoder = WT_DECODE_TRACKER,
                                        .batch = 1,
                                        .offset = offset};
    struct wt_eval_face *face = calloc(list->count, sizeof *face);
    double *nme = calloc(list->count, sizeof *nme);
    enum wt_status status = face && nme ? wt_eval_check(list, wt_net_arch(net)->points, &how)
                                        : wt_fail(WT_ERR_MEMORY, "out of memory for errors");
    if (!status)
        status = measure_parts(net, run, list, &how, face);
    for (size_t i = 0; i < list->count && !status; i++)
        nme[i] = face[i].nme;
    if (!status) {
        make_curve(nme, list->count, curve);
        *out = wt_summarise(nme, list->count);
    }
    free(nme);
    free(face);
    return status;
}

static enum wt_status measure_weights(const char *path, const struct wt_profile_run *run,
                                      const struct wt_dataset *list, const struct wt_offset *offset,
                                      struct wt_summary *alone, struct wt_summary *corrected,
                                      struct wt_profile_curve *curve)
{
    struct wt_model *model = NULL;
    enum wt_status status = wt_profile_open_model(&model, path, run);
    if (!status)
        status = measure_with(model->net, run, list, NULL, alone, curve);
    if (!status && corrected)
        status = measure_with(model->net, run, list, offset, corrected, curve + 1);
    wt_model_close(&model);
    return status;
}

static enum wt_status measure_list(const struct wt_profile *p, const struct wt_profile_run *run,
                                   const struct wt_dataset *list, bool with_offset,
                                   struct wt_profile_figure *out)
{
    *out = unknown(list->count);
    enum wt_status status = measure_weights(p->weights.text, run, list, p->offset, &out->network,
                                            with_offset ? &out->corrected : NULL, out->curve + 1);
    if (!status && !p->learned)
        original_is_network(out);
    else if (!status && access(p->base.text, R_OK) == 0)
        status = measure_weights(p->base.text, run, list, NULL, &out->original, NULL, out->curve);
    return status;
}

enum wt_status wt_profile_measure_list(const struct wt_profile *p, const struct wt_profile_run *run,
                                       const struct wt_dataset *list, struct wt_profile_figure *out)
{
    return measure_list(p, run, list, true, out);
}

enum wt_status wt_profile_measure_guard(const struct wt_profile *p,
                                        const struct wt_profile_run *run,
                                        struct wt_profile_figure *out)
{
    struct wt_path path;
    struct wt_dataset list = {.count = 0};
    *out = unknown(0);
    if (p->points != 98 || !wt_asset_path(WT_ASSET_GUARD, path.text, sizeof path.text))
        return WT_OK; /* there is none for other points */
    enum wt_status status = wt_dataset_open(&list, path.text);
    if (!status)
        status = measure_list(p, run, &list, false, out);
    wt_dataset_fini(&list);
    return status;
}
