/* Ranks that are threads of one process, for tests. */
#ifndef WT_TESTS_THREAD_RANKS_H
#define WT_TESTS_THREAD_RANKS_H

#include "support.h"

#include <math.h>
#include <pthread.h>

#include "base/ranks.h"

enum { MOST = 4 };

static struct {
    pthread_barrier_t barrier;
    void *given[MOST];
    int ranks;
} team;

/* Each rank adds up all that were given, in the same order, and lays it down when all have. */
#define COMBINE(type, op)                                                                          \
    do {                                                                                           \
        const struct wt_ranks *r = user;                                                           \
        type *all = malloc((count ? count : 1) * sizeof *all);                                     \
        team.given[r->rank] = x;                                                                   \
        pthread_barrier_wait(&team.barrier);                                                       \
        for (size_t i = 0; i < count; i++) {                                                       \
            all[i] = ((type *)team.given[0])[i];                                                   \
            for (int k = 1; k < team.ranks; k++)                                                   \
                all[i] op((type *)team.given[k])[i];                                               \
        }                                                                                          \
        pthread_barrier_wait(&team.barrier);                                                       \
        memcpy(x, all, count * sizeof *all);                                                       \
        free(all);                                                                                 \
        pthread_barrier_wait(&team.barrier);                                                       \
    } while (0)

static void sum(void *user, double *x, size_t count)
{
    COMBINE(double, +=);
}

static void sum_floats(void *user, float *x, size_t count)
{
    COMBINE(float, +=);
}

static void merge(void *user, void *bytes, size_t count)
{
    uint8_t *x = bytes;
    COMBINE(uint8_t, |=);
}

struct member {
    struct wt_ranks ranks;
    void (*fn)(struct member *m);
    void *work;
    enum wt_status status;
    pthread_t thread;
};

static void *start(void *member)
{
    struct member *m = member;
    m->fn(m);
    return NULL;
}

/* Calls fn on each of the ranks at once; work[i] is for rank i. */
static inline void on_ranks(struct member *m, int ranks, void (*fn)(struct member *m))
{
    team.ranks = ranks;
    assert_int_equal(pthread_barrier_init(&team.barrier, NULL, (unsigned)ranks), 0);
    for (int i = 0; i < ranks; i++) {
        m[i].ranks = (struct wt_ranks){i, ranks, &m[i].ranks, sum, sum_floats, merge};
        m[i].fn = fn;
        assert_int_equal(pthread_create(&m[i].thread, NULL, start, &m[i]), 0);
    }
    for (int i = 0; i < ranks; i++)
        pthread_join(m[i].thread, NULL);
    pthread_barrier_destroy(&team.barrier);
}

/* RMS difference relative to b's RMS, or to `least` if that is more: a bias before a BatchNorm has
 * a gradient of rounding only. */
static inline double apart(const float *a, const float *b, size_t count, double least)
{
    double difference = 0, own = 0, floor = least * least * (double)count;
    for (size_t i = 0; i < count; i++) {
        difference += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        own += (double)b[i] * b[i];
    }
    return sqrt(difference / fmax(own, floor));
}

#endif
