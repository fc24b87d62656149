#include "kernels/train_kernels.h"

#include <pthread.h>

static struct wt_train_kernels table[WT_CPU_LEVELS];

static const struct wt_train_kernels *const parts[WT_CPU_LEVELS] = {
    [WT_CPU_C] = &wt_train_kernels__c,
    [WT_CPU_BLAS] = &wt_train_kernels__blas,
#if defined(__x86_64__)
    [WT_CPU_SSE2] = &wt_train_kernels__sse2,
    [WT_CPU_AVX2] = &wt_train_kernels__avx2,
    [WT_CPU_AVX512] = &wt_train_kernels__avx512,
    [WT_CPU_AVX512BF16] = &wt_train_kernels__avx512bf16,
    [WT_CPU_AMX] = &wt_train_kernels__amx,
#elif defined(__aarch64__)
    [WT_CPU_NEON] = &wt_train_kernels__neon,
#endif
};

/* What the part has replaces what the table had. */
static void add_part(struct wt_train_kernels *to, const struct wt_train_kernels *part)
{
    to->load = part->load ? part->load : to->load;
    to->mask = part->mask ? part->mask : to->mask;
    to->mix = part->mix ? part->mix : to->mix;
    to->sums = part->sums ? part->sums : to->sums;
    to->transpose = part->transpose ? part->transpose : to->transpose;
    to->pair = part->pair ? part->pair : to->pair;
    for (int t = 0; t < 2; t++)
        if (part->products[t]) {
            to->products[t] = part->products[t];
            to->width[t] = part->width[t];
        }
}

static void fill(void)
{
    for (int i = 0; i < WT_CPU_LEVELS; i++)
        for (int k = 0; k <= i; k++)
            if (parts[k] && wt_cpu_level_includes((enum wt_cpu_level)i, (enum wt_cpu_level)k))
                add_part(&table[i], parts[k]);
}

const struct wt_train_kernels *wt_train_kernels_get(enum wt_cpu_level level)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, fill);
    return &table[wt_cpu_usable(level) ? level : wt_cpu_get()->level];
}
