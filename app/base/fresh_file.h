/* Names of files made of date and time, for what replaces no other file. Stateless, thread-safe. */
#ifndef WT_APP_FRESH_FILE_H
#define WT_APP_FRESH_FILE_H

#include "base/paths.h"

/* What is written there has its part under this name (new_file.h), so that the next run finds and
 * removes what one that was killed has left. */
struct wt_fresh_file {
    struct wt_path path; /* FOLDER/wingtip-DATE-TIME.ENDING */
    struct wt_path stem; /* FOLDER/wingtip.ENDING */
};

/* folder may be NULL: the current one. One that is not there is made, but no file yet. Errors: IO,
 * ARGUMENT. */
enum wt_status wt_fresh_file(struct wt_fresh_file *file, const char *folder, const char *ending);

/* Writes a file there; path is where it is, its number added if the name was taken. Errors: IO,
 * MEMORY; nothing is left then. */
enum wt_status wt_fresh_file_write(struct wt_fresh_file *file, const void *bytes, size_t size);

#endif
