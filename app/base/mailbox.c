#include "base/mailbox.h"

#include <assert.h>

#include "base/queue.h"

struct wt_mailbox {
    struct wt_queue queue;
    void *item;
};

enum wt_status wt_mailbox_create(struct wt_mailbox **out, void (*destroy)(void *item))
{
    assert(out);
    *out = wt_queue_create(sizeof **out, destroy);
    return *out ? WT_OK : WT_ERR_MEMORY;
}

void wt_mailbox_destroy(struct wt_mailbox **box)
{
    struct wt_mailbox *b = *box;
    *box = NULL;
    if (!b)
        return;
    if (b->item)
        b->queue.destroy(b->item);
    wt_queue_destroy(&b->queue);
}

void wt_mailbox_put(struct wt_mailbox *box, void *item)
{
    assert(item);
    pthread_mutex_lock(&box->queue.lock);
    void *old = item;
    if (!box->queue.closed) {
        old = box->item;
        box->item = item;
        box->queue.dropped += old != NULL;
        pthread_cond_signal(&box->queue.changed);
    }
    pthread_mutex_unlock(&box->queue.lock);
    /* Outside the lock: freeing a frame may take a while. */
    if (old)
        box->queue.destroy(old);
}

void *wt_mailbox_take(struct wt_mailbox *box, int timeout_ms)
{
    struct wt_deadline deadline = wt_deadline_in(timeout_ms);
    pthread_mutex_lock(&box->queue.lock);
    while (!box->item && !box->queue.closed && timeout_ms != 0 &&
           wt_deadline_wait(deadline, &box->queue.changed, &box->queue.lock))
        ;
    void *item = box->item;
    box->item = NULL;
    pthread_mutex_unlock(&box->queue.lock);
    return item;
}

void wt_mailbox_close(struct wt_mailbox *box)
{
    pthread_mutex_lock(&box->queue.lock);
    void *old = box->item;
    box->item = NULL;
    box->queue.closed = true;
    pthread_cond_broadcast(&box->queue.changed);
    pthread_mutex_unlock(&box->queue.lock);
    if (old)
        box->queue.destroy(old);
}

bool wt_mailbox_closed(struct wt_mailbox *box)
{
    pthread_mutex_lock(&box->queue.lock);
    bool closed = box->queue.closed;
    pthread_mutex_unlock(&box->queue.lock);
    return closed;
}

uint64_t wt_mailbox_dropped(struct wt_mailbox *box)
{
    return wt_queue_dropped(&box->queue);
}
