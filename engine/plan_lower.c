/* From graph to fused steps. See plan.h for what is fused into what. */
#include "plan_internal.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USERS_MAX 8

struct lower {
    struct wt_plan *p;
    const struct wt_graph *g;
    int *users;      /* [count][USERS_MAX] */
    int *user_count; /* [count] */
    bool *is_output;
    int *act; /* activation of a node's value, -1: not in memory */
    bool *emitted;
    enum wt_status status;
};

static int emit(struct lower *l, int node);

static const struct wt_node *node_of(const struct lower *l, int i)
{
    return &l->g->node[i];
}

static void unsupported(struct lower *l, int i, const char *what)
{
    if (l->status == WT_OK)
        l->status = wt_fail(WT_ERR_UNSUPPORTED, "no inference step for node %d (%s): %s", i,
                            node_of(l, i)->name, what);
}

static void out_of_memory(struct lower *l)
{
    if (l->status == WT_OK)
        l->status = wt_fail(WT_ERR_MEMORY, "out of memory for the inference plan");
}

/* ---- activations and steps ------------------------------------------------------------------ */

static int largest_pad(const struct lower *l, int i)
{
    int pad = 0;
    for (int u = 0; u < l->user_count[i]; u++) {
        int user = l->users[i * USERS_MAX + u];
        const struct wt_node *n = node_of(l, user);
        int p = n->op == WT_OP_CONV ? n->pad : n->op == WT_OP_CONCAT ? largest_pad(l, user) : 0;
        pad = p > pad ? p : pad;
    }
    return pad;
}

static int new_act(struct lower *l, int node, int pad, enum wt_type type)
{
    const struct wt_node *n = node_of(l, node);
    struct wt_act *a = &l->p->act[l->p->acts];
    *a = (struct wt_act){.h = n->h,
                         .w = n->w,
                         .c = n->c,
                         .pad = pad,
                         .type = type,
                         .first = -1,
                         .last = -1,
                         .slot = -1};
    /* a larger convolution in float32 reads (kx, channel) as one run: no gap between pixels */
    a->cs = type != WT_F32 ? wt_round_up(n->c, 32) : pad ? n->c : wt_round_up(n->c, 16);
    return l->p->acts++;
}

/* The activation that holds node i's value; made on first use. What enters and leaves the network
 * is float32 in every plan. */
static int act_of(struct lower *l, int i)
{
    bool outside = l->is_output[i] || node_of(l, i)->op == WT_OP_INPUT;
    if (l->act[i] < 0)
        l->act[i] = new_act(l, i, largest_pad(l, i), outside ? WT_F32 : l->p->options.type);
    return l->act[i];
}

static struct wt_step *new_step(struct lower *l, enum wt_step_kind kind, int node)
{
    struct wt_plan *p = l->p;
    if (p->steps == p->step_capacity) {
        int capacity = p->step_capacity ? 2 * p->step_capacity : 128;
        struct wt_step *s = realloc(p->step, (size_t)capacity * sizeof *s);
        if (!s) {
            out_of_memory(l);
            return NULL;
        }
        p->step = s;
        p->step_capacity = capacity;
    }
    const struct wt_node *n = node_of(l, node);
    struct wt_step *s = &p->step[p->steps++];
    *s = (struct wt_step){.kind = kind, .h = n->h, .w = n->w, .c = n->c};
    s->in.act = s->in2.act = s->pre.act = s->out.act = s->post.act = -1;
    snprintf(s->name, sizeof s->name, "%s", n->name);
    return s;
}

/* ---- BatchNorm + ReLU ------------------------------------------------------------------------ */

/* The ReLU node behind BatchNorm node b, or -1. */
static int relu_behind(const struct lower *l, int b)
{
    if (l->user_count[b] != 1)
        return -1;
    int r = l->users[b * USERS_MAX];
    return node_of(l, r)->op == WT_OP_RELU && !l->is_output[b] ? r : -1;
}

