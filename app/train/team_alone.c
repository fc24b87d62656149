/* Built without MPI: several processes would each train alone, in the same folder. */
#include "train/team_transport.h"

#include <stdlib.h>
#include <string.h>

const char *wt_transport_name(void)
{
    return NULL;
}

enum wt_status wt_transport_open(struct wt_ranks *out, int *neighbours)
{
    const char *ranks = getenv("OMPI_COMM_WORLD_SIZE"), *rank = getenv("OMPI_COMM_WORLD_RANK");
    *out = (struct wt_ranks){.ranks = 1};
    *neighbours = 1;
    if (ranks && strcmp(ranks, "1") == 0)
        return WT_OK;
    if (rank && strcmp(rank, "0") != 0)
        return WT_ERR_UNSUPPORTED; /* rank 0 logs it */
    return wt_fail(WT_ERR_UNSUPPORTED,
                   "started by mpirun, but built without MPI; build with -Dmpi=enabled");
}

void wt_transport_close(void) {}
