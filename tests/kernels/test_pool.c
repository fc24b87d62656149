/* The thread pool: every item of every step is done once, phases do not overlap, memory written in
 * one is seen in the next. Runs under the thread sanitizer too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/pool.h"

enum { ROUNDS = 300, STEPS = 20, ITEMS = 13 };

struct job {
    int count[STEPS][ITEMS]; /* plain memory: only the phases order it */
    int busy[64];            /* items that a thread has in its hands */
    int phases;              /* seen by between */
    long wrong;
};

static void note(struct job *j, bool wrong)
{
    if (wrong)
        __atomic_fetch_add(&j->wrong, 1, __ATOMIC_RELAXED);
}

/* Two steps a phase; the second phase of three has a step without items. */
static struct wt_pool_step step_of(int i)
{
    return (struct wt_pool_step){i % 6 == 3 ? 0 : i % 6 == 0 ? 1 : ITEMS, i / 2};
}

static int expected(int step, int item)
{
    return item < step_of(step).items;
}

static void do_item(void *user, int step, int item, int thread)
{
    struct job *j = user;
    note(j, __atomic_fetch_add(&j->busy[thread], 1, __ATOMIC_RELAXED) != 0);
    for (int s = 0; s < step / 2 * 2; s++) /* all of the earlier phases */
        for (int k = 0; k < ITEMS; k++)
            note(j, j->count[s][k] != j->count[step][item] + expected(s, k) &&
                        (expected(s, k) || j->count[s][k] != 0));
    j->count[step][item]++;
    __atomic_fetch_sub(&j->busy[thread], 1, __ATOMIC_RELAXED);
}

static void between(void *user, int done, int next)
{
    struct job *j = user;
    note(j, done >= 0 && next >= 0 && step_of(done).phase + 1 != step_of(next).phase);
    note(j, done < 0 && next != 0);
    for (int t = 0; t < 64; t++)
        note(j, __atomic_load_n(&j->busy[t], __ATOMIC_RELAXED) != 0);
    j->phases++;
}

static void run_rounds(int threads)
{
    struct wt_pool_step step[STEPS];
    struct job j = {.phases = 0};
    struct wt_pool *pool = NULL;
    for (int i = 0; i < STEPS; i++)
        step[i] = step_of(i);
    assert_int_equal(wt_pool_create(&pool, threads, STEPS), WT_OK);
    assert_int_equal(wt_pool_threads(pool), threads);
    for (int r = 0; r < ROUNDS; r++) {
        if (r % 100 == 50)
            usleep(2000); /* long enough for the workers to fall asleep */
        /* fewer steps at times: what is late must not meet the shares of the job before */
        const int steps = r % 3 == 1 ? STEPS / 2 : STEPS;
        if (steps < STEPS)
            for (int s = steps; s < STEPS; s++)
                for (int k = 0; k < ITEMS; k++)
                    j.count[s][k] += expected(s, k);
        wt_pool_run(pool, &(struct wt_pool_job){step, steps, do_item, between, &j});
        j.phases -= steps / 2 + 1;
    }
    assert_int_equal(j.wrong, 0);
    assert_int_equal(j.phases, 0);
    for (int s = 0; s < STEPS; s++)
        for (int k = 0; k < ITEMS; k++)
            assert_int_equal(j.count[s][k], ROUNDS * expected(s, k));
    wt_pool_destroy(&pool);
    assert_null(pool);
}

static void items_are_done_once_and_in_order(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 7; threads += 2)
        run_rounds(threads);
}

static void add_one(void *user, int step, int item, int thread)
{
    int *count = user;
    count[item]++;
}

static void one_step_is_shared(void **state)
{
    enum { MANY = 5000 };
    static int count[MANY];
    struct wt_pool *pool = NULL;
    (void)state;
    assert_int_equal(wt_pool_create(&pool, 3, 1), WT_OK);
    wt_pool_share(pool, MANY, add_one, count);
    wt_pool_share(pool, 0, add_one, count);
    wt_pool_share(pool, 1, add_one, count);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(count[i], i ? 1 : 2);
    wt_pool_destroy(&pool);
}

struct shares {
    int count[64]; /* items that each thread did */
};

static void note_thread(void *user, int step, int item, int thread)
{
    struct shares *s = user;
    __atomic_add_fetch(&s->count[thread], 1, __ATOMIC_RELAXED);
    if (item % 16 == 0)
        usleep(50); /* so that others come to help */
}

/* Threads beyond the limit do nothing, whatever it was before; all work is done nevertheless. A
 * thread that is late from the job before may still do items: a pause comes first. */
static void a_limit_leaves_threads_out(void **state)
{
    static const int limits[] = {1, 3, 2, 4, 1, 0, 9, 2};
    enum { MANY = 400 };
    struct wt_pool *pool = NULL;
    (void)state;
    assert_int_equal(wt_pool_create(&pool, 4, 1), WT_OK);
    for (int r = 0; r < 40; r++) {
        const int wanted = limits[r % 8], limit = wanted < 1 || wanted > 4 ? 4 : wanted;
        struct shares *s = calloc(1, sizeof *s);
        int sum = 0;
        assert_non_null(s);
        wt_pool_limit(pool, wanted);
        usleep(3000);
        wt_pool_share(pool, MANY, note_thread, s);
        for (int t = 0; t < 64; t++) {
            sum += s->count[t];
            if (t >= limit && r % 8 != 0) /* threads that start may come late to the first */
                assert_int_equal(s->count[t], 0);
        }
        assert_int_equal(sum, MANY);
        free(s);
    }
    wt_pool_limit(pool, 1); /* and it ends with threads asleep */
    wt_pool_destroy(&pool);
}

static void pools_without_work_end(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        struct wt_pool *p = NULL;
        assert_int_equal(wt_pool_create(&p, 4, 1), WT_OK);
        wt_pool_destroy(&p);
    }
    struct wt_pool *none = NULL;
    wt_pool_destroy(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_done_once_and_in_order),
        cmocka_unit_test(one_step_is_shared),
        cmocka_unit_test(a_limit_leaves_threads_out),
        cmocka_unit_test(pools_without_work_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
