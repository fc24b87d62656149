/* Whole files in, whole files out.
 *
 * Reading takes a regular file at once; writing is atomic (new_file.h): beside the target,
 * flushed to the disk, then renamed over it. So a failed write loses nothing of the user's.
 * Not a stream library. A writer belongs to one thread. */
#ifndef WT_MODEL_FILE_H
#define WT_MODEL_FILE_H

#include <stdio.h>
#include <sys/types.h>

#include "base/status.h"
#include "weights/new_file.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Reads a regular file of at most `limit` bytes. *bytes is the caller's to free; one NUL follows
 * the last byte. Errors: IO (missing, a folder, a device), UNSUPPORTED (larger), MEMORY. */
enum wt_status wt_file_read(const char *path, size_t limit, uint8_t **bytes, size_t *size);
/* The same without a line in the log: the reason goes to `why`, of `room` bytes. */
enum wt_status wt_file_read_quiet(const char *path, size_t limit, uint8_t **bytes, size_t *size,
                                  char *why, size_t room);

/* The same for a text that somebody wrote with any editor: a byte order mark of UTF-8 at its start
 * goes, and every end of line (CR LF, or CR alone) becomes one LF. Errors: also FORMAT (UTF-16). */
enum wt_status wt_file_read_text(const char *path, size_t limit, uint8_t **text, size_t *size);

/* Reads from an open descriptor until `size` bytes are there or it ends; returns how many. -1:
 * errno says why; nothing is logged. */
ssize_t wt_read_all(int fd, uint8_t *bytes, size_t size);

struct wt_file_writer {
    FILE *file;
    struct wt_new_file place;
    int error; /* errno of the first failed write, 0: none */
};

/* Opens the temporary file. A target that exists must be a regular file. Errors: IO, MEMORY. */
enum wt_status wt_file_writer_init(struct wt_file_writer *w, const char *path);

/* The same for a file that replaces none; see wt_new_file_open_numbered. After the commit
 * w->place.target says its name. */
enum wt_status wt_file_writer_init_numbered(struct wt_file_writer *w, const char *path,
                                            const char *stem);

/* Appends; a failure is kept and reported by commit. */
void wt_file_writer_put(struct wt_file_writer *w, const void *bytes, size_t size);

/* Flushes to the disk and renames over the target; once. Errors: IO; then the target is as it was.
 */
enum wt_status wt_file_writer_commit(struct wt_file_writer *w);

/* Closes, and removes the temporary file unless it was committed. Safe on a writer of zeros. */
void wt_file_writer_fini(struct wt_file_writer *w);

#ifdef __cplusplus
}
#endif
#endif
