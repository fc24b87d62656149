#include "base/fifo.h"

#include <assert.h>
#include <stdlib.h>

#include "base/monotonic.h"
#include "base/status.h"

struct wt_fifo {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* one for both ends: the queue is short and has few users */
    void (*destroy)(void *item);
    uint64_t dropped;
    int capacity, head, length;
    bool closed;
    void *ring[];
};

enum wt_status wt_fifo_create(struct wt_fifo **out, int capacity, void (*destroy)(void *item))
{
    assert(out && destroy && capacity > 0);
    struct wt_fifo *fifo = calloc(1, sizeof *fifo + (size_t)capacity * sizeof(void *));
    if (!fifo || !wt_monitor_init(&fifo->lock, &fifo->changed)) {
        free(fifo);
        return wt_fail(WT_ERR_MEMORY, "out of memory for a queue of %d", capacity);
    }
    fifo->capacity = capacity;
    fifo->destroy = destroy;
    *out = fifo;
    return WT_OK;
}

void wt_fifo_destroy(struct wt_fifo **fifo)
{
    struct wt_fifo *f = *fifo;
    *fifo = NULL;
    if (!f)
        return;
    for (int i = 0; i < f->length; i++)
        f->destroy(f->ring[(f->head + i) % f->capacity]);
    pthread_cond_destroy(&f->changed);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

static bool push(struct wt_fifo *fifo, void *item, bool wait)
{
    assert(item);
    pthread_mutex_lock(&fifo->lock);
    while (wait && fifo->length == fifo->capacity && !fifo->closed)
        pthread_cond_wait(&fifo->changed, &fifo->lock);
    bool taken = fifo->length < fifo->capacity && !fifo->closed;
    if (taken) {
        fifo->ring[(fifo->head + fifo->length++) % fifo->capacity] = item;
        pthread_cond_broadcast(&fifo->changed);
    } else {
        fifo->dropped++;
    }
    pthread_mutex_unlock(&fifo->lock);
    if (!taken)
        fifo->destroy(item);
    return taken;
}

bool wt_fifo_push(struct wt_fifo *fifo, void *item)
{
    return push(fifo, item, false);
}

bool wt_fifo_push_wait(struct wt_fifo *fifo, void *item)
{
    return push(fifo, item, true);
}

void *wt_fifo_pop(struct wt_fifo *fifo, int timeout_ms)
{
    struct wt_deadline deadline = wt_deadline_in(timeout_ms);
    void *item = NULL;
    pthread_mutex_lock(&fifo->lock);
    while (fifo->length == 0 && !fifo->closed && timeout_ms != 0 &&
           wt_deadline_wait(deadline, &fifo->changed, &fifo->lock))
        ;
    if (fifo->length > 0) {
        item = fifo->ring[fifo->head];
        fifo->head = (fifo->head + 1) % fifo->capacity;
        fifo->length--;
        pthread_cond_broadcast(&fifo->changed);
    }
    pthread_mutex_unlock(&fifo->lock);
    return item;
}

void wt_fifo_close(struct wt_fifo *fifo)
{
    pthread_mutex_lock(&fifo->lock);
    fifo->closed = true;
    pthread_cond_broadcast(&fifo->changed);
    pthread_mutex_unlock(&fifo->lock);
}

bool wt_fifo_closed(struct wt_fifo *fifo)
{
    pthread_mutex_lock(&fifo->lock);
    bool closed = fifo->closed && fifo->length == 0;
    pthread_mutex_unlock(&fifo->lock);
    return closed;
}

uint64_t wt_fifo_dropped(struct wt_fifo *fifo)
{
    pthread_mutex_lock(&fifo->lock);
    uint64_t dropped = fifo->dropped;
    pthread_mutex_unlock(&fifo->lock);
    return dropped;
}

int wt_fifo_length(struct wt_fifo *fifo)
{
    pthread_mutex_lock(&fifo->lock);
    int length = fifo->length;
    pthread_mutex_unlock(&fifo->lock);
    return length;
}
