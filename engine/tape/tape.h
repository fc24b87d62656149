/* A graph prepared for training: forward with batch statistics, backward to the gradients of all
 * parameters.
 *
 * The tape owns a copy of the graph's parameters; an optimiser changes them through
 * wt_tape_param. BatchNorm uses the statistics of the batch and moves its
 * running ones (momentum; variance unbiased, as PyTorch does), unless it is fixed. A masked
 * coordinate's mask is a constant to the gradient. Not an optimiser and not a loss: those write
 * between forward and backward what dL/d(output) is.
 *
 * Precision: F32, or BF16 - activations, their gradients and the numbers that are multiplied are
 * bfloat16; sums, statistics, parameters and parameters' gradients stay float32, and so do the
 * graph's outputs.
 *
 * Results have the same bits for any number of threads. One thread uses a tape at a time; it
 * allocates and starts threads at creation only. The graph may be destroyed after creation. */
#ifndef WT_ENGINE_TAPE_H
#define WT_ENGINE_TAPE_H

#include "base/cpu.h"
#include "base/ranks.h"
#include "graph/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_tape;

struct wt_tape_options {
    int batch;   /* most images in one step, 1..1024 */
    int threads; /* 1..64 */
    enum wt_cpu_level level;
    bool bf16;
    float momentum; /* of the running statistics: 0.1 is PyTorch's */
    /* Processes that hold the rest of the batch, as many images each: BatchNorm's statistics and
     * the gradients are then those of the whole batch. All ranks make the same calls. NULL: none.
     */
    const struct wt_ranks *ranks;
    /* BatchNorm takes its running statistics, as inference does, and leaves them as they are: for
     * batches too small to have statistics of their own. */
    bool fixed_norms;
    /* Is a node, by its name, trained? The others' parameters have no gradient, and their
     * BatchNorms are as with fixed_norms; what depends on no trained node has no backward pass.
     * NULL: all are. Called at creation only. */
    bool (*trains)(void *user, const char *node);
    void *user;
};

/* Errors: MEMORY; UNSUPPORTED where the graph holds what cannot be trained here, which is named: a
 * convolution whose padding does not keep the size (divided by its stride of 1 or 2), an upsampled
 * map that is not added to another, a BatchNorm or pooling of several maps side by side. */
enum wt_status wt_tape_create(struct wt_tape **out, const struct wt_graph *g,
                              const struct wt_tape_options *options);
void wt_tape_destroy(struct wt_tape **tape);

/* ---- one step ---- */

/* Where the images go: [batch][H][W][C]. */
float *wt_tape_input(struct wt_tape *tape);
/* n: 1..batch. */
void wt_tape_forward(struct wt_tape *tape, int n);
/* Output of the graph, [n][h][w][*stride], valid until the next forward; channels beyond the
 * output's own are 0. */
const float *wt_tape_output(const struct wt_tape *tape, int output, int *stride);
/* Where dL/d(output) goes, of the same shape, before backward. */
float *wt_tape_output_grad(struct wt_tape *tape, int output);
/* For the n of the last forward. Overwrites all parameters' gradients. */
void wt_tape_backward(struct wt_tape *tape);

/* After a forward: name of the first BatchNorm of the network whose input held a NaN or an
 * infinity; NULL: none, or BatchNorms that are fixed, which do not check. */
const char *wt_tape_first_bad(const struct wt_tape *tape);

/* The tape's threads, for those who work on its parameters between its steps. */
struct wt_pool;
struct wt_pool *wt_tape_pool(struct wt_tape *tape);

/* ---- parameters ---- */

struct wt_tape_param {
    char name[64];       /* the node's name and ".weight", ".bias", ".running_mean", ... */
    float *value, *grad; /* [count]; grad NULL: not optimised, being running
                             statistics or of a node that is not trained */
    size_t count;
    bool decay;   /* a convolution's weight: one that weight decay is for, if not for all */
    int shape[3]; /* of a convolution's weight: outputs, inputs, kernel size; else {count,1,1} */
};

/* In the graph's order. Values of a convolution's weight lie as [K][K][O][I]. */
int wt_tape_params(const struct wt_tape *tape);
struct wt_tape_param *wt_tape_param(struct wt_tape *tape, int i);

/* Between the tape's order and that of the graph, [O][I][K][K]; an array of `count` each. */
void wt_tape_param_export(const struct wt_tape_param *p, const float *from, float *to);
void wt_tape_param_import(const struct wt_tape_param *p, const float *from, float *to);

/* ---- measuring ---- */

size_t wt_tape_bytes(const struct wt_tape *tape); /* of everything it holds */

struct wt_tape_step_info {
    const char *what, *name; /* "forward", "data gradient", ...; the node's name */
    double ms;               /* of the last step */
};
int wt_tape_steps(const struct wt_tape *tape);
struct wt_tape_step_info wt_tape_step(const struct wt_tape *tape, int i);

#ifdef __cplusplus
}
#endif

#endif
