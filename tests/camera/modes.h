/* What a played camera can deliver, and the pictures that it does deliver. See README.md for the
 * files. Not thread-safe. */
#ifndef WT_TEST_MODES_H
#define WT_TEST_MODES_H

#include <linux/videodev2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MODES_MAX = 32, RATES_MAX = 8 };

struct mode {
    uint32_t format; /* V4L2_PIX_FMT_MJPEG, YUYV or NV12 */
    int width, height;
    double rate[RATES_MAX]; /* frames a second; at least one */
    int rates;
};

struct modes {
    struct mode mode[MODES_MAX];
    int count;
};

/* From folder/modes. False: there is no such file, or it is wrong. */
bool modes_read(struct modes *out, const char *folder);

/* As VIDIOC_ENUM_FMT, _FRAMESIZES, _FRAMEINTERVALS. False: no such index. */
bool modes_format(const struct modes *m, struct v4l2_fmtdesc *f);
bool modes_size(const struct modes *m, struct v4l2_frmsizeenum *f);
bool modes_interval(const struct modes *m, struct v4l2_frmivalenum *f);

/* As drivers do: the format, else the first one; of that the size whose area is nearest. */
int modes_nearest(const struct modes *m, uint32_t format, uint32_t width, uint32_t height);
int mode_nearest_rate(const struct mode *m, double wanted);

uint32_t mode_stride(const struct mode *m); /* bytes in a row; 0: compressed */
size_t mode_bytes(const struct mode *m);    /* of the largest frame */
size_t mode_size(const struct mode *m);     /* the same in whole pages */

/* The pictures of a mode, one after another: folder/FORMAT-WIDTHxHEIGHT. */
struct clip {
    const uint8_t *bytes;
    size_t size;
    size_t *start; /* frames + 1 of them */
    size_t frames;
};

bool clip_open(struct clip *out, const char *folder, const struct mode *m);
void clip_close(struct clip *c);
/* Starts again after the last one. */
const uint8_t *clip_frame(const struct clip *c, uint32_t number, size_t *bytes);

#endif
