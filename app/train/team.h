/* The processes that mpirun has started to train together: connects them, divides the cores among
 * those of one computer, and merges their log: errors are held back until the end, and only the
 * first rank that has one writes it; of the other lines only those of rank 0 are shown, except
 * warnings.
 *
 * A process that mpirun did not start is alone and never touches MPI. One thread; the functions of
 * ranks.h from any. The log belongs to the team between join and leave. */
#ifndef WT_APP_TEAM_H
#define WT_APP_TEAM_H

#include "base/ranks.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_team {
    const struct wt_ranks *ranks; /* NULL: alone */
    /* private */
    struct wt_ranks link;
    int neighbours; /* ranks, this one included, that have the same cores to share */
    bool connected;
};

/* Waits for all ranks. Errors: UNSUPPORTED (started by mpirun, but built without MPI). The team is
 * to be left in any case. */
enum wt_status wt_team_join(struct wt_team *team);

/* Waits for all ranks, each with the status of its work; returns what wt_ranks_agree does. */
enum wt_status wt_team_leave(struct wt_team *team, enum wt_status status);

/* Like wt_cpu_threads, but 0 means this rank's share of the computer's cores. */
int wt_team_threads(const struct wt_team *team, int requested);

/* Name and version of what connects ranks; NULL: built without. */
const char *wt_team_transport(void);

#ifdef __cplusplus
}
#endif
#endif
