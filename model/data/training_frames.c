#include "data/training_frames.h"

#include <math.h>
#include <string.h>

#include "data/detector_loss.h"
#include "face/crop_cv.h"

enum { SIDE = WT_TRAINING_FRAME_SIDE, SEAM_MARGIN = 64 };

/* A face counts from so much of it and such a side on; one of less is not judged. */
static const float visible_counts = 0.6f, visible_ignored = 0.15f, side_counts = 9,
                   side_ignored = 4;
static const double enlarged_most = 2.5;
/* Pictures hardly ever end up as stamps on grey: their longer side fills at least so much of the
 * part's, and they are moved inside it, or over it, in most cases along each axis. */
static const double filled_least = 0.5, moved = 0.85;

struct wt_training_frames wt_training_frames_defaults(void)
{
    return (struct wt_training_frames){
        .side_min = 11, .side_max = 230, .mosaic = 0.4, .background = 0.1};
}

/* A part of the frame: left and top, right and bottom edge. */
struct part {
    int x0, y0, x1, y1;
};

static struct wt_square square_of(const struct wt_faces *faces, size_t i)
{
    const struct wt_train_face f = wt_faces_get(faces, i);
    return wt_square_of(f.own, f.sample->point, f.sample->points);
}

/* How far to move a picture along an axis, m its row of the map, so that it covers from..to or,
 * being smaller, lies within. */
static float move(const float *m, const struct wt_image *image, int from, int to)
{
    const float w = m[0] * (float)image->width, h = m[1] * (float)image->height;
    const float low = m[2] + fminf(w, 0) + fminf(h, 0), high = m[2] + fmaxf(w, 0) + fmaxf(h, 0);
    const float left = (float)from - low, right = (float)to - high;
    return fmaxf(fminf(0, fmaxf(left, right)), fminf(left, right));
}

/* Picture to frame: the face, or a place of the picture, at a random place of the part. */
static struct wt_affine draw_map(const struct wt_training_frames *o, const struct wt_augment *a,
                                 const struct part *part, struct wt_square face,
                                 const struct wt_image *image, struct wt_random *r, bool *flip)
{
    const int w = part->x1 - part->x0, h = part->y1 - part->y0;
    const double most = fmin(o->side_max, 0.95 * (w < h ? w : h));
    const double least = fmin(o->side_min, most);
    const double wanted = least * exp(wt_random_unit(r) * log(most / least));
    const double longer = image->width > image->height ? image->width : image->height;
    const double filling = wt_random_within(r, filled_least, 1) * (w > h ? w : h) / longer;
    const double scale = fmax(fmin(wanted / (double)face.side, enlarged_most),
                              fmin(filling, most / (double)face.side));
    const double turn = wt_augment_turn(a, r) * 3.141592653589793 / 180;
    const double u = wt_random_unit(r), v = wt_random_unit(r);
    *flip = wt_random_chance(r, a->flip);
    if (wt_random_chance(r, o->background)) {
        face.x = (float)wt_random_within(r, 0, image->width);
        face.y = (float)wt_random_within(r, 0, image->height);
    }
    struct wt_affine m = wt_crop_square(face.x, face.y, (float)(SIDE / scale), (float)turn, SIDE);
    if (*flip) {
        for (int i = 0; i < 3; i++)
            m.m[i] = -m.m[i];
        m.m[2] += SIDE - 1;
    }
    m.m[2] += (float)(part->x0 + u * w) - 0.5f * (SIDE - 1);
    m.m[5] += (float)(part->y0 + v * h) - 0.5f * (SIDE - 1);
    if (wt_random_chance(r, moved))
        m.m[2] += move(m.m, image, part->x0, part->x1);
    if (wt_random_chance(r, moved))
        m.m[5] += move(m.m + 3, image, part->y0, part->y1);
    return m;
}

/* Of a face's square, how much lies in the part and in the picture? */
static float visible(const struct wt_square *face, const struct part *part)
{
    const float half = face->side / 2;
    const float w = fminf(face->x + half, (float)part->x1) - fmaxf(face->x - half, (float)part->x0);
    const float h = fminf(face->y + half, (float)part->y1) - fmaxf(face->y - half, (float)part->y0);
    return w > 0 && h > 0 ? w * h / (face->side * face->side) : 0;
}

/* One face of the picture into the targets. */
static void add_face(const struct wt_faces *faces, size_t i, const struct wt_affine *map, bool flip,
                     const struct part *part, float *value, uint8_t *mask)
{
    const struct wt_square p = square_of(faces, i);
    const struct wt_point c = wt_affine_apply(map, (struct wt_point){p.x, p.y});
    const float *m = map->m, dx = cosf(p.roll), dy = sinf(p.roll);
    /* the line between the eyes; mirrored, the left eye is the right one */
    const float ex = m[0] * dx + m[1] * dy, ey = m[3] * dx + m[4] * dy;
    const struct wt_square face = {c.x, c.y, p.side * hypotf(m[0], m[1]),
                                   flip ? atan2f(-ey, -ex) : atan2f(ey, ex)};
    const float seen = visible(&face, part);
    const bool inside = c.x >= (float)part->x0 && c.x < (float)part->x1 && c.y >= (float)part->y0 &&
                        c.y < (float)part->y1;
    if (inside && seen >= visible_counts && face.side >= side_counts)
        wt_detector_target_add(&face, value);
    else if (seen >= visible_ignored && face.side >= side_ignored)
        wt_detector_target_ignore(&face, mask);
}

