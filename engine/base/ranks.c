#include "base/ranks.h"

#include <string.h>

int wt_ranks_count(const struct wt_ranks *r)
{
    return r ? r->ranks : 1;
}

bool wt_ranks_first(const struct wt_ranks *r)
{
    return !r || r->rank == 0;
}

void wt_ranks_share(const struct wt_ranks *r, void *bytes, size_t size)
{
    if (!r)
        return;
    if (r->rank != 0)
        memset(bytes, 0, size);
    r->merge(r->user, bytes, size);
}

enum wt_status wt_ranks_agree(const struct wt_ranks *r, enum wt_status status)
{
    uint8_t all[WT_RANKS_MAX] = {0};
    if (!r)
        return status;
    all[r->rank] = (uint8_t)status;
    r->merge(r->user, all, (size_t)r->ranks);
    for (int i = 0; i < r->ranks; i++)
        if (all[i])
            return (enum wt_status)all[i];
    return WT_OK;
}
