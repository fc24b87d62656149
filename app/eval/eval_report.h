/* Results of evaluations as text and as CSV; HTML: eval_html.h. One thread. */
#ifndef WT_APP_EVAL_REPORT_H
#define WT_APP_EVAL_REPORT_H

#include "eval/eval_result.h"

/* On standard output. Errors: MEMORY. */
enum wt_status wt_eval_print(const struct wt_eval_result *result);

/* A row per face: image, line, points, found, nme, confidence, subsets (with | between). Errors:
 * IO, MEMORY; after them an existing file is unchanged. */
enum wt_status wt_eval_write_csv(const struct wt_eval_result *result, const char *path);

#endif
