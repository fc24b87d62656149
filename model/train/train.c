#include "base/clock.h"
#include "train/train_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/detector_loss.h"
#include "measure/evaluate.h"
#include "train/learn.h"
#include "train/start.h"

enum { SAVE_SECONDS = 600 };

bool wt_train_bf16(int precision, enum wt_cpu_level level)
{
    return precision == WT_PRECISION_BF16 ||
           (precision == WT_PRECISION_AUTO && wt_cpu_level_includes(level, WT_CPU_AVX512BF16));
}

/* ---- making ---- */

static const struct wt_train_task landmarks;

static struct wt_optimiser_options optimiser_of(const struct wt_recipe *r)
{
    struct wt_optimiser_options o = wt_optimiser_defaults((enum wt_optimiser_kind)r->optimiser);
    o.beta1 = r->beta1;
    o.beta2 = r->beta2;
    o.epsilon = r->epsilon;
    o.weight_decay = r->weight_decay;
    o.clip = r->clip;
    o.average = r->average;
    return o;
}

static enum wt_status make_loader(struct wt_train *t)
{
    const struct wt_recipe *r = t->recipe;
    struct wt_loader_options o = {.batch = t->share,
                                  .pairs = t->pairs,
                                  .part = t->options.ranks ? t->options.ranks->rank : 0,
                                  .parts = wt_ranks_count(t->options.ranks),
                                  .threads = t->options.loader_threads,
                                  .stride = (r->points + 1 + 15) / 16 * 16,
                                  .seed = t->seed,
                                  .epoch = t->epoch,
                                  .first = t->batch,
                                  .skip_broken = r->skip_broken,
                                  .augment = r->augment,
                                  .target = r->target};
    if (r->task == WT_TASK_DETECTOR) {
        o.frames = &r->frames;
        o.stride = WT_FACE_TARGETS;
    }
    return wt_loader_create(&t->loader, t->options.faces, &o);
}

static enum wt_status make_tape(struct wt_train *t)
{
    struct wt_graph g;
    const struct wt_tape_options o = {.batch = t->share,
                                      .threads = t->options.threads,
                                      .level = t->options.level,
                                      .bf16 = wt_train_bf16(t->recipe->precision, t->options.level),
                                      .momentum = 0.1f,
                                      .ranks = t->options.ranks};
    const struct wt_optimiser_options oo = optimiser_of(t->recipe);
    wt_graph_init(&g);
    enum wt_status status = t->task->graph(t, &g);
    if (!status)
        status = wt_tape_create(&t->tape, &g, &o);
    wt_graph_fini(&g);
    if (!status)
        status = wt_optimiser_create(&t->optimiser, t->tape, &oo);
    if (!status)
        t->losses = calloc((size_t)t->arch.stacks * (size_t)t->share, sizeof *t->losses);
    if (!status && !t->losses)
        status = wt_fail(WT_ERR_MEMORY, "out of memory for training");
    return status;
}

static enum wt_status share_out(struct wt_train *t)
{
    const struct wt_recipe *r = t->recipe;
    const int ranks = wt_ranks_count(t->options.ranks);
    const int pairs = r->task == WT_TASK_DETECTOR ? 0 : (int)lrint(r->pairs * r->batch);
    t->share = r->batch / ranks;
    t->pairs = pairs / ranks;
    if (t->share * ranks != r->batch || t->pairs * ranks != pairs)
        return wt_fail(WT_ERR_ARGUMENT,
                       "%d ranks cannot share batches of %d faces, %d of them second views, evenly",
                       ranks, r->batch, pairs);
    return WT_OK;
}

