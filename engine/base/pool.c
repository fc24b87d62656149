#include "base/pool.h"

#include <assert.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/align.h"
#include "base/clock.h"
#include "base/place.h"

/* A counter that threads wait on: it only grows, and a thread waits until it no longer has a given
 * value. On a cache line of its own, as all threads watch it. */
struct signal {
    _Alignas(64) unsigned value;
    unsigned sleepers;
};

/* A thread's share of a step's items, in one word that threads change by compare-and-swap:
 * the serial number of the phase, the next free item, the end. A thread delayed since an earlier
 * phase or job finds another serial number and takes nothing. */
typedef uint64_t ticket;

enum { SERIAL_BITS = 24, ITEM_BITS = 20 };

struct phase {
    int first, end; /* steps */
    int items;
};

/* State of a thread that the others read. */
struct hand {
    _Alignas(64) unsigned phase; /* serial number of the phase it last worked on */
    bool busy;                   /* it still does */
    int id, cpu;                 /* place.h */
};

struct wt_pool {
    struct hand hand[64];
    struct signal limit;        /* threads that take part; the others sleep */
    struct signal now;          /* serial number of the phase that runs; between jobs, of none */
    _Alignas(64) int left;      /* items of the phase that are not done */
    _Alignas(64) ticket *share; /* [threads][steps] */
    struct phase *phase;        /* [steps]: of the job */
    unsigned base;              /* serial number of the first */
    int phases;
    int threads, steps;
    bool quit;
    struct wt_pool_job job;
    pthread_t thread[64];
};

struct worker {
    struct wt_pool *pool;
    int index;
};

/* About 20 to 50 microseconds: longer than the tail of a well cut step, shorter than a time slice.
 * A thread that was woken and does not run after so long is moved to another processor. */
enum { SPINS = 1000, LATE_NS = 100000 };

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Returns whether it changes soon. */
static bool changes_soon(const struct signal *s, unsigned old)
{
    for (int i = 0; i < SPINS; i++) {
        if (__atomic_load_n(&s->value, __ATOMIC_ACQUIRE) != old)
            return true;
        relax();
    }
    return false;
}

