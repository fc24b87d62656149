/* Loops of nothing but multiply-accumulates on registers, one file for each instruction set: what a
 * core could do if it never had to wait for memory. Each returns the operations it did, a
 * multiplication and an addition counting as two. To be called where the processor has the
 * instructions; peak.c sees to that. Reentrant. */
#ifndef WT_APP_PEAK_LOOPS_H
#define WT_APP_PEAK_LOOPS_H

typedef double wt_peak_loop(long steps);

wt_peak_loop wt_peak_int8__avx2, wt_peak_int8__avxvnni, wt_peak_int8__avx512vnni,
    wt_peak_bf16__avx512bf16, wt_peak_int8__amx, wt_peak_bf16__amx;

#endif
