/* The similarity (shift, turn, scale) that takes points p to points q best in the sense of least
 * squares: S. Umeyama, "Least-Squares Estimation of Transformation Parameters Between Two Point
 * Patterns", PAMI 1991; in the plane a closed form over complex numbers. Plain data; any thread. */
#ifndef WT_MODEL_SIMILARITY_H
#define WT_MODEL_SIMILARITY_H

#include <stdbool.h>

#include "wingtip.h"

struct wt_similarity {
    double px, py; /* mean of p, px */
    double qx, qy; /* mean of q, px */
    double re, im; /* scale times cosine and sine of the turn, from x to y */
};

/* n > 0. Returns false where either lies in one place: then only a shift. */
bool wt_similarity_fit(struct wt_similarity *fit, const struct wt_point *p,
                       const struct wt_point *q, int n);

struct wt_point wt_similarity_map(const struct wt_similarity *fit, struct wt_point p);

#endif
