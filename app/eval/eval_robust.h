/* Robustness: the same faces measured repeatedly, each time with one perturbation of one strength
 * (perturb.h), and the errors by yaw (pose.h).
 *
 * Equal for equal seeds. One thread. */
#ifndef WT_APP_EVAL_ROBUST_H
#define WT_APP_EVAL_ROBUST_H

#include <stdio.h>

#include <cjson/cJSON.h>

#include "eval/eval_result.h"

enum { WT_ROBUST_STEPS = 64, WT_YAW_BINS = 4 };

struct wt_robust_row {
    struct wt_perturb_step step; /* value 0: the faces as they are */
    struct wt_summary figures;
    double yaw_nme[WT_YAW_BINS]; /* per cent; NaN: no such face */
};

struct wt_robust {
    uint64_t seed;
    size_t yaw_faces[WT_YAW_BINS]; /* true yaw below 15, below 30, below 45 degrees, and beyond */
    int rows;                      /* the first is that of the faces as they are */
    struct wt_robust_row row[WT_ROBUST_STEPS + 1];
};

/* Every kind at its three strengths; returns how many. */
int wt_robust_all(struct wt_perturb_step *step);

/* face [dataset->count] and times: of the faces as they are. how->progress gets the passes' faces
 * one after another. Errors: those of wt_eval_crops; MEMORY. */
enum wt_status wt_robust_measure(struct wt_net *net, const struct wt_dataset *dataset,
                                 const struct wt_eval_options *how,
                                 const struct wt_perturb_step *step, int steps, uint64_t seed,
                                 struct wt_robust *out, struct wt_eval_face *face,
                                 struct wt_eval_times *times);

/* A table in Markdown. */
void wt_robust_print(const struct wt_robust *robust, FILE *f);
void wt_robust_json(cJSON *to, const struct wt_robust *robust);
/* The table's rows. Errors: IO, MEMORY; after them an existing file is unchanged. */
enum wt_status wt_robust_csv(const struct wt_robust *robust, const char *path);

#endif
