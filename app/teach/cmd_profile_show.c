/* `wingtip profile show`: figures of a profile. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/paths.h"
#include "base/status.h"
#include "teach/cmd_profile.h"
#include "teach/profile_figures.h"
#include "weights/file.h"

#define AT(field) offsetof(struct wt_profile_settings, field)
static const struct wt_option options[] = {
    {WT_OPTION_POSITIONAL, "NAME", 0, AT(name), NULL, "the profile", .required = true},
    {WT_OPTION_STRING, "--data", 0, AT(data), "LIST",
     "also measure on a list of annotated faces, as wingtip eval reads"},
    {WT_OPTION_INT, "--threads", 0, AT(threads), "N", WT_THREADS_HELP, 0, 64},
    {WT_OPTION_STRING, "--cpu-mask", 0, AT(cpu_mask), "LEVEL",
     "highest instruction set to use: c, ... amx or auto"},
    {WT_OPTION_STRING, "--profiles", 0, AT(folder), "DIR", WT_PROFILES_HELP},
    {.name = NULL},
};
#undef AT

static void print_row(const char *what, size_t faces, const char *network,
                      const struct wt_summary *s)
{
    if (isnan(s->nme) && s->faces == 0)
        return;
    printf("%-24s %6zu  %-34s %8.3f %8.2f\n", what, faces, network, s->nme, s->fr8);
}

static void print_figure(const struct wt_profile *p, const char *what,
                         const struct wt_profile_figure *f, const char *with)
{
    print_row(what, f->faces, "original network", &f->original);
    if (p->learned)
        print_row(what, f->faces, "learned network", &f->network);
    print_row(what, f->faces, with, &f->corrected);
}

static enum wt_status print_guard(const struct wt_profile *p, const struct wt_profile_run *run)
{
    struct wt_profile_figure f;
    const enum wt_status status = wt_profile_measure_guard(p, run, &f);
    if (!status && f.faces) {
        print_row("guard (rendered)", f.faces, "original network", &f.original);
        if (p->learned)
            print_row("guard (rendered)", f.faces, "learned network", &f.network);
    }
    return status;
}

static enum wt_status print_list(const struct wt_profile *p, const struct wt_profile_run *run,
                                 const char *data)
{
    struct wt_dataset list = {.count = 0};
    struct wt_profile_figure f = {.faces = 0};
    enum wt_status status = wt_dataset_open(&list, data);
    if (!status)
        status = wt_profile_measure_list(p, run, &list, &f);
    if (!status)
        print_figure(p, wt_base_name(data), &f, "with the profile's offset");
    wt_dataset_fini(&list);
    return status;
}

static void print_head(const struct wt_profile *p)
{
    printf("profile      %s\nfolder       %s\nnetwork      %s%s\ncorrections  %zu\n", p->name,
           p->folder.text, p->model,
           p->learned ? ", learned"
           : p->stale ? ", another file than it was taught with (wingtip profile learn adapts it)"
                      : "",
           p->truth.count);
    printf("\n%-24s %6s  %-34s %8s %8s\n", "faces", "", "", "NME %", "FR8 %");
}

static enum wt_status show(const struct wt_profile *p, const struct wt_profile_settings *s)
{
    const struct wt_profile_run run = {.threads = s->threads, .cpu_mask = s->cpu_mask};
    struct wt_profile_figure own;
    print_head(p);
    enum wt_status status = wt_profile_measure_own(p, &run, &own);
    if (!status)
        print_figure(p, "corrections", &own, "offset of the others (1)");
    if (!status)
        status = print_guard(p, &run);
    if (!status && s->data)
        status = print_list(p, &run, s->data);
    if (!status)
        printf("\nErrors by the distance of the outer eye corners. Crops: of corrections as the "
               "tracker takes them, of lists\naround the true points. (1) leave-one-out: the "
               "offset of a face is that of the other corrections.\n");
    if (!status && p->learned)
        printf("The learned network has seen the corrections themselves: on them its figures "
               "flatter it.\n");
    return status;
}

static int run_show(void *settings)
{
    const struct wt_profile_settings *s = settings;
    struct wt_profile_store store;
    struct wt_profile *p = NULL;
    enum wt_status status = wt_profile_store_init(&store, s->folder);
    if (!status)
        status = wt_profile_open(&p, &store, s->name);
    if (!status)
        status = show(p, s);
    wt_profile_close(&p);
    return wt_exit_status(status);
}

const struct wt_command wt_command_profile_show = {
    .name = "profile show",
    .summary = "shows a profile's figures: NME and failure rate",
    .option = options,
    .settings_size = sizeof(struct wt_profile_settings),
    .run = run_show,
};
