#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tape/tape_internal.h"

struct lower {
    struct wt_tape *t;
    const struct wt_graph *g;
    struct wt_tape_view *view; /* [nodes] */
    int node;
};

int wt_tape_add_value(struct wt_tape *t, int h, int w, int c, enum wt_type type)
{
    t->value[t->values] = (struct wt_tape_value){
        .h = h, .w = w, .c = c, .px = c, .type = type, .first = -1, .last = -1};
    return t->values++;
}

struct wt_tape_step *wt_tape_add_step(struct wt_tape *t, enum wt_tape_kind kind, int index)
{
    struct wt_tape_step *s = &t->step[t->steps++];
    *s = (struct wt_tape_step){.kind = kind, .index = index, .sums = -1, .out = -1};
    return s;
}

static int add_tensor(struct lower *l, int value, bool needs_grad)
{
    struct wt_tape *t = l->t;
    t->tensor[t->tensors] = (struct wt_tape_tensor){
        .value = value, .node = l->node, .conv = -1, .mix = -1, .needs_grad = needs_grad};
    return t->tensors++;
}

static struct wt_tape_view whole(const struct wt_tape *t, int tensor)
{
    const int c = t->value[t->tensor[tensor].value].c;
    return (struct wt_tape_view){.part = {{.tensor = tensor, .norm = -1, .channels = c, .step = 1}},
                                 .parts = 1,
                                 .channels = c};
}

bool wt_tape_part_wanted(const struct wt_tape *t, const struct wt_tape_part *p)
{
    return !p->masked &&
           (t->tensor[p->tensor].needs_grad || (p->norm >= 0 && t->norm[p->norm].trained));
}

static bool plain(const struct wt_tape_part *p)
{
    return p->norm < 0 && !p->relu && !p->masked;
}

static enum wt_status unsupported(const struct lower *l, const char *what)
{
    return wt_fail(WT_ERR_UNSUPPORTED, "%s: %s cannot be trained", l->g->node[l->node].name, what);
}

/* ---- mixes ---- */

/* The part of a view that holds channel c. */
static const struct wt_tape_part *part_at(const struct wt_tape_view *v, int c)
{
    for (int i = 0; i < v->parts; i++)
        if (c < v->part[i].at + v->part[i].channels)
            return &v->part[i];
    return NULL;
}

int wt_tape_add_mix(struct wt_tape *t, int out, const struct wt_tape_view *const *operand,
                    int operands, enum wt_mix_from from, float factor)
{
    struct wt_tape_mix *m = &t->mix[t->mixes];
    *m = (struct wt_tape_mix){.out = out, .tensor = -1};
    for (int at = 0, end; at < operand[0]->channels; at = end) {
        if (m->segments == SEGMENTS_MAX || operands > WT_MIX_TERMS)
            return -1;
        end = operand[0]->channels;
        const int s = m->segments++;
        for (int i = 0; i < operands; i++) {
            const struct wt_tape_part *p = part_at(operand[i], at);
            if (p->at + p->channels < end)
                end = p->at + p->channels;
            m->segment[s].term[i] =
                (struct wt_tape_addend){.ref = {t->tensor[p->tensor].value, at - p->at},
                                        .from = p->up ? WT_MIX_UP : from,
                                        .factor = factor,
                                        .norm = -1};
            m->segment[s].x[i] = -1;
        }
        m->segment[s].at = at;
        m->segment[s].channels = end - at;
        m->segment[s].terms = operands;
    }
    const struct wt_tape_value *v = &t->value[out];
    m->band = wt_tape_band(v->h, 0, (size_t)v->w * (size_t)v->c * 8);
    return t->mixes++;
}

