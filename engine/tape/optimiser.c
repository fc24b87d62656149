#include "tape/optimiser.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/pool.h"

enum { CHUNK = 8192, ARRAYS = 3 };

/* A stretch of one parameter: what a thread takes at a time. */
struct chunk {
    int param;
    size_t from, count;
    double squares;
};

struct wt_optimiser {
    struct wt_optimiser_options options;
    struct wt_tape *tape;
    struct wt_arena arena;
    float **array[ARRAYS]; /* [params] each */
    const char *name[ARRAYS];
    int arrays, average; /* which array is the average; -1 */
    struct chunk *chunk;
    int chunks, params;
    uint64_t steps;
    const char *bad;
    double norm;
    /* of the step that runs */
    float rate, shrink, correct1, correct2, keep;
};

struct wt_optimiser_options wt_optimiser_defaults(enum wt_optimiser_kind kind)
{
    struct wt_optimiser_options o = {
        .kind = kind, .beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-8, .decay_all = true};
    if (kind == WT_OPTIMISER_ADAMW)
        o.beta2 = 0.999;
    return o;
}

/* ---- making ---- */

static bool add_array(struct wt_optimiser *o, const char *name, bool running)
{
    float **list = wt_arena_take(&o->arena, (size_t)o->params * sizeof *list);
    if (!list)
        return false;
    for (int i = 0; i < o->params; i++) {
        const struct wt_tape_param *p = wt_tape_param(o->tape, i);
        if (!p->grad && !running)
            continue;
        list[i] = wt_arena_take(&o->arena, p->count * sizeof **list);
        if (!list[i])
            return false;
        if (running)
            memcpy(list[i], p->value, p->count * sizeof **list);
    }
    o->name[o->arrays] = name;
    o->array[o->arrays++] = list;
    return true;
}

static bool cut(struct wt_optimiser *o)
{
    int chunks = 0;
    for (int i = 0; i < o->params; i++)
        chunks += (int)((wt_tape_param(o->tape, i)->count + CHUNK - 1) / CHUNK);
    o->chunk = wt_arena_take(&o->arena, (size_t)chunks * sizeof *o->chunk);
    for (int i = 0; o->chunk && i < o->params; i++) {
        const size_t count = wt_tape_param(o->tape, i)->count;
        for (size_t at = 0; at < count; at += CHUNK)
            o->chunk[o->chunks++] =
                (struct chunk){i, at, count - at < CHUNK ? count - at : CHUNK, 0};
    }
    return o->chunk != NULL;
}

enum wt_status wt_optimiser_create(struct wt_optimiser **out, struct wt_tape *tape,
                                   const struct wt_optimiser_options *options)
{
    struct wt_optimiser *o = calloc(1, sizeof *o);
    *out = o;
    if (!o)
        return wt_fail(WT_ERR_MEMORY, "out of memory for the optimiser");
    o->options = *options;
    o->tape = tape;
    o->params = wt_tape_params(tape);
    o->average = -1;
    bool ok = cut(o) && add_array(o, "square", false);
    if (options->kind == WT_OPTIMISER_ADAMW)
        ok = ok && add_array(o, "mean", false);
    if (options->average > 0) {
        o->average = o->arrays;
        ok = ok && add_array(o, "average", true);
    }
    if (ok)
        return WT_OK;
    wt_optimiser_destroy(out);
    return wt_fail(WT_ERR_MEMORY, "out of memory for the optimiser");
}

void wt_optimiser_destroy(struct wt_optimiser **optimiser)
{
    if (!*optimiser)
        return;
    wt_arena_fini(&(*optimiser)->arena);
    free(*optimiser);
    *optimiser = NULL;
}

/* ---- stepping ---- */

static void measure(struct wt_optimiser *o, struct chunk *c)
{
    const struct wt_tape_param *p = wt_tape_param(o->tape, c->param);
    double sum = 0;
    for (size_t i = c->from; p->grad && i < c->from + c->count; i++)
        sum += (double)p->grad[i] * (double)p->grad[i];
    c->squares = sum;
}

static void rmsprop(const struct wt_optimiser *o, const struct chunk *c, float decay,
                    float *restrict w, const float *restrict grad, float *restrict square)
{
    const float beta = (float)o->options.beta2, rest = (float)(1 - o->options.beta2);
    const float epsilon = (float)o->options.epsilon;
    for (size_t i = 0; i < c->count; i++) {
        const float g = grad[i] * o->shrink + decay * w[i];
        square[i] = beta * square[i] + rest * g * g;
        w[i] -= o->rate * g / (sqrtf(square[i]) + epsilon);
    }
}

