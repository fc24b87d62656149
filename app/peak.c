#include "peak.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monotonic.h"
#include "peak_loops.h"
#include "pool.h"

enum { SIDE = 1536, REPEATS = 6, LOOP_US = 20000 };

/* Fortran's names: every build of OpenBLAS has them. */
typedef void sgemm_fn(const char *, const char *, const int *, const int *, const int *,
                      const float *, const float *, const int *, const float *, const int *,
                      const float *, float *, const int *);

static double best_gflops(sgemm_fn *sgemm, const float *a, const float *b, float *c)
{
    const int n = SIDE;
    const float one = 1, zero = 0;
    double best = 0;
    for (int i = 0; i <= REPEATS; i++) {
        int64_t start = wt_now_us();
        sgemm("N", "N", &n, &n, &n, &one, a, &n, b, &n, &zero, c, &n);
        double s = (double)(wt_now_us() - start) * 1e-6;
        double gflops = 2.0 * SIDE * SIDE * SIDE / s * 1e-9;
        if (i > 0 && gflops > best) /* the first one wakes its threads up */
            best = gflops;
    }
    return best;
}

/* f32 product of two square matrices. Not linked: OpenBLAS starts a thread per core when it is
 * loaded, and only a measurement needs it. */
static struct wt_peak sgemm_peak(int threads)
{
    struct wt_peak peak = {0};
    float *a = NULL;
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        snprintf(peak.how, sizeof peak.how, "OpenBLAS is not installed");
        return peak;
    }
    sgemm_fn *sgemm = (sgemm_fn *)dlsym(library, "sgemm_");
    void (*set_threads)(int) = (void (*)(int))dlsym(library, "openblas_set_num_threads");
    char *(*config)(void) = (char *(*)(void))dlsym(library, "openblas_get_config");
    size_t n = (size_t)SIDE * SIDE;
    if (sgemm && set_threads)
        a = malloc(3 * n * sizeof *a);
    if (a) {
        for (size_t i = 0; i < 2 * n; i++)
            a[i] = (float)(i % 17) * 0.0625f - 0.5f;
        set_threads(threads);
        peak.gflops = best_gflops(sgemm, a, a + n, a + 2 * n);
        snprintf(peak.how, sizeof peak.how, "%s", config ? config() : "OpenBLAS");
    } else {
        snprintf(peak.how, sizeof peak.how, "OpenBLAS could not be used");
    }
    free(a);
    dlclose(library);
    return peak;
}

/* ---- loops on registers -------------------------------------------------------------------- */

static const struct {
    enum wt_precision precision;
    enum wt_cpu_level level;
    wt_peak_loop *const *loop;
    const char *instruction;
} loops[] = {
#if defined(__x86_64__)
    /* best first */
    {WT_PRECISION_BF16, WT_CPU_AMX, &wt_peak_bf16__amx, "TDPBF16PS"},
    {WT_PRECISION_BF16, WT_CPU_AVX512BF16, &wt_peak_bf16__avx512bf16, "VDPBF16PS, 512 bits"},
    {WT_PRECISION_INT8, WT_CPU_AMX, &wt_peak_int8__amx, "TDPBUSD"},
    {WT_PRECISION_INT8, WT_CPU_AVX512VNNI, &wt_peak_int8__avx512vnni, "VPDPBUSD, 512 bits"},
    {WT_PRECISION_INT8, WT_CPU_AVXVNNI, &wt_peak_int8__avxvnni, "VPDPBUSD, 256 bits"},
    {WT_PRECISION_INT8, WT_CPU_AVX2, &wt_peak_int8__avx2,
     "VPMADDUBSW, VPMADDWD and VPADDD, 256 bits"},
#endif
    {WT_PRECISION_AUTO, WT_CPU_C, NULL, NULL}, /* found by none */
};

struct work {
    wt_peak_loop *loop;
    long steps;
    double operations; /* of one thread */
};

static void run_loop(void *job, int step, int item, int thread)
{
    struct work *work = job;
    double operations = work->loop(work->steps);
    if (item == 0)
        work->operations = operations;
}

static double best_of_loop(wt_peak_loop *loop, struct wt_pool *pool)
{
    struct work work = {.loop = loop, .steps = 1024};
    double best = 0;
    for (int i = 0; i < REPEATS;) {
        int64_t start = wt_now_us();
        wt_pool_share(pool, wt_pool_threads(pool), run_loop, &work);
        int64_t us = wt_now_us() - start;
        if (us < LOOP_US) { /* too short for the clock */
            work.steps *= 2;
            continue;
        }
        double gflops = work.operations * wt_pool_threads(pool) / (double)us * 1e-3;
        if (gflops > best)
            best = gflops;
        i++;
    }
    return best;
}

static struct wt_peak loop_peak(wt_peak_loop *loop, const char *instruction, int threads)
{
    struct wt_peak peak = {0};
    struct wt_pool *pool = NULL;
    if (wt_pool_create(&pool, threads, 1)) {
        snprintf(peak.how, sizeof peak.how, "out of memory");
        return peak;
    }
    peak.gflops = best_of_loop(loop, pool);
    snprintf(peak.how, sizeof peak.how, "%s on registers", instruction);
    wt_pool_destroy(&pool);
    return peak;
}

struct wt_peak wt_peak_measure(enum wt_precision precision, enum wt_cpu_level level, int threads)
{
    for (size_t i = 0; i < sizeof loops / sizeof *loops; i++)
        if (loops[i].precision == precision && wt_cpu_level_includes(level, loops[i].level))
            return loop_peak(*loops[i].loop, loops[i].instruction, threads);
    return sgemm_peak(threads); /* bf16 and int8 without instructions of their own, too */
}
