/* What turns gradients into new parameters: RMSProp and AdamW as PyTorch does them, weight decay,
 * clipping by the global norm, a moving average of the parameters; and the rate over time.
 *
 * Not a trainer: it looks at a tape's parameters and gradients and nothing else. It runs on the
 * tape's threads; results have the same bits for any number of them. One thread at a time. */
#ifndef WT_ENGINE_OPTIMISER_H
#define WT_ENGINE_OPTIMISER_H

#include "tape/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wt_optimiser_kind {
    WT_OPTIMISER_RMSPROP, /* s = beta2 s + (1 - beta2) g^2; w -= rate g / (sqrt(s) + epsilon) with
                             weight_decay w added to g; no momentum */
    WT_OPTIMISER_ADAMW,   /* Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR
                             2019, algorithm 2, bias-corrected */
};

struct wt_optimiser_options {
    enum wt_optimiser_kind kind;
    double beta1, beta2, epsilon;
    double weight_decay;
    bool decay_all; /* also of biases and of BatchNorm, as PyTorch's do; else convolutions' only */
    double clip;    /* most the global norm of the gradients may be; 0: any */
    double average; /* decay of the moving average of parameters and running statistics: at step i,
                       from 1 on, min(average, i / (i + 20)); 0: none is kept */
};

/* RMSProp: beta2 0.99, epsilon 1e-8, all decay; AdamW: 0.9, 0.999, 1e-8. No decay, clipping or
 * average. */
struct wt_optimiser_options wt_optimiser_defaults(enum wt_optimiser_kind kind);

struct wt_optimiser;

/* The tape must outlive the optimiser. An average starts as the parameters are. Errors: MEMORY. */
enum wt_status wt_optimiser_create(struct wt_optimiser **out, struct wt_tape *tape,
                                   const struct wt_optimiser_options *options);
void wt_optimiser_destroy(struct wt_optimiser **optimiser);

/* One step with the gradients as they are. False: the gradients hold a NaN or an infinity, nothing
 * was changed and wt_optimiser_bad names the first such parameter. */
bool wt_optimiser_step(struct wt_optimiser *optimiser, double rate);
const char *wt_optimiser_bad(const struct wt_optimiser *optimiser);
/* Global norm of the last step's gradients, before clipping. */
double wt_optimiser_norm(const struct wt_optimiser *optimiser);

size_t wt_optimiser_bytes(const struct wt_optimiser *optimiser); /* of everything it holds */

/* ---- what a checkpoint needs ---- */

uint64_t wt_optimiser_steps(const struct wt_optimiser *optimiser);
void wt_optimiser_set_steps(struct wt_optimiser *optimiser, uint64_t steps);
/* Arrays kept beside each parameter: "square", "mean", "average". A parameter's array k, [count];
 * NULL where it has none (running statistics have only an average). */
int wt_optimiser_arrays(const struct wt_optimiser *optimiser);
const char *wt_optimiser_array_name(const struct wt_optimiser *optimiser, int k);
float *wt_optimiser_array(struct wt_optimiser *optimiser, int k, int param);
/* The moving average of a parameter; NULL where none is kept. */
float *wt_optimiser_average(struct wt_optimiser *optimiser, int param);

/* ---- rate ---- */

enum wt_learning_rate_kind {
    WT_LEARNING_RATE_STEP,   /* times factor from each of the epochs in step on */
    WT_LEARNING_RATE_COSINE, /* half a cosine over the run, from base down to a hundredth of it */
};

enum { WT_LEARNING_RATE_STEPS = 8 };

struct wt_learning_rate {
    enum wt_learning_rate_kind kind;
    double base;
    int warm_up; /* steps of the optimiser over which the rate rises in a line */
    double factor;
    int step[WT_LEARNING_RATE_STEPS], steps;
};

/* step: of the optimiser, from 0; epoch from 0; done: share of the run that is over, 0..1. */
double wt_learning_rate_at(const struct wt_learning_rate *rate, uint64_t step, int epoch,
                           double done);

#ifdef __cplusplus
}
#endif

#endif
