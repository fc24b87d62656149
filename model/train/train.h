/* Training: faces through augmentation, network, loss and optimiser, again and again; a folder
 * keeps the results.
 *
 * The folder gets
 *   state.safetensors  everything a run needs to go on; written at the end of each epoch, every ten
 *                      minutes, and when the run ends or is stopped
 *   last.safetensors   the weights at that moment, or their moving average where one is kept
 *   best.safetensors   those with the lowest error on the validation faces so far
 *   log.csv            a line for every step
 * Files are replaced as a whole, so a full disk or a power cut leaves the ones before.
 *
 * With the same recipe, faces, seed, CPU level and precision a run has the same bits for any number
 * of threads, and a run that was stopped and resumed has those of an uninterrupted one; unless the
 * recipe limits the minutes, as the schedule then follows the clock. One run at a time per folder;
 * everything happens on the caller's thread and on threads that end with the call.
 *
 * Several ranks (engine/base/ranks.h) make one run together, each with its share of every batch and
 * of the validation faces: to rounding it is the run that one rank would make, and any number of
 * ranks can resume it. All of them call wt_train_run with the same recipe, faces and seed; rank 0
 * alone needs the folder, and `from`. An error on one of them ends it on all with that status; what
 * went wrong is logged where it did. */
#ifndef WT_MODEL_TRAIN_H
#define WT_MODEL_TRAIN_H

#include "base/cpu.h"
#include "base/ranks.h"
#include "data/faces.h"
#include "measure/evaluate.h"
#include "train/recipe.h"
#include "weights/weights.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_train_step {
    uint64_t step;                        /* of the run, from 1 on */
    uint64_t epoch, batch, epoch_batches; /* from 0 on; batches of an epoch */
    double loss;          /* the mean over elements, summed over stacks, as in the reference */
    double rate, norm;    /* learning rate; length of the gradient before clipping */
    double faces_per_s;   /* of the last steps */
    double seconds, left; /* of the run so far, earlier calls included; still to go */
    double nme;           /* of the last validation, %; NAN: none yet */
};

/* What a run begins or goes on with. */
struct wt_train_facts {
    uint64_t seed;
    const char *from; /* path of the weights it started from, NULL: random; until the run ends */
    uint64_t step, batch; /* steps done; those of the current epoch */
    uint64_t epoch_batches;
};

/* Result of the validation after a step: valid during the call. */
struct wt_train_validation {
    uint64_t step;
    const struct wt_eval_face *face; /* [validation faces]; crop TRUTH, normaliser OCULAR, decoder
                                        CENTROID */
};

struct wt_train_options {
    const struct wt_recipe *recipe;
    const struct wt_faces *faces, *validation; /* validation: NULL for none */
    const char *folder;                        /* made if it is not there */
    bool resume;                   /* go on from the folder's state; without it the folder must not
                                      have one */
    const struct wt_weights *from; /* to start with, see wt_start_from; NULL: random ones */
    int threads, loader_threads;   /* 1..64 */
    enum wt_cpu_level level;
    uint64_t seed; /* of weights, order and augmentation; a resumed run keeps its own */
    const struct wt_ranks *ranks; /* NULL: this process alone */
    /* On the first rank alone: before the first step; after every validation, ahead of its step's
     * call. May be NULL. */
    void (*begin)(void *user, const struct wt_train_facts *facts);
    void (*validated)(void *user, const struct wt_train_validation *validation);
    /* After every step, on every rank; false on any: save and stop. May be NULL. */
    bool (*step)(void *user, const struct wt_train_step *step);
    void *user;
};

/* Runs to the recipe's end, an early stop, or until step returns false; all of these are OK and
 * have saved. Errors: ARGUMENT (the ranks cannot share a batch evenly, or have other faces or
 * recipes); those of reading faces and writing files; FORMAT (the state does not fit the recipe, or
 * is missing); UNSUPPORTED: the loss or a gradient is no longer finite - one line names step, layer
 * and batch, and the files of the last save stay as they are. */
enum wt_status wt_train_run(const struct wt_train_options *options);

/* Can a run begin, or with resume go on, in a folder? Makes it if it is not there. wt_train_run
 * asks this too; callers may before they look at all faces. Errors: ARGUMENT, IO (another run is
 * training there, too). */
enum wt_status wt_train_check_folder(const char *folder, bool resume);

/* What "auto" means for training at a level: bfloat16 where the CPU multiplies it fast. */
bool wt_train_bf16(int precision, enum wt_cpu_level level);

#ifdef __cplusplus
}
#endif
#endif
