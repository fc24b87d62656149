/* A bounded queue between threads; when it is full the new item is dropped and counted, so a
 * producer never waits. Thread-safe. */
#ifndef WT_APP_FIFO_H
#define WT_APP_FIFO_H

#include <stdbool.h>
#include <stdint.h>

#include "wt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_fifo;

enum wt_status wt_fifo_create(struct wt_fifo **out, int capacity, void (*destroy)(void *item));
void wt_fifo_destroy(struct wt_fifo **fifo);

/* Takes ownership. false: full or closed, and the item has been destroyed. */
bool wt_fifo_push(struct wt_fifo *fifo, void *item);
/* As push, but waits for room (offline work that must lose nothing). false: closed. */
bool wt_fifo_push_wait(struct wt_fifo *fifo, void *item);
/* Waits up to timeout_ms (-1: for ever). NULL: timed out, or closed and empty. */
void *wt_fifo_pop(struct wt_fifo *fifo, int timeout_ms);
/* No more pushes; what is inside can still be popped. */
void wt_fifo_close(struct wt_fifo *fifo);
bool wt_fifo_closed(struct wt_fifo *fifo); /* and empty: nothing more will come */
uint64_t wt_fifo_dropped(struct wt_fifo *fifo);
int wt_fifo_length(struct wt_fifo *fifo);

#ifdef __cplusplus
}
#endif

#endif
