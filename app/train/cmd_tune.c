#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cpu.h"
#include "base/outputs.h"
#include "base/paths.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "teach/learned_weights.h"
#include "train/cmd_train.h"
#include "train/train.h"
#include "train/tune.h"
#include "weights/card.h"
#include "weights/model_file.h"

/* Without a guard list every fifth face of the replay list is held out for the guard. */
enum { HELD_OUT = 5 };

struct settings {
    const char *from, *data, *out, *replay, *guard, *cpu_mask;
    int layers, steps, every, batch, threads, precision, seed, views;
    bool held;
    double minutes, rate, worse;
};

static const char *const layers_choice[] = {"all", "last", "stack", NULL}; /* enum wt_tune_layers */
static const char *const precision_choice[] = {"auto", "f32", "bf16", NULL}; /* enum wt_precision */

#define AT(field) offsetof(struct settings, field)
static const struct wt_option options[] = {
    {WT_OPTION_STRING, "--from", 0, AT(from), "WEIGHTS",
     "the network to tune (safetensors, or a .pth checkpoint)", .required = true},
    {WT_OPTION_STRING, "--data", 0, AT(data), "LIST",
     "faces to learn, as for train: \"PATH[@SUBSET][ in FOLDER]\"", .required = true},
    {WT_OPTION_STRING, "--out", 0, AT(out), "FILE", "the tuned weights", .required = true},
    {WT_OPTION_STRING, "--replay", 0, AT(replay), "LIST",
     "other faces, mixed into every step so that they are not forgotten; without --guard a fifth "
     "of "
     "them, at most 100, is held out for it"},
    {WT_OPTION_STRING, "--guard", 0, AT(guard), "LIST",
     "faces that must not get worse; at most 100 of them are measured"},
    {WT_OPTION_REAL, "--worse", 0, AT(worse), "PERCENT",
     "how much the guard's error may rise, relative, in per cent", 0, 1000},
    {WT_OPTION_CHOICE, "--layers", 0, AT(layers), NULL,
     "what learns: the whole network, the last stack, or the last layers only, which is faster and "
     "changes less",
     0, 0, layers_choice},
    {WT_OPTION_INT, "--views", 0, AT(views), "N",
     "with --layers stack or last: crops of the faces that are kept with what the other layers "
     "give for them, which makes steps cheap; 0: each step makes new ones",
     0, 256},
    {WT_OPTION_FLAG, "--held", 0, AT(held), NULL,
     "with --views: hold the other faces to what the network finds in them at first"},
    {WT_OPTION_INT, "--steps", 0, AT(steps), "N", "steps; 0: 200, or as --minutes says", 0,
     1000000},
    {WT_OPTION_REAL, "--minutes", 0, AT(minutes), "M", "time limit; 0: none", 0, 1e6},
    {WT_OPTION_REAL, "--rate", 0, AT(rate), "R", "learning rate", 1e-9, 10},
    {WT_OPTION_INT, "--every", 0, AT(every), "N", "steps between measurements", 1, 100000},
    {WT_OPTION_INT, "--batch", 0, AT(batch), "N",
     "faces to learn in a step; as many others join them", 1, 64},
    {WT_OPTION_INT, "--threads", 0, AT(threads), "N",
     "threads that train, 1 to 64; 0: one per physical core", 0, 64},
    {WT_OPTION_CHOICE, "--precision", 0, AT(precision), NULL,
     "arithmetic of training; auto: bf16 where the processor multiplies it fast", 0, 0,
     precision_choice},
    {WT_OPTION_STRING, "--cpu-mask", 0, AT(cpu_mask), "LEVEL", WT_TRAIN_LEVEL_HELP},
    {WT_OPTION_INT, "--seed", 0, AT(seed), "N", WT_SEED_HELP, 0, 2147483647},
    {.name = NULL},
};
#undef AT

static void defaults(void *settings)
{
    struct settings *s = settings;
    const struct wt_tune_options o = wt_tune_defaults();
    s->rate = o.rate;
    s->worse = o.worse;
    s->every = o.every;
    s->batch = o.batch;
}

