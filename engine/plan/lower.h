/* Inside of lowering a graph to a plan: what plan_lower.c, which makes the steps, asks about values
 * (lower_value.c): what reads them, in which type they are stored, and how they get there. */
#ifndef WT_ENGINE_LOWER_H
#define WT_ENGINE_LOWER_H

#include "plan/plan_internal.h"

#define USERS_MAX 8

struct lower {
    struct wt_plan *p;
    const struct wt_graph *g;
    int *users;      /* [count][USERS_MAX] */
    int *user_count; /* [count] */
    bool *is_output;
    int *act;       /* activation of a node's value, -1: not in memory */
    int *converted; /* of the same as the input of convolutions, where that is another; -1: none */
    const float *coords; /* shared by all convolutions of size coords_h x coords_w */
    int coords_h, coords_w;
    bool *emitted;
    enum wt_status status;
};

static inline const struct wt_node *wt_lower_node(const struct lower *l, int i)
{
    return &l->g->node[i];
}

/* Keep the first error as the status of lowering. */
void wt_lower_unsupported(struct lower *l, int node, const char *what);
void wt_lower_out_of_memory(struct lower *l);

/* Who reads a value: BatchNorms, convolutions as it is, others. */
struct readers {
    int bns, convs, others;
};
struct readers wt_lower_readers(const struct lower *l, int node);

/* An activation of a node's shape. */
int wt_lower_new_act(struct lower *l, int node, int pad, enum wt_type type);

/* What convolutions alone read has their type, the network's outputs are float32, and the rest is
 * kept in the stream's type. */
enum wt_type wt_lower_stored_type(const struct lower *l, int node);

/* The activation that holds a node's value; made on first use. */
int wt_lower_act(struct lower *l, int node);

/* Whether convolutions cannot read a node's activation as it is, and the one that they can read,
 * made on first use. */
bool wt_lower_needs_conversion(const struct lower *l, int node);
int wt_lower_converted(struct lower *l, int node);

/* How a node is stored in a type: nothing for floating point, but that the image is 0..255. The
 * ranges of the first convolution that reads it count for all of them. */
struct wt_quantiser wt_lower_quantiser(struct lower *l, int node, enum wt_type type);

/* v * scale + shift of BatchNorm node b (-1: none), then into the form in which node `to` is stored
 * in a type. */
struct wt_affine_ref wt_lower_fold(struct lower *l, int b, int to, enum wt_type type);

#endif
