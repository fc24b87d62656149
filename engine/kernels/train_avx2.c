#include <immintrin.h>

#define WT_ISA(name) wt_##name##__avx2
#define VL 8
#define MR_MAX 6
#include "kernels/train_vector.inc"
