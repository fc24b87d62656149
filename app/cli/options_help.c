#include <stdlib.h>
#include <string.h>

#include "cli/options_table.h"

enum { COLUMNS = 80, INDENT = 2, GAP = 2, LEFT_MAX = 30 };

/* "-o, --output FILE", "--norm ocular|pupil|box", "INPUT" */
int wt_option_usage(const struct wt_option *o, char *buffer, size_t size)
{
    int n = 0;
    if (o->letter)
        n = snprintf(buffer, size, "-%c, ", o->letter);
    n += snprintf(buffer + n, size - (size_t)n, "%s", o->name);
    if (o->kind == WT_OPTION_CHOICE && !o->value)
        for (int i = 0; o->choices[i] && (size_t)n < size; i++)
            n += snprintf(buffer + n, size - (size_t)n, "%c%s", i ? '|' : ' ', o->choices[i]);
    else if (o->value && (size_t)n < size)
        n += snprintf(buffer + n, size - (size_t)n, " %s", o->value);
    return n;
}

/* The default as text; false where it is not shown (0 and NULL mean "automatic" and "none", which
 * the option's own text explains). */
static bool default_text(const struct wt_option *o, const unsigned char *settings, char *buffer,
                         size_t size)
{
    wt_option_print(o, settings, buffer, size);
    switch (o->kind) {
    case WT_OPTION_INT:
    case WT_OPTION_REAL:
        return strcmp(buffer, "0") != 0;
    case WT_OPTION_CHOICE:
    case WT_OPTION_WORDS:
        return true;
    case WT_OPTION_STRING:
    case WT_OPTION_SIZE:
        return buffer[0] != '\0';
    default:
        return false;
    }
}

/* Prints text word by word from a column on; the cursor is at `column` already. */
static void wrap(FILE *out, const char *text, int column)
{
    int at = column;
    while (*text) {
        size_t length = strcspn(text, " \n");
        if (at > column && at + 1 + (int)length > COLUMNS) {
            fprintf(out, "\n%*s", column, "");
            at = column;
        } else if (at > column) {
            fputc(' ', out);
            at++;
        }
        fprintf(out, "%.*s", (int)length, text);
        at += (int)length;
        text += length;
        if (*text == '\n') {
            fprintf(out, "\n%*s", column, "");
            at = column;
        }
        text += *text != '\0';
    }
    fputc('\n', out);
}

static int left_width(const struct wt_option *table)
{
    int width = 0;
    for (const struct wt_option *o = table; o && o->name; o++) {
        char left[128];
        int n = wt_option_usage(o, left, sizeof left);
        if (n <= LEFT_MAX && n > width)
            width = n;
    }
    return width;
}

void wt_option_explain(const struct wt_option *o, const void *settings, char *buffer, size_t size)
{
    char value[128];
    if (default_text(o, settings, value, sizeof value))
        snprintf(buffer, size, "%s (default: %s)", o->help, value);
    else
        snprintf(buffer, size, "%s", o->help);
}

static void print_option(FILE *out, const struct wt_option *o, const void *settings, int width)
{
    char left[128], text[512];
    int n = wt_option_usage(o, left, sizeof left);
    wt_option_explain(o, settings, text, sizeof text);
    fprintf(out, "%*s%s", INDENT, "", left);
    if (n > width) /* a long left side gets a line of its own */
        fprintf(out, "\n%*s", INDENT + width + GAP, "");
    else
        fprintf(out, "%*s", width - n + GAP, "");
    wrap(out, text, INDENT + width + GAP);
}

static void print_table(FILE *out, const char *title, const struct wt_option *table,
                        const void *settings, int width, bool positionals)
{
    bool titled = false;
    for (const struct wt_option *o = table; o && o->name; o++) {
        bool positional = o->kind == WT_OPTION_POSITIONAL || o->kind == WT_OPTION_REST;
        if (positional != positionals)
            continue;
        if (!titled)
            fprintf(out, "\n%s\n", title);
        titled = true;
        print_option(out, o, settings, width);
    }
}

void wt_options_help(const struct wt_command *command, FILE *out)
{
    static const struct wt_option help[] = {
        {.kind = WT_OPTION_FLAG, .name = "--help", .letter = 'h', .help = "show this help"},
        {.name = NULL},
    };
    void *settings = calloc(1, command->settings_size ? command->settings_size : 1);
    if (!settings)
        return;
    wt_options_defaults(command, settings);

    int width = left_width(help), own = left_width(command->option);
    int more = left_width(command->more);
    int common = command->common ? left_width(wt_common_table) : 0;
    width = own > width ? own : width;
    width = more > width ? more : width;
    width = common > width ? common : width;
    fprintf(out, "Usage: wingtip %s [options]", command->name);
    for (const struct wt_option *o = command->option; o && o->name; o++)
        if (o->kind == WT_OPTION_POSITIONAL)
            fprintf(out, o->required ? " %s" : " [%s]", o->name);
        else if (o->kind == WT_OPTION_REST)
            fprintf(out, " [%s ...]", o->name);
        else if (o->required)
            fprintf(out, " %s %s", o->name, o->value ? o->value : "");
    fprintf(out, "\n\n%s\n", command->summary);
    if (command->details) {
        fputc('\n', out);
        wrap(out, command->details, 0);
    }
    print_table(out, "Arguments:", command->option, settings, width, true);
    print_table(out, "Options:", command->option, settings, width, false);
    print_table(out, "Settings, which the window remembers:", command->more, settings, width,
                false);
    if (command->common)
        print_table(out, "Common options:", wt_common_table, settings, width, false);
    print_option(out, help, settings, width);
    free(settings);
}
