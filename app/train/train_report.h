/* A training run's report.html: one self-contained file, rewritten during the run. Curves from the
 * run's log, the last validation's distribution of errors and faces, the recipe and the facts of
 * the run.
 *
 * If a report cannot be written, that is a warning, the first time; the run continues. One thread.
 */
#ifndef WT_APP_TRAIN_REPORT_H
#define WT_APP_TRAIN_REPORT_H

#include "eval/eval_result.h"
#include "train/train.h"

enum wt_train_state {
    WT_TRAIN_RUNNING,
    WT_TRAIN_FINISHED,
    WT_TRAIN_EARLY,   /* stopped early, by the recipe's patience */
    WT_TRAIN_STOPPED, /* by Ctrl-C */
    WT_TRAIN_FAILED,
};

struct wt_train_report {
    /* The caller's, before begin; must outlive the report. */
    const char *folder;
    const struct wt_recipe *recipe;
    const struct wt_faces *faces, *validation; /* validation: NULL for none */
    const char *const *source;                 /* [sources] of the faces */
    int sources;
    const char *precision, *kernels;
    int threads;
    /* Private. */
    enum wt_train_state state;
    enum wt_status status; /* FAILED: of the run */
    bool begun;
    struct wt_train_facts facts;
    char *from;
    struct wt_train_step last;    /* step 0: none yet */
    struct wt_eval_result result; /* count 0: no validation yet in this call */
    uint64_t validated;           /* step of the last validation that is not followed by a step */
    bool news;                    /* something new to show */
    bool warned;
    /* whether the last page is whole, and what it shows of the validation */
    enum wt_status page, taken;
    double written, cost; /* clock after the last writing; seconds it took */
};

/* The callbacks of struct wt_train_options, and what to call when the run is over, with its status,
 * which finish returns, or else, after a line, that of the last page, if that one is not whole:
 * training goes on meanwhile, with a warning. finish frees what the report holds. Without begin, as
 * on all ranks but the first, or without a step, nothing is written. */
void wt_train_report_begin(struct wt_train_report *report, const struct wt_train_facts *facts);
void wt_train_report_validated(struct wt_train_report *report,
                               const struct wt_train_validation *validation);
void wt_train_report_step(struct wt_train_report *report, const struct wt_train_step *step);
enum wt_status wt_train_report_finish(struct wt_train_report *report, enum wt_status status,
                                      bool stopped);

/* The page, in train_page.c. Errors: IO, FORMAT, MEMORY; after them an existing file is unchanged.
 */
enum wt_status wt_train_page(const struct wt_train_report *report, const char *path);

#endif
