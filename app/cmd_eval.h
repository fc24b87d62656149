/* What `wingtip eval` found out, and its reports. Not the measuring: see evaluate.h. One thread. */
#ifndef WT_APP_CMD_EVAL_H
#define WT_APP_CMD_EVAL_H

#include "evaluate.h"

struct wt_eval_report {
    const char *list, *model;
    const char *norm, *crop, *decoder;
    const char *kernels;
    const char *precision;
    int threads, stacks, width, points; /* of the network */
    const struct wt_dataset *dataset;
    const struct wt_eval_face *face; /* [dataset->count] */
    size_t found;
    bool may_miss; /* faces were looked for, not given */
    struct wt_summary summary;
    struct wt_eval_times times;
};

/* For people, on standard output. */
void wt_eval_print(const struct wt_eval_report *report);
/* One object: protocol, summary, times. Errors: IO, MEMORY; an existing file is then as it was. */
enum wt_status wt_eval_write_json(const struct wt_eval_report *report, const char *path);
/* A row per face: image, line, points, found, nme, confidence. Errors: as above. */
enum wt_status wt_eval_write_csv(const struct wt_eval_report *report, const char *path);

#endif
