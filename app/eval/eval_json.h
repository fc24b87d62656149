/* Results of evaluations as JSON files: figures for people and scripts, and the faces themselves,
 * so that a file can be compared, merged and reported on later.
 *
 * list, list_sha256, images, protocol, network, shard (of a part only), result, subsets, times_ms,
 * ced: objects of figures; per_part: by scheme, the NME of jaw, brows, nose, eyes, mouth, pupils;
 * per_point: by scheme, an object a point; per_face: an object a face,
 * each on a line of its own. nme is null where found is false, and where the truth has no
 * normaliser; protocol has style where found points were moved from one style of labels to another,
 * and perturbation where crops were perturbed; robustness: the table of a study, where there was
 * one; truth and error are null for points that are not known. Stateless, thread-safe. */
#ifndef WT_APP_EVAL_JSON_H
#define WT_APP_EVAL_JSON_H

#include "eval/eval_result.h"

/* path "-": standard output. Errors: IO, MEMORY; after them an existing file is unchanged. */
enum wt_status wt_eval_write_json(const struct wt_eval_result *result, const char *path);

/* *out is to be zeroed; the caller ends it with wt_eval_result_fini, after a failure too. One line
 * is logged. Errors: IO, FORMAT, MEMORY. */
enum wt_status wt_eval_read_json(struct wt_eval_result *out, const char *path);

#endif
