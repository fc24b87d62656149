/* Lists of annotated faces, one face a line: `image x0 y0 x1 y1 ...`, all lines with the same
 * number of points; or `image SCHEME x0 y0 ...`, where SCHEME is that line's number of points
 * (photographs with faces of several schemes). Coordinates: 0-based pixel centres. The image is
 * relative to the list's folder. `#` starts a comment line; fields are separated by blanks, so an
 * image's name has none.
 *
 * The whole list is checked on opening; every bad line is reported as file:line: reason (the first
 * ten, then a count). The object owns its strings and points. Read-only afterwards, thread-safe. */
#ifndef WT_MODEL_DATASET_H
#define WT_MODEL_DATASET_H

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
};

struct wt_dataset {
    struct wt_sample *sample;
    size_t count;
    int points; /* the same in every line; 0: they differ */
    char *strings;
    struct wt_point *storage;
};

/* Errors: IO, FORMAT (also: no face at all, image file missing), MEMORY. */
enum wt_status wt_dataset_open(struct wt_dataset *out, const char *path);
void wt_dataset_fini(struct wt_dataset *dataset);

#ifdef __cplusplus
}
#endif
#endif
