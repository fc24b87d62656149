/* What the kinds of sources share. Private to source*.c and camera_cv.cpp, and to the tests, which
 * put a camera of their own behind it.
 *
 * A backend delivers frames with its own times; source.c numbers them, keeps times rising and
 * loops. A camera is a backend whose device is driven through a table of functions, so the handling
 * of a camera that is unplugged and comes back can be tested without one. */
#ifndef WT_APP_SOURCE_INTERNAL_H
#define WT_APP_SOURCE_INTERNAL_H

#include "base/status.h"
#include "input/source.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_source_backend {
    /* As wt_source_read; the frame's time is the backend's own, its sequence is not set. */
    enum wt_status (*read)(void *self, struct wt_frame **out);
    /* NULL: cannot. Time 0 is the first frame. */
    enum wt_status (*seek)(void *self, int64_t time_us);
    void (*close)(void *self);
    /* Of pictures, else NULL: as wt_source_picture_name and wt_source_unreadable. */
    const char *(*name)(void *self, int64_t place);
    int64_t (*unreadable)(void *self);
    bool (*broke_off)(void *self);         /* of videos, else NULL */
    struct wt_sound *(*sound)(void *self); /* of videos, else NULL; as wt_source_sound */
    /* As wt_source_let_go; NULL: nothing to give back. */
    void (*let_go)(void *self);
    /* Of videos, else NULL: as wt_source_set_give_up. */
    void (*set_give_up)(void *self, bool (*give_up)(void *user), void *user);
};

/* A backend that has been opened. */
struct wt_source_opened {
    const struct wt_source_backend *backend;
    void *self;
    struct wt_source_info info;
};

/* Each fills *out, or logs one line and fails. */
enum wt_status wt_source_open_camera(struct wt_source_opened *out,
                                     const struct wt_source_spec *spec);
enum wt_status wt_source_open_video(struct wt_source_opened *out,
                                    const struct wt_source_spec *spec);
enum wt_status wt_source_open_pictures(struct wt_source_opened *out,
                                       const struct wt_source_spec *spec);
enum wt_status wt_source_open_raw(struct wt_source_opened *out, const struct wt_source_spec *spec);

/* Is `path` (a regular file) a picture? By its first bytes, then by its name. */
bool wt_source_is_picture(const char *path);
/* One of these with several frames that libav plays: a film (GIF, APNG, MJPEG, AVIF)? */
bool wt_source_is_film(const char *path);

/* Length of the scheme of a network address ("http" of "http://..."), 0: it is none. */
size_t wt_address_scheme(const char *input);

/* ---- cameras ------------------------------------------------------------------------------- */

/* None of these logs: only the caller knows whether a failure matters. */
struct wt_camera_driver {
    int (*list)(void *user, struct wt_camera_info *out, int max);
    /* wanted: size and rate. Fills the size and rate that came of it. MEMORY, or IO: it cannot be
     * used, and the device itself can say why (wt_camera_fault). */
    enum wt_status (*open)(void *user, const struct wt_camera_info *camera,
                           const struct wt_source_spec *wanted, void **device,
                           struct wt_source_info *info);
    /* Waits for the next frame. LOST: no frame came; MEMORY. */
    enum wt_status (*read)(void *device, struct wt_frame **out);
    void (*close)(void *device);
    void *user;
    int retry_ms; /* between attempts to open a camera that has gone */
    int wait_ms;  /* how long one read keeps trying */
};

/* Video4Linux through OpenCV. */
extern const struct wt_camera_driver wt_camera_driver_v4l2;

/* driver must outlive the source. */
enum wt_status wt_source_open_camera_with(struct wt_source_opened *out,
                                          const struct wt_source_spec *spec,
                                          const struct wt_camera_driver *driver);

/* Wraps an opened backend, as wt_source_open does. */
enum wt_status wt_source_wrap(struct wt_source **out, const struct wt_source_spec *spec,
                              const struct wt_source_opened *opened);

/* wt_camera_list with the folders of another system: sys as /sys/class/video4linux, dev as /dev. */
int wt_camera_list_in(const char *sys, const char *dev, struct wt_camera_info *out, int max);

#ifdef __cplusplus
}
#endif

#endif