/* Makes a view one of plain tensors: a BatchNorm or ReLU in it is carried out. */
static enum wt_status store(struct lower *l, struct wt_tape_view *v)
{
    struct wt_tape *t = l->t;
    for (int i = 0; i < v->parts; i++) {
        struct wt_tape_part *p = &v->part[i];
        if (plain(p))
            continue;
        if (p->masked)
            return unsupported(l, "a mask here");
        const struct wt_tape_value from = t->value[t->tensor[p->tensor].value];
        const int value = wt_tape_add_value(t, from.h, from.w, from.c, t->type);
        const int tensor = add_tensor(l, value, wt_tape_part_wanted(t, p));
        t->tensor[tensor].stores_part = true;
        t->tensor[tensor].part = *p;
        t->tensor[tensor].band = wt_tape_band(from.h, 0, (size_t)from.w * from.c * 8);
        wt_tape_add_step(t, STEP_STORE, tensor);
        wt_tape_add_step(t, STEP_STATS, tensor);
        p->tensor = tensor;
        p->norm = -1;
        p->relu = false;
    }
    return WT_OK;
}

/* The view of a node's input, stored; later readers of that node take what is stored as well. */
static const struct wt_tape_view *stored(struct lower *l, int input, enum wt_status *status)
{
    struct wt_tape_view *v = &l->view[l->g->node[l->node].in[input]];
    *status = *status ? *status : store(l, v);
    return v;
}

/* A tensor that is the sum of views. */
static enum wt_status sum(struct lower *l, const struct wt_tape_view *const *operand, int operands,
                          enum wt_mix_from from, float factor, struct wt_tape_view *out)
{
    struct wt_tape *t = l->t;
    const struct wt_node *n = &l->g->node[l->node];
    const int value = wt_tape_add_value(t, n->h, n->w, operand[0]->channels, t->type);
    const int mix = wt_tape_add_mix(t, value, operand, operands, from, factor);
    if (mix < 0)
        return unsupported(l, "a sum of so many parts");
    struct wt_tape_mix *m = &t->mix[mix];
    m->from = from;
    m->factor = factor;
    bool needs_grad = false;
    for (int i = 0; i < operands; i++)
        for (int k = 0; k < operand[i]->parts; k++) {
            const struct wt_tape_part *p = &operand[i]->part[k];
            if ((p->up && from != WT_MIX_SAME) || m->parts == PARTS_MAX)
                return unsupported(l, "an input of this kind");
            m->part[m->parts++] = *p;
            needs_grad = needs_grad || wt_tape_part_wanted(t, p);
        }
    const int tensor = add_tensor(l, value, needs_grad);
    t->tensor[tensor].mix = mix;
    t->tensor[tensor].band = t->mix[mix].band;
    t->mix[mix].tensor = tensor;
    wt_tape_add_step(t, STEP_MIX, mix);
    wt_tape_add_step(t, STEP_STATS, tensor);
    *out = whole(t, tensor);
    return WT_OK;
}

/* ---- parameters ---- */

static int add_param(struct lower *l, const char *suffix, const float *from, int o, int i, int k,
                     bool trained)
{
    struct wt_tape *t = l->t;
    struct wt_tape_param *p = &t->param[t->params];
    *p = (struct wt_tape_param){.count = (size_t)o * i * k * k, .shape = {o, i, k}};
    snprintf(p->name, sizeof p->name, "%s.%s", l->g->node[l->node].name, suffix);
    p->value = wt_arena_take(&t->arena, p->count * sizeof *p->value);
    p->grad = trained ? wt_arena_take(&t->arena, p->count * sizeof *p->grad) : NULL;
    p->decay = l->g->node[l->node].op == WT_OP_CONV && suffix[0] == 'w';
    if (!p->value || (trained && !p->grad))
        return -1;
    wt_tape_param_import(p, from, p->value);
    return t->params++;
}

/* Is the current node trained? */
static bool trained(const struct lower *l)
{
    const struct wt_tape_options *o = &l->t->options;
    return !o->trains || o->trains(o->user, l->g->node[l->node].name);
}

static enum wt_status no_memory(void)
{
    return wt_fail(WT_ERR_MEMORY, "out of memory for training");
}

/* ---- nodes ---- */

/* Does a step put it out? The input and coordinates are given. */
static bool made(const struct wt_tape_tensor *x)
{
    return x->conv >= 0 || x->mix >= 0 || x->stores_part;
}

