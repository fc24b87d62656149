/* Lists of annotated faces, one face a line, of two kinds:
 * - Wingtip's: `image x0 y0 x1 y1 ...`, all lines with the same number of points; or `image SCHEME
 *   x0 y0 ...`, where SCHEME is that line's number of points (photographs with faces of several
 *   schemes). The image is relative to the list's folder.
 * - WFLW's: 98 points, the face's box (left, top, right, bottom), six flags for the subsets pose,
 *   expression, illumination, make-up, occlusion and blur, and the image; or 98 points and the
 * image. The image is relative to the list's folder, or to a folder WFLW_images there or up to two
 *   folders above, as the data set is unpacked. Known by a number in the first field and none in
 *   the last.
 * Coordinates: 0-based pixel centres. `#` starts a comment line; fields are separated by blanks. An
 * image's name that has some is in quotes, escaped, or as it is where that picture is there
 * (list_name.h). Coordinates that are parts of the picture's size are refused (fractions.h). The
 * text may have a byte order mark of UTF-8, and any line ends.
 *
 * The whole list is checked on opening; every bad line is reported as file:line: reason (the first
 * ten, then a count). The object owns its strings and points. Read-only afterwards, thread-safe. */
#ifndef WT_MODEL_DATASET_H
#define WT_MODEL_DATASET_H

#include <string.h>

#include "face/crop.h"
#include "face/picture.h"
#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_sample {
    const char *image; /* path that can be opened; NULL: the picture is in memory */
    const char *name;  /* as in the list */
    int line;          /* of the list, or row of a table, from 1 on; 0: name is a file of its own */
    int points;
    const struct wt_point *point;   /* [points] */
    struct wt_box box;              /* the list's own box of the face; w 0: the list has none */
    uint32_t subsets;               /* bit i: the face is in subset i of the dataset */
    const struct wt_image *picture; /* pixels, where the data set holds them itself; else NULL */
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
    struct wt_picture *picture; /* [pictures]: what samples point into */
    size_t pictures;
};

/* images: folder that the images' names start from; NULL: as said above. Errors: IO, FORMAT (also:
 * no face at all, image file missing), MEMORY. */
enum wt_status wt_dataset_open_in(struct wt_dataset *out, const char *path, const char *images);
enum wt_status wt_dataset_open(struct wt_dataset *out, const char *path);

/* Puts the faces into subsets, in place of the list's own: a file with a line `image name,name,...`
 * each, with names as in lists; a line is for every face of that image, faces without a line are in
 * none. Bad lines are reported as those of a list; then the dataset is as it was. Errors: IO,
 * FORMAT, MEMORY. */
enum wt_status wt_dataset_read_subsets(struct wt_dataset *dataset, const char *path);

void wt_dataset_fini(struct wt_dataset *dataset);

/* A folder in the form of 300W: every file *.pts (in capitals, too) in it and up to eight folders
 * below (68 points, or another scheme's number; 1-based coordinates, from which 1 is taken) with a
 * picture of the same name beside it, whatever its ending: of several the first of jpg, png, jpeg,
 * bmp, others (list_name.h). The order is that of the names. Whatever else lies there is counted
 * and named in a warning, except hidden files (.NAME). Errors: as above, with FILE.pts:line. */
enum wt_status wt_dataset_open_pts(struct wt_dataset *out, const char *folder);

/* Are these faces of one picture? */
static inline bool wt_same_picture(const struct wt_sample *a, const struct wt_sample *b)
{
    if (a->image && b->image)
        return strcmp(a->image, b->image) == 0;
    return a->picture && a->picture == b->picture;
}

/* The picture of a sample, read into storage unless it is in memory; release storage (zeroed
 * before) with wt_picture_fini when done. What is wrong goes to reason (size bytes), in a few words
 * for the caller to report. Errors: those of wt_picture_read. */
enum wt_status wt_sample_picture(const struct wt_sample *sample, struct wt_picture *storage,
                                 struct wt_image *image, char *reason, size_t size);

#ifdef __cplusplus
}
#endif
#endif
