#include "train/tune.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "train/recipe.h"
#include "train/train.h"
#include "train/tune_internal.h"

enum { BATCH_MAX = 64, WARM_UP = 10, VIEWS_MAX = 256 };

struct wt_tune_options wt_tune_defaults(void)
{
    struct wt_recipe r;
    wt_recipe_init(&r);
    struct wt_tune_options o = {.steps = 200,
                                .rate = 1e-5,
                                .worse = 2,
                                .every = 20,
                                .batch = 4,
                                .threads = 1,
                                .precision = r.precision,
                                .loss = r.loss,
                                .target = r.target,
                                .augment = r.augment};
    wt_recipe_fini(&r);
    return o;
}

const char *wt_tune_layers_name(enum wt_tune_layers layers)
{
    return layers == WT_TUNE_LAST    ? "last layers"
           : layers == WT_TUNE_STACK ? "last stack"
                                     : "all layers";
}

/* ---- making ---- */

static enum wt_status check(const struct wt_tune_options *o, int points)
{
    const struct wt_faces *const set[] = {o->faces, o->replay, o->guard, o->own};
    if (o->batch < 1 || o->batch > BATCH_MAX || o->every < 1 || o->steps < 0 ||
        !(o->minutes >= 0) || (o->steps == 0 && !(o->minutes > 0)) || !(o->rate > 0) ||
        !(o->worse >= 0) || !(o->drift >= 0) || o->threads < 1 || o->threads > 64 || o->views < 0 ||
        o->views > VIEWS_MAX || (o->views && o->layers == WT_TUNE_ALL))
        return wt_fail(WT_ERR_ARGUMENT, "tune: an option is out of range");
    if (!o->faces || !wt_faces_count(o->faces))
        return wt_fail(WT_ERR_ARGUMENT, "tune: no faces to learn");
    for (size_t i = 0; i < sizeof set / sizeof *set; i++)
        if (set[i] && wt_faces_scheme(set[i])->points != points)
            return wt_fail(WT_ERR_ARGUMENT, "tune: faces for %d points, weights of %d",
                           wt_faces_scheme(set[i])->points, points);
    return WT_OK;
}

/* Is a node after the last hourglass, or in it? */
static bool is_last(void *user, const char *node)
{
    static const char *const part[] = {"m%d.", "top_m_%d.", "conv_last%d", "bn_end%d", "l%d"};
    const struct wt_tune *t = user;
    for (size_t i = t->options.layers == WT_TUNE_STACK ? 0 : 1; i < sizeof part / sizeof *part;
         i++) {
        char name[32];
        snprintf(name, sizeof name, part[i], t->arch.stacks - 1);
        if (i < 2 ? strncmp(node, name, strlen(name)) == 0 : strcmp(node, name) == 0)
            return true;
    }
    return false;
}

static enum wt_status add_loader(struct wt_tune *t, const struct wt_faces *faces)
{
    const size_t all = wt_faces_epoch_size(faces);
    struct wt_loader_options o = {.batch =
                                      (size_t)t->options.batch < all ? t->options.batch : (int)all,
                                  .threads = 1,
                                  .ahead = 1,
                                  .stride = (t->arch.points + 1 + 15) / 16 * 16,
                                  .seed = t->options.seed,
                                  .augment = t->options.augment,
                                  .target = t->options.target};
    o.augment.input = t->arch.input;
    enum wt_status status = wt_loader_create(&t->loader[t->loaders], faces, &o);
    t->loaders += !status;
    t->faces += o.batch;
    if (t->loaders == 1)
        t->first = o.batch;
    return status;
}

/* Values of what is trained, one after the other; NULL: out of memory. */
static float *copy_values(const struct wt_tune *t)
{
    size_t count = 0, at = 0;
    for (int i = 0; i < wt_tape_params(t->tape); i++)
        count += wt_tape_param(t->tape, i)->grad ? wt_tape_param(t->tape, i)->count : 0;
    float *values = malloc((count + 1) * sizeof *values);
    for (int i = 0; values && i < wt_tape_params(t->tape); i++) {
        const struct wt_tape_param *p = wt_tape_param(t->tape, i);
        if (p->grad)
            memcpy(values + at, p->value, p->count * sizeof *values);
        at += p->grad ? p->count : 0;
    }
    return values;
}

