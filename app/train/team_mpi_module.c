/* The module wingtip-mpi: ranks over MPI; the only file that uses it. A rank that is lost makes MPI
 * end all others. */
#include "train/team_transport.h"

#include <mpi.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* MPI counts with int. */
enum { AT_ONCE = 1 << 28 };

static const char *name(void)
{
    static char text[MPI_MAX_LIBRARY_VERSION_STRING];
    int length;
    MPI_Get_library_version(text, &length);
    text[strcspn(text, ",\n")] = '\0'; /* followed by packager and date */
    return text;
}

static void combine(char *x, size_t count, size_t size, MPI_Datatype type, MPI_Op op)
{
    for (size_t at = 0; at < count; at += AT_ONCE) {
        const int n = (int)(count - at < AT_ONCE ? count - at : AT_ONCE);
        MPI_Allreduce(MPI_IN_PLACE, x + at * size, n, type, op, MPI_COMM_WORLD);
    }
}

static void sum(void *user, double *x, size_t count)
{
    combine((char *)x, count, sizeof *x, MPI_DOUBLE, MPI_SUM);
}

static void sum_floats(void *user, float *x, size_t count)
{
    combine((char *)x, count, sizeof *x, MPI_FLOAT, MPI_SUM);
}

static void merge(void *user, void *bytes, size_t size)
{
    combine(bytes, size, 1, MPI_BYTE, MPI_BOR);
}

/* Ranks of this computer with the same CPUs as this one: mpirun may have given each its own. 0: out
 * of memory. */
static int count_neighbours(void)
{
    MPI_Comm here;
    cpu_set_t own, *all = NULL;
    int ranks, neighbours = 0;
    CPU_ZERO(&own);
    sched_getaffinity(0, sizeof own, &own);
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &here);
    MPI_Comm_size(here, &ranks);
    all = calloc((size_t)ranks, sizeof *all);
    if (all) {
        MPI_Allgather(&own, sizeof own, MPI_BYTE, all, sizeof own, MPI_BYTE, here);
        for (int i = 0; i < ranks; i++)
            neighbours += CPU_EQUAL(&all[i], &own) != 0;
    }
    free(all);
    MPI_Comm_free(&here);
    return neighbours;
}

static void close_ranks(void)
{
    MPI_Finalize();
}

static const char *open_ranks(struct wt_ranks *out, int *neighbours, enum wt_status *status)
{
    static char text[80];
    int level;
    *out = (struct wt_ranks){.sum = sum, .sum_floats = sum_floats, .merge = merge};
    MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level);
    MPI_Comm_rank(MPI_COMM_WORLD, &out->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &out->ranks);
    *status = WT_ERR_UNSUPPORTED;
    if (level < MPI_THREAD_SERIALIZED) {
        snprintf(text, sizeof text, "this MPI allows no calls from several threads");
    } else if (out->ranks > WT_RANKS_MAX) {
        snprintf(text, sizeof text, "%d ranks; at most %d are possible", out->ranks, WT_RANKS_MAX);
    } else if ((*neighbours = count_neighbours()) == 0) {
        *status = WT_ERR_MEMORY;
        snprintf(text, sizeof text, "out of memory for the ranks' CPUs");
    } else {
        *status = WT_OK;
        return NULL;
    }
    close_ranks();
    return text;
}

__attribute__((visibility("default")))
const struct wt_transport wt_transport_table = {name, open_ranks, close_ranks};
