/* How long a frame would wait for a recorder's encoder: what waits is lost when the program is
 * killed. Not a measure of speed: a single pause, of a disk perhaps, says nothing about the frames
 * to come. Holds times, reads no clock. Not thread-safe. */
#ifndef WT_APP_RECORD_LAG_H
#define WT_APP_RECORD_LAG_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WT_LAG_FRAMES 5

/* All zero: nothing is known yet. */
struct wt_lag {
    int64_t took_us[WT_LAG_FRAMES]; /* the last ones, in a ring */
    int count, next;
};

/* A frame was drawn, encoded and written in that time. */
void wt_lag_note(struct wt_lag *lag, int64_t took_us);

/* Whether one more frame would be written within limit_us: behind `waiting` others and, where
 * busy_us >= 0, the one that has been in work for so long. Goes by the median of the last frames;
 * before the first one by the time that this one has taken so far. A frame before which there is
 * none is always taken. */
bool wt_lag_takes(const struct wt_lag *lag, int waiting, int64_t busy_us, int64_t limit_us);

#ifdef __cplusplus
}
#endif

#endif
