/* Alignment of memory that kernels work on. */
#ifndef WT_ENGINE_ALIGN_H
#define WT_ENGINE_ALIGN_H

#include <stddef.h>

#define WT_ALIGNMENT 64 /* bytes: a cache line, and the widest vector */
#define WT_PAGE 4096    /* bytes of memory that the system gives out at a time */

/* bytes rounded up to whole units. */
static inline size_t wt_round_bytes(size_t bytes, size_t unit)
{
    return (bytes + unit - 1) / unit * unit;
}
static inline size_t wt_align(size_t bytes)
{
    return wt_round_bytes(bytes, WT_ALIGNMENT);
}

#endif
