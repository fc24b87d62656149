/* `wingtip profile`: subcommands about what a person has taught the program. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/status.h"
#include "cli/options.h"
#include "cli/subcommands.h"
#include "data/faces.h"
#include "teach/cmd_profile.h"
#include "teach/profile_figures.h"

/* ---- what they share ----------------------------------------------------------------------- */

#define AT(field) offsetof(struct wt_profile_settings, field)
#define NAME                                                                                       \
    {                                                                                              \
        WT_OPTION_POSITIONAL, "NAME", 0, AT(name), NULL, "the profile", .required = true           \
    }
#define FOLDER                                                                                     \
    {                                                                                              \
        WT_OPTION_STRING, "--profiles", 0, AT(folder), "DIR",                                      \
            "folder of the profiles; default: $XDG_DATA_HOME/wingtip/profiles"                     \
    }

static enum wt_status open_profile(const struct wt_profile_settings *s,
                                   struct wt_profile_store *store, struct wt_profile **p)
{
    const enum wt_status status = wt_profile_store_init(store, s->folder);
    return status ? status : wt_profile_open(p, store, s->name);
}

/* ---- list ---------------------------------------------------------------------------------- */

static const struct wt_option list_options[] = {FOLDER, {.name = NULL}};

/* A broken one does not hide the others. */
static enum wt_status print_names(const struct wt_profile_store *store, char **names, size_t count)
{
    enum wt_status worst = WT_OK;
    for (size_t i = 0; i < count; i++) {
        struct wt_profile *p = NULL;
        const enum wt_status status = wt_profile_open(&p, store, names[i]);
        if (!status)
            printf("%-24s %4zu corrections  %s%s\n", p->name, p->truth.count, p->model,
                   p->learned ? ", learned" : "");
        worst = status ? status : worst;
        wt_profile_close(&p);
    }
    return worst;
}

static int run_list(void *settings)
{
    const struct wt_profile_settings *s = settings;
    struct wt_profile_store store;
    char **names = NULL;
    size_t count = 0;
    enum wt_status status = wt_profile_store_init(&store, s->folder);
    if (!status)
        status = wt_profile_names(&store, &names, &count);
    if (!status)
        status = print_names(&store, names, count);
    if (!status && !count)
        printf("no profiles in %s\n", store.folder.text);
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
    return wt_exit_status(status);
}

static const struct wt_command subcommand_list = {
    .name = "profile list",
    .summary = "shows which profiles there are",
    .option = list_options,
    .settings_size = sizeof(struct wt_profile_settings),
    .run = run_list,
};

/* ---- add ----------------------------------------------------------------------------------- */

static const struct wt_option add_options[] = {
    NAME,
    {WT_OPTION_STRING, "--data", 0, AT(data), "LIST",
     "the corrected faces: a list with the network's points, as for train", .required = true},
    {WT_OPTION_STRING, "--model", 0, AT(model), "FILE",
     "of a new profile: the weights that it corrects; default: wingtip-98"},
    {WT_OPTION_FLAG, "--force", 0, AT(force), NULL,
     "also corrections that cannot be right: far from what the network finds, or at odds with "
     "earlier ones"},
    {WT_OPTION_INT, "--threads", 0, AT(threads), "N", WT_THREADS_HELP, 0, 64},
    {WT_OPTION_STRING, "--cpu-mask", 0, AT(cpu_mask), "LEVEL",
     "highest instruction set to use: c, ... amx or auto"},
    FOLDER,
    {.name = NULL}};

/* The list's faces with their pictures, which are read one after the other and cut. */
struct faces {
    struct wt_faces *list;
    struct wt_picture *picture; /* [count] */
    struct wt_face_in_frame *face;
    struct wt_image *image;
    size_t count;
};

static void free_faces(struct faces *f)
{
    for (size_t i = 0; f->picture && i < f->count; i++)
        wt_picture_fini(&f->picture[i]);
    free(f->picture);
    free(f->face);
    free(f->image);
    wt_faces_destroy(&f->list);
}

static enum wt_status read_face(struct faces *f, size_t i)
{
    char where[512], reason[160];
    const struct wt_train_face t = wt_faces_get(f->list, i);
    enum wt_status status =
        wt_sample_picture(t.sample, &f->picture[i], &f->image[i], reason, sizeof reason);
    if (status)
        return wt_fail(status, "%s: %s", wt_face_where(&t, where, sizeof where), reason);
    f->face[i] = (struct wt_face_in_frame){&f->image[i], t.point, wt_faces_scheme(f->list)->points};
    return WT_OK;
}

static enum wt_status read_faces(struct faces *f, const char *list, int points, int threads)
{
    enum wt_status status = wt_faces_create(&f->list, points);
    if (!status)
        status = wt_faces_add(f->list, list);
    if (!status)
        status = wt_faces_check(f->list, threads, NULL, NULL);
    const size_t count = status ? 0 : wt_faces_count(f->list);
    if (!status && count > WT_PROFILE_MOST)
        return wt_fail(WT_ERR_ARGUMENT, "%s: %zu faces: a profile holds %d at most", list, count,
                       WT_PROFILE_MOST);
    if (status)
        return status;
    f->picture = calloc(count, sizeof *f->picture);
    f->face = calloc(count, sizeof *f->face);
    f->image = calloc(count, sizeof *f->image);
    f->count = count;
    if (!f->picture || !f->face || !f->image)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", list);
    for (size_t i = 0; i < count && !status; i++)
        status = read_face(f, i);
    return status;
}

static void print_own(const struct wt_profile_figure *f)
{
    printf(
        "NME of the corrections, %% by the outer eye corners, tracker's crop: network %.2f; with "
        "the offset of the others %.2f\n",
        f->network.nme, f->corrected.nme);
}

