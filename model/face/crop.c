#include "face/crop.h"
#include "face/crop_cv.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/status.h"

struct wt_box wt_points_box(const struct wt_point *p, int n)
{
    struct wt_box box = {0};
    if (n < 1)
        return box;
    float x0 = p[0].x, x1 = p[0].x, y0 = p[0].y, y1 = p[0].y;
    for (int i = 1; i < n; i++) {
        x0 = fminf(x0, p[i].x);
        x1 = fmaxf(x1, p[i].x);
        y0 = fminf(y0, p[i].y);
        y1 = fmaxf(y1, p[i].y);
    }
    return (struct wt_box){x0, y0, x1 - x0, y1 - y0};
}

float wt_box_iou(const struct wt_box *a, const struct wt_box *b)
{
    const float w = fminf(a->x + a->w, b->x + b->w) - fmaxf(a->x, b->x);
    const float h = fminf(a->y + a->h, b->y + b->h) - fmaxf(a->y, b->y);
    if (!(w > 0 && h > 0))
        return 0;
    return w * h / (a->w * a->h + b->w * b->h - w * h);
}

struct wt_affine wt_crop_square(float cx, float cy, float side, float roll, int size)
{
    const double middle = (size - 1) * 0.5; /* pixel centres are at integers */
    /* A face rolled clockwise by `roll` is turned back by rotating the other way. On screen (y
     * down) a positive angle turns clockwise. */
    const double f = size / (double)side;
    const double c = cos(-roll) * f, s = sin(-roll) * f;
    return (struct wt_affine){{(float)c, (float)-s, (float)(middle - (c * cx - s * cy)), (float)s,
                               (float)c, (float)(middle - (s * cx + c * cy))}};
}

struct wt_affine wt_crop_points(const struct wt_point *p, int n, float factor, float roll, int size)
{
    const struct wt_box box = wt_points_box(p, n);
    const float side = factor * (box.w + box.h) * 0.5f;
    return wt_crop_square(box.x + box.w * 0.5f, box.y + box.h * 0.5f, side, roll, size);
}

struct wt_point wt_affine_apply(const struct wt_affine *a, struct wt_point p)
{
    return (struct wt_point){a->m[0] * p.x + a->m[1] * p.y + a->m[2],
                             a->m[3] * p.x + a->m[4] * p.y + a->m[5]};
}

/* In double: a crop of a small face has large offsets, and pixels are looked up with it. */
static void invert(const struct wt_affine *a, double out[6])
{
    const double m0 = a->m[0], m1 = a->m[1], m2 = a->m[2], m3 = a->m[3], m4 = a->m[4], m5 = a->m[5];
    const double d = 1.0 / (m0 * m4 - m1 * m3);
    out[0] = m4 * d;
    out[1] = -m1 * d;
    out[2] = (m1 * m5 - m4 * m2) * d;
    out[3] = -m3 * d;
    out[4] = m0 * d;
    out[5] = (m3 * m2 - m0 * m5) * d;
}

struct wt_affine wt_affine_invert(const struct wt_affine *a)
{
    double m[6];
    struct wt_affine out;
    invert(a, m);
    for (int i = 0; i < 6; i++)
        out.m[i] = (float)m[i];
    return out;
}

/* Index into 0..n-1 of a mirrored axis (d c b | a b c d | c b a), for any finite position. */
static int mirror(double position, int n)
{
    const double period = 2.0 * (n - 1);
    if (n == 1)
        return 0;
    double r = fmod(position, period);
    if (r < 0)
        r += period;
    const int i = (int)r;
    return i < n ? i : (int)period - i;
}

/* Index of a position on an axis of n pixels, -1: there is none. */
static int index_at(double position, int n, enum wt_border border)
{
    if (border == WT_BORDER_MIRROR)
        return mirror(position, n);
    if (position >= 0 && position <= n - 1)
        return (int)position;
    return border == WT_BORDER_CONSTANT ? -1 : position < 0 ? 0 : n - 1;
}

static int bytes_per_pixel(enum wt_pixel format)
{
    return format == WT_PIXEL_GRAY8 ? 1 : 3;
}

/* Plain sampler for what OpenCV's fixed-point one cannot take: squares far outside the frame or
 * very many times its size. */
