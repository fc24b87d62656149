/* Raw BGR frames on standard input, one after the other without a gap. */
#include "input/source_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "weights/file.h"

struct raw {
    int width, height;
    double fps;
    uint64_t count;
};

static enum wt_status raw_read(void *self, struct wt_frame **out)
{
    struct raw *raw = self;
    struct wt_frame *frame = wt_frame_create(raw->width, raw->height);
    if (!frame)
        return wt_fail(WT_ERR_MEMORY, "out of memory for a frame");
    size_t row = (size_t)raw->width * 3;
    for (int y = 0; y < raw->height; y++) {
        ssize_t n = wt_read_all(STDIN_FILENO, frame->pixels + y * frame->image.stride, row);
        if (n == (ssize_t)row)
            continue;
        wt_frame_unref(&frame);
        if (n < 0)
            return wt_fail(WT_ERR_IO, "standard input: %s", strerror(errno));
        if (y > 0 || n > 0)
            return wt_fail(WT_ERR_FORMAT,
                           "standard input ends within frame %llu; is the size %dx%d right?",
                           (unsigned long long)raw->count + 1, raw->width, raw->height);
        return WT_END;
    }
    frame->time_us = (int64_t)((double)raw->count++ * 1e6 / raw->fps);
    *out = frame;
    return WT_OK;
}

static void raw_close(void *self)
{
    free(self);
}

enum wt_status wt_source_open_raw(struct wt_source_opened *out, const struct wt_source_spec *spec)
{
    static const struct wt_source_backend backend = {.read = raw_read, .close = raw_close};
    if (spec->width < 1 || spec->height < 1 || spec->width > 16384 || spec->height > 16384)
        return wt_fail(WT_ERR_ARGUMENT, "raw frames on standard input need a size, as in 640x480");
    struct raw *raw = calloc(1, sizeof *raw);
    if (!raw)
        return wt_fail(WT_ERR_MEMORY, "out of memory for a source");
    raw->width = spec->width;
    raw->height = spec->height;
    raw->fps = spec->fps > 0 ? spec->fps : 30.0;
    *out = (struct wt_source_opened){.backend = &backend,
                                     .self = raw,
                                     .info = {.kind = WT_SOURCE_RAW,
                                              .name = "standard input",
                                              .width = raw->width,
                                              .height = raw->height,
                                              .fps = raw->fps,
                                              .frames = -1}};
    return WT_OK;
}
