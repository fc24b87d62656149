/* The folder of profiles: which there are, and changes that happen whole or not at all.
 *
 * $XDG_DATA_HOME/wingtip/profiles (~/.local/share/wingtip/profiles), or a folder of the user's; a
 * folder in it for each profile, whose content profile.h knows. A change is prepared in a hidden
 * folder beside the profile, whose files are links to those that stay, flushed to the disk, and
 * then takes the profile's place in one step: whoever is killed, or finds the disk full, leaves the
 * old profile or the new one, and at most a hidden folder that the next change removes. One program
 * at a time changes profiles, and readers wait for it, up to ten seconds each.
 *
 * Stateless but for the files; a change belongs to one thread. */
#ifndef WT_APP_PROFILE_STORE_H
#define WT_APP_PROFILE_STORE_H

#include "base/paths.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_profile_store {
    struct wt_path folder;
};

/* folder NULL: the user's own. Creates nothing. Errors: ARGUMENT (too long; no home). */
enum wt_status wt_profile_store_init(struct wt_profile_store *store, const char *folder);

/* 1 to 64 bytes of UTF-8 without control characters and slashes, not starting with a dot or a
 * hyphen, no blank at either end. Errors: ARGUMENT, after a line. */
enum wt_status wt_profile_name_check(const char *name);

/* FOLDER/NAME or FOLDER/NAME/FILE. Errors: ARGUMENT. */
enum wt_status wt_profile_path(const struct wt_profile_store *store, const char *name,
                               const char *file, struct wt_path *path);
bool wt_profile_exists(const struct wt_profile_store *store, const char *name);

/* The names, sorted; free each and the array. No folder: none. Errors: IO, MEMORY. */
enum wt_status wt_profile_names(const struct wt_profile_store *store, char ***names, size_t *count);

/* ---- reading ---- */

/* Keeps changes away until the descriptor is closed; -1: there is nothing to lock, or (after a
 * line, *status IO) another program did not let go of it. */
int wt_profile_lock(const struct wt_profile_store *store, enum wt_status *status);

/* ---- changing ---- */

struct wt_profile_change {
    struct wt_path store, target, temp; /* temp: where the new profile is put together */
    const char *name;                   /* the caller's */
    int lock;
};

/* Locks, removes what killed programs have left, and makes temp: for a profile that is there a copy
 * of it, else an empty folder. Files of temp may be replaced (wt_file_writer) and removed, not
 * written into. On failure nothing is left. Errors: ARGUMENT (the name), IO, MEMORY. */
enum wt_status wt_profile_change_begin(struct wt_profile_change *change,
                                       const struct wt_profile_store *store, const char *name);
/* Puts temp in the profile's place, unless status, the caller's so far, is an error: then the
 * profile stays as it was, and the status is returned. Ends the change. Errors: IO. */
enum wt_status wt_profile_change_end(struct wt_profile_change *change, enum wt_status status);

/* Ends the change; the profile stays as it was. */
void wt_profile_change_drop(struct wt_profile_change *change);

/* Removes a profile with all that is in it. Errors: ARGUMENT (no such profile), IO. */
enum wt_status wt_profile_delete(const struct wt_profile_store *store, const char *name);

/* Under another name. Errors: ARGUMENT (no such profile; a name that is none, or taken), IO. */
enum wt_status wt_profile_rename(const struct wt_profile_store *store, const char *from,
                                 const char *to);

/* Removes a folder and what is in it; nothing is logged. false: something is still there. */
bool wt_remove_tree(const char *folder);
/* A copy of a folder's files and folders at a new path, by links where the file system has them and
 * they are wanted. Errors: IO. */
enum wt_status wt_copy_tree(const char *from, const char *to, bool links);

#ifdef __cplusplus
}
#endif
#endif
