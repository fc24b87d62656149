/* `wingtip profile learn`: the offset at once, then the network. */
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "base/json.h"
#include "base/status.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "teach/cmd_profile.h"
#include "teach/learner.h"
#include "teach/profile_figures.h"
#include "teach/profile_internal.h"

static const char *const layers_choice[] = {"all", "last", "stack", NULL};   /* wt_tune_layers */
static const char *const precision_choice[] = {"auto", "f32", "bf16", NULL}; /* wt_precision */

#define AT(field) offsetof(struct wt_profile_settings, field)
static const struct wt_option options[] = {
    {WT_OPTION_POSITIONAL, "NAME", 0, AT(name), NULL, "the profile", .required = true},
    {WT_OPTION_REAL, "--seconds", 0, AT(seconds), "N",
     "how long the network learns; 0: as --steps says, or the offset alone", 0, 1e6},
    {WT_OPTION_INT, "--steps", 0, AT(steps), "N", "steps at most; 0: by time alone", 0, 1000000},
    {WT_OPTION_CHOICE, "--layers", 0, AT(layers), NULL, "what learns", 0, 0, layers_choice},
    {WT_OPTION_REAL, "--rate", 0, AT(rate), "R", "learning rate", 1e-9, 10},
    {WT_OPTION_FLAG, "--back", 0, AT(back), NULL,
     "forget what the network has learned: the original one again, and its offset"},
    {WT_OPTION_INT, "--nice", 0, AT(nice), "N",
     "priority of learning, as of nice(1): 0 as other programs, 19 lowest", 0, 19},
    {WT_OPTION_INT, "--threads", 0, AT(threads), "N", WT_THREADS_HELP, 0, 64},
    {WT_OPTION_CHOICE, "--precision", 0, AT(precision), NULL, "arithmetic of training", 0, 0,
     precision_choice},
    {WT_OPTION_STRING, "--cpu-mask", 0, AT(cpu_mask), "LEVEL",
     "highest instruction set to use: c, ... amx or auto"},
    {WT_OPTION_INT, "--seed", 0, AT(seed), "N", WT_SEED_HELP, 0, 2147483647},
    {WT_OPTION_STRING, "--profiles", 0, AT(folder), "DIR", WT_PROFILES_HELP},
    {.name = NULL},
};
#undef AT

static void defaults(void *settings)
{
    struct wt_profile_settings *s = settings;
    const struct wt_learner_options o = wt_learner_defaults();
    s->seconds = o.seconds;
    s->layers = (int)o.layers;
    s->rate = o.rate;
    s->nice = o.nice;
}

/* Found anew where what is known may no longer hold, or where that is all there is to do; else the
 * first step need not wait for it. */
static enum wt_status refresh(const struct wt_profile_store *store,
                              const struct wt_profile_settings *s, bool *stale)
{
    const struct wt_profile_run run = {.threads = s->threads, .cpu_mask = s->cpu_mask};
    if (!s->back && !*stale && (s->seconds > 0 || s->steps > 0))
        return WT_OK;
    cJSON *event = cJSON_CreateObject();
    cJSON_AddStringToObject(event, "event", s->back ? "back" : "fit");
    *stale = true;
    return wt_profile_refresh(store, s->name, &run,
                              &(struct wt_profile_update){.back = s->back, .event = event});
}

static enum wt_status fit(const struct wt_profile_store *store, const struct wt_profile_settings *s)
{
    struct wt_profile *p = NULL;
    double error = NAN;
    enum wt_status status = wt_profile_open(&p, store, s->name);
    bool again = !status && p->stale;
    if (!status)
        status = refresh(store, s, &again);
    if (!status && again) {
        wt_profile_close(&p);
        status = wt_profile_open(&p, store, s->name);
    }
    if (!status)
        status = wt_profile_error_of(p, p->truth.count, &error);
    if (!status)
        printf("offset of %zu corrections: %.2f %% of the eye distance, leave-one-out\n",
               p->truth.count, error);
    fflush(stdout);
    wt_profile_close(&p);
    return status;
}

/* The first step is shown at once, so that one sees that it learns. */
static void show(struct wt_progress *bar, const struct wt_learner_progress *p)
{
    char note[200], guard[64] = "", error[64] = "";
    if (!isnan(p->guard))
        snprintf(guard, sizeof guard, ", guard %.2f %%, moved %.2f %%", p->guard, p->drift);
    if (!isnan(p->error))
        snprintf(error, sizeof error, ", error %.2f %% (at first %.2f %%)", p->error, p->before);
    snprintf(note, sizeof note, "loss %.3f%s%s, %d:%02d left", p->loss, error, guard,
             (int)(p->left / 60), (int)p->left % 60);
    if (p->state != WT_LEARNER_LEARNING || p->step < 1)
        return;
    if (bar->done == 0)
        wt_progress_now(bar, p->step, note);
    else
        wt_progress_update(bar, p->step, note);
}

static enum wt_status watch(struct wt_learner *learner, struct wt_learner_progress *p, int steps)
{
    struct wt_progress bar;
    wt_progress_start(&bar, "steps", steps ? steps : -1);
    do {
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
        wt_learner_progress(learner, p);
        show(&bar, p);
        if (wt_interrupted())
            wt_learner_stop(learner);
    } while (!wt_learner_over(p->state));
    const enum wt_status status = wt_learner_end(&learner);
    if (!status)
        wt_progress_finish(&bar);
    return status;
}

static enum wt_status learn(const struct wt_profile_store *store,
                            const struct wt_profile_settings *s)
{
    struct wt_learner_options o = wt_learner_defaults();
    struct wt_learner *learner = NULL;
    struct wt_learner_progress p;
    o.store = store;
    o.name = s->name;
    o.seconds = s->seconds;
    o.steps = s->steps;
    o.layers = (enum wt_tune_layers)s->layers;
    o.rate = s->rate;
    o.threads = s->threads;
    o.nice = s->nice;
    o.precision = s->precision;
    o.cpu_mask = s->cpu_mask;
    o.seed = (uint64_t)s->seed;
    enum wt_status status = wt_learner_start(&learner, &o);
    if (!status)
        status = watch(learner, &p, s->steps);
    if (!status)
        printf("%s%s\n", p.stopped ? "stopped; " : "", p.message);
    if (!status && p.step > 0)
        printf("%d steps in %.0f s, %.1f faces a second; the first after %.1f s\n", p.step,
               p.seconds, p.faces_a_second, p.first);
    return status;
}

static int run_learn(void *settings)
{
    const struct wt_profile_settings *s = settings;
    struct wt_profile_store store;
    wt_interrupt_catch();
    enum wt_status status = wt_profile_store_init(&store, s->folder);
    if (!status)
        status = wt_profile_name_check(s->name);
    if (!status)
        status = fit(&store, s);
    if (!status && !s->back && !wt_interrupted() && (s->seconds > 0 || s->steps > 0))
        status = learn(&store, s);
    return wt_exit_status(status);
}

const struct wt_command wt_command_profile_learn = {
    .name = "profile learn",
    .summary = "fits the offset, then teaches the network",
    .details = "The network starts from the original weights, learns what the offset cannot say, "
               "and is held to what it finds in rendered faces. It is kept if the corrections' "
               "error is less than before and other faces stay where they were; else it is taken "
               "back. Ctrl-C ends learning and keeps what is better by then.",
    .option = options,
    .settings_size = sizeof(struct wt_profile_settings),
    .defaults = defaults,
    .run = run_learn,
};
