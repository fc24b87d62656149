#include "train/cmd_train.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/outputs.h"
#include "base/paths.h"
#include "base/status.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "data/augment_cv.h"
#include "train/team.h"
#include "train/train.h"

struct settings {
    const char *recipe, *data, *figures, *output, *out, *from, *cpu_mask;
    int show, measure, threads, seed;
    bool help_recipe, resume;
};

#define AT(field) offsetof(struct settings, field)
static const struct wt_option options[] = {
    {WT_OPTION_STRING, "--recipe", 0, AT(recipe), "FILE",
     "what to train with: data, augmentation, targets and the rest, see --help-recipe; or the name "
     "of a bundled recipe: live, fast, paper-wflw, paper-300w, synthetic, ablation, detector"},
    {WT_OPTION_STRING, "--data", 0, AT(data), "LIST",
     "faces, in place of the recipe's: \"PATH[@SUBSET][*WEIGHT][ in FOLDER]\"; a list, a folder "
     "of .pts files, or a MATLAB file of COFW or AFLW-19; FOLDER: where its pictures are"},
    {WT_OPTION_STRING, "--out", 0, AT(out), "DIR",
     "train, and keep weights, state and log in this folder"},
    {WT_OPTION_FLAG, "--resume", 0, AT(resume), NULL, "continue the run in the folder"},
    {WT_OPTION_STRING, "--from", 0, AT(from), "WEIGHTS",
     "start from these weights (safetensors, or a .pth checkpoint) instead of random ones; "
     "additional stacks start as copies of the last one"},
    {WT_OPTION_INT, "--show", 0, AT(show), "N",
     "write a sheet of N augmented faces, or of a detector's frames, with their targets", 1, 500},
    {WT_OPTION_STRING, "--output", 'o', AT(output), "FILE",
     "the sheet: a picture file (default: sheet.png, with --out in its folder)"},
    {WT_OPTION_INT, "--measure", 0, AT(measure), "SECONDS",
     "measure for that long how many faces a second are read and augmented, and the cost of "
     "targets and loss",
     1, 3600},
    {WT_OPTION_STRING, "--figures", 0, AT(figures), "DIR",
     "draw the method's figures: losses and gradients, targets and weight map, coordinates"},
    {WT_OPTION_FLAG, "--help-recipe", 0, AT(help_recipe), NULL,
     "print a recipe that explains every option"},
    {WT_OPTION_INT, "--threads", 0, AT(threads), "N",
     "threads that train, or that read and augment for --show and --measure, 1 to 64; 0: one per "
     "physical core",
     0, 64},
    {WT_OPTION_STRING, "--cpu-mask", 0, AT(cpu_mask), "LEVEL", WT_TRAIN_LEVEL_HELP},
    {WT_OPTION_INT, "--seed", 0, AT(seed), "N", WT_SEED_HELP, 0, 2147483647},
    {.name = NULL},
};
#undef AT

static void show_progress(void *user, size_t done)
{
    wt_progress_update(user, (int64_t)done, NULL);
}

static enum wt_status add_sources(struct wt_faces *faces, const struct settings *s,
                                  const struct wt_recipe *recipe)
{
    enum wt_status status = WT_OK;
    if (s->data)
        return wt_faces_add(faces, s->data);
    for (int i = 0; i < recipe->sources && !status; i++)
        status = wt_faces_add(faces, recipe->data[i]);
    return status;
}

/* What a run needs: settings, the recipe, and the faces, which every rank opens itself. */
struct job {
    const struct settings *s;
    struct wt_team team;
    struct wt_recipe recipe;
    struct wt_faces *faces, *validation;
    int threads;
};

static bool first(const struct job *j)
{
    return wt_ranks_first(j->team.ranks);
}

static bool needs_faces(const struct settings *s)
{
    return s->show || s->measure || s->out;
}

static enum wt_status check_faces(const struct job *j, const struct wt_faces *faces)
{
    struct wt_progress progress;
    if (!first(j))
        return wt_faces_check(faces, j->threads, NULL, NULL);
    wt_progress_start(&progress, "faces checked", (int64_t)wt_faces_count(faces));
    const enum wt_status status = wt_faces_check(faces, j->threads, show_progress, &progress);
    if (!status)
        wt_progress_finish(&progress);
    return status;
}

/* Opens the sources and checks every face; the validation faces only for a run. */
static enum wt_status open_faces(struct job *j)
{
    const char *validation = j->s->out ? j->recipe.validation : NULL;
    enum wt_status status = wt_faces_create(&j->faces, j->recipe.points);
    if (!status)
        status = add_sources(j->faces, j->s, &j->recipe);
    if (!status)
        status = check_faces(j, j->faces);
    if (!status && validation)
        status = wt_faces_create(&j->validation, j->recipe.points);
    if (!status && validation)
        status = wt_faces_add(j->validation, validation);
    if (!status && validation)
        status = check_faces(j, j->validation);
    return status;
}

