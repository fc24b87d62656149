/* `train`: its parts. Private to cmd_train.c, train_*.c and tests. One thread. */
#ifndef WT_APP_CMD_TRAIN_H
#define WT_APP_CMD_TRAIN_H

#include "base/ranks.h"
#include "data/loader.h"
#include "train/recipe.h"

/* Help of --cpu-mask where it is about training, which has fewer levels. */
#define WT_TRAIN_LEVEL_HELP                                                                        \
    "highest instruction set to use: c, blas, sse2, avx2, avx512, avx512bf16, amx or auto; on "    \
    "arm64 c, blas, neon or auto"

/* How the loader reads and augments for a recipe; batch and stride are left to the caller. */
struct wt_loader_options wt_train_loader_options(const struct wt_recipe *recipe, int threads,
                                                 uint64_t seed);

/* Writes a sheet of `show` augmented faces, the first ones of the first epoch: each one as the
 * network sees it with its points (left of the face red, right green), and its targets beside it.
 */
enum wt_status wt_train_sheet(const struct wt_recipe *recipe, const struct wt_faces *faces,
                              int show, int threads, uint64_t seed, const char *path);

/* Runs the loader alone for a while and prints how many faces a second it delivers, and the cost of
 * a face's targets and loss. */
enum wt_status wt_train_measure(const struct wt_recipe *recipe, const struct wt_faces *faces,
                                int seconds, int threads, uint64_t seed);

struct wt_train_command {
    const char *folder, *from, *cpu_mask; /* from: weights to start with; both may be NULL */
    bool resume;
    int threads;
    uint64_t seed;
    const char *const *source; /* [sources] what the faces were read from, for the report */
    int sources;
    const struct wt_ranks *ranks; /* NULL: this process alone */
};

/* Trains, until the recipe's end or Ctrl-C, which saves first, and keeps a report in the folder
 * (train_report.h). All ranks call it. validation may be NULL. Errors: those of wt_train_run, and
 * of reading `from`. */
enum wt_status wt_train_with_report(const struct wt_recipe *recipe, const struct wt_faces *faces,
                                    const struct wt_faces *validation,
                                    const struct wt_train_command *c);

/* Draws the method's figures into a folder, which is made if it is not there. Errors: IO, MEMORY.
 */
enum wt_status wt_train_figures(const char *folder);

#endif
