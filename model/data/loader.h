/* Batches for the trainer: threads that read pictures, augment them and make targets, some batches
 * ahead.
 *
 * What is in a batch depends on the faces, the options and (seed, epoch, place in the epoch) alone:
 * not on the number of threads, nor on how far ahead they are. So a run can be resumed at any
 * batch. An epoch has floor(epoch size / ((batch - pairs) * parts)) batches; the rest of its faces
 * are left out of that epoch. Batches follow each other over the epochs without end.
 *
 * Threads: one consumer calls next and release; create and destroy from one thread. The faces must
 * outlive the loader. */
#ifndef WT_MODEL_LOADER_H
#define WT_MODEL_LOADER_H

#include "data/augment.h"
#include "data/faces.h"
#include "data/target.h"
#include "data/training_frames.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_loader;

struct wt_loader_options {
    int batch;       /* faces in one, 1..1024, at most the epoch's size */
    int pairs;       /* so many of a batch are second views (wt_augment_again) of the face before,
                        spread evenly (wt_batch_second); 0..batch / 2, of crops only */
    int threads;     /* 1..64 */
    int ahead;       /* batches kept in memory besides the consumer's, 1..64; 0: as many as threads
                        keep busy, at least 2 */
    int stride;      /* channels of a map with padding; more than the points */
    int part, parts; /* this process makes faces part * batch .. of batches of parts * batch, so
                        that `parts` processes share out one large batch; 0 parts: 1 */
    uint64_t seed;
    uint64_t epoch, first; /* where to start: epoch, and batch of it */
    bool skip_broken;      /* a face that cannot be read: a warning and another face in its place,
                              instead of the end */
    struct wt_augment augment; /* its `input` is the side of the crops, or frames */
    struct wt_target_options target;
    const struct wt_training_frames *frames; /* NULL: crops of faces. Else whole frames
                                       (training_frames.h), each around a face, with the detector's
                                       targets in value and mask; point, channel and params mean
                                       nothing then, and stride is WT_FACE_TARGETS */
};

struct wt_batch {
    uint64_t epoch, index; /* index: of the batch within the epoch */
    int n, pairs;
    int input;                              /* side of a crop, or frame; its maps are a quarter */
    const uint8_t *rgb;                     /* [n][input][input][3] */
    const float *value;                     /* [n][map][map][stride], as struct wt_target_maps */
    const uint8_t *mask;                    /* [n][map][map][stride] */
    const float *channel;                   /* [n][stride] */
    const struct wt_point *point;           /* [n][points]: in crop pixels; NaN: not known */
    const uint32_t *face;                   /* [n]: index for wt_faces_get */
    const struct wt_augment_params *params; /* [n] */
};

/* Where in a batch of n the k-th second view is, 0 <= k < pairs; its first view is the one before
 * it. Batches that are shared out evenly, pairs too, have them at the same places as the whole. */
static inline int wt_batch_second(int n, int pairs, int k)
{
    return ((k + 1) * n + pairs - 1) / pairs - 1;
}

/* Errors: ARGUMENT, MEMORY. */
enum wt_status wt_loader_create(struct wt_loader **out, const struct wt_faces *faces,
                                const struct wt_loader_options *options);
/* Stops the threads and waits for them. NULL-safe. */
void wt_loader_destroy(struct wt_loader **loader);

/* Waits for the next batch, which is valid until release. Errors: those of reading a face, when
 * the turn of its batch comes: one line names the first such face of the batch. */
enum wt_status wt_loader_next(struct wt_loader *loader, struct wt_batch *out);
void wt_loader_release(struct wt_loader *loader);

uint64_t wt_loader_epoch_batches(const struct wt_loader *loader);

struct wt_loader_stats {
    uint64_t faces;   /* made so far */
    uint64_t skipped; /* replaced because they could not be read */
    double work_s;    /* spent making them, all threads */
    double wait_s;    /* the consumer has waited for batches */
};
struct wt_loader_stats wt_loader_stats(struct wt_loader *loader);

/* Memory it holds, but for the picture that each thread has open. */
size_t wt_loader_bytes(const struct wt_loader *loader);

#ifdef __cplusplus
}
#endif
#endif
