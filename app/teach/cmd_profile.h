/* The subcommands of `wingtip profile`: what their files share. Private to cmd_profile*.c. */
#ifndef WT_APP_CMD_PROFILE_H
#define WT_APP_CMD_PROFILE_H

#include "cli/options.h"

struct wt_profile_settings {
    const char *name, *to; /* to: of rename */
    const char *folder;    /* of the profiles */
    const char *data, *model, *out, *cpu_mask;
    int threads, precision, seed;
    double seconds, rate;
    int layers, steps, nice;
    bool back, force;
};

extern const struct wt_command wt_command_profile_show, wt_command_profile_learn;

#endif