static enum wt_status report_own(const struct wt_profile_store *store, const char *name,
                                 const struct wt_profile_run *run)
{
    struct wt_profile *p = NULL;
    struct wt_profile_figure own;
    enum wt_status status = wt_profile_open(&p, store, name);
    if (!status)
        status = wt_profile_measure_own(p, run, &own);
    if (!status) {
        printf("profile %s: %zu corrections in %s\n", name, p->truth.count, p->folder.text);
        print_own(&own);
    }
    wt_profile_close(&p);
    return status;
}

static int run_add(void *settings)
{
    const struct wt_profile_settings *s = settings;
    struct wt_profile_store store;
    struct faces f = {.count = 0};
    const struct wt_profile_run run = {
        .model = s->model, .threads = s->threads, .cpu_mask = s->cpu_mask, .force = s->force};
    int points = 0;
    enum wt_status status = wt_profile_store_init(&store, s->folder);
    if (!status)
        status = wt_profile_name_check(s->name);
    if (!status)
        status = wt_profile_points(&store, s->name, s->model, &points);
    if (!status)
        status = read_faces(&f, s->data, points, wt_cpu_threads(s->threads));
    if (!status) {
        printf("keeping %zu picture%s of faces in %s/%s; wingtip profile delete removes them\n",
               f.count, f.count == 1 ? "" : "s", store.folder.text, s->name);
        fflush(stdout);
    }
    if (!status)
        status = wt_profile_add(&store, s->name, &run, f.face, f.count);
    free_faces(&f);
    if (!status)
        status = report_own(&store, s->name, &run);
    return wt_exit_status(status);
}

static const struct wt_command subcommand_add = {
    .name = "profile add",
    .summary = "adds corrected faces; their offset takes effect at once",
    .details = "Of each picture the part around the face is kept in the profile's folder, on this "
               "computer. The offset of each point is learned in the frame of the eyes, and, from "
               "the second correction on, by pose and expression. `track` and `live` use it with "
               "--profile NAME.",
    .option = add_options,
    .settings_size = sizeof(struct wt_profile_settings),
    .run = run_add,
};

/* ---- export, rename, delete
 * ------------------------------------------------------------------------ */

static const struct wt_option export_options[] = {NAME,
                                                  {WT_OPTION_STRING, "--out", 0, AT(out), "DIR",
                                                   "a folder that is not there yet",
                                                   .required = true},
                                                  FOLDER,
                                                  {.name = NULL}};

static int run_export(void *settings)
{
    const struct wt_profile_settings *s = settings;
    struct wt_profile_store store;
    struct wt_profile *p = NULL;
    enum wt_status status = open_profile(s, &store, &p);
    if (!status)
        status = wt_profile_export(p, s->out);
    if (!status)
        printf("%s: %zu corrections in corrections.txt%s\n", s->out, p->truth.count,
               p->learned ? ", weights.safetensors" : "");
    wt_profile_close(&p);
    return wt_exit_status(status);
}

static const struct wt_command subcommand_export = {
    .name = "profile export",
    .summary = "copies a profile as ordinary files: list, pictures, weights",
    .details =
        "corrections.txt is a list that `wingtip eval` and `train` read, weights.safetensors "
        "(where the network has learned) is what --model takes, and README.md says what they "
        "are.",
    .option = export_options,
    .settings_size = sizeof(struct wt_profile_settings),
    .run = run_export,
};

static const struct wt_option rename_options[] = {NAME,
                                                  {WT_OPTION_POSITIONAL, "NEW", 0, AT(to), NULL,
                                                   "what it is called from now on",
                                                   .required = true},
                                                  FOLDER,
                                                  {.name = NULL}};

static int run_rename(void *settings)
{
    const struct wt_profile_settings *s = settings;
    struct wt_profile_store store;
    enum wt_status status = wt_profile_store_init(&store, s->folder);
    if (!status)
        status = wt_profile_rename(&store, s->name, s->to);
    if (!status)
        printf("profile %s is called %s now\n", s->name, s->to);
    return wt_exit_status(status);
}

static const struct wt_command subcommand_rename = {
    .name = "profile rename",
    .summary = "gives a profile another name",
    .details = "Its corrections, history and weights stay as they are. A name that is taken is "
               "refused.",
    .option = rename_options,
    .settings_size = sizeof(struct wt_profile_settings),
    .run = run_rename,
};

static const struct wt_option delete_options[] = {NAME, FOLDER, {.name = NULL}};

static int run_delete(void *settings)
{
    const struct wt_profile_settings *s = settings;
    struct wt_profile_store store;
    enum wt_status status = wt_profile_store_init(&store, s->folder);
    if (!status)
        status = wt_profile_delete(&store, s->name);
    if (!status)
        printf("profile %s: deleted with its pictures and weights\n", s->name);
    return wt_exit_status(status);
}

static const struct wt_command subcommand_delete = {
    .name = "profile delete",
    .summary = "removes a profile with its pictures and weights",
    .option = delete_options,
    .settings_size = sizeof(struct wt_profile_settings),
    .run = run_delete,
};
#undef AT

/* ---- subcommands --------------------------------------------------------------------------- */

static const struct wt_command *const subcommands[] = {
    &subcommand_list,   &wt_command_profile_show, &subcommand_add,   &wt_command_profile_learn,
    &subcommand_export, &subcommand_rename,       &subcommand_delete};

const struct wt_subcommands wt_profile_subcommands = {
    "profile", "What the program has been taught about a face.", subcommands,
    sizeof subcommands / sizeof *subcommands};
