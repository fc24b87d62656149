/* A refcounted, immutable video frame. Any thread may hold, read and release it; the pixels may be
 * written only by the one that created it, before it is shared. */
#ifndef WT_APP_FRAME_H
#define WT_APP_FRAME_H

#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WT_FRAME_SIDE_MAX 16384

struct wt_frame {
    struct wt_image image; /* BGR24 */
    uint64_t sequence;     /* counts every frame the source delivered, from 0 */
    int64_t
        place; /* of pictures: index in the list, from 0, counting unreadable ones; 0 elsewhere */
    int64_t time_us;  /* capture time: camera: monotonic clock at grab; file: its own time */
    int64_t clock_us; /* live: when that is, or is due, on the monotonic clock; else 0 */
    uint8_t *pixels;  /* private */
    int refs;         /* private, atomic */
};

/* Pixels are not cleared. NULL when memory ran out or the size is out of range. */
struct wt_frame *wt_frame_create(int width, int height);
struct wt_frame *wt_frame_ref(struct wt_frame *frame);
/* NULL-safe; sets *frame to NULL; the last one frees. */
void wt_frame_unref(struct wt_frame **frame);

#ifdef __cplusplus
}
#endif

#endif
