/* Loops of nothing but multiply-accumulates on registers, one file for each instruction set: the
 * peak rate of a core that never waits for memory. Each returns the operations it did, a
 * multiplication and an addition counting as two. Call only if the processor has the instructions,
 * which peak.c checks. Reentrant. */
#ifndef WT_APP_PEAK_LOOPS_H
#define WT_APP_PEAK_LOOPS_H

typedef double wt_peak_loop(long steps);

/* Data, not functions: code for every processor may hold them in a table (tests/kernels/isa.sh). */
extern wt_peak_loop *const wt_peak_int8__avx2,
    *const wt_peak_int8__avxvnni, *const wt_peak_int8__avx512vnni, *const wt_peak_bf16__avx512bf16,
                                                                       *const wt_peak_int8__amx,
                                                                           *const wt_peak_bf16__amx;

#endif
