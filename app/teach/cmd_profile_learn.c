/* `wingtip profile learn`. */
#include <stdio.h>

#include "base/json.h"
#include "base/status.h"
#include "teach/cmd_profile.h"
#include "teach/profile_figures.h"

#define AT(field) offsetof(struct wt_profile_settings, field)
static const struct wt_option options[] = {
    {WT_OPTION_POSITIONAL, "NAME", 0, AT(name), NULL, "the profile", .required = true},
    {WT_OPTION_FLAG, "--back", 0, AT(back), NULL,
     "forget what the network has learned: the original one, and the offset, again"},
    {WT_OPTION_INT, "--threads", 0, AT(threads), "N", WT_THREADS_HELP, 0, 64},
    {WT_OPTION_STRING, "--cpu-mask", 0, AT(cpu_mask), "LEVEL",
     "highest instruction set to use: c, ... amx or auto"},
    {WT_OPTION_STRING, "--profiles", 0, AT(folder), "DIR",
     "folder of the profiles; default: $XDG_DATA_HOME/wingtip/profiles"},
    {.name = NULL},
};
#undef AT

static int run_learn(void *settings)
{
    const struct wt_profile_settings *s = settings;
    struct wt_profile_store store;
    const struct wt_profile_run run = {.threads = s->threads, .cpu_mask = s->cpu_mask};
    cJSON *event = cJSON_CreateObject();
    cJSON_AddStringToObject(event, "event", s->back ? "back" : "refresh");
    enum wt_status status = wt_profile_store_init(&store, s->folder);
    if (!status)
        status = wt_profile_refresh(&store, s->name, &run,
                                    &(struct wt_profile_update){.back = s->back, .event = event});
    else
        cJSON_Delete(event);
    return wt_exit_status(status);
}

const struct wt_command wt_command_profile_learn = {
    .name = "profile learn",
    .summary = "fits the offset, then teaches the network",
    .option = options,
    .settings_size = sizeof(struct wt_profile_settings),
    .run = run_learn,
};
