/* The backward pass, planned: tensors in reverse order, each one's gradient summed from those of
 * its readers; and where in memory values lie. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/align.h"
#include "tape/tape_internal.h"

static enum wt_status too_many(const struct wt_tape *t, int node)
{
    return wt_fail(WT_ERR_UNSUPPORTED, "%s: what is read so often cannot be trained",
                   t->names[node]);
}

static enum wt_status push(struct wt_tape *t, int tensor, struct wt_tape_addend a)
{
    struct wt_tape_tensor *x = &t->tensor[tensor];
    if (!x->needs_grad && !(a.norm >= 0 && t->norm[a.norm].trained))
        return WT_OK;
    if (x->addends == OPERANDS_MAX)
        return too_many(t, x->node);
    x->addend[x->addends++] = a;
    return WT_OK;
}

/* Once all that came through a BatchNorm is known: its parameters' gradients, and the coefficients
 * of what goes on to its input. */
static void finish_norms(struct wt_tape *t, const struct wt_tape_tensor *x)
{
    for (int i = 0; i < x->addends; i++) {
        const int norm = x->addend[i].norm;
        if (norm < 0 || t->norm[norm].bound)
            continue;
        t->norm[norm].bound = true;
        wt_tape_add_step(t, STEP_NORM_GRAD, norm);
    }
}

/* The tensor's gradient: the only addend itself where it comes unchanged, else a sum of all. */
static struct wt_tape_ref gather(struct wt_tape *t, struct wt_tape_tensor *x)
{
    const struct wt_tape_value v = t->value[x->value];
    const struct wt_tape_addend *a = x->addend;
    if (x->addends == 1 && a->from == WT_MIX_SAME && a->factor == 1 && a->norm < 0)
        return a->ref;
    finish_norms(t, x);
    const int out = wt_tape_add_value(t, v.h, v.w, v.c, t->type);
    struct wt_tape_mix *m = &t->mix[t->mixes];
    *m = (struct wt_tape_mix){.out = out, .tensor = -1, .segments = 1};
    m->band = wt_tape_band(v.h, 0, (size_t)v.w * v.c * 8);
    m->segment[0].channels = v.c;
    m->segment[0].terms = x->addends;
    for (int i = 0; i < x->addends; i++) {
        m->segment[0].term[i] = a[i];
        m->segment[0].x[i] = -1;
        for (int k = 0; a[i].norm >= 0 && !t->norm[a[i].norm].fixed && k <= i; k++)
            if (a[k].norm == a[i].norm) { /* slope and shift once, with the first of a norm */
                m->segment[0].x[i] = k == i ? x->value : -1;
                break;
            }
    }
    wt_tape_add_step(t, STEP_MIX, t->mixes++);
    return (struct wt_tape_ref){out, 0};
}

static enum wt_status back_mix(struct wt_tape *t, const struct wt_tape_mix *m,
                               struct wt_tape_ref grad)
{
    enum wt_status status = WT_OK;
    for (int i = 0; i < m->parts && !status; i++) {
        const struct wt_tape_part *p = &m->part[i];
        struct wt_tape_addend a = {{grad.value, grad.channel + p->at}, WT_MIX_SAME, m->factor, -1};
        if (p->up)
            a.from = WT_MIX_DOWN;
        else if (m->from == WT_MIX_DOWN)
            a.from = WT_MIX_UP;
        status = push(t, p->tensor, a);
    }
    return status;
}

/* Sums of a part's gradient on its way through a BatchNorm. */
static float *take_sums(struct wt_tape *t, int norm, int h, int band, int c)
{
    const int tasks = (h + band - 1) / band;
    float *p = wt_arena_take(&t->arena, (size_t)t->options.batch * tasks * 2 * c * sizeof *p);
    t->sum[t->sums++] = (struct wt_tape_sums){norm, tasks, p};
    return p;
}

