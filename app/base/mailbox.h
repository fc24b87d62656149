/* A mailbox for one item between two threads: the newest wins, overwritten items are destroyed and
 * counted. Thread-safe. */
#ifndef WT_APP_MAILBOX_H
#define WT_APP_MAILBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "wt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_mailbox;

/* destroy: frees an item nobody took. */
enum wt_status wt_mailbox_create(struct wt_mailbox **out, void (*destroy)(void *item));
void wt_mailbox_destroy(struct wt_mailbox **box);

/* Takes ownership; never blocks. After close the item is destroyed at once. */
void wt_mailbox_put(struct wt_mailbox *box, void *item);
/* Waits up to timeout_ms (-1: for ever; 0: not at all) for an item; NULL: none, or closed. */
void *wt_mailbox_take(struct wt_mailbox *box, int timeout_ms);
/* Wakes the taker; no item passes any more. */
void wt_mailbox_close(struct wt_mailbox *box);
bool wt_mailbox_closed(struct wt_mailbox *box);
uint64_t wt_mailbox_dropped(struct wt_mailbox *box);

#ifdef __cplusplus
}
#endif

#endif
