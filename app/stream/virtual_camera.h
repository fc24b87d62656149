/* Pictures for a Video4Linux output device (v4l2loopback), which other programs see as a camera:
 * YUYV, BT.601, of the size of the first picture; others are scaled. One thread. */
#ifndef WT_APP_VIRTUAL_CAMERA_H
#define WT_APP_VIRTUAL_CAMERA_H

#include "wingtip.h"

struct wt_virtual_camera;

/* NULL, and why: no such device, no permission, in use, or none that takes pictures. */
struct wt_virtual_camera *wt_virtual_camera_open(const char *device, int width, int height,
                                                 char *why, size_t size);
/* image: BGR24. Never waits: a picture that the device does not take now is lost. false, and why:
 * it takes no more; to be closed. */
bool wt_virtual_camera_write(struct wt_virtual_camera *camera, const struct wt_image *image,
                             char *why, size_t size);
/* NULL-safe; sets NULL. */
void wt_virtual_camera_close(struct wt_virtual_camera **camera);

#endif
