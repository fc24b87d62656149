/* What this machine's processor can do at most, as a yardstick for our own kernels: OpenBLAS's
 * matrix product, loaded for the measurement only. One thread at a time. */
#ifndef WT_APP_PEAK_H
#define WT_APP_PEAK_H

struct wt_peak {
    double gflops;    /* best of several products; 0: could not be measured */
    char library[96]; /* OpenBLAS's version and kernel, or why there is none */
};

/* f32 product of two 1536 x 1536 matrices with that many threads; takes a second or less. */
struct wt_peak wt_peak_sgemm(int threads);

#endif
