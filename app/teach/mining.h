/* Looks for frames worth a correction while a tracker runs: a watcher of the live chain, or of
 * files.
 *
 * What it costs: once a second, or less often where a pass takes so long that more than a twentieth
 * of the time would go, one pass on the mirrored crop of one face, the faces in turn; every frame,
 * how its points fit between its neighbours'. One thread at a time. */
#ifndef WT_APP_MINING_H
#define WT_APP_MINING_H

#include "teach/miner.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_mining;
struct wt_tracker;

struct wt_mining_sight {
    struct wt_tracker *tracker; /* that has just tracked this frame */
    struct wt_model *model;
    int stacks; /* in use, 0: all */
    struct wt_frame *frame;
    const struct wt_result *result;
    int64_t now_us; /* of the clock that the cost is limited by: the monotonic one; of files, where
                       every frame may be looked at, the frame's time */
};

/* The miner must outlive it. every_us: between two passes at least. Errors: MEMORY. */
enum wt_status wt_mining_create(struct wt_mining **out, struct wt_miner *miner, int64_t every_us);
void wt_mining_destroy(struct wt_mining **mining); /* NULL-safe; sets NULL */

/* After every frame. Errors: those of the network, MEMORY; then this frame is left out. */
enum wt_status wt_mining_watch(struct wt_mining *mining, const struct wt_mining_sight *sight);

#ifdef __cplusplus
}
#endif
#endif
