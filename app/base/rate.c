#include "base/rate.h"

void wt_rate_tick(struct wt_rate *rate, int64_t now_us)
{
    rate->at_us[rate->count++ % WT_RATE_MOMENTS] = now_us;
}

double wt_rate_get(const struct wt_rate *rate, int64_t now_us)
{
    if (rate->count < 2)
        return 0.0;
    int64_t last = rate->at_us[(rate->count - 1) % WT_RATE_MOMENTS];
    if (now_us - last > 2000000)
        return 0.0;
    /* Intervals of about the last second, at least one; a slow rate needs older ones. */
    unsigned most = rate->count < WT_RATE_MOMENTS ? rate->count : WT_RATE_MOMENTS;
    unsigned n = 1;
    int64_t first;
    do {
        first = rate->at_us[(rate->count - 1 - n) % WT_RATE_MOMENTS];
        n++;
    } while (n < most && last - first < 1000000);
    /* When events stop, the rate falls at once, not only after two seconds. */
    int64_t span = last - first, silence = now_us - last;
    if (silence > span / (n - 1) * 2)
        span += silence;
    return span > 0 && now_us - first < 4000000 ? (n - 1) * 1e6 / (double)span : 0.0;
}
