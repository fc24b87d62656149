#include "teach/learner.h"

#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/status.h"
#include "teach/learned_weights.h"
#include "teach/learner_faces.h"
#include "teach/profile_figures.h"
#include "teach/profile_internal.h"

struct wt_learner {
    struct wt_learner_options options;
    struct wt_profile_store store;
    char name[72], cpu_mask[32];
    pthread_t thread;
    atomic_bool stopping;
    pthread_mutex_t lock; /* for what follows */
    struct wt_learner_progress progress;
    struct wt_tune *tune; /* while it runs; else NULL */
    double begin;         /* when the round was asked for, wt_now_s */
    enum wt_status status;
    int every; /* points of the curves are taken every so many steps; the learner's thread */
    int faces_a_step;
    double worse; /* per cent by which the guard's error may grow */
};

struct wt_learner_options wt_learner_defaults(void)
{
    return (struct wt_learner_options){
        .seconds = 60, .layers = WT_TUNE_STACK, .rate = 5e-5, .nice = 15};
}

/* ---- progress ------------------------------------------------------------------------------ */

static void set_state(struct wt_learner *l, enum wt_learner_state state)
{
    pthread_mutex_lock(&l->lock);
    l->progress.state = state;
    pthread_mutex_unlock(&l->lock);
}

static void end_with(struct wt_learner *l, enum wt_learner_state state, const char *format, ...)
    WT_PRINTF(3, 4);

static void end_with(struct wt_learner *l, enum wt_learner_state state, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    pthread_mutex_lock(&l->lock);
    vsnprintf(l->progress.message, sizeof l->progress.message, format, args);
    l->progress.state = state;
    pthread_mutex_unlock(&l->lock);
    va_end(args);
}

/* Half of the curves' points go when there is no room; later ones come half as often. */
static void add_point(struct wt_learner *l, const struct wt_tune_step *s)
{
    struct wt_learner_progress *p = &l->progress;
    if (s->step % l->every)
        return;
    if (p->points == WT_LEARNER_POINTS) {
        for (int i = 0; i < WT_LEARNER_POINTS / 2; i++)
            p->point[i] = p->point[2 * i];
        p->points = WT_LEARNER_POINTS / 2;
        l->every *= 2;
    }
    p->point[p->points++] = (struct wt_learner_point){
        (float)s->seconds, s->step ? (float)p->loss : NAN, (float)s->nme, (float)s->guard};
}

/* The old weights' errors, once they are known: of the points up to then, too. */
static void take_before(struct wt_learner *l, const struct wt_tune_step *s)
{
    struct wt_learner_progress *p = &l->progress;
    if (!isnan(p->before) || isnan(s->nme_before))
        return;
    p->before = s->nme_before;
    p->guard_before = s->guard_before;
    p->guard_limit = s->guard_before * (1 + l->worse / 100);
    for (int i = 0; i < p->points; i++) {
        p->point[i].error = (float)s->nme_before;
        p->point[i].guard = (float)s->guard_before;
    }
}

static bool take_step(void *user, const struct wt_tune_step *s)
{
    struct wt_learner *l = user;
    struct wt_learner_progress *p = &l->progress;
    pthread_mutex_lock(&l->lock);
    take_before(l, s);
    if (s->step > 0)
        p->loss = isnan(p->loss) ? s->loss : 0.9 * p->loss + 0.1 * s->loss;
    if (s->step == 1)
        p->first = wt_now_s() - l->begin;
    p->state = WT_LEARNER_LEARNING;
    p->step = s->step;
    p->error = s->nme;
    p->guard = s->guard;
    p->drift = s->drift;
    p->seconds = s->seconds;
    p->left = s->left;
    p->faces_a_second = s->seconds > 0 ? s->step * l->faces_a_step / s->seconds : 0;
    add_point(l, s);
    pthread_mutex_unlock(&l->lock);
    return !atomic_load(&l->stopping);
}

/* ---- a round ------------------------------------------------------------------------------- */

/* What a round needs, in the order in which it is opened. */
struct round {
    struct wt_profile *profile;
    struct wt_weights *original;
    struct wt_learner_faces faces;
    struct wt_profile_run run;
    double error; /* of the profile as it is, leave-one-out */
};

static enum wt_status open_round(struct wt_learner *l, struct round *r)
{
    struct wt_arch arch;
    r->run = (struct wt_profile_run){.threads = l->options.threads,
                                     .cpu_mask = l->options.cpu_mask,
                                     .precision = l->options.precision};
    enum wt_status status = wt_profile_open(&r->profile, &l->store, l->name);
    if (!status)
        status = wt_profile_error_of(r->profile, r->profile->truth.count, &r->error);
    if (!status)
        status = wt_weights_load(&r->original, r->profile->base.text);
    if (!status)
        status = wt_arch_from_weights(r->original, &arch);
    return status ? status : wt_learner_faces_open(&r->faces, r->profile, &r->run);
}