static enum wt_status lower_norm(struct lower *l, struct wt_tape_view *out)
{
    struct wt_tape *t = l->t;
    const struct wt_node *n = &l->g->node[l->node];
    enum wt_status status = WT_OK;
    *out = *stored(l, 0, &status);
    if (status)
        return status;
    const bool fixed = t->options.fixed_norms || !trained(l);
    if (out->parts != 1 || out->part[0].up || !(fixed || made(&t->tensor[out->part[0].tensor])))
        return unsupported(l, "a BatchNorm of this"); /* nobody gathers the input's statistics */
    struct wt_tape_norm *b = &t->norm[t->norms];
    *b = (struct wt_tape_norm){.node = l->node, .tensor = out->part[0].tensor, .eps = n->eps};
    b->trained = trained(l);
    b->fixed = fixed;
    b->gamma = add_param(l, "weight", n->gamma, n->c, 1, 1, b->trained);
    b->beta = add_param(l, "bias", n->beta, n->c, 1, 1, b->trained);
    b->mean = add_param(l, "running_mean", n->mean, n->c, 1, 1, false);
    b->var = add_param(l, "running_var", n->var, n->c, 1, 1, false);
    float *arrays = wt_arena_take(&t->arena, (size_t)n->c * 7 * sizeof *arrays);
    if (!arrays || b->gamma < 0 || b->beta < 0 || b->mean < 0 || b->var < 0)
        return no_memory();
    b->scale = arrays;
    b->shift = arrays + n->c;
    b->back = arrays + 2 * n->c;
    b->slope = arrays + 3 * n->c;
    b->bias = arrays + 4 * n->c;
    b->middle = arrays + 5 * n->c;
    b->inverse = arrays + 6 * n->c;
    if (!b->fixed)
        t->tensor[b->tensor].stats = true;
    out->part[0].norm = t->norms++;
    return WT_OK;
}

/* The view of a convolution with stride 2: every part in the four places of a 2x2 square. */
static enum wt_status spread(struct lower *l, struct wt_tape_view *v)
{
    const int parts = v->parts, channels = v->channels;
    if (parts * 4 > PARTS_MAX)
        return unsupported(l, "a convolution of so many parts");
    for (int place = 0; place < 4; place++)
        for (int i = 0; i < parts; i++) {
            struct wt_tape_part *p = &v->part[place * parts + i];
            *p = v->part[i];
            p->at = place * channels + v->part[i].at % channels;
            p->step = 2;
            p->oy = place / 2;
            p->ox = place % 2;
        }
    v->parts = 4 * parts;
    v->channels = 4 * channels;
    return WT_OK;
}

static bool trainable(const struct wt_node *n, const struct wt_node *x)
{
    return (n->stride == 1 || n->stride == 2) && n->kernel % 2 == 1 &&
           2 * n->pad == n->kernel - 1 && x->h == n->h * n->stride && x->w == n->w * n->stride;
}

/* Channels of the view, from its first on, that a gradient is needed of. */
static int grad_channels(const struct wt_tape *t, const struct wt_tape_conv *c)
{
    int channels = 0;
    const int parts = c->in.parts / (c->stride * c->stride);
    for (int i = 0; i < parts; i++) {
        const struct wt_tape_part *p = &c->in.part[i];
        if (wt_tape_part_wanted(t, p))
            channels = p->at + p->channels;
    }
    return channels;
}

