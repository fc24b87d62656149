#include "live/ease.h"

#include <math.h>

#include "live/governor.h"

#define DOWN_US 2500000 /* the governor has tried what it has */
#define UP_US 10000000
#define SETTLE_US 3000000 /* the governor begins anew with all threads */
#define WAIT_FIRST_S 30.0
#define WAIT_MOST_S 1200.0
#define REGRET_US 120000000
/* A pass of the accurate network by one of the fast one: 4.2 to 4.9 as measured on AVX2
 * (tests/bench/README.md, "Beside MediaPipe"). */
#define COST 5.0
#define SHARE_BACK 0.8

void wt_ease_settle(struct wt_ease *e, int64_t now_us)
{
    e->since_us = 0;
    e->settle_us = now_us + SETTLE_US;
}

static bool has_room(const struct wt_ease_sample *s)
{
    return !s->eased && s->load > 0 && s->load * COST < WT_GOVERNOR_BACK &&
           !(s->goal > 0 && s->share * COST > SHARE_BACK * s->goal);
}

static void change(struct wt_ease *e, int64_t now_us)
{
    e->light = !e->light;
    if (e->light) {
        const bool soon = e->went_up_us && now_us - e->went_up_us < REGRET_US;
        e->wait_s = soon ? fmin(fmax(2 * e->wait_s, WAIT_FIRST_S), WAIT_MOST_S) : WAIT_FIRST_S;
        e->stays_us = now_us + (int64_t)(1e6 * e->wait_s);
    } else {
        e->went_up_us = now_us;
    }
    wt_ease_settle(e, now_us);
}

bool wt_ease_add(struct wt_ease *e, const struct wt_ease_sample *s)
{
    const bool reason = e->light ? has_room(s) && s->now_us >= e->stays_us : s->eased;
    if (!reason || s->now_us < e->settle_us) {
        e->since_us = 0;
        return false;
    }
    if (!e->since_us)
        e->since_us = s->now_us;
    if (s->now_us - e->since_us < (e->light ? UP_US : DOWN_US))
        return false;
    change(e, s->now_us);
    return true;
}
