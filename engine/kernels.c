#include "kernels.h"

#include <pthread.h>

static struct wt_kernels table[WT_CPU_LEVELS];

static void (*const init[WT_CPU_LEVELS])(struct wt_kernels *) = {
    [WT_CPU_C] = wt_kernels_init__c,
#if defined(__x86_64__)
    [WT_CPU_AVX2] = wt_kernels_init__avx2,
    [WT_CPU_AVXVNNI] = wt_kernels_init__avxvnni,
    [WT_CPU_AVX512] = wt_kernels_init__avx512,
    [WT_CPU_AVX512VNNI] = wt_kernels_init__avx512vnni,
    [WT_CPU_AVX512BF16] = wt_kernels_init__avx512bf16,
    [WT_CPU_AMX] = wt_kernels_init__amx,
#endif
};

/* A level's table is filled by its parts, lowest first, so that a kernel which the upper ones lack
 * falls back by itself. */
static void fill(void)
{
    for (int i = 0; i < WT_CPU_LEVELS; i++) {
        enum wt_cpu_level level = (enum wt_cpu_level)i;
        table[i].level = level;
        for (int k = 0; k <= i; k++)
            if (init[k] && wt_cpu_level_includes(level, (enum wt_cpu_level)k))
                init[k](&table[i]);
    }
}

const struct wt_kernels *wt_kernels_get(enum wt_cpu_level level)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, fill);
    return &table[wt_cpu_get()->usable[level] ? level : wt_cpu_get()->level];
}