/* What a run needs, in the order in which it is opened. */
struct job {
    struct wt_model_file model;
    struct wt_faces *faces, *replay, *guard;
    struct wt_tune *tune;
    struct wt_progress progress;
    double before; /* error of the faces to learn */
};

/* ---- faces ---- */

static enum wt_status open_list(struct wt_faces **out, const char *list, const struct job *j,
                                int threads)
{
    enum wt_status status = wt_faces_create(out, j->model.arch.points);
    if (!status)
        status = wt_faces_add(*out, list);
    return status ? status : wt_faces_check(*out, threads, NULL, NULL);
}

/* The guard: the given list, or a part of the replay list, which is removed from it. */
static enum wt_status open_guard(struct job *j, const struct settings *s, int threads)
{
    const size_t replayed = j->replay ? wt_faces_count(j->replay) : 0;
    if (s->guard)
        return open_list(&j->guard, s->guard, j, threads);
    if (replayed < HELD_OUT) {
        wt_log(WT_LOG_WARN,
               "tune: without --guard, or a --replay list of at least %d faces, it is not checked "
               "whether other faces get worse",
               HELD_OUT);
        return WT_OK;
    }
    const size_t spread = replayed / WT_TUNE_MEASURED,
                 every = spread > HELD_OUT ? spread : HELD_OUT;
    enum wt_status status = wt_faces_create(&j->guard, j->model.arch.points);
    if (!status)
        status = wt_faces_add(j->guard, s->replay);
    if (status)
        return status;
    wt_faces_part(j->guard, every, WT_TUNE_MEASURED, false);
    wt_faces_part(j->replay, every, WT_TUNE_MEASURED, true);
    return WT_OK;
}

static enum wt_status open_faces(struct job *j, const struct settings *s)
{
    const int threads = wt_cpu_threads(s->threads);
    enum wt_status status = open_list(&j->faces, s->data, j, threads);
    if (!status && s->replay)
        status = open_list(&j->replay, s->replay, j, threads);
    return status ? status : open_guard(j, s, threads);
}

/* ---- the run ---- */

static bool show_step(void *user, const struct wt_tune_step *s)
{
    struct job *j = user;
    char note[128], guard[32] = "";
    if (s->step == 0)
        j->before = s->nme;
    if (!isnan(s->guard))
        snprintf(guard, sizeof guard, ", guard %.2f %%", s->guard);
    snprintf(note, sizeof note, "loss %.4f, NME %.2f %% (at first %.2f %%)%s, %d:%02d left",
             s->loss, s->nme, j->before, guard, (int)(s->left / 60), (int)s->left % 60);
    wt_progress_update(&j->progress, s->step, note);
    return !wt_interrupted();
}

static enum wt_status make_tune(struct job *j, const struct settings *s)
{
    struct wt_tune_options o = wt_tune_defaults();
    o.from = j->model.weights;
    o.faces = j->faces;
    o.replay = j->replay;
    o.guard = j->guard;
    o.layers = (enum wt_tune_layers)s->layers;
    o.views = s->views;
    o.held = s->held;
    if (s->steps || s->minutes > 0)
        o.steps = s->steps;
    o.minutes = s->minutes;
    o.rate = s->rate;
    o.worse = s->worse;
    o.every = s->every;
    o.batch = s->batch;
    o.threads = wt_cpu_threads(s->threads);
    o.precision = s->precision;
    o.seed = (uint64_t)s->seed;
    o.step = show_step;
    o.user = j;
    enum wt_status status = wt_cpu_parse_level(s->cpu_mask, &o.level);
    if (!status)
        status = wt_tune_create(&j->tune, &o);
    if (!status)
        wt_log(WT_LOG_INFO, "tuning %s of %s with %s kernels, %d threads, %.0f MB",
               wt_tune_layers_name(o.layers), wt_base_name(s->from), wt_cpu_level_name(o.level),
               o.threads, (double)wt_tune_bytes(j->tune) * 1e-6);
    return status;
}

