/* Frames worth a correction, in the window: what viewer_mine.c and viewer_panel_mine.c keep. Part
 * of viewer_internal.h. */
#ifndef WT_APP_VIEWER_MINE_H
#define WT_APP_VIEWER_MINE_H

#include <stdatomic.h>

#include "base/paths.h"
#include "teach/miner.h"
#include "teach/mining.h"

struct wt_viewer;

struct wt_viewer_mine {
    struct wt_miner *miner; /* NULL: none */
    struct wt_mining *mining;
    atomic_bool looking; /* the watcher does its work */
    struct wt_path folder;
    bool on_disk; /* what is kept there was read */
    struct wt_mined best[WT_MINER_OFFERED];
    int count;
    uint64_t version; /* of the miner, that best is of */
    int64_t listed_us;
    uint32_t open; /* number of the frame that is corrected, 0: none */
};

void wt_mine_start(struct wt_viewer *v);
/* After the live chain has ended; writes what is to be kept. */
void wt_mine_end(struct wt_viewer *v);
/* Once a frame of the window. */
void wt_mine_check(struct wt_viewer *v);
/* Opens one of the offered frames for correcting. */
void wt_mine_open(struct wt_viewer *v, int which);
void wt_mine_forget(struct wt_viewer *v, int which);
/* What was open is in the profile. */
void wt_mine_corrected(struct wt_viewer *v);
/* The user wants them on the disk, or not any more: then they are removed there. */
void wt_mine_keep(struct wt_viewer *v, bool keep);
void wt_mine_list(struct wt_viewer *v);

/* viewer_panel_mine.c */
void wt_viewer_panel_mine(struct wt_viewer *v);

#endif