static void add_faces(const struct wt_faces *faces, size_t anchor, const struct wt_affine *map,
                      bool flip, const struct part *part, float *value, uint8_t *mask)
{
    const struct wt_sample *own = wt_faces_get(faces, anchor).sample;
    size_t first = anchor, end = anchor + 1;
    while (first > 0 && wt_same_picture(wt_faces_get(faces, first - 1).sample, own))
        first--;
    while (end < wt_faces_count(faces) && wt_same_picture(wt_faces_get(faces, end).sample, own))
        end++;
    for (size_t i = first; i < end; i++)
        add_face(faces, i, map, flip, part, value, mask);
}

/* Much smaller pictures are averaged first, as the detector does with its frames. */
static enum wt_status shrink(struct wt_training_frame_scratch *s, struct wt_affine *map,
                             struct wt_image *image)
{
    const double scale = (double)hypotf(map->m[0], map->m[1]);
    if (scale >= 0.7)
        return WT_OK;
    const int w = (int)fmax(1, image->width * scale + 0.5),
              h = (int)fmax(1, image->height * scale + 0.5);
    const double fx = (double)image->width / w, fy = (double)image->height / h;
    wt_picture_fini(&s->smaller);
    enum wt_status status = wt_picture_shrink(image, w, h, &s->smaller);
    if (status)
        return status;
    *image = s->smaller.image;
    for (int k = 0; k < 6; k += 3) { /* x of the picture is fx (x' + 0.5) - 0.5 */
        map->m[k + 2] +=
            map->m[k] * (float)(0.5 * fx - 0.5) + map->m[k + 1] * (float)(0.5 * fy - 0.5);
        map->m[k] *= (float)fx;
        map->m[k + 1] *= (float)fy;
    }
    return WT_OK;
}

static enum wt_status fill_part(const struct wt_faces *faces, size_t anchor,
                                const struct wt_training_frames *frames,
                                const struct wt_augment *augment, const struct part *part,
                                struct wt_random *r, struct wt_training_frame_scratch *s,
                                uint8_t *rgb, float *value, uint8_t *mask)
{
    const struct wt_train_face face = wt_faces_get(faces, anchor);
    const struct wt_square pose = square_of(faces, anchor);
    uint8_t fill[3] = {WT_DETECTOR_GREY, WT_DETECTOR_GREY, WT_DETECTOR_GREY};
    struct wt_image image;
    bool flip;
    s->failed = anchor;
    wt_picture_fini(&s->picture);
    enum wt_status status =
        wt_sample_picture(face.sample, &s->picture, &image, s->reason, s->reason_size);
    if (status)
        return status;
    struct wt_affine map = draw_map(frames, augment, part, pose, &image, r, &flip);
    add_faces(faces, anchor, &map, flip, part, value, mask);
    if (wt_random_chance(r, augment->border_constant))
        for (int c = 0; c < 3; c++)
            fill[c] = (uint8_t)wt_random_below(r, 256);
    status = shrink(s, &map, &image);
    if (!status)
        status = wt_crop_extract_border(&image, &map, WT_BORDER_CONSTANT, fill, SIDE, s->rgb);
    for (int y = part->y0; y < part->y1 && !status; y++)
        memcpy(rgb + (y * SIDE + part->x0) * 3, s->rgb + (y * SIDE + part->x0) * 3,
               (size_t)(part->x1 - part->x0) * 3);
    return status;
}

enum wt_status wt_training_frame_make(const struct wt_faces *faces, size_t anchor,
                                      const struct wt_training_frames *frames,
                                      const struct wt_augment *augment, struct wt_random *r,
                                      struct wt_training_frame_scratch *s, uint8_t *rgb,
                                      float *value, uint8_t *mask)
{
    const bool mosaic = wt_random_chance(r, frames->mosaic);
    const int x = SEAM_MARGIN + (int)wt_random_below(r, SIDE - 2 * SEAM_MARGIN);
    const int y = SEAM_MARGIN + (int)wt_random_below(r, SIDE - 2 * SEAM_MARGIN);
    const struct part whole = {0, 0, SIDE, SIDE};
    const struct part quarter[4] = {
        {0, 0, x, y}, {x, 0, SIDE, y}, {0, y, x, SIDE}, {x, y, SIDE, SIDE}};
    enum wt_status status = WT_OK;
    wt_detector_target_clear(value, mask);
    if (!mosaic)
        status = fill_part(faces, anchor, frames, augment, &whole, r, s, rgb, value, mask);
    for (int i = 0; i < 4 && mosaic && !status; i++) {
        const size_t face = i ? (size_t)wt_random_below(r, wt_faces_count(faces)) : anchor;
        status = fill_part(faces, face, frames, augment, &quarter[i], r, s, rgb, value, mask);
    }
    wt_picture_fini(&s->picture);
    wt_picture_fini(&s->smaller);
    if (status)
        return status;
    const struct wt_train_face face = wt_faces_get(faces, anchor);
    struct wt_augment whole_frame = *augment;
    whole_frame.input = SIDE; /* a detector's, not that of a network of landmarks */
    const struct wt_augment_lot lot =
        wt_augment_draw(&whole_frame, face.sample->point, face.sample->points, r);
    return wt_augment_pixels(&lot, rgb);
}
