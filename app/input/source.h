/* Where frames come from: camera, video file, picture, folder or pattern of pictures, raw BGR on
 * standard input. One object, one thread at a time. OpenCV behind a C interface. */
#ifndef WT_APP_SOURCE_H
#define WT_APP_SOURCE_H

#include "base/shard.h"
#include "input/frame.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_source;
struct wt_sound;

struct wt_source_spec {
    const char *camera; /* "0".."63", a device path, or part of a camera's name; NULL: see input */
    const char *input;  /* file, folder, pattern ("img_%04d.png", "*.jpg"), pipe, network address
                           ("http://..."), or "-" */
    bool loop;          /* start again at the end (not for cameras, "-" and a single frame) */
    int width, height; /* camera: requested size, 0: as in camera_v4l2.h; "-": the size, required */
    double fps;        /* camera: requested rate; pictures and "-": frames a second for the time
                          stamps; 0: 30 */
    struct wt_shard shard; /* pictures: only this part of them, numbered and timed as in the whole;
                              of other inputs there are no parts */
    bool (*give_up)(void *user); /* asked while a pipe or an address is waited for, also by reads;
                                    NULL: never. Any thread */
    void *give_up_user;
};

enum wt_source_kind {
    WT_SOURCE_CAMERA,
    WT_SOURCE_VIDEO,
    WT_SOURCE_PICTURES, /* one or more */
    WT_SOURCE_RAW,
};

struct wt_source_info {
    enum wt_source_kind kind;
    char name[256];                /* for people: camera's name or file's base name */
    int width, height;             /* of upright frames with square pixels */
    int pixel_width, pixel_height; /* shape that rounding to whole pixels leaves; 0: square */
    double fps;                    /* nominal, 0 unknown */
    int64_t frames;                /* total, -1 unknown */
};

/* Errors: IO (no such file or camera), FORMAT (not a video or picture), ARGUMENT, MEMORY. */
enum wt_status wt_source_open(struct wt_source **out, const struct wt_source_spec *spec);
/* The same where neither camera nor input has to be given: then the first camera that can be used,
 * else the demo clip, with the reason in *note, which is unchanged otherwise. */
enum wt_status wt_source_open_any(struct wt_source **out, const struct wt_source_spec *spec,
                                  bool loop_clip, const char **note);
void wt_source_close(struct wt_source **source);
/* Whom reads ask from now on, instead of the spec's. What is given up ends, without a line. */
void wt_source_set_give_up(struct wt_source *source, bool (*give_up)(void *user), void *user);
struct wt_source_info wt_source_describe(const struct wt_source *source);

/* Next frame; the caller releases it. END: no more. LOST: the camera is gone (logged once); calling
 * again tries to open it anew and waits up to a second, so the caller's loop needs no sleep.
 * Pictures of differing size are delivered as they are. Times of a looping source keep increasing.
 */
enum wt_status wt_source_read(struct wt_source *source, struct wt_frame **out);

/* Jumps to the frame nearest to a time, of a video or of pictures at their rate; beyond a video's
 * end the next read says END. Times then start from there, so they may fall. A source that
 * loops then starts again. UNSUPPORTED, without a line, for cameras and "-". */
enum wt_status wt_source_seek(struct wt_source *source, int64_t time_us);

/* Time of the newest frame within the input, what wt_source_seek would take: of a source that loops
 * without the earlier rounds. */
int64_t wt_source_place(const struct wt_source *source);
/* From the next end on; nothing happens with cameras and "-". */
void wt_source_set_loop(struct wt_source *source, bool loop);
bool wt_source_loops(const struct wt_source *source);

/* The sound that is read along with the frames, with their times (sound.h), to be listened to by
 * any thread that has a reference; lives as long as the source. NULL: it has none. */
struct wt_sound *wt_source_sound(const struct wt_source *source);

/* Gives a camera's device back, so that it can be opened in another way; the next read opens it
 * again, as if it had been unplugged. Nothing happens with other sources. */
void wt_source_let_go(struct wt_source *source);

/* Does the name end as a picture's does? */
bool wt_has_picture_name(const char *path);

/* Pictures so far that could not be read; each was logged. 0 for other inputs. */
int64_t wt_source_unreadable(const struct wt_source *source);

/* After END: whether a video ended before its time, which was logged as a warning. */
bool wt_source_broke_off(const struct wt_source *source);

/* What the picture of a frame is called, to tell it from the others of its source: its path without
 * the folders that all have in common. NULL: the source has no pictures. Lives as long as the
 * source; any thread. place: as in wt_frame. */
const char *wt_source_picture_name(const struct wt_source *source, int64_t place);

struct wt_camera_info {
    int index;
    char path[64];
    char name[64];
};
/* Video capture devices of this machine, lowest number first; returns how many were written. */
int wt_camera_list(struct wt_camera_info *out, int max);

#ifdef __cplusplus
}
#endif
#endif
