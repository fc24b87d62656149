/* The table of commands, and the options without a command. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "cli/nearest.h"
#include "cli/options.h"
#include "input/av.h"
#include "window/window.h"

/* Commands in the order of the help; `model` and `profile`, which have subcommands, have `main`
 * instead of a table.
 */
static const struct {
    const struct wt_command *command;
    const char *name, *summary; /* where there is no table */
    int (*main)(int argc, char **argv);
} commands[] = {
    {.command = &wt_command_live},
    {.command = &wt_command_track},
    {.command = &wt_command_demo},
    {.command = &wt_command_eval},
    {.command = &wt_command_label},
    {.command = &wt_command_train},
    {.command = &wt_command_tune},
    {.name = "profile",
     .summary = "What the program has been taught about a face.",
     .main = wt_profile_main},
    {.command = &wt_command_bench},
    {.name = "model", .summary = "Show, import and export weights files.", .main = wt_model_main},
    {.command = &wt_command_doctor},
    {.command = NULL},
};

static const char *name_of(size_t i)
{
    return commands[i].command ? commands[i].command->name : commands[i].name;
}

static int find(const char *name)
{
    for (size_t i = 0; name_of(i); i++)
        if (strcmp(name_of(i), name) == 0)
            return (int)i;
    return -1;
}

static int run(int i, int argc, char **argv)
{
    return commands[i].command ? wt_command_main(commands[i].command, argc, argv)
                               : commands[i].main(argc, argv);
}

static void help(void)
{
    printf("Usage: wingtip [COMMAND] [options]\n\n"
           "Tracks face landmarks live on this computer's processor.\n\nCommands:\n");
    for (size_t i = 0; name_of(i); i++)
        printf("  %-8s %s\n", name_of(i),
               commands[i].command ? commands[i].command->summary : commands[i].summary);
    printf("\nWithout a command: live; without arguments and without a display: demo.\nEach "
           "command has its own help: wingtip COMMAND --help\nOther options: --help, --version\n");
}

static int unknown_command(const char *word)
{
    struct wt_nearest nearest;
    wt_nearest_start(&nearest, word);
    for (size_t i = 0; name_of(i); i++)
        wt_nearest_offer(&nearest, name_of(i));
    return wt_exit_status(
        nearest.best
            ? wt_fail(WT_ERR_ARGUMENT, "unknown command \"%s\"; did you mean %s?", word,
                      nearest.best)
            : wt_fail(WT_ERR_ARGUMENT, "unknown command \"%s\"; see: wingtip --help", word));
}

static int dispatch(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : NULL;
    if (word &&
        (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)) {
        help();
        return 0;
    }
    if (word && strcmp(word, "--version") == 0) {
        printf("wingtip %s\n", wt_version());
        return 0;
    }
    if (word && word[0] != '-') {
        int i = find(word);
        return i < 0 ? unknown_command(word) : run(i, argc - 2, argv + 2);
    }
    /* Without any argument the program shows what it does, with or without a display. */
    bool demo = !word && !wt_window_possible();
    if (demo)
        wt_log(WT_LOG_INFO, "no display for a window: running wingtip demo");
    return run(find(demo ? "demo" : "live"), argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    /* A limit of file sizes is then an error of writing, as a full disk. */
    signal(SIGXFSZ, SIG_IGN);
    wt_picture_av_init();
    int status = dispatch(argc, argv);
    if (fflush(stdout) || ferror(stdout)) {
        wt_fail(WT_ERR_IO, "standard output: cannot be written");
        status = status ? status : 1;
    }
    return status;
}
