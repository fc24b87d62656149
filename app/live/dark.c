#include "live/dark.h"

#define LEVEL 24   /* of 255; noise of a covered sensor stays below it */
#define STRAYS 200 /* one sample in so many may be brighter: hot pixels, a lamp */
#define HOLD_US 1000000
enum { ACROSS = 64, DOWN = 36 };

static bool is_black(const struct wt_image *image)
{
    const int bytes = image->format == WT_PIXEL_GRAY8 ? 1 : 3;
    int bright = 0;
    for (int i = 0; i < DOWN; i++) {
        const int y = (2 * i + 1) * image->height / (2 * DOWN);
        for (int k = 0; k < ACROSS; k++) {
            const int x = (2 * k + 1) * image->width / (2 * ACROSS);
            const uint8_t *p = image->data + y * image->stride + (ptrdiff_t)x * bytes;
            bool above = false;
            for (int c = 0; c < bytes; c++)
                above = above || p[c] > LEVEL;
            bright += above;
        }
    }
    return bright * STRAYS <= ACROSS * DOWN;
}

bool wt_dark_add(struct wt_dark *d, const struct wt_image *image, int64_t time_us)
{
    if (is_black(image) == d->dark) {
        d->turning = false;
        return false;
    }
    if (!d->turning) {
        d->turning = true;
        d->since_us = time_us;
    }
    if (time_us - d->since_us < HOLD_US)
        return false;
    d->dark = !d->dark;
    d->turning = false;
    return true;
}
