/* Which levels of the processor tests of kernels go through. */
#ifndef WT_TESTS_LEVELS_H
#define WT_TESTS_LEVELS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"

static char **levels_wanted; /* names, from the command line; NULL: every level */

/* Ends the test with a line when there is no such level here. */
static inline void want_levels(int argc, char **argv)
{
    enum wt_cpu_level level;
    levels_wanted = argc > 1 ? argv + 1 : NULL;
    for (int i = 1; i < argc; i++)
        if (wt_cpu_parse_level(argv[i], &level))
            exit(1);
}

static inline bool is_tested(enum wt_cpu_level level)
{
    const char *name = wt_cpu_level_name(level);
    bool wanted = !levels_wanted;
    for (char **w = levels_wanted; w && *w; w++)
        wanted = wanted || strcmp(*w, name) == 0;
    if (wanted && !wt_cpu_usable(level))
        print_message("%s: not on this CPU\n", name);
    return wanted && wt_cpu_usable(level);
}

#endif
