/* A network as a list of plain operations, before any fusing.
 *
 * The one description that inference plans, training and ONNX export all read. A node's inputs
 * come before it in the list. Activations are [N,H,W,C]; N is chosen when it runs.
 * Parameters are borrowed pointers and must outlive the graph. Not a scheduler: see plan.h.
 * Not thread-safe while being built; read-only afterwards. */
#ifndef WT_ENGINE_GRAPH_H
#define WT_ENGINE_GRAPH_H

#include "base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wt_op {
    WT_OP_INPUT,     /* [N,H,W,C] from the caller */
    WT_OP_CONV,      /* weight [O,I,K,K], bias [O] or NULL; zero padding */
    WT_OP_BATCHNORM, /* inference form: gamma (x - mean) / sqrt(var + eps) + beta */
    WT_OP_RELU,
    WT_OP_ADD,       /* two inputs of one shape */
    WT_OP_CONCAT,    /* along C, 2..4 inputs */
    WT_OP_AVGPOOL2,  /* 2x2 mean, stride 2; even sizes */
    WT_OP_UPSAMPLE2, /* nearest, factor 2 */
    WT_OP_COORDS,    /* constant [H,W,3]: row in [-1,1], column in [-1,1], radius / max radius */
    WT_OP_MASKED_COORDS, /* [H,W,2]: row and column where clamp(in[0] channel, 0, 1) > threshold,
                            else 0; channel `channel` of in[0] */
};

#define WT_NODE_INPUTS 4

struct wt_node {
    enum wt_op op;
    char name[48]; /* prefix of the parameters' tensor names ("m0.b1_4.conv1"), else descriptive */
    int in[WT_NODE_INPUTS], inputs;
    int h, w, c;                   /* shape of the output without N */
    int kernel, stride, pad;       /* CONV */
    const float *weight, *bias;    /* CONV */
    const float *in_low, *in_high; /* CONV: see wt_graph_conv_range; NULL: not calibrated */
    const float *gamma, *beta, *mean, *var; /* BATCHNORM, [C] each */
    float eps;                              /* BATCHNORM */
    int channel;                            /* MASKED_COORDS */
    float threshold;                        /* MASKED_COORDS */
};

#define WT_GRAPH_OUTPUTS 8

struct wt_graph {
    struct wt_node *node;
    int count, capacity;
    int output[WT_GRAPH_OUTPUTS], outputs; /* nodes, in order of depth */
};

void wt_graph_init(struct wt_graph *g);
void wt_graph_fini(struct wt_graph *g);

/* Builders return the new node's index, or -1 when memory ran out or an argument was -1 (so a
 * chain of calls needs one check at its end). Shapes that do not fit are programmer errors. */
int wt_graph_input(struct wt_graph *g, int h, int w, int c);
int wt_graph_conv(struct wt_graph *g, const char *name, int x, int out_channels, int kernel,
                  int stride, int pad, const float *weight, const float *bias);
/* Ranges that convolution x's input takes, for int8: [channels of the input without coordinate
 * channels] each, valid ones (quant.h); low is 0 after a ReLU. */
void wt_graph_conv_range(struct wt_graph *g, int x, const float *low, const float *high);
int wt_graph_batchnorm(struct wt_graph *g, const char *name, int x, const float *gamma,
                       const float *beta, const float *mean, const float *var, float eps);
int wt_graph_relu(struct wt_graph *g, int x);
int wt_graph_add(struct wt_graph *g, int a, int b);
int wt_graph_concat(struct wt_graph *g, const int *x, int n);
int wt_graph_avgpool2(struct wt_graph *g, int x);
int wt_graph_upsample2(struct wt_graph *g, int x);
int wt_graph_coords(struct wt_graph *g, int h, int w);
int wt_graph_masked_coords(struct wt_graph *g, int heat, int channel, float threshold);
/* Marks a node as the next output. */
void wt_graph_output(struct wt_graph *g, int x);

/* Multiply-accumulates of one image. */
double wt_graph_macs(const struct wt_graph *g);

/* Whether int8 has the ranges of every convolution's input that it needs: of all but the graph's
 * input, which is bytes, and its outputs (a stack's maps, whose convolution a plan merges into
 * another). */
bool wt_graph_calibrated(const struct wt_graph *g);

#ifdef __cplusplus
}
#endif
#endif
