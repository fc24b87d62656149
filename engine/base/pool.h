/* Threads that share the work of a job: steps in phases, and items in a step that any thread may
 * do.
 *
 * A phase is over when its items are done, not when all threads have taken part: a thread that the
 * system does not schedule, because other programs use its core, delays nobody as long as it holds
 * no item. Threads that come back go straight to the phase that runs.
 *
 * Why not OpenMP's own: its barriers and its idle threads spin for many milliseconds. In an app
 * whose window, camera and encoder share the same few cores, that steals the time the slowest
 * thread needs (measured on 2 cores with one other busy process: 980 ms instead of 400 ms for one
 * forward pass of the 4-stack network), and wastes a laptop's power. Here a thread spins for
 * some microseconds, then sleeps.
 *
 * One thread owns a pool and calls run, which allocates nothing. */
#ifndef WT_ENGINE_POOL_H
#define WT_ENGINE_POOL_H

#include "base/status.h"

struct wt_pool;

/* Steps with the same phase do not depend on each other; phases ascend. */
struct wt_pool_step {
    int items; /* 0..WT_POOL_ITEMS */
    int phase;
};

enum { WT_POOL_ITEMS = (1 << 20) - 1 };

/* Does one item. thread: 0.., of those that run at the same time each has its own. */
typedef void wt_pool_item_fn(void *user, int step, int item, int thread);

struct wt_pool_job {
    const struct wt_pool_step *step;
    int steps;             /* up to the pool's */
    wt_pool_item_fn *item; /* what was written in earlier phases is seen */
    /* Unless NULL: called on some thread before, between and after the phases, while no item is
     * being done. done, next: the last step of the phase before, the first of the one to come; -1
     * where there is none. Phases without items are left out. */
    void (*between)(void *user, int done, int next);
    void *user;
};

/* threads: 1..64, the caller's included. Fewer are made, with a warning, where the system refuses.
 * steps: the most in a job, 1... Errors: MEMORY. */
enum wt_status wt_pool_create(struct wt_pool **out, int threads, int steps);
void wt_pool_destroy(struct wt_pool **pool);
int wt_pool_threads(const struct wt_pool *pool);
/* From the next job on at most so many of the threads take part, and the others sleep; 0, or more
 * than there are: all. Between jobs, on the owner's thread. */
void wt_pool_limit(struct wt_pool *pool, int threads);

/* Does all items of the job, the caller being thread 0; returns when they are done. Thread t of n
 * starts with the t-th of n equal parts of a step's items, the same rows in every step, so that
 * what it wrote in one is still in its own cache in the next; done with these, it helps the others.
 */
void wt_pool_run(struct wt_pool *pool, const struct wt_pool_job *job);

/* A job of one step. */
void wt_pool_share(struct wt_pool *pool, int items, wt_pool_item_fn *item, void *user);

#endif
