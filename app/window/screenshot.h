/* Names for new files, and the window's picture in a PNG file. */
#ifndef WT_APP_SCREENSHOT_H
#define WT_APP_SCREENSHOT_H

#include <stdbool.h>
#include <stddef.h>

#include "wt_status.h"

/* Writes the name of a file that did not exist: FOLDER/wingtip-DATE-TIME[-N]EXTENSION, and creates
 * it empty, so that nobody else gets the name. folder may be NULL: the current one. Errors: IO. */
enum wt_status wt_fresh_file(const char *folder, const char *extension, char *path, size_t size);
/* Removes a file of wt_fresh_file's that has stayed empty. */
void wt_fresh_file_drop(const char *path);

struct wt_screenshots;

enum wt_status wt_screenshots_create(struct wt_screenshots **out);
/* Waits for a picture that is being written. */
void wt_screenshots_destroy(struct wt_screenshots **shots);
/* Reads the back buffer, so before it is shown, and writes it in a thread of its own, so that the
 * window goes on. The outcome is a notice. path: is replaced. Errors: MEMORY. */
enum wt_status wt_screenshots_take(struct wt_screenshots *shots, int width, int height,
                                   const char *path);
/* Waits for a picture that is being written; the status of the last one. */
enum wt_status wt_screenshots_wait(struct wt_screenshots *shots);

#endif
