#include "track/look.h"

#include <math.h>
#include <string.h>

#include "face/decode.h"
#include "face/ellipse.h"
#include "face/square.h"

/* [cells][stride] to planar [channels][cells], 16 cells at a time: their channels stay in the
 * first cache, and every line of the output is written whole. */
static void copy_planar(const float *maps, int cells, int stride, int channels, float *out)
{
    enum { BLOCK = 16 };
    for (int cell = 0; cell < cells; cell += BLOCK) {
        const float *from = maps + (size_t)cell * (size_t)stride;
        for (int c = 0; c < channels; c++) {
            float *to = out + (size_t)c * (size_t)cells + (size_t)cell;
            for (int k = 0; k < BLOCK; k++)
                to[k] = from[(size_t)k * (size_t)stride + (size_t)c];
        }
    }
}

/* Can a crop be taken from here: finite, of a size that makes sense? */
static bool usable(const struct wt_affine *map, int input)
{
    for (int i = 0; i < 6; i++)
        if (!isfinite(map->m[i]))
            return false;
    const float scale = hypotf(map->m[0], map->m[3]); /* crop pixels a frame pixel */
    return scale > (float)input / 20000 && scale < (float)input / 4;
}

/* Do the points fill the crop about as a face does? Around a true face they span 1 / 1.45 of it in
 * the mean and lie in its middle; the first look, from a detector's box, may be off by a third. */
static bool plausible(const struct wt_point *crop_point, int n, float input)
{
    const struct wt_box b = wt_points_box(crop_point, n);
    const float side = (b.w + b.h) * 0.5f / input;
    const float dx = (b.x + b.w / 2) / input - 0.5f;
    const float dy = (b.y + b.h / 2) / input - 0.5f;
    return side > 0.35f && side < 1.0f && fabsf(dx) < 0.25f && fabsf(dy) < 0.25f;
}

static void read_look(const struct wt_model *model, int image, int stacks, struct wt_look *look)
{
    const int points = model->info.points, size = model->info.map_size;
    const struct wt_affine back = wt_affine_invert(&look->map);
    int stride;
    const float *maps = wt_net_maps(model->net, image, -1, &stride);
    float sum = 0;
    wt_decode_with_ellipse(maps, size, stride, points, WT_DECODE_TRACKER, look->point,
                           look->point_confidence, look->point_ellipse);
    if (look->probe)
        wt_probe_fill(look->probe, model, image, stacks, look);
    const bool is_face = plausible(look->point, points, (float)model->info.input_size);
    for (int i = 0; i < points; i++) {
        sum += look->point_confidence[i];
        look->point[i] = wt_affine_apply(&back, look->point[i]);
        look->point_ellipse[i] = wt_ellipse_apply(&back, &look->point_ellipse[i]);
    }
    look->confidence = is_face ? sum / (float)points : 0;
    if (look->maps)
        copy_planar(maps, size * size, stride, points + 1, look->maps);
}

enum wt_status wt_look(struct wt_model *model, const struct wt_image *image, struct wt_look *look,
                       int n, int stacks)
{
    const int input = model->info.input_size;
    int waiting[16], count = 0;
    for (int i = 0; i < n; i++)
        look[i].confidence = 0;
    for (int i = 0; i < n; i++) {
        if (usable(&look[i].map, input)) {
            enum wt_status status = wt_crop_extract(
                image, &look[i].map, input, model->crops + (size_t)count * WT_CROP_BYTES(input));
            if (status)
                return status;
            waiting[count++] = i;
        }
        if (count && (count == model->batch || i == n - 1)) {
            enum wt_status status = wt_net_forward_u8(model->net, model->crops, count, stacks);
            if (status)
                return status;
            for (int k = 0; k < count; k++)
                read_look(model, k, stacks, &look[waiting[k]]);
            count = 0;
        }
    }
    return WT_OK;
}

struct wt_affine wt_look_next(const struct wt_model *model, const struct wt_point *point)
{
    const struct wt_square p = wt_square_of(model->scheme, point, model->info.points);
    return wt_crop_square(p.x, p.y, model->info.crop_factor * p.side, p.roll,
                          model->info.input_size);
}

enum wt_status wt_look_at(struct wt_model *model, const struct wt_image *image,
                          const struct wt_point *near, struct wt_point *point, bool *seen)
{
    struct wt_look look = {.map = wt_look_next(model, near)};
    enum wt_status status = wt_look(model, image, &look, 1, 0);
    *seen = !status && look.confidence > 0;
    if (*seen) {
        look.map = wt_look_next(model, look.point);
        status = wt_look(model, image, &look, 1, 0);
        *seen = !status && look.confidence > 0;
    }
    if (*seen)
        memcpy(point, look.point, (size_t)model->info.points * sizeof *point);
    return status;
}
