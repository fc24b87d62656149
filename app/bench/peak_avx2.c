#include "bench/peak_loops.h"

#include <immintrin.h>

#define NAME wt_peak_int8__avx2
#define VECTOR __m256i
#define ACCUMULATE(sum, a, b)                                                                      \
    _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(a, b), _mm256_set1_epi16(1)))
#define OPERATIONS 64
#define SUMS 6
#include "bench/peak_vector.inc"
