/* ONNX export of a network graph (opset 13, float32, NCHW input "image" [N,3,S,S], RGB / 255, S
 * being the network's own; outputs "heatmaps_0".. [N,points + 1,S/4,S/4] per stack, the last
 * channel being the boundary map). Only a writer; nothing here reads ONNX. */
#ifndef WT_MODEL_ONNX_H
#define WT_MODEL_ONNX_H

#include "graph/graph.h"
#include "weights/weights.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Writes atomically. w: whose metadata (licence, training data, ...) go into the file, or NULL.
 * batch: N, or 0 for a symbolic dimension. Errors: IO, MEMORY. */
enum wt_status wt_onnx_export(const struct wt_graph *g, const struct wt_weights *w, int batch,
                              const char *path);

#ifdef __cplusplus
}
#endif
#endif
