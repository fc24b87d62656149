/* Axes of charts: positions of values, and the grid. Stateless, thread-safe. */
#ifndef WT_APP_AXIS_H
#define WT_APP_AXIS_H

#include <stdbool.h>

struct wt_axis {
    const char *label;
    double from, to, step; /* step: between the grid's lines; 0: logarithmic, from above 0 */
    int decimals;
};

/* An axis for values from low to high, with a grid at round numbers. logarithmic: where the values
 * allow it and differ enough to need it. */
struct wt_axis wt_axis_fit(const char *label, double low, double high, bool logarithmic);

/* Where v lies: 0 at the axis's beginning, 1 at its end, beyond them for values outside. */
double wt_axis_share(const struct wt_axis *axis, double v);

/* The grid's i-th value; false: there are no more. Logarithmic axes have their own round numbers,
 * more of them where the axis is short. */
bool wt_axis_grid(const struct wt_axis *axis, int i, double *v);

#endif
