/* The program's list of commands, and what is written from their tables besides --help: the manual
 * page and the completions of shells. Stateless, thread-safe. */
#ifndef WT_APP_COMMANDS_H
#define WT_APP_COMMANDS_H

#include <stdio.h>

#include "cli/options.h"
#include "cli/subcommands.h"

/* One of the two. */
struct wt_command_entry {
    const struct wt_command *command;
    const struct wt_subcommands *subcommands; /* `model`, `profile` */
};

/* In the order of the help; `all` ends with an entry without either. */
const char *wt_command_entry_name(const struct wt_command_entry *entry);
const char *wt_command_entry_summary(const struct wt_command_entry *entry);

/* Calls visit for every command that has options of its own: `live`, ..., `model info`, ... */
void wt_commands_each(const struct wt_command_entry *all, void *user,
                      void (*visit)(void *user, const struct wt_command *command));

/* The manual page, wingtip(1), as roff (man(7)). */
void wt_commands_manual(const struct wt_command_entry *all, FILE *out);

/* The completion for a shell: "bash", "zsh" or "fish". false: there is none for it. */
bool wt_commands_completion(const struct wt_command_entry *all, const char *shell, FILE *out);

/* What a value is, for completion. */
enum wt_value_kind {
    WT_VALUE_NONE, /* the option takes none */
    WT_VALUE_OTHER,
    WT_VALUE_FILE,
    WT_VALUE_FOLDER,
    WT_VALUE_WORDS, /* one of its choices */
};
enum wt_value_kind wt_option_value_kind(const struct wt_option *o);

#endif