static void close_round(struct round *r)
{
    wt_learner_faces_close(&r->faces);
    wt_weights_destroy(&r->original);
    wt_profile_close(&r->profile);
}

static enum wt_status make_tune(struct wt_learner *l, const struct round *r, struct wt_tune **out)
{
    enum { VIEWS = 64 };
    const struct wt_learner_options *w = &l->options;
    struct wt_tune_options o = wt_tune_defaults();
    o.from = r->original;
    o.faces = r->faces.learn;
    o.own = r->faces.own;
    o.replay = r->faces.replay;
    o.guard = r->faces.guard;
    o.layers = w->layers;
    o.views = w->layers == WT_TUNE_ALL ? 0 : VIEWS;
    o.held = o.views > 0;
    o.drift = WT_LEARNER_DRIFT;
    o.late = true;
    o.steps = w->steps;
    o.minutes = w->seconds / 60;
    o.rate = w->rate;
    l->worse = o.worse;
    o.every = w->layers == WT_TUNE_ALL ? 8 : w->layers == WT_TUNE_STACK ? 10 : 20;
    o.threads = wt_cpu_threads(w->threads);
    o.precision = w->precision == WT_PRECISION_INT8 ? WT_PRECISION_AUTO : w->precision;
    o.seed = w->seed;
    o.step = take_step;
    o.user = l;
    l->faces_a_step = (r->faces.replay ? 2 : 1) * o.batch;
    const enum wt_status status = wt_cpu_parse_level(w->cpu_mask, &o.level);
    return status ? status : wt_tune_create(out, &o);
}

static enum wt_status run_tune(struct wt_learner *l, struct wt_tune *tune,
                               struct wt_tune_result *result)
{
    pthread_mutex_lock(&l->lock);
    l->tune = tune;
    if (atomic_load(&l->stopping))
        wt_tune_cancel(tune);
    pthread_mutex_unlock(&l->lock);
    const enum wt_status status = wt_tune_run(tune, result);
    pthread_mutex_lock(&l->lock);
    l->tune = NULL;
    pthread_mutex_unlock(&l->lock);
    return status;
}

/* What the guard's figures were, and what they may be: of what is kept, or at last. */
static void say_guard(const struct wt_learner *l, const struct wt_tune_result *x, bool kept,
                      char *out, size_t size)
{
    const struct wt_learner_progress *p = &l->progress;
    const double now = kept ? x->guard[1] : p->guard, drift = kept ? x->drift : p->drift;
    if (!x->judged)
        snprintf(out, size, "other faces were not looked at yet");
    else if (isnan(x->guard[0]))
        snprintf(out, size, "no guard for other faces");
    else
        snprintf(out, size,
                 "guard: %.2f -> %.2f %%, limit %.2f; its points moved by %.2f %%, limit %.2f",
                 x->guard[0], now, x->guard[0] * (1 + l->worse / 100), isnan(drift) ? 0.0 : drift,
                 WT_LEARNER_DRIFT);
}

static cJSON *event_of(const struct wt_learner *l, const struct round *r,
                       const struct wt_tune_result *x, bool kept, double error)
{
    cJSON *e = cJSON_CreateObject();
    cJSON_AddStringToObject(e, "event", kept ? "learn" : "taken back");
    cJSON_AddNumberToObject(e, "corrections", (double)r->profile->truth.count);
    cJSON_AddStringToObject(e, "layers", wt_tune_layers_name(l->options.layers));
    cJSON_AddNumberToObject(e, "steps", x->steps);
    wt_json_number(e, "seconds", l->progress.seconds, 4);
    wt_json_number(e, "error_before", r->error, 5);
    wt_json_number(e, "error", error, 5);
    wt_json_number(e, "guard_before", x->guard[0], 5);
    wt_json_number(e, "guard", x->guard[1], 5);
    wt_json_number(e, "drift", x->drift, 4);
    return e;
}

static enum wt_status take_back(struct wt_learner *l, const struct round *r,
                                const struct wt_tune_result *x, const char *why)
{
    char guard[200];
    const enum wt_status status =
        wt_profile_note(&l->store, l->name, event_of(l, r, x, false, r->error));
    say_guard(l, x, false, guard, sizeof guard);
    if (!status)
        end_with(l, WT_LEARNER_TAKEN_BACK, "taken back: %s; the profile is as it was (%s)", why,
                 guard);
    return status;
}

