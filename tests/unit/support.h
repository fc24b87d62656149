/* What unit tests share: cmocka's includes, the folder of data, scratch folders, captured logs.
 *
 * A program whose data is absent returns WT_TEST_SKIP from main after one line. */
#ifndef WT_TESTS_SUPPORT_H
#define WT_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "wt_status.h"

#define WT_TEST_SKIP 77

/* Path of a file of the source tree. */
static inline const char *source_path(const char *name, char *buffer, size_t size)
{
    const char *root = getenv("WINGTIP_SOURCE");
    snprintf(buffer, size, "%s/%s", root ? root : ".", name);
    return buffer;
}

/* Path of a file of the research data: $WINGTIP_SHARED, or `shared` beside the source tree.
 * NULL, after a line on standard error, when it is not there. */
static inline const char *shared_path(const char *name, char *buffer, size_t size)
{
    const char *shared = getenv("WINGTIP_SHARED");
    if (shared && *shared)
        snprintf(buffer, size, "%s/%s", shared, name);
    else {
        char rest[1024];
        snprintf(rest, sizeof rest, "../shared/%s", name);
        source_path(rest, buffer, size);
    }
    if (access(buffer, R_OK) == 0)
        return buffer;
    fprintf(stderr, "skipped: %s is not there (set WINGTIP_SHARED to the folder of the data)\n",
            buffer);
    return NULL;
}

/* A new empty folder; remove_folder removes it. */
static inline void scratch_folder(char *buffer, size_t size)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(buffer, size, "%s/wingtip-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(buffer)) {
        perror(buffer);
        exit(1);
    }
}

/* Removes a scratch folder with all that is in it; 0 when that worked. */
static inline int remove_folder(const char *folder)
{
    char command[1100];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command);
}

static inline void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

/* Log lines of level error are counted, the last one kept, and the last of any level; start before
 * each case. */
struct log_capture {
    int errors, lines;
    char last[1024], any[1024];
};

static inline void log_capture_line(void *user, enum wt_log_level level, const char *line)
{
    struct log_capture *c = (struct log_capture *)user;
    c->lines++;
    snprintf(c->any, sizeof c->any, "%s", line);
    if (level == WT_LOG_ERROR) {
        c->errors++;
        snprintf(c->last, sizeof c->last, "%s", line);
    }
}

static inline void log_capture_start(struct log_capture *c)
{
    memset(c, 0, sizeof *c);
    wt_set_log(log_capture_line, c, WT_LOG_DEBUG);
}

#endif