static enum wt_status check_settings(const struct job *j)
{
    const struct settings *s = j->s;
    const char *wrong = NULL;
    if ((s->resume || s->from) && !s->out)
        wrong = "--resume and --from need --out";
    else if (s->output && !s->show)
        wrong = "--output names the sheet of --show";
    else if (!s->help_recipe && !s->figures && !needs_faces(s))
        wrong = "nothing to do; give --out, --show, --measure, --figures or --help-recipe";
    else if (needs_faces(s) && !s->data && !s->recipe)
        wrong = "--out, --show and --measure need --data or --recipe";
    else if (j->team.ranks && !s->out)
        wrong = "several processes are for --out only";
    return wrong ? wt_fail(WT_ERR_ARGUMENT, "train: %s", wrong) : WT_OK;
}

static enum wt_status read_recipe(struct wt_recipe *recipe, const char *name)
{
    struct wt_path path;
    if (!wt_recipe_path(name, path.text, sizeof path.text))
        return wt_fail(WT_ERR_ARGUMENT, "--recipe: the name is too long");
    return wt_recipe_read(recipe, path.text);
}

/* What a run makes lies in its folder, the sheet as well. */
static enum wt_status show_faces(const struct job *j)
{
    const struct settings *s = j->s;
    struct wt_path path;
    enum wt_status status = s->output ? wt_path_print(&path, "%s", s->output)
                                      : wt_path_print(&path, "%s/sheet.png", s->out ? s->out : ".");
    for (size_t i = 0; i < wt_faces_count(j->faces) && !status; i++)
        status = wt_outputs_apart(&(struct wt_outputs){
            .in = {wt_faces_get(j->faces, i).sample->image}, .out = {path.text}});
    if (!status)
        status =
            wt_train_sheet(&j->recipe, j->faces, s->show, j->threads, (uint64_t)s->seed, path.text);
    return status;
}

/* Everything up to the run itself; no rank waits for another in it. */
static enum wt_status prepare(struct job *j)
{
    const struct settings *s = j->s;
    enum wt_status status = check_settings(j);
    if (!status && s->recipe)
        status = read_recipe(&j->recipe, s->recipe);
    if (!status && needs_faces(s) && !s->data && !j->recipe.sources)
        status = wt_fail(WT_ERR_ARGUMENT, "%s: names no data; give --data", s->recipe);
    if (!status && s->help_recipe && first(j))
        wt_recipe_print(&j->recipe, stdout);
    if (!status && s->figures && first(j))
        status = wt_train_figures(s->figures);
    if (status || !needs_faces(s))
        return status;
    wt_opencv_single_thread();
    if (s->out && first(j))
        status = wt_train_check_folder(s->out, s->resume);
    if (!status)
        status = open_faces(j);
    if (!status && s->measure && first(j))
        status = wt_train_measure(&j->recipe, j->faces, s->measure, j->threads, (uint64_t)s->seed);
    if (!status && s->show && first(j))
        status = show_faces(j);
    return status;
}

static enum wt_status train(struct job *j)
{
    const struct settings *s = j->s;
    const struct wt_train_command c = {.folder = s->out,
                                       .from = s->from,
                                       .cpu_mask = s->cpu_mask,
                                       .resume = s->resume,
                                       .threads = j->threads,
                                       .seed = (uint64_t)s->seed,
                                       .source =
                                           s->data ? &s->data : (const char *const *)j->recipe.data,
                                       .sources = s->data ? 1 : j->recipe.sources,
                                       .ranks = j->team.ranks};
    return wt_train_with_report(&j->recipe, j->faces, j->validation, &c);
}

static int run(void *settings)
{
    struct job j = {.s = settings};
    wt_recipe_init(&j.recipe);
    enum wt_status status = wt_team_join(&j.team);
    j.threads = wt_team_threads(&j.team, j.s->threads);
    if (!status)
        status = wt_ranks_agree(j.team.ranks, prepare(&j));
    if (!status && j.s->out)
        status = train(&j);
    wt_faces_destroy(&j.validation);
    wt_faces_destroy(&j.faces);
    wt_recipe_fini(&j.recipe);
    return wt_exit_status(wt_team_leave(&j.team, status));
}

const struct wt_command wt_command_train = {
    .name = "train",
    .summary = "Train a network on annotated faces, or show the data and the method's figures.",
    .details = "With --out the recipe is run: every face is checked first; every step adds a line "
               "to DIR/log.csv; DIR/last.safetensors and, with a validation list, "
               "DIR/best.safetensors hold weights that can be used at any time, and "
               "DIR/report.html shows the run's progress in a browser, while it runs and later. "
               "Ctrl-C saves and ends; --resume continues to the same result as an uninterrupted "
               "run. Started by mpirun, several processes train together, each with its share of "
               "every batch. Without a recipe the defaults are those of the live weights.",
    .option = options,
    .settings_size = sizeof(struct settings),
    .run = run,
};
