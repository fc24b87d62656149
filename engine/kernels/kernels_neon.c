/* 128-bit vectors of arm64, which every such processor has: no flags of its own. 32 registers hold
 * tiles of 14 pixels. */
#define WT_ISA(name) wt_##name##__neon
#define WT_ISA_NAME "neon"
#define MR_MAX 14
#define MR_NAME "14"
#include "kernels/kernels_128.inc"
