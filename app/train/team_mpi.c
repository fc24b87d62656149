#include "base/module.h"
#include "train/team_transport.h"

static const struct wt_transport *mpi(void)
{
    static struct wt_module module = {"wingtip-mpi.so", "app", "wt_transport_table", NULL};
    return wt_module_table(&module);
}

const char *wt_transport_name(void)
{
    return mpi()->name();
}

enum wt_status wt_transport_open(struct wt_ranks *out, int *neighbours)
{
    enum wt_status status;
    const char *problem = mpi()->open(out, neighbours, &status);
    return problem ? wt_fail(status, "%s", problem) : WT_OK;
}

void wt_transport_close(void)
{
    mpi()->close();
}
