/* Writes what a camera delivers through the program's own source, OpenCV and all, as plain
 * pictures: grab CAMERA WIDTHxHEIGHT RATE FRAMES FILE FILE gets the frames as raw BGR; standard
 * output a line with what was opened, then one a frame: its size and its time in ms since the first
 * one. A camera that has gone is waited for, for 60 tries. */
#include <stdio.h>
#include <stdlib.h>

#include "base/status.h"
#include "cli/options.h"
#include "input/source.h"

static int write_frames(struct wt_source *source, int frames, FILE *file)
{
    int64_t first_us = 0;
    int lost = 0;
    for (int i = 0; i < frames;) {
        struct wt_frame *frame = NULL;
        const enum wt_status status = wt_source_read(source, &frame);
        if (status == WT_ERR_LOST && ++lost < 60)
            continue;
        if (status)
            return wt_exit_status(status);
        first_us = i++ ? first_us : frame->time_us;
        printf("frame %dx%d %lld\n", frame->image.width, frame->image.height,
               (long long)(frame->time_us - first_us) / 1000);
        fflush(stdout);
        for (int y = 0; y < frame->image.height; y++)
            fwrite(frame->pixels + (size_t)y * (size_t)frame->image.stride, 3,
                   (size_t)frame->image.width, file);
        wt_frame_unref(&frame);
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct wt_source_spec spec = {0};
    struct wt_source *source = NULL;
    if (argc != 6 || sscanf(argv[2], "%dx%d", &spec.width, &spec.height) != 2)
        return 2;
    spec.camera = argv[1];
    spec.fps = atof(argv[3]);
    const enum wt_status status = wt_source_open(&source, &spec);
    if (status)
        return wt_exit_status(status);
    const struct wt_source_info info = wt_source_describe(source);
    printf("camera %s %dx%d at %g\n", info.name, info.width, info.height, info.fps);
    FILE *file = fopen(argv[5], "wb");
    int result = file ? write_frames(source, atoi(argv[4]), file) : 1;
    if (file && fclose(file))
        result = 1;
    wt_source_close(&source);
    return result;
}
