/* 128-bit vectors of x86-64's baseline, which every such processor has: no flags of its own. */
#define WT_ISA(name) wt_##name##__sse2
#define WT_ISA_NAME "sse2"
#define MR_MAX 6
#define MR_NAME "6"
#include "kernels/kernels_128.inc"
