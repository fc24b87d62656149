/* Faces to train on that come from frames in memory, such as those that a person has corrected.
 *
 * Of each frame only what training can see of the face is copied, at most WT_FACE_CUT_SIDE pixels a
 * side (larger ones are scaled down by a whole number): at most 1.8 MB a face. Thread-safety as
 * faces.h. */
#ifndef WT_MODEL_FACES_FRAMES_H
#define WT_MODEL_FACES_FRAMES_H

#include "data/faces.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WT_FACE_CUT_SIDE = 768 };

struct wt_face_in_frame {
    const struct wt_image *image;
    const struct wt_point *point; /* [points] in pixels of the image; x NaN: not known */
    int points;                   /* of a scheme */
};

/* Adds them as one source; "name:1" is the first one in error lines. The frames may go afterwards.
 * Errors: ARGUMENT (an image that cannot be, less than two known points, a face smaller than 4
 * pixels or outside its frame), FORMAT (no such scheme), MEMORY; then nothing is added. */
enum wt_status wt_faces_add_frames(struct wt_faces *faces, const char *name,
                                   const struct wt_face_in_frame *face, size_t count);

#ifdef __cplusplus
}
#endif
#endif
