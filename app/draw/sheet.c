#include "draw/sheet.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "face/picture.h"

enum { GAP = WT_SHEET_GAP, GROUND = 40 };

/* With the gaps around them. */
static int extent(int tiles, int size)
{
    return tiles * (size + GAP) + GAP;
}

static int rows(const struct wt_sheet *sheet, int tiles)
{
    return (tiles + sheet->columns - 1) / sheet->columns;
}

enum wt_status wt_sheet_init(struct wt_sheet *sheet, int tiles, int columns, int tile_width,
                             int tile_height)
{
    *sheet =
        (struct wt_sheet){.columns = columns, .tile_width = tile_width, .tile_height = tile_height};
    const int width = extent(columns, tile_width), height = extent(rows(sheet, tiles), tile_height);
    sheet->frame = wt_frame_create(width, height);
    if (!sheet->frame || !wt_canvas_init(&sheet->canvas, sheet->frame)) {
        wt_frame_unref(&sheet->frame);
        return wt_fail(WT_ERR_MEMORY, "a sheet of %d tiles is too large", tiles);
    }
    memset(sheet->frame->pixels, GROUND, (size_t)sheet->frame->image.stride * (size_t)height);
    return WT_OK;
}

void wt_sheet_fini(struct wt_sheet *sheet)
{
    wt_canvas_fini(&sheet->canvas);
    wt_frame_unref(&sheet->frame);
}

void wt_sheet_place(const struct wt_sheet *sheet, int tile, int *x, int *y)
{
    *x = GAP + tile % sheet->columns * (sheet->tile_width + GAP);
    *y = GAP + tile / sheet->columns * (sheet->tile_height + GAP);
}

/* Clears the whole tile: an earlier picture may have been larger. */
static void clear(struct wt_sheet *sheet, int x, int y)
{
    for (int row = y; row < y + sheet->tile_height; row++)
        memset(sheet->frame->pixels + row * sheet->frame->image.stride + x * 3, GROUND,
               (size_t)sheet->tile_width * 3);
}

enum wt_status wt_sheet_put(struct wt_sheet *sheet, int tile, const struct wt_image *image)
{
    const double across = (double)sheet->tile_width / image->width;
    const double down = (double)sheet->tile_height / image->height;
    const double scale = fmin(1, fmin(across, down));
    const int width = (int)fmax(1, lrint(image->width * scale));
    const int height = (int)fmax(1, lrint(image->height * scale));
    struct wt_picture small = {0};
    int x, y;
    enum wt_status status = wt_picture_shrink(image, width, height, &small);
    if (status)
        return status;
    wt_sheet_place(sheet, tile, &x, &y);
    clear(sheet, x, y);
    x += (sheet->tile_width - width) / 2;
    y += (sheet->tile_height - height) / 2;
    for (int row = 0; row < height; row++)
        memcpy(sheet->frame->pixels + (y + row) * sheet->frame->image.stride + x * 3,
               small.image.data + row * small.image.stride, (size_t)width * 3);
    wt_picture_fini(&small);
    return WT_OK;
}

struct wt_image wt_sheet_image(const struct wt_sheet *sheet, int tiles)
{
    struct wt_image used = sheet->frame->image;
    used.width = extent(tiles < sheet->columns ? tiles : sheet->columns, sheet->tile_width);
    used.height = extent(rows(sheet, tiles), sheet->tile_height);
    return used;
}

enum wt_status wt_sheet_write(const struct wt_sheet *sheet, int tiles, const char *path)
{
    const struct wt_image used = wt_sheet_image(sheet, tiles);
    return wt_picture_write(&used, path);
}
