/* What profile*.c share. */
#ifndef WT_APP_PROFILE_INTERNAL_H
#define WT_APP_PROFILE_INTERNAL_H

#include "teach/profile.h"
#include "track/model_internal.h"

/* Opens the profile that a folder holds, without a lock. */
enum wt_status wt_profile_open_in(struct wt_profile **out, const struct wt_profile_store *store,
                                  const char *name, const char *folder);

/* The offset of all faces but number `without` (SIZE_MAX: of all); *out stays where there are none.
 * found [truth->count]. */
enum wt_status wt_profile_fit(const struct wt_dataset *truth, const struct wt_point *const *found,
                              int points, size_t without, struct wt_offset **out);

/* NME of the first n corrections, %, each with the offset of all others of the profile; 0 where
 * none of them was seen. Errors: MEMORY. */
enum wt_status wt_profile_error_of(const struct wt_profile *profile, size_t n, double *error);

/* Did the network see this face? Where it did not, found is the truth itself, and the face says
 * nothing about what the network gets wrong. */
bool wt_profile_seen(const struct wt_point *truth, const struct wt_point *found, int points);

enum wt_status wt_profile_open_model(struct wt_model **out, const char *path,
                                     const struct wt_profile_run *run);

/* What a network finds of all corrected faces. Zeroed is empty. */
struct wt_profile_finds {
    struct wt_point *storage;      /* [faces][points] */
    const struct wt_point **point; /* [faces] */
};
/* Call fini also after an error. Errors: those of the network and of pictures. */
enum wt_status wt_profile_find(const struct wt_profile *profile, const char *weights,
                               const struct wt_profile_run *run, struct wt_profile_finds *out);
void wt_profile_finds_fini(struct wt_profile_finds *finds);

/* Hexadecimal SHA-256 of a file. Errors: those of reading. */
enum wt_status wt_profile_checksum(const char *path, char *text);

/* ---- profile_write.c: in the folder of a change ---- */

/* A line more in the history; the event stays the caller's. */
enum wt_status wt_profile_write_event(const char *folder, struct cJSON *event);
/* A list of the same faces at other points: point [of->count]; `what` is its first line. */
enum wt_status wt_profile_write_list(const char *folder, const char *file, const char *what,
                                     const struct wt_dataset *of,
                                     const struct wt_point *const *point, int points);
#define WT_PROFILE_TRUTH_TITLE "Faces as they were corrected."
#define WT_PROFILE_FOUND_TITLE "The same faces as the network finds them."

/* The profile that a change starts from; NULL: none yet. */
enum wt_status wt_profile_open_target(const struct wt_profile_change *change,
                                      const struct wt_profile_store *store,
                                      struct wt_profile **profile);
/* Points that are not known (NaN) where the profile would put them. offset NULL: none. */
void wt_profile_fill_unknown(struct wt_point *point, int points, const struct wt_offset *offset,
                             const struct wt_point *found);
/* Can it be a correction of what the network found? i: of the face, for the line. ARGUMENT. */
enum wt_status wt_profile_check_near(size_t i, const struct wt_point *truth,
                                     const struct wt_point *found, int points);
/* Are the earlier corrections as well off with the new ones as without? ARGUMENT: no. */
enum wt_status wt_profile_check_earlier(const struct wt_profile *before,
                                        const struct wt_profile *after);

/* What a network finds of one face; found is the truth where it sees none. */
enum wt_status wt_profile_find_one(struct wt_model *model, const struct wt_sample *sample,
                                   const struct wt_point *near, struct wt_point *found, bool *seen);

#endif
