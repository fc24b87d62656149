/* Looking into the network while it follows a face: for one face the maps of chosen channels out of
 * every stack that ran, the crop that the network saw, and what decoding made of it.
 *
 * Not a second pass: it copies what the tracker's own pass of the frame has made, and changes
 * nothing about it. A probe is the caller's memory; one thread at a time. */
#ifndef WT_MODEL_PROBE_H
#define WT_MODEL_PROBE_H

#include "net/hourglass.h"
#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Channels at once: those of two points, of which another scheme's point is the middle, and the
 * boundary. */
#define WT_PROBE_CHANNELS 3

struct wt_probe {
    /* ---- what is wanted: the caller's to fill in ---- */
    uint32_t id;                              /* of the face */
    int channels, channel[WT_PROBE_CHANNELS]; /* 0..points of the model, which is the boundary;
                                                 others give empty maps */

    /* ---- what the last frame gave ---- */
    bool seen;              /* the face was followed in it; false: nothing below says anything. A
                               face that has just been found is seen from the next frame on */
    int stacks, stacks_run; /* of the network; of them, run */
    int input_size, map_size;
    struct wt_affine frame_to_crop;
    /* crop pixels, neither smoothed nor moved by an offset; of the boundary: 0 */
    struct wt_point point[WT_PROBE_CHANNELS];
    float confidence[WT_PROBE_CHANNELS];
    struct wt_ellipse ellipse[WT_PROBE_CHANNELS];
    uint8_t crop[WT_INPUT_MAX * WT_INPUT_MAX * 3]; /* [input_size][input_size][3] RGB */
    /* [stacks_run][channels], of each the first map_size * map_size, row by row */
    float map[WT_STACKS_MAX][WT_PROBE_CHANNELS][WT_MAP_CELLS_DEFAULT];
};

/* From the next frame on every frame fills *probe, until another is set; NULL: none. What is wanted
 * may be changed between two frames. The probe must outlive its use. */
void wt_tracker_set_probe(struct wt_tracker *tracker, struct wt_probe *probe);

/* The cell of the maximum of a map [size][size], the first of several, as decoding takes it: NaN
 * never is. Returns its value, or 0 and the first cell of a map that has none. */
float wt_probe_peak(const float *map, int size, int *row, int *column);

/* The centre of a cell, crop pixels. */
struct wt_point wt_probe_centre(int row, int column);

#ifdef __cplusplus
}
#endif
#endif
