/* What connects ranks: MPI, in a module of its own (base/module.h; team_mpi.c opens it,
 * team_mpi_module.c is it), or nothing in a build without MPI (team_alone.c). Private to team*.c.
 */
#ifndef WT_APP_TEAM_TRANSPORT_H
#define WT_APP_TEAM_TRANSPORT_H

#include "base/ranks.h"

/* Name and version; NULL: there is none. */
const char *wt_transport_name(void);

/* Connects to the other ranks; *neighbours: how many of them, this one included, may run on the
 * very same CPUs of the same computer. Close after success only. Errors: UNSUPPORTED, MEMORY. */
enum wt_status wt_transport_open(struct wt_ranks *out, int *neighbours);
void wt_transport_close(void);

/* The module's table. */
struct wt_transport {
    const char *(*name)(void);
    /* As above, but says what failed instead of logging it; NULL: nothing. */
    const char *(*open)(struct wt_ranks *out, int *neighbours, enum wt_status *status);
    void (*close)(void);
};

#endif
