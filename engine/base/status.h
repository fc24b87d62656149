/* Status and log, for every folder.
 *
 * Rule: the function that finds a failure and knows its context calls wt_fail (or wt_log) once;
 * callers pass the status on without logging. So a user sees exactly one line per failure.
 * Thread-safe, except wt_set_log. The public part is wt_status.h. */
#ifndef WT_ENGINE_STATUS_H
#define WT_ENGINE_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wt_status.h"

#if defined(__GNUC__)
#define WT_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define WT_PRINTF(f, a)
#endif

#ifdef __cplusplus
extern "C" {
#endif

void wt_log(enum wt_log_level level, const char *format, ...) WT_PRINTF(2, 3);

/* Logs at error level (see wt_fail_level) and returns status, so that `return wt_fail(...)` reads
 * well. */
enum wt_status wt_fail(enum wt_status status, const char *format, ...) WT_PRINTF(2, 3);

/* Level of the calling thread's failures from now on: WT_LOG_ERROR unless set. For optional work: a
 * lower level while it is tried. Returns the level before. */
enum wt_log_level wt_fail_level(enum wt_log_level level);

/* Would a message of this level be shown? */
bool wt_log_enabled(enum wt_log_level level);

#ifdef __cplusplus
}
#endif
#endif
