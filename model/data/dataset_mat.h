/* MATLAB files of annotated faces, through libmatio (MAT-file level 5, compressed or not, and 7.3):
 * - COFW (COFW_train*.mat, COFW_test*.mat): 29 points, box, and the pictures themselves;
 * - AFLW-19 (AFLWinfo_release.mat): 19 points, those hidden unknown (NaN), box, and names of
 * pictures, which are looked for beside the file and in the folders images, flickr and data/flickr
 * there, as the data set is unpacked. Subsets: train (the first 20,000 of the published order),
 * test, frontal (test faces with every point visible). COFW's coordinates are 1-based, and 1 is
 * taken from them; AFLW's are kept.
 *
 * Only for files from the data sets' makers: libmatio is not made for files that mean harm.
 * Read-only afterwards, thread-safe; opening: one thread. */
#ifndef WT_MODEL_DATASET_MAT_H
#define WT_MODEL_DATASET_MAT_H

#include "data/dataset.h"

/* Every bad row is reported as FILE:row: reason (the first ten, then a count). Errors: IO, FORMAT,
 * MEMORY. */
enum wt_status wt_dataset_open_mat(struct wt_dataset *out, const char *path, const char *images);

#endif
