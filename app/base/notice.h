/* The message that the window shows for a few seconds: what has just happened, or the newest
 * warning or error of any thread; and the list of the last ones. Thread-safe. There is one per
 * process, like the log. */
#ifndef WT_APP_NOTICE_H
#define WT_APP_NOTICE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/status.h"

#define WT_NOTICE_SIZE 320

enum wt_notice_kind { WT_NOTICE_NEWS, WT_NOTICE_WARNING, WT_NOTICE_ERROR };

/* From now on warnings and errors of the log are notices too; they still go to standard error. */
void wt_notice_capture_log(enum wt_log_level level);
/* Back to the default log. */
void wt_notice_release_log(enum wt_log_level level);

void wt_notice(enum wt_notice_kind kind, const char *format, ...) WT_PRINTF(2, 3);

/* Copies the newest notice if it is still to be shown (news for 3.5 s, others for 7 s). */
bool wt_notice_get(char text[WT_NOTICE_SIZE], enum wt_notice_kind *kind, int64_t now_us);

#define WT_NOTICES 40

struct wt_notice_entry {
    char text[WT_NOTICE_SIZE];
    enum wt_notice_kind kind;
    time_t when;
};
/* Copies the last notices, the newest first; returns how many there ever were. */
unsigned wt_notice_list(struct wt_notice_entry out[WT_NOTICES], int *entries);

#endif
