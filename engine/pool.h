/* Threads that walk through one job together, meeting at barriers.
 *
 * Why not OpenMP's own: its barriers and its idle threads spin for many milliseconds. In an app
 * whose window, camera and encoder share the same few cores, that steals the time the slowest
 * thread needs (measured on 2 cores with one other busy process: 980 ms instead of 400 ms for one
 * forward pass of the 4-stack network), and heats a laptop for nothing. Here a thread spins for
 * some microseconds, then sleeps.
 *
 * One thread owns a pool and calls run; a job's function is called once on each thread. */
#ifndef WT_ENGINE_POOL_H
#define WT_ENGINE_POOL_H

#include "status.h"

struct wt_pool;

typedef void wt_pool_fn(void *job, int thread);

/* threads: 1..64, the caller's included. Fewer are made, with a warning, where the system refuses.
 * Errors: MEMORY. */
enum wt_status wt_pool_create(struct wt_pool **out, int threads);
void wt_pool_destroy(struct wt_pool **pool);
int wt_pool_threads(const struct wt_pool *pool);

/* Runs fn on every thread, the caller being thread 0; returns when all have finished. */
void wt_pool_run(struct wt_pool *pool, wt_pool_fn *fn, void *job);

/* For use inside fn, by every thread alike: returns when all have arrived; what they wrote before
 * is then seen by all. */
void wt_pool_barrier(struct wt_pool *pool);

#endif
