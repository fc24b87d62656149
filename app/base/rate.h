/* Rate of a repeated event over about the last second. Caller's memory, zero it first; not
 * thread-safe. */
#ifndef WT_APP_RATE_H
#define WT_APP_RATE_H

#include <stdint.h>

#define WT_RATE_MOMENTS 128

struct wt_rate {
    int64_t at_us[WT_RATE_MOMENTS];
    unsigned count;
};

/* The event has just happened. Times come from wt_now_us and do not decrease. */
void wt_rate_tick(struct wt_rate *rate, int64_t now_us);
/* Events per second; 0 when there were not two within the last two seconds. */
double wt_rate_get(const struct wt_rate *rate, int64_t now_us);

#endif
