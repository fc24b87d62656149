#include "track/probe.h"

#include <math.h>
#include <string.h>

#include "track/tracker_internal.h"

void wt_tracker_set_probe(struct wt_tracker *tracker, struct wt_probe *probe)
{
    tracker->probe = probe;
}

/* One channel of [cells][stride], or zeros where there is no such channel. */
static void copy_channel(const float *maps, int cells, int stride, int channel, bool there,
                         float *out)
{
    for (int i = 0; i < cells; i++)
        out[i] = there ? maps[(size_t)i * (size_t)stride + (size_t)channel] : 0.0f;
}

void wt_probe_fill(struct wt_probe *p, const struct wt_model *model, int image, int stacks,
                   const struct wt_look *look)
{
    const int input = model->info.input_size, size = model->info.map_size;
    p->stacks = model->info.stacks;
    p->stacks_run = stacks > 0 && stacks < p->stacks ? stacks : p->stacks;
    p->input_size = input;
    p->map_size = size;
    p->frame_to_crop = look->map;
    memcpy(p->crop, model->crops + (size_t)image * WT_CROP_BYTES(input), WT_CROP_BYTES(input));
    for (int k = 0; k < p->channels; k++) {
        const int c = p->channel[k], points = model->info.points;
        const bool there = c >= 0 && c <= points;
        p->point[k] = (struct wt_point){0, 0};
        p->confidence[k] = 0.0f;
        p->ellipse[k] = (struct wt_ellipse){0, 0, 0};
        if (there && c < points) {
            p->point[k] = look->point[c];
            p->confidence[k] = look->point_confidence[c];
            p->ellipse[k] = look->point_ellipse[c];
        }
        for (int s = 0; s < p->stacks_run; s++) {
            int stride;
            const float *maps = wt_net_maps(model->net, image, s, &stride);
            copy_channel(maps, size * size, stride, c, there, p->map[s][k]);
        }
    }
    p->seen = true;
}

float wt_probe_peak(const float *map, int size, int *row, int *column)
{
    int at = -1;
    for (int i = 0; i < size * size; i++)
        if (!isnan(map[i]) && (at < 0 || map[i] > map[at]))
            at = i;
    *row = at < 0 ? 0 : at / size;
    *column = at < 0 ? 0 : at % size;
    return at < 0 ? 0.0f : map[at];
}

struct wt_point wt_probe_centre(int row, int column)
{
    const float half = 0.5f * (WT_CELL - 1);
    return (struct wt_point){WT_CELL * (float)column + half, WT_CELL * (float)row + half};
}
