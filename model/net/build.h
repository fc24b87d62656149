/* Builds a network's graph by visiting its parameters in order.
 *
 * The same walk serves three purposes: with a graph it appends nodes; without one it only checks
 * that every tensor is there and has the right shape; with `fill` set it adds the missing tensors
 * (random networks). The first error stops it: one line is logged and all later calls do nothing.
 * Nodes are -1 when memory ran out, and mean nothing without a graph. One thread a builder. */
#ifndef WT_MODEL_BUILD_H
#define WT_MODEL_BUILD_H

#include "graph/graph.h"
#include "weights/weights.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_builder {
    const struct wt_weights *w;
    struct wt_graph *g;      /* NULL: check only */
    struct wt_weights *fill; /* adds tensors here */
    uint64_t rng;            /* of fill, not 0: see wt_build_seed */
    enum wt_status status;
};

/* A start of the builder's random numbers for every seed. */
uint64_t wt_build_seed(uint64_t seed);

/* Are nodes made? Not after an error: shapes would no longer fit. */
bool wt_building(const struct wt_builder *b);

/* NAME.weight, .bias, .running_mean and .running_var [c], then ReLU. */
int wt_build_batchnorm_relu(struct wt_builder *b, const char *name, int x, int c);

/* NAME.weight [cout,cin,k,k] and, if biased, NAME.bias [cout]; padding k / 2. coords: how many of
 * the cin channels are coordinates. Ranges of the input come from NAME.input_range [2,cin - coords]
 * where it is there. */
int wt_build_conv(struct wt_builder *b, const char *name, int x, int cin, int coords, int cout,
                  int k, int stride, bool biased);

int wt_build_concat(struct wt_builder *b, int n, const int *x);
int wt_build_add(struct wt_builder *b, int x, int y);
int wt_build_pool(struct wt_builder *b, int x);
/* x + nearest-neighbour enlargement of y. */
int wt_build_add_upsampled(struct wt_builder *b, int x, int y);

#ifdef __cplusplus
}
#endif
#endif
