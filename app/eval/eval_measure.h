/* `eval`: measuring a list of faces, apart from the command's options. One thread. */
#ifndef WT_APP_EVAL_MEASURE_H
#define WT_APP_EVAL_MEASURE_H

#include "base/shard.h"
#include "cli/options.h"
#include "eval/eval_robust.h"

/* Words for enum wt_norm, enum wt_eval_crop and enum wt_decoder; each list ends with NULL. */
extern const char *const wt_eval_norm_names[];
extern const char *const wt_eval_crop_names[];
extern const char *const wt_eval_decoder_names[];

struct wt_eval_settings {
    struct wt_common common;
    const char *data, *images, *subsets, *style;
    bool style_reverse;
    int norm, crop, decoder; /* places in the lists of words */
    int batch, stacks;
    double box_factor;
    struct wt_shard shard;
    const char *perturb_text;                     /* NULL: crops as they are */
    struct wt_perturb perturb;                    /* from perturb_text */
    struct wt_perturb_step step[WT_ROBUST_STEPS]; /* of the study of robustness */
    int steps;                                    /* 0: there is none */
};

/* Measures the faces of settings->data into result, with the checksums of what was used. *dataset
 * is to be zeroed; the caller ends it after the result, which may point into it, after a failure
 * too. Errors: those of reading and of wt_eval_crops. */
enum wt_status wt_eval_measure(const struct wt_eval_settings *settings, struct wt_dataset *dataset,
                               struct wt_eval_result *result);

#endif
