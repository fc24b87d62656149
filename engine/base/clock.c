#include "base/clock.h"

#include <time.h>

int64_t wt_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t wt_now_us(void)
{
    return wt_now_ns() / 1000;
}

double wt_now_ms(void)
{
    return (double)wt_now_ns() * 1e-6;
}

double wt_now_s(void)
{
    return (double)wt_now_ns() * 1e-9;
}
