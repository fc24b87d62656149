#include "track/appearance.h"

#include <math.h>
#include <string.h>

#include "face/crop.h"

enum { SIDE = WT_APPEARANCE_SIDE, VALUES = SIDE * SIDE * 3, SUB = 2 };

/* The share of the crop's side that is looked at; around it lies more background than face. */
#define MIDDLE 0.7f

static int within(float x, int n)
{
    return x < 0 ? 0 : x >= (float)n ? n - 1 : (int)x;
}

static const uint8_t *pixel(const struct wt_image *image, struct wt_point p)
{
    return image->data + within(p.y, image->height) * image->stride +
           within(p.x, image->width) * (image->format == WT_PIXEL_GRAY8 ? 1 : 3);
}

static void add_pixel(enum wt_pixel format, const uint8_t *p, float to[3])
{
    const bool gray = format == WT_PIXEL_GRAY8, rgb = format == WT_PIXEL_RGB24;
    to[0] += p[gray ? 0 : rgb ? 2 : 0];
    to[1] += p[gray ? 0 : 1];
    to[2] += p[gray ? 0 : rgb ? 0 : 2];
}

/* Mean 0, length 1; a face without contrast has no appearance. */
static void normalise(struct wt_appearance *a)
{
    float mean = 0, sum = 0;
    for (int i = 0; i < VALUES; i++)
        mean += a->v[i] / VALUES;
    for (int i = 0; i < VALUES; i++) {
        a->v[i] -= mean;
        sum += a->v[i] * a->v[i];
    }
    const float scale = sum > 1e-12f ? 1 / sqrtf(sum) : 0;
    for (int i = 0; i < VALUES; i++)
        a->v[i] *= scale;
}

/* A row of pixels of a square of side 1, which back takes to the frame. */
static void find_row(const struct wt_image *image, const struct wt_affine *back, int i,
                     const uint8_t *to[SIDE * SUB])
{
    for (int j = 0; j < SIDE * SUB; j++) {
        const struct wt_point unit = {((float)j + 0.5f) / (SIDE * SUB),
                                      ((float)i + 0.5f) / (SIDE * SUB)};
        to[j] = pixel(image, wt_affine_apply(back, unit));
        __builtin_prefetch(to[j]);
    }
}

/* Pixels lie far apart, each on a line of its own that is in no cache of this processor: those of a
 * row are asked for before those of the row before are waited for. */
static void take(struct wt_appearance *out, const struct wt_image *image,
                 const struct wt_affine *back)
{
    const uint8_t *at[2][SIDE * SUB];
    memset(out, 0, sizeof *out);
    find_row(image, back, 0, at[0]);
    for (int i = 0; i < SIDE * SUB; i++) {
        if (i + 1 < SIDE * SUB)
            find_row(image, back, i + 1, at[(i + 1) % 2]);
        for (int j = 0; j < SIDE * SUB; j++)
            add_pixel(image->format, at[i % 2][j], out->v + 3 * (i / SUB * SIDE + j / SUB));
    }
    normalise(out);
}

void wt_appearance_take(struct wt_appearance *out, const struct wt_image *image,
                        const struct wt_affine *map, int input)
{
    const struct wt_affine b = wt_affine_invert(map);
    const float side = MIDDLE * (float)input, corner = (1 - MIDDLE) / 2 * (float)input;
    const struct wt_point origin = wt_affine_apply(&b, (struct wt_point){corner, corner});
    take(out, image,
         &(struct wt_affine){
             {b.m[0] * side, b.m[1] * side, origin.x, b.m[3] * side, b.m[4] * side, origin.y}});
}

void wt_appearance_take_frame(struct wt_appearance *out, const struct wt_image *image)
{
    take(out, image, &(struct wt_affine){{(float)image->width, 0, 0, 0, (float)image->height, 0}});
}

float wt_appearance_match(const struct wt_appearance *a, const struct wt_appearance *b)
{
    float sum = 0;
    for (int i = 0; i < VALUES; i++)
        sum += a->v[i] * b->v[i];
    return sum;
}

void wt_appearance_mix(struct wt_appearance *mean, const struct wt_appearance *look, float share)
{
    for (int i = 0; i < VALUES; i++)
        mean->v[i] += share * (look->v[i] - mean->v[i]);
    normalise(mean);
}
