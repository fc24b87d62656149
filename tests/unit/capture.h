/* Counts the error lines of a call, keeps the last one, and works in a folder of its own. */
#ifndef WT_TESTS_CAPTURE_H
#define WT_TESTS_CAPTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "status.h"

static struct {
    int errors;
    char line[1100];
    char folder[64];
} capture;

static inline void capture_log(void *user, enum wt_log_level level, const char *line)
{
    if (level != WT_LOG_ERROR)
        return;
    capture.errors++;
    snprintf(capture.line, sizeof capture.line, "%s", line);
}

static inline int capture_setup(void **state)
{
    wt_set_log(capture_log, NULL, WT_LOG_ERROR);
    strcpy(capture.folder, "/tmp/wingtip-test-XXXXXX");
    return mkdtemp(capture.folder) ? 0 : -1;
}

/* Fails when a test left a file behind. */
static inline int capture_teardown(void **state)
{
    return rmdir(capture.folder);
}

static inline const char *capture_path(const char *name)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", capture.folder, name);
    return path;
}

/* The status is the expected one, and an error was reported in exactly one line. */
#define assert_one_line(expected, call)                                                            \
    do {                                                                                           \
        capture.errors = 0;                                                                        \
        capture.line[0] = 0;                                                                       \
        assert_int_equal(expected, call);                                                          \
        assert_int_equal(capture.errors, 1);                                                       \
        assert_null(strchr(capture.line, '\n'));                                                   \
        assert_true(strlen(capture.line) > 10);                                                    \
    } while (0)

#endif
