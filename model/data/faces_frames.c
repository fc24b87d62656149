#include "data/faces_frames.h"

#include <math.h>
#include <stdlib.h>

#include "data/dataset_build.h"

/* How far training looks from the middle of a face, in sides of its points' box: half a crop
 * of 1.45 sides, 15 % larger, turned by 50 degrees and shifted by a tenth, is 1.35. */
static const float REACH = 1.5f;

/* The part of a frame that is kept; each pixel of the copy is the mean of step x step ones. */
struct cut {
    int left, top, width, height; /* of the copy's pixels: width and height */
    int step;
};

static int clamp(float v, int most)
{
    return v < 0 ? 0 : v > (float)most ? most : (int)v;
}

/* false: there is no face to cut out. */
static bool find_cut(const struct wt_face_in_frame *f, struct cut *cut)
{
    struct wt_point known[WT_POINTS_MAX];
    int n = 0;
    for (int i = 0; i < f->points && i < WT_POINTS_MAX; i++)
        if (!isnan(f->point[i].x))
            known[n++] = f->point[i];
    const struct wt_box box = wt_points_box(known, n);
    const float side = (box.w + box.h) / 2, x = box.x + box.w / 2, y = box.y + box.h / 2;
    const int w = f->image->width, h = f->image->height;
    if (n < 2 || !(side >= 4) || !(x >= 0 && y >= 0 && x < (float)w && y < (float)h))
        return false;
    const int right = clamp(ceilf(x + REACH * side) + 1, w);
    const int bottom = clamp(ceilf(y + REACH * side) + 1, h);
    cut->left = clamp(x - REACH * side, w);
    cut->top = clamp(y - REACH * side, h);
    const int longer =
        right - cut->left > bottom - cut->top ? right - cut->left : bottom - cut->top;
    cut->step = (longer + WT_FACE_CUT_SIDE - 1) / WT_FACE_CUT_SIDE;
    cut->width = (right - cut->left) / cut->step;
    cut->height = (bottom - cut->top) / cut->step;
    return cut->width > 0 && cut->height > 0;
}

static uint8_t mean_of(const struct wt_image *image, const struct cut *c, int x, int y, int channel)
{
    const int pixel = image->format == WT_PIXEL_GRAY8 ? 1 : 3;
    const int from = pixel == 1 ? 0 : image->format == WT_PIXEL_RGB24 ? 2 - channel : channel;
    unsigned sum = 0;
    for (int i = 0; i < c->step; i++) {
        const uint8_t *row = image->data + (ptrdiff_t)(c->top + y * c->step + i) * image->stride;
        for (int k = 0; k < c->step; k++)
            sum += row[(c->left + x * c->step + k) * pixel + from];
    }
    const unsigned area = (unsigned)(c->step * c->step);
    return (uint8_t)((sum + area / 2) / area);
}

/* A copy in B G R. */
static enum wt_status copy(struct wt_picture *out, const struct wt_image *image,
                           const struct cut *c)
{
    const size_t row = (size_t)c->width * 3;
    out->pixels = malloc(row * (size_t)c->height);
    if (!out->pixels)
        return wt_fail(WT_ERR_MEMORY, "out of memory for a face");
    for (int y = 0; y < c->height; y++)
        for (int x = 0; x < c->width; x++)
            for (int k = 0; k < 3; k++)
                out->pixels[(size_t)y * row + (size_t)x * 3 + (size_t)k] =
                    mean_of(image, c, x, y, k);
    out->image =
        (struct wt_image){out->pixels, c->width, c->height, (ptrdiff_t)row, WT_PIXEL_BGR24};
    return WT_OK;
}

static enum wt_status add(struct wt_dataset_builder *b, const char *name, int number,
                          const struct wt_face_in_frame *f)
{
    struct wt_point point[WT_POINTS_MAX];
    struct wt_picture picture = {.pixels = NULL};
    struct cut c;
    if (wt_image_check(f->image))
        return WT_ERR_ARGUMENT;
    if (!wt_scheme_get(f->points))
        return wt_fail(WT_ERR_FORMAT, "%s:%d: no scheme has %d points", name, number, f->points);
    if (!find_cut(f, &c))
        return wt_fail(WT_ERR_ARGUMENT, "%s:%d: no face of at least 4 pixels within its frame",
                       name, number);
    const float middle = (float)(c.step - 1) / 2;
    for (int i = 0; i < f->points; i++)
        point[i] = (struct wt_point){(f->point[i].x - (float)c.left - middle) / (float)c.step,
                                     (f->point[i].y - (float)c.top - middle) / (float)c.step};
    const struct wt_dataset_entry entry = {
        .name = name, .line = number, .points = f->points, .point = point, .picture = &picture};
    enum wt_status status = copy(&picture, f->image, &c);
    if (!status)
        status = wt_dataset_builder_add(b, &entry);
    wt_picture_fini(&picture);
    return status;
}

enum wt_status wt_faces_add_frames(struct wt_faces *faces, const char *name,
                                   const struct wt_face_in_frame *face, size_t count)
{
    struct wt_dataset_builder b = {.path = name};
    struct wt_dataset d = {.count = 0};
    enum wt_status status = WT_OK;
    for (size_t i = 0; i < count && !status; i++)
        status = add(&b, name, (int)i + 1, &face[i]);
    if (!status)
        status = wt_dataset_builder_finish(&b, &d);
    if (!status)
        status = wt_faces_take(faces, name, &d);
    wt_dataset_fini(&d);
    wt_dataset_builder_fini(&b);
    return status;
}
