#include "input/frame.h"

#include <assert.h>
#include <stdlib.h>

/* Rows start on a cache line, so vector code and texture uploads run at full speed. */
#define ROW_ALIGN 64
/* libswscale's vector code writes whole blocks of 16 pixels, past the end of the last row too. */
#define TAIL 64

struct wt_frame *wt_frame_create(int width, int height)
{
    if (width < 1 || height < 1 || width > WT_FRAME_SIDE_MAX || height > WT_FRAME_SIDE_MAX)
        return NULL;
    struct wt_frame *frame = calloc(1, sizeof *frame);
    if (!frame)
        return NULL;
    size_t stride = ((size_t)width * 3 + ROW_ALIGN - 1) / ROW_ALIGN * ROW_ALIGN;
    frame->pixels = aligned_alloc(ROW_ALIGN, stride * (size_t)height + TAIL);
    if (!frame->pixels) {
        free(frame);
        return NULL;
    }
    frame->image = (struct wt_image){.data = frame->pixels,
                                     .width = width,
                                     .height = height,
                                     .stride = (ptrdiff_t)stride,
                                     .format = WT_PIXEL_BGR24};
    frame->refs = 1;
    return frame;
}

struct wt_frame *wt_frame_ref(struct wt_frame *frame)
{
    /* The caller holds a reference already: no ordering needed. */
    int before = __atomic_fetch_add(&frame->refs, 1, __ATOMIC_RELAXED);
    assert(before > 0);
    (void)before;
    return frame;
}

void wt_frame_unref(struct wt_frame **frame)
{
    struct wt_frame *f = *frame;
    *frame = NULL;
    if (!f)
        return;
    /* All reads by other holders happen before the last one frees. */
    int before = __atomic_fetch_sub(&f->refs, 1, __ATOMIC_ACQ_REL);
    assert(before > 0);
    if (before == 1) {
        free(f->pixels);
        free(f);
    }
}