static enum wt_status make_tape(struct wt_tune *t)
{
    struct wt_graph g;
    const struct wt_tape_options o = {.batch = t->faces,
                                      .threads = t->options.threads,
                                      .level = t->options.level,
                                      .bf16 = wt_train_bf16(t->options.precision, t->options.level),
                                      .fixed_norms = true,
                                      .trains = t->options.layers == WT_TUNE_ALL ? NULL : is_last,
                                      .user = t};
    const struct wt_optimiser_options oo = wt_optimiser_defaults(WT_OPTIMISER_ADAMW);
    wt_graph_init(&g);
    enum wt_status status = t->options.views ? wt_tune_features_create(&t->features, t, &g)
                                             : wt_hourglass_graph(t->best, &g);
    if (!status)
        status = wt_tape_create(&t->tape, &g, &o);
    wt_graph_fini(&g);
    if (!status)
        status = wt_optimiser_create(&t->optimiser, t->tape, &oo);
    if (!status && !(t->old = copy_values(t)))
        status = wt_fail(WT_ERR_MEMORY, "out of memory for training");
    t->losses = calloc((size_t)t->arch.stacks * (size_t)t->faces, sizeof *t->losses);
    if (!status && !t->losses)
        status = wt_fail(WT_ERR_MEMORY, "out of memory for training");
    return status;
}

enum wt_status wt_tune_create(struct wt_tune **out, const struct wt_tune_options *options)
{
    struct wt_tune *t = calloc(1, sizeof *t);
    if (!t)
        return wt_fail(WT_ERR_MEMORY, "out of memory for training");
    t->options = *options;
    pthread_mutex_init(&t->lock, NULL);
    enum wt_status status = wt_arch_from_weights(options->from, &t->arch);
    if (!status)
        status = check(options, t->arch.points);
    if (!status)
        status = wt_loss_check(&options->loss);
    const size_t floats = status || !options->views ? 0 : wt_tune_floats(t);
    if (!status)
        status = wt_tune_set_init(&t->set[0], options->own ? options->own : options->faces,
                                  &t->arch, floats);
    if (!status)
        status = wt_tune_set_init(&t->set[1], options->guard, &t->arch, floats);
    t->set[0].offsets = options->own != NULL;
    if (!status)
        status = wt_tune_copy_weights(&t->best, options->from);
    if (!status)
        status = add_loader(t, options->faces);
    if (!status && options->replay && wt_faces_count(options->replay))
        status = add_loader(t, options->replay);
    if (!status)
        status = make_tape(t);
    if (status)
        wt_tune_destroy(&t);
    *out = t;
    return status;
}

void wt_tune_destroy(struct wt_tune **tune)
{
    struct wt_tune *t = *tune;
    if (!t)
        return;
    for (int i = 0; i < 2; i++) {
        wt_loader_destroy(&t->loader[i]);
        wt_tune_set_fini(&t->set[i]);
    }
    wt_optimiser_destroy(&t->optimiser);
    wt_tape_destroy(&t->tape);
    wt_tune_features_destroy(&t->features);
    wt_weights_destroy(&t->best);
    pthread_mutex_destroy(&t->lock);
    free(t->losses);
    free(t->old);
    free(t);
    *tune = NULL;
}

size_t wt_tune_bytes(const struct wt_tune *t)
{
    size_t bytes = sizeof *t + wt_tape_bytes(t->tape) + wt_optimiser_bytes(t->optimiser);
    bytes += wt_tune_features_bytes(t->features);
    for (int i = 0; i < t->loaders; i++)
        bytes += wt_loader_bytes(t->loader[i]);
    for (int i = 0; i < 2; i++)
        bytes += wt_tune_set_bytes(&t->set[i]);
    /* the old values, and those of the last step while others are looked at */
    const size_t copies = t->options.late || t->options.drift > 0 ? 2 : 1;
    for (int i = 0; i < wt_tape_params(t->tape); i++)
        if (wt_tape_param(t->tape, i)->grad)
            bytes += copies * wt_tape_param(t->tape, i)->count * sizeof(float);
    for (size_t i = 0; i < t->best->count; i++)
        bytes += sizeof(struct wt_tensor) + 128 + t->best->tensor[i].count * sizeof(float);
    return bytes;
}

/* ---- running ---- */

struct wt_learn wt_tune_learner(struct wt_tune *t)
{
    return (struct wt_learn){.tape = t->tape,
                             .loss = &t->options.loss,
                             .level = t->options.level,
                             .input = t->arch.input,
                             .stacks = t->features ? 1 : t->arch.stacks,
                             .maps = t->arch.points + 1,
                             .mean_over = t->faces,
                             .losses = t->losses};
}

void wt_tune_cancel(struct wt_tune *t)
{
    atomic_store(&t->cancelled, true);
}

struct run {
    struct wt_tune *t;
    double begin;
    double loss;              /* of the last step */
    double nme, guard, drift; /* as last measured */
    bool over;
};

