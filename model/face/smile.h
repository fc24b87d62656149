/* How much a mouth smiles, from a face's points: two ratios of lengths in the picture, without
 * unit. A shape, not a feeling; and people differ at rest, so changes tell more than values. Pure
 * functions, thread-safe. */
#ifndef WT_MODEL_SMILE_H
#define WT_MODEL_SMILE_H

#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_smile {
    double lift;  /* how far the mouth's corners stand above the middle of the upper lip's lower
                     edge, across the line between the eyes, over the mouth's width; about 0 at
                     rest, positive in a smile, negative in an open mouth */
    double width; /* of the mouth over the distance of the outer eye corners; turns aside shorten
                     both alike */
};

/* Of 98 or 68 points, whose 68 are taken. NaN: unknown, as of other schemes, of points that are not
 * finite, of corners in one place. */
struct wt_smile wt_smile_measure(const struct wt_point *point, int points);

#ifdef __cplusplus
}
#endif
#endif