/* The judgement that counts is of the weights as they will run. */
static enum wt_status keep(struct wt_learner *l, const struct round *r, struct wt_tune *tune,
                           const struct wt_tune_result *x)
{
    struct wt_weights *w = NULL;
    double error = NAN;
    char guard[200];
    bool kept = false;
    set_state(l, WT_LEARNER_SAVING);
    enum wt_status status = wt_tune_snapshot(tune, WT_TUNE_BEST, &w);
    if (!status)
        status = wt_learned_weights_finish(tune, r->original, w, x, l->name);
    if (!status)
        status = wt_profile_refresh(
            &l->store, l->name, &r->run,
            &(struct wt_profile_update){.weights = w,
                                        .event = event_of(l, r, x, true, x->nme[1]),
                                        .most = r->error,
                                        .error = &error,
                                        .kept = &kept});
    wt_weights_destroy(&w);
    if (!status && !kept)
        return take_back(l, r, x, "the corrections' error would be more than it is");
    say_guard(l, x, true, guard, sizeof guard);
    if (!status)
        end_with(
            l, WT_LEARNER_KEPT,
            "learned: the corrections' error %.2f %% (leave-one-out), before %.2f %%; %s: kept",
            error, r->error, guard);
    return status;
}

static enum wt_status learn(struct wt_learner *l, struct round *r)
{
    struct wt_tune *tune = NULL;
    struct wt_tune_result x;
    if (r->faces.seen < WT_LEARNER_LEAST) {
        end_with(l, WT_LEARNER_TAKEN_BACK,
                 "%zu corrected face%s: the offset has them, and the network learns from %d on",
                 r->faces.seen, r->faces.seen == 1 ? "" : "s", WT_LEARNER_LEAST);
        return WT_OK;
    }
    enum wt_status status = make_tune(l, r, &tune);
    if (!status)
        status = run_tune(l, tune, &x);
    if (!status && !x.better)
        status =
            take_back(l, r, &x, "nothing better was found that leaves other faces as they are");
    else if (!status)
        status = keep(l, r, tune, &x);
    wt_tune_destroy(&tune);
    return status;
}

static void *run(void *argument)
{
    struct wt_learner *l = argument;
    struct round r = {.profile = NULL};
    pthread_setname_np(pthread_self(), "wt-learn");
    /* Of this thread alone, on Linux; those that it starts inherit it. */
    if (l->options.nice > 0)
        setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), l->options.nice);
    enum wt_status status = open_round(l, &r);
    if (!status)
        status = learn(l, &r);
    close_round(&r);
    l->status = status;
    if (status)
        end_with(l, WT_LEARNER_FAILED, "learning failed: %s", wt_status_text(status));
    return NULL;
}

/* ---- interface ----------------------------------------------------------------------------- */

enum wt_status wt_learner_start(struct wt_learner **out, const struct wt_learner_options *options)
{
    const struct wt_learner_options *o = options;
    if (!(o->seconds >= 0) || o->steps < 0 || (o->steps == 0 && !(o->seconds > 0)) ||
        o->threads < 0 || o->threads > 64 || o->nice < 0 || o->nice > 19 || !(o->rate > 0))
        return wt_fail(WT_ERR_ARGUMENT, "learning: an option is out of range");
    struct wt_learner *l = calloc(1, sizeof *l);
    if (!l)
        return wt_fail(WT_ERR_MEMORY, "out of memory for learning");
    l->options = *o;
    l->store = *o->store;
    snprintf(l->name, sizeof l->name, "%s", o->name);
    snprintf(l->cpu_mask, sizeof l->cpu_mask, "%s", o->cpu_mask ? o->cpu_mask : "");
    l->options.name = l->name;
    l->options.store = &l->store;
    l->options.cpu_mask = o->cpu_mask ? l->cpu_mask : NULL;
    l->every = 1;
    l->begin = wt_now_s();
    l->progress = (struct wt_learner_progress){.loss = NAN,
                                               .error = NAN,
                                               .before = NAN,
                                               .guard = NAN,
                                               .guard_before = NAN,
                                               .drift = NAN,
                                               .first = NAN,
                                               .guard_limit = NAN,
                                               .drift_limit = WT_LEARNER_DRIFT,
                                               .left = o->seconds};
    pthread_mutex_init(&l->lock, NULL);
    if (pthread_create(&l->thread, NULL, run, l)) {
        pthread_mutex_destroy(&l->lock);
        free(l);
        return wt_fail(WT_ERR_MEMORY, "cannot start a thread for learning");
    }
    *out = l;
    return WT_OK;
}

void wt_learner_progress(struct wt_learner *l, struct wt_learner_progress *out)
{
    pthread_mutex_lock(&l->lock);
    *out = l->progress;
    pthread_mutex_unlock(&l->lock);
    out->stopped = atomic_load(&l->stopping);
}

void wt_learner_stop(struct wt_learner *l)
{
    atomic_store(&l->stopping, true);
    pthread_mutex_lock(&l->lock);
    if (l->tune)
        wt_tune_cancel(l->tune);
    pthread_mutex_unlock(&l->lock);
}

enum wt_status wt_learner_end(struct wt_learner **learner)
{
    struct wt_learner *l = *learner;
    if (!l)
        return WT_OK;
    wt_learner_stop(l);
    pthread_join(l->thread, NULL);
    const enum wt_status status = l->status;
    pthread_mutex_destroy(&l->lock);
    free(l);
    *learner = NULL;
    return status;
}
