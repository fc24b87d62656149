#include "teach/profile_faces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/status.h"
#include "measure/metrics.h"
#include "teach/profile_internal.h"

/* NULL: not found. */
static double place(const struct wt_profile *p, size_t i, const struct wt_point *found,
                    struct wt_point *out)
{
    const struct wt_point *truth = p->truth.sample[i].point;
    if (found && wt_profile_seen(truth, found, p->points)) {
        memcpy(out, found, (size_t)p->points * sizeof *out);
        return wt_nme(truth, found, wt_scheme_get(p->points), WT_NORM_OCULAR);
    }
    for (int k = 0; k < p->points; k++)
        out[k] = (struct wt_point){NAN, NAN};
    return NAN;
}

static enum wt_status place_after(const struct wt_profile *p, const struct wt_point *const *found,
                                  size_t i, struct wt_profile_face *face)
{
    struct wt_offset *offset = NULL;
    face->nme[1] = place(p, i, found[i], face->after);
    if (isnan(face->nme[1]))
        return WT_OK;
    const enum wt_status status = wt_profile_fit(&p->truth, found, p->points, i, &offset);
    if (!status && offset) {
        wt_offset_apply(offset, face->after);
        face->nme[1] =
            wt_nme(p->truth.sample[i].point, face->after, wt_scheme_get(p->points), WT_NORM_OCULAR);
    }
    wt_offset_unref(&offset);
    return status;
}

enum wt_status wt_profile_faces(const struct wt_profile *p, const struct wt_profile_run *run,
                                struct wt_profile_face *face)
{
    struct wt_profile_finds original = {.storage = NULL};
    const struct wt_point **found = calloc(p->found.count + 1, sizeof *found);
    enum wt_status status = found ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory for faces");
    const bool there = access(p->base.text, R_OK) == 0;
    if (!status && p->learned && there)
        status = wt_profile_find(p, p->base.text, run, &original);
    for (size_t i = 0; i < p->found.count && !status; i++)
        found[i] = p->found.sample[i].point;
    for (size_t i = 0; i < p->found.count && !status; i++) {
        const struct wt_point *first = !p->learned ? found[i] : there ? original.point[i] : NULL;
        face[i].nme[0] = place(p, i, first, face[i].before);
        status = place_after(p, found, i, &face[i]);
    }
    wt_profile_finds_fini(&original);
    free(found);
    return status;
}