/* Share of the run that is over, after so many steps. */
static double done(const struct run *r, int step)
{
    const struct wt_tune_options *o = &r->t->options;
    const double by_steps = o->steps > 0 ? (double)step / o->steps : 0;
    const double by_time = o->minutes > 0 ? (wt_now_s() - r->begin) / (o->minutes * 60) : 0;
    return fmin(1, fmax(by_steps, by_time));
}

/* Are the current weights better on the faces to learn, and good enough on the guard? */
static bool judge(const struct run *r)
{
    const struct wt_tune_result *x = &r->t->result;
    const double most = x->guard[0] * (1 + r->t->options.worse / 100);
    const double drift = r->t->options.drift;
    return r->nme < x->nme[1] && (isnan(x->guard[0]) || r->guard <= most) &&
           !(drift > 0 && r->drift > drift);
}

static void keep(struct run *r, int step)
{
    struct wt_tune *t = r->t;
    pthread_mutex_lock(&t->lock);
    wt_learn_export(t->tape, NULL, t->best);
    t->result.best_step = step;
    pthread_mutex_unlock(&t->lock);
    t->result.better = true;
    t->result.nme[1] = r->nme;
    t->result.guard[1] = r->guard;
    t->result.drift = r->drift;
}

/* The old weights and a share of the way to the last step's. */
static void blend(struct wt_tune *t, const float *now, double share)
{
    size_t at = 0;
    pthread_mutex_lock(&t->lock);
    for (int i = 0; i < wt_tape_params(t->tape); i++) {
        const struct wt_tape_param *p = wt_tape_param(t->tape, i);
        for (size_t k = 0; p->grad && k < p->count; k++, at++)
            p->value[k] = share < 1 ? t->old[at] + (float)share * (now[at] - t->old[at]) : now[at];
    }
    pthread_mutex_unlock(&t->lock);
}

/* The sets' crops and what stays frozen of them, and the errors of the old weights: before the
 * first measuring, whatever has been learned by then. Its time is not counted. */
static enum wt_status measure_old(struct run *r)
{
    struct wt_tune *t = r->t;
    struct wt_tune_result *x = &t->result;
    const double begin = wt_now_s();
    enum wt_status status = WT_OK;
    for (int i = 0; i < 2 && !status; i++)
        status = wt_tune_set_read(&t->set[i], &t->cancelled);
    float *now = status || !x->steps ? NULL : copy_values(t);
    if (!status && x->steps && !now)
        status = wt_fail(WT_ERR_MEMORY, "out of memory for training");
    for (int i = 0; i < 2 && !status && t->features && !atomic_load(&t->cancelled); i++)
        wt_tune_features_run(t, t->set[i].rgb, t->set[i].count, t->set[i].features);
    if (!status) {
        if (now)
            blend(t, t->old, 1);
        x->nme[0] = x->nme[1] = wt_tune_measure(t, &t->set[0], NULL);
        x->guard[0] = x->guard[1] = wt_tune_measure(t, &t->set[1], &r->drift);
        if (now)
            blend(t, now, 1);
        x->judged = !atomic_load(&t->cancelled);
    }
    free(now);
    x->measured = t->set[0].count;
    x->guarded = t->set[1].count;
    x->norm = t->set[0].norm;
    x->guard_norm = t->set[1].norm;
    r->begin += wt_now_s() - begin;
    return status;
}

/* Errors of the weights as they are; false: cancelled meanwhile. */
static bool measure(struct run *r)
{
    struct wt_tune *t = r->t;
    double drift = NAN;
    const double nme = wt_tune_measure(t, &t->set[0], NULL);
    const double guard = wt_tune_measure(t, &t->set[1], &drift);
    if (atomic_load(&t->cancelled))
        return false;
    r->nme = nme;
    r->guard = guard;
    r->drift = drift;
    return true;
}

/* Measures, keeps the weights if they are better, and reports. */
static enum wt_status end_step(struct run *r, struct wt_tune_step *s)
{
    struct wt_tune *t = r->t;
    const struct wt_tune_result *x = &t->result;
    const double share = done(r, s->step);
    enum wt_status status = WT_OK;
    r->over = share >= 1;
    s->steps = t->options.steps;
    s->measured =
        (s->step % t->options.every == 0 && !(s->step == 0 && t->options.late)) || r->over;
    if (s->measured && !x->judged)
        status = measure_old(r);
    if (status)
        return status;
    if (s->measured && s->step == 0) { /* they are the old ones */
        r->nme = x->nme[0];
        r->guard = x->guard[0];
        s->measured = x->judged;
    } else if (s->measured && (s->measured = measure(r)) && judge(r)) {
        keep(r, s->step);
        s->better = true;
    }
    s->nme = r->nme;
    s->guard = r->guard;
    s->drift = r->drift;
    s->nme_before = x->nme[0];
    s->guard_before = x->guard[0];
    s->seconds = wt_now_s() - r->begin;
    s->left = share > 0 ? s->seconds * (1 - share) / share : 0;
    if (t->options.step && !t->options.step(t->options.user, s))
        wt_tune_cancel(t);
    return WT_OK;
}

