#include "pool.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A counter that threads wait on: it only ever grows, and a wait is for "no longer this value". On
 * a cache line of its own, as all threads watch it. */
struct signal {
    _Alignas(64) unsigned value;
    unsigned sleepers;
};

struct wt_pool {
    struct signal job;   /* grows when there is work */
    struct signal phase; /* grows when a barrier is complete */
    _Alignas(64) unsigned arrived;
    int threads;
    bool quit;
    wt_pool_fn *fn;
    void *arg;
    pthread_t thread[64];
};

struct worker {
    struct wt_pool *pool;
    int index;
};

/* About 20 to 50 microseconds: longer than the tail of a well cut step, shorter than a time slice.
 */
enum { SPINS = 1000 };

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void wait_change(struct signal *s, unsigned old)
{
    for (int i = 0; i < SPINS; i++) {
        if (__atomic_load_n(&s->value, __ATOMIC_ACQUIRE) != old)
            return;
        relax();
    }
    __atomic_fetch_add(&s->sleepers, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&s->value, __ATOMIC_SEQ_CST) == old)
        syscall(SYS_futex, &s->value, FUTEX_WAIT_PRIVATE, old, NULL, NULL, 0);
    __atomic_fetch_sub(&s->sleepers, 1, __ATOMIC_SEQ_CST);
}

static void advance(struct signal *s)
{
    __atomic_fetch_add(&s->value, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&s->sleepers, __ATOMIC_SEQ_CST))
        syscall(SYS_futex, &s->value, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

void wt_pool_barrier(struct wt_pool *p)
{
    if (p->threads == 1)
        return;
    unsigned phase = __atomic_load_n(&p->phase.value, __ATOMIC_ACQUIRE);
    if (__atomic_add_fetch(&p->arrived, 1, __ATOMIC_ACQ_REL) == (unsigned)p->threads) {
        __atomic_store_n(&p->arrived, 0, __ATOMIC_RELAXED);
        advance(&p->phase);
    } else {
        wait_change(&p->phase, phase);
    }
}

static void *work(void *arg)
{
    struct worker w = *(struct worker *)arg;
    struct wt_pool *p = w.pool;
    unsigned seen = 0;
    free(arg);
    for (;;) {
        wait_change(&p->job, seen++);
        if (__atomic_load_n(&p->quit, __ATOMIC_ACQUIRE))
            return NULL;
        p->fn(p->arg, w.index);
        wt_pool_barrier(p);
    }
}

static bool start(struct wt_pool *p, int index)
{
    struct worker *w = malloc(sizeof *w);
    if (!w)
        return false;
    *w = (struct worker){p, index};
    if (pthread_create(&p->thread[index], NULL, work, w) == 0)
        return true;
    free(w);
    return false;
}

enum wt_status wt_pool_create(struct wt_pool **out, int threads)
{
    struct wt_pool *p = aligned_alloc(64, (sizeof *p + 63) / 64 * 64);
    if (!p)
        return wt_fail(WT_ERR_MEMORY, "out of memory for %d threads", threads);
    *p = (struct wt_pool){.threads = 1};
    /* workers inherit an empty signal set's complement: signals belong to the program's own threads
     */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int made = 1;
    while (made < threads && made < 64 && start(p, made))
        made++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (made < threads)
        wt_log(WT_LOG_WARN, "the system gave %d of %d threads", made, threads);
    p->threads = made; /* read by the workers only after the first job was announced */
    *out = p;
    return WT_OK;
}

void wt_pool_destroy(struct wt_pool **pool)
{
    struct wt_pool *p = *pool;
    if (!p)
        return;
    __atomic_store_n(&p->quit, true, __ATOMIC_RELEASE);
    advance(&p->job);
    for (int i = 1; i < p->threads; i++)
        pthread_join(p->thread[i], NULL);
    free(p);
    *pool = NULL;
}

int wt_pool_threads(const struct wt_pool *p)
{
    return p->threads;
}

void wt_pool_run(struct wt_pool *p, wt_pool_fn *fn, void *job)
{
    p->fn = fn;
    p->arg = job;
    advance(&p->job);
    fn(job, 0);
    wt_pool_barrier(p);
}
