/* The command table, and the words before a command. */
#include <stdio.h>
#include <string.h>

#include "options_table.h"
#include "status.h"

/* Commands in the order of the help; a word of its own (`model`) has `main` instead of a table. */
static const struct {
    const struct wt_command *command;
    const char *name, *summary; /* where there is no table */
    int (*main)(int argc, char **argv);
} commands[] = {
    {.command = &wt_command_live},
    {.command = &wt_command_track},
    {.command = &wt_command_bench},
    {.name = "model",
     .summary = "Look at weights files, import and export them.",
     .main = wt_model_main},
