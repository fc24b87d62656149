#include "cli/options.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "cli/nearest.h"
#include "cli/options_table.h"

#define TABLES 3

/* One parse: the tables to search (the command's own two, then the common ones), which options were
 * given, and how many positionals have been taken. */
struct wt_options {
    const struct wt_command *command;
    const struct wt_option *table[TABLES];
    unsigned char *settings;
    uint64_t given[TABLES]; /* bit i: option i of the table was given */
    int positionals;
};

static bool name_matches(const struct wt_option *o, const char *word, size_t length)
{
    if (word[1] != '-')
        return o->letter && length == 2 && word[1] == o->letter;
    return strlen(o->name) == length && strncmp(o->name, word, length) == 0;
}

static bool is_positional(const struct wt_option *o)
{
    return o->kind == WT_OPTION_POSITIONAL || o->kind == WT_OPTION_REST;
}

/* Finds a word such as "--threads", "-o" in the tables; `which` gets the table. */
static const struct wt_option *find(const struct wt_options *p, const char *word, size_t length,
                                    int *which)
{
    for (int t = 0; t < TABLES; t++)
        for (const struct wt_option *o = p->table[t]; o && o->name; o++)
            if (!is_positional(o) && name_matches(o, word, length)) {
                *which = t;
                return o;
            }
    return NULL;
}

static enum wt_status unknown_option(const struct wt_options *p, const char *word, size_t length)
{
    char name[64];
    struct wt_nearest nearest;
    snprintf(name, sizeof name, "%.*s", (int)(length < 60 ? length : 60), word);
    wt_nearest_start(&nearest, name);
    for (int t = 0; t < TABLES; t++)
        for (const struct wt_option *o = p->table[t]; o && o->name; o++)
            if (!is_positional(o))
                wt_nearest_offer(&nearest, o->name);
    if (nearest.best)
        return wt_fail(WT_ERR_ARGUMENT, "%s: unknown option %s; did you mean %s?", p->command->name,
                       name, nearest.best);
    return wt_fail(WT_ERR_ARGUMENT, "%s: unknown option %s; see: wingtip %s --help",
                   p->command->name, name, p->command->name);
}

static enum wt_status set_value(const struct wt_option *o, unsigned char *settings,
                                const char *text)
{
    char why[512];
    return wt_option_set(o, settings, text, why, sizeof why)
               ? WT_OK
               : wt_fail(WT_ERR_ARGUMENT, "%s: %s", o->name, why);
}

static enum wt_status take_positional(struct wt_options *p, const char *text)
{
    int n = 0;
    for (const struct wt_option *o = p->table[0]; o && o->name; o++) {
        if (o->kind == WT_OPTION_POSITIONAL && n++ == p->positionals) {
            p->positionals++;
            p->given[0] |= UINT64_C(1) << (o - p->table[0]);
            return set_value(o, p->settings, text);
        }
        if (o->kind == WT_OPTION_REST)
            return set_value(o, p->settings, text);
    }
    return wt_fail(WT_ERR_ARGUMENT, "%s: unexpected argument \"%s\"; see: wingtip %s --help",
                   p->command->name, text, p->command->name);
}

/* Takes argv[*i], an option, with its value; moves *i to the last word used. */
static enum wt_status take_option(struct wt_options *p, int argc, char **argv, int *i)
{
    const char *word = argv[*i];
    const char *equals = word[1] == '-' ? strchr(word, '=') : NULL;
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    int t = 0;
    const struct wt_option *o = find(p, word, length, &t);
    if (!o)
        return unknown_option(p, word, length);
    uint64_t bit = UINT64_C(1) << (o - p->table[t]);
    if (o->kind == WT_OPTION_FLAG && !(equals && o->kept)) {
        if (equals)
            return wt_fail(WT_ERR_ARGUMENT, "%s takes no value", o->name);
        *(bool *)(p->settings + o->offset) = true;
        p->given[t] |= bit;
        return WT_OK;
    }
    if (p->given[t] & bit)
        return wt_fail(WT_ERR_ARGUMENT, "%s is given twice", o->name);
    p->given[t] |= bit;
    if (equals)
        return set_value(o, p->settings, equals + 1);
    /* Another option in the value's place means that the value was forgotten; a value that looks
     * so can be given as --name=--value. */
    if (*i + 1 >= argc || strncmp(argv[*i + 1], "--", 2) == 0)
        return wt_fail(WT_ERR_ARGUMENT, "%s needs a value (%s)", o->name,
                       o->value ? o->value : "one of its words");
    return set_value(o, p->settings, argv[++*i]);
}

static enum wt_status check_required(const struct wt_options *p)
{
    for (const struct wt_option *o = p->table[0]; o && o->name; o++)
        if (o->required && !(p->given[0] & (UINT64_C(1) << (o - p->table[0]))))
            return wt_fail(WT_ERR_ARGUMENT, "%s: %s is missing; see: wingtip %s --help",
                           p->command->name, o->name, p->command->name);
    return WT_OK;
}

void wt_options_defaults(const struct wt_command *command, void *settings)
{
    memset(settings, 0, command->settings_size);
    if (command->common)
        wt_common_defaults(settings);
    if (command->defaults)
        command->defaults(settings);
}

bool wt_options_given(const struct wt_options *options, const struct wt_option *option)
{
    for (int t = 0; t < TABLES; t++)
        for (const struct wt_option *o = options->table[t]; o && o->name; o++)
            if (o == option)
                return options->given[t] >> (o - options->table[t]) & 1;
    return false;
}

int wt_options_parse(const struct wt_command *command, int argc, char **argv, void *settings)
{
    struct wt_options p = {
        .command = command,
        .table = {command->option, command->more, command->common ? wt_common_table : NULL},
        .settings = settings};
    bool only_positionals = false;
    wt_options_defaults(command, settings);
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], "--") == 0)
            break;
        else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return WT_OPTIONS_HELP;
    for (int i = 0; i < argc; i++) {
        enum wt_status status;
        if (!only_positionals && strcmp(argv[i], "--") == 0) {
            only_positionals = true;
            continue;
        }
        /* "-" alone is standard input or output, a name like any other. */
        if (!only_positionals && argv[i][0] == '-' && argv[i][1])
            status = take_option(&p, argc, argv, &i);
        else
            status = take_positional(&p, argv[i]);
        if (status)
            return wt_exit_status(status);
    }
    if (check_required(&p))
        return wt_exit_status(WT_ERR_ARGUMENT);
    if (command->complete) {
        enum wt_status status = command->complete(settings, &p);
        if (status)
            return wt_exit_status(status);
    }
    if (command->common)
        wt_common_resolve(settings);
    return WT_OPTIONS_RUN;
}

int wt_command_main(const struct wt_command *command, int argc, char **argv)
{
    void *settings = calloc(1, command->settings_size ? command->settings_size : 1);
    if (!settings)
        return wt_exit_status(wt_fail(WT_ERR_MEMORY, "%s: out of memory", command->name));
    int status = wt_options_parse(command, argc, argv, settings);
    if (status == WT_OPTIONS_HELP) {
        wt_options_help(command, stdout);
        status = 0;
    } else if (status == WT_OPTIONS_RUN) {
        if (command->common)
            wt_set_log(NULL, NULL, (enum wt_log_level)((struct wt_common *)settings)->log_level);
        status = command->run(settings);
    }
    free(settings);
    return status;
}
