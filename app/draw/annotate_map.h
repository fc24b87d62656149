/* Heatmaps over a face. Private to annotate*.c. */
#ifndef WT_APP_ANNOTATE_MAP_H
#define WT_APP_ANNOTATE_MAP_H

#include "draw/raster.h"
#include "draw/view.h"

/* Blends the maximum over the face's point maps, or its boundary map, over the crop's square
 * through the colour map. face->maps must not be NULL. */
void wt_annotate_map(struct wt_canvas *canvas, const struct wt_face *face,
                     const struct wt_view *view, bool boundary);

#endif
