/* What a network starts training with: random values, or tensors of other weights.
 *
 * Not a reader of files and not a trainer. Pure functions of their arguments; one thread at a time
 * for each set of weights. */
#ifndef WT_MODEL_START_H
#define WT_MODEL_START_H

#include "net/hourglass.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fills empty weights with a network as PyTorch begins with: convolutions uniform within
 * 1 / sqrt(fan in), BatchNorm 1 and 0. Errors: MEMORY, ARGUMENT. */
enum wt_status wt_start_random(struct wt_weights *w, const struct wt_arch *arch, uint64_t seed);

/* The same for a network whose tensors are there: draws their values. */
void wt_start_randomise(struct wt_weights *w, uint64_t seed);

/* Sets the columns of the coordinates to 0: CoordConv becomes plain convolution. */
void wt_start_zero_coords(struct wt_weights *w);

/* Gives a network the tensors of `from` that have its names and shapes; a warning counts those that
 * keep what they had. Where `from` is the same network with fewer stacks, the further ones begin as
 * copies of its last one: what they have more (the masked coordinates of the second stack on) is 0,
 * and so are the convolutions from one stack to the next. Each stack's maps are then those of the
 * last one given - exactly where one stack was given; else but for the masks, which come from the
 * stack before. */
void wt_start_from(struct wt_weights *w, const struct wt_weights *from);

#ifdef __cplusplus
}
#endif
#endif
