/* The network of our face detector: its structure, and what its maps mean.
 *
 * A U of plain 3x3 convolutions, each with BatchNorm and ReLU, some in residual pairs: RGB / 255 of
 * a whole frame in, [H/8,W/8,WT_FACE_MAPS] out. It has no fixed input size: trained on 256x256,
 * it runs at any multiple of WT_FACE_STEP. Weights without stem3 have a structure of before, with
 * cells of 4 pixels instead of 8: they run, but are not made any more. Not a detector: see
 * detector.h.
 *
 * The maps, of a cell (row i, column j), whose centre is at pixel (8j + 3.5, 8i + 3.5):
 *   HEAT    a face's centre is here: probability 1 / (1 + exp(-(heat + WT_FACE_PRIOR)))
 *   X, Y    from the cell's centre to the face's, in cells
 *   SIDE    ln(side / WT_FACE_UNIT): side as the square around the points has it (see detector.h)
 *   SIN, COS  of the face's roll
 * All but HEAT mean something only at and around a face's centre. Heatmap of centres, sizes and
 * offsets: X. Zhou, D. Wang, P. Kraehenbuehl, "Objects as Points", 2019. */
#ifndef WT_MODEL_DETECTOR_NET_H
#define WT_MODEL_DETECTOR_NET_H

#include "graph/graph.h"
#include "weights/weights.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wt_face_map { WT_FACE_HEAT, WT_FACE_X, WT_FACE_Y, WT_FACE_SIDE, WT_FACE_SIN, WT_FACE_COS };

#define WT_FACE_MAPS 6
#define WT_FACE_CELL 8                           /* pixels, of networks to train */
#define WT_FACE_CENTRE(cell) (((cell)-1) * 0.5f) /* pixel at the centre of cell 0 */
#define WT_FACE_STEP 32                          /* sizes are multiples of it */
#define WT_FACE_UNIT 32.0f
#define WT_DETECTOR_GREY 114 /* level of R, G and B where a frame does not fill the input */
/* Bias of the heat: an untrained network then predicts hardly any face, which is mostly right (Lin
 * et al., "Focal Loss for Dense Object Detection", ICCV 2017, section 4.1). */
#define WT_FACE_PRIOR -4.0f

/* Is it this network, by its names? */
bool wt_detector_net_is(const struct wt_weights *w);
/* Pixels of the input that a cell of its maps is wide: WT_FACE_CELL, or 4. */
int wt_detector_net_cell(const struct wt_weights *w);

/* Appends the network for frames of width x height pixels, multiples of WT_FACE_STEP, to an empty
 * graph; w must outlive g. Its width is read off the tensors. Errors: FORMAT (a tensor that is
 * missing or of another shape: one line names the first), UNSUPPORTED, MEMORY. */
enum wt_status wt_detector_net_graph(const struct wt_weights *w, int width, int height,
                                     struct wt_graph *g);

/* Fills w with random parameters. width: channels at a quarter of the input's size, a multiple of
 * 16, 16..128; an eighth has twice as many. Errors: ARGUMENT, MEMORY. */
enum wt_status wt_detector_net_random(struct wt_weights *w, int width, uint64_t seed);

#ifdef __cplusplus
}
#endif
#endif
