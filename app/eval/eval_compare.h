/* Two results side by side, and parts of one put together. One thread. */
#ifndef WT_APP_EVAL_COMPARE_H
#define WT_APP_EVAL_COMPARE_H

#include "eval/eval_result.h"

#define WT_EVAL_ROUNDS 10000 /* of the bootstrap */

/* Paired bootstrap (metrics.h) over the faces in both (same image and line); b minus a. Errors:
 * MEMORY. */
enum wt_status wt_eval_pair(const struct wt_eval_result *a, const struct wt_eval_result *b,
                            uint64_t seed, struct wt_paired *out);

/* Which parts of the protocol differ, for a note: "crop, decoder", or "". The network may differ.
 */
void wt_eval_differences(const struct wt_eval_result *a, const struct wt_eval_result *b, char *text,
                         size_t size);

/* A table on standard output, or as JSON: path, "-" for standard output, or NULL. name: of the
 * files. Errors: MEMORY, IO. */
enum wt_status wt_eval_compare(const struct wt_eval_result *a, const struct wt_eval_result *b,
                               const char *const name[2], uint64_t seed, const char *json);

/* Puts the parts 1..n of one evaluation together, in any order; the result is that of the whole
 * list but for times and, if those differ, kernels ("mixed") and threads (the most). What the parts
 * own moves to *out. A single whole result is taken unchanged. Errors: FORMAT: they do not belong
 * together, or one is missing; then *out is untouched. name: of the files. MEMORY. */
enum wt_status wt_eval_merge(struct wt_eval_result *part, int n, const char *const *name,
                             struct wt_eval_result *out);

#endif
