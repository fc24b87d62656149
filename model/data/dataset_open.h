/* Opens a data set of any kind: the kind follows from the path. Read-only afterwards, thread-safe;
 * opening: one thread. */
#ifndef WT_MODEL_DATASET_OPEN_H
#define WT_MODEL_DATASET_OPEN_H

#include "data/dataset.h"

/* path: a folder of .pts files, a MATLAB file (*.mat), or a list. images: folder that the pictures'
 * names start from, NULL: where the kind of source has them; a folder of .pts files and COFW take
 * none. Errors: ARGUMENT (images where there can be none), and those of the readers. */
enum wt_status wt_dataset_open_any(struct wt_dataset *out, const char *path, const char *images);

#endif
