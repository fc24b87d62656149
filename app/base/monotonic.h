/* Waiting against the monotonic clock, for the queues. Private to app/. */
#ifndef WT_APP_MONOTONIC_H
#define WT_APP_MONOTONIC_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A lock with a condition whose timeouts follow the monotonic clock. false: out of memory. */
bool wt_monitor_init(pthread_mutex_t *lock, pthread_cond_t *cond);

/* A moment timeout_ms from now; negative: never. */
struct wt_deadline {
    int64_t at_us; /* INT64_MAX: never */
};
struct wt_deadline wt_deadline_in(int timeout_ms);

/* Waits for a signal with the lock held; false once the deadline has passed. May wake up
 * spuriously: call it in a loop. */
bool wt_deadline_wait(struct wt_deadline deadline, pthread_cond_t *cond, pthread_mutex_t *lock);

#ifdef __cplusplus
}
#endif

#endif