static enum wt_status back_data(struct wt_tape *t, struct wt_tape_conv *c, struct wt_tape_ref grad)
{
    enum wt_status status = WT_OK;
    const struct wt_tape_value out = t->value[t->tensor[c->tensor].value];
    const int parts = c->in.parts / (c->stride * c->stride);
    const size_t row = (size_t)(out.w + c->taps - 1) * c->outputs * wt_type_size(t->type);
    const int value =
        wt_tape_add_value(t, out.h * c->stride, out.w * c->stride, c->grad_channels, t->type);
    struct wt_tape_step *s = wt_tape_add_step(t, STEP_DATA_GRAD, (int)(c - t->conv));
    s->grad = grad;
    s->out = value;
    s->band = wt_tape_band(out.h, c->taps - 1, row);
    for (int i = 0; i < parts && !status; i++) {
        const struct wt_tape_part *p = &c->in.part[i];
        if (!wt_tape_part_wanted(t, p))
            continue;
        if (p->norm >= 0) {
            s->partial[i] = take_sums(t, p->norm, out.h, s->band, p->channels);
            if (!s->partial[i])
                return wt_fail(WT_ERR_MEMORY, "out of memory for training");
        }
        status =
            push(t, p->tensor, (struct wt_tape_addend){{value, p->at}, WT_MIX_SAME, 1, p->norm});
    }
    return status;
}

static enum wt_status back_conv(struct wt_tape *t, struct wt_tape_conv *c, struct wt_tape_ref grad)
{
    if (!c->trained)
        return back_data(t, c, grad);
    const int index = (int)(c - t->conv);
    const int sums = wt_tape_add_value(t, 1, 1, (int)wt_tape_weight_sums(t, c), WT_F32);
    t->value[sums].shared = true;
    struct wt_tape_step *s = wt_tape_add_step(t, STEP_WEIGHT_GRAD, index);
    s->grad = grad;
    s->sums = sums;
    wt_tape_add_step(t, STEP_WEIGHT_SUM, index)->sums = sums;
    if (c->bias >= 0) {
        const size_t count = (size_t)WT_TAPE_SHARES * c->outputs;
        c->bias_sums = wt_arena_take(&t->arena, count * sizeof *c->bias_sums);
        if (!c->bias_sums)
            return wt_fail(WT_ERR_MEMORY, "out of memory for training");
    }
    return c->grad_channels ? back_data(t, c, grad) : WT_OK;
}

static enum wt_status back_store(struct wt_tape *t, int tensor, struct wt_tape_ref grad)
{
    const struct wt_tape_tensor *x = &t->tensor[tensor];
    const struct wt_tape_value v = t->value[x->value];
    const int value = wt_tape_add_value(t, v.h, v.w, v.c, t->type);
    struct wt_tape_step *s = wt_tape_add_step(t, STEP_STORE_GRAD, tensor);
    s->grad = grad;
    s->out = value;
    s->band = x->band;
    if (x->part.norm >= 0 && !(s->partial[0] = take_sums(t, x->part.norm, v.h, s->band, v.c)))
        return wt_fail(WT_ERR_MEMORY, "out of memory for training");
    return push(t, x->part.tensor,
                (struct wt_tape_addend){{value, 0}, WT_MIX_SAME, 1, x->part.norm});
}

enum wt_status wt_tape_reverse(struct wt_tape *t)
{
    enum wt_status status = WT_OK;
    for (int i = t->tensors - 1; i >= 0 && !status; i--) {
        struct wt_tape_tensor *x = &t->tensor[i];
        if (!x->addends)
            continue;
        if (!x->needs_grad) { /* a BatchNorm of it is trained, or it is an output */
            finish_norms(t, x);
            continue;
        }
        const struct wt_tape_ref grad = gather(t, x);
        status = x->conv >= 0     ? back_conv(t, &t->conv[x->conv], grad)
                 : x->stores_part ? back_store(t, i, grad)
                                  : back_mix(t, &t->mix[x->mix], grad);
    }
    return status;
}

/* ---- memory ---- */

static void touch(struct wt_tape *t, int value, int step)
{
    struct wt_tape_value *v = &t->value[value];
    if (v->first < 0)
        v->first = step;
    v->last = step;
}

static void touch_view(struct wt_tape *t, const struct wt_tape_conv *c, int step)
{
    for (int i = 0; i < c->in.parts; i++)
        touch(t, t->tensor[c->in.part[i].tensor].value, step);
}

