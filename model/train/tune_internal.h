/* What tune*.c share. */
#ifndef WT_MODEL_TUNE_INTERNAL_H
#define WT_MODEL_TUNE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "net/hourglass.h"
#include "train/learn.h"
#include "train/tune.h"

/* A crop to measure on. */
struct wt_tune_truth {
    size_t face; /* of the faces */
    double by;   /* normaliser, pixels of the crop */
    struct wt_point point[WT_POINTS_MAX];
};

struct wt_tune_set {
    const struct wt_faces *faces;
    size_t count;
    int input;    /* side of the crops */
    uint8_t *rgb; /* [count][input][input][3] */
    struct wt_tune_truth *truth;
    enum wt_norm norm;
};

struct wt_tune {
    struct wt_tune_options options;
    struct wt_arch arch;
    struct wt_tape *tape;
    struct wt_optimiser *optimiser;
    struct wt_loader *loader[2]; /* faces to learn, replay */
    int loaders, faces;          /* in a step */
    double *losses;
    struct wt_tune_set set[2]; /* faces to learn, guard */
    struct wt_tune_result result;
    atomic_bool cancelled;
    pthread_mutex_t lock;    /* for the tape's values and the best: written under it only */
    struct wt_weights *best; /* starts as the old ones */
};

/* tune_measure.c. Chooses the faces and takes the memory; faces NULL: an empty set. Errors:
 * UNSUPPORTED, MEMORY. */
enum wt_status wt_tune_set_init(struct wt_tune_set *s, const struct wt_faces *faces,
                                const struct wt_arch *arch);
void wt_tune_set_fini(struct wt_tune_set *s);
size_t wt_tune_set_bytes(const struct wt_tune_set *s);
/* Reads the crops, unless cancelled. */
enum wt_status wt_tune_set_read(struct wt_tune_set *s, const atomic_bool *cancelled);
/* The tape's error on a set, %; NAN: an empty one. */
double wt_tune_measure(struct wt_tune *t, const struct wt_tune_set *s);

struct wt_learn wt_tune_learner(struct wt_tune *t);

#endif