static void print_result(const struct wt_tune_result *r)
{
    static const char *const by[] = {"eye corners", "pupils", "box"}; /* enum wt_norm */
    printf("%-10s %6s %10s %10s   NME %%, by\n", "", "faces", "before", "after");
    printf("%-10s %6zu %10.3f %10.3f   %s\n", "to learn", r->measured, r->nme[0], r->nme[1],
           by[r->norm]);
    if (r->guarded)
        printf("%-10s %6zu %10.3f %10.3f   %s\n", "guard", r->guarded, r->guard[0], r->guard[1],
               by[r->guard_norm]);
}

static enum wt_status save(struct job *j, const struct settings *s, const struct wt_tune_result *r)
{
    struct wt_weights *w = NULL;
    print_result(r);
    if (!r->better)
        return wt_fail(
            WT_ERR_UNSUPPORTED,
            "tune: in %d steps nothing was better on %s within %g %% on the guard; the old "
            "weights are kept, and %s was not written",
            r->steps, wt_base_name(s->data), s->worse, s->out);
    enum wt_status status = wt_tune_snapshot(j->tune, WT_TUNE_BEST, &w);
    if (!status)
        status = wt_learned_weights_int8(j->tune, j->model.weights, w, r);
    if (!status)
        status = wt_weights_save(w, s->out);
    if (!status)
        wt_model_file_report(&j->model, s->out);
    wt_weights_destroy(&w);
    return status;
}

static enum wt_status tune(struct job *j, const struct settings *s)
{
    struct wt_tune_result r;
    enum wt_status status = make_tune(j, s);
    if (status)
        return status;
    wt_interrupt_catch();
    wt_progress_start(&j->progress, "steps", s->minutes > 0 ? -1 : s->steps ? s->steps : 200);
    status = wt_tune_run(j->tune, &r);
    if (!status)
        wt_progress_finish(&j->progress);
    if (!status && r.stopped)
        wt_log(WT_LOG_INFO, "stopped after %d steps", r.steps);
    return status ? status : save(j, s, &r);
}

/* Nor is a list overwritten whose name had a subset or a folder behind it. */
static enum wt_status check_lists(const struct job *j, const struct settings *s)
{
    const struct wt_faces *const list[] = {j->faces, j->replay, j->guard};
    enum wt_status status = WT_OK;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (list[i] && wt_faces_count(list[i]) && !status)
            status = wt_outputs_apart(
                &(struct wt_outputs){.in = {wt_faces_get(list[i], 0).source}, .out = {s->out}});
    return status;
}

static int run(void *settings)
{
    const struct settings *s = settings;
    struct job j = {.faces = NULL};
    enum wt_status status = wt_model_file_init(&j.model, s->from);
    if (!status)
        status = wt_outputs_check(
            &(struct wt_outputs){.in = {s->from, s->data, s->replay, s->guard}, .out = {s->out}});
    if (!status)
        status = open_faces(&j, s);
    if (!status)
        status = check_lists(&j, s);
    if (!status)
        status = tune(&j, s);
    wt_tune_destroy(&j.tune);
    wt_faces_destroy(&j.guard);
    wt_faces_destroy(&j.replay);
    wt_faces_destroy(&j.faces);
    wt_model_file_fini(&j.model);
    return wt_exit_status(status);
}

const struct wt_command wt_command_tune = {
    .name = "tune",
    .summary = "Teach a network a few faces without forgetting the others.",
    .details = "Trains from weights on a small list. The errors of those faces and of a guard list "
               "are measured at the start and every few steps; the best weights whose error on the "
               "guard has not risen by more than --worse are written. If there are none, FILE is "
               "not written and the exit status is 1. Ctrl-C ends the run and writes the best "
               "weights so far. Weights with ranges for int8 get new ones from the measured faces.",
    .option = options,
    .settings_size = sizeof(struct settings),
    .defaults = defaults,
    .run = run,
};
