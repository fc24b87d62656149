/* The mean face somewhere, with noise that is known. */
#ifndef WT_TEST_NOISY_FACE_H
#define WT_TEST_NOISY_FACE_H

#include <math.h>

#include "data/mean_face.h"
#include "data/random.h"
#include "wingtip.h"

struct noisy_face {
    double x, y, size, turn; /* its middle, px; 1: as large as in its crop; radians */
    double sigma;            /* normal noise on each coordinate, px */
};

static inline void put_noisy_face(struct wt_face *f, uint32_t id, const struct noisy_face *is,
                                  struct wt_random *r)
{
    const double c = is->size * cos(is->turn), s = is->size * sin(is->turn);
    f->id = id;
    f->points = 98;
    for (int i = 0; i < 98; i++) {
        const double x = (double)wt_mean_face[i].x - 127.5, y = (double)wt_mean_face[i].y - 127.5;
        f->point[i].x =
            (float)(is->x + x * c - y * s + (is->sigma > 0 ? is->sigma * wt_random_normal(r) : 0));
        f->point[i].y =
            (float)(is->y + x * s + y * c + (is->sigma > 0 ? is->sigma * wt_random_normal(r) : 0));
    }
}

/* Distance of its outer eye corners at size 1, px. */
static inline double noisy_face_eyes(void)
{
    return (double)(wt_mean_face[72].x - wt_mean_face[60].x);
}

#endif
