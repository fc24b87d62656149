/* From graph to fused steps. See plan.h for what is fused into what. */
#include "plan/lower.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/runs.h"
#include "kernels/winograd.h"

static int emit(struct lower *l, int node);

/* ---- steps ---- */

static struct wt_step *new_step(struct lower *l, enum wt_step_kind kind, int node)
{
    struct wt_plan *p = l->p;
    if (p->steps == p->step_capacity) {
        int capacity = p->step_capacity ? 2 * p->step_capacity : 128;
        struct wt_step *s = realloc(p->step, (size_t)capacity * sizeof *s);
        if (!s) {
            wt_lower_out_of_memory(l);
            return NULL;
        }
        p->step = s;
        p->step_capacity = capacity;
    }
    const struct wt_node *n = wt_lower_node(l, node);
    struct wt_step *s = &p->step[p->steps++];
    *s = (struct wt_step){.kind = kind, .h = n->h, .w = n->w, .c = n->c, .output = p->outputs};
    s->in.act = s->in2.act = s->pre.act = s->out.act = s->post.act = s->coord_act.act = -1;
    snprintf(s->name, sizeof s->name, "%s", n->name);
    return s;
}

/* ---- BatchNorm + ReLU ------------------------------------------------------------------------ */

/* The ReLU node after BatchNorm node b, or -1. */
static int relu_behind(const struct lower *l, int b)
{
    if (l->user_count[b] != 1)
        return -1;
    int r = l->users[b * USERS_MAX];
    return wt_lower_node(l, r)->op == WT_OP_RELU && !l->is_output[b] ? r : -1;
}

/* Takes the nth BatchNorm+ReLU user of a value: its ReLU node and its folded parameters. */
static bool take_bn(struct lower *l, int value, int nth, int *relu, struct wt_affine_ref *bn)
{
    for (int u = 0; u < l->user_count[value]; u++) {
        int b = l->users[value * USERS_MAX + u];
        if (wt_lower_node(l, b)->op != WT_OP_BATCHNORM || nth-- > 0)
            continue;
        *relu = relu_behind(l, b);
        if (*relu < 0) {
            wt_lower_unsupported(l, b, "a BatchNorm without a ReLU after it");
            return false;
        }
        *bn = wt_lower_fold(l, b, *relu, wt_lower_stored_type(l, *relu));
        return l->status == WT_OK;
    }
    return false;
}

/* The activated value that replaces a convolution's result when only BatchNorms read it: the result
 * itself need not be stored. -1: none. */
static int inner_relu(const struct lower *l, int conv)
{
    struct readers r = wt_lower_readers(l, conv);
    if (r.bns != 1 || r.convs + r.others > 0)
        return -1;
    int relu = relu_behind(l, l->users[conv * USERS_MAX]);
    if (relu < 0)
        return -1;
    r = wt_lower_readers(l, relu);
    return r.bns > 0 && r.bns <= 2 && r.convs + r.others == 0 ? relu : -1;
}

/* A step of its own for an activated value whose source's producer wrote another one already. */
static void emit_copy(struct lower *l, int relu)
{
    int b = wt_lower_node(l, relu)->in[0], value = wt_lower_node(l, b)->in[0];
    struct wt_step *s = new_step(l, WT_STEP_COPY, b);
    if (!s)
        return;
    s->in = (struct wt_view_ref){wt_lower_act(l, value), 0};
    s->post = (struct wt_view_ref){wt_lower_act(l, relu), 0};
    s->post_bn = wt_lower_fold(l, b, relu, wt_lower_stored_type(l, relu));
}

/* Writes of a step whose result is node `value`, channels from `channel` on: the value itself if it
 * is read, and one derived version of it: its first activated one, or else the one for
 * convolutions. Further versions are made by copies. */
