/* Faces whose coordinates are parts of a picture's width and height (0 to 1, or a little beyond)
 * where pixels are needed: recognised, counted, and refused in one line for all of a source. Known
 * by this: no coordinate is further than 2 from 0, which leaves no face of pixels either. Plain
 * data; one thread. */
#ifndef WT_MODEL_FRACTIONS_H
#define WT_MODEL_FRACTIONS_H

#include "base/status.h"

struct wt_fractions {
    size_t faces;
    float low, high; /* of the first face */
    char where[4096 + 16];
};

/* xy [points][2], NaN: not known; origin: what has been taken from them already. True: this face is
 * such a one, and counted. line 0: path is a file of its own, without lines that matter. */
bool wt_fractions_take(struct wt_fractions *f, const char *path, int line, const float *xy,
                       int points, float origin);
/* At the end of a source: WT_ERR_FORMAT, after a line about all of them, if there was one. */
enum wt_status wt_fractions_end(const struct wt_fractions *f);

#endif
