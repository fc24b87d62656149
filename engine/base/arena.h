/* Memory that is freed at once, in a few large chunks of huge pages.
 *
 * One thread at a time. Zeroed, aligned to 64 bytes. */
#ifndef WT_ENGINE_ARENA_H
#define WT_ENGINE_ARENA_H

#include <stddef.h>

struct wt_arena {
    void **chunk;
    int chunks;
    char *next; /* in the last chunk */
    size_t left;
    size_t used; /* bytes handed out */
    size_t held; /* bytes of all chunks */
};

/* NULL when memory ran out. An arena starts as {0}. */
void *wt_arena_take(struct wt_arena *arena, size_t bytes);
void wt_arena_fini(struct wt_arena *arena);

#endif
