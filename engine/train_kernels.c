#include "train_kernels.h"

#include <pthread.h>

static struct wt_train_kernels table[WT_CPU_LEVELS];

static void (*const init[WT_CPU_LEVELS])(struct wt_train_kernels *) = {
    [WT_CPU_C] = wt_train_kernels_init__c,
#if defined(__x86_64__)
    [WT_CPU_AVX2] = wt_train_kernels_init__avx2,
    [WT_CPU_AVX512] = wt_train_kernels_init__avx512,
    [WT_CPU_AVX512BF16] = wt_train_kernels_init__avx512bf16,
    [WT_CPU_AMX] = wt_train_kernels_init__amx,
#endif
};

static void fill(void)
{
    for (int i = 0; i < WT_CPU_LEVELS; i++)
        for (int k = 0; k <= i; k++)
            if (init[k] && wt_cpu_level_includes((enum wt_cpu_level)i, (enum wt_cpu_level)k))
                init[k](&table[i]);
}

const struct wt_train_kernels *wt_train_kernels_get(enum wt_cpu_level level)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, fill);
    return &table[wt_cpu_get()->usable[level] ? level : wt_cpu_get()->level];
}
