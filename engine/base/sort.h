/* Sorting numbers in ascending order. Pure functions. */
#ifndef WT_ENGINE_SORT_H
#define WT_ENGINE_SORT_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* x holds no NaN. */
void wt_sort_doubles(double *x, size_t n);
void wt_sort_sizes(size_t *x, size_t n);

#ifdef __cplusplus
}
#endif
#endif
