/* Median and other quantiles of the last values of something. Zero it first; not thread-safe. */
#ifndef WT_APP_QUANTILES_H
#define WT_APP_QUANTILES_H

#define WT_QUANTILES 128 /* values remembered */

struct wt_quantiles {
    float value[WT_QUANTILES];
    unsigned count; /* that there ever were */
};

/* Not finite: nothing happens. */
void wt_quantiles_add(struct wt_quantiles *q, double value);
/* The smallest of the last values that at least `share` of them (0..1) do not exceed; 0: none yet.
 */
double wt_quantiles_get(const struct wt_quantiles *q, double share);

#endif