static enum wt_status not_finite(const struct wt_tune *t, uint32_t first, double loss)
{
    char where[512];
    const char *layer = wt_optimiser_bad(t->optimiser);
    const struct wt_train_face face = wt_faces_get(t->options.faces, first);
    return wt_fail(
        WT_ERR_UNSUPPORTED,
        "tune: diverged at step %d: %s, loss %g (faces from %s on); a lower rate may help",
        (int)wt_optimiser_steps(t->optimiser) + 1, layer ? layer : "the maps", loss,
        wt_face_where(&face, where, sizeof where));
}

/* Forward, and the loss. first: a face of the step. */
static enum wt_status look(struct wt_tune *t, double *loss, uint32_t *first)
{
    struct wt_batch batch[2];
    struct wt_learn l = wt_tune_learner(t);
    enum wt_status status = WT_OK;
    int lent = 0;
    *first = 0;
    if (t->features)
        return wt_tune_features_forward(t, loss);
    for (; lent < t->loaders && !status; lent += !status)
        status = wt_loader_next(t->loader[lent], &batch[lent]);
    if (!status) {
        *loss = wt_learn_forward(&l, batch, t->loaders);
        *first = batch[0].face[0];
    }
    while (lent > 0)
        wt_loader_release(t->loader[--lent]);
    return status;
}

static enum wt_status learn(struct wt_tune *t, double rate, double *loss)
{
    uint32_t first;
    const enum wt_status status = look(t, loss, &first);
    if (status || (t->features && atomic_load(&t->cancelled))) /* features may not be complete */
        return status;
    if (!isfinite(*loss))
        return not_finite(t, first, *loss);
    wt_tape_backward(t->tape);
    pthread_mutex_lock(&t->lock);
    const bool fine = wt_optimiser_step(t->optimiser, rate);
    pthread_mutex_unlock(&t->lock);
    return fine ? WT_OK : not_finite(t, first, *loss);
}

static enum wt_status run_step(struct run *r)
{
    struct wt_tune *t = r->t;
    const int before = t->result.steps;
    struct wt_tune_step s = {.step = before + 1};
    const struct wt_learning_rate rate = {
        .kind = WT_LEARNING_RATE_COSINE, .base = t->options.rate, .warm_up = WARM_UP};
    s.rate = wt_learning_rate_at(&rate, (uint64_t)before, 0, done(r, before));
    const enum wt_status status = learn(t, s.rate, &s.loss);
    if (status)
        return status;
    t->result.steps = s.step;
    r->loss = s.loss;
    return end_step(r, &s);
}

/* ---- half-way back --------------------------------------------------------------------------- */

/* Where the guard's points have moved too far: between the old weights and the last ones most
 * errors change evenly (Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022), so
 * that some of what was learned can be had for some of what it costs. */
static enum wt_status go_back(struct run *r)
{
    static const double share[] = {0.85, 0.7, 0.55, 0.4, 0.28, 0.18};
    struct wt_tune *t = r->t;
    struct wt_tune_step s = {.step = t->result.steps, .loss = r->loss};
    if (!(t->options.drift > 0 && r->drift > t->options.drift) || !s.step)
        return WT_OK;
    float *now = copy_values(t);
    if (!now)
        return wt_fail(WT_ERR_MEMORY, "out of memory for training");
    enum wt_status status = WT_OK;
    for (size_t i = 0; i < sizeof share / sizeof *share && !status && !atomic_load(&t->cancelled);
         i++) {
        blend(t, now, share[i]);
        status = end_step(r, &s);
        if (s.better || r->drift <= t->options.drift)
            break;
    }
    free(now);
    return status;
}

enum wt_status wt_tune_run(struct wt_tune *t, struct wt_tune_result *result)
{
    struct run r = {.t = t, .begin = wt_now_s(), .nme = NAN, .guard = NAN, .drift = NAN};
    struct wt_tune_result *x = &t->result;
    x->drift = x->nme[0] = x->nme[1] = x->guard[0] = x->guard[1] = NAN;
    enum wt_status status = end_step(&r, &(struct wt_tune_step){.step = 0});
    while (!status && !r.over && !atomic_load(&t->cancelled))
        status = run_step(&r);
    t->result.stopped = !r.over;
    if (!status && r.over)
        status = go_back(&r);
    *result = t->result;
    return status;
}
