/* Commands whose first word says what they do: `wingtip model info`, `wingtip profile add`. */
#ifndef WT_APP_SUBCOMMANDS_H
#define WT_APP_SUBCOMMANDS_H

#include "cli/options.h"

struct wt_subcommands {
    const char *name;  /* "model" */
    const char *about; /* a sentence for its help */
    const struct wt_command *const *list;
    int count;
};

/* Runs the one that argv[0] names, or shows help; argv is without program and command name. Returns
 * the exit status. */
int wt_subcommands_main(const struct wt_subcommands *all, int argc, char **argv);

#endif
