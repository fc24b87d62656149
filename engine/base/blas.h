/* OpenBLAS, loaded on first use and then kept: the matrix products of processors
 * that have no kernels of ours, and the reference for those that have. Not linked, as most
 * processors need neither it nor the thread per core that it starts when it is loaded.
 *
 * Our own pool splits the work, so it is told to use one thread; a benchmark may set more while it
 * measures. Thread-safe but for set_threads. */
#ifndef WT_ENGINE_BLAS_H
#define WT_ENGINE_BLAS_H

/* Fortran's interface, which every build has: C = alpha * A * B + beta * C, columns in a run.
 * transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc. */
typedef void wt_sgemm_fn(const char *, const char *, const int *, const int *, const int *,
                         const float *, const float *, const int *, const float *, const int *,
                         const float *, float *, const int *);

struct wt_blas {
    wt_sgemm_fn *sgemm;
    void (*set_threads)(int);
    const char *config; /* version and processor that it was built for */
};

/* For the start of a program: OpenCV brings OpenBLAS along, which starts a thread for each core as
 * soon as it is loaded. They spin for a tenth of a second, which is time that the program's own
 * threads want. Ends them; products of many numbers start them again. No product may be under way.
 */
void wt_blas_end_threads(void);

/* NULL: not installed, or without the functions needed. */
const struct wt_blas *wt_blas_get(void);

#endif
