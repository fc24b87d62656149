/* The window's picture in a PNG file. */
#ifndef WT_APP_SCREENSHOT_H
#define WT_APP_SCREENSHOT_H

#include "wingtip.h"

struct wt_screenshots;

enum wt_status wt_screenshots_create(struct wt_screenshots **out);
/* Waits for a picture that is being written. */
void wt_screenshots_destroy(struct wt_screenshots **shots);
/* The window's picture goes to `path`, which replaces a file, or to a new name in a folder (NULL:
 * the current one) if path is NULL. Reads the back buffer, so call it before the frame is shown,
 * and writes it in a separate thread, so that the window does not wait. The outcome is a notice.
 * Errors: MEMORY. */
enum wt_status wt_screenshots_take(struct wt_screenshots *shots, int width, int height,
                                   const char *path, const char *folder);
/* The same of a picture, as it is, to a new name in a folder. Its pixels are copied. image: BGR24.
 */
enum wt_status wt_screenshots_picture(struct wt_screenshots *shots, const struct wt_image *image,
                                      const char *folder);
/* Waits for a picture that is being written; the first failure of all of them. */
enum wt_status wt_screenshots_wait(struct wt_screenshots *shots);

#endif
