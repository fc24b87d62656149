#define WT_ISA(name) wt_##name##__sse2
#define VL 4
#define MR_MAX 6
#include "kernels/train_vector.inc"
