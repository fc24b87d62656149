#include "kernels.h"

#include <pthread.h>

static struct wt_kernels table[WT_CPU_LEVELS];

static void (*const init[WT_CPU_LEVELS])(struct wt_kernels *) = {
    [WT_CPU_C] = wt_kernels_init__c,
#if defined(__x86_64__)
    [WT_CPU_AVX2] = wt_kernels_init__avx2,
    [WT_CPU_AVX512] = wt_kernels_init__avx512,
    [WT_CPU_AVX512BF16] = wt_kernels_init__avx512bf16,
    [WT_CPU_AMX] = wt_kernels_init__amx,
#endif
};

/* Each level starts from the one below, so a kernel that a level lacks falls back by itself. */
static void fill(void)
{
    enum wt_cpu_level best = wt_cpu_get()->level;
    for (int i = 0; i <= (int)best; i++) {
        if (i > 0)
            table[i] = table[i - 1];
        table[i].level = (enum wt_cpu_level)i;
        init[i](&table[i]);
    }
}

const struct wt_kernels *wt_kernels_get(enum wt_cpu_level level)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, fill);
    enum wt_cpu_level best = wt_cpu_get()->level;
    return &table[level < best ? level : best];
}
