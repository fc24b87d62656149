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
    size_t floats;         /* numbers in the features of a crop; 0: none */
    float *features;       /* [count] of the kept part; NULL: the whole network runs */
    struct wt_point *now;  /* [count][WT_POINTS_MAX]: last found, in the network's scheme */
    struct wt_point *held; /* the same of the old weights; NULL: not measured yet */
    bool offsets;          /* measured with the offset of the other faces */
};

/* Crops of one kind of faces that are kept with their features. */
struct wt_tune_views {
    int count, room, at;    /* at: the next one */
    float *features;        /* [room] */
    struct wt_point *point; /* [room][WT_POINTS_MAX]: what is to be found, crop pixels */
};

/* tune_features.c: what the layers that do not learn give, computed once. */
struct wt_tune_features {
    enum wt_hourglass_cut cut;
    size_t floats;               /* of one crop */
    struct wt_tape *front;       /* image -> features, nothing of it learns */
    struct wt_tape *teacher;     /* features -> maps with the old weights; NULL: not needed */
    struct wt_tune_views set[2]; /* faces to learn, replay */
    float *value, *channel;      /* targets of a step's faces */
    uint8_t *mask;
    int stride;
};

struct wt_tune {
    struct wt_tune_options options;
    struct wt_arch arch;
    struct wt_tape *tape;
    struct wt_optimiser *optimiser;
    float *old;                  /* values of what is trained, as they were */
    struct wt_loader *loader[2]; /* faces to learn, replay */
    int loaders, faces, first;   /* faces in a step, and of the first loader */
    double *losses;
    struct wt_tune_set set[2]; /* faces to learn, guard */
    struct wt_tune_result result;
    struct wt_tune_features *features; /* NULL: every step runs the whole network */
    atomic_bool cancelled;
    pthread_mutex_t lock;    /* for the tape's values and the best: written under it only */
    struct wt_weights *best; /* starts as the old ones */
};

/* tune_measure.c. Chooses the faces and takes the memory; faces NULL: an empty set. floats: of the
 * features of a crop, 0: none are kept. Errors: UNSUPPORTED, MEMORY. */
enum wt_status wt_tune_set_init(struct wt_tune_set *s, const struct wt_faces *faces,
                                const struct wt_arch *arch, size_t floats);
void wt_tune_set_fini(struct wt_tune_set *s);
size_t wt_tune_set_bytes(const struct wt_tune_set *s);
/* Reads the crops, unless cancelled. */
enum wt_status wt_tune_set_read(struct wt_tune_set *s, const atomic_bool *cancelled);
/* The tape's error on a set, %; NAN: an empty one. drift, unless NULL: mean distance from what was
 * found the first time, %. */
double wt_tune_measure(struct wt_tune *t, struct wt_tune_set *s, double *drift);

/* Numbers in the features of a crop. */
size_t wt_tune_floats(const struct wt_tune *t);
/* rest: gets the layers that learn. Errors: MEMORY, UNSUPPORTED. */
enum wt_status wt_tune_features_create(struct wt_tune_features **out, struct wt_tune *t,
                                       struct wt_graph *rest);
void wt_tune_features_destroy(struct wt_tune_features **features);
size_t wt_tune_features_bytes(const struct wt_tune_features *f);
/* Of n crops rgb [n][input][input][3]; to [n]. */
void wt_tune_features_run(struct wt_tune *t, const uint8_t *rgb, size_t n, float *to);
/* A step's forward pass and loss on kept crops, or new ones while there is room. Errors: those of
 * reading faces. */
enum wt_status wt_tune_features_forward(struct wt_tune *t, double *loss);

struct wt_learn wt_tune_learner(struct wt_tune *t);

/* tune_weights.c: a copy in float32, without ranges for int8. Errors: MEMORY. */
enum wt_status wt_tune_copy_weights(struct wt_weights **out, const struct wt_weights *from);

#endif
