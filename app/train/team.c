#include "train/team.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "train/team_transport.h"

/* Error lines of this rank. */
static struct {
    pthread_mutex_t lock;
    char text[1 << 16];
    size_t used;
    int rank;
} held = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void log_line(void *user, enum wt_log_level level, const char *line)
{
    char rank[32] = "";
    if (held.rank > 0)
        snprintf(rank, sizeof rank, "rank %d: ", held.rank);
    pthread_mutex_lock(&held.lock);
    const size_t room = sizeof held.text - held.used;
    if (level == WT_LOG_ERROR) {
        const int n = snprintf(held.text + held.used, room, "wingtip: error: %s%s\n", rank, line);
        if (n > 0 && (size_t)n < room)
            held.used += (size_t)n;
    } else if (level == WT_LOG_WARN) {
        fprintf(stderr, "wingtip: warning: %s%s\n", rank, line);
    } else if (held.rank == 0) {
        fprintf(stderr, "wingtip: %s\n", line);
    }
    pthread_mutex_unlock(&held.lock);
}

/* Was this process started by mpirun or a batch system together with others? */
static bool started_together(void)
{
    return getenv("OMPI_COMM_WORLD_SIZE") || getenv("PMIX_RANK");
}

enum wt_status wt_team_join(struct wt_team *team)
{
    *team = (struct wt_team){.neighbours = 1};
    if (!started_together())
        return WT_OK;
    int neighbours;
    const enum wt_status status = wt_transport_open(&team->link, &neighbours);
    if (status)
        return status;
    team->connected = true;
    team->neighbours = neighbours;
    if (team->link.ranks == 1)
        return WT_OK;
    team->ranks = &team->link;
    held.used = 0;
    held.rank = team->link.rank;
    wt_set_log(log_line, NULL, WT_LOG_INFO);
    return WT_OK;
}

/* The first rank with an error line writes all of its own. */
static void flush_errors(const struct wt_ranks *r)
{
    uint8_t has[WT_RANKS_MAX] = {0};
    int first = 0;
    has[r->rank] = held.used > 0;
    r->merge(r->user, has, (size_t)r->ranks);
    while (first < r->ranks && !has[first])
        first++;
    if (first == r->rank)
        fwrite(held.text, 1, held.used, stderr);
}

enum wt_status wt_team_leave(struct wt_team *team, enum wt_status status)
{
    if (team->ranks) {
        flush_errors(team->ranks);
        status = wt_ranks_agree(team->ranks, status);
        wt_set_log(NULL, NULL, WT_LOG_INFO);
    }
    if (team->connected)
        wt_transport_close();
    *team = (struct wt_team){.neighbours = 1};
    return status;
}

int wt_team_threads(const struct wt_team *team, int requested)
{
    const int cores = wt_cpu_threads(0) / team->neighbours;
    return requested > 0 ? wt_cpu_threads(requested) : cores > 0 ? cores : 1;
}

const char *wt_team_transport(void)
{
    return wt_transport_name();
}