static void write_value(struct lower *l, struct wt_step *s, int value, int channel, int made)
{
    int relu;
    struct readers r = wt_lower_readers(l, value);
    bool convert = r.convs > 0 && wt_lower_needs_conversion(l, value);
    if (r.others > 0 || (r.convs > 0 && !convert) || r.bns + convert > 1 + made)
        s->out = (struct wt_view_ref){wt_lower_act(l, value), channel};
    if (take_bn(l, value, 0, &relu, &s->post_bn)) {
        s->post = (struct wt_view_ref){wt_lower_act(l, relu), channel};
        l->emitted[relu] = true;
    } else if (convert && l->status == WT_OK) {
        s->post = (struct wt_view_ref){wt_lower_converted(l, value), channel};
        s->post_bn = wt_lower_fold(l, -1, value, l->p->options.type);
    }
    if (s->post.act >= 0 && l->status == WT_OK) {
        s->post_bn.scale += channel;
        s->post_bn.shift += channel;
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
    int x = wt_lower_node(l, conv)->in[0];
    *in = (struct conv_input){x, -1, -1, -1};
    const struct wt_node *n = wt_lower_node(l, x);
    if (n->op != WT_OP_CONCAT || wt_lower_node(l, n->in[1])->op != WT_OP_COORDS)
        return true;
    in->x = n->in[0];
    in->coords = wt_lower_node(l, in->x)->c;
    if (n->inputs == 3 && wt_lower_node(l, n->in[2])->op == WT_OP_MASKED_COORDS) {
        in->masked = n->in[2];
        in->masked_at = in->coords + 3;
    } else if (n->inputs != 2) {
        wt_lower_unsupported(l, conv, "coordinates beside other inputs");
    }
    return l->status == WT_OK;
}

/* The coordinates of a 1x1 convolution's pixels become terms of its epilogue; those that another
 * stack's output masks are made by a step before. */
static void add_coords(struct lower *l, int conv, struct wt_step *s, const struct conv_input *in)
{
    const struct wt_node *n = wt_lower_node(l, conv);
    s->coords = in->masked >= 0 ? WT_COORDS : 3;
    if (!l->coords || l->coords_h != n->h || l->coords_w != n->w)
        l->coords = wt_plan_coords(l->p, l->coords_h = n->h, l->coords_w = n->w);
    if (!l->coords)
        wt_lower_out_of_memory(l);
    s->coord = l->coords;
}

/* The step that masks coordinates; before the convolution's own is made. */
static struct wt_view_ref emit_masked_coords(struct lower *l, int conv, const struct conv_input *in)
{
    struct wt_view_ref none = {-1, 0};
    const struct wt_node *m = wt_lower_node(l, in->masked);
    int heat = m->in[0];
    if (emit(l, heat) < 0)
        return none;
    struct wt_step *s = new_step(l, WT_STEP_COORDS, conv);
    if (!s)
        return none;
    add_coords(l, conv, s, in);
    s->coords = 0;
    s->threshold = m->threshold;
    s->in = (struct wt_view_ref){wt_lower_act(l, heat), m->channel};
    int act = wt_lower_new_act(l, in->masked, 0, WT_F32);
    l->p->act[act].c = l->p->act[act].cs = WT_COORDS;
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
        const struct wt_node *n = wt_lower_node(l, user);
        if (n->op == WT_OP_CONCAT && l->user_count[user] == 1 && !l->is_output[user]) {
            int a = l->users[user * USERS_MAX];
            if (wt_lower_node(l, a)->op != WT_OP_ADD)
                continue;
            for (int k = 0; n->in[k] != conv; k++)
                t.channel += wt_lower_node(l, n->in[k])->c;
            from = user;
            add = a;
        } else if (n->op == WT_OP_ADD && l->user_count[conv] == 1 && !l->is_output[conv]) {
            int other = n->in[0] == conv ? n->in[1] : n->in[0];
            /* the skip convolution of a block is itself the residual of the block's concat; and of
             * two convolutions the later one does the adding */
            enum wt_op op = wt_lower_node(l, other)->op;
            if (op != WT_OP_CONCAT && op != WT_OP_UPSAMPLE2 && !(op == WT_OP_CONV && other > conv))
                add = user;
        }
    }
    if (add >= 0) {
        const struct wt_node *n = wt_lower_node(l, add);
        t.value = add;
        t.residual = n->in[0] == from ? n->in[1] : n->in[0];
    }
    return t;
}

/* Small maps read more weights than they save products: Winograd's are 4 times as many. */
static bool suits_winograd(const struct wt_winograd_kernels *k, const struct wt_node *n, int cin)
{
    return n->kernel == 3 && n->stride == 1 && n->pad == 1 && n->h % k->out == 0 &&
           n->w % k->out == 0 && n->h * n->w >= 16 * k->out * k->out && cin % 16 == 0 &&
           cin <= WT_WINOGRAD_CHANNELS;
}

