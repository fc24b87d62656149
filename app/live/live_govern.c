/* The governor's place in the live chain: what it is fed with, and what follows. On the tracking
 * thread. */
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "live/live_internal.h"
#include "track/model_internal.h"

#define PAUSE_US 500000 /* a gap of that length says nothing about the input's rate */

static int64_t busy_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void wt_live_govern_begin(struct wt_live_govern *g, const struct wt_live_settings *settings,
                          struct wt_model *model)
{
    struct wt_governor_rung rung[WT_GOVERNOR_RUNGS];
    const struct wt_model_info info = wt_model_describe(model);
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const int n = wt_governor_make_rungs(rung, settings->stacks, info.stacks, settings->faces);
    const bool chosen = settings->rate > 0 || settings->share > 0;
    const struct wt_governor_goal goal = {.share = settings->share,
                                          .threads = info.threads > 1 ? info.threads : 1,
                                          .fixed = settings->threads_fixed,
                                          .steady_rungs = !chosen};
    wt_governor_init(&g->governor, &goal, rung, n, processors > 0 ? (int)processors : 1);
    g->rate = settings->rate;
    wt_live_govern_apply(g, model);
}

void wt_live_govern_apply(const struct wt_live_govern *g, struct wt_model *model)
{
    wt_model_limit_threads(model, g->governor.threads);
}

/* From frame to frame of the input, also of those that were left out in between. */
static void note_period(struct wt_live_govern *g, const struct wt_frame *frame)
{
    const int64_t us = frame->time_us - g->time_us;
    const int64_t frames = (int64_t)(frame->sequence - g->sequence);
    if (g->time_us && us > 0 && us < PAUSE_US && frames > 0) {
        const double ms = (double)us / 1e3 / (double)frames;
        g->period_ms += (g->period_ms > 0 ? 0.1 : 1.0) * (ms - g->period_ms);
    }
    g->time_us = frame->time_us;
    g->sequence = frame->sequence;
}

bool wt_live_govern_frame(struct wt_live_govern *g, const struct wt_frame *frame,
                          const struct wt_result *result)
{
    note_period(g, frame);
    const double wanted_ms = g->rate > 0 ? 1e3 / g->rate : 0;
    return wt_governor_add(&g->governor,
                           &(struct wt_governor_sample){
                               .now_us = wt_now_us(),
                               .busy_us = busy_us(),
                               .pass_ms = result->total_ms,
                               .period_ms = g->period_ms > wanted_ms ? g->period_ms : wanted_ms});
}

bool wt_live_govern_skips(struct wt_live_govern *g, int64_t time_us)
{
    if (!(g->rate > 0))
        return false;
    const int64_t step = (int64_t)(1e6 / g->rate);
    if (time_us < g->due_us && g->due_us - time_us <= step) /* else another run of the input */
        return true;
    /* Rates that do not divide the input's are kept in the mean. */
    g->due_us =
        g->due_us + step > time_us && g->due_us <= time_us ? g->due_us + step : time_us + step;
    return false;
}
