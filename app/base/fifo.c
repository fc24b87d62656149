#include "base/fifo.h"

#include <assert.h>

#include "base/queue.h"

struct wt_fifo {
    struct wt_queue queue;
    int capacity, head, length;
    void *ring[];
};

enum wt_status wt_fifo_create(struct wt_fifo **out, int capacity, void (*destroy)(void *item))
{
    assert(out && capacity > 0);
    struct wt_fifo *fifo =
        wt_queue_create(sizeof *fifo + (size_t)capacity * sizeof(void *), destroy);
    if (!fifo)
        return WT_ERR_MEMORY;
    fifo->capacity = capacity;
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
        f->queue.destroy(f->ring[(f->head + i) % f->capacity]);
    wt_queue_destroy(&f->queue);
}

static bool push(struct wt_fifo *fifo, void *item, bool wait)
{
    assert(item);
    pthread_mutex_lock(&fifo->queue.lock);
    while (wait && fifo->length == fifo->capacity && !fifo->queue.closed)
        pthread_cond_wait(&fifo->queue.changed, &fifo->queue.lock);
    bool taken = fifo->length < fifo->capacity && !fifo->queue.closed;
    if (taken) {
        fifo->ring[(fifo->head + fifo->length++) % fifo->capacity] = item;
        pthread_cond_broadcast(&fifo->queue.changed);
    } else {
        fifo->queue.dropped++;
    }
    pthread_mutex_unlock(&fifo->queue.lock);
    if (!taken)
        fifo->queue.destroy(item);
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
    pthread_mutex_lock(&fifo->queue.lock);
    while (fifo->length == 0 && !fifo->queue.closed && timeout_ms != 0 &&
           wt_deadline_wait(deadline, &fifo->queue.changed, &fifo->queue.lock))
        ;
    if (fifo->length > 0) {
        item = fifo->ring[fifo->head];
        fifo->head = (fifo->head + 1) % fifo->capacity;
        fifo->length--;
        pthread_cond_broadcast(&fifo->queue.changed);
    }
    pthread_mutex_unlock(&fifo->queue.lock);
    return item;
}

void wt_fifo_close(struct wt_fifo *fifo)
{
    pthread_mutex_lock(&fifo->queue.lock);
    fifo->queue.closed = true;
    pthread_cond_broadcast(&fifo->queue.changed);
    pthread_mutex_unlock(&fifo->queue.lock);
}

bool wt_fifo_closed(struct wt_fifo *fifo)
{
    pthread_mutex_lock(&fifo->queue.lock);
    bool closed = fifo->queue.closed && fifo->length == 0;
    pthread_mutex_unlock(&fifo->queue.lock);
    return closed;
}

uint64_t wt_fifo_dropped(struct wt_fifo *fifo)
{
    return wt_queue_dropped(&fifo->queue);
}

int wt_fifo_length(struct wt_fifo *fifo)
{
    pthread_mutex_lock(&fifo->queue.lock);
    int length = fifo->length;
    pthread_mutex_unlock(&fifo->queue.lock);
    return length;
}
