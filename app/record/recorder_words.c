#include <stdio.h>

#include "record/recorder.h"

bool wt_recorder_rates(const struct wt_recorder_stats *stats, double *kept, double *of)
{
    if (stats->written >= stats->offered || stats->offered_us <= 0)
        return false;
    *of = (double)(stats->offered - 1) * 1e6 / (double)stats->offered_us;
    *kept = *of * (double)stats->written / (double)stats->offered;
    return true;
}

void wt_recorder_describe(const struct wt_recorder_stats *stats, char *text, size_t size)
{
    const unsigned long long written = stats->written, offered = stats->offered;
    double kept, of;
    if (wt_recorder_rates(stats, &kept, &of)) {
        const int digits = kept < 1 || of - kept < 1; /* none could say 0, or the same twice */
        snprintf(text, size, "%.*f of %.*f frames a second kept (%llu of %llu)", digits, kept,
                 digits, of, written, offered);
    } else if (written < offered) {
        snprintf(text, size, "%llu of %llu frames kept", written, offered);
    } else {
        snprintf(text, size, "all %llu frames", written);
    }
}
