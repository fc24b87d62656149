/* The window's picture in a PNG file. */
#ifndef WT_APP_SCREENSHOT_H
#define WT_APP_SCREENSHOT_H

#include "wt_status.h"

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
