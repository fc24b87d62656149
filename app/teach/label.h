/* Labelling pictures by hand, with a network's points as a start: the state of one list.
 *
 * Beside the list that comes of it, faces.txt, lie faces.start.txt, an ordinary list of the faces
 * to label with the points to start from, and for videos faces.pictures/, the frames. faces.txt is
 * an ordinary list, too; a comment before each line says which face of the start it is, and which
 * of its points cannot be seen ("# face 3 hidden 60 61": those are where the user believes them to
 * be), so that labelling goes on where it ended. Skipped faces are comments alone. Not an editor
 * (edit.h), nor a window. One thread. */
#ifndef WT_APP_LABEL_H
#define WT_APP_LABEL_H

#include <stdio.h>

#include "base/paths.h"
#include "data/dataset.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wt_label_state { WT_LABEL_OPEN, WT_LABEL_DONE, WT_LABEL_SKIPPED };

struct wt_label_face {
    enum wt_label_state state;
    struct wt_point *point; /* [points]: the label, or where the user left it; at first the start */
    bool *hidden;           /* [points] */
};

struct wt_label {
    struct wt_path out;
    struct wt_dataset start;
    int points;
    struct wt_label_face *face; /* [start.count] */
    struct wt_point *storage;
    bool *flags;
};

/* faces.txt -> faces.start.txt, faces.pictures. Errors: ARGUMENT (too long). */
enum wt_status wt_label_paths(const char *out, struct wt_path *start, struct wt_path *pictures);

/* Reads the start and what was labelled so far. Errors: those of lists; FORMAT (the list is there,
 * and not of this start: it stays as it is); MEMORY. */
enum wt_status wt_label_open(struct wt_label **out, const char *path);
void wt_label_close(struct wt_label **label); /* NULL-safe; sets NULL */

/* The first face from `from` on that is neither labelled nor skipped, or before; -1: none. */
int wt_label_next_open(const struct wt_label *label, int from);
void wt_label_count(const struct wt_label *label, int *done, int *skipped);

/* Sets a face's state and points and writes the list: it is on the disk, whole, when this returns.
 * Errors: IO, MEMORY; then the face's state and the list are as before. */
enum wt_status wt_label_set(struct wt_label *label, int face, enum wt_label_state state,
                            const struct wt_point *point, const bool *hidden);
/* Keeps points in memory alone, for when the user comes back to the face; with the next
 * wt_label_set of a face that is labelled already they are written. */
void wt_label_touch(struct wt_label *label, int face, const struct wt_point *point,
                    const bool *hidden);

/* A name as lists have it: in quotes where it needs them. */
void wt_label_print_name(FILE *f, const char *name);

#ifdef __cplusplus
}
#endif
#endif
