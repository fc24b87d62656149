#include "base/monotonic.h"

#include <errno.h>
#include <time.h>

#include "base/clock.h"

bool wt_monitor_init(pthread_mutex_t *lock, pthread_cond_t *cond)
{
    pthread_condattr_t attr;
    bool ok = false;
    if (pthread_condattr_init(&attr) != 0)
        return false;
    /* The wall clock may be changed during the wait. */
    if (pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 &&
        pthread_mutex_init(lock, NULL) == 0) {
        ok = pthread_cond_init(cond, &attr) == 0;
        if (!ok)
            pthread_mutex_destroy(lock);
    }
    pthread_condattr_destroy(&attr);
    return ok;
}

struct wt_deadline wt_deadline_in(int timeout_ms)
{
    struct wt_deadline d = {INT64_MAX};
    if (timeout_ms >= 0)
        d.at_us = wt_now_us() + (int64_t)timeout_ms * 1000;
    return d;
}

bool wt_deadline_wait(struct wt_deadline deadline, pthread_cond_t *cond, pthread_mutex_t *lock)
{
    if (deadline.at_us == INT64_MAX) {
        pthread_cond_wait(cond, lock);
        return true;
    }
    struct timespec t = {deadline.at_us / 1000000, deadline.at_us % 1000000 * 1000};
    return pthread_cond_timedwait(cond, lock, &t) != ETIMEDOUT;
}
