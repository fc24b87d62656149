#include "record/lag.h"

void wt_lag_note(struct wt_lag *lag, int64_t took_us)
{
    lag->took_us[lag->next] = took_us;
    lag->next = (lag->next + 1) % WT_LAG_FRAMES;
    lag->count += lag->count < WT_LAG_FRAMES;
}

static int64_t median(const struct wt_lag *lag)
{
    int64_t sorted[WT_LAG_FRAMES];
    for (int i = 0; i < lag->count; i++) {
        int at = i;
        for (; at > 0 && sorted[at - 1] > lag->took_us[i]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = lag->took_us[i];
    }
    return sorted[lag->count / 2];
}

bool wt_lag_takes(const struct wt_lag *lag, int waiting, int64_t busy_us, int64_t limit_us)
{
    if (waiting == 0 && busy_us < 0)
        return true;
    const int64_t each = lag->count ? median(lag) : busy_us > 0 ? busy_us : 0;
    const int64_t rest = busy_us < 0 || busy_us > each ? 0 : each - busy_us;
    return rest + (waiting + 1) * each <= limit_us;
}
