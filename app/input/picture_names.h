/* The pictures that a path, a folder or a pattern stands for, in the order in which people count
 * ("img9" before "img10"). A folder and a pattern over the same files give the same list: of
 * either, what is no picture is left out, and said. Private to app/input. One thread. */
#ifndef WT_APP_PICTURE_NAMES_H
#define WT_APP_PICTURE_NAMES_H

#include "base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_picture_names {
    char **path; /* [count], owned */
    size_t count, room;
    size_t common; /* bytes of folders that all paths start with, with the last slash */
};

/* names: zeroed. give_up: asked while folders are searched; NULL: never. Call fini also after an
 * error. Errors: IO (missing, none there), ARGUMENT (pattern), UNSUPPORTED (too many folders),
 * MEMORY. */
enum wt_status wt_picture_names_list(struct wt_picture_names *names, const char *input,
                                     bool (*give_up)(void *user), void *user);
void wt_picture_names_fini(struct wt_picture_names *names);

/* Does a name fit a pattern of n bytes? `*` any bytes, `?` one character, `[a-z]` one byte of a set
 * (`[!` none of it), a backslash takes the next byte as it is. Time: length by length at most. */
bool wt_pattern_fits(const char *pattern, size_t n, const char *name);

#ifdef __cplusplus
}
#endif
#endif
