/* Perturbations of a face's crop, each of one known strength, to measure how much worse a network
 * gets.
 *
 * Not augmentation, which draws strengths at random; the pixels are changed by augment.h all the
 * same. What is random (place and colour of an occluder, direction of a rotation, noise) depends on
 * the seed and the face's name and line alone, so that every network and every run sees the same
 * pixels. Pure functions, thread-safe. */
#ifndef WT_MODEL_PERTURB_H
#define WT_MODEL_PERTURB_H

#include "data/augment.h"
#include "data/dataset.h"

#ifdef __cplusplus
extern "C" {
#endif

/* In the order in which they are done, but for the rotation, which the crop is taken with. */
enum wt_perturb_kind {
    WT_PERTURB_DARK,      /* levels times so much */
    WT_PERTURB_GAMMA,     /* levels 0..1 to the power of it */
    WT_PERTURB_BLUR,      /* Gaussian, sigma in px */
    WT_PERTURB_LOW,       /* brought down to that side in px, and back */
    WT_PERTURB_NOISE,     /* normal, sigma in levels */
    WT_PERTURB_OCCLUSION, /* a square of one colour, side in px, over one of the true points */
    WT_PERTURB_JPEG,      /* coded at that quality */
    WT_PERTURB_ROTATION,  /* degrees, either way */
    WT_PERTURB_KINDS,
};

/* px: of a 256x256 crop; a network's smaller one shows the same, so that lengths shrink with it. */
struct wt_perturb_info {
    const char *name, *unit;
    double min, max;
    double step[3]; /* strengths of a study, rising */
};
extern const struct wt_perturb_info wt_perturb_info[WT_PERTURB_KINDS];

struct wt_perturb {
    double value[WT_PERTURB_KINDS]; /* 0: not done */
    uint64_t seed;
};

struct wt_perturb_step {
    enum wt_perturb_kind kind;
    double value;
};

/* Steps as a user writes them: `KIND=VALUE[:VALUE ...][,KIND=...]`, as in "blur=1:2,jpeg=10". out
 * [max]. option: for the error line. Errors: ARGUMENT. */
enum wt_status wt_perturb_parse(const char *option, const char *text, struct wt_perturb_step *out,
                                int max, int *count);

/* As words, "blur=2, noise=10 (seed 0)", for a report. */
void wt_perturb_describe(const struct wt_perturb *perturb, char *text, size_t size);

/* Rotates the map of a sample's crop of size x size pixels, and draws what is to happen to them. */
struct wt_augment_params wt_perturb_draw(const struct wt_perturb *perturb,
                                         const struct wt_sample *sample, int size,
                                         struct wt_affine *map);

#ifdef __cplusplus
}
#endif
#endif
