#include "kernels/kernels.h"

#include <pthread.h>

static struct wt_kernels table[WT_CPU_LEVELS];

static const struct wt_kernels *const parts[WT_CPU_LEVELS] = {
    [WT_CPU_C] = &wt_kernels__c,
    [WT_CPU_BLAS] = &wt_kernels__blas,
#if defined(__x86_64__)
    [WT_CPU_SSE2] = &wt_kernels__sse2,
    [WT_CPU_AVX2] = &wt_kernels__avx2,
    [WT_CPU_AVXVNNI] = &wt_kernels__avxvnni,
    [WT_CPU_AVX512] = &wt_kernels__avx512,
    [WT_CPU_AVX512VNNI] = &wt_kernels__avx512vnni,
    [WT_CPU_AVX512BF16] = &wt_kernels__avx512bf16,
    [WT_CPU_AMX] = &wt_kernels__amx,
#elif defined(__aarch64__)
    [WT_CPU_NEON] = &wt_kernels__neon, [WT_CPU_DOTPROD] = &wt_kernels__dotprod,
    [WT_CPU_I8MM] = &wt_kernels__i8mm,
#endif
};

/* What the part has replaces what the table had. */
static void add_part(struct wt_kernels *to, const struct wt_kernels *part)
{
    for (int t = 0; t < WT_TYPES; t++)
        if (part->conv[t].name)
            to->conv[t] = part->conv[t];
    to->copy = part->copy ? part->copy : to->copy;
    to->add = part->add ? part->add : to->add;
    to->upadd = part->upadd ? part->upadd : to->upadd;
    to->pool2 = part->pool2 ? part->pool2 : to->pool2;
}

/* A level's table is made of its parts, lowest first, so that a kernel which the upper ones lack
 * falls back by itself. */
static void fill(void)
{
    for (int i = 0; i < WT_CPU_LEVELS; i++) {
        enum wt_cpu_level level = (enum wt_cpu_level)i;
        table[i].level = level;
        for (int k = 0; k <= i; k++)
            if (parts[k] && wt_cpu_level_includes(level, (enum wt_cpu_level)k))
                add_part(&table[i], parts[k]);
    }
}

const struct wt_kernels *wt_kernels_get(enum wt_cpu_level level)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, fill);
    return &table[wt_cpu_usable(level) ? level : wt_cpu_get()->level];
}
