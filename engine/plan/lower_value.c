/* Values of a graph on their way into a plan: see lower.h. */
#include "plan/lower.h"

#include <math.h>

#include "kernels/quant.h"

void wt_lower_unsupported(struct lower *l, int i, const char *what)
{
    if (l->status == WT_OK)
        l->status = wt_fail(WT_ERR_UNSUPPORTED, "no inference step for node %d (%s): %s", i,
                            wt_lower_node(l, i)->name, what);
}

void wt_lower_out_of_memory(struct lower *l)
{
    if (l->status == WT_OK)
        l->status = wt_fail(WT_ERR_MEMORY, "out of memory for the inference plan");
}

static int largest_pad(const struct lower *l, int i)
{
    int pad = 0;
    for (int u = 0; u < l->user_count[i]; u++) {
        int user = l->users[i * USERS_MAX + u];
        const struct wt_node *n = wt_lower_node(l, user);
        int p = n->op == WT_OP_CONV ? n->pad : n->op == WT_OP_CONCAT ? largest_pad(l, user) : 0;
        pad = p > pad ? p : pad;
    }
    return pad;
}

int wt_lower_new_act(struct lower *l, int node, int pad, enum wt_type type)
{
    const struct wt_node *n = wt_lower_node(l, node);
    struct wt_act *a = &l->p->act[l->p->acts];
    *a = (struct wt_act){.h = n->h,
                         .w = n->w,
                         .c = n->c,
                         .pad = pad,
                         .type = type,
                         .first = -1,
                         .last = -1,
                         .slot = -1};
    /* a larger convolution in float32, or over the image, reads (kx, channel) as one run: no gap
     * between pixels */
    a->cs = n->op == WT_OP_INPUT ? n->c
            : type != WT_F32     ? wt_round_up(n->c, 32)
            : pad                ? n->c
                                 : wt_round_up(n->c, 16);
    return l->p->acts++;
}

/* The convolution that user reads for: itself, or what is after the concat with its coordinates;
 * -1: none. */
static int conv_behind(const struct lower *l, int user)
{
    const struct wt_node *n = wt_lower_node(l, user);
    if (n->op == WT_OP_CONCAT && wt_lower_node(l, n->in[1])->op == WT_OP_COORDS)
        user = l->user_count[user] == 1 ? l->users[user * USERS_MAX] : -1;
    return user >= 0 && wt_lower_node(l, user)->op == WT_OP_CONV ? user : -1;
}

struct readers wt_lower_readers(const struct lower *l, int value)
{
    struct readers r = {0, 0, l->is_output[value]};
    for (int u = 0; u < l->user_count[value]; u++) {
        int user = l->users[value * USERS_MAX + u];
        if (wt_lower_node(l, user)->op == WT_OP_BATCHNORM)
            r.bns++;
        else if (conv_behind(l, user) >= 0)
            r.convs++;
        else
            r.others++;
    }
    return r;
}

enum wt_type wt_lower_stored_type(const struct lower *l, int i)
{
    enum wt_op op = wt_lower_node(l, i)->op;
    struct readers r = wt_lower_readers(l, i);
    if (l->is_output[i])
        return WT_F32;
    if (op == WT_OP_INPUT || (op == WT_OP_RELU && r.bns + r.others == 0))
        return l->p->options.type;
    return wt_stream_type(l->p);
}

bool wt_lower_needs_conversion(const struct lower *l, int i)
{
    return wt_lower_stored_type(l, i) != l->p->options.type;
}

int wt_lower_act(struct lower *l, int i)
{
    if (l->act[i] < 0)
        l->act[i] = wt_lower_new_act(l, i, largest_pad(l, i), wt_lower_stored_type(l, i));
    return l->act[i];
}

int wt_lower_converted(struct lower *l, int i)
{
    if (l->converted[i] < 0)
        l->converted[i] = wt_lower_new_act(l, i, largest_pad(l, i), l->p->options.type);
    return l->converted[i];
}

struct wt_quantiser wt_lower_quantiser(struct lower *l, int i, enum wt_type type)
{
    struct wt_quantiser q = {NULL, NULL};
    const struct wt_node *n = wt_lower_node(l, i), *reader = NULL;
    if (type == WT_F32 || (type == WT_BF16 && n->op != WT_OP_INPUT))
        return q;
    for (int u = 0; u < l->user_count[i] && !reader; u++) {
        int conv = conv_behind(l, l->users[i * USERS_MAX + u]);
        reader = conv >= 0 ? wt_lower_node(l, conv) : NULL;
    }
    float *f = wt_plan_constant(l->p, 2 * (size_t)n->c);
    if (!f) {
        wt_lower_out_of_memory(l);
        return q;
    }
    if (n->op != WT_OP_INPUT && !(reader && reader->in_low)) {
        wt_lower_unsupported(l, i,
                             "int8 needs the ranges of every convolution's input (calibration)");
        return q;
    }
    for (int c = 0; c < n->c; c++) {
        struct wt_quant one = {1.0f / 255, 0};
        if (n->op != WT_OP_INPUT)
            one = wt_quant_range(reader->in_low[c], reader->in_high[c]);
        f[c] = one.scale;
        f[n->c + c] = (float)one.zero;
    }
    return (struct wt_quantiser){f, f + n->c};
}

struct wt_affine_ref wt_lower_fold(struct lower *l, int b, int to, enum wt_type type)
{
    const struct wt_node *n = b >= 0 ? wt_lower_node(l, b) : NULL;
    struct wt_affine_ref ref = {NULL, NULL, n ? 0 : -INFINITY};
    struct wt_quantiser q = wt_lower_quantiser(l, to, type);
    int channels = wt_lower_node(l, to)->c;
    float *f = l->status == WT_OK ? wt_plan_constant(l->p, 2 * (size_t)channels) : NULL;
    if (!f) {
        wt_lower_out_of_memory(l);
        return ref;
    }
    for (int c = 0; c < channels; c++) {
        double scale = n ? n->gamma[c] / sqrt((double)n->var[c] + n->eps) : 1;
        double shift = n ? n->beta[c] - n->mean[c] * scale : 0, step = q.scale ? q.scale[c] : 1;
        f[c] = (float)(scale / step);
        f[channels + c] = (float)(shift / step + (q.zero ? q.zero[c] : 0));
    }
    ref.scale = f;
    ref.shift = f + channels;
    return ref;
}
