/* Peak arithmetic throughput of this processor, as a reference for our own kernels.
 *
 * f32: OpenBLAS's matrix product, loaded for the measurement only. bf16 and int8: the instruction
 * that the kernels of that level multiply with, in a loop on registers on every thread; a matrix
 * product would depend on a library's quality, and no such library is available everywhere. One
 * thread at a time. */
#ifndef WT_APP_PEAK_H
#define WT_APP_PEAK_H

#include "base/cpu.h"
#include "wingtip.h"

struct wt_peak {
    double gflops; /* 1e9 operations a second, best of several; 0: could not be measured */
    char how[96];  /* OpenBLAS's version and kernel, or the instruction, or why there is none */
};

/* precision: not AUTO. level: one the processor has. Takes a second or less. */
struct wt_peak wt_peak_measure(enum wt_precision precision, enum wt_cpu_level level, int threads);

#endif
