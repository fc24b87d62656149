/* How long a camera exposes its pictures, of those that let it be set; while it streams as well.
 * Stays in the device until it is unplugged or set again. Any thread; nothing is logged. */
#ifndef WT_APP_CAMERA_EXPOSURE_H
#define WT_APP_CAMERA_EXPOSURE_H

#include <stdbool.h>

struct wt_camera_exposure {
    bool settable;         /* the time can be set */
    bool can_be_automatic; /* and left to the camera */
    bool automatic;        /* as it is now */
    int least, most, step; /* units of 100 microseconds */
    int value;             /* within them */
};

/* As the device says. False: it cannot be asked; then settable is false. */
bool wt_camera_exposure_get(const char *device, struct wt_camera_exposure *out);
/* value: 100 microseconds, brought into the device's range; unused if automatic. False: the device
 * refuses, or has no such control. */
bool wt_camera_exposure_set(const char *device, bool automatic, int value);

#endif
