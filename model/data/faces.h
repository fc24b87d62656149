/* Faces to train on: several sources mixed by weight, all in the scheme of one network.
 *
 * A source is a list, a folder of .pts files or a MATLAB file (dataset_open.h), given as
 *   PATH[@SUBSET][*WEIGHT][ in FOLDER]
 * A path that is there as it stands is taken so, whatever words or signs it has in it.
 * Its faces count WEIGHT times an epoch (1 without it); of a fraction, each epoch draws other ones.
 * FOLDER: where its pictures' names start from, relative to the source's own folder.
 * Points that the source's scheme lacks are unknown (NaN), see wt_points_convert_known.
 *
 * Not a loader: reads no picture but to check it. Built by one thread; read-only afterwards,
 * thread-safe. */
#ifndef WT_MODEL_FACES_H
#define WT_MODEL_FACES_H

#include "data/dataset.h"
#include "face/scheme.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_faces;

struct wt_train_face {
    const struct wt_sample *sample; /* with the points as annotated */
    const struct wt_scheme *own;    /* the scheme they are in */
    const struct wt_point *point;   /* [points of the network]; NaN: not known */
    const char *source;             /* path, for error lines */
};

/* points: of the network; a scheme must have that many. Errors: ARGUMENT, MEMORY. */
enum wt_status wt_faces_create(struct wt_faces **out, int points);
void wt_faces_destroy(struct wt_faces **faces);

/* Adds a source; reports everything that is wrong in it. Errors: ARGUMENT (words after the path, a
 * scheme without partner points), and those of the readers. */
enum wt_status wt_faces_add(struct wt_faces *faces, const char *source);

/* Takes a data set that was put together elsewhere as a source of weight 1, and zeroes it; name:
 * for error lines. On failure it stays the caller's. Errors: ARGUMENT, FORMAT, MEMORY. */
enum wt_status wt_faces_take(struct wt_faces *faces, const char *name, struct wt_dataset *dataset);

/* Keeps of all faces number 0, every, 2 every, ..., at most `most` of them; or, with `rest`, the
 * others: splits a set into the part held out and the rest. */
void wt_faces_part(struct wt_faces *faces, size_t every, size_t most, bool rest);

/* Checks every face before any work starts: is the picture there and whole, are the points near
 * the picture (at most half a face's side beyond it), has the face a size? Reads every picture, on
 * `threads` threads; progress may be NULL and is called on the caller's thread. Reports file:line:
 * reason, the first ten, in the order of the faces, then a count. Errors: FORMAT, IO, MEMORY. */
enum wt_status wt_faces_check(const struct wt_faces *faces, int threads,
                              void (*progress)(void *user, size_t done), void *user);

const struct wt_scheme *wt_faces_scheme(const struct wt_faces *faces);
size_t wt_faces_count(const struct wt_faces *faces);
struct wt_train_face wt_faces_get(const struct wt_faces *faces, size_t i);

/* "list.txt:12", "face.pts": where a face was annotated; cut to the buffer. Returns buffer. */
const char *wt_face_where(const struct wt_train_face *face, char *buffer, size_t size);

/* Faces an epoch has, weights counted; at least 1. */
size_t wt_faces_epoch_size(const struct wt_faces *faces);

struct wt_epoch_entry {
    uint32_t face, copy; /* copy: how often the face came before in the same epoch */
};

/* The order of an epoch, order [epoch size]: a function of seed and epoch only. */
void wt_faces_order(const struct wt_faces *faces, uint64_t seed, uint64_t epoch,
                    struct wt_epoch_entry *order);

#ifdef __cplusplus
}
#endif
#endif
