/* Augmentation: random variations of a face, drawn anew each time it is trained on.
 *
 * Crop, rotation, shift, scale and mirror are one map, so a picture is sampled once; what happens
 * to the colours comes after, on the crop. Drawing the random numbers (wt_augment_draw) and
 * applying them (wt_augment_apply) are separate: the numbers can be inspected, and a face drawn
 * from one (seed, epoch, sample) is the same on any thread.
 *
 * Not a loader and no targets. Pure functions of their arguments, thread-safe. */
#ifndef WT_MODEL_AUGMENT_H
#define WT_MODEL_AUGMENT_H

#include "data/random.h"
#include "face/crop.h"
#include "face/scheme.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Shares are 0..1 of the faces. px are pixels of a 256x256 crop: a smaller one gets the same
 * picture, so all lengths shrink with it. */
struct wt_augment {
    int input;             /* side of the crop: 128, 192 or 256 */
    float crop_factor;     /* side of the crop before scaling / mean side of the points' box */
    double rotation;       /* degrees: uniform within +-rotation ... */
    double rotation_share; /* ... for this share of faces; the others get a normal one: */
    double rotation_sigma; /* degrees, cut at +-rotation */
    double shift;          /* px: uniform within +-shift, across and down */
    double scale;          /* uniform within 1 +- scale: side of the crop */
    double flip;           /* share that is mirrored */
    double border_constant, border_replicate; /* shares with one colour, or the edge drawn out,
                                                 beyond the picture; the others mirror it */
    double light;                             /* share with other brightness and contrast: */
    double light_gain, light_bias;            /* gain within 1 +- gain, bias within +- levels */
    double tint; /* share of those where each colour gets its own gain */
    double gamma,
        gamma_range; /* share; exponent within 1/(1+range) .. 1+range, evenly on a log scale */
    double grey;     /* share without colour */
    double blur, blur_sigma;   /* share; Gaussian of 0.5 .. sigma px */
    double low, low_side;      /* share; brought down to low_side .. 128 px a side, and back */
    double noise, noise_sigma; /* share; normal of 2 .. sigma levels */
    double occlusion;          /* share with a rectangle of one colour, or of noise, ... */
    double occlusion_side;     /* ... 20 px .. this a side */
    double jpeg, jpeg_quality; /* share; coded at quality .. 70, and back */
    /* From a view of a face to a second one, as from a frame to the next; standard deviations: */
    double pair_rotation, pair_scale, pair_shift; /* degrees, share of the side, px */
    double pair_light;                            /* gain within 1 +- this */
};

/* What our live model is trained with, modelled on the trainer of the reference implementation. */
struct wt_augment wt_augment_defaults(void);
/* No randomness at all: the crop as evaluation takes it. */
struct wt_augment wt_augment_none(void);

/* What was drawn for one face; lengths are pixels of the crop itself. */
struct wt_augment_params {
    int size;             /* side of the crop */
    struct wt_affine map; /* picture -> crop */
    bool flip;            /* the map mirrors: left points are right ones */
    enum wt_border border;
    uint8_t fill[3];     /* RGB beyond the picture, with a constant border */
    bool light;          /* lut is not the identity */
    uint8_t lut[3][256]; /* by colour, R G B */
    bool grey;
    float blur;     /* sigma in px, 0: none */
    int low;        /* side in px, 0: none */
    float noise;    /* sigma in levels, 0: none */
    int x, y, w, h; /* rectangle within the crop; w 0: none */
    bool confetti;  /* the rectangle is noise instead of: */
    uint8_t colour[3];
    int jpeg;                /* quality, 0: none */
    struct wt_random pixels; /* for what is random in each pixel */
};

/* point [n]: the face in the picture; those with x NaN do not count for the crop. Draws from r. */
struct wt_augment_params wt_augment_draw(const struct wt_augment *augment,
                                         const struct wt_point *point, int n, struct wt_random *r);

/* A second view of the face of which `first` was drawn: turned, scaled, shifted and lit a little
 * otherwise, with noise and JPEG drawn anew; all else as in the first. Draws from r. */
struct wt_augment_params wt_augment_again(const struct wt_augment *augment,
                                          const struct wt_augment_params *first,
                                          struct wt_random *r);

/* Points of the picture in the crop, in the scheme's order after a mirror. from and to: different
 * arrays [scheme->points]. */
void wt_augment_points(const struct wt_augment_params *params, const struct wt_scheme *scheme,
                       const struct wt_point *from, struct wt_point *to);

/* Draws an angle as wt_augment_draw does, degrees. */
double wt_augment_rotation(const struct wt_augment *augment, struct wt_random *r);

/* rgb [params->size][params->size][3]. Errors: those of wt_crop_extract. */
enum wt_status wt_augment_apply(const struct wt_augment_params *params,
                                const struct wt_image *image, uint8_t *rgb);

/* The same without taking the crop: what happens to the pixels of one, rgb
 * [params->size][params->size][3]. Errors: MEMORY. */
enum wt_status wt_augment_pixels(const struct wt_augment_params *params, uint8_t *rgb);

#ifdef __cplusplus
}
#endif
#endif
