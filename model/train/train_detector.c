/* Training a face detector. */
#include <math.h>
#include <stdlib.h>

#include "data/detector_loss.h"
#include "face/square.h"
#include "net/detector_net.h"
#include "track/frame_detector.h"
#include "train/start.h"
#include "train/train_internal.h"

enum { FOUND_MAX = 128 };

static enum wt_status random_weights(struct wt_train *t)
{
    const enum wt_status status = wt_detector_net_random(t->weights, t->arch.width, t->seed);
    if (!status)
        wt_start_draw(t->weights, t->seed);
    return status;
}

static enum wt_status graph(struct wt_train *t, struct wt_graph *g)
{
    return wt_detector_net_graph(t->weights, WT_TRAINING_FRAME_SIDE, WT_TRAINING_FRAME_SIDE, g);
}

/* Faces of pictures, found or missed, and what was found beside them. */
struct score {
    size_t faces, missed, wrong;
};

/* The faces first..end - 1 of one picture. */
static enum wt_status judge_picture(const struct wt_train *t, struct wt_frame_detector *d,
                                    size_t first, size_t end, struct score *s)
{
    struct wt_picture picture = {0};
    struct wt_image image;
    struct wt_detection found[FOUND_MAX];
    char reason[128] = "";
    int n = 0;
    enum wt_status status = wt_sample_picture(wt_faces_get(t->options.validation, first).sample,
                                              &picture, &image, reason, sizeof reason);
    if (status)
        wt_log(WT_LOG_ERROR, "validation: %s", reason);
    if (!status)
        status =
            wt_frame_detector_find(d, &image, 0, WT_FRAME_DETECTOR_SCORE, found, FOUND_MAX, &n);
    s->wrong += (size_t)n;
    for (size_t i = first; i < end && !status; i++) {
        const struct wt_train_face f = wt_faces_get(t->options.validation, i);
        const struct wt_square p = wt_square_of(f.own, f.sample->point, f.sample->points);
        const struct wt_box box = {p.x - p.side / 2, p.y - p.side / 2, p.side, p.side};
        int best = -1;
        for (int k = 0; k < n; k++)
            if (wt_box_iou(&box, &found[k].box) >= 0.5f)
                best = k;
        s->faces++;
        s->missed += best < 0;
        s->wrong -= best >= 0;
        if (best >= 0)
            found[best] = found[--n];
    }
    wt_picture_fini(&picture);
    return status;
}

/* Error: faces missed, and boxes without a labelled face, a hundred faces. */
static enum wt_status validate(struct wt_train *t)
{
    const struct wt_detector_options o = {.threads = t->options.threads, .level = t->options.level};
    const size_t count = wt_faces_count(t->options.validation);
    struct wt_frame_detector *d = NULL;
    struct score s = {0};
    enum wt_status status = wt_frame_detector_create(&d, t->weights, &o);
    for (size_t i = 0, end; i < count && !status; i = end) {
        const struct wt_sample *own = wt_faces_get(t->options.validation, i).sample;
        for (end = i + 1; end < count; end++)
            if (!wt_same_picture(wt_faces_get(t->options.validation, end).sample, own))
                break;
        status = judge_picture(t, d, i, end, &s);
    }
    if (!status) {
        t->nme = 100.0 * (double)(s.missed + s.wrong) / (double)s.faces;
        wt_log(WT_LOG_INFO, "validation: %zu of %zu faces found, %zu other boxes",
               s.faces - s.missed, s.faces, s.wrong);
    }
    wt_frame_detector_destroy(&d);
    return status;
}

const struct wt_train_task wt_train_detector = {
    .random = random_weights, .graph = graph, .validate = validate};