static enum wt_status lower_conv(struct lower *l, struct wt_tape_view *out)
{
    struct wt_tape *t = l->t;
    const struct wt_node *n = &l->g->node[l->node], *x = &l->g->node[n->in[0]];
    struct wt_tape_conv *c = &t->conv[t->convs];
    if (!trainable(n, x))
        return unsupported(l, "a convolution of this kernel, stride and padding");
    *c = (struct wt_tape_conv){.node = l->node,
                               .in = l->view[n->in[0]],
                               .kernel = n->kernel,
                               .stride = n->stride,
                               .outputs = n->c,
                               .bias = -1};
    for (int i = 0; i < c->in.parts; i++)
        if (c->in.part[i].up)
            return unsupported(l, "a convolution of an upsampled map");
    const int odd = n->stride == 2 ? n->pad % 2 : 0;
    c->taps = (n->kernel + odd + n->stride - 1) / n->stride;
    c->pad_before = (n->pad + odd) / n->stride;
    if (n->stride == 2 && spread(l, &c->in))
        return WT_ERR_UNSUPPORTED;
    c->trained = trained(l);
    c->weight = add_param(l, "weight", n->weight, n->c, x->c, n->kernel, c->trained);
    c->bias = n->bias ? add_param(l, "bias", n->bias, n->c, 1, 1, c->trained) : -1;
    if (c->weight < 0 || (n->bias && c->bias < 0))
        return no_memory();
    const int value = wt_tape_add_value(t, n->h, n->w, n->c, t->type);
    c->grad_channels = grad_channels(t, c);
    c->tensor = add_tensor(l, value, c->trained || c->grad_channels);
    const size_t row = (size_t)(n->w + c->taps - 1) * c->in.channels * wt_type_size(t->type);
    t->tensor[c->tensor].conv = t->convs;
    t->tensor[c->tensor].band = wt_tape_band(n->h, c->taps - 1, row);
    wt_tape_add_step(t, STEP_CONV, t->convs++);
    wt_tape_add_step(t, STEP_STATS, c->tensor);
    *out = whole(t, c->tensor);
    return wt_tape_make_panels(t, c);
}

static enum wt_status lower_coords(struct lower *l, struct wt_tape_view *out)
{
    struct wt_tape *t = l->t;
    const struct wt_node *n = &l->g->node[l->node];
    const int value = wt_tape_add_value(t, n->h, n->w, 3, WT_F32);
    float *p = wt_arena_take(&t->arena, (size_t)n->h * n->w * 3 * sizeof *p);
    if (!p)
        return no_memory();
    t->value[value].constant = t->value[value].kept = true;
    t->value[value].data = (char *)p;
    for (int i = 0; i < n->h; i++)
        for (int j = 0; j < n->w; j++, p += 3) {
            p[0] = n->h > 1 ? (float)(2.0 * i / (n->h - 1) - 1) : -1;
            p[1] = n->w > 1 ? (float)(2.0 * j / (n->w - 1) - 1) : -1;
            p[2] = (float)sqrt(((double)p[0] * p[0] + (double)p[1] * p[1]) / 2);
        }
    *out = whole(t, add_tensor(l, value, false));
    return WT_OK;
}

static enum wt_status lower_masked(struct lower *l, struct wt_tape_view *out)
{
    struct wt_tape *t = l->t;
    const struct wt_node *n = &l->g->node[l->node];
    enum wt_status status = WT_OK;
    const struct wt_tape_view *heat = stored(l, 0, &status);
    if (status || heat->parts != 1 || heat->part[0].up || n->threshold < 0 || n->threshold >= 1)
        return unsupported(l, "a mask of this kind");
    *out = whole(t, heat->part[0].tensor);
    out->channels = out->part[0].channels = 2;
    out->part[0].masked = true;
    out->part[0].mask_channel = n->channel;
    out->part[0].threshold = n->threshold;
    return WT_OK;
}

static enum wt_status lower_concat(struct lower *l, struct wt_tape_view *out)
{
    const struct wt_node *n = &l->g->node[l->node];
    *out = (struct wt_tape_view){0};
    for (int i = 0; i < n->inputs; i++) {
        const struct wt_tape_view *v = &l->view[n->in[i]];
        for (int k = 0; k < v->parts; k++) {
            if (out->parts == PARTS_MAX)
                return unsupported(l, "a concatenation of so many parts");
            out->part[out->parts] = v->part[k];
            out->part[out->parts++].at += out->channels;
        }
        out->channels += v->channels;
    }
    return WT_OK;
}

