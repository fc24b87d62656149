#include "graph/simplify.h"

#include <stdlib.h>
#include <string.h>

static bool is_1x1(const struct wt_node *n)
{
    return n->op == WT_OP_CONV && n->inputs == 1 && n->kernel == 1 && n->stride == 1;
}

static int count_users(const struct wt_graph *g, int i)
{
    int users = 0;
    for (int k = 0; k < g->count; k++)
        for (int j = 0; j < g->node[k].inputs; j++)
            users += g->node[k].in[j] == i;
    for (int k = 0; k < g->outputs; k++)
        users += g->output[k] == i;
    return users;
}

/* The operand of an add that is a 1x1 convolution which nothing else reads; its place is left in
 * `other`. -1: none. */
static int sole_conv(const struct wt_graph *g, const struct wt_node *add, int *other)
{
    for (int k = 1; k >= 0; k--)
        if (is_1x1(&g->node[add->in[k]]) && count_users(g, add->in[k]) == 1) {
            *other = add->in[1 - k];
            return add->in[k];
        }
    return -1;
}

/* A + B L and its bias; doubles, as it is done once. */
static bool merge(struct wt_node *a, const struct wt_node *b, const struct wt_node *l, int cin,
                  struct wt_arena *memory)
{
    float *weight = wt_arena_take(memory, (size_t)a->c * cin * sizeof *weight);
    float *bias = wt_arena_take(memory, (size_t)a->c * sizeof *bias);
    double *row = malloc((size_t)cin * sizeof *row);
    if (!weight || !bias || !row) {
        free(row);
        return false;
    }
    for (int o = 0; o < a->c; o++) {
        double sum = (a->bias ? a->bias[o] : 0.0) + (b->bias ? b->bias[o] : 0.0);
        for (int i = 0; i < cin; i++)
            row[i] = a->weight[(size_t)o * cin + i];
        for (int k = 0; k < l->c; k++) {
            const float *from = l->weight + (size_t)k * cin;
            double w = b->weight[(size_t)o * l->c + k];
            for (int i = 0; i < cin; i++)
                row[i] += w * from[i];
            sum += w * (l->bias ? l->bias[k] : 0.0);
        }
        for (int i = 0; i < cin; i++)
            weight[(size_t)o * cin + i] = (float)row[i];
        bias[o] = (float)sum;
    }
    free(row);
    a->weight = weight;
    a->bias = bias;
    return true;
}

static void replace_uses(struct wt_graph *g, int old, int by)
{
    for (int k = 0; k < g->count; k++)
        for (int j = 0; j < g->node[k].inputs; j++)
            if (g->node[k].in[j] == old)
                g->node[k].in[j] = by;
    for (int k = 0; k < g->outputs; k++)
        if (g->output[k] == old)
            g->output[k] = by;
}

/* Node `outer` as (x + A f) + B (L f). */
static bool merge_at(struct wt_graph *g, int outer, struct wt_arena *memory)
{
    int inner, x, b = sole_conv(g, &g->node[outer], &inner);
    if (b < 0 || g->node[inner].op != WT_OP_ADD || count_users(g, inner) != 1)
        return true;
    int a = sole_conv(g, &g->node[inner], &x), l = g->node[b].in[0];
    if (a < 0 || !is_1x1(&g->node[l]) || g->node[l].in[0] != g->node[a].in[0])
        return true;
    if (!merge(&g->node[a], &g->node[b], &g->node[l], g->node[g->node[l].in[0]].c, memory))
        return false;
    replace_uses(g, outer, inner);
    g->node[outer].inputs = g->node[b].inputs = 0;
    return true;
}

enum wt_status wt_simplify(const struct wt_graph *g, struct wt_graph *out, struct wt_arena *memory)
{
    *out = *g;
    out->capacity = g->count;
    out->node = malloc((size_t)g->count * sizeof *out->node);
    bool ok = out->node != NULL;
    if (ok)
        memcpy(out->node, g->node, (size_t)g->count * sizeof *out->node);
    for (int i = 0; ok && i < out->count; i++)
        if (out->node[i].op == WT_OP_ADD && out->node[i].inputs == 2)
            ok = merge_at(out, i, memory);
    return ok ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory for the inference plan");
}
