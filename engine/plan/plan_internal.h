/* Inside of a plan: shared by lowering (plan_lower.c), buffers and packing (plan.c), running
 * (plan_run.c). */
#ifndef WT_ENGINE_PLAN_INTERNAL_H
#define WT_ENGINE_PLAN_INTERNAL_H

#include "base/arena.h"
#include "base/pool.h"
#include "plan/plan.h"

/* An activation tensor: one per graph value that is really written to memory. */
struct wt_act {
    int h, w, c;
    int cs;          /* elements from pixel to pixel: c rounded up; what is beyond c stays zero */
    int pad;         /* border of zeros on each side */
    int first, last; /* phases that write it first and read it last */
    int slot;        /* buffer, -1 while unplaced */
    enum wt_type type;
};

/* A run of channels of an activation; act -1: nothing. */
struct wt_view_ref {
    int act, channel;
};

/* max(v * scale + shift, floor) for c channels: BatchNorm + ReLU, the quantiser of what is stored
 * as u8, or both. */
struct wt_affine_ref {
    const float *scale, *shift;
    float floor;
};

enum wt_step_kind {
    WT_STEP_CONV,
    WT_STEP_COPY,
    WT_STEP_ADD,
    WT_STEP_UPADD,
    WT_STEP_POOL,
    WT_STEP_COORDS,
    WT_STEP_KINDS
};

struct wt_panel_ref {
    void *weight; /* see wt_conv_panel; one of the plan's constants */
    int from, nr; /* first channel; panel width */
    int wide;
};

struct wt_step {
    enum wt_step_kind kind;
    char name[48];
    const char *kernel;
    struct wt_view_ref in, in2;        /* in2: second operand; CONV: residual */
    struct wt_view_ref pre, out, post; /* written */
    struct wt_affine_ref inner_bn, pre_bn, post_bn;
    int h, w, c; /* of the result */
    /* CONV */
    int kernel_size, stride, conv_pad, cin;
    struct wt_panel_ref *panel;
    int panels;
    enum wt_type type;           /* of the input */
    const float *bias, *dequant; /* [c rounded up to the widest panel]; dequant: u8 inputs */
    const float *map;            /* bias map [h,w,c] as residual, the same for all images */
    int coords;                  /* coordinate terms of the epilogue */
    const float *coord;          /* their values [h,w,coords], unless coord_act holds them */
    struct wt_view_ref coord_act;
    const float *coord_weight; /* for each panel [coords][nr] */
    const struct wt_conv_kernels *kernels;
    /* or NULL; panels hold [in * in][cin][nr], rows counts rows of tiles */
    const struct wt_winograd_kernels *winograd;
    float threshold; /* COORDS: of the mask, channel in.channel; `coord`: unmasked [h,w,3] */
    int order;       /* in which the steps were made */
    int phase;       /* steps of a phase do not depend on each other; ascending */
    int output;      /* first output that needs the step */
    /* cutting */
    int rows;   /* rows of output per work item */
    bool whole; /* a work item makes all panels of its rows, not one */
    int chunks; /* row blocks in an image */
    int across; /* work items that share the panels of a row block */
    double macs;
    double ms;
    int runs;
};

struct wt_slot {
    size_t bytes;       /* one image */
    struct wt_act like; /* geometry and type of what it holds */
    bool busy;
    int released; /* phase after which it was free last */
    char *data;
};

struct wt_plan {
    struct wt_plan_options options;
    const struct wt_kernels *kernels;
    struct wt_act *act;
    int acts;
    struct wt_step *step;
    int steps, step_capacity;
    struct wt_slot *slot;
    int slots;
    int input;                    /* activation */
    int output[WT_GRAPH_OUTPUTS]; /* activations */
    int outputs;
    struct wt_arena constants; /* packed weights, folded BatchNorms, biases, maps */
    struct wt_arena buffers;   /* activations and scratch */
    struct wt_pool *pool;
    char *scratch; /* Winograd's tiles, scratch_bytes for each thread */
    size_t scratch_bytes;
    struct wt_pool_step *share; /* [steps]: of the run, for the pool */
    int images;                 /* of the run */
    bool twin;                  /* steps, acts and constants are another plan's */
    bool profile;
    double began; /* profiling: the step that runs, ms */
    wt_plan_observe_fn *observe;
    void *observer;
};

/* Builds acts and steps. Errors: MEMORY, UNSUPPORTED. */
enum wt_status wt_plan_lower(struct wt_plan *plan, const struct wt_graph *g);

/* Coordinates of all pixels, [h,w,3]. NULL when memory ran out. */
const float *wt_plan_coords(struct wt_plan *plan, int h, int w);

/* What the constant coordinate channels, the three from weight channel `at` on, add to each output
 * of convolution n over x: [h,w,c], zero padding respected. NULL when memory ran out. */
const float *wt_plan_bias_map(struct wt_plan *plan, const struct wt_node *n,
                              const struct wt_node *x, int cin, int at);

/* How a convolution's input is stored, for each channel in memory: x = scale * (q - zero). NULL: as
 * it is, and no zero. */
struct wt_quantiser {
    const float *scale, *zero;
};

/* Whether F(4x4) in whole numbers makes the sums of 3x3 convolution n of u8, with any inputs. */
bool wt_plan_sums_fit(const struct wt_node *n, int cin, struct wt_quantiser q);

/* Cuts the output channels of convolution n into panels and packs their weights and biases;
 * s->coords coordinate channels follow those in memory. cin: input channels of the weight, of which
 * the first s->cin are in memory; cs: channels a tap as they lie there. false when memory ran out.
 */
bool wt_plan_pack(struct wt_plan *plan, struct wt_step *s, const struct wt_node *n, int cin, int cs,
                  struct wt_quantiser q);

/* Floats that live as long as the plan, zeroed; NULL when memory ran out. */
float *wt_plan_constant(struct wt_plan *plan, size_t count);

/* Type of what steps hand on to others than convolutions. */
static inline enum wt_type wt_stream_type(const struct wt_plan *p)
{
    return p->options.type == WT_F32 ? WT_F32 : WT_BF16;
}

/* Bytes that kernels may read beyond the last element of an activation. */
enum { WT_OVERREAD = 128 };

/* Tiles of one work item of a Winograd step. */
static inline int wt_winograd_tiles(const struct wt_step *s)
{
    return s->rows * (s->w / s->winograd->out);
}

/* Elements of a size from one position's tiles to the next one's, for `count` of them: a cache line
 * more, as powers of two would put all positions into the same few sets of the cache. */
static inline size_t wt_winograd_pos(size_t count, int size)
{
    return count + 64 / (size_t)size;
}

static inline int wt_round_up(int x, int to)
{
    return (x + to - 1) / to * to;
}

/* First channel of pixel (0,0) of an image, border skipped. */
static inline char *wt_act_data(const struct wt_plan *p, struct wt_view_ref v, int image)
{
    const struct wt_act *a = &p->act[v.act];
    const struct wt_slot *s = &p->slot[a->slot];
    size_t at = ((size_t)a->pad * (a->w + 2 * a->pad) + a->pad) * a->cs + v.channel;
    return s->data + image * s->bytes + at * wt_type_size(a->type);
}

/* Elements from a row to the next. */
static inline ptrdiff_t wt_act_row(const struct wt_plan *p, struct wt_view_ref v)
{
    const struct wt_act *a = &p->act[v.act];
    return (ptrdiff_t)(a->w + 2 * a->pad) * a->cs;
}

#endif
