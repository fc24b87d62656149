/* What mailbox.c and fifo.c have in common: a lock, a condition whose timeouts follow the monotonic
 * clock, and a count of what was dropped. Private to both. */
#ifndef WT_APP_QUEUE_H
#define WT_APP_QUEUE_H

#include "base/monotonic.h"

struct wt_queue {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* one for both ends: queues are short and have few users */
    void (*destroy)(void *item);
    uint64_t dropped;
    bool closed;
};

/* size zeroed bytes that begin with a struct wt_queue. destroy: frees an item that nobody took.
 * NULL, after a line: memory ran out. */
void *wt_queue_create(size_t size, void (*destroy)(void *item));
/* Frees the whole object; its items have been destroyed before. */
void wt_queue_destroy(struct wt_queue *queue);

uint64_t wt_queue_dropped(struct wt_queue *queue);

#endif
