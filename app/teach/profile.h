/* A profile: what a person has taught the program about one face.
 *
 * A folder of ordinary files, which others can read:
 *   profile.json          version, network (its name or path, SHA-256 of the file), points
 *   corrections.txt       list of the corrected faces (model/data/README.md), as people placed them
 *   found.txt             the same faces as the profile's network finds them by itself
 *   pictures/             what the lists refer to: the part of each frame that learning can use
 *   weights.safetensors   the network after learning; absent before. The original is never changed
 *   history.jsonl         what was done, when, and with what result
 * The offset (face/offset.h) follows from the two lists, and is fitted when the profile is opened.
 *
 * Not a learner (learner.h). An open profile is a copy in memory, which does not change, and may be
 * read by any thread; adding opens the folder anew. Functions that change one may run in any
 * thread; they wait for each other (profile_store.h). */
#ifndef WT_APP_PROFILE_H
#define WT_APP_PROFILE_H

#include "cli/options.h"
#include "data/dataset.h"
#include "data/faces_frames.h"
#include "face/offset.h"
#include "teach/profile_store.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WT_PROFILE_CORRECTIONS "corrections.txt"
#define WT_PROFILE_FOUND "found.txt"
#define WT_PROFILE_WEIGHTS "weights.safetensors"
#define WT_PROFILE_HISTORY "history.jsonl"
#define WT_PROFILE_MANIFEST "profile.json"
#define WT_PROFILE_PICTURES "pictures"

/* Corrected faces that a profile holds at most. */
enum { WT_PROFILE_MOST = 1000 };

struct wt_profile {
    struct wt_profile_store store;
    char name[72];
    struct wt_path folder;
    struct wt_path base;    /* the original weights: path */
    struct wt_path weights; /* those that the profile uses: learned ones, or the original */
    bool learned;
    bool stale; /* the original weights are not those it was taught with: what they find is not what
                   found.txt says. wt_profile_refresh mends it */
    char model[PATH_MAX]; /* as in profile.json */
    char sha256[72];      /* of the original weights */
    int points;
    struct wt_dataset truth, found; /* faces in the same order */
    struct wt_offset *offset;       /* NULL: the network saw none of the faces */
};

/* Reads and checks all but the weights' content. Errors: ARGUMENT (the name; no such profile),
 * FORMAT (broken: one line says what), IO, MEMORY. */
enum wt_status wt_profile_open(struct wt_profile **out, const struct wt_profile_store *store,
                               const char *name);
void wt_profile_close(struct wt_profile **profile); /* NULL-safe; sets NULL */

/* For --profile: opens it, and has --model mean its weights. ARGUMENT where the user named a model
 * as well. */
enum wt_status wt_profile_choose(struct wt_profile **out, const char *folder, const char *name,
                                 struct wt_common *common);

/* Points that faces of a profile have, or of a new one for these weights. Errors: those of reading.
 */
enum wt_status wt_profile_points(const struct wt_profile_store *store, const char *name,
                                 const char *model, int *points);

/* How a network is run to find what it finds: as the tracker would. */
struct wt_profile_run {
    const char *model;    /* of a new profile: weights' name or path, NULL: the bundled ones. Of one
                             that is there: its own (NULL), or the same */
    int threads;          /* 0: one per physical core */
    const char *cpu_mask; /* NULL: best */
    int precision;        /* enum wt_precision */
    bool force;           /* wt_profile_add: do not ask whether the corrections can be right */
    bool (*give_up)(void *user); /* asked while lists are measured (profile_figures.h): true ends
                                    that with WT_END; NULL: never */
    void *user;
};

/* Adds corrected faces, points of the network's scheme, but those that it has already; makes the
 * profile if it is not there. A
 * point that is not known (NaN) is kept where the profile would put it. Their offset takes effect
 * with the next wt_profile_open. Corrections that cannot be right are refused, unless run->force:
 * points far from all that the network finds, as in another order; and those with whose offset the
 * earlier corrections would be worse. Errors: ARGUMENT (these; faces that training could not use; a
 * model of another profile), those of the network and of writing; then nothing has changed. */
enum wt_status wt_profile_add(const struct wt_profile_store *store, const char *name,
                              const struct wt_profile_run *run, const struct wt_face_in_frame *face,
                              size_t count);

/* How far corrected points may lie from the found ones, in the mean, % of the eye distance: of 96
 * rendered and 103 hard photographed faces one has 34, the others less than 20; points in mirrored
 * order have 69 or more. And how much worse the earlier corrections may get, in the mean: by that
 * factor and that much, %. */
#define WT_PROFILE_FAR 50.0
#define WT_PROFILE_WORSE 1.25
#define WT_PROFILE_WORSE_BY 0.5

/* One correction, by its picture's name in the list: taken out with its picture (not the last one:
 * ARGUMENT), or placed anew: point [points], NaN as for wt_profile_add, refused as there. What a
 * network has learned from it stays until it learns again. Errors: as above, ARGUMENT (no such
 * correction). */
enum wt_status wt_profile_remove(const struct wt_profile_store *store, const char *name,
                                 const char *picture);
enum wt_status wt_profile_replace(const struct wt_profile_store *store, const char *name,
                                  const struct wt_profile_run *run, const char *picture,
                                  const struct wt_point *point, int points);

/* Finds all faces of the profile anew: with its network, or with `weights` (saved in their place:
 * learning has ended well), or with the original ones (`back`: learned ones are removed). event: an
 * object for the history, taken over. Errors as above. */
struct wt_profile_update {
    const struct wt_weights *weights;
    bool back;
    struct cJSON *event;
    double most;   /* the corrections' error, leave-one-out, %, may be at most that, else nothing
                      changes; 0: any */
    double *error; /* what it is now, or would be; may be NULL */
    bool *kept;    /* false: it would be more; may be NULL */
};
enum wt_status wt_profile_refresh(const struct wt_profile_store *store, const char *name,
                                  const struct wt_profile_run *run,
                                  const struct wt_profile_update *update);

/* Adds a line to the history and changes nothing else. event is taken over. */
enum wt_status wt_profile_note(const struct wt_profile_store *store, const char *name,
                               struct cJSON *event);

/* A folder that is not there yet gets the lists and pictures, and the weights with what they say of
 * themselves; whole or not at all. Errors: ARGUMENT (it is there), IO. */
enum wt_status wt_profile_export(const struct wt_profile *profile, const char *folder);

#ifdef __cplusplus
}
#endif
#endif
