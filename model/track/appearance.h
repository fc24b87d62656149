/* What a face looks like, roughly: to tell two people apart who come to lie on one another, and the
 * next person after a cut. Not recognition: it holds over seconds, under one light. Stateless. */
#ifndef WT_MODEL_APPEARANCE_H
#define WT_MODEL_APPEARANCE_H

#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WT_APPEARANCE_SIDE 16

/* Colours on a grid over the face's middle, of mean 0 and length 1, so that brightness and contrast
 * do not count. All zeros: unknown. */
struct wt_appearance {
    float v[WT_APPEARANCE_SIDE * WT_APPEARANCE_SIDE * 3];
};

/* map: frame to the crop of `input` pixels a side. */
void wt_appearance_take(struct wt_appearance *out, const struct wt_image *image,
                        const struct wt_affine *map, int input);

/* Of whole frames, without a map: to notice cuts. */
void wt_appearance_take_frame(struct wt_appearance *out, const struct wt_image *image);

/* Correlation, -1..1; 1: the same. */
float wt_appearance_match(const struct wt_appearance *a, const struct wt_appearance *b);

/* Moves an average towards a new look by `share`, 0..1. */
void wt_appearance_mix(struct wt_appearance *mean, const struct wt_appearance *look, float share);

#ifdef __cplusplus
}
#endif
#endif
