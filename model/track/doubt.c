#include "track/doubt.h"

#include <math.h>

#include "face/decode.h"
#include "face/square.h"

float wt_doubt_unit(const struct wt_scheme *scheme, const struct wt_point *point, int points)
{
    if (scheme && scheme->eye_outer[0] >= 0) {
        const struct wt_point a = point[scheme->eye_outer[0]], b = point[scheme->eye_outer[1]];
        const float eyes = hypotf(b.x - a.x, b.y - a.y);
        /* In profile the corners come together: then the face's side says more. */
        const float side = wt_square_of(scheme, point, points).side;
        return fmaxf(eyes, 0.25f * side);
    }
    return wt_square_of(scheme, point, points).side;
}

static float mean_distance(const struct wt_point *a, const struct wt_point *b, int points,
                           float unit)
{
    float sum = 0;
    for (int i = 0; i < points; i++)
        sum += hypotf(a[i].x - b[i].x, a[i].y - b[i].y);
    return unit > 0 ? fminf(100.0f * sum / (float)points / unit, WT_DOUBT_MOST) : NAN;
}

/* The same crop, left and right exchanged: x' = side - 1 - x. */
static struct wt_affine mirrored(struct wt_affine map, int side)
{
    for (int i = 0; i < 3; i++)
        map.m[i] = -map.m[i];
    map.m[2] += (float)(side - 1);
    return map;
}

/* Points of the first stack in the pass that has just run, in frame pixels, in the order of the
 * mirrored face. */
static void first_stack(const struct wt_model *model, const struct wt_affine *map,
                        struct wt_point *point)
{
    float confidence[WT_POINTS_MAX];
    int stride;
    const struct wt_affine back = wt_affine_invert(map);
    const float *maps = wt_net_maps(model->net, 0, 0, &stride);
    wt_decode(maps, model->info.map_size, stride, model->info.points, WT_DECODE_TRACKER, point,
              confidence);
    for (int i = 0; i < model->info.points; i++)
        point[i] = wt_affine_apply(&back, point[i]);
}

enum wt_status wt_doubt_look(struct wt_model *model, const struct wt_image *image,
                             const struct wt_point *point, int stacks, struct wt_doubt *out)
{
    const int points = model->info.points;
    const struct wt_affine map = wt_look_next(model, point);
    struct wt_look look = {.map = mirrored(map, model->info.input_size)};
    const float unit = wt_doubt_unit(model->scheme, point, points);
    *out = (struct wt_doubt){NAN, NAN, NAN};
    enum wt_status status = wt_look(model, image, &look, 1, stacks);
    if (!status && !(look.confidence > 0))
        out->mirror = WT_DOUBT_MOST;
    if (status || !(look.confidence > 0))
        return status;
    if ((stacks ? stacks : model->info.stacks) > 1) {
        struct wt_point first[WT_POINTS_MAX];
        first_stack(model, &look.map, first);
        out->stacks = mean_distance(first, look.point, points, unit);
    }
    if (model->scheme) {
        struct wt_point back[WT_POINTS_MAX];
        for (int i = 0; i < points; i++)
            back[i] = look.point[model->scheme->flip[i]];
        out->mirror = mean_distance(back, point, points, unit);
    }
    return WT_OK;
}

/* Takes `from` onto `to` by turning, scaling and shifting it. */
static void align(struct wt_point *from, const struct wt_point *to, int points)
{
    float fx = 0, fy = 0, tx = 0, ty = 0, dot = 0, cross = 0, square = 0;
    for (int i = 0; i < points; i++) {
        fx += from[i].x / (float)points;
        fy += from[i].y / (float)points;
        tx += to[i].x / (float)points;
        ty += to[i].y / (float)points;
    }
    for (int i = 0; i < points; i++) {
        const float ax = from[i].x - fx, ay = from[i].y - fy;
        const float bx = to[i].x - tx, by = to[i].y - ty;
        dot += ax * bx + ay * by;
        cross += ax * by - ay * bx;
        square += ax * ax + ay * ay;
    }
    const float c = square > 0 ? dot / square : 1, s = square > 0 ? cross / square : 0;
    for (int i = 0; i < points; i++) {
        const float ax = from[i].x - fx, ay = from[i].y - fy;
        from[i] = (struct wt_point){tx + c * ax - s * ay, ty + s * ax + c * ay};
    }
}

float wt_doubt_of_motion(const struct wt_scheme *scheme, int points, const struct wt_point *before,
                         const struct wt_point *now, const struct wt_point *after,
                         int64_t before_us, int64_t now_us, int64_t after_us)
{
    struct wt_point between[WT_POINTS_MAX];
    if (!(before_us < now_us && now_us < after_us))
        return NAN;
    const float t = (float)(now_us - before_us) / (float)(after_us - before_us);
    for (int i = 0; i < points; i++)
        between[i] = (struct wt_point){before[i].x + t * (after[i].x - before[i].x),
                                       before[i].y + t * (after[i].y - before[i].y)};
    align(between, now, points);
    return mean_distance(between, now, points, wt_doubt_unit(scheme, now, points));
}
