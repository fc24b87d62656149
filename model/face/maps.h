/* Geometry that crops and heatmaps share: a network's maps have one cell for every WT_CELL x
 * WT_CELL pixels of its input. How large the input may be is the network's matter
 * (net/hourglass.h). */
#ifndef WT_MODEL_MAPS_H
#define WT_MODEL_MAPS_H

#define WT_CELL 4 /* input pixels a cell of the maps, each way */

/* Side of the maps of an input of this side, and cells of one map. */
static inline int wt_map_size(int input)
{
    return input / WT_CELL;
}
static inline int wt_map_cells(int input)
{
    return wt_map_size(input) * wt_map_size(input);
}

#endif
