/* The stacked hourglass with CoordConv and boundary channel: its shape and its graph.
 *
 * Structure, tensor names and quirks: X. Wang, L. Bo, L. Fuxin, "Adaptive Wing Loss for Robust
 * Face Alignment via Heatmap Regression", ICCV 2019, and the behaviour of the authors' published
 * network. Input [N,S,S,3] RGB / 255; each stack gives [N,S/4,S/4,points + 1], the last channel
 * being the boundary map. S is the paper's 256, or 192 or 128 for weights made for less work: their
 * metadata say so (`input`), for the tensors are the same. */
#ifndef WT_MODEL_HOURGLASS_H
#define WT_MODEL_HOURGLASS_H

#include "face/maps.h"
#include "graph/graph.h"
#include "weights/weights.h"
#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Side of the input, pixels: a multiple of WT_INPUT_STEP, so that the hourglass halves its map four
 * times without a remainder. */
#define WT_INPUT_MIN 128
#define WT_INPUT_MAX 256
#define WT_INPUT_STEP 64
#define WT_INPUT_DEFAULT 256 /* where the weights do not say; lengths in pixels refer to it */
enum {
    WT_MAP_DEFAULT = WT_INPUT_DEFAULT / WT_CELL,
    WT_MAP_CELLS_DEFAULT = WT_MAP_DEFAULT * WT_MAP_DEFAULT
};
#define WT_STACKS_MAX 8
/* From the second stack on, coordinates count only where the boundary map before is above this. */
#define WT_BOUNDARY_THRESHOLD 0.05f

struct wt_arch {
    int stacks; /* 1..8 */
    int width;  /* channels in the hourglass, multiple of 16, 16..512 */
    int points; /* 1..WT_POINTS_MAX; heatmaps are points + 1 */
    int input;  /* side of the input, see above; 0 when a network is asked for: the default */
};

static inline bool wt_input_fits(int input)
{
    return input >= WT_INPUT_MIN && input <= WT_INPUT_MAX && input % WT_INPUT_STEP == 0;
}

/* Reads stacks, width and points off the tensors themselves and the input's side off the metadata,
 * and checks that every tensor the network needs is there with the right shape (one error line
 * naming the first that is not). Errors: FORMAT, UNSUPPORTED (sizes beyond the limits above). */
enum wt_status wt_arch_from_weights(const struct wt_weights *w, struct wt_arch *arch);

/* How many of the inputs of a convolution's weight, by the tensor's name, are coordinates: its last
 * 3, or 5 with the masked ones; 0: none. Where their columns are 0 it is a plain convolution. */
int wt_hourglass_coords(const char *weight);

/* Appends the network to an empty graph; w must outlive g. Ranges of convolutions' inputs come from
 * the tensors "NAME.input_range" [2,channels], lowest and highest, where they are there. Errors: as
 * above, MEMORY. */
enum wt_status wt_hourglass_graph(const struct wt_weights *w, struct wt_graph *g);

/* The network in two parts, for training the second alone: what the first gives does not change
 * then and may be kept. */
enum wt_hourglass_cut {
    WT_CUT_STACK, /* the second is the last stack: its hourglass and what follows */
    WT_CUT_HEAD,  /* what follows the last hourglass */
};

/* Channels of the second part's input, [S/4,S/4]: the hourglass's width, and before a stack its
 * coordinates. */
int wt_hourglass_features(const struct wt_arch *arch, enum wt_hourglass_cut cut);

/* Appends both to empty graphs. Outputs of front: what the features are made of, and before a stack
 * that is not the first the maps of the one before it; of rest: the last stack's maps. Errors: as
 * of wt_hourglass_graph. */
enum wt_status wt_hourglass_split(const struct wt_weights *w, enum wt_hourglass_cut cut,
                                  struct wt_graph *front, struct wt_graph *rest);

/* The features of one image, [S/4][S/4][wt_hourglass_features], from front's outputs; x, heat:
 * their first cell, with strides in floats. heat NULL: there is none. */
void wt_hourglass_join(const struct wt_arch *arch, enum wt_hourglass_cut cut, const float *x,
                       int x_stride, const float *heat, int heat_stride, float *features);

/* Fills w with a network of random but plausible parameters (He-scaled weights, varied BatchNorm
 * statistics), its metadata naming the input's side unless that is 0; for tests and benchmarks
 * without a file. Errors: MEMORY, ARGUMENT. */
enum wt_status wt_hourglass_random(struct wt_weights *w, const struct wt_arch *arch, uint64_t seed);

#ifdef __cplusplus
}
#endif
#endif
