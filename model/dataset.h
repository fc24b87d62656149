/* Lists of annotated faces, one face a line, of two kinds:
 * - Wingtip's: `image x0 y0 x1 y1 ...`, all lines with the same number of points; or `image SCHEME
 *   x0 y0 ...`, where SCHEME is that line's number of points (photographs with faces of several
 *   schemes). The image is relative to the list's folder.
 * - WFLW's: 98 points, the face's box (left, top, right, bottom), six flags for the subsets pose,
 *   expression, illumination, make-up, occlusion and blur, and the image; or 98 points and the
 * image. The image is relative to the list's folder, or to a folder WFLW_images there or up to two
 *   folders above, as the data set is unpacked. Known by a number in the first field and none in
 *   the last.
 * Coordinates: 0-based pixel centres. `#` starts a comment line; fields are separated by blanks, so
 * an image's name has none.
 *
 * The whole list is checked on opening; every bad line is reported as file:line: reason (the first
 * ten, then a count). The object owns its strings and points. Read-only afterwards, thread-safe. */
#ifndef WT_MODEL_DATASET_H
#define WT_MODEL_DATASET_H

#include "crop.h"
#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_sample {
    const char *image; /* path that can be opened */
    const char *name;  /* as in the list */
    int line;
    int points;
    const struct wt_point *point; /* [points] */
    struct wt_box box;            /* the list's own box of the face; w 0: the list has none */
    uint32_t subsets;             /* bit i: the face is in subset i of the dataset */
};

#define WT_SUBSETS_MAX 32

struct wt_dataset {
    struct wt_sample *sample;
    size_t count;
    int points;  /* the same in every line; 0: they differ */
    bool boxes;  /* every face has a box */
    int subsets; /* how many there are */
    const char *subset[WT_SUBSETS_MAX];
    char *strings;
    char *subset_text;
    struct wt_point *storage;
};

/* images: folder that the images' names start from; NULL: as said above. Errors: IO, FORMAT (also:
 * no face at all, image file missing), MEMORY. */
enum wt_status wt_dataset_open_in(struct wt_dataset *out, const char *path, const char *images);
enum wt_status wt_dataset_open(struct wt_dataset *out, const char *path);

/* Puts the faces into subsets, in place of the list's own: a file with a line `image name,name,...`
 * each; a line is for every face of that image, faces without a line are in none. Bad lines are
 * reported as those of a list; then the dataset is as it was. Errors: IO, FORMAT, MEMORY. */
enum wt_status wt_dataset_read_subsets(struct wt_dataset *dataset, const char *path);

void wt_dataset_fini(struct wt_dataset *dataset);

#ifdef __cplusplus
}
#endif
#endif
