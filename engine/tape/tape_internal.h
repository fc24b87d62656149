/* How a tape looks inside; shared by tape*.c.
 *
 * The graph becomes tensors and a list of steps. A tensor is the output of a convolution, an
 * addition or a pooling, and is stored as it is. BatchNorm, ReLU, concatenation, upsampling and
 * coordinates are not, unless a BatchNorm, an addition or a pooling reads them: they are parts of a
 * view, how a reader takes what is stored. A
 * convolution lays its view out in a band of padded rows that stays in cache, and does so again in
 * the backward pass.
 *
 * A convolution with stride 2 is one with stride 1 over pixels of four times the channels: its view
 * has each part four times, for the four places in a square of 2x2. */
#ifndef WT_ENGINE_TAPE_INTERNAL_H
#define WT_ENGINE_TAPE_INTERNAL_H

#include <string.h>

#include "base/arena.h"
#include "base/pool.h"
#include "kernels/train_kernels.h"
#include "tape/tape.h"

enum { PARTS_MAX = 20, OPERANDS_MAX = 8, SEGMENTS_MAX = 16 };

/* An array [n][h][w][px] of which c channels count. */
struct wt_tape_value {
    int h, w, c, px;
    enum wt_type type;
    bool constant;   /* [h][w][px], the same for all images */
    bool shared;     /* one for all images */
    bool kept;       /* has memory of its own for good */
    int first, last; /* steps that write and read it; -1: unused */
    size_t offset;
    char *data;
};

/* Channels of a value from one on. */
struct wt_tape_ref {
    int value, channel;
};

/* What a tensor's gradient is the sum of. */
struct wt_tape_addend {
    struct wt_tape_ref ref;
    enum wt_mix_from from;
    float factor;
    int norm; /* the gradient came through this BatchNorm; -1 */
};

struct wt_tape_part {
    int tensor;
    int norm; /* -1: none */
    bool relu, up;
    bool masked;      /* two channels: coordinates where a channel of tensor is above threshold */
    int mask_channel; /* with masked */
    float threshold;
    int at, channels; /* where in the view, and how many */
    int step, oy, ox; /* row i, pixel j of the view are step * i + oy, step * j + ox of tensor */
};

struct wt_tape_tensor {
    int value, node;
    int conv, mix;    /* what puts it out; -1 */
    bool stores_part; /* ... or that is this part, a BatchNorm or ReLU that must be stored */
    struct wt_tape_part part;
    bool stats;      /* a BatchNorm that needs the batch's statistics reads it */
    int band;        /* rows that one task writes */
    float *partial;  /* [tasks][2][c]: what each task adds to the sums */
    bool needs_grad; /* it depends on something that is trained */
    struct wt_tape_addend addend[OPERANDS_MAX];
    int addends;
};

/* A gradient that came through a BatchNorm: its tasks' sums, [tasks][2][c]. */
struct wt_tape_sums {
    int norm, tasks; /* tasks an image */
    float *partial;
};

struct wt_tape_norm {
    int node, tensor;
    float eps;
    int gamma, beta, mean, var; /* parameters */
    bool trained, fixed;        /* fixed: by its running statistics */
    float *middle, *inverse;    /* [c]: what it takes for mean and 1 / sqrt(var + eps) */
    float *scale, *shift;       /* [c]: y = x * scale + shift */
    float *back, *slope, *bias; /* [c]: dx = dy * back + x * slope + bias */
    bool bound;                 /* backward: an addend holds slope and bias already */
};

struct wt_tape_view {
    struct wt_tape_part part[PARTS_MAX];
    int parts, channels;
};

/* One direction of a convolution: panels of packed weights. */
struct wt_tape_side {
    struct wt_conv_panel *panel;
    bool *wide;
    int *first; /* [panels]: output channel */
    int panels, channels, kc;
};

struct wt_tape_conv {
    int node;
    struct wt_tape_view in;
    int tensor;           /* it puts out */
    int kernel, stride;   /* as the graph has them */
    int taps, pad_before; /* of the convolution with stride 1 */
    int outputs;
    bool trained;
    int weight, bias;        /* parameters; bias -1: none */
    float *wide, *wide_grad; /* stride 2: weights [taps][taps][O][channels of the view] */
    double *bias_sums;       /* [shares][outputs] */
    int grad_channels;       /* of the view, from its first on, that need a gradient; 0: none */
    struct wt_tape_side forward, backward;
};

