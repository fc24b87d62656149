/* A small rasteriser for overlays: strokes are capsules drawn by their distance field into a mask,
 * the mask is then painted once in one colour, so joints and crossings are not blended twice.
 * Private to annotate*.c and sheets. One canvas, one thread. */
#ifndef WT_APP_RASTER_H
#define WT_APP_RASTER_H

#include "input/frame.h"

struct wt_canvas {
    uint8_t *pixels; /* BGR24 */
    ptrdiff_t stride;
    int width, height;
    uint8_t *mask;      /* [height][width], zero outside the dirty rectangle */
    int x0, y0, x1, y1; /* what has been drawn since the last paint; x1, y1 beyond the end */
};

/* Draws on the frame's pixels. false: out of memory. */
bool wt_canvas_init(struct wt_canvas *canvas, struct wt_frame *frame);
void wt_canvas_fini(struct wt_canvas *canvas);

/* A line from a to b with round ends, or a disc where a = b; radius in pixels, `soft` the width of
 * its edge (1: plain anti-aliasing). Coordinates that are not finite draw nothing. */
void wt_canvas_stroke(struct wt_canvas *canvas, struct wt_point a, struct wt_point b, float radius,
                      float soft);

/* Blends the colour through what has been drawn, and clears that. alpha 0..1. */
void wt_canvas_paint(struct wt_canvas *canvas, const uint8_t rgb[3], float alpha);

/* A line of text as strokes, added to out: digits, letters (all as capitals), '#', '%', '.',
 * '-', '+', ' '. (x,y): lower left;
 * height: of a digit. Returns how many strokes, at most max. */
struct wt_stroke {
    struct wt_point a, b;
};
int wt_text_strokes(const char *text, float x, float y, float height, struct wt_stroke *out,
                    int max);

/* A name tag: the text in white on a dark, rounded ground that ends at `bottom` and begins at x; it
 * stays within the picture's left, right and upper edges. height: of a digit. */
void wt_canvas_tag(struct wt_canvas *canvas, const char *text, float x, float bottom, float height);

/* The same painted: white, with a dark rim for contrast on any picture. */
void wt_canvas_text(struct wt_canvas *canvas, const char *text, float x, float y, float height);

#endif