static void sleep_until_changed(struct signal *s, unsigned old)
{
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

/* ---- shares ---------------------------------------------------------------------------------- */

static ticket make_ticket(unsigned serial, int next, int end)
{
    return (ticket)serial << 2 * ITEM_BITS | (ticket)next << ITEM_BITS | (ticket)end;
}

/* The next item of a share; -1: none, or not of this phase. */
static int take(ticket *share, unsigned serial)
{
    const ticket mask = (1u << ITEM_BITS) - 1;
    ticket t = __atomic_load_n(share, __ATOMIC_RELAXED);
    int item;
    do {
        item = (int)(t >> ITEM_BITS & mask);
        if (t >> 2 * ITEM_BITS != (serial & ((1u << SERIAL_BITS) - 1)) || item == (int)(t & mask))
            return -1;
    } while (!__atomic_compare_exchange_n(share, &t, t + ((ticket)1 << ITEM_BITS), true,
                                          __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
    return item;
}

/* Deals out a step's items. */
static void distribute(struct wt_pool *p, int step, unsigned serial)
{
    const long items = p->job.step[step].items;
    assert(items <= WT_POOL_ITEMS);
    const long active = p->limit.value;
    for (long t = 0; t < p->threads; t++) {
        const long from = t < active ? t : active, to = t < active ? t + 1 : active;
        ticket share =
            make_ticket(serial, (int)(items * from / active), (int)(items * to / active));
        __atomic_store_n(&p->share[(size_t)t * p->steps + step], share, __ATOMIC_RELAXED);
    }
}

/* Cuts the job into phases, without those that have no items. A thread that is late for the job
 * before may be reading all this: it is written piece by piece, and no share is of that thread's
 * phase. */
static void prepare(struct wt_pool *p)
{
    const struct wt_pool_job *job = &p->job;
    const unsigned base = p->now.value + 1;
    int phases = 0;
    __atomic_store_n(&p->base, base, __ATOMIC_RELAXED);
    for (int i = 0; i < job->steps;) {
        struct phase *phase = &p->phase[phases];
        const int first = i;
        int items = 0;
        for (; i < job->steps && job->step[i].phase == job->step[first].phase; i++) {
            distribute(p, i, base + (unsigned)phases);
            items += job->step[i].items;
        }
        __atomic_store_n(&phase->first, first, __ATOMIC_RELAXED);
        __atomic_store_n(&phase->end, i, __ATOMIC_RELAXED);
        phase->items = items;
        phases += items > 0;
    }
    __atomic_store_n(&p->phases, phases, __ATOMIC_RELAXED);
}

/* ---- working --------------------------------------------------------------------------------- */

/* From phase k - 1 to k, on the only thread that is not waiting or about to. */
static void begin_phase(struct wt_pool *p, int k)
{
    const struct wt_pool_job *job = &p->job;
    const int done = k > 0 ? p->phase[k - 1].end - 1 : -1;
    const int next = k < p->phases ? p->phase[k].first : -1;
    if (job->between)
        job->between(job->user, done, next);
    if (next >= 0)
        __atomic_store_n(&p->left, p->phase[k].items, __ATOMIC_RELAXED);
    advance(&p->now);
}

/* Does what is left of the phase with that serial number; false: no phase of the job has it. The
 * job is read only while an item is held: it cannot end before. */
static bool help(struct wt_pool *p, int thread, unsigned serial)
{
    const unsigned k = serial - __atomic_load_n(&p->base, __ATOMIC_RELAXED);
    struct hand *hand = &p->hand[thread];
    if (k >= (unsigned)__atomic_load_n(&p->phases, __ATOMIC_RELAXED))
        return false;
    __atomic_store_n(&hand->phase, serial, __ATOMIC_RELAXED);
    __atomic_store_n(&hand->cpu, wt_place_cpu(), __ATOMIC_RELAXED);
    __atomic_store_n(&hand->busy, true, __ATOMIC_RELAXED);
    const int end = __atomic_load_n(&p->phase[k].end, __ATOMIC_RELAXED);
    for (int i = __atomic_load_n(&p->phase[k].first, __ATOMIC_RELAXED); i < end; i++)
        for (int t = 0; t < p->threads; t++) {
            ticket *share = &p->share[(size_t)((thread + t) % p->threads) * p->steps + i];
            for (int item; (item = take(share, serial)) >= 0;) {
                p->job.item(p->job.user, i, item, thread);
                if (__atomic_sub_fetch(&p->left, 1, __ATOMIC_ACQ_REL) == 0)
                    begin_phase(p, (int)k + 1);
            }
        }
    __atomic_store_n(&hand->busy, false, __ATOMIC_RELAXED);
    return true;
}

/* The remaining items of the phase are held by other threads. One of them that does not run, as
 * another program has its processor, would delay all for a time slice of some milliseconds: it gets
 * the processor of this thread, which holds no item and takes its place in the queue there.
 * (Letting this thread sleep instead does not help: it would be woken on the processor that is busy
 * now, and both threads would share that one.) */
static void yield_processor(struct wt_pool *p, int thread, unsigned serial)
{
    for (int t = 0; t < p->threads; t++) {
        const struct hand *hand = &p->hand[t];
        const int id = __atomic_load_n(&hand->id, __ATOMIC_RELAXED);
        if (t == thread || !__atomic_load_n(&hand->busy, __ATOMIC_RELAXED) ||
            __atomic_load_n(&hand->phase, __ATOMIC_RELAXED) != serial || !wt_place_is_held_up(id))
            continue;
        if (__atomic_load_n(&p->now.value, __ATOMIC_ACQUIRE) == serial)
            wt_place_swap(id, __atomic_load_n(&hand->cpu, __ATOMIC_RELAXED));
        return;
    }
}

/* Works on the phase with that serial number, and waits for the end of it, or of the time between
 * two jobs. */
static void take_part(struct wt_pool *p, int thread, unsigned serial)
{
    const bool running = help(p, thread, serial);
    if (changes_soon(&p->now, serial))
        return;
    if (running)
        yield_processor(p, thread, serial);
    sleep_until_changed(&p->now, serial);
}

static void *work(void *arg)
{
    struct worker w = *(struct worker *)arg;
    struct wt_pool *p = w.pool;
    free(arg);
    __atomic_store_n(&p->hand[w.index].id, wt_place_thread(), __ATOMIC_RELAXED);
    while (!__atomic_load_n(&p->quit, __ATOMIC_ACQUIRE)) {
        const unsigned limit = __atomic_load_n(&p->limit.value, __ATOMIC_SEQ_CST);
        if ((unsigned)w.index >= limit)
            sleep_until_changed(&p->limit, limit);
        else
            take_part(p, w.index, __atomic_load_n(&p->now.value, __ATOMIC_ACQUIRE));
    }
    return NULL;
}

/* Some systems wake threads on the processor of the one who wakes them, where they wait for it to
 * pause, with other processors idle. */
static void move_late_threads(struct wt_pool *p)
{
    for (int t = 1; t < (int)p->limit.value; t++) {
        const struct hand *hand = &p->hand[t];
        const unsigned phase = __atomic_load_n(&hand->phase, __ATOMIC_RELAXED);
        const int id = __atomic_load_n(&hand->id, __ATOMIC_RELAXED);
        if (phase - p->base >= (unsigned)p->phases && id) /* of an earlier job */
            wt_place_send_away(id);
    }
}

void wt_pool_run(struct wt_pool *p, const struct wt_pool_job *job)
{
    assert(job->steps <= p->steps);
    p->job = *job;
    prepare(p);
    const unsigned end = p->base + (unsigned)p->phases;
    const int64_t late = p->limit.value > 1 ? wt_now_ns() + LATE_NS : INT64_MAX;
    bool looked = false;
    __atomic_store_n(&p->hand[0].id, wt_place_thread(), __ATOMIC_RELAXED);
    begin_phase(p, 0);
    for (unsigned serial; (serial = __atomic_load_n(&p->now.value, __ATOMIC_ACQUIRE)) != end;) {
        take_part(p, 0, serial);
        if (!looked && wt_now_ns() > late) {
            move_late_threads(p);
            looked = true;
        }
    }
}

void wt_pool_share(struct wt_pool *p, int items, wt_pool_item_fn *item, void *user)
{
    const struct wt_pool_step step = {.items = items};
    wt_pool_run(p, &(struct wt_pool_job){.step = &step, .steps = 1, .item = item, .user = user});
}

/* ---- making ---------------------------------------------------------------------------------- */

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

/* Signals belong to the program's own threads: workers take none. */
static void start_workers(struct wt_pool *p, int threads)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    while (p->threads < threads && start(p, p->threads))
        p->threads++; /* workers read it after the first job was announced */
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (p->threads < threads)
        wt_log(WT_LOG_WARN, "the system gave %d of %d threads", p->threads, threads);
}

enum wt_status wt_pool_create(struct wt_pool **out, int threads, int steps)
{
    struct wt_pool *p = aligned_alloc(WT_ALIGNMENT, wt_align(sizeof *p));
    if (!p)
        return wt_fail(WT_ERR_MEMORY, "out of memory for %d threads", threads);
    threads = threads < 64 ? threads : 64;
    *p = (struct wt_pool){.threads = 1, .steps = steps, .limit.value = (unsigned)threads};
    p->share = calloc((size_t)threads * (size_t)steps, sizeof *p->share);
    p->phase = calloc((size_t)steps + 1, sizeof *p->phase);
    if (!p->share || !p->phase) {
        wt_pool_destroy(&p);
        return wt_fail(WT_ERR_MEMORY, "out of memory for %d threads", threads);
    }
    start_workers(p, threads);
    wt_pool_limit(p, p->threads);
    *out = p;
    return WT_OK;
}

static void change(struct signal *s, unsigned value)
{
    __atomic_store_n(&s->value, value, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&s->sleepers, __ATOMIC_SEQ_CST))
        syscall(SYS_futex, &s->value, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

void wt_pool_limit(struct wt_pool *p, int threads)
{
    const int most = p->threads;
    const unsigned limit = (unsigned)(threads < 1 || threads > most ? most : threads);
    const unsigned before = p->limit.value;
    change(&p->limit, limit);
    if (limit < before) /* those that wait for a job go to sleep with the others */
        advance(&p->now);
}

void wt_pool_destroy(struct wt_pool **pool)
{
    struct wt_pool *p = *pool;
    if (!p)
        return;
    __atomic_store_n(&p->quit, true, __ATOMIC_RELEASE);
    change(&p->limit, (unsigned)p->threads + 1); /* unlike any before */
    advance(&p->now);
    for (int i = 1; i < p->threads; i++)
        pthread_join(p->thread[i], NULL);
    free(p->share);
    free(p->phase);
    free(p);
    *pool = NULL;
}

int wt_pool_threads(const struct wt_pool *p)
{
    return p->threads;
}
