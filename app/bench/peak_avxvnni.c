#include "bench/peak_loops.h"

#include <immintrin.h>

#define NAME wt_peak_int8__avxvnni
#define VECTOR __m256i
#define ACCUMULATE(sum, a, b) _mm256_dpbusd_avx_epi32(sum, a, b)
#define OPERATIONS 64
#define SUMS 10
#include "bench/peak_vector.inc"
