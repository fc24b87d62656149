/* What connects ranks: team_mpi.c, or team_alone.c in a build without MPI. Private to team*.c. */
#ifndef WT_APP_TEAM_TRANSPORT_H
#define WT_APP_TEAM_TRANSPORT_H

#include "base/ranks.h"

/* Name and version; NULL: there is none. */
const char *wt_transport_name(void);

/* Connects to the other ranks; *neighbours: how many of them, this one included, may run on the
 * very same CPUs of the same computer. Close after success only. Errors: UNSUPPORTED. */
enum wt_status wt_transport_open(struct wt_ranks *out, int *neighbours);
void wt_transport_close(void);

#endif