static enum wt_status lower_node(struct lower *l)
{
    struct wt_tape *t = l->t;
    const struct wt_node *n = &l->g->node[l->node];
    const struct wt_tape_view *x = n->inputs ? &l->view[n->in[0]] : NULL;
    struct wt_tape_view *out = &l->view[l->node];
    enum wt_status status = WT_OK;
    switch (n->op) {
    case WT_OP_INPUT:
        if (t->input >= 0)
            return unsupported(l, "a second input");
        t->input = wt_tape_add_value(t, n->h, n->w, n->c, WT_F32);
        t->value[t->input].kept = true;
        *out = whole(t, add_tensor(l, t->input, false));
        t->tensor[out->part[0].tensor].band = wt_tape_band(n->h, 0, (size_t)n->w * n->c * 8);
        return WT_OK;
    case WT_OP_CONV:
        return lower_conv(l, out);
    case WT_OP_BATCHNORM:
        return lower_norm(l, out);
    case WT_OP_RELU:
        *out = *x;
        for (int i = 0; i < out->parts; i++)
            out->part[i].relu = true;
        return WT_OK;
    case WT_OP_ADD: {
        const struct wt_tape_view *two[2] = {stored(l, 0, &status), stored(l, 1, &status)};
        return status ? status : sum(l, two, 2, WT_MIX_SAME, 1, out);
    }
    case WT_OP_CONCAT:
        return lower_concat(l, out);
    case WT_OP_AVGPOOL2:
        x = stored(l, 0, &status);
        return status ? status : sum(l, &x, 1, WT_MIX_DOWN, 0.25f, out);
    case WT_OP_UPSAMPLE2:
        *out = *x;
        for (int i = 0; i < out->parts; i++) {
            if (out->part[i].up || out->part[i].masked)
                return unsupported(l, "an upsampling of this kind");
            out->part[i].up = true;
        }
        return WT_OK;
    case WT_OP_COORDS:
        return lower_coords(l, out);
    case WT_OP_MASKED_COORDS:
        return lower_masked(l, out);
    }
    return unsupported(l, "this operation");
}

/* An output is float32 with padding that is never written, and has a gradient of the same shape. */
static enum wt_status lower_output(struct lower *l, int k)
{
    struct wt_tape *t = l->t;
    l->node = l->g->output[k];
    struct wt_tape_view *v = &l->view[l->node];
    if (store(l, v))
        return WT_ERR_UNSUPPORTED;
    if (v->parts != 1 || v->part[0].up || !made(&t->tensor[v->part[0].tensor]))
        return unsupported(l, "an output of this kind");
    const int value = t->tensor[v->part[0].tensor].value;
    for (int i = 0; i < k; i++)
        if (t->output[i] == value)
            return unsupported(l, "a map that is put out twice");
    struct wt_tape_value *p = &t->value[value];
    p->type = WT_F32;
    p->px = (p->c + 15) / 16 * 16;
    p->kept = true;
    t->output[k] = value;
    const int grad = wt_tape_add_value(t, p->h, p->w, p->c, WT_F32);
    t->value[grad].px = p->px;
    t->value[grad].kept = true;
    t->output_grad[k] = grad;
    struct wt_tape_tensor *x = &t->tensor[v->part[0].tensor];
    x->addend[x->addends++] = (struct wt_tape_addend){.ref = {grad, 0}, .factor = 1, .norm = -1};
    return WT_OK;
}

/* Memory of the sums that lead to statistics. */
static enum wt_status take_stats(struct wt_tape *t, struct wt_tape_tensor *x)
{
    const struct wt_tape_value *v = &t->value[x->value];
    const size_t tasks = (size_t)t->options.batch * ((v->h + x->band - 1) / x->band);
    x->partial = wt_arena_take(&t->arena, tasks * 2 * v->c * sizeof *x->partial);
    return x->partial ? WT_OK : no_memory();
}

enum wt_status wt_tape_lower(struct wt_tape *t, const struct wt_graph *g)
{
    struct lower l = {.t = t, .g = g};
    enum wt_status status = WT_OK;
    l.view = wt_arena_take(&t->arena, (size_t)g->count * sizeof *l.view);
    if (!l.view)
        return no_memory();
    wt_tape_add_step(t, STEP_PACK, 0);
    for (l.node = 0; l.node < g->count && !status; l.node++)
        status = lower_node(&l);
    if (!status && t->input < 0)
        status = wt_fail(WT_ERR_UNSUPPORTED, "a graph without an input cannot be trained");
    for (int k = 0; k < g->outputs && !status; k++)
        status = lower_output(&l, k);
    t->outputs = g->outputs;
    for (int i = 0; i < t->tensors && !status; i++)
        if (t->tensor[i].stats)
            status = take_stats(t, &t->tensor[i]);
    return status;
}