/* The first of a level's Winograd kernels, those of the largest tiles, that suits; NULL: none. */
static const struct wt_winograd_kernels *choose_winograd(const struct wt_winograd_kernels *k,
                                                         const struct wt_node *n, int cin,
                                                         enum wt_type type, struct wt_quantiser q)
{
    while (k && !(suits_winograd(k, n, cin) &&
                  (type != WT_U8 || k->out == 2 || wt_plan_sums_fit(n, cin, q))))
        k = k->smaller;
    return k;
}

/* A convolution's input in the plan's type. */
static int conv_input_act(struct lower *l, int node)
{
    if (!wt_lower_needs_conversion(l, node))
        return wt_lower_act(l, node);
    if (l->converted[node] >= 0) /* by the step that made the value */
        return l->converted[node];
    struct wt_step *s = new_step(l, WT_STEP_COPY, node);
    if (!s)
        return -1;
    s->in = (struct wt_view_ref){wt_lower_act(l, node), 0};
    s->post = (struct wt_view_ref){wt_lower_converted(l, node), 0};
    s->post_bn = wt_lower_fold(l, -1, node, l->p->options.type);
    return s->post.act;
}

static void emit_conv(struct lower *l, int conv)
{
    const struct wt_node *n = wt_lower_node(l, conv);
    struct target t = find_target(l, conv);
    struct conv_input in;
    if (!read_input(l, conv, &in) || emit(l, in.x) < 0 ||
        (t.residual >= 0 && emit(l, t.residual) < 0))
        return;
    int cin = wt_lower_node(l, n->in[0])->c;
    if (in.coords >= 0 && n->kernel > 1 && (in.masked >= 0 || t.residual >= 0))
        wt_lower_unsupported(l, conv,
                             "masked coordinates or a residual in a convolution larger than 1x1");
    struct wt_view_ref masked = {-1, 0};
    if (in.masked >= 0 && l->status == WT_OK)
        masked = emit_masked_coords(l, conv, &in);
    int x = l->status == WT_OK ? conv_input_act(l, in.x) : -1;
    struct wt_quantiser q = l->status == WT_OK ? wt_lower_quantiser(l, in.x, l->p->options.type)
                                               : (struct wt_quantiser){0};
    struct wt_step *s = l->status == WT_OK ? new_step(l, WT_STEP_CONV, conv) : NULL;
    if (!s)
        return;
    s->in = (struct wt_view_ref){x, 0};
    s->type = l->p->act[x].type;
    s->coord_act = masked;
    if (in.coords >= 0 && n->kernel == 1)
        add_coords(l, conv, s, &in);
    else if (in.coords >= 0 &&
             !(s->map = wt_plan_bias_map(l->p, n, wt_lower_node(l, n->in[0]), cin, in.coords)))
        wt_lower_out_of_memory(l);
    if (t.residual >= 0)
        s->in2 = (struct wt_view_ref){wt_lower_act(l, t.residual), t.channel};
    int relu, inner = t.value == conv ? inner_relu(l, conv) : -1;
    if (inner >= 0 && take_bn(l, conv, 0, &relu, &s->inner_bn)) {
        l->emitted[inner] = true;
        t.value = inner;
    }
    /* of a convolution itself what is not added to, of its activated value the second version */
    if (t.value != conv && take_bn(l, inner >= 0 ? inner : conv, inner >= 0, &relu, &s->pre_bn)) {
        s->pre = (struct wt_view_ref){wt_lower_act(l, relu), 0};
        l->emitted[relu] = true;
    }
    write_value(l, s, t.value, t.channel, inner >= 0 && s->pre.act >= 0);
    s->kernel_size = n->kernel;
    s->stride = n->stride;
    s->conv_pad = n->pad;
    s->cin = in.coords >= 0 ? in.coords : cin;
    const struct wt_conv_kernels *kernels = &l->p->kernels->conv[s->type];
    if (kernels->pointwise && n->kernel == 1 && l->p->act[x].cs <= WT_RUNS_INPUTS)
        kernels = kernels->pointwise;
    s->kernels = kernels;
    if (in.coords < 0)
        s->winograd = choose_winograd(kernels->winograd, n, cin, s->type, q);
    s->kernel = s->winograd ? s->winograd->name : kernels->name;
    s->macs = (double)n->h * n->w * n->c * n->kernel * n->kernel * cin;
    int cs = n->kernel > 1 || s->type != WT_F32 ? l->p->act[x].cs : s->cin;
    if (l->status == WT_OK && !wt_plan_pack(l->p, s, n, cin, cs, q))
        wt_lower_out_of_memory(l);
    l->emitted[conv] = true;
}

