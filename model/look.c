#include "look.h"

#include <math.h>

#include "decode.h"

#define CELLS (WT_MAP_SIZE * WT_MAP_SIZE)

/* [64][64][stride] to planar [channels][64][64], 16 cells at a time: their channels stay in the
 * first cache, and every line of the output is written whole. */
static void copy_planar(const float *maps, int stride, int channels, float *out)
{
    enum { BLOCK = 16 };
    for (int cell = 0; cell < CELLS; cell += BLOCK) {
        const float *from = maps + (size_t)cell * (size_t)stride;
        for (int c = 0; c < channels; c++) {
            float *to = out + (size_t)c * CELLS + (size_t)cell;
            for (int k = 0; k < BLOCK; k++)
                to[k] = from[(size_t)k * (size_t)stride + (size_t)c];
        }
    }
}

/* Can a crop be taken from here: finite, of a size that makes sense? */
static bool usable(const struct wt_affine *map)
{
    for (int i = 0; i < 6; i++)
        if (!isfinite(map->m[i]))
            return false;
    const float scale = hypotf(map->m[0], map->m[3]); /* crop pixels a frame pixel */
    return scale > WT_INPUT_SIZE / 20000.0f && scale < WT_INPUT_SIZE / 4.0f;
}

/* Do the points fill the crop about as a face does? Around a true face they span 1 / 1.45 of it in
 * the mean and lie in its middle; the first look, from a detector's box, may be off by a third. */
static bool plausible(const struct wt_point *crop_point, int n)
{
    const struct wt_box b = wt_points_box(crop_point, n);
    const float side = (b.w + b.h) * 0.5f / WT_INPUT_SIZE;
    const float dx = (b.x + b.w / 2) / WT_INPUT_SIZE - 0.5f;
    const float dy = (b.y + b.h / 2) / WT_INPUT_SIZE - 0.5f;
    return side > 0.35f && side < 1.0f && fabsf(dx) < 0.25f && fabsf(dy) < 0.25f;
}

static void read_look(const struct wt_model *model, int image, struct wt_look *look)
{
    const int points = model->info.points;
    const struct wt_affine back = wt_affine_invert(&look->map);
    int stride;
    const float *maps = wt_net_maps(model->net, image, -1, &stride);
    float sum = 0;
    wt_decode(maps, stride, points, WT_DECODE_TRACKER, look->point, look->point_confidence);
    const bool is_face = plausible(look->point, points);
    for (int i = 0; i < points; i++) {
        sum += look->point_confidence[i];
        look->point[i] = wt_affine_apply(&back, look->point[i]);
    }
    look->confidence = is_face ? sum / (float)points : 0;
    if (look->maps)
        copy_planar(maps, stride, points + 1, look->maps);
}

enum wt_status wt_look(struct wt_model *model, const struct wt_image *image, struct wt_look *look,
                       int n, int stacks)
{
    int waiting[16], count = 0;
    for (int i = 0; i < n; i++)
        look[i].confidence = 0;
    for (int i = 0; i < n; i++) {
        if (usable(&look[i].map)) {
            enum wt_status status =
                wt_crop_extract(image, &look[i].map, model->crops + (size_t)count * WT_CROP_BYTES);
            if (status)
                return status;
            waiting[count++] = i;
        }
        if (count && (count == model->batch || i == n - 1)) {
            enum wt_status status = wt_net_forward_u8(model->net, model->crops, count, stacks);
            if (status)
                return status;
            for (int k = 0; k < count; k++)
                read_look(model, k, &look[waiting[k]]);
            count = 0;
        }
    }
    return WT_OK;
}

static struct wt_point eye_centre(const struct wt_scheme *scheme, int eye,
                                  const struct wt_point *point)
{
    struct wt_point c = {0, 0};
    for (int i = 0; i < scheme->eye_points_count; i++) {
        c.x += point[scheme->eye_points[eye][i]].x / (float)scheme->eye_points_count;
        c.y += point[scheme->eye_points[eye][i]].y / (float)scheme->eye_points_count;
    }
    return c;
}

struct wt_affine wt_look_next(const struct wt_model *model, const struct wt_point *point)
{
    const int n = model->info.points;
    float roll = 0;
    if (model->scheme && model->scheme->eye_points_count > 0) {
        const struct wt_point a = eye_centre(model->scheme, 0, point);
        const struct wt_point b = eye_centre(model->scheme, 1, point);
        if (hypotf(b.x - a.x, b.y - a.y) > 1)
            roll = atan2f(b.y - a.y, b.x - a.x);
    }
    if (roll == 0)
        return wt_crop_points(point, n, model->info.crop_factor, 0);

    /* The bounding box as the upright crop sees it: turn the points back, then box them. */
    const float c = cosf(-roll), s = sinf(-roll);
    struct wt_point turned[WT_POINTS_MAX];
    for (int i = 0; i < n; i++)
        turned[i] =
            (struct wt_point){c * point[i].x - s * point[i].y, s * point[i].x + c * point[i].y};
    const struct wt_box b = wt_points_box(turned, n);
    const float x = b.x + b.w / 2, y = b.y + b.h / 2; /* turned centre; turn it back */
    return wt_crop_square(c * x + s * y, -s * x + c * y,
                          model->info.crop_factor * (b.w + b.h) * 0.5f, roll);
}
