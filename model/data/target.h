/* What the network is to learn from a face: heatmaps of its points, the boundary map, the mask of
 * the weighted loss map, and which channels count.
 *
 * Layout as the network's maps: [size][size][stride] with stride > points; channel `points` is the
 * boundary, channels from points + 1 on are padding. Cell (row i, column j) has its centre at crop
 * pixel (4 j + 1.5, 4 i + 1.5). Not a loss and not a cropper: takes points in crop pixels.
 * Pure functions, thread-safe. */
#ifndef WT_MODEL_TARGET_H
#define WT_MODEL_TARGET_H

#include "face/scheme.h"
#include "net/hourglass.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wt_target_centre {
    WT_CENTRE_SUBPIXEL, /* a Gaussian lies where its point is */
    WT_CENTRE_CELLS,    /* on the nearest cell, as the published code does */
};

/* Use of the boundary in training: the steps of the paper's ablation. */
enum wt_boundary {
    WT_BOUNDARY_COORDCONV, /* its map is learned, and convolutions see coordinates by it */
    WT_BOUNDARY_CHANNEL,   /* its map is learned; no coordinates */
    WT_BOUNDARY_NONE,      /* neither */
};

struct wt_target_options {
    enum wt_target_centre centre;
    int support;               /* cells beside the centre's: 3 is the method's 7x7 window; 1..31 */
    float sigma;               /* cells; 0.1..16 */
    float floor;               /* values below become 0; 0..0.2 */
    enum wt_boundary boundary; /* NONE: its channel is 0 and does not count */
};

/* The method's: sub-pixel centres, 7x7 window, sigma 1.75 (0.25 * 7), no floor. */
struct wt_target_options wt_target_defaults(void);

struct wt_target_face {
    const struct wt_scheme *scheme; /* of the network */
    const struct wt_point *point;   /* [scheme->points], crop pixels; x NaN: not known */
    /* The scheme the face was annotated in, and its points, if the boundary can be drawn from those
     * where the network's scheme has unknown ones; else NULL. */
    const struct wt_scheme *drawn;
    const struct wt_point *drawn_point;
};

struct wt_target_maps {
    float *value;   /* [size][size][stride] */
    uint8_t *mask;  /* [size][size][stride]: 1 where the 3x3 grey dilation of value is >= 0.2 */
    float *channel; /* [stride]: 1 for channels that are known, 0 for others and padding */
    int stride, size;
};

/* Overwrites the maps whole. Points outside the map leave an empty channel that counts: nothing is
 * to be found there. The boundary counts when all points of its curves are known. */
void wt_target_draw(const struct wt_target_options *options, const struct wt_target_face *face,
                    const struct wt_target_maps *maps);

/* The mask of the weighted loss map for a map that were the target: 1 where its 3x3 grey dilation
 * is
 * >= 0.2 (Wang et al., ICCV 2019, section 4.2), else 0. map, mask [size][size]. NaN marks nothing.
 */
void wt_target_mask(const float *map, int size, uint8_t *mask);

/* The boundary map alone: Catmull-Rom curves through the scheme's groups of points, exp(-d^2 / 2)
 * of the distance d in cells, 0 from 3 cells on. map [size][size], overwritten. false: a
 * point of a curve is not known; the map is then 0. */
bool wt_target_boundary(const struct wt_scheme *scheme, const struct wt_point *point, int size,
                        float *map);

#ifdef __cplusplus
}
#endif
#endif
