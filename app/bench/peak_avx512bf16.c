#include "bench/peak_loops.h"

#include <immintrin.h>

#define NAME wt_peak_bf16__avx512bf16
#define VECTOR __m512
#define ACCUMULATE(sum, a, b) _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b)
#define OPERATIONS 64
#define SUMS 12
#include "bench/peak_vector.inc"
