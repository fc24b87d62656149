#include "base/queue.h"

#include <assert.h>
#include <stdlib.h>

#include "base/status.h"

void *wt_queue_create(size_t size, void (*destroy)(void *item))
{
    assert(size >= sizeof(struct wt_queue) && destroy);
    struct wt_queue *queue = calloc(1, size);
    if (!queue || !wt_monitor_init(&queue->lock, &queue->changed)) {
        free(queue);
        wt_fail(WT_ERR_MEMORY, "out of memory for a queue");
        return NULL;
    }
    queue->destroy = destroy;
    return queue;
}

void wt_queue_destroy(struct wt_queue *queue)
{
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

uint64_t wt_queue_dropped(struct wt_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    uint64_t dropped = queue->dropped;
    pthread_mutex_unlock(&queue->lock);
    return dropped;
}
