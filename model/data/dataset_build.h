/* Puts a data set together face by face: what the readers of folders and tables share. Private to
 * the readers. One thread. */
#ifndef WT_MODEL_DATASET_BUILD_H
#define WT_MODEL_DATASET_BUILD_H

#include "data/dataset.h"
#include "data/fractions.h"

struct wt_dataset_entry {
    const char *image; /* path, or NULL: a picture in memory */
    const char *name;
    int line, points;
    const struct wt_point *point;
    struct wt_box box;
    uint32_t subsets;
    struct wt_picture *picture; /* taken over (zeroed) by add, where image is NULL */
};

struct wt_dataset_builder {
    const char *path; /* of the source, for error lines; not owned */
    float origin;     /* what its coordinates count from, already taken from the points */
    struct wt_fractions fractions;
    struct wt_build_face *face;
    size_t faces, faces_room;
    char *strings;
    size_t chars, chars_room;
    struct wt_point *point;
    size_t points, points_room;
    struct wt_picture *picture;
    size_t pictures, pictures_room;
};

/* Copies what the entry points to, except the picture. A face whose coordinates are fractions is
 * left out, for finish to refuse. Errors: MEMORY. */
enum wt_status wt_dataset_builder_add(struct wt_dataset_builder *b,
                                      const struct wt_dataset_entry *entry);
/* Hands everything over to out. Errors: FORMAT (no face, fractions for
 * pixels), MEMORY. */
enum wt_status wt_dataset_builder_finish(struct wt_dataset_builder *b, struct wt_dataset *out);
/* Frees what has not been handed over. Safe on a builder of zeros. */
void wt_dataset_builder_fini(struct wt_dataset_builder *b);

#endif
