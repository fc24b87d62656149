/* Labels and a picture that do not belong together: the list of another data set, a picture that
 * was made smaller. Thread-safe. */
#ifndef WT_MODEL_FITS_H
#define WT_MODEL_FITS_H

#include "data/dataset.h"

/* Do the points lie in a picture of this size, or near it, half the face's size at most outside?
 * Otherwise it is hardly the one that was labelled; why not goes to reason (size bytes). */
bool wt_sample_fits(const struct wt_sample *sample, int width, int height, char *reason,
                    size_t size);

#endif