static enum wt_status start(struct wt_train *t)
{
    const bool first = wt_ranks_first(t->options.ranks);
    const struct wt_recipe *r = t->recipe;
    const bool detector = r->task == WT_TASK_DETECTOR;
    t->task = detector ? &wt_train_detector : &landmarks;
    t->arch = (struct wt_arch){.stacks = detector ? 1 : r->stacks,
                               .width = r->width,
                               .points = r->points,
                               .input = detector ? WT_TRAINING_FRAME_SIDE : r->augment.input};
    t->seed = t->options.seed;
    t->best = INFINITY;
    t->nme = NAN;
    enum wt_status status = share_out(t);
    if (!status && first)
        status = wt_train_check_folder(t->options.folder, t->options.resume);
    if (!status && first)
        status = wt_train_take_folder(t);
    if (!status)
        status = wt_train_begin(t);
    if (!status)
        status = make_tape(t);
    if (!status && first && t->options.resume)
        status = wt_train_load(t);
    status = wt_ranks_agree(t->options.ranks, status);
    if (!status)
        status = wt_train_share(t);
    if (!status && first)
        status = wt_train_open_log(t);
    if (!status)
        status = make_loader(t);
    return wt_ranks_agree(t->options.ranks, status);
}

static void finish(struct wt_train *t)
{
    wt_loader_destroy(&t->loader);
    wt_optimiser_destroy(&t->optimiser);
    wt_tape_destroy(&t->tape);
    wt_weights_destroy(&t->weights);
    free(t->losses);
    free(t->from);
    if (t->log)
        fclose(t->log);
    if (t->folder >= 0)
        close(t->folder);
}

/* ---- one step ---- */

static enum wt_status not_finite(struct wt_train *t, const struct wt_batch *b, double loss)
{
    const char *layer = wt_tape_first_bad(t->tape);
    const struct wt_train_face face = wt_faces_get(t->options.faces, b->face[0]);
    char where[512];
    if (!layer)
        layer = wt_optimiser_bad(t->optimiser);
    return wt_fail(WT_ERR_UNSUPPORTED,
                   "training diverged at step %" PRIu64 ": %s, loss %g, epoch %" PRIu64
                   ", batch %" PRIu64 " (from %s on); the files of the last save stay",
                   wt_optimiser_steps(t->optimiser) + 1, layer ? layer : "the maps", loss, b->epoch,
                   b->index, wt_face_where(&face, where, sizeof where));
}

static enum wt_status learn(struct wt_train *t, const struct wt_batch *b, double rate, double *loss)
{
    const bool detector = t->recipe->task == WT_TASK_DETECTOR;
    struct wt_learn l = {.tape = t->tape,
                         .loss = &t->recipe->loss,
                         .level = t->options.level,
                         .input = t->arch.input,
                         .stacks = t->arch.stacks,
                         .maps = detector ? 1 : t->arch.points + 1,
                         .detector = detector,
                         .mean_over = t->recipe->batch,
                         .pairs_over = b->pairs * wt_ranks_count(t->options.ranks),
                         .pair_weight = t->recipe->pair_weight,
                         .scheme = wt_faces_scheme(t->options.faces),
                         .losses = t->losses};
    const struct wt_ranks *ranks = t->options.ranks;
    *loss = wt_learn_forward(&l, b, 1);
    if (ranks)
        ranks->sum(ranks->user, loss, 1);
    if (!isfinite(*loss) || wt_tape_first_bad(t->tape))
        return not_finite(t, b, *loss);
    wt_tape_backward(t->tape);
    if (wt_train_plain(t))
        wt_learn_zero_coords(t->tape);
    if (!wt_optimiser_step(t->optimiser, rate))
        return not_finite(t, b, *loss);
    return WT_OK;
}

/* ---- validation ---- */

