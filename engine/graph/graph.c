#include "graph/graph.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void wt_graph_init(struct wt_graph *g)
{
    memset(g, 0, sizeof *g);
}

void wt_graph_fini(struct wt_graph *g)
{
    free(g->node);
    memset(g, 0, sizeof *g);
}

static int add_node(struct wt_graph *g, const struct wt_node *node)
{
    for (int i = 0; i < node->inputs; i++)
        if (node->in[i] < 0)
            return -1;
    if (g->count == g->capacity) {
        int capacity = g->capacity ? 2 * g->capacity : 256;
        struct wt_node *p = realloc(g->node, (size_t)capacity * sizeof *p);
        if (!p)
            return -1;
        g->node = p;
        g->capacity = capacity;
    }
    g->node[g->count] = *node;
    return g->count++;
}

/* A node with the shape of its first input. */
static struct wt_node like(const struct wt_graph *g, enum wt_op op, const char *name, int x)
{
    struct wt_node n = {.op = op, .in = {x}, .inputs = 1};
    snprintf(n.name, sizeof n.name, "%s", name);
    if (x >= 0) {
        assert(x < g->count);
        n.h = g->node[x].h;
        n.w = g->node[x].w;
        n.c = g->node[x].c;
    }
    return n;
}

int wt_graph_input(struct wt_graph *g, int h, int w, int c)
{
    struct wt_node n = {.op = WT_OP_INPUT, .name = "image", .h = h, .w = w, .c = c};
    return add_node(g, &n);
}

int wt_graph_conv(struct wt_graph *g, const char *name, int x, int out_channels, int kernel,
                  int stride, int pad, const float *weight, const float *bias)
{
    struct wt_node n = like(g, WT_OP_CONV, name, x);
    n.h = (n.h + 2 * pad - kernel) / stride + 1;
    n.w = (n.w + 2 * pad - kernel) / stride + 1;
    n.c = out_channels;
    n.kernel = kernel;
    n.stride = stride;
    n.pad = pad;
    n.weight = weight;
    n.bias = bias;
    return add_node(g, &n);
}

void wt_graph_conv_range(struct wt_graph *g, int x, const float *low, const float *high)
{
    if (x < 0)
        return;
    assert(g->node[x].op == WT_OP_CONV);
    g->node[x].in_low = low;
    g->node[x].in_high = high;
}

int wt_graph_batchnorm(struct wt_graph *g, const char *name, int x, const float *gamma,
                       const float *beta, const float *mean, const float *var, float eps)
{
    struct wt_node n = like(g, WT_OP_BATCHNORM, name, x);
    n.gamma = gamma;
    n.beta = beta;
    n.mean = mean;
    n.var = var;
    n.eps = eps;
    return add_node(g, &n);
}

int wt_graph_relu(struct wt_graph *g, int x)
{
    struct wt_node n = like(g, WT_OP_RELU, "relu", x);
    return add_node(g, &n);
}

int wt_graph_add(struct wt_graph *g, int a, int b)
{
    struct wt_node n = like(g, WT_OP_ADD, "add", a);
    n.in[1] = b;
    n.inputs = 2;
    assert(a < 0 || b < 0 || (g->node[b].h == n.h && g->node[b].w == n.w && g->node[b].c == n.c));
    return add_node(g, &n);
}

int wt_graph_concat(struct wt_graph *g, const int *x, int count)
{
    assert(count >= 1 && count <= WT_NODE_INPUTS);
    struct wt_node n = like(g, WT_OP_CONCAT, "concat", x[0]);
    n.inputs = count;
    n.c = 0;
    for (int i = 0; i < count; i++) {
        n.in[i] = x[i];
        if (x[i] < 0)
            return -1;
        assert(g->node[x[i]].h == n.h && g->node[x[i]].w == n.w);
        n.c += g->node[x[i]].c;
    }
    return add_node(g, &n);
}

int wt_graph_avgpool2(struct wt_graph *g, int x)
{
    struct wt_node n = like(g, WT_OP_AVGPOOL2, "pool", x);
    assert(n.h % 2 == 0 && n.w % 2 == 0);
    n.h /= 2;
    n.w /= 2;
    return add_node(g, &n);
}

int wt_graph_upsample2(struct wt_graph *g, int x)
{
    struct wt_node n = like(g, WT_OP_UPSAMPLE2, "upsample", x);
    n.h *= 2;
    n.w *= 2;
    return add_node(g, &n);
}

int wt_graph_coords(struct wt_graph *g, int h, int w)
{
    struct wt_node n = {.op = WT_OP_COORDS, .name = "coords", .h = h, .w = w, .c = 3};
    return add_node(g, &n);
}

int wt_graph_masked_coords(struct wt_graph *g, int heat, int channel, float threshold)
{
    struct wt_node n = like(g, WT_OP_MASKED_COORDS, "masked_coords", heat);
    assert(heat < 0 || (channel >= 0 && channel < n.c));
    n.c = 2;
    n.channel = channel;
    n.threshold = threshold;
    return add_node(g, &n);
}

void wt_graph_output(struct wt_graph *g, int x)
{
    assert(x < g->count && g->outputs < WT_GRAPH_OUTPUTS);
    g->output[g->outputs++] = x;
}

double wt_graph_macs(const struct wt_graph *g)
{
    double macs = 0;
    for (int i = 0; i < g->count; i++) {
        const struct wt_node *n = &g->node[i];
        if (n->op == WT_OP_CONV)
            macs += (double)n->h * n->w * n->c * n->kernel * n->kernel * g->node[n->in[0]].c;
    }
    return macs;
}

bool wt_graph_calibrated(const struct wt_graph *g)
{
    for (int i = 0; i < g->count; i++) {
        const struct wt_node *n = &g->node[i];
        int x = n->in[0];
        if (n->op != WT_OP_CONV || n->in_low)
            continue;
        if (g->node[x].op == WT_OP_CONCAT)
            x = g->node[x].in[0];
        bool maps = false;
        for (int k = 0; k < g->outputs; k++)
            maps = maps || g->output[k] == x;
        if (g->node[x].op != WT_OP_INPUT && !maps)
            return false;
    }
    return true;
}