/* ---- everything else ------------------------------------------------------------------------- */

/* An add is done by the convolutions that feed it, or is a step of its own. */
static void emit_add(struct lower *l, int add)
{
    const struct wt_node *n = wt_lower_node(l, add);
    for (int k = 0; k < 2; k++) {
        const struct wt_node *m = wt_lower_node(l, n->in[k]);
        int first = m->op == WT_OP_CONCAT ? m->in[0] : n->in[k];
        if (wt_lower_node(l, first)->op != WT_OP_CONV || find_target(l, first).value != add)
            continue;
        int parts = m->op == WT_OP_CONCAT ? m->inputs : 1;
        for (int i = 0; i < parts && l->status == WT_OK; i++)
            emit(l, parts > 1 ? m->in[i] : first);
        return;
    }
    bool up = wt_lower_node(l, n->in[1])->op == WT_OP_UPSAMPLE2;
    int b = up ? wt_lower_node(l, n->in[1])->in[0] : n->in[1];
    if (emit(l, n->in[0]) < 0 || emit(l, b) < 0)
        return;
    struct wt_step *s = new_step(l, up ? WT_STEP_UPADD : WT_STEP_ADD, add);
    if (!s)
        return;
    if (up)
        snprintf(s->name, sizeof s->name, "add_upsampled");
    s->in = (struct wt_view_ref){wt_lower_act(l, n->in[0]), 0};
    s->in2 = (struct wt_view_ref){wt_lower_act(l, b), 0};
    write_value(l, s, add, 0, 0);
}

static void emit_pool(struct lower *l, int pool)
{
    int x = wt_lower_node(l, pool)->in[0];
    if (emit(l, x) < 0)
        return;
    struct wt_step *s = new_step(l, WT_STEP_POOL, pool);
    if (!s)
        return;
    s->in = (struct wt_view_ref){wt_lower_act(l, x), 0};
    write_value(l, s, pool, 0, 0);
}

/* Emits whatever makes a node's value; -1 on failure. */
static int emit(struct lower *l, int i)
{
    const struct wt_node *n = wt_lower_node(l, i);
    if (l->status != WT_OK)
        return -1;
    if (l->emitted[i])
        return 0;
    switch (n->op) {
    case WT_OP_INPUT:
        l->p->input = wt_lower_act(l, i);
        break;
    case WT_OP_RELU: { /* the step that makes the BatchNorm's input often writes it already */
        const struct wt_node *b = wt_lower_node(l, n->in[0]);
        if (b->op != WT_OP_BATCHNORM)
            wt_lower_unsupported(l, i, "a ReLU that does not follow a BatchNorm");
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
        wt_lower_unsupported(l, i, "not covered on its own");
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
    l.converted = malloc(n * sizeof *l.converted);
    p->act = calloc(2 * n, sizeof *p->act); /* a value each, some of them in two types */
    p->input = -1;
    if (!l.users || !l.user_count || !l.is_output || !l.emitted || !l.act || !l.converted ||
        !p->act)
        wt_lower_out_of_memory(&l);
    else
        l.status = find_users(&l);
    for (size_t i = 0; l.act && l.converted && i < n; i++)
        l.act[i] = l.converted[i] = -1;
    for (int k = 0; k < g->outputs && l.status == WT_OK; k++) {
        if (emit(&l, g->output[k]) < 0)
            break;
        p->output[k] = l.act[g->output[k]];
        p->outputs = k + 1;
    }
    if (l.status == WT_OK && p->input < 0)
        wt_lower_unsupported(&l, 0, "the graph has no input");
    free(l.users);
    free(l.user_count);
    free(l.is_output);
    free(l.emitted);
    free(l.act);
    free(l.converted);
    return l.status;
}
