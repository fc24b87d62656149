#include "base/arena.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/align.h"

/* Chunks are whole huge pages: packed weights are read in an order that changes pages faster than a
 * TLB of 4 KiB pages follows. */
enum { PAGE = 2 << 20, CHUNK = 4 << 20 };

static int add_chunk(struct wt_arena *a, size_t bytes)
{
    size_t size = bytes > CHUNK ? bytes : CHUNK;
    size = wt_round_bytes(size, PAGE);
    void **list = realloc(a->chunk, (size_t)(a->chunks + 1) * sizeof *list);
    if (!list)
        return 0;
    a->chunk = list;
    void *p = aligned_alloc(PAGE, size);
    if (!p)
        return 0;
    madvise(p, size, MADV_HUGEPAGE); /* advice only: without it the pages are small */
    memset(p, 0, size);
    a->chunk[a->chunks++] = p;
    a->next = p;
    a->left = size;
    a->held += size;
    return 1;
}

void *wt_arena_take(struct wt_arena *a, size_t bytes)
{
    bytes = wt_align(bytes);
    if (bytes > a->left && !add_chunk(a, bytes))
        return NULL;
    void *p = a->next;
    a->next += bytes;
    a->left -= bytes;
    a->used += bytes;
    return p;
}

void wt_arena_fini(struct wt_arena *a)
{
    for (int i = 0; i < a->chunks; i++)
        free(a->chunk[i]);
    free(a->chunk);
    *a = (struct wt_arena){0};
}
