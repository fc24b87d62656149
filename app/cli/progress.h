/* Progress of long work: on a terminal a bar with rate and time left, elsewhere a plain line every
 * few seconds; on standard error. One thread. */
#ifndef WT_APP_PROGRESS_H
#define WT_APP_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct wt_progress {
    const char *what; /* "frames" */
    int64_t total;    /* -1 unknown */
    int64_t done;
    double start, shown; /* private, seconds */
    bool terminal;
};

void wt_progress_start(struct wt_progress *p, const char *what, int64_t total);
/* note: a few words at the end of the line, or NULL. */
void wt_progress_update(struct wt_progress *p, int64_t done, const char *note);
/* Shows it whatever the time: something new has begun. */
void wt_progress_now(struct wt_progress *p, int64_t done, const char *note);
/* Leaves a final line. */
void wt_progress_finish(struct wt_progress *p);

#ifdef __cplusplus
}
#endif

#endif
