#include "cli/options.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "cli/nearest.h"
#include "cli/options_table.h"

/* One parse: the tables to search (the command's own, then the common ones), which options were
 * given, and how many positionals have been taken. */
struct parse {
    const struct wt_command *command;
    const struct wt_option *table[2];
    unsigned char *settings;
    uint64_t given[2]; /* bit i: option i of the table was given */
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
static const struct wt_option *find(const struct parse *p, const char *word, size_t length,
                                    int *which)
{
    for (int t = 0; t < 2; t++)
        for (const struct wt_option *o = p->table[t]; o && o->name; o++)
            if (!is_positional(o) && name_matches(o, word, length)) {
                *which = t;
                return o;
            }
    return NULL;
}

static enum wt_status unknown_option(const struct parse *p, const char *word, size_t length)
{
    char name[64];
    struct wt_nearest nearest;
    snprintf(name, sizeof name, "%.*s", (int)(length < 60 ? length : 60), word);
    wt_nearest_start(&nearest, name);
    for (int t = 0; t < 2; t++)
        for (const struct wt_option *o = p->table[t]; o && o->name; o++)
            if (!is_positional(o))
                wt_nearest_offer(&nearest, o->name);
    if (nearest.best)
        return wt_fail(WT_ERR_ARGUMENT, "%s: unknown option %s; did you mean %s?", p->command->name,
                       name, nearest.best);
    return wt_fail(WT_ERR_ARGUMENT, "%s: unknown option %s; see: wingtip %s --help",
                   p->command->name, name, p->command->name);
}

static enum wt_status set_int(const struct wt_option *o, int *field, const char *text)
{
    bool bounded = o->min != 0 || o->max != 0;
    double min = bounded ? o->min : INT_MIN, max = bounded ? o->max : INT_MAX;
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    /* strtoll skips blanks: " 3" is as wrong as "3 ". */
    if (end == text || *end || strchr(" \t\n\v\f\r", text[0]))
        return wt_fail(WT_ERR_ARGUMENT, "%s: \"%s\" is not a whole number", o->name, text);
    if (errno == ERANGE || v < min || v > max)
        return wt_fail(WT_ERR_ARGUMENT, "%s: %s is out of range (%.0f to %.0f)", o->name, text, min,
                       max);
    *field = (int)v;
    return WT_OK;
}

static enum wt_status set_real(const struct wt_option *o, double *field, const char *text)
{
    bool bounded = o->min != 0 || o->max != 0;
    char *end;
    double v = strtod(text, &end);
    if (end == text || *end || strchr(" \t\n\v\f\r", text[0]) || isnan(v))
        return wt_fail(WT_ERR_ARGUMENT, "%s: \"%s\" is not a number", o->name, text);
    if (!isfinite(v) || (bounded && (v < o->min || v > o->max))) {
        if (bounded)
            return wt_fail(WT_ERR_ARGUMENT, "%s: %s is out of range (%g to %g)", o->name, text,
                           o->min, o->max);
        return wt_fail(WT_ERR_ARGUMENT, "%s: %s is out of range", o->name, text);
    }
    *field = v;
    return WT_OK;
}

static enum wt_status set_choice(const struct wt_option *o, int *field, const char *text)
{
    char all[256] = "";
    size_t used = 0;
    for (int i = 0; o->choices[i]; i++) {
        if (strcmp(o->choices[i], text) == 0) {
            *field = i;
            return WT_OK;
        }
        if (used < sizeof all)
            used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "",
                                     o->choices[i]);
    }
    return wt_fail(WT_ERR_ARGUMENT, "%s: \"%s\" is not one of %s", o->name, text, all);
}

static enum wt_status add_word(const struct wt_option *o, struct wt_words *words, const char *text)
{
    if (words->count == WT_WORDS_MAX)
        return wt_fail(WT_ERR_ARGUMENT, "%s: more than %d of them", o->name, WT_WORDS_MAX);
    words->word[words->count++] = text;
    return WT_OK;
}

static enum wt_status set_value(const struct wt_option *o, unsigned char *settings,
                                const char *text)
{
    void *field = settings + o->offset;
    switch (o->kind) {
    case WT_OPTION_INT:
        return set_int(o, field, text);
    case WT_OPTION_REAL:
        return set_real(o, field, text);
    case WT_OPTION_CHOICE:
        return set_choice(o, field, text);
    default:
        if (!*text)
            return wt_fail(WT_ERR_ARGUMENT, "%s: the value is empty", o->name);
        if (o->kind == WT_OPTION_REST)
            return add_word(o, field, text);
        *(const char **)field = text;
        return WT_OK;
    }
}

static enum wt_status take_positional(struct parse *p, const char *text)
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
static enum wt_status take_option(struct parse *p, int argc, char **argv, int *i)
{
    const char *word = argv[*i];
    const char *equals = word[1] == '-' ? strchr(word, '=') : NULL;
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    int t = 0;
    const struct wt_option *o = find(p, word, length, &t);
    if (!o)
        return unknown_option(p, word, length);
    uint64_t bit = UINT64_C(1) << (o - p->table[t]);
    if (o->kind == WT_OPTION_FLAG) {
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

static enum wt_status check_required(const struct parse *p)
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

int wt_options_parse(const struct wt_command *command, int argc, char **argv, void *settings)
{
    struct parse p = {.command = command,
                      .table = {command->option, command->common ? wt_common_table : NULL},
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
