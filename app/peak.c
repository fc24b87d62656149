#include "peak.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monotonic.h"

enum { SIDE = 1536, REPEATS = 6 };

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

/* Not linked: OpenBLAS starts a thread per core when it is loaded, and only a measurement needs
 * it. */
struct wt_peak wt_peak_sgemm(int threads)
{
    struct wt_peak peak = {0};
    float *a = NULL;
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        snprintf(peak.library, sizeof peak.library, "OpenBLAS is not installed");
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
        snprintf(peak.library, sizeof peak.library, "%s", config ? config() : "OpenBLAS");
    } else {
        snprintf(peak.library, sizeof peak.library, "OpenBLAS could not be used");
    }
    free(a);
    dlclose(library);
    return peak;
}
