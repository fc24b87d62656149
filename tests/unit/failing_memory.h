/* Requests for memory that fail when the test says so. The linker puts the functions below before
 * the library's requests (--wrap in meson.build): all of ours, and none of other libraries. With
 * WT_FAIL_ALIGNED those of libav and OpenCV can fail instead, who take theirs by posix_memalign.
 * Counts are in memory that children share. Thread-safe. */
#ifndef WT_TESTS_FAILING_MEMORY_H
#define WT_TESTS_FAILING_MEMORY_H

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum whose_memory { MEMORY_OURS, MEMORY_LIBRARIES };

struct failing_memory {
    atomic_bool counting;
    enum whose_memory whose;
    atomic_long asked; /* requests since counting began */
    atomic_long fails; /* the one that fails; 0: none does */
    atomic_bool failed;
};

static struct failing_memory own_memory, *failing = &own_memory;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t n, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t n, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);

/* libav ends the program itself, by an assertion, where the default of an option cannot be parsed
 * for want of memory. */
static inline bool within_options(void *const *at, int n)
{
    Dl_info info;
    for (int i = 0; i < n; i++)
        if (dladdr(at[i], &info) && info.dli_sname && strstr(info.dli_sname, "av_opt_set"))
            return true;
    return false;
}

static bool memory_fails(enum whose_memory whose)
{
    void *at[40];
    if (!failing->counting || whose != failing->whose || ++failing->asked != failing->fails)
        return false;
    failing->counting = false; /* the next lines ask for memory as well */
    const int n = backtrace(at, 40);
    if (getenv("WINGTIP_MEMORY_AT"))
        backtrace_symbols_fd(at, n, 2);
    failing->failed = !within_options(at, n);
    failing->fails += !failing->failed;
    failing->counting = true;
    return failing->failed;
}

/* n: 0 only counts. */
static inline void memory_start(long n)
{
    failing->asked = 0;
    failing->fails = n;
    failing->failed = false;
    failing->counting = true;
}

static inline void memory_stop(void)
{
    failing->counting = false;
}

void *__wrap_malloc(size_t size)
{
    return memory_fails(MEMORY_OURS) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return memory_fails(MEMORY_OURS) ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return memory_fails(MEMORY_OURS) ? NULL : __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t n, size_t size)
{
    return memory_fails(MEMORY_OURS) ? NULL : __real_reallocarray(old, n, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return memory_fails(MEMORY_OURS) ? NULL : __real_aligned_alloc(alignment, size);
}

char *__wrap_strdup(const char *text)
{
    return memory_fails(MEMORY_OURS) ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t size)
{
    return memory_fails(MEMORY_OURS) ? NULL : __real_strndup(text, size);
}

#ifdef WT_FAIL_ALIGNED
int posix_memalign(void **out, size_t alignment, size_t size)
{
    static int (*real)(void **, size_t, size_t);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "posix_memalign");
    return memory_fails(MEMORY_LIBRARIES) ? ENOMEM : real(out, alignment, size);
}
#endif

#endif
