#include "cli/subcommands.h"

#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "cli/nearest.h"

static const char *short_name(const struct wt_subcommands *all, int i)
{
    return all->list[i]->name + strlen(all->name) + 1;
}

static void help(const struct wt_subcommands *all)
{
    printf("Usage: wingtip %s SUBCOMMAND [options]\n\n%s\n\nSubcommands:\n", all->name, all->about);
    for (int i = 0; i < all->count; i++)
        printf("  %-8s %s\n", short_name(all, i), all->list[i]->summary);
    printf("\nEach has its own help: wingtip %s SUBCOMMAND --help\n", all->name);
}

static enum wt_status fail_without(const struct wt_subcommands *all)
{
    char words[200] = "";
    size_t used = 0;
    for (int i = 0; i < all->count && used < sizeof words; i++)
        used += (size_t)snprintf(words + used, sizeof words - used, "%s%s",
                                 i == 0                ? ""
                                 : i + 1 == all->count ? " or "
                                                       : ", ",
                                 short_name(all, i));
    return wt_fail(WT_ERR_ARGUMENT, "%s: %s? see: wingtip %s --help", all->name, words, all->name);
}

int wt_subcommands_main(const struct wt_subcommands *all, int argc, char **argv)
{
    struct wt_nearest nearest;
    if (argc < 1)
        return wt_exit_status(fail_without(all));
    if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0) {
        help(all);
        return 0;
    }
    wt_nearest_start(&nearest, argv[0]);
    for (int i = 0; i < all->count; i++) {
        if (strcmp(argv[0], short_name(all, i)) == 0)
            return wt_command_main(all->list[i], argc - 1, argv + 1);
        wt_nearest_offer(&nearest, short_name(all, i));
    }
    return wt_exit_status(
        nearest.best
            ? wt_fail(WT_ERR_ARGUMENT, "%s: unknown subcommand \"%s\"; did you mean %s?", all->name,
                      argv[0], nearest.best)
            : wt_fail(WT_ERR_ARGUMENT, "%s: unknown subcommand \"%s\"; see: wingtip %s --help",
                      all->name, argv[0], all->name));
}
