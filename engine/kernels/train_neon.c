#define WT_ISA(name) wt_##name##__neon
#define VL 4
#define MR_MAX 14
#include "kernels/train_vector.inc"
