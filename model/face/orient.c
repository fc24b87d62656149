#include "face/orient.h"

#include <string.h>

bool wt_orient_swaps(int orientation)
{
    return orientation >= 5 && orientation <= 8;
}

/* Pixel (x, y) of the upright picture is found at (ax x + bx y + cx, ay x + by y + cy) of the
 * stored one, c counted in last columns and rows. */
static const struct {
    int ax, bx, cx, ay, by, cy;
} from_upright[9] = {
    [1] = {1, 0, 0, 0, 1, 0},   [2] = {-1, 0, 1, 0, 1, 0}, [3] = {-1, 0, 1, 0, -1, 1},
    [4] = {1, 0, 0, 0, -1, 1},  [5] = {0, 1, 0, 1, 0, 0},  [6] = {0, 1, 0, -1, 0, 1},
    [7] = {0, -1, 1, -1, 0, 1}, [8] = {0, -1, 1, 1, 0, 0},
};

void wt_orient(int orientation, const uint8_t *from, ptrdiff_t from_stride, int width, int height,
               uint8_t *to, ptrdiff_t to_stride)
{
    const int o = orientation >= 1 && orientation <= 8 ? orientation : 1;
    const bool swap = wt_orient_swaps(o);
    const int w = swap ? height : width, h = swap ? width : height;
    const ptrdiff_t step = 3 * from_upright[o].ax + from_stride * from_upright[o].ay;
    const uint8_t *corner = from + 3 * (ptrdiff_t)from_upright[o].cx * (width - 1) +
                            from_stride * from_upright[o].cy * (height - 1);
    for (int y = 0; y < h; y++) {
        const uint8_t *p = corner + (3 * from_upright[o].bx + from_stride * from_upright[o].by) * y;
        uint8_t *q = to + to_stride * y;
        if (step == 3) {
            memcpy(q, p, 3 * (size_t)w);
            continue;
        }
        for (int x = 0; x < w; x++, p += step, q += 3) {
            q[0] = p[0];
            q[1] = p[1];
            q[2] = p[2];
        }
    }
}
