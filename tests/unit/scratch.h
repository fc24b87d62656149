/* A scratch folder for the files of a test program, and commands that make them. For one thread. */
#ifndef WT_TESTS_SCRATCH_H
#define WT_TESTS_SCRATCH_H

#include "support.h"

static char folder[100];

static inline int remove_scratch(void **state)
{
    return remove_folder(folder);
}

/* Path of a file there; good until four others were asked for. */
static inline const char *in_folder(const char *name)
{
    static char path[4][400];
    static int turn;
    char *p = path[turn++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

/* Runs a command of the shell there; it must succeed. */
static inline void shell(const char *format, ...)
{
    char command[2500], whole[3000];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    snprintf(whole, sizeof whole, "cd '%s' && %s", folder, command);
    assert_int_equal(system(whole), 0);
}

#endif