/* Errors of this rank's share of the faces, to face[] of them all. */
static enum wt_status validate_share(struct wt_train *t, size_t count, struct wt_eval_face *face)
{
    const size_t rank = t->options.ranks ? (size_t)t->options.ranks->rank : 0;
    const size_t ranks = (size_t)wt_ranks_count(t->options.ranks);
    const size_t from = count * rank / ranks, end = count * (rank + 1) / ranks;
    struct wt_net_options no = {.threads = t->options.threads,
                                .batch = 1,
                                .level = t->options.level,
                                .precision = WT_PRECISION_F32};
    const struct wt_eval_options eo = {.crop = WT_EVAL_TRUTH, .norm = WT_NORM_OCULAR, .batch = 1};
    struct wt_dataset faces = {.count = end - from, .points = t->recipe->points};
    struct wt_eval_times times = {0};
    struct wt_net *net = NULL;
    faces.sample = calloc(count, sizeof *faces.sample);
    enum wt_status status =
        faces.sample ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory for validation");
    for (size_t i = from; !status && i < end; i++)
        faces.sample[i - from] = *wt_faces_get(t->options.validation, i).sample;
    if (!status)
        status = wt_net_create(&net, t->weights, &no);
    if (!status)
        status = wt_eval_crops(net, &faces, &eo, face + from, &times);
    wt_net_destroy(&net);
    free(faces.sample);
    return status;
}

static enum wt_status validate(struct wt_train *t)
{
    const struct wt_ranks *r = t->options.ranks;
    const size_t count = wt_faces_count(t->options.validation);
    struct wt_eval_face *face = calloc(count, sizeof *face);
    enum wt_status status = face ? validate_share(t, count, face)
                                 : wt_fail(WT_ERR_MEMORY, "out of memory for validation");
    status = wt_ranks_agree(r, status);
    if (!status && r)
        r->merge(r->user, face, count * sizeof *face);
    double sum = 0;
    size_t known = 0;
    for (size_t i = 0; !status && i < count; i++)
        if (!isnan(face[i].nme)) {
            sum += face[i].nme;
            known++;
        }
    t->nme = known ? sum / (double)known : NAN;
    if (!status && t->options.validated && (!r || r->rank == 0))
        t->options.validated(t->options.user,
                             &(struct wt_train_validation){wt_optimiser_steps(t->optimiser), face});
    free(face);
    return status;
}

static enum wt_status random_weights(struct wt_train *t)
{
    return wt_start_random(t->weights, &t->arch, t->seed);
}

static enum wt_status graph(struct wt_train *t, struct wt_graph *g)
{
    return wt_hourglass_graph(t->weights, g);
}

static const struct wt_train_task landmarks = {
    .random = random_weights, .graph = graph, .validate = validate};

/* An epoch is over: how good are the weights, and is it time to stop? */
static enum wt_status end_epoch(struct wt_train *t, bool *over)
{
    enum wt_status status = WT_OK;
    if (t->options.validation) {
        wt_train_export(t, true);
        status = t->task->validate(t);
    }
    if (!status && t->nme < t->best) {
        t->best = t->nme;
        t->worse = 0;
        status = wt_train_save_best(t);
    } else if (t->options.validation) {
        t->worse++;
    }
    if (t->recipe->patience > 0 && t->worse >= t->recipe->patience) {
        wt_log(WT_LOG_INFO, "early stop: no better error for %d epochs", t->worse);
        *over = true;
    }
    return status;
}

/* ---- the run ---- */

struct run {
    struct wt_train *t;
    uint64_t epoch_batches, total;
    double begin, before; /* clock at the start of this call; seconds of earlier ones */
    double saved;
    double rate_since; /* clock and step at which the speed's window begins */
    uint64_t rate_step;
};

/* Share of the run that is over. */
static double done(const struct run *r)
{
    const struct wt_recipe *recipe = r->t->recipe;
    const double by_steps = (double)wt_optimiser_steps(r->t->optimiser) / (double)r->total;
    const double by_time = recipe->minutes > 0 ? r->t->seconds / (recipe->minutes * 60) : 0;
    return fmin(1, fmax(by_steps, by_time));
}

static struct wt_learning_rate rate_of(const struct wt_recipe *r)
{
    struct wt_learning_rate rate = {.kind = (enum wt_learning_rate_kind)r->schedule,
                                    .base = r->rate,
                                    .warm_up = r->warm_up,
                                    .factor = r->step_factor,
                                    .steps = r->steps};
    memcpy(rate.step, r->step, sizeof rate.step);
    return rate;
}

