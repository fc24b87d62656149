/* Fine-tuning: a network that is there learns a few faces, without forgetting the others.
 *
 * Every step takes some of the faces to learn and as many others ("replay"), which keep it from
 * forgetting. BatchNorm keeps its running statistics: batches are too small to have their own. At
 * the start, every few steps and at the end two errors are measured, in the arithmetic of training,
 * on crops around the true points: of the faces to learn, and of others that are not trained on
 * ("guard"). The weights that are kept are the best on the faces to learn among those that are not
 * worse on the guard than `worse` per cent of what it was; at first, the old ones. Errors are NME
 * by the outer eye corners, or by the box of the true points where a face has no such corners.
 *
 * Made to run beside a live tracker: nothing of the process is touched but the caller's thread and
 * threads that end with the object. One thread at a time calls create, run, calibrate and destroy;
 * while it does, any other may call cancel and snapshot.
 *
 * Memory: what wt_tune_bytes says from creation on, beside the faces given, the picture that each
 * of three threads may have open, and the snapshots, which are the caller's. The old weights may go
 * after creation; the faces must stay.
 *
 * With the same weights, faces, options, CPU level and precision the result has the same bits for
 * any number of threads, unless `minutes` limits it. */
#ifndef WT_MODEL_TUNE_H
#define WT_MODEL_TUNE_H

#include "base/cpu.h"
#include "data/augment.h"
#include "data/faces.h"
#include "data/target.h"
#include "measure/metrics.h"
#include "train/loss.h"
#include "weights/weights.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wt_tune_layers {
    WT_TUNE_ALL,
    WT_TUNE_LAST,  /* after the last hourglass: its top_m, conv_last, bn_end and l */
    WT_TUNE_STACK, /* the last stack: its coordinates' convolution, its hourglass, and those */
};

const char *wt_tune_layers_name(enum wt_tune_layers layers); /* "all layers", ... */

enum { WT_TUNE_MEASURED = 100 }; /* faces that an error is measured on, at most: evenly picked */

struct wt_tune_step {
    int step, steps;      /* taken, from 0 (the first measuring) on; of how many, 0: by time */
    double loss, rate;    /* of this step */
    double seconds, left; /* so far; still to go */
    bool measured;        /* at this step; then, or when last measured: */
    double nme, guard;    /* %, of the faces to learn and of the guard; NAN: there is no guard, or
                             nothing is measured yet */
    double nme_before, guard_before; /* the same of the old weights */
    double drift; /* %, of the guard: mean distance from what the old weights found; NAN */
    bool better;  /* measured, and kept as the best */
};

struct wt_tune_options {
    const struct wt_weights *from;
    const struct wt_faces *faces, *replay, *guard; /* in the weights' scheme; the latter two may be
                                                      NULL */
    /* Corrected faces of one person, in the weights' scheme, that the error of the faces to learn
     * is measured on instead: with the offset (face/offset.h) of all others of them, as what an
     * offset can say need not be learned. NULL: none. */
    const struct wt_faces *own;
    enum wt_tune_layers layers;
    /* Varied crops of the faces to learn, and as many of the others, that are made and kept with
     * what the layers that do not learn give for them; from then on steps run the layers that learn
     * alone, on these. 0: a step makes new ones and runs the whole network. Not with WT_TUNE_ALL.
     */
    int views;
    /* With views: the other faces are held to the points that the old weights find in them; their
     * own are not used. */
    bool held;
    double drift;   /* per cent: the guard's points may move by that in the mean; 0: by any. Where
                       they have moved further at the end, weights between the old and the last ones
                       are measured, too, nearer and nearer to the old, until that holds */
    int steps;      /* 0: by time alone */
    double minutes; /* 0: no limit; the rate's schedule follows whichever ends first */
    double rate;    /* of AdamW; rises over the first steps, falls along half a cosine */
    double worse;   /* per cent */
    int every;      /* steps from one measuring to the next */
    bool late;   /* the old weights are measured when the new ones are for the first time, so that
                    the first step waits for its own faces alone. Results are the same */
    int batch;   /* faces to learn in a step, 1..64; as many others where there are; less of
                    either where there are fewer */
    int threads; /* 1..64 */
    enum wt_cpu_level level;
    int precision; /* enum wt_precision: auto, f32, bf16 */
    uint64_t seed;
    struct wt_loss loss;
    struct wt_target_options target;
    struct wt_augment augment;
    /* After the first measuring and after every step; false: stop. May be NULL. */
    bool (*step)(void *user, const struct wt_tune_step *step);
    void *user;
};

/* 200 steps of 4 + 4 faces at a rate of 1e-5, measured every 20, 2 % worse at most; augmentation,
 * loss and targets as recipes have them. */
struct wt_tune_options wt_tune_defaults(void);

struct wt_tune_result {
    bool better;              /* than the old weights: new ones are kept */
    bool stopped;             /* before its end */
    bool judged;              /* the old weights were measured: what follows holds */
    int steps, best_step;     /* best_step 0: the old weights */
    double nme[2], guard[2];  /* %: of the old weights, of those that are kept */
    double drift;             /* %: of those that are kept */
    size_t measured, guarded; /* faces */
    enum wt_norm norm, guard_norm;
};

struct wt_tune;

/* Errors: ARGUMENT (options; faces of another scheme; no faces), FORMAT and UNSUPPORTED (weights;
 * faces in a scheme that this network cannot be measured in), MEMORY. */
enum wt_status wt_tune_create(struct wt_tune **out, const struct wt_tune_options *options);
void wt_tune_destroy(struct wt_tune **tune);

/* To its end or until stopped; once for each object. Errors: those of reading faces; UNSUPPORTED:
 * the loss or a gradient is no longer finite. The best weights up to then stay. */
enum wt_status wt_tune_run(struct wt_tune *tune, struct wt_tune_result *result);

/* Ends the run after the current step or picture. */
void wt_tune_cancel(struct wt_tune *tune);

enum wt_tune_which { WT_TUNE_BEST, WT_TUNE_NOW };

/* A copy of the weights that are kept, or of those of the last step, however good they are; the
 * caller's to destroy. In float32, without ranges for int8, as the old ones no longer hold. Waits
 * for a part of a step at most. Errors: MEMORY. */
enum wt_status wt_tune_snapshot(struct wt_tune *tune, enum wt_tune_which which,
                                struct wt_weights **out);

/* After a run: ranges for int8, from the faces that were measured. Takes the memory of a network in
 * float32 besides. Errors: those of wt_calibrate. */
enum wt_status wt_tune_calibrate(const struct wt_tune *tune, struct wt_weights *weights);

size_t wt_tune_bytes(const struct wt_tune *tune);

#ifdef __cplusplus
}
#endif
#endif
