#include "base/blas.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

static struct wt_blas blas;

static void load(void)
{
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return;
    char *(*config)(void) = (char *(*)(void))dlsym(library, "openblas_get_config");
    blas.set_threads = (void (*)(int))dlsym(library, "openblas_set_num_threads");
    blas.config = config ? config() : "OpenBLAS";
    blas.sgemm = (wt_sgemm_fn *)dlsym(library, "sgemm_");
    if (blas.set_threads)
        blas.set_threads(1);
}

void wt_blas_end_threads(void)
{
    /* what OpenBLAS itself calls before a fork */
    int (*end)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "blas_thread_shutdown_");
    if (end)
        end();
}

const struct wt_blas *wt_blas_get(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return blas.sgemm && blas.set_threads ? &blas : NULL;
}