struct wt_tape_mix {
    int out;    /* value */
    int tensor; /* whose statistics to gather; -1 */
    int band;
    struct {
        int at, channels, terms;
        struct wt_tape_addend term[WT_MIX_TERMS];
        int x[WT_MIX_TERMS]; /* with norm: value that slope multiplies; -1 */
    } segment[SEGMENTS_MAX];
    int segments;
    /* What a tensor is the sum of, for the backward pass: whole tensors at channel `at` of it. */
    struct wt_tape_part part[PARTS_MAX];
    int parts;
    enum wt_mix_from from;
    float factor;
};

enum wt_tape_kind {
    STEP_PACK,
    STEP_CONV,
    STEP_MIX,
    STEP_STORE,
    STEP_STATS,
    STEP_NORM_GRAD,
    STEP_STORE_GRAD,
    STEP_WEIGHT_GRAD,
    STEP_WEIGHT_SUM,
    STEP_DATA_GRAD,
    STEP_KINDS
};

struct wt_tape_step {
    enum wt_tape_kind kind;
    int index; /* of the conv, mix, tensor (STATS, STORE, STORE_GRAD) or norm (NORM_GRAD) */
    struct wt_tape_ref grad; /* WEIGHT_GRAD, DATA_GRAD, STORE_GRAD: dL/d(what comes out) */
    int sums;                /* WEIGHT_GRAD, WEIGHT_SUM: value */
    int out;                 /* DATA_GRAD, STORE_GRAD: value */
    int band;
    float *partial[PARTS_MAX]; /* DATA_GRAD: sums of each part */
    double ms;
};

struct wt_tape {
    struct wt_tape_options options;
    const struct wt_kernels *kernels;
    const struct wt_train_kernels *train;
    enum wt_type type;
    struct wt_pool *pool;
    struct wt_arena arena;
    struct wt_tape_value *value;
    struct wt_tape_tensor *tensor;
    struct wt_tape_norm *norm;
    struct wt_tape_conv *conv;
    struct wt_tape_mix *mix;
    struct wt_tape_step *step;
    struct wt_tape_sums *sum;
    struct wt_tape_param *param;
    int values, tensors, norms, convs, mixes, steps, sums, params;
    int forward_steps;
    int input, output[WT_GRAPH_OUTPUTS], output_grad[WT_GRAPH_OUTPUTS], outputs; /* values */
    char (*names)[48];                                                           /* [nodes] */
    char *memory; /* of the values of limited lifetime */
    size_t memory_bytes, scratch_bytes;
    char **scratch;             /* [threads] */
    double *total;              /* [2][c] of a BatchNorm: sums over the batch */
    int n;                      /* images of the step */
    int from;                   /* first step of the run */
    struct wt_pool_step *share; /* [steps]: of the run, for the pool */
    double began;               /* the step that runs, ms */
    unsigned bad;               /* norm whose input is not finite; NO_BAD: none */
};

#define NO_BAD 0xffffffffu

/* tape_lower.c: tensors, views and the steps of the forward pass. Errors: MEMORY, UNSUPPORTED. */
enum wt_status wt_tape_lower(struct wt_tape *t, const struct wt_graph *g);
int wt_tape_add_value(struct wt_tape *t, int h, int w, int c, enum wt_type type);
struct wt_tape_step *wt_tape_add_step(struct wt_tape *t, enum wt_tape_kind kind, int index);
/* The same gradient or sum in segments of channels, out of views that hold plain parts only.
 * Returns the mix, or -1 where there are too many terms. */
int wt_tape_add_mix(struct wt_tape *t, int out, const struct wt_tape_view *const *operand,
                    int operands, enum wt_mix_from from, float factor);

/* Is a gradient wanted of what a part takes from its tensor, or on the way there? */
bool wt_tape_part_wanted(const struct wt_tape *t, const struct wt_tape_part *p);

/* tape_backward.c: the steps of the backward pass, and where values lie. */
enum wt_status wt_tape_reverse(struct wt_tape *t);
enum wt_status wt_tape_place(struct wt_tape *t);
size_t wt_tape_value_bytes(const struct wt_tape *t, const struct wt_tape_value *v);