static void extract_plain(const struct wt_image *image, const double inv[6], enum wt_border border,
                          const uint8_t *fill, int size, uint8_t *rgb)
{
    const int bpp = bytes_per_pixel(image->format);
    const int order[3] = {image->format == WT_PIXEL_BGR24 ? 2 : 0, bpp == 3 ? 1 : 0,
                          image->format == WT_PIXEL_RGB24 ? 2 : 0};
    for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++, rgb += 3) {
            const double sx = inv[0] * x + inv[1] * y + inv[2];
            const double sy = inv[3] * x + inv[4] * y + inv[5];
            const double fx = floor(sx), fy = floor(sy);
            const float ax = (float)(sx - fx), ay = (float)(sy - fy);
            const float weight[4] = {(1 - ay) * (1 - ax), (1 - ay) * ax, ay * (1 - ax), ay * ax};
            float sum[3] = {0.5f, 0.5f, 0.5f};
            for (int k = 0; k < 4; k++) {
                const int px = index_at(fx + (k & 1), image->width, border);
                const int py = index_at(fy + (k >> 1), image->height, border);
                const uint8_t *p =
                    px < 0 || py < 0 ? NULL : image->data + py * image->stride + px * bpp;
                for (int c = 0; c < 3; c++)
                    sum[c] += weight[k] * (float)(p ? p[order[c]] : fill[c]);
            }
            for (int c = 0; c < 3; c++)
                rgb[c] = (uint8_t)sum[c];
        }
    }
}

/* May OpenCV do it? It keeps positions in 16 bits and mirrors them one period at a time. */
static bool fits_opencv(const struct wt_image *image, const double inv[6], int size)
{
    const double last = size - 1;
    for (int corner = 0; corner < 4; corner++) {
        const double x = corner & 1 ? last : 0, y = corner & 2 ? last : 0;
        const double sx = inv[0] * x + inv[1] * y + inv[2];
        const double sy = inv[3] * x + inv[4] * y + inv[5];
        if (!(sx > -8.0 * image->width && sx < 9.0 * image->width && fabs(sx) < 30000))
            return false;
        if (!(sy > -8.0 * image->height && sy < 9.0 * image->height && fabs(sy) < 30000))
            return false;
    }
    return true;
}

enum wt_status wt_image_check(const struct wt_image *image)
{
    if (!image || !image->data || image->width < 1 || image->height < 1 || image->width > 16384 ||
        image->height > 16384)
        return wt_fail(WT_ERR_ARGUMENT, "image: size must be 1..16384 pixels a side");
    if (image->format != WT_PIXEL_BGR24 && image->format != WT_PIXEL_RGB24 &&
        image->format != WT_PIXEL_GRAY8)
        return wt_fail(WT_ERR_ARGUMENT, "image: unknown pixel format %d", (int)image->format);
    if (image->stride < (ptrdiff_t)image->width * bytes_per_pixel(image->format))
        return wt_fail(WT_ERR_ARGUMENT, "image: stride of %td bytes is less than a row",
                       image->stride);
    return WT_OK;
}

enum wt_status wt_crop_extract(const struct wt_image *image, const struct wt_affine *frame_to_crop,
                               int size, uint8_t *rgb)
{
    return wt_crop_extract_border(image, frame_to_crop, WT_BORDER_MIRROR, NULL, size, rgb);
}

enum wt_status wt_crop_extract_border(const struct wt_image *image,
                                      const struct wt_affine *frame_to_crop, enum wt_border border,
                                      const uint8_t *fill, int size, uint8_t *rgb)
{
    assert(wt_image_check(image) == WT_OK);
    double inv[6];
    invert(frame_to_crop, inv);
    for (int i = 0; i < 6; i++)
        if (!isfinite(frame_to_crop->m[i]) || !isfinite(inv[i]))
            return wt_fail(WT_ERR_ARGUMENT, "crop: the map is not a finite, invertible one");
    if (fits_opencv(image, inv, size))
        return wt_crop_warp(image, frame_to_crop, border, fill, size, rgb);
    extract_plain(image, inv, border, fill, size, rgb);
    return WT_OK;
}