static bool all_users_are_bn(const struct lower *l, int i)
{
    for (int u = 0; u < l->user_count[i]; u++)
        if (node_of(l, l->users[i * USERS_MAX + u])->op != WT_OP_BATCHNORM)
            return false;
    return !l->is_output[i];
}

/* v * scale + shift for channels from..from+c of BatchNorm node b. */
static struct wt_affine_ref fold_bn(struct lower *l, int b)
{
    const struct wt_node *n = node_of(l, b);
    struct wt_affine_ref ref = {NULL, NULL};
    float *f = wt_plan_constant(l->p, 2 * (size_t)n->c);
    if (!f) {
        out_of_memory(l);
        return ref;
    }
    for (int c = 0; c < n->c; c++) {
        double scale = n->gamma[c] / sqrt((double)n->var[c] + n->eps);
        f[c] = (float)scale;
        f[n->c + c] = (float)(n->beta[c] - n->mean[c] * scale);
    }
    ref.scale = f;
    ref.shift = f + n->c;
    return ref;
}

/* Takes the first BatchNorm+ReLU user of a value: its ReLU node and its folded parameters. */
static bool take_bn(struct lower *l, int value, int *relu, struct wt_affine_ref *bn)
{
    for (int u = 0; u < l->user_count[value]; u++) {
        int b = l->users[value * USERS_MAX + u];
        if (node_of(l, b)->op != WT_OP_BATCHNORM)
            continue;
        *relu = relu_behind(l, b);
        if (*relu < 0) {
            unsupported(l, b, "a BatchNorm without a ReLU behind it");
            return false;
        }
        *bn = fold_bn(l, b);
        return l->status == WT_OK;
    }
    return false;
}

/* A step of its own for an activated value whose source's producer wrote another one already. */
static void emit_copy(struct lower *l, int relu)
{
    int b = node_of(l, relu)->in[0], value = node_of(l, b)->in[0];
    struct wt_step *s = new_step(l, WT_STEP_COPY, b);
    if (!s)
        return;
    s->in = (struct wt_view_ref){act_of(l, value), 0};
    s->post = (struct wt_view_ref){act_of(l, relu), 0};
    s->post_bn = fold_bn(l, b);
}

/* Writes of a step whose result is node `value`, channels from `channel` on: the value itself if
 * anything but a BatchNorm reads it, and its first activated version. */
static void write_value(struct lower *l, struct wt_step *s, int value, int channel)
{
    int relu;
    if (!all_users_are_bn(l, value) || l->user_count[value] > 1)
        s->out = (struct wt_view_ref){act_of(l, value), channel};
    if (take_bn(l, value, &relu, &s->post_bn)) {
        s->post = (struct wt_view_ref){act_of(l, relu), channel};
        s->post_bn.scale += channel;
        s->post_bn.shift += channel;
        l->emitted[relu] = true;
    }
}

/* ---- convolution ----------------------------------------------------------------------------- */

/* Splits a convolution's input into the part in memory and constant coordinate channels. */
struct conv_input {
    int x;      /* node of the part in memory */
    int coords; /* its channel offset in the weight, -1: none */
    int masked; /* node, -1: none */
    int masked_at;
};

static bool read_input(struct lower *l, int conv, struct conv_input *in)
{
    int x = node_of(l, conv)->in[0];
    *in = (struct conv_input){x, -1, -1, -1};
    const struct wt_node *n = node_of(l, x);
    if (n->op != WT_OP_CONCAT || node_of(l, n->in[1])->op != WT_OP_COORDS)
        return true;
    in->x = n->in[0];
    in->coords = node_of(l, in->x)->c;
    if (n->inputs == 3 && node_of(l, n->in[2])->op == WT_OP_MASKED_COORDS) {
        in->masked = n->in[2];
        in->masked_at = in->coords + 3;
    } else if (n->inputs != 2) {
        unsupported(l, conv, "coordinates beside other inputs");
    }
    return l->status == WT_OK;
}

