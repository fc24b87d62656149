/* For readers that take a path: the bytes as a file in memory. What such a target checks: the
 * reader takes them, or fails with lines that are text; the sanitizers do the rest. */
#ifndef WT_TESTS_FUZZ_FILE_H
#define WT_TESTS_FUZZ_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int fuzz_errors;

static inline void fuzz_hear(void *user, enum wt_log_level level, const char *line)
{
    fuzz_errors += level == WT_LOG_ERROR;
    for (const unsigned char *p = (const unsigned char *)line; *p; p++)
        if (*p < 0x20 || *p == 0x7f)
            abort();
}

/* The path of a file with these bytes; the same one each time. */
static inline const char *fuzz_path(const uint8_t *data, size_t size)
{
    static char path[40];
    static int fd = -1;
    if (fd < 0) {
        fd = memfd_create("fuzz", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    fuzz_errors = 0;
    wt_set_log(fuzz_hear, NULL, WT_LOG_WARN);
    return path;
}

/* A failure is said, a success is not. */
static inline void fuzz_said(enum wt_status status)
{
    if ((status != WT_OK) != (fuzz_errors > 0))
        abort();
}

#endif
