#include "base/mailbox.h"

#include <assert.h>
#include <stdlib.h>

#include "base/monotonic.h"
#include "base/status.h"

struct wt_mailbox {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    void (*destroy)(void *item);
    void *item;
    uint64_t dropped;
    bool closed;
};

enum wt_status wt_mailbox_create(struct wt_mailbox **out, void (*destroy)(void *item))
{
    assert(out && destroy);
    struct wt_mailbox *box = calloc(1, sizeof *box);
    if (!box || !wt_monitor_init(&box->lock, &box->changed)) {
        free(box);
        return wt_fail(WT_ERR_MEMORY, "out of memory for a mailbox");
    }
    box->destroy = destroy;
    *out = box;
    return WT_OK;
}

void wt_mailbox_destroy(struct wt_mailbox **box)
{
    struct wt_mailbox *b = *box;
    *box = NULL;
    if (!b)
        return;
    if (b->item)
        b->destroy(b->item);
    pthread_cond_destroy(&b->changed);
    pthread_mutex_destroy(&b->lock);
    free(b);
}

void wt_mailbox_put(struct wt_mailbox *box, void *item)
{
    assert(item);
    pthread_mutex_lock(&box->lock);
    void *old = item;
    if (!box->closed) {
        old = box->item;
        box->item = item;
        box->dropped += old != NULL;
        pthread_cond_signal(&box->changed);
    }
    pthread_mutex_unlock(&box->lock);
    /* Outside the lock: freeing a frame may take a while. */
    if (old)
        box->destroy(old);
}

void *wt_mailbox_take(struct wt_mailbox *box, int timeout_ms)
{
    struct wt_deadline deadline = wt_deadline_in(timeout_ms);
    pthread_mutex_lock(&box->lock);
    while (!box->item && !box->closed && timeout_ms != 0 &&
           wt_deadline_wait(deadline, &box->changed, &box->lock))
        ;
    void *item = box->item;
    box->item = NULL;
    pthread_mutex_unlock(&box->lock);
    return item;
}

void wt_mailbox_close(struct wt_mailbox *box)
{
    pthread_mutex_lock(&box->lock);
    void *old = box->item;
    box->item = NULL;
    box->closed = true;
    pthread_cond_broadcast(&box->changed);
    pthread_mutex_unlock(&box->lock);
    if (old)
        box->destroy(old);
}

bool wt_mailbox_closed(struct wt_mailbox *box)
{
    pthread_mutex_lock(&box->lock);
    bool closed = box->closed;
    pthread_mutex_unlock(&box->lock);
    return closed;
}

uint64_t wt_mailbox_dropped(struct wt_mailbox *box)
{
    pthread_mutex_lock(&box->lock);
    uint64_t dropped = box->dropped;
    pthread_mutex_unlock(&box->lock);
    return dropped;
}
