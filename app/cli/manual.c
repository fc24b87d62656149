/* wingtip(1), from the tables that drive the parser and --help. */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/options_table.h"

/* Text as roff shows it: no line begins with a control character, and a hyphen is the one that can
 * be typed. */
static void put_text(FILE *out, const char *text)
{
    bool begins = true;
    for (; *text; text++) {
        if (begins && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        if (*text == '-' || *text == '\\')
            fputs(*text == '-' ? "\\-" : "\\e", out);
        else
            fputc(*text, out);
        begins = *text == '\n';
    }
}

static void put_paragraph(FILE *out, const char *text)
{
    put_text(out, text);
    fputc('\n', out);
}

static void put_option(FILE *out, const struct wt_option *o, const void *settings)
{
    char left[256], text[1024];
    wt_option_usage(o, left, sizeof left);
    wt_option_explain(o, settings, text, sizeof text);
    fputs(".TP\n.B ", out);
    put_paragraph(out, left);
    put_paragraph(out, text);
}

static void put_table(FILE *out, const struct wt_option *table, const void *settings)
{
    for (const struct wt_option *o = table; o && o->name; o++)
        put_option(out, o, settings);
}

static void put_command(void *user, const struct wt_command *command)
{
    FILE *out = user;
    void *settings = calloc(1, command->settings_size ? command->settings_size : 1);
    if (!settings)
        return;
    wt_options_defaults(command, settings);
    fprintf(out, ".SS wingtip %s\n", command->name);
    put_paragraph(out, command->summary);
    if (command->details) {
        fputs(".PP\n", out);
        put_paragraph(out, command->details);
    }
    put_table(out, command->option, settings);
    if (command->more) {
        fputs(".PP\nSettings, which the window remembers:\n", out);
        put_table(out, command->more, settings);
    }
    if (command->common)
        fputs(".PP\nAnd the common options, below.\n", out);
    free(settings);
}

static void put_common(FILE *out)
{
    struct wt_common common = {0};
    wt_common_defaults(&common);
    fputs(".SH COMMON OPTIONS\nOf the commands that use a network:\n", out);
    put_table(out, wt_common_table, &common);
}

/* What no table says. */
static void put_rest(FILE *out)
{
    static const char *const section[][2] = {
        {"EXIT STATUS", "0: ok. 1: the work failed. 2: wrong use. An error is one line on standard "
                        "error."},
        {"ENVIRONMENT",
         "WINGTIP_ASSETS is the folder of weights and demo clip, instead of share/wingtip beside "
         "the program. XDG_CONFIG_HOME and XDG_DATA_HOME say where settings and profiles are."},
        {"FILES", "~/.config/wingtip/wingtip.conf: what the window remembers, lines of key = "
                  "value.\n~/.local/share/wingtip/profiles: what was taught."},
        {"LICENCE",
         "The program is under the MIT licence. The bundled weights are for research use only, but "
         "for those with free in their names: wingtip model info NAME says what each may be used "
         "for."},
    };
    for (size_t i = 0; i < sizeof section / sizeof *section; i++) {
        fprintf(out, ".SH %s\n", section[i][0]);
        put_paragraph(out, section[i][1]);
    }
}

void wt_commands_manual(const struct wt_command_entry *all, FILE *out)
{
    fprintf(out, ".TH WINGTIP 1 \"\" \"wingtip %s\" \"User Commands\"\n", wt_version());
    fputs(".SH NAME\nwingtip \\- face landmarks, live, on the processor\n"
          ".SH SYNOPSIS\n.B wingtip\n.RI [ COMMAND ]\n.RI [ options ]\n"
          ".SH DESCRIPTION\nWingtip follows the faces in a camera's picture or a video, shows what "
          "the network sees (points, heatmaps, boundary) and records it. Without a command it is\n"
          ".BR \"wingtip live\" ;\nwithout arguments and without a display\n"
          ".BR \"wingtip demo\" .\nEach command also explains itself:\n"
          ".BR \"wingtip \" \\fICOMMAND\\fR \" \\-\\-help\" .\n.SH COMMANDS\n",
          out);
    for (const struct wt_command_entry *e = all; wt_command_entry_name(e); e++) {
        fprintf(out, ".TP\n.B %s\n", wt_command_entry_name(e));
        put_paragraph(out, wt_command_entry_summary(e));
    }
    fputs(".SH OPTIONS\n.TP\n.B \\-h, \\-\\-help\nshow help, of the program or a command\n"
          ".TP\n.B \\-\\-version\nprint the version\n"
          ".TP\n.B \\-\\-manual\nprint this page, as roff\n"
          ".TP\n.B \\-\\-completion bash|zsh|fish\nprint the completion for a shell\n",
          out);
    wt_commands_each(all, out, put_command);
    put_common(out);
    put_rest(out);
}
