/* A contact sheet: tiles of one size in rows on a dark ground, written as a picture. The caller
 * draws on the canvas or puts pictures into tiles. One thread. */
#ifndef WT_APP_SHEET_H
#define WT_APP_SHEET_H

#include "draw/raster.h"

#define WT_SHEET_GAP 4 /* pixels around each tile */

struct wt_sheet {
    struct wt_frame *frame;
    struct wt_canvas canvas; /* on the frame's pixels */
    int columns, tile_width, tile_height;
};

/* Errors: MEMORY. */
enum wt_status wt_sheet_init(struct wt_sheet *sheet, int tiles, int columns, int tile_width,
                             int tile_height);
void wt_sheet_fini(struct wt_sheet *sheet);

/* Upper left pixel of a tile. */
void wt_sheet_place(const struct wt_sheet *sheet, int tile, int *x, int *y);
/* Puts a picture into the middle of a tile, made smaller where it is too large. Errors: ARGUMENT
 * (image), MEMORY. */
enum wt_status wt_sheet_put(struct wt_sheet *sheet, int tile, const struct wt_image *image);
/* The rows of the first `tiles` tiles; belongs to the sheet. */
struct wt_image wt_sheet_image(const struct wt_sheet *sheet, int tiles);
/* Writes the rows of the first `tiles` tiles; an existing file is replaced completely or not at
 * all. Errors: IO, UNSUPPORTED, MEMORY. */
enum wt_status wt_sheet_write(const struct wt_sheet *sheet, int tiles, const char *path);

#endif