static void touch_mix(struct wt_tape *t, const struct wt_tape_mix *m, int step)
{
    touch(t, m->out, step);
    for (int s = 0; s < m->segments; s++)
        for (int i = 0; i < m->segment[s].terms; i++) {
            touch(t, m->segment[s].term[i].ref.value, step);
            if (m->segment[s].x[i] >= 0)
                touch(t, m->segment[s].x[i], step);
        }
}

static void touch_step(struct wt_tape *t, int i)
{
    const struct wt_tape_step *s = &t->step[i];
    const struct wt_tape_conv *c = &t->conv[s->index];
    switch (s->kind) {
    case STEP_CONV:
        touch_view(t, c, i);
        touch(t, t->tensor[c->tensor].value, i);
        break;
    case STEP_MIX:
        touch_mix(t, &t->mix[s->index], i);
        break;
    case STEP_STORE_GRAD:
        touch(t, s->grad.value, i);
        touch(t, s->out, i); /* fall through */
    case STEP_STORE:
        touch(t, t->tensor[t->tensor[s->index].part.tensor].value, i);
        touch(t, t->tensor[s->index].value, i);
        break;
    case STEP_WEIGHT_GRAD:
        touch_view(t, c, i);
        touch(t, s->grad.value, i);
        touch(t, s->sums, i);
        break;
    case STEP_WEIGHT_SUM:
        touch(t, s->sums, i);
        break;
    case STEP_DATA_GRAD:
        touch_view(t, c, i);
        touch(t, s->grad.value, i);
        touch(t, s->out, i);
        break;
    default:
        break;
    }
}

size_t wt_tape_value_bytes(const struct wt_tape *t, const struct wt_tape_value *v)
{
    const size_t n = v->constant || v->shared ? 1 : (size_t)t->options.batch;
    return n * (size_t)v->h * v->w * v->px * wt_type_size(v->type);
}

/* The lowest place that is free for as long as a value lives; placed: by their offset. */
static size_t lowest(const struct wt_tape *t, const int *placed, int count,
                     const struct wt_tape_value *v, const size_t *bytes, size_t size)
{
    size_t at = 0;
    for (int i = 0; i < count; i++) {
        const struct wt_tape_value *u = &t->value[placed[i]];
        if (u->last < v->first || v->last < u->first)
            continue;
        if (u->offset >= at + size)
            break;
        if (u->offset + bytes[placed[i]] > at)
            at = u->offset + bytes[placed[i]];
    }
    return at;
}

/* Between two values: more than kernels read beyond an end, and no multiple of a page, so that
 * values of one size do not fall into the same sets of a cache. */
enum { VALUE_GAP = WT_PAGE + 5 * WT_ALIGNMENT };

struct order {
    int value;
    size_t bytes;
};

static int larger_first(const void *a, const void *b)
{
    const struct order *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return x->value - y->value;
}

enum wt_status wt_tape_place(struct wt_tape *t)
{
    enum wt_status status = WT_OK;
    for (int i = 0; i < t->steps; i++)
        touch_step(t, i);
    struct order *order = calloc((size_t)t->values + 1, sizeof *order);
    int *placed = calloc((size_t)t->values + 1, sizeof *placed), count = 0, todo = 0;
    size_t *bytes = calloc((size_t)t->values + 1, sizeof *bytes);
    if (!order || !placed || !bytes) {
        status = wt_fail(WT_ERR_MEMORY, "out of memory for training");
        goto out;
    }
    for (int i = 0; i < t->values; i++) {
        const size_t size = wt_align(wt_tape_value_bytes(t, &t->value[i])) + VALUE_GAP;
        bytes[i] = size;
        if (!t->value[i].kept && t->value[i].first >= 0)
            order[todo++] = (struct order){i, size};
    }
    qsort(order, (size_t)todo, sizeof *order, larger_first);
    for (int k = 0; k < todo; k++) {
        struct wt_tape_value *v = &t->value[order[k].value];
        v->offset = lowest(t, placed, count, v, bytes, order[k].bytes);
        if (v->offset + order[k].bytes > t->memory_bytes)
            t->memory_bytes = v->offset + order[k].bytes;
        int at = count++;
        for (; at > 0 && t->value[placed[at - 1]].offset > v->offset; at--)
            placed[at] = placed[at - 1];
        placed[at] = order[k].value;
    }
out:
    free(order);
    free(placed);
    free(bytes);
    return status;
}
