#include "bench/peak_loops.h"

#include <immintrin.h>

#define NAME wt_peak_int8__avx512vnni
#define VECTOR __m512i
#define ACCUMULATE(sum, a, b) _mm512_dpbusd_epi32(sum, a, b)
#define OPERATIONS 128
#define SUMS 10
#include "bench/peak_vector.inc"
