/* Parts of the option parser that main, help and tests share; commands need options.h only.
 * Stateless, thread-safe. */
#ifndef WT_APP_OPTIONS_TABLE_H
#define WT_APP_OPTIONS_TABLE_H

#include <stdio.h>

#include "cli/options.h"

/* The options of struct wt_common; offsets are valid because it is the first member. */
extern const struct wt_option wt_common_table[];
void wt_common_defaults(struct wt_common *common);

/* Sets the option's member of settings; text must outlive them where that is a string. A flag takes
 * yes or no. false: it does not fit, and why says the reason; settings are unchanged. */
bool wt_option_set(const struct wt_option *o, void *settings, const char *text, char *why,
                   size_t size);
/* The value as such a text; "" for a string or a size that is not set. */
void wt_option_print(const struct wt_option *o, const void *settings, char *buffer, size_t size);

/* What help shows of an option: "-o, --output FILE", "--norm ocular|pupil|box", "INPUT", and
 * returns its length; and its text, with the default in settings. */
int wt_option_usage(const struct wt_option *o, char *buffer, size_t size);
void wt_option_explain(const struct wt_option *o, const void *settings, char *buffer, size_t size);

enum { WT_OPTIONS_RUN = -1, WT_OPTIONS_HELP = -2 };

/* Zeroes settings and fills the defaults in. */
void wt_options_defaults(const struct wt_command *command, void *settings);

/* Defaults, then argv (without program and command name). Returns WT_OPTIONS_RUN, WT_OPTIONS_HELP,
 * or the exit status after one error line. At most 64 options a table. */
int wt_options_parse(const struct wt_command *command, int argc, char **argv, void *settings);

/* What --help shows: usage, arguments, options with defaults, wrapped to 80 columns. */
void wt_options_help(const struct wt_command *command, FILE *out);

#endif