/* tape_pack.c: panels of a convolution and their weights. */
enum wt_status wt_tape_make_panels(struct wt_tape *t, struct wt_tape_conv *c);
int wt_tape_pack_tasks(const struct wt_tape *t);
void wt_tape_pack(struct wt_tape *t, int task, char *scratch);
/* Rows of the band that one task works on, for rows of so many bytes with `halo` beside them. */
int wt_tape_band(int rows, int halo, size_t row_bytes);

/* tape_view.c: row i (of the padded or unpadded view, out of range: zeros), channels from..from+m,
 * of an image to `to` with stride to_px; pixels pad_before + j. The padding is zeroed as well. */
void wt_tape_view_row(const struct wt_tape *t, const struct wt_tape_conv *c, int image, int row,
                      int from, int m, void *to, ptrdiff_t to_px);
size_t wt_tape_conv_scratch(const struct wt_tape *t, const struct wt_tape_conv *c, int band,
                            bool backward);

/* A part as kernels see it, from channel `from` of it on. */
struct wt_norm_row wt_tape_norm_row(const struct wt_tape *t, const struct wt_tape_part *p,
                                    int from);
/* A task's sums for the statistics of a tensor, rows being written already. */
void wt_tape_gather_stats(struct wt_tape *t, int tensor, int task);

/* Scale and shift of the fixed BatchNorms, before a forward pass. */
void wt_tape_fix_norms(struct wt_tape *t);

/* What a task of a step does. scratch: wt_tape.scratch_bytes. */
void wt_tape_run_conv(struct wt_tape *t, struct wt_tape_step *s, int task, char *scratch);
void wt_tape_run_data_grad(struct wt_tape *t, struct wt_tape_step *s, int task, char *scratch);
void wt_tape_run_weight_grad(struct wt_tape *t, struct wt_tape_step *s, int task, char *scratch);
void wt_tape_run_weight_sum(struct wt_tape *t, struct wt_tape_step *s, int task);
void wt_tape_run_store(struct wt_tape *t, struct wt_tape_step *s, int task);
void wt_tape_run_store_grad(struct wt_tape *t, struct wt_tape_step *s, int task);
void wt_tape_run_mix(struct wt_tape *t, struct wt_tape_step *s, int task);
void wt_tape_run_stats(struct wt_tape *t, struct wt_tape_step *s, int task);
void wt_tape_run_norm_grad(struct wt_tape *t, struct wt_tape_step *s, int task);

/* Tasks of STATS and NORM_GRAD. */
int wt_tape_norm_tasks(const struct wt_tape *t, const struct wt_tape_tensor *x);
int wt_tape_weight_grad_tasks(const struct wt_tape *t, const struct wt_tape_conv *c);
int wt_tape_weight_sum_tasks(const struct wt_tape *t, const struct wt_tape_conv *c);
size_t wt_tape_weight_grad_scratch(const struct wt_tape *t, const struct wt_tape_conv *c);
/* Floats that the tasks of a weight gradient leave to be added up. */
size_t wt_tape_weight_sums(const struct wt_tape *t, const struct wt_tape_conv *c);
enum { WT_TAPE_SHARES = 8 }; /* rows of `bias_sums`, at most */

/* Rows of an image that one task works on. */
struct wt_tape_rows {
    int image, first, end;
};

static inline struct wt_tape_rows wt_tape_rows_of(int h, int band, int task)
{
    const int bands = (h + band - 1) / band, first = task % bands * band;
    return (struct wt_tape_rows){task / bands, first, first + band < h ? first + band : h};
}

static inline char *wt_tape_at(const struct wt_tape_value *v, int image, int row, int pixel,
                               int channel)
{
    const size_t at =
        ((size_t)(v->constant ? 0 : image) * (size_t)v->h + (size_t)row) * (size_t)v->w +
        (size_t)pixel;
    return v->data + (at * (size_t)v->px + (size_t)channel) * wt_type_size(v->type);
}

static inline struct wt_row_in wt_tape_row(const struct wt_tape_value *v, int image, int row,
                                           int channel)
{
    return (struct wt_row_in){wt_tape_at(v, image, row, 0, channel), v->type, v->px};
}
#endif
