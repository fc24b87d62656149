/* Where a face is: the square around its points, upright by the line between the eyes.
 *
 * The one meaning of centre, side and roll that detector, tracker and training share. Pure,
 * thread-safe. */
#ifndef WT_MODEL_SQUARE_H
#define WT_MODEL_SQUARE_H

#include "face/crop.h"
#include "face/scheme.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_square {
    float x, y; /* centre of the points' bounding box as one sees it with the eyes level */
    float side; /* mean of that box's width and height */
    float roll; /* radians, clockwise on screen; 0 where the scheme has no eyes */
};

/* point [n]; scheme: theirs, or NULL if it is not known. */
struct wt_square wt_square_of(const struct wt_scheme *scheme, const struct wt_point *point, int n);

/* Moves `held` no more than it takes to lie within `slack` of `now`: its centre (distance) and its
 * side, each in sides of `now`, and its roll in radians. So what follows a face that rests is at
 * rest too, whatever its points tremble, and goes along without a jump when the face moves. A held
 * side of 0: becomes `now`. */
void wt_square_drag(struct wt_square *held, const struct wt_square *now, float slack);

#ifdef __cplusplus
}
#endif
#endif