/* Adds the step that computes the bias map when part of it is masked by another stack's output. */
static struct wt_view_ref emit_coord_map(struct lower *l, int conv, const struct conv_input *in,
                                         int cin, const float *base)
{
    struct wt_view_ref none = {-1, 0};
    const struct wt_node *n = node_of(l, conv), *m = node_of(l, in->masked);
    if (n->kernel != 1) {
        unsupported(l, conv, "masked coordinates in a convolution larger than 1x1");
        return none;
    }
    float *f = wt_plan_constant(l->p, (size_t)n->h + n->w + 2 * n->c);
    int heat = m->in[0];
    if (!f || emit(l, heat) < 0) {
        out_of_memory(l);
        return none;
    }
    struct wt_step *s = new_step(l, WT_STEP_COORD_MAP, conv);
    if (!s)
        return none;
    float v[3];
    for (int i = 0; i < n->h; i++) {
        wt_plan_coords_at(i, 0, n->h, n->w, v);
        f[i] = v[0];
    }
    for (int j = 0; j < n->w; j++) {
        wt_plan_coords_at(0, j, n->h, n->w, v);
        f[n->h + j] = v[1];
    }
    for (int c = 0; c < n->c; c++) {
        f[n->h + n->w + c] = n->weight[(size_t)c * cin + in->masked_at];
        f[n->h + n->w + n->c + c] = n->weight[(size_t)c * cin + in->masked_at + 1];
    }
    s->row = f;
    s->col = f + n->h;
    s->wr = s->col + n->w;
    s->wc = s->wr + n->c;
    s->threshold = m->threshold;
    s->map = base;
    s->in = (struct wt_view_ref){act_of(l, heat), m->channel};
    int act = new_act(l, conv, 0, WT_F32);
    l->p->act[act].cs = n->c; /* as the kernel writes it */
    s->out = (struct wt_view_ref){act, 0};
    return s->out;
}

/* Where a convolution's result goes: into itself, into an add, or into a slice of a concat that is
 * added to something (the end of a residual block). */
struct target {
    int value;    /* node whose value is written */
    int channel;  /* first channel in it */
    int residual; /* node added, -1: none */
};

static struct target find_target(const struct lower *l, int conv)
{
    struct target t = {conv, 0, -1};
    int add = -1, from = conv;
    for (int u = 0; u < l->user_count[conv]; u++) {
        int user = l->users[conv * USERS_MAX + u];
        const struct wt_node *n = node_of(l, user);
        if (n->op == WT_OP_CONCAT && l->user_count[user] == 1 && !l->is_output[user]) {
            int a = l->users[user * USERS_MAX];
            if (node_of(l, a)->op != WT_OP_ADD)
                continue;
            for (int k = 0; n->in[k] != conv; k++)
                t.channel += node_of(l, n->in[k])->c;
            from = user;
            add = a;
        } else if (n->op == WT_OP_ADD && l->user_count[conv] == 1 && !l->is_output[conv]) {
            int other = n->in[0] == conv ? n->in[1] : n->in[0];
            /* the skip convolution of a block is itself the residual of the block's concat; and of
             * two convolutions the later one does the adding */
            enum wt_op op = node_of(l, other)->op;
            if (op != WT_OP_CONCAT && op != WT_OP_UPSAMPLE2 && !(op == WT_OP_CONV && other > conv))
                add = user;
        }
    }
    if (add >= 0) {
        const struct wt_node *n = node_of(l, add);
        t.value = add;
        t.residual = n->in[0] == from ? n->in[1] : n->in[0];
    }
    return t;
}

/* Small maps read more weights than they save products: Winograd's are 16/9 as many. */
static bool suits_winograd(const struct lower *l, const struct wt_node *n, int cin)
{
    return l->p->kernels->winograd_name && n->kernel == 3 && n->stride == 1 && n->pad == 1 &&
           n->h % 2 == 0 && n->w % 2 == 0 && n->h * n->w >= 256 && cin % 16 == 0;
}

