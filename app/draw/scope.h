/* Pictures and figures of a look into the network (track/probe.h): each stack's maps, the loss's
 * weights, a close-up of the crop around the maximum. Plain data; one thread; nothing is allocated.
 */
#ifndef WT_APP_SCOPE_H
#define WT_APP_SCOPE_H

#include "draw/view.h"
#include "track/probe.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    WT_SCOPE_TILE = WT_MAP_DEFAULT, /* side of a map's place in the picture of all of them */
    WT_SCOPE_COLUMNS = WT_STACKS_MAX,
    WT_SCOPE_ROWS = WT_PROBE_CHANNELS + 1,
    WT_SCOPE_WIDTH = WT_SCOPE_COLUMNS * WT_SCOPE_TILE,
    WT_SCOPE_HEIGHT = WT_SCOPE_ROWS * WT_SCOPE_TILE,
    WT_SCOPE_CELLS = 11, /* of the close-up, each way */
    WT_SCOPE_CELL = 24,  /* pixels of the close-up a cell */
    WT_SCOPE_CLOSE = WT_SCOPE_CELLS * WT_SCOPE_CELL,
};

struct wt_scope_peak {
    float value;
    int row, column;
};

struct wt_scope {
    /* Maps, a cell a pixel, from the upper left corner of their places: row k, column s: channel k
     * of stack s; last row, column k: the mask of channel k. */
    uint8_t maps[WT_SCOPE_HEIGHT][WT_SCOPE_WIDTH][3];
    /* Cells left.. and top.. (they may lie beyond the map's edges) of the crop, and the points'
     * maps of the last stack that ran over it. */
    uint8_t close[WT_SCOPE_CLOSE][WT_SCOPE_CLOSE][3];
    int left, top;
    struct wt_scope_peak peak[WT_STACKS_MAX][WT_PROBE_CHANNELS];
    int weighted[WT_PROBE_CHANNELS]; /* cells of the mask */
    /* private: colours by value, of the palettes they were made for */
    uint8_t color[2][256][3];
    int palette[2]; /* plus 1 */
};

/* From a probe that has seen its face, whose first `points` (1 or more) channels are points and
 * whose others boundaries. scope: zeroed before its first use. */
void wt_scope_make(struct wt_scope *scope, const struct wt_probe *probe, int points,
                   enum wt_palette heat, enum wt_palette boundary);

/* A place of the crop (its pixels) in the close-up and in the crop itself, 0..1 from the left and
 * the top; beyond 0 and 1 it lies outside. */
struct wt_point wt_scope_in_close(const struct wt_scope *scope, struct wt_point crop);
struct wt_point wt_scope_in_crop(const struct wt_probe *probe, struct wt_point crop);

#ifdef __cplusplus
}
#endif
#endif
