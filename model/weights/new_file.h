/* A file that is written beside its place and moved there when it is worth it, so that what was
 * there before stays whole until then. All of the program's outputs are written through this.
 *
 * Until then it is called NAME.wingtip-part, in the folder of its place, and locked. A program that
 * is killed leaves it under that name; the next one that writes the same name removes it. A device,
 * a pipe, or the file that is already standard output or error is written where it is.
 * One object, one thread at a time. */
#ifndef WT_MODEL_NEW_FILE_H
#define WT_MODEL_NEW_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Zeroed: none. */
struct wt_new_file {
    int fd;        /* to write to and, if it is a regular file, to seek in */
    char *target;  /* where it goes, symbolic links resolved, so that a link keeps pointing there */
    char *part;    /* where it is; NULL: in its place */
    bool regular;  /* not a device or a pipe */
    bool replaces; /* a file was there at the start */
    bool numbered; /* see wt_new_file_open_numbered */
};

/* Opens the part. Nothing is changed where the file will be, but it is refused now what would fail
 * then: a folder that is not there, a file that may not be written, a folder in its place. Errors:
 * IO, MEMORY; after one the object is zeroed. */
enum wt_status wt_new_file_open(struct wt_new_file *file, const char *path);

/* The same for a file that replaces none: where `path` is taken when it is moved, it becomes
 * NAME-2.ENDING, NAME-3.ENDING and so on. stem: what the part is called after, for a path that is
 * another one each time; NULL: after the path. */
enum wt_status wt_new_file_open_numbered(struct wt_new_file *file, const char *path,
                                         const char *stem);

/* Writes all of it. Returns 0, or errno. */
int wt_new_file_write(struct wt_new_file *file, const void *bytes, size_t size);

/* Moves it into its place; then target says where that is. Writing may go on. Nothing happens if it
 * is there already. Errors: IO; it then stays beside its place, and the line says so. */
enum wt_status wt_new_file_place(struct wt_new_file *file);

/* To the disk, and into its place. The descriptor stays open. error: errno of an earlier failure of
 * the caller's, or 0. Errors: IO: it could not be written; wt_new_file_close removes the part. */
enum wt_status wt_new_file_commit(struct wt_new_file *file, int error);

/* What stays of a file when it is closed. */
enum wt_keep {
    WT_KEEP_NOTHING,
    WT_KEEP_NEW, /* what replaces nothing: after a failure of writing, where it is not what it was
                    to become */
    WT_KEEP_ALL,
};
bool wt_new_file_stays(const struct wt_new_file *file, enum wt_keep keep);

/* Closes it, and removes it if it is not in its place. Safe on zeros; zeroes it. */
void wt_new_file_close(struct wt_new_file *file);

#ifdef __cplusplus
}
#endif
#endif