/* A convolution's input in the plan's type; a network output, kept in float32, is converted. */
static int conv_input_act(struct lower *l, int node)
{
    int act = act_of(l, node);
    if (l->p->act[act].type == l->p->options.type || node_of(l, node)->op == WT_OP_INPUT)
        return act;
    struct wt_step *s = new_step(l, WT_STEP_COPY, node);
    if (!s)
        return act;
    s->in = (struct wt_view_ref){act, 0};
    s->out = (struct wt_view_ref){new_act(l, node, largest_pad(l, node), l->p->options.type), 0};
    return s->out.act;
}

static void emit_conv(struct lower *l, int conv)
{
    const struct wt_node *n = node_of(l, conv);
    struct target t = find_target(l, conv);
    struct conv_input in;
    if (!read_input(l, conv, &in) || emit(l, in.x) < 0 ||
        (t.residual >= 0 && emit(l, t.residual) < 0))
        return;
    int cin = node_of(l, n->in[0])->c, kept = in.coords >= 0 ? in.coords : cin;
    const float *map =
        in.coords >= 0 ? wt_plan_bias_map(l->p, n, node_of(l, n->in[0]), cin, in.coords) : NULL;
    struct wt_view_ref map_view = {-1, 0};
    if (in.coords >= 0 && !map)
        out_of_memory(l);
    if (in.masked >= 0 && l->status == WT_OK)
        map_view = emit_coord_map(l, conv, &in, cin, map);
    if (in.coords >= 0 && t.residual >= 0)
        unsupported(l, conv, "coordinates and a residual in one convolution");
    int x = l->status == WT_OK ? conv_input_act(l, in.x) : -1;
    struct wt_step *s = l->status == WT_OK ? new_step(l, WT_STEP_CONV, conv) : NULL;
    if (!s)
        return;
    s->in = (struct wt_view_ref){x, 0};
    s->type = l->p->act[x].type;
    s->map = in.masked >= 0 ? NULL : map;
    s->in2 = map_view;
    if (t.residual >= 0)
        s->in2 = (struct wt_view_ref){act_of(l, t.residual), t.channel};
    int relu;
    if (t.value != conv && take_bn(l, conv, &relu, &s->pre_bn)) {
        s->pre = (struct wt_view_ref){act_of(l, relu), 0};
        l->emitted[relu] = true;
    }
    write_value(l, s, t.value, t.channel);
    s->kernel_size = n->kernel;
    s->stride = n->stride;
    s->conv_pad = n->pad;
    s->cin = kept;
    s->winograd = in.coords < 0 && s->type == WT_F32 && suits_winograd(l, n, cin);
    s->kernel = s->winograd ? l->p->kernels->winograd_name : l->p->kernels->conv[s->type].name;
    s->macs = (double)n->h * n->w * n->c * n->kernel * n->kernel * cin;
    if (!wt_plan_pack(l->p, s, n, cin, n->kernel > 1 || s->type != WT_F32 ? l->p->act[x].cs : kept))
        out_of_memory(l);
    l->emitted[conv] = true;
}

/* ---- everything else ------------------------------------------------------------------------- */

/* An add is done by the convolutions that feed it, or is a step of its own. */
static void emit_add(struct lower *l, int add)
{
    const struct wt_node *n = node_of(l, add);
    for (int k = 0; k < 2; k++) {
        const struct wt_node *m = node_of(l, n->in[k]);
        int first = m->op == WT_OP_CONCAT ? m->in[0] : n->in[k];
        if (node_of(l, first)->op != WT_OP_CONV || find_target(l, first).value != add)
            continue;
        int parts = m->op == WT_OP_CONCAT ? m->inputs : 1;
        for (int i = 0; i < parts && l->status == WT_OK; i++)
            emit(l, parts > 1 ? m->in[i] : first);
        return;
    }
    bool up = node_of(l, n->in[1])->op == WT_OP_UPSAMPLE2;
    int b = up ? node_of(l, n->in[1])->in[0] : n->in[1];
    if (emit(l, n->in[0]) < 0 || emit(l, b) < 0)
        return;
    struct wt_step *s = new_step(l, up ? WT_STEP_UPADD : WT_STEP_ADD, add);
    if (!s)
        return;
    if (up)
        snprintf(s->name, sizeof s->name, "add_upsampled");
    s->in = (struct wt_view_ref){act_of(l, n->in[0]), 0};
    s->in2 = (struct wt_view_ref){act_of(l, b), 0};
    write_value(l, s, add, 0);
}

