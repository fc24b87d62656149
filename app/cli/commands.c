#include "cli/commands.h"

#include <string.h>

const char *wt_command_entry_name(const struct wt_command_entry *entry)
{
    return entry->command       ? entry->command->name
           : entry->subcommands ? entry->subcommands->name
                                : NULL;
}

const char *wt_command_entry_summary(const struct wt_command_entry *entry)
{
    return entry->command ? entry->command->summary : entry->subcommands->about;
}

void wt_commands_each(const struct wt_command_entry *all, void *user,
                      void (*visit)(void *user, const struct wt_command *command))
{
    for (; wt_command_entry_name(all); all++) {
        if (all->command)
            visit(user, all->command);
        for (int i = 0; all->subcommands && i < all->subcommands->count; i++)
            visit(user, all->subcommands->list[i]);
    }
}

enum wt_value_kind wt_option_value_kind(const struct wt_option *o)
{
    static const char *const files[] = {"FILE", "LIST", "WEIGHTS", "IN", "OUT", "INPUT", "DIR"};
    const bool positional = o->kind == WT_OPTION_POSITIONAL || o->kind == WT_OPTION_REST;
    const char *value = positional ? o->name : o->value;
    if (o->kind == WT_OPTION_FLAG)
        return WT_VALUE_NONE;
    if (o->choices)
        return WT_VALUE_WORDS;
    for (size_t i = 0; value && i < sizeof files / sizeof *files; i++)
        if (strncmp(value, files[i], strlen(files[i])) == 0)
            return strcmp(files[i], "DIR") == 0 ? WT_VALUE_FOLDER : WT_VALUE_FILE;
    return WT_VALUE_OTHER;
}
