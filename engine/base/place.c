#include "base/place.h"

#include <sched.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_NS = 10000 };

int wt_place_thread(void)
{
    return gettid();
}

int wt_place_cpu(void)
{
    return sched_getcpu();
}

static int64_t clock_ns(clockid_t clock)
{
    struct timespec t;
    return clock_gettime(clock, &t) ? -1 : (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The clock that pthread_getcpuclockid gives, but of a thread that may have ended: then reading it
 * fails. */
static clockid_t time_used_by(int thread)
{
    return (clockid_t)(~(unsigned)thread << 3 | 6);
}

bool wt_place_is_held_up(int thread)
{
    const int64_t start = clock_ns(CLOCK_MONOTONIC), before = clock_ns(time_used_by(thread));
    while (clock_ns(CLOCK_MONOTONIC) < start + LOOK_NS)
        ;
    const int64_t used = clock_ns(time_used_by(thread)) - before;
    return before >= 0 && used >= 0 && used < LOOK_NS / 4;
}

/* Binds a thread to the set and lifts the binding again; a thread that waits to run moves at once.
 * 0: the calling thread. */
static void move(int thread, const cpu_set_t *to)
{
    cpu_set_t allowed;
    if (sched_getaffinity(thread, sizeof allowed, &allowed) == 0 &&
        sched_setaffinity(thread, sizeof *to, to) == 0)
        sched_setaffinity(thread, sizeof allowed, &allowed);
}

void wt_place_send_away(int thread)
{
    const int own = sched_getcpu();
    cpu_set_t set;
    if (own < 0 || sched_getaffinity(thread, sizeof set, &set))
        return;
    CPU_CLR(own, &set);
    move(thread, &set); /* refused where no other is left */
}

void wt_place_swap(int thread, int cpu)
{
    const int own = sched_getcpu();
    cpu_set_t here, there;
    if (own < 0 || cpu < 0)
        return;
    if (own == cpu) { /* it waits for this one */
        wt_place_send_away(0);
        return;
    }
    CPU_ZERO(&here);
    CPU_SET(own, &here);
    CPU_ZERO(&there);
    CPU_SET(cpu, &there);
    move(thread, &here);
    move(0, &there);
}
