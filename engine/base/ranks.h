/* Processes that train one network together ("ranks"): what the engine and the trainer need of the
 * transport between them. Each rank works on its own images of a batch; sums over the batch are
 * added up over the ranks, so that all of them hold the same parameters at any time.
 *
 * Not a transport, and knows none: a transport fills a struct wt_ranks, whose functions and
 * user must outlive its use. NULL in its place means a single process, everywhere.
 *
 * Every function below is called by all ranks, in the same order and with the same sizes; it
 * returns when all have called it, with the same bits on all ranks. They cannot fail: a transport
 * that loses a rank ends the process. One thread of a rank at a time, but any. */
#ifndef WT_ENGINE_RANKS_H
#define WT_ENGINE_RANKS_H

#include "base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WT_RANKS_MAX = 1024 };

struct wt_ranks {
    int rank, ranks; /* this one, from 0 on; of how many, 1..WT_RANKS_MAX */
    void *user;
    /* x[i] becomes its sum over the ranks. */
    void (*sum)(void *user, double *x, size_t count);
    void (*sum_floats)(void *user, float *x, size_t count);
    /* Bytes become their bitwise OR over the ranks: bytes that are zero on all ranks but one reach
     * all of them unchanged. */
    void (*merge)(void *user, void *bytes, size_t size);
};

int wt_ranks_count(const struct wt_ranks *r);
/* Is this rank 0, which alone writes files? */
bool wt_ranks_first(const struct wt_ranks *r);
/* Rank 0's bytes to all. */
void wt_ranks_share(const struct wt_ranks *r, void *bytes, size_t size);
/* The status of the first rank that failed; OK: none did. What failed has been logged there. */
enum wt_status wt_ranks_agree(const struct wt_ranks *r, enum wt_status status);

#ifdef __cplusplus
}
#endif
#endif
