/* Counts the error lines of a call, and a scratch folder that must be empty at the end. */
#ifndef WT_TESTS_CAPTURE_H
#define WT_TESTS_CAPTURE_H

#include <stdbool.h>

#include "support.h"

static struct {
    struct log_capture log;
    char folder[256];
} capture;

static inline int capture_setup(void **state)
{
    log_capture_start(&capture.log);
    scratch_folder(capture.folder, sizeof capture.folder);
    return 0;
}

/* Fails when a test left a file behind. */
static inline int capture_teardown(void **state)
{
    return rmdir(capture.folder);
}

static inline const char *capture_path(const char *name)
{
    static char path[400];
    snprintf(path, sizeof path, "%s/%s", capture.folder, name);
    return path;
}

/* One line, short enough to read, was reported since log_capture_start. */
static inline bool one_line_reported(void)
{
    return capture.log.errors == 1 && !strchr(capture.log.last, '\n') &&
           strlen(capture.log.last) > 10 && strlen(capture.log.last) < 500;
}

/* The status is the expected one, and an error was reported in exactly one line. */
#define assert_one_line(expected, call)                                                            \
    do {                                                                                           \
        log_capture_start(&capture.log);                                                           \
        assert_int_equal(expected, call);                                                          \
        assert_true(one_line_reported());                                                          \
    } while (0)

#endif