static enum wt_status write_log(struct wt_train *t, const struct wt_train_step *s)
{
    char nme[24] = "";
    if (!isnan(s->nme))
        snprintf(nme, sizeof nme, "%.4f", s->nme);
    fprintf(t->log, "%" PRIu64 ",%" PRIu64 ",%.7g,%.6g,%.6g,%.2f,%.2f,%s\n", s->step, s->epoch,
            s->loss, s->rate, s->norm, s->faces_per_s, s->seconds, nme);
    if (fflush(t->log) != 0)
        return wt_fail(WT_ERR_IO, "%s/log.csv: %s", t->options.folder, strerror(errno));
    return WT_OK;
}

/* Speed over the last steps, and what is left at it. */
static void fill_times(struct run *r, struct wt_train_step *s)
{
    const double clock = wt_now_s(), share = done(r);
    const uint64_t steps = s->step - r->rate_step;
    s->seconds = r->t->seconds;
    s->faces_per_s = (double)steps * r->t->recipe->batch / fmax(clock - r->rate_since, 1e-9);
    if (steps >= 20) {
        r->rate_since = clock;
        r->rate_step = s->step;
    }
    s->left = share > 0 ? s->seconds * (1 - share) / share : 0;
}

/* Trains on the next batch. *more: whether the run goes on. */
static enum wt_status run_step(struct run *r, bool *more)
{
    struct wt_train *t = r->t;
    const struct wt_ranks *ranks = t->options.ranks;
    struct wt_batch b;
    struct wt_train_step s = {.epoch_batches = r->epoch_batches};
    const struct wt_learning_rate rate = rate_of(t->recipe);
    bool over = false;
    enum wt_status status = wt_ranks_agree(ranks, wt_loader_next(t->loader, &b));
    if (status)
        return status;
    s.rate = wt_learning_rate_at(&rate, wt_optimiser_steps(t->optimiser), (int)b.epoch, done(r));
    status = learn(t, &b, s.rate, &s.loss);
    s.epoch = b.epoch;
    s.batch = b.index;
    wt_loader_release(t->loader);
    if (status)
        return status;
    const bool last = s.batch + 1 == r->epoch_batches;
    t->epoch = last ? s.epoch + 1 : s.epoch;
    t->batch = last ? 0 : s.batch + 1;
    t->seconds = r->before + wt_now_s() - r->begin;
    wt_ranks_share(ranks, &t->seconds, sizeof t->seconds);
    if (last)
        status = end_epoch(t, &over);
    s.step = wt_optimiser_steps(t->optimiser);
    s.norm = wt_optimiser_norm(t->optimiser);
    s.nme = t->nme;
    fill_times(r, &s);
    if (!status && t->log)
        status = write_log(t, &s);
    over = over || done(r) >= 1;
    if (!status && t->options.step && !t->options.step(t->options.user, &s))
        over = true;
    if (ranks)
        ranks->merge(ranks->user, &over, sizeof over);
    *more = !over;
    if (!status && (over || last || wt_now_s() - r->saved > SAVE_SECONDS)) {
        status = wt_train_save(t);
        r->saved = wt_now_s();
    }
    return wt_ranks_agree(ranks, status);
}

enum wt_status wt_train_run(const struct wt_train_options *options)
{
    struct wt_train t = {.options = *options, .recipe = options->recipe, .folder = -1};
    struct run r = {.t = &t};
    bool more = true;
    enum wt_status status = start(&t);
    if (!status) {
        r.epoch_batches = wt_loader_epoch_batches(t.loader);
        r.total = r.epoch_batches * (uint64_t)t.recipe->epochs;
        r.begin = r.saved = r.rate_since = wt_now_s();
        r.before = t.seconds;
        r.rate_step = wt_optimiser_steps(t.optimiser);
        more = done(&r) < 1;
        if (options->begin && (!options->ranks || options->ranks->rank == 0))
            options->begin(options->user, &(struct wt_train_facts){t.seed, t.from, r.rate_step,
                                                                   t.batch, r.epoch_batches});
    }
    while (!status && more)
        status = run_step(&r, &more);
    finish(&t);
    return status;
}
