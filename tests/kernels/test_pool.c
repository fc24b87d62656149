/* The thread pool: every thread runs every job once, barriers hold, memory written before a barrier
 * is seen after it. Runs under the thread sanitizer too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "pool.h"

enum { ROUNDS = 300, STEPS = 20 };

struct job {
    struct wt_pool *pool;
    long count[64]; /* plain memory: only the barrier orders it */
    long wrong;
};

static void step(void *arg, int thread)
{
    struct job *j = arg;
    int n = wt_pool_threads(j->pool);
    for (int s = 1; s <= STEPS; s++) {
        j->count[thread]++;
        wt_pool_barrier(j->pool);
        for (int t = 0; t < n; t++)
            if (j->count[t] != j->count[thread])
                __atomic_fetch_add(&j->wrong, 1, __ATOMIC_RELAXED);
        wt_pool_barrier(j->pool);
    }
}

static void barriers_hold(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 7; threads += 2) {
        struct job j = {0};
        assert_int_equal(wt_pool_create(&j.pool, threads), WT_OK);
        assert_int_equal(wt_pool_threads(j.pool), threads);
        for (int r = 0; r < ROUNDS; r++) {
            if (r % 100 == 50)
                usleep(2000); /* long enough for the workers to fall asleep */
            wt_pool_run(j.pool, step, &j);
        }
        assert_int_equal(j.wrong, 0);
        for (int t = 0; t < threads; t++)
            assert_int_equal(j.count[t], ROUNDS * STEPS);
        wt_pool_destroy(&j.pool);
        assert_null(j.pool);
    }
}

static void pools_without_work_end(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        struct wt_pool *p = NULL;
        assert_int_equal(wt_pool_create(&p, 4), WT_OK);
        wt_pool_destroy(&p);
    }
    struct wt_pool *none = NULL;
    wt_pool_destroy(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(barriers_hold),
        cmocka_unit_test(pools_without_work_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
