#include "measure/official.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/status.h"
#include "face/crop_cv.h"

enum { STORED = 450, INNER = 360, CROP = 256, SIDE_MAX = 16384 };

/* Step 1: the box as the published code has it. */
struct whole_box {
    int left, top, right, bottom;
};

static struct whole_box pad(const struct wt_box *box)
{
    struct whole_box b = {(int)box->x, (int)box->y, (int)(box->x + box->w), (int)(box->y + box->h)};
    const int across = (int)(0.05 * (b.right - b.left) / 2);
    const int along = (int)(0.05 * (b.bottom - b.top) / 2);
    b.left = b.left - across > 0 ? b.left - across : 0;
    b.top = b.top - along > 0 ? b.top - along : 0;
    b.right += across;
    b.bottom += along;
    return b;
}

/* Are all points that are known, mapped by (p - origin) * scale, between low and high? */
static bool all_within(const struct wt_point *p, int n, double left, double top, double scale,
                       double low, double high)
{
    for (int i = 0; i < n; i++) {
        const double x = (p[i].x - left) * scale, y = (p[i].y - top) * scale;
        if (x < low || x > high || y < low || y > high)
            return false;
    }
    return true;
}

enum wt_status wt_official_find(struct wt_official *out, const struct wt_box *box,
                                const struct wt_point *point, int n, int size)
{
    const struct whole_box b = pad(box);
    const double cx = b.right - (b.right - b.left) / 2.0, cy = b.bottom - (b.bottom - b.top) / 2.0;
    const double sides = (double)(b.right - b.left) + (b.bottom - b.top);
    struct wt_official o = {.size = size, .enlarged = -1};
    double scale;
    if (!(sides > 0))
        return WT_ERR_FORMAT;
    do {
        o.enlarged++;
        if (o.enlarged == 25) /* 250 has been reduced to 0 */
            return WT_ERR_FORMAT;
        const double side = 200 * (sides / (250.0 - 10 * o.enlarged)), half = floor(side / 2);
        o.left = (int)(cx - half); /* towards zero, as the published code's int() */
        o.top = (int)(cy - half);
        o.width = (int)(cx + half) - o.left;
        o.height = (int)(cy + half) - o.top;
        scale = STORED / side;
    } while (!all_within(point, n, o.left, o.top, scale, 10, 440));

    const double to_crop = (double)CROP / INNER, edge = (STORED - INNER) / 2.0;
    const double low = edge + 5 / to_crop, high = edge + 250 / to_crop;
    o.inner = all_within(point, n, o.left, o.top, scale, low, high) ? INNER : STORED;
    const double start = (STORED - o.inner) / 2.0, f = (double)size / o.inner;
    o.map = (struct wt_affine){{(float)(scale * f), 0, (float)((-o.left * scale - start) * f), 0,
                                (float)(scale * f), (float)((-o.top * scale - start) * f)}};
    *out = o;
    return WT_OK;
}

enum wt_status wt_official_extract(const struct wt_image *image, const struct wt_official *crop,
                                   uint8_t *rgb)
{
    assert(wt_image_check(image) == WT_OK);
    if (crop->width < 1 || crop->height < 1 || crop->width > SIDE_MAX || crop->height > SIDE_MAX)
        return wt_fail(WT_ERR_ARGUMENT, "crop: a square of %d pixels; the limit is %d", crop->width,
                       SIDE_MAX);
    uint8_t *stored = malloc((size_t)STORED * STORED * 3);
    if (!stored)
        return wt_fail(WT_ERR_MEMORY, "crop: out of memory");
    const struct wt_image middle = {stored, STORED, STORED, (ptrdiff_t)STORED * 3, WT_PIXEL_RGB24};
    const int start = (STORED - crop->inner) / 2;
    enum wt_status status =
        wt_crop_resize(image, crop->left, crop->top, crop->width, crop->height, STORED, stored);
    if (!status)
        status = wt_crop_resize(&middle, start, start, crop->inner, crop->inner, crop->size, rgb);
    free(stored);
    return status;
}

struct wt_affine wt_crop_box(const struct wt_box *box, float factor, int size)
{
    return wt_crop_square(box->x + box->w * 0.5f, box->y + box->h * 0.5f,
                          factor * (box->w + box->h) * 0.5f, 0, size);
}
