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

/* weights.md in an exported folder: what the weights and the lists are. */
enum wt_status wt_profile_export_card(const struct wt_profile *profile, const char *folder);

#endif
