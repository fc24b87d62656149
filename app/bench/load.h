/* The load that other programs put on the processors during a measurement. One thread. */
#ifndef WT_APP_LOAD_H
#define WT_APP_LOAD_H

#include <stdbool.h>

struct wt_load {
    double start, busy, own; /* seconds: of the clock, of all processors, of this process */
    bool known;
};

void wt_load_start(struct wt_load *load);

/* Processors that other programs have used on average since the start; in a virtual machine also
 * the time taken by its host. NAN: not known, or less than a tenth of a second has passed. */
double wt_load_of_others(const struct wt_load *load);

/* Do they slow down that many threads? */
bool wt_load_disturbs(double others, int threads);

#endif
