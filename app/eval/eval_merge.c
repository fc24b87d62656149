#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "eval/eval_compare.h"

/* Why two results are not parts of one evaluation; NULL: they are. */
static const char *mismatch(const struct wt_eval_result *a, const struct wt_eval_result *b)
{
    if (a->parts != b->parts)
        return "the number of parts";
    if (strcmp(a->list_sha256, b->list_sha256) != 0)
        return "the list";
    if (strcmp(a->crop, b->crop) != 0 || strcmp(a->decoder, b->decoder) != 0 ||
        strcmp(a->norm, b->norm) != 0 || fabs(a->crop_factor - b->crop_factor) > 1e-5)
        return "the protocol";
    if (!wt_eval_same_style(a, b))
        return "the label style";
    if (!wt_eval_same_perturb(a, b))
        return "the perturbation";
    if (strcmp(a->model_sha256, b->model_sha256) != 0)
        return "the network";
    if (strcmp(a->precision, b->precision) != 0)
        return "the precision";
    bool same = a->subsets == b->subsets;
    for (int i = 0; same && i < a->subsets; i++)
        same = strcmp(a->subset[i], b->subset[i]) == 0;
    return same ? NULL : "the subsets";
}

/* Puts part k of them at order[k]. */
static enum wt_status sort_parts(const struct wt_eval_result *part, int n, const char *const *name,
                                 int *order)
{
    for (int k = 0; k < n; k++)
        order[k] = -1;
    for (int i = 0; i < n; i++) {
        const char *what = mismatch(&part[0], &part[i]);
        if (what)
            return wt_fail(WT_ERR_FORMAT, "%s and %s do not belong together: %s differs", name[0],
                           name[i], what);
        if (!part[i].parts)
            return wt_fail(WT_ERR_FORMAT, "%s: the result of a whole list, not of a --shard",
                           name[i]);
        if (part[i].part <= n && order[part[i].part - 1] >= 0)
            return wt_fail(WT_ERR_FORMAT, "%s and %s: part %d of %d twice",
                           name[order[part[i].part - 1]], name[i], part[i].part, part[i].parts);
        if (part[i].part <= n)
            order[part[i].part - 1] = i;
    }
    for (int k = 0; k < part[0].parts; k++)
        if (k >= n || order[k] < 0)
            return wt_fail(WT_ERR_FORMAT, "part %d of %d is missing", k + 1, part[0].parts);
    return WT_OK;
}

static void add_times(struct wt_eval_times *sum, const struct wt_eval_times *t)
{
    sum->forward_ms += t->forward_ms;
    sum->detect_ms += t->detect_ms;
    sum->total_ms += t->total_ms;
    sum->pictures += t->pictures;
    sum->detections += t->detections;
}

enum wt_status wt_eval_merge(struct wt_eval_result *part, int n, const char *const *name,
                             struct wt_eval_result *out)
{
    size_t count = 0;
    if (n == 1 && !part[0].parts) {
        *out = part[0];
        part[0] = (struct wt_eval_result){0};
        return WT_OK;
    }
    int *order = malloc((size_t)n * sizeof *order);
    enum wt_status status = order ? sort_parts(part, n, name, order)
                                  : wt_fail(WT_ERR_MEMORY, "out of memory for %d parts", n);
    if (status)
        goto end;
    for (int i = 0; i < n; i++)
        count += part[i].count;
    struct wt_eval_result all = part[order[0]];
    all.row = wt_eval_alloc(&part[order[0]], count * sizeof *all.row);
    if (!all.row) {
        status = wt_fail(WT_ERR_MEMORY, "out of memory for %zu faces", count);
        goto end;
    }
    all.memory = part[order[0]].memory;
    all.part = all.parts = 0;
    all.count = 0;
    all.times = (struct wt_eval_times){0};
    for (int k = 0; k < n; k++) {
        const struct wt_eval_result *p = &part[order[k]];
        memcpy(all.row + all.count, p->row, p->count * sizeof *p->row);
        all.count += p->count;
        add_times(&all.times, &p->times);
        all.threads = p->threads > all.threads ? p->threads : all.threads;
        if (strcmp(all.kernels, p->kernels) != 0)
            all.kernels = "mixed";
        if (k) /* what the rows point to moves along */
            wt_eval_adopt(&all, &part[order[k]]);
    }
    part[order[0]] = (struct wt_eval_result){0};
    *out = all;
end:
    free(order);
    return status;
}
