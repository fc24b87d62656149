/* Draws results onto a frame on the CPU, for recordings and `track`. The result looks like the
 * window. Stateless, thread-safe. */
#ifndef WT_APP_ANNOTATE_H
#define WT_APP_ANNOTATE_H

#include "draw/view.h"
#include "input/frame.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Returns a new frame (same size, sequence and time) with the overlays; NULL: out of memory. */
struct wt_frame *wt_annotate(const struct wt_frame *frame, const struct wt_result *result,
                             const struct wt_view *view);

#ifdef __cplusplus
}
#endif

#endif