static void adamw(const struct wt_optimiser *o, const struct chunk *c, float decay,
                  float *restrict w, const float *restrict grad, float *restrict square,
                  float *restrict mean)
{
    const float beta1 = (float)o->options.beta1, rest1 = (float)(1 - o->options.beta1);
    const float beta2 = (float)o->options.beta2, rest2 = (float)(1 - o->options.beta2);
    const float epsilon = (float)o->options.epsilon, keep = 1 - o->rate * decay;
    for (size_t i = 0; i < c->count; i++) {
        const float g = grad[i] * o->shrink;
        mean[i] = beta1 * mean[i] + rest1 * g;
        square[i] = beta2 * square[i] + rest2 * g * g;
        w[i] = w[i] * keep -
               o->rate * (mean[i] * o->correct1) / (sqrtf(square[i]) * o->correct2 + epsilon);
    }
}

static void update(struct wt_optimiser *o, const struct chunk *c)
{
    struct wt_tape_param *p = wt_tape_param(o->tape, c->param);
    const float decay = o->options.decay_all || p->decay ? (float)o->options.weight_decay : 0;
    float *w = p->value + c->from;
    if (p->grad) {
        float *square = o->array[0][c->param] + c->from;
        if (o->options.kind == WT_OPTIMISER_RMSPROP)
            rmsprop(o, c, decay, w, p->grad + c->from, square);
        else
            adamw(o, c, decay, w, p->grad + c->from, square, o->array[1][c->param] + c->from);
    }
    if (o->average >= 0) {
        float *average = o->array[o->average][c->param] + c->from;
        for (size_t i = 0; i < c->count; i++)
            average[i] = w[i] + o->keep * (average[i] - w[i]);
    }
}

static void measure_chunk(void *optimiser, int step, int item, int thread)
{
    struct wt_optimiser *o = optimiser;
    measure(o, &o->chunk[item]);
}

static void update_chunk(void *optimiser, int step, int item, int thread)
{
    struct wt_optimiser *o = optimiser;
    update(o, &o->chunk[item]);
}

bool wt_optimiser_step(struct wt_optimiser *o, double rate)
{
    double squares = 0;
    wt_pool_share(wt_tape_pool(o->tape), o->chunks, measure_chunk, o);
    o->bad = NULL;
    for (int i = 0; i < o->chunks; i++) {
        if (!isfinite(o->chunk[i].squares) && !o->bad)
            o->bad = wt_tape_param(o->tape, o->chunk[i].param)->name;
        squares += o->chunk[i].squares;
    }
    o->norm = sqrt(squares);
    if (o->bad)
        return false;
    const double n = (double)++o->steps, warm = n / (n + 20);
    o->rate = (float)rate;
    o->shrink =
        o->options.clip > 0 && o->norm > o->options.clip ? (float)(o->options.clip / o->norm) : 1;
    o->correct1 = (float)(1 / (1 - pow(o->options.beta1, n)));
    o->correct2 = (float)(1 / sqrt(1 - pow(o->options.beta2, n)));
    o->keep = (float)(o->options.average < warm ? o->options.average : warm);
    wt_pool_share(wt_tape_pool(o->tape), o->chunks, update_chunk, o);
    return true;
}

const char *wt_optimiser_bad(const struct wt_optimiser *o)
{
    return o->bad;
}

double wt_optimiser_norm(const struct wt_optimiser *o)
{
    return o->norm;
}

size_t wt_optimiser_bytes(const struct wt_optimiser *o)
{
    return sizeof *o + o->arena.held;
}

uint64_t wt_optimiser_steps(const struct wt_optimiser *o)
{
    return o->steps;
}

void wt_optimiser_set_steps(struct wt_optimiser *o, uint64_t steps)
{
    o->steps = steps;
}

int wt_optimiser_arrays(const struct wt_optimiser *o)
{
    return o->arrays;
}

const char *wt_optimiser_array_name(const struct wt_optimiser *o, int k)
{
    return o->name[k];
}

float *wt_optimiser_array(struct wt_optimiser *o, int k, int param)
{
    return o->array[k][param];
}

float *wt_optimiser_average(struct wt_optimiser *o, int param)
{
    return o->average < 0 ? NULL : o->array[o->average][param];
}

double wt_learning_rate_at(const struct wt_learning_rate *rate, uint64_t step, int epoch,
                           double done)
{
    double r = rate->base;
    if (rate->kind == WT_LEARNING_RATE_COSINE)
        r *= 0.5 * (1 + cos(3.14159265358979323846 * done)) * 0.99 + 0.01;
    for (int i = 0; rate->kind == WT_LEARNING_RATE_STEP && i < rate->steps; i++)
        if (epoch >= rate->step[i])
            r *= rate->factor;
    if (step + 1 < (uint64_t)rate->warm_up)
        r *= (double)(step + 1) / rate->warm_up;
    return r;
}
