#include "base/quantiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void wt_quantiles_add(struct wt_quantiles *q, double value)
{
    if (isfinite(value))
        q->value[q->count++ % WT_QUANTILES] = (float)value;
}

static int by_size(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

double wt_quantiles_get(const struct wt_quantiles *q, double share)
{
    float sorted[WT_QUANTILES];
    const int n = q->count < WT_QUANTILES ? (int)q->count : WT_QUANTILES;
    if (!n)
        return 0;
    memcpy(sorted, q->value, sizeof sorted);
    qsort(sorted, (size_t)n, sizeof *sorted, by_size);
    const int at = (int)ceil(share * n) - 1;
    return (double)sorted[at < 0 ? 0 : at >= n ? n - 1 : at];
}
