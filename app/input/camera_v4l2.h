/* What Video4Linux itself says about a camera, without OpenCV: what it can deliver, and why it
 * cannot be used. Any thread; nothing is logged. */
#ifndef WT_APP_CAMERA_V4L2_H
#define WT_APP_CAMERA_V4L2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct wt_camera_mode {
    uint32_t format; /* a V4L2_PIX_FMT that OpenCV reads */
    int width, height;
    double fps; /* 0: unknown */
};

/* Size of the pictures that a camera is asked for where the user does not say. */
enum { WT_CAMERA_WIDTH = 1280, WT_CAMERA_HEIGHT = 720 };

/* The mode for a wanted size and rate: nearest in size; of those the fastest, up to the wanted
 * rate; of those compressed pictures, which leave room on the bus. width or height 0: of the modes
 * with at least 24 frames a second (or the wanted rate) those of 16:9, and of them the one nearest
 * to 1280x720. False: the device does not say. */
bool wt_camera_best_mode(const char *device, int width, int height, double fps,
                         struct wt_camera_mode *out);

/* The sizes that a device has in formats that can be read, smallest first, each with its fastest
 * rate (0: unknown); returns how many were written. A device that takes any size gives some usual
 * ones. 0: it does not say. */
int wt_camera_sizes(const char *device, struct wt_camera_mode *out, int max);

/* Why a device that is there cannot be used, for people: "in use by NAME (process N)". */
void wt_camera_fault(const char *device, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
