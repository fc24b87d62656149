/* The table of commands, and the options without a command. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/blas.h"
#include "base/status.h"
#include "cli/commands.h"
#include "cli/nearest.h"
#include "cli/options.h"
#include "input/av.h"
#include "window/window.h"

/* In the order of the help. */
static const struct wt_command_entry commands[] = {
    {.command = &wt_command_live},
    {.command = &wt_command_track},
    {.command = &wt_command_demo},
    {.command = &wt_command_replay},
    {.command = &wt_command_eval},
    {.command = &wt_command_label},
    {.command = &wt_command_train},
    {.command = &wt_command_tune},
    {.subcommands = &wt_profile_subcommands},
    {.command = &wt_command_bench},
    {.subcommands = &wt_model_subcommands},
    {.command = &wt_command_doctor},
    {.command = NULL},
};

static const char *name_of(size_t i)
{
    return wt_command_entry_name(&commands[i]);
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
                               : wt_subcommands_main(commands[i].subcommands, argc, argv);
}

static void help(void)
{
    printf("Usage: wingtip [COMMAND] [options]\n\n"
           "Tracks face landmarks live on this computer's processor.\n\nCommands:\n");
    for (size_t i = 0; name_of(i); i++)
        printf("  %-8s %s\n", name_of(i), wt_command_entry_summary(&commands[i]));
    printf("\nWithout a command: live; without arguments and without a display: demo.\nEach "
           "command has its own help: wingtip COMMAND --help\nOther options: --help, --version, "
           "--manual, --completion bash|zsh|fish\n");
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

static int completion(const char *shell)
{
    return wt_commands_completion(commands, shell, stdout)
               ? 0
               : wt_exit_status(wt_fail(WT_ERR_ARGUMENT,
                                        "--completion: \"%s\": which shell? bash, zsh or fish",
                                        shell));
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
    if (word && strcmp(word, "--manual") == 0) {
        wt_commands_manual(commands, stdout);
        return 0;
    }
    if (word && strcmp(word, "--completion") == 0)
        return completion(argc > 2 ? argv[2] : "");
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

static bool reader_has_gone(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) > 0 && (out.revents & POLLERR);
}

int main(int argc, char **argv)
{
    /* A limit of file sizes is then an error of writing, as a full disk. */
    signal(SIGXFSZ, SIG_IGN);
    /* So is a reader that has gone, as of `| head`, or the `| tee` that ends with its terminal:
     * what was learned or measured is still saved. */
    signal(SIGPIPE, SIG_IGN);
    wt_blas_end_threads();
    wt_picture_av_init();
    int status = dispatch(argc, argv);
    if (fflush(stdout) || ferror(stdout)) {
        if (reader_has_gone())
            return 128 + SIGPIPE; /* as of a program that ends with the signal */
        wt_fail(WT_ERR_IO, "standard output: cannot be written");
        status = status ? status : 1;
    }
    return status;
}
