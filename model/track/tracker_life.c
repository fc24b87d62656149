/* Making, configuring and ending a tracker. */
#include <stdlib.h>

#include "base/status.h"
#include "track/tracker_internal.h"

/* Defaults. */
/* Confidences measured with the shipped weights: on 60 photographs every one of 81 labelled faces
 * that was found has 0.42 or more, and what the cascades took for a face but is none, 0.32 or less;
 * on two clips of talking heads (613 frames) the least is 0.55. */
#define MIN_CONFIDENCE 0.35f
#define SEARCH_S 0.3f /* a new face is found within so many seconds */

/* Points do not lean on those of earlier frames. */
static void smooth_anew(struct wt_tracker *tracker)
{
    for (int i = 0; i < tracker->tracks; i++)
        tracker->track[i].filter.started = false;
}

enum wt_status wt_tracker_configure(struct wt_tracker *tracker,
                                    const struct wt_tracker_options *options)
{
    static const struct wt_tracker_options defaults = {0};
    struct wt_tracker_options o = options ? *options : defaults;
    if (!tracker)
        return wt_fail(WT_ERR_ARGUMENT, "tracker: no tracker");
    if (o.max_faces < 0 || o.max_faces > WT_FACES_MAX)
        return wt_fail(WT_ERR_ARGUMENT, "max_faces: %d is not 0..%d", o.max_faces, WT_FACES_MAX);
    if (!(o.min_confidence >= 0 && o.min_confidence <= 1))
        return wt_fail(WT_ERR_ARGUMENT, "min_confidence: %g is not 0..1", o.min_confidence);
    if (!(o.search_every >= 0 && o.search_every <= 3600))
        return wt_fail(WT_ERR_ARGUMENT, "search_every: %g is not 0..3600", o.search_every);
    if (o.stacks < 0 || o.stacks > tracker->model->info.stacks)
        return wt_fail(WT_ERR_ARGUMENT, "stacks: %d is not 0..%d", o.stacks,
                       tracker->model->info.stacks);
    if (!(o.smooth_strength >= 0 && o.smooth_strength <= 1000))
        return wt_fail(WT_ERR_ARGUMENT, "smooth_strength: %g is not 0..1000", o.smooth_strength);
    o.smooth_strength = o.smooth_strength > 0 ? o.smooth_strength : 1;
    o.max_faces = o.max_faces ? o.max_faces : 1;
    o.min_confidence = o.min_confidence > 0 ? o.min_confidence : MIN_CONFIDENCE;
    o.search_every = o.search_every > 0 ? o.search_every : SEARCH_S;
    o.detector = NULL; /* the caller's string; not kept */
    if (!o.smooth)
        smooth_anew(tracker);
    if (tracker->tracks > o.max_faces)
        tracker->tracks = o.max_faces; /* the youngest go */
    tracker->options = o;
    return WT_OK;
}

static enum wt_status make_search(struct wt_tracker *tracker,
                                  const struct wt_tracker_options *options)
{
    const struct wt_net *net = tracker->model->net;
    const bool background = options && options->background;
    /* in the background it must leave cores to the network that follows faces */
    const struct wt_detector_options with = {.threads = background ? 1 : wt_net_threads(net),
                                             .level = wt_net_level(net),
                                             .precision = wt_net_precision(net)};
    return wt_search_create(&tracker->search, options ? options->detector : NULL, &with,
                            background);
}

enum wt_status wt_tracker_create(struct wt_tracker **out, struct wt_model *model,
                                 const struct wt_tracker_options *options)
{
    if (!out || !model)
        return wt_fail(WT_ERR_ARGUMENT, "tracker: no model");
    struct wt_tracker *tracker = calloc(1, sizeof(*tracker));
    if (!tracker)
        return wt_fail(WT_ERR_MEMORY, "tracker: out of memory");
    tracker->model = model;
    tracker->next_id = 1;
    tracker->first = true;
    enum wt_status status = wt_tracker_configure(tracker, options);
    if (!status)
        status = make_search(tracker, options);
    if (status)
        wt_tracker_destroy(&tracker);
    else
        *out = tracker;
    return status;
}

void wt_tracker_destroy(struct wt_tracker **tracker)
{
    if (!tracker || !*tracker)
        return;
    wt_search_destroy(&(*tracker)->search);
    wt_offset_unref(&(*tracker)->offset);
    free(*tracker);
    *tracker = NULL;
}

enum wt_status wt_tracker_set_offset(struct wt_tracker *tracker, struct wt_offset *offset)
{
    if (offset && wt_offset_points(offset) != tracker->model->info.points)
        return wt_fail(WT_ERR_ARGUMENT, "corrections of %d points, a network of %d",
                       wt_offset_points(offset), tracker->model->info.points);
    if (offset != tracker->offset)
        smooth_anew(tracker); /* the points jump, by wish */
    wt_offset_ref(offset);
    wt_offset_unref(&tracker->offset);
    tracker->offset = offset;
    return WT_OK;
}

const struct wt_point *wt_tracker_found(const struct wt_tracker *tracker, uint32_t id)
{
    for (int i = 0; i < tracker->tracks; i++)
        if (tracker->track[i].id == id && !tracker->track[i].missed)
            return tracker->track[i].look.point;
    return NULL;
}

void wt_tracker_reset(struct wt_tracker *tracker)
{
    if (!tracker)
        return;
    tracker->tracks = 0;
    tracker->searches = 0;
    tracker->lost = false;
    tracker->first = true;
    tracker->crowd = 0;
    wt_search_discard(tracker->search);
}

void wt_result_fini(struct wt_result *result)
{
    if (!result)
        return;
    free(result->storage);
    *result = (struct wt_result){0};
}
