/* A training run's log.csv, read for its report. One thread. */
#ifndef WT_APP_TRAIN_LOG_H
#define WT_APP_TRAIN_LOG_H

#include <stddef.h>

#include "wt_status.h"

/* The columns in the file's order. */
enum wt_train_column {
    WT_LOG_STEP,  /* from 1 on */
    WT_LOG_EPOCH, /* from 0 on */
    WT_LOG_LOSS,
    WT_LOG_RATE,
    WT_LOG_GRADIENT,
    WT_LOG_FACES_PER_S,
    WT_LOG_SECONDS,
    WT_LOG_NME, /* of the last validation, %; NAN: none yet */
    WT_LOG_COLUMNS,
};

struct wt_train_log {
    size_t count;
    double *column[WT_LOG_COLUMNS]; /* [count], in the steps' order */
    /* The validations: the rows after which there was one, and the best of them. */
    size_t *validation;
    size_t validations, best; /* best: row */
};

/* last_validated: step of the last validation, if one came after the last whole epoch of the file.
 * Lines that are not steps are skipped. Errors: IO, MEMORY. */
enum wt_status wt_train_log_read(struct wt_train_log *out, const char *path, double last_validated);
void wt_train_log_fini(struct wt_train_log *log);

#endif
