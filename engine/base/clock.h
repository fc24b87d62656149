/* The monotonic clock: time since some moment in the past, which no one can set. Thread-safe. */
#ifndef WT_ENGINE_CLOCK_H
#define WT_ENGINE_CLOCK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

int64_t wt_now_ns(void);
int64_t wt_now_us(void);
double wt_now_ms(void);
double wt_now_s(void);

#ifdef __cplusplus
}
#endif

#endif