static void emit_pool(struct lower *l, int pool)
{
    int x = node_of(l, pool)->in[0];
    if (emit(l, x) < 0)
        return;
    struct wt_step *s = new_step(l, WT_STEP_POOL, pool);
    if (!s)
        return;
    s->in = (struct wt_view_ref){act_of(l, x), 0};
    write_value(l, s, pool, 0);
}

/* Emits whatever makes a node's value; -1 on failure. */
static int emit(struct lower *l, int i)
{
    const struct wt_node *n = node_of(l, i);
    if (l->status != WT_OK)
        return -1;
    if (l->emitted[i])
        return 0;
    switch (n->op) {
    case WT_OP_INPUT:
        l->p->input = act_of(l, i);
        break;
    case WT_OP_RELU: { /* the step that makes the BatchNorm's input often writes it already */
        const struct wt_node *b = node_of(l, n->in[0]);
        if (b->op != WT_OP_BATCHNORM)
            unsupported(l, i, "a ReLU that does not follow a BatchNorm");
        else if (emit(l, b->in[0]) == 0 && !l->emitted[i])
            emit_copy(l, i);
        break;
    }
    case WT_OP_CONV:
        emit_conv(l, i);
        break;
    case WT_OP_ADD:
        emit_add(l, i);
        break;
    case WT_OP_AVGPOOL2:
        emit_pool(l, i);
        break;
    default:
        unsupported(l, i, "not covered on its own");
    }
    l->emitted[i] = true;
    return l->status == WT_OK ? 0 : -1;
}

static enum wt_status find_users(struct lower *l)
{
    const struct wt_graph *g = l->g;
    for (int i = 0; i < g->count; i++)
        for (int k = 0; k < g->node[i].inputs; k++) {
            int x = g->node[i].in[k];
            if (l->user_count[x] == USERS_MAX)
                return wt_fail(WT_ERR_UNSUPPORTED, "node %d has more than %d users", x, USERS_MAX);
            l->users[x * USERS_MAX + l->user_count[x]++] = i;
        }
    for (int k = 0; k < g->outputs; k++)
        l->is_output[g->output[k]] = true;
    return WT_OK;
}

enum wt_status wt_plan_lower(struct wt_plan *p, const struct wt_graph *g)
{
    size_t n = (size_t)g->count;
    struct lower l = {.p = p, .g = g};
    l.users = calloc(n * USERS_MAX, sizeof *l.users);
    l.user_count = calloc(n, sizeof *l.user_count);
    l.is_output = calloc(n, sizeof *l.is_output);
    l.emitted = calloc(n, sizeof *l.emitted);
    l.act = malloc(n * sizeof *l.act);
    p->act = calloc(2 * n, sizeof *p->act); /* a value each, and the coordinate maps */
    p->input = -1;
    if (!l.users || !l.user_count || !l.is_output || !l.emitted || !l.act || !p->act)
        out_of_memory(&l);
    else
        l.status = find_users(&l);
    for (size_t i = 0; l.act && i < n; i++)
        l.act[i] = -1;
    for (int k = 0; k < g->outputs && l.status == WT_OK; k++) {
        if (emit(&l, g->output[k]) < 0)
            break;
        p->output[k] = l.act[g->output[k]];
        p->output_step[k] = p->steps;
        p->outputs = k + 1;
    }
    if (l.status == WT_OK && p->input < 0)
        unsupported(&l, 0, "the graph has no input");
    free(l.users);
    free(l.user_count);
    free(l.is_output);
    free(l.emitted);
    free(l.act);
    return l.status;
}
