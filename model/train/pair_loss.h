/* Loss of two views of one face: how far apart the network finds the same point in them.
 *
 * Labels tell where a point is only as well as people can; a network that learns from them alone
 * may put it elsewhere whenever the crop or the noise is a little other, which in a video is a
 * tremble. Here nothing is said about where a point is, only that both views agree.
 *
 * A point of a view is the centroid of the squared, clipped map in 9 x 9 cells around its peak; the
 * second view's is taken to the first by the maps of the crops. (In 5 x 5 cells, as
 * WT_DECODE_CENTROID has it, a Gaussian's centroid is drawn to the middle of its cell: two views
 * that agree would be 0.03 cells apart, as much as there is to gain.) L = mean over the points of
 * d, d <= 1 cell, else of 1, d = | p1 - M1 M2^-1 p2 |,  p = sum h^2 x / sum h^2,  dp/dh(x) = 2 h (x
 * - p) / sum h^2 with the peaks held where they are. Distances, not squares: a few that jump do not
 * rule the rest. Points that lie outside a crop, or are not known, do not count. Pure, thread-safe.
 */
#ifndef WT_MODEL_PAIR_LOSS_H
#define WT_MODEL_PAIR_LOSS_H

#include "face/crop.h"

struct wt_pair_view {
    const float *maps;            /* [size][size][stride]: the network's, of the last stack */
    float *grad;                  /* the same shape: weight * dL/d(maps) is added */
    const struct wt_point *point; /* [points]: the labels in the crop, pixels; x NaN: not known */
    const struct wt_affine *map;  /* picture -> crop */
};

/* Returns weight * L; 0 where no point counts. NaN in the maps: that point does not count. */
double wt_pair_loss(const struct wt_pair_view view[2], int points, int stride, int size,
                    float weight);

#endif
