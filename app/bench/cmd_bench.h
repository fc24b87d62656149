/* What `wingtip bench` measured, and its reports. One thread. */
#ifndef WT_APP_CMD_BENCH_H
#define WT_APP_CMD_BENCH_H

#include "bench/peak.h"
#include "net/net.h"

struct wt_bench_report {
    const char *model;
    const struct wt_net *net;         /* profiled */
    int batch, stacks, warm_up, runs; /* stacks: how many were run; 0: all */
    double macs;                      /* of what was run, one face */
    double load_ms, prepare_ms;       /* reading the file; packing the weights */
    double *ms;                       /* [runs], sorted, one pass each */
    double min, median, p95;
    int pause;      /* ms; 0: none was measured */
    double *after;  /* [runs], sorted, one pass after a pause each; NULL without */
    double others;  /* processors that other programs used meanwhile; NAN: unknown */
    bool disturbed; /* and so slowed it down */
    struct wt_peak peak;
    int64_t resident, resident_peak; /* bytes, of the process; -1 unknown */
    bool steps;                      /* also print every step */
};

/* Of sorted times. */
double wt_bench_median(const double *ms, int n);

void wt_bench_print(const struct wt_bench_report *report);
/* Errors: IO, MEMORY. */
enum wt_status wt_bench_write_json(const struct wt_bench_report *report, const char *path);

#endif
