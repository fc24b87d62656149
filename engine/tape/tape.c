#include "tape/tape.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/align.h"
#include "base/clock.h"
#include "tape/tape_internal.h"

/* ---- making ---- */

static bool take_lists(struct wt_tape *t, const struct wt_graph *g)
{
    const size_t n = (size_t)g->count + 1;
#define TAKE(list, count) ((t->list = wt_arena_take(&t->arena, (count) * sizeof *t->list)) != NULL)
    const bool ok = TAKE(value, 10 * n) && TAKE(tensor, 2 * n) && TAKE(norm, n) && TAKE(conv, n) &&
                    TAKE(mix, 3 * n) && TAKE(step, 12 * n) && TAKE(sum, 8 * n) &&
                    TAKE(param, 4 * n) && TAKE(names, n);
#undef TAKE
    for (int i = 0; ok && i < g->count; i++)
        memcpy(t->names[i], g->node[i].name, sizeof *t->names);
    return ok;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void measure_scratch(struct wt_tape *t)
{
    for (int i = 0; i < t->steps; i++) {
        const struct wt_tape_step *s = &t->step[i];
        const struct wt_tape_conv *c = &t->conv[s->index];
        if (s->kind == STEP_CONV)
            t->scratch_bytes = larger(t->scratch_bytes,
                                      wt_tape_conv_scratch(t, c, t->tensor[c->tensor].band, false));
        else if (s->kind == STEP_DATA_GRAD)
            t->scratch_bytes = larger(t->scratch_bytes, wt_tape_conv_scratch(t, c, s->band, true));
        else if (s->kind == STEP_WEIGHT_GRAD)
            t->scratch_bytes = larger(t->scratch_bytes, wt_tape_weight_grad_scratch(t, c));
    }
    t->scratch_bytes = wt_round_bytes(t->scratch_bytes, WT_PAGE);
}

enum { HUGE_PAGE = 2 << 20 };

static size_t memory_size(const struct wt_tape *t)
{
    return (t->memory_bytes + HUGE_PAGE) / HUGE_PAGE * HUGE_PAGE;
}

/* Values: those of limited lifetime share one block, the others have their own. */
static enum wt_status take_memory(struct wt_tape *t)
{
    const size_t bytes = memory_size(t);
    int widest = 0;
    measure_scratch(t);
    for (int i = 0; i < t->tensors; i++)
        if (t->value[t->tensor[i].value].c > widest)
            widest = t->value[t->tensor[i].value].c;
    t->total = wt_arena_take(&t->arena, (size_t)widest * 2 * sizeof *t->total);
    t->memory = aligned_alloc(HUGE_PAGE, bytes);
    t->scratch = wt_arena_take(&t->arena, (size_t)t->options.threads * sizeof *t->scratch);
    t->share = wt_arena_take(&t->arena, (size_t)t->steps * sizeof *t->share);
    if (!t->memory || !t->scratch || !t->total || !t->share)
        return wt_fail(WT_ERR_MEMORY, "out of memory for training: %zu MB needed", bytes >> 20);
    madvise(t->memory, bytes, MADV_HUGEPAGE); /* only faster */
    memset(t->memory, 0, bytes);
    for (int i = 0; i < t->options.threads; i++)
        if (!(t->scratch[i] = wt_arena_take(&t->arena, t->scratch_bytes + 64)))
            return wt_fail(WT_ERR_MEMORY, "out of memory for training");
    for (int i = 0; i < t->values; i++) {
        struct wt_tape_value *v = &t->value[i];
        if (!v->kept)
            v->data = t->memory + v->offset;
        else if (!v->data && !(v->data = wt_arena_take(&t->arena, wt_tape_value_bytes(t, v) + 256)))
            return wt_fail(WT_ERR_MEMORY, "out of memory for training");
    }
    return WT_OK;
}

enum wt_status wt_tape_create(struct wt_tape **out, const struct wt_graph *g,
                              const struct wt_tape_options *options)
{
    struct wt_tape *t = calloc(1, sizeof *t);
    if (!t)
        return wt_fail(WT_ERR_MEMORY, "out of memory for training");
    t->options = *options;
    t->kernels = wt_kernels_get(options->level);
    t->train = wt_train_kernels_get(options->level);
    t->type = options->bf16 ? WT_BF16 : WT_F32;
    t->input = -1;
    t->bad = NO_BAD;
    enum wt_status status =
        take_lists(t, g) ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory for training");
    if (!status)
        status = wt_tape_lower(t, g);
    t->forward_steps = t->steps;
    if (!status)
        status = wt_tape_reverse(t);
    if (!status)
        status = wt_tape_place(t);
    if (!status)
        status = take_memory(t);
    if (!status)
        status = wt_pool_create(&t->pool, options->threads, t->steps);
    if (status)
        wt_tape_destroy(&t);
    *out = t;
    return status;
}

void wt_tape_destroy(struct wt_tape **tape)
{
    struct wt_tape *t = *tape;
    if (!t)
        return;
    wt_pool_destroy(&t->pool);
    free(t->memory);
    wt_arena_fini(&t->arena);
    free(t);
    *tape = NULL;
}

/* ---- running ---- */

static int bands_of(int h, int band)
{
    return (h + band - 1) / band;
}

static int tasks_of(const struct wt_tape *t, const struct wt_tape_step *s)
{
    const struct wt_tape_conv *c = &t->conv[s->index];
    const struct wt_tape_tensor *x;
    switch (s->kind) {
    case STEP_PACK:
        return wt_tape_pack_tasks(t);
    case STEP_CONV:
        x = &t->tensor[c->tensor];
        return t->n * bands_of(t->value[x->value].h, x->band);
    case STEP_MIX:
        return t->n * bands_of(t->value[t->mix[s->index].out].h, t->mix[s->index].band);
    case STEP_STORE:
    case STEP_STORE_GRAD:
        x = &t->tensor[s->index];
        return t->n * bands_of(t->value[x->value].h, s->kind == STEP_STORE ? x->band : s->band);
    case STEP_STATS:
        x = &t->tensor[s->index];
        return x->stats ? wt_tape_norm_tasks(t, x) : 0;
    case STEP_NORM_GRAD:
        return wt_tape_norm_tasks(t, &t->tensor[t->norm[s->index].tensor]);
    case STEP_WEIGHT_GRAD:
        return wt_tape_weight_grad_tasks(t, c);
    case STEP_WEIGHT_SUM:
        return wt_tape_weight_sum_tasks(t, c);
    default: /* DATA_GRAD */
        return t->n * bands_of(t->value[t->tensor[c->tensor].value].h, s->band);
    }
}

/* Which thread does which task changes no bit of the results. */
static void run_task(void *tape, int step, int task, int thread)
{
    struct wt_tape *t = tape;
    struct wt_tape_step *s = &t->step[t->from + step];
    char *scratch = t->scratch[thread];
    switch (s->kind) {
    case STEP_PACK:
        wt_tape_pack(t, task, scratch);
        break;
    case STEP_CONV:
        wt_tape_run_conv(t, s, task, scratch);
        break;
    case STEP_MIX:
        wt_tape_run_mix(t, s, task);
        break;
    case STEP_STORE:
        wt_tape_run_store(t, s, task);
        break;
    case STEP_STORE_GRAD:
        wt_tape_run_store_grad(t, s, task);
        break;
    case STEP_STATS:
        wt_tape_run_stats(t, s, task);
        break;
    case STEP_NORM_GRAD:
        wt_tape_run_norm_grad(t, s, task);
        break;
    case STEP_WEIGHT_GRAD:
        wt_tape_run_weight_grad(t, s, task, scratch);
        break;
    case STEP_WEIGHT_SUM:
        wt_tape_run_weight_sum(t, s, task);
        break;
    default:
        wt_tape_run_data_grad(t, s, task, scratch);
    }
}

static void note_time(void *tape, int done, int next)
{
    struct wt_tape *t = tape;
    const double now = wt_now_ms();
    if (done >= 0)
        t->step[t->from + done].ms = now - t->began;
    t->began = now;
}

static void run(struct wt_tape *t, int from, int to)
{
    t->from = from;
    for (int i = from; i < to; i++)
        t->share[i - from] = (struct wt_pool_step){tasks_of(t, &t->step[i]), i};
    wt_pool_run(t->pool, &(struct wt_pool_job){.step = t->share,
                                               .steps = to - from,
                                               .item = run_task,
                                               .between = note_time,
                                               .user = t});
}

/* Stride 2: weights between [K][K][O][I] and the taps and channels of the view. */
static void widen(struct wt_tape *t, const struct wt_tape_conv *c, bool back)
{
    const int inputs = c->in.channels / 4, odd = c->kernel / 2 % 2;
    struct wt_tape_param *p = &t->param[c->weight];
    for (int k = 0; k < c->kernel * c->kernel; k++) {
        const int y = k / c->kernel + odd, x = k % c->kernel + odd;
        const size_t tap = (size_t)(y / 2) * c->taps + x / 2;
        for (int o = 0; o < c->outputs; o++) {
            const size_t narrow = ((size_t)k * c->outputs + o) * inputs;
            const size_t wide =
                (tap * c->outputs + o) * c->in.channels + (size_t)(y % 2 * 2 + x % 2) * inputs;
            if (back)
                memcpy(p->grad + narrow, c->wide_grad + wide, inputs * sizeof(float));
            else
                memcpy(c->wide + wide, p->value + narrow, inputs * sizeof(float));
        }
    }
}

void wt_tape_forward(struct wt_tape *t, int n)
{
    t->n = n;
    t->bad = NO_BAD;
    for (int i = 0; i < t->convs; i++)
        if (t->conv[i].wide)
            widen(t, &t->conv[i], false);
    wt_tape_fix_norms(t);
    run(t, 0, t->forward_steps);
}

void wt_tape_backward(struct wt_tape *t)
{
    run(t, t->forward_steps, t->steps);
    for (int i = 0; i < t->convs; i++)
        if (t->conv[i].wide && t->conv[i].trained)
            widen(t, &t->conv[i], true);
    const struct wt_ranks *r = t->options.ranks;
    for (int i = 0; r && i < t->params; i++)
        if (t->param[i].grad)
            r->sum_floats(r->user, t->param[i].grad, t->param[i].count);
}

/* ---- inspecting ---- */

float *wt_tape_input(struct wt_tape *t)
{
    return (float *)t->value[t->input].data;
}

const float *wt_tape_output(const struct wt_tape *t, int output, int *stride)
{
    *stride = t->value[t->output[output]].px;
    return (const float *)t->value[t->output[output]].data;
}

float *wt_tape_output_grad(struct wt_tape *t, int output)
{
    return (float *)t->value[t->output_grad[output]].data;
}

const char *wt_tape_first_bad(const struct wt_tape *t)
{
    return t->bad == NO_BAD ? NULL : t->names[t->norm[t->bad].node];
}

struct wt_pool *wt_tape_pool(struct wt_tape *t)
{
    return t->pool;
}

int wt_tape_params(const struct wt_tape *t)
{
    return t->params;
}

struct wt_tape_param *wt_tape_param(struct wt_tape *t, int i)
{
    return &t->param[i];
}

void wt_tape_param_export(const struct wt_tape_param *p, const float *from, float *to)
{
    const size_t taps = (size_t)p->shape[2] * p->shape[2], pairs = p->count / taps;
    for (size_t k = 0; k < taps; k++)
        for (size_t i = 0; i < pairs; i++)
            to[i * taps + k] = from[k * pairs + i];
}

void wt_tape_param_import(const struct wt_tape_param *p, const float *from, float *to)
{
    const size_t taps = (size_t)p->shape[2] * p->shape[2], pairs = p->count / taps;
    for (size_t k = 0; k < taps; k++)
        for (size_t i = 0; i < pairs; i++)
            to[k * pairs + i] = from[i * taps + k];
}

size_t wt_tape_bytes(const struct wt_tape *t)
{
    return sizeof *t + memory_size(t) + t->arena.held;
}

int wt_tape_steps(const struct wt_tape *t)
{
    return t->steps;
}

struct wt_tape_step_info wt_tape_step(const struct wt_tape *t, int i)
{
    static const char *const what[STEP_KINDS] = {
        "pack",       "convolution",   "sum",           "activation",
        "statistics", "norm gradient", "ReLU gradient", "weight gradient",
        "weight sum", "data gradient"};
    const struct wt_tape_step *s = &t->step[i];
    int node = 0;
    if (s->kind == STEP_STATS || s->kind == STEP_STORE || s->kind == STEP_STORE_GRAD)
        node = t->tensor[s->index].node;
    else if (s->kind == STEP_NORM_GRAD)
        node = t->norm[s->index].node;
    else if (s->kind == STEP_MIX)
        node = t->mix[s->index].tensor >= 0 ? t->tensor[t->mix[s->index].tensor].node : 0;
    else if (s->kind != STEP_PACK)
        node = t->conv[s->index].node;
    return (struct wt_tape_step_info){what[s->kind], t->names[node], s->ms};
}
