/* From batches to gradients, and from a tape's parameters to weights: what `train` and `tune`
 * share.
 *
 * Not a loop: the trainer gets the batches, calls these, and lets an optimiser step. One thread
 * at a time; the work is spread over the tape's threads. */
#ifndef WT_MODEL_LEARN_H
#define WT_MODEL_LEARN_H

#include "data/loader.h"
#include "tape/optimiser.h"
#include "tape/tape.h"
#include "train/loss.h"
#include "weights/weights.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_learn {
    struct wt_tape *tape; /* of a network; its batch is the most faces, or frames, at once */
    const struct wt_loss *loss;
    enum wt_cpu_level level;
    int input;         /* side of the crops, or frames */
    int stacks, maps;  /* outputs, and maps of each */
    bool detector;     /* frames, with targets and loss of detector_loss.h; one stack, maps 1 */
    int mean_over;     /* faces that the loss is the mean over */
    int pairs_over;    /* pairs that the pairs' loss is the mean over */
    float pair_weight; /* of the pairs' loss (pair_loss.h), for the last stack; of one batch */
    const struct wt_scheme *scheme; /* of the points; for pairs */
    double *losses;                 /* [stacks][the tape's batch] */
};

/* Forward, and dL/d(maps) to where wt_tape_backward takes them from. The faces of several batches
 * come one after another; together at most the tape's batch. Returns the loss: its mean over cells,
 * maps and mean_over faces, summed over stacks, as the reference counts it. Batches without rgb:
 * the tape's input is there already. With pairs, their weighted loss is added. */
double wt_learn_forward(struct wt_learn *l, const struct wt_batch *batch, int batches);

/* Forward of crops alone, to read the maps. rgb [n][input][input][3]. */
void wt_learn_infer(struct wt_learn *l, const uint8_t *rgb, int n);

/* After backward: sets the gradients of the coordinates' columns to 0, so that weights that began
 * without coordinates (wt_start_zero_coords) stay so. */
void wt_learn_zero_coords(struct wt_tape *tape);

/* The tape's parameters, or their moving average where `average` is not NULL and keeps one, to the
 * tensors of the same names. */
void wt_learn_export(struct wt_tape *tape, struct wt_optimiser *average, struct wt_weights *to);

#ifdef __cplusplus
}
#endif
#endif
