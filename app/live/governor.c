#include "live/governor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_US 1000000 /* and at least so many frames: */
#define WINDOW_FRAMES 10
#define SETTLE_US 300000 /* after a change, before the next window begins */
#define WAIT_FIRST_S 5.0
#define WAIT_MOST_S 600.0
#define REGRET_US 60000000  /* a step up that is taken back within so long was wrong */
#define SHARE_SLACK 1.1     /* over the wished share before anything is done */
#define SHARE_BACK 0.8      /* of it, as foreseen, before a rung is gone up */
#define RUNG_COST_USUAL 2.0 /* of the rung above, where it was never measured */

void wt_governor_init(struct wt_governor *g, const struct wt_governor_goal *goal,
                      const struct wt_governor_rung *rung, int rungs, int processors)
{
    memset(g, 0, sizeof *g);
    g->goal = *goal;
    g->rungs = rungs < WT_GOVERNOR_RUNGS ? rungs : WT_GOVERNOR_RUNGS;
    memcpy(g->rung, rung, (size_t)g->rungs * sizeof *rung);
    g->processors = processors > 0 ? processors : 1;
    g->threads = goal->threads;
}

int wt_governor_make_rungs(struct wt_governor_rung out[WT_GOVERNOR_RUNGS], int stacks, int has,
                           int faces)
{
    int n = 0, s = stacks > 0 && stacks < has ? stacks : has;
    out[n++] = (struct wt_governor_rung){stacks, faces};
    for (s--; s >= 1 && n < WT_GOVERNOR_RUNGS; s--)
        out[n++] = (struct wt_governor_rung){s, faces};
    const int least = out[n - 1].stacks;
    for (int f = faces / 2; f >= 1 && n < WT_GOVERNOR_RUNGS; f /= 2)
        out[n++] = (struct wt_governor_rung){least, f};
    return n;
}

/* ---- steps that had to be taken back --------------------------------------------------------- */

/* A step down, the opposite of which was taken a while ago: the next one waits longer. */
static void regret(struct wt_governor_step *s, int64_t now_us)
{
    const bool soon = s->went_up_us && now_us - s->went_up_us < REGRET_US;
    s->wait_s = soon ? fmin(fmax(2 * s->wait_s, WAIT_FIRST_S), WAIT_MOST_S) : WAIT_FIRST_S;
    s->not_up_before_us = now_us + (int64_t)(1e6 * s->wait_s);
}

/* ---- decisions ------------------------------------------------------------------------------- */

static void begin_window(struct wt_governor *g, const struct wt_governor_sample *s)
{
    g->passes = 0;
    g->period_ms = 0;
    g->from_us = s->now_us;
    g->busy_from_us = s->busy_us;
}

static void go_down(struct wt_governor *g, int64_t now_us)
{
    g->at++;
    g->watched = g->at;
    g->load_before = g->load;
    regret(&g->step[g->at], now_us);
}

static bool may_go_up(const struct wt_governor *g, int64_t now_us)
{
    const struct wt_governor_step *s = &g->step[g->at];
    const double cost = s->after > 0 ? 1 / s->after : RUNG_COST_USUAL;
    return g->at > 0 && now_us >= s->not_up_before_us && g->load * cost < WT_GOVERNOR_BACK &&
           !(g->goal.share > 0 && g->share * cost > SHARE_BACK * g->goal.share);
}

/* What a rung saved, once it was seen. */
static void note_cost(struct wt_governor *g)
{
    if (g->load_before > 0 && g->watched == g->at)
        g->step[g->at].after = fmin(0.95, fmax(0.1, g->load / g->load_before));
    g->load_before = 0;
}

/* Fewer threads are fewer processors that are awake: they take less in all, but each frame longer.
 * Another thread never makes it more than t / (t - 1) times as fast. */
static bool change_threads(struct wt_governor *g, int64_t now_us)
{
    const int t = g->threads;
    const bool over = g->goal.share > 0 && g->share > SHARE_SLACK * g->goal.share;
    if (g->goal.fixed)
        return false;
    if (t > 1 && (over || (g->load * t / (t - 1) < WT_GOVERNOR_SPARE &&
                           now_us >= g->thread[t].not_up_before_us))) {
        g->thread[t].went_up_us = now_us; /* "up" is what may have to be taken back */
        g->threads--;
        return true;
    }
    const bool crowded = g->goal.share > 0 && g->share * (t + 1) / t > SHARE_BACK * g->goal.share;
    if (t < g->goal.threads && g->load > WT_GOVERNOR_ROOMY && !crowded) {
        g->threads++;
        regret(&g->thread[g->threads], now_us);
        return true;
    }
    return false;
}

static bool change_rung(struct wt_governor *g, int64_t now_us)
{
    const bool over = g->goal.share > 0 && g->share > SHARE_SLACK * g->goal.share;
    if (g->goal.steady_rungs)
        return false;
    if ((over || g->load > WT_GOVERNOR_FULL) && g->at + 1 < g->rungs) {
        go_down(g, now_us);
        return true;
    }
    if (!may_go_up(g, now_us))
        return false;
    g->step[g->at].went_up_us = now_us;
    g->at--;
    return true;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool decide(struct wt_governor *g, const struct wt_governor_sample *s)
{
    qsort(g->pass, (size_t)g->passes, sizeof *g->pass, by_size);
    g->load = g->pass[g->passes / 2] / (g->period_ms / g->passes);
    g->share =
        (double)(s->busy_us - g->busy_from_us) / (double)(s->now_us - g->from_us) / g->processors;
    note_cost(g);
    const bool changed = change_threads(g, s->now_us) || change_rung(g, s->now_us);
    if (changed)
        g->settle_us = s->now_us + SETTLE_US;
    return changed;
}

bool wt_governor_add(struct wt_governor *g, const struct wt_governor_sample *s)
{
    if (!g->from_us || s->now_us < g->settle_us || s->now_us < g->from_us) {
        begin_window(g, s);
        g->from_us = s->now_us ? s->now_us : 1;
        return false;
    }
    if (!(s->period_ms > 0) || !(s->pass_ms >= 0))
        return false;
    g->pass[g->passes++] = s->pass_ms;
    g->period_ms += s->period_ms;
    const bool full = g->passes == WT_GOVERNOR_WINDOW;
    if (!full && (s->now_us - g->from_us < WINDOW_US || g->passes < WINDOW_FRAMES))
        return false;
    const bool changed = s->now_us > g->from_us && decide(g, s);
    begin_window(g, s);
    return changed;
}
