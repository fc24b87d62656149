/* What a network finds of a profile's faces. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "face/picture.h"
#include "teach/profile_internal.h"
#include "track/look.h"

enum wt_status wt_profile_open_model(struct wt_model **out, const char *path,
                                     const struct wt_profile_run *run)
{
    const struct wt_model_options o = {.threads = run->threads,
                                       .cpu_mask = run->cpu_mask,
                                       .precision = (enum wt_precision)run->precision};
    return wt_model_open(out, path, &o);
}

void wt_profile_finds_fini(struct wt_profile_finds *finds)
{
    free(finds->storage);
    free(finds->point);
    *finds = (struct wt_profile_finds){.storage = NULL};
}

enum wt_status wt_profile_find_one(struct wt_model *model, const struct wt_sample *sample,
                                   const struct wt_point *near, struct wt_point *found, bool *seen)
{
    char reason[160];
    struct wt_picture storage = {.pixels = NULL};
    struct wt_image image;
    enum wt_status status = wt_sample_picture(sample, &storage, &image, reason, sizeof reason);
    if (status)
        return wt_fail(status, "%s: %s", sample->name, reason);
    *seen = false;
    memcpy(found, near, (size_t)sample->points * sizeof *found);
    status = wt_look_at(model, &image, near, found, seen);
    wt_picture_fini(&storage);
    return status;
}

enum wt_status wt_profile_find(const struct wt_profile *p, const char *weights,
                               const struct wt_profile_run *run, struct wt_profile_finds *out)
{
    const size_t points = (size_t)p->points, faces = p->truth.count;
    struct wt_model *model = NULL;
    enum wt_status status = wt_profile_open_model(&model, weights, run);
    if (!status && wt_model_describe(model).points != p->points)
        status = wt_fail(WT_ERR_FORMAT, "profile %s: corrections of %d points, a network of %d",
                         p->name, p->points, wt_model_describe(model).points);
    out->storage = calloc(faces * points, sizeof *out->storage);
    out->point = calloc(faces, sizeof *out->point);
    if (!status && (!out->storage || !out->point))
        status = wt_fail(WT_ERR_MEMORY, "out of memory for %zu faces", faces);
    for (size_t i = 0; i < faces && !status; i++) {
        const struct wt_sample *s = &p->truth.sample[i];
        bool seen;
        out->point[i] = out->storage + i * points;
        status = wt_profile_find_one(model, s, s->point, out->storage + i * points, &seen);
    }
    wt_model_close(&model);
    return status;
}
