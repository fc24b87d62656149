#include "teach/learner_faces.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "teach/profile_internal.h"

void wt_learner_faces_close(struct wt_learner_faces *f)
{
    wt_faces_destroy(&f->own);
    wt_faces_destroy(&f->learn);
    wt_faces_destroy(&f->replay);
    wt_faces_destroy(&f->guard);
}

/* A bundled list in the profile's scheme; where it is not there or has none of its points, none. */
static enum wt_status open_list(struct wt_faces **out, const char *asset, int points)
{
    struct wt_path path;
    struct wt_point from[98] = {{0, 0}}, to[WT_POINTS_MAX];
    if (!wt_asset_path(asset, path.text, sizeof path.text) ||
        wt_points_convert(from, 98, to, points) != WT_OK)
        return WT_OK;
    enum wt_status status = wt_faces_create(out, points);
    return status ? status : wt_faces_add(*out, path.text);
}

/* One correction as it is and as it is to be learned. */
static enum wt_status add_one(struct wt_learner_faces *f, const struct wt_sample *sample,
                              const struct wt_point *found, const struct wt_offset *offset)
{
    char reason[160];
    struct wt_picture storage = {.pixels = NULL};
    struct wt_image image;
    struct wt_point less[WT_POINTS_MAX], move[WT_POINTS_MAX];
    const int points = sample->points;
    enum wt_status status = wt_sample_picture(sample, &storage, &image, reason, sizeof reason);
    if (status)
        return wt_fail(status, "%s: %s", sample->name, reason);
    wt_offset_mean(offset, found, move);
    for (int i = 0; i < points; i++)
        less[i] = (struct wt_point){sample->point[i].x - move[i].x, sample->point[i].y - move[i].y};
    const struct wt_face_in_frame own = {&image, sample->point, points},
                                  learn = {&image, less, points};
    status = wt_faces_add_frames(f->own, "corrections", &own, 1);
    if (!status)
        status = wt_faces_add_frames(f->learn, "corrections", &learn, 1);
    wt_picture_fini(&storage);
    return status;
}

static enum wt_status add_corrections(struct wt_learner_faces *f, const struct wt_profile *p,
                                      const struct wt_point *const *found)
{
    struct wt_offset *offset = NULL;
    enum wt_status status = wt_profile_fit(&p->truth, found, p->points, SIZE_MAX, &offset);
    for (size_t i = 0; i < p->truth.count && offset && !status; i++) {
        if (!wt_profile_seen(p->truth.sample[i].point, found[i], p->points))
            continue;
        status = add_one(f, &p->truth.sample[i], found[i], offset);
        f->seen++;
    }
    wt_offset_unref(&offset);
    return status;
}

/* What the original network finds in the corrections: the profile says it, unless its own network
 * is another one by now. */
static enum wt_status find(const struct wt_profile *p, const struct wt_profile_run *run,
                           struct wt_profile_finds *out)
{
    if (p->learned || p->stale)
        return wt_profile_find(p, p->base.text, run, out);
    out->point = calloc(p->found.count, sizeof *out->point);
    if (!out->point)
        return wt_fail(WT_ERR_MEMORY, "out of memory for %zu faces", p->found.count);
    for (size_t i = 0; i < p->found.count; i++)
        out->point[i] = p->found.sample[i].point;
    return WT_OK;
}

enum wt_status wt_learner_faces_open(struct wt_learner_faces *f, const struct wt_profile *p,
                                     const struct wt_profile_run *run)
{
    struct wt_profile_finds finds = {.storage = NULL};
    enum wt_status status = find(p, run, &finds);
    if (!status)
        status = wt_faces_create(&f->own, p->points);
    if (!status)
        status = wt_faces_create(&f->learn, p->points);
    if (!status)
        status = add_corrections(f, p, finds.point);
    if (!status)
        status = open_list(&f->replay, WT_ASSET_REPLAY, p->points);
    if (!status)
        status = open_list(&f->guard, WT_ASSET_GUARD, p->points);
    wt_profile_finds_fini(&finds);
    return status;
}
