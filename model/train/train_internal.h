/* What train*.c share. */
#ifndef WT_MODEL_TRAIN_INTERNAL_H
#define WT_MODEL_TRAIN_INTERNAL_H

#include "data/loader.h"
#include "net/hourglass.h"
#include "train/train.h"

struct wt_train;

/* What differs between the tasks, landmarks and detector. */
struct wt_train_task {
    enum wt_status (*random)(struct wt_train *t); /* fills t->weights */
    enum wt_status (*graph)(struct wt_train *t, struct wt_graph *g);
    /* Error of the exported weights on the validation faces, %, to t->nme. */
    enum wt_status (*validate)(struct wt_train *t);
};

extern const struct wt_train_task wt_train_detector; /* train_detector.c */

struct wt_train {
    struct wt_train_options options;
    const struct wt_recipe *recipe;
    const struct wt_train_task *task;
    struct wt_arch arch;        /* of a detector: one stack, the frame's side */
    struct wt_weights *weights; /* as files and evaluation want them */
    struct wt_tape *tape;
    struct wt_optimiser *optimiser;
    struct wt_loader *loader;
    int share;      /* faces of a batch that this rank trains on; of them */
    int pairs;      /* second views */
    double *losses; /* [stacks][share] */
    FILE *log;
    int folder; /* open, with a lock, while the run writes there; -1: not */
    char *from; /* path of the weights that the run started from, or NULL */
    /* what a state holds beside tensors */
    uint64_t epoch, batch; /* the next one */
    uint64_t seed;
    double seconds, best, nme;
    int worse; /* epochs since the best */
};

/* Does the recipe want landmarks without CoordConv? */
static inline bool wt_train_plain(const struct wt_train *t)
{
    return t->recipe->task == WT_TASK_LANDMARKS &&
           t->recipe->target.boundary != WT_BOUNDARY_COORDCONV;
}

/* train_state.c. Makes t->weights: random ones, then those of `from` (start.h). */
enum wt_status wt_train_begin(struct wt_train *t);
/* The tape's parameters (average: their moving average, where there is one) to t->weights. */
void wt_train_export(struct wt_train *t, bool average);
/* Keeps other runs out of the folder until t->folder is closed. Errors: IO (one is there),
 * ARGUMENT. */
enum wt_status wt_train_take_folder(struct wt_train *t);
enum wt_status wt_train_save(struct wt_train *t);
enum wt_status wt_train_save_best(struct wt_train *t);
enum wt_status wt_train_load(struct wt_train *t);
/* Rank 0's state to all ranks. Errors: ARGUMENT (they are not about to do the same). */
enum wt_status wt_train_share(struct wt_train *t);
/* Opens the log; of an earlier run the lines up to the state's step are kept. */
enum wt_status wt_train_open_log(struct wt_train *t);

#endif
