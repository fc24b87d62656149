#include "bench/peak.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/blas.h"
#include "base/clock.h"
#include "base/pool.h"
#include "bench/peak_loops.h"

enum { SIDE = 1536, FIRST_SIDE = 192, SIDE_STEP = 64, REPEATS = 6, LOOP_US = 20000 };

/* Seconds that a product of two n x n matrices takes. */
static double product_seconds(const struct wt_blas *blas, float *const m[3], int n)
{
    const float one = 1, zero = 0;
    int64_t start = wt_now_us();
    blas->sgemm("N", "N", &n, &n, &n, &one, m[0], &n, m[1], &n, &zero, m[2], &n);
    int64_t us = wt_now_us() - start;
    return (double)(us > 0 ? us : 1) * 1e-6;
}

/* The largest side, up to SIDE, of which a product takes a tenth of a second or less: a matrix that
 * fills the caches of a fast processor keeps a slow or an emulated one for minutes. */
static int choose_side(const struct wt_blas *blas, float *const m[3])
{
    product_seconds(blas, m, FIRST_SIDE); /* warm-up: starts the threads */
    const double seconds = product_seconds(blas, m, FIRST_SIDE);
    int side = FIRST_SIDE;
    while (side + SIDE_STEP <= SIDE &&
           seconds * pow((double)(side + SIDE_STEP) / FIRST_SIDE, 3) < 0.1)
        side += SIDE_STEP;
    return side;
}

/* f32 product of two square matrices. */
static struct wt_peak sgemm_peak(int threads)
{
    struct wt_peak peak = {0};
    const size_t n = (size_t)SIDE * SIDE;
    const struct wt_blas *blas = wt_blas_get();
    float *a = blas ? malloc(3 * n * sizeof *a) : NULL;
    if (!a) {
        snprintf(peak.how, sizeof peak.how,
                 blas ? "no memory for OpenBLAS's product" : "OpenBLAS is not installed");
        return peak;
    }
    for (size_t i = 0; i < 2 * n; i++)
        a[i] = (float)(i % 17) * 0.0625f - 0.5f;
    float *const m[3] = {a, a + n, a + 2 * n};
    blas->set_threads(threads);
    const int side = choose_side(blas, m);
    for (int i = 0; i < REPEATS; i++) {
        const double gflops = 2.0 * side * side * side / product_seconds(blas, m, side) * 1e-9;
        peak.gflops = gflops > peak.gflops ? gflops : peak.gflops;
    }
    blas->set_threads(1);
    snprintf(peak.how, sizeof peak.how, "%s", blas->config);
    free(a);
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
    return sgemm_peak(threads); /* also bf16 and int8 without special instructions */
}
