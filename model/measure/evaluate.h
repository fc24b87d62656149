/* Accuracy of a network, or of the whole pipeline, on a list of annotated faces.
 *
 * Not a report: gives one error per face; metrics.h sums them up. Where the network has another
 * scheme than a face's truth, its points are converted (98 -> 68, 98 -> 29) first.
 * One thread at a time, as the network and the tracker. */
#ifndef WT_MODEL_EVALUATE_H
#define WT_MODEL_EVALUATE_H

#include "data/dataset.h"
#include "data/label_style.h"
#include "face/decode.h"
#include "face/offset.h"
#include "measure/metrics.h"
#include "measure/perturb.h"
#include "net/net.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wt_eval_crop {
    WT_EVAL_TRUTH,    /* crop.h around the true points, factor WT_CROP_FACTOR, no roll: the accuracy
                         of the network alone */
    WT_EVAL_OFFICIAL, /* the published WFLW test (official.h), enlarged until the true points fit;
                         needs a list with boxes */
    WT_EVAL_STRICT,   /* the list's box alone, without the truth: wt_crop_box through crop.h */
    WT_EVAL_DETECTOR, /* whole pictures: wt_eval_pictures */
};

struct wt_eval_options {
    enum wt_eval_crop crop; /* wt_eval_crops only; not DETECTOR */
    enum wt_norm norm;
    enum wt_decoder decoder; /* wt_eval_crops only; the tracker has its own */
    int batch;               /* wt_eval_crops only: faces in one pass, up to the network's */
    int stacks; /* wt_eval_crops only: the first so many of the network, up to its own; 0: all */
    float box_factor; /* STRICT: side of the crop in mean sides of the box; 0: WT_BOX_FACTOR */
    const struct wt_label_style *style; /* moves found points first; of a network of 98 points.
                                     NULL: no style */
    const struct wt_offset *offset; /* moves found points after that; of the network's points. NULL:
                                       none */
    const struct wt_perturb *perturb; /* wt_eval_crops only: of the crops, without a rotation where
                                         they are OFFICIAL; NULL: none */
    void (*progress)(void *user, size_t done); /* faces so far; may be NULL */
    void *user;
};

struct wt_eval_face {
    double nme;       /* per cent; INFINITY: not found; NAN: the truth has no normaliser */
    float confidence; /* mean over the points; 0: not found */
    struct wt_point found[WT_POINTS_MAX]; /* in the picture and in the truth's scheme */
    float error[WT_POINTS_MAX];           /* of each point, per cent of the normaliser */
    bool outside; /* the truth does not fit the picture (wt_sample_fits): hardly the one that was
                     labelled */
};

struct wt_eval_times {
    double forward_ms, detect_ms, total_ms; /* sums, also over threads that work at the same time;
                                               total: without reading pictures */
    size_t pictures, detections;            /* detections: faces found, annotated or not */
};

/* Can a network of `points` be measured on every face of the list in this way? Logs the reason if
 * not. Errors: UNSUPPORTED. */
enum wt_status wt_eval_check(const struct wt_dataset *dataset, int points,
                             const struct wt_eval_options *options);

/* One crop a face. With a network of several threads each of them takes faces of its own, on twins
 * of the network; face[] is the same for any number. progress is called by one at a time. face
 * [dataset->count]. Errors: those of reading pictures and of the network; FORMAT: OFFICIAL finds no
 * square. */
enum wt_status wt_eval_crops(struct wt_net *net, const struct wt_dataset *dataset,
                             const struct wt_eval_options *options, struct wt_eval_face *face,
                             struct wt_eval_times *times);

/* A tracker that is reset before each picture finds the faces, without the truth; several work side
 * by side (twins.h), and face[] does not depend on how many. A face counts as found when the
 * centres of its true and its found box (of the points) are less than half the true side apart and
 * the sides differ by less than a factor of 2; nearest pairs first, each used once. Faces of one
 * picture are expected on consecutive lines. points: of the tracker's model. */
enum wt_status wt_eval_pictures(struct wt_tracker *const *tracker, int trackers, int points,
                                const struct wt_dataset *dataset,
                                const struct wt_eval_options *options, struct wt_eval_face *face,
                                struct wt_eval_times *times);

#ifdef __cplusplus
}
#endif
#endif
