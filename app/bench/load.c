#include "bench/load.h"

#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"

enum { SHORTEST_MS = 100 }; /* the system counts in hundredths of a second */

/* Fraction of a processor that the system's background tasks may use. */
#define NOTHING 0.1

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

/* Of all processors since the system started, idle and waiting left out. */
static bool read_busy(double *busy)
{
    double user, nice, system, idle, wait, irq, soft, steal = 0;
    FILE *f = fopen("/proc/stat", "r");
    int n = f ? fscanf(f, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &user, &nice, &system, &idle,
                       &wait, &irq, &soft, &steal)
              : 0;
    if (f)
        fclose(f);
    if (n < 7)
        return false;
    *busy = (user + nice + system + irq + soft + steal) / (double)sysconf(_SC_CLK_TCK);
    return true;
}

void wt_load_start(struct wt_load *load)
{
    struct rusage own;
    load->known = read_busy(&load->busy);
    getrusage(RUSAGE_SELF, &own);
    load->own = seconds(own.ru_utime) + seconds(own.ru_stime);
    load->start = 1e-6 * (double)wt_now_us();
}

double wt_load_of_others(const struct wt_load *load)
{
    struct wt_load now;
    wt_load_start(&now);
    const double passed = now.start - load->start;
    const double others = now.busy - load->busy - (now.own - load->own);
    if (!load->known || !now.known || passed < 1e-3 * SHORTEST_MS)
        return NAN;
    return others > 0 ? others / passed : 0;
}

bool wt_load_disturbs(double others, int threads)
{
    const double free = (double)sysconf(_SC_NPROCESSORS_ONLN) - others;
    return others > NOTHING && free < threads;
}
