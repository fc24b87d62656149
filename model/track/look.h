/* A look: crop -> forward -> decode, for several faces at a time.
 *
 * Stateless beyond the model's buffers; one thread at a time, as the model. */
#ifndef WT_MODEL_LOOK_H
#define WT_MODEL_LOOK_H

#include "face/crop.h"
#include "track/model_internal.h"
#include "track/probe.h"

struct wt_look {
    struct wt_affine map;   /* in: frame -> crop */
    float *maps;            /* in: where to put [points + 1][map_size][map_size], or NULL */
    struct wt_probe *probe; /* in: filled with what this look saw; NULL: none */
    struct wt_point point[WT_POINTS_MAX];           /* out: frame pixels */
    float point_confidence[WT_POINTS_MAX];          /* out */
    struct wt_ellipse point_ellipse[WT_POINTS_MAX]; /* out: frame pixels */
    float confidence; /* out: mean over the points; 0 when the crop, or the
                         shape in it, cannot be a face's */
};

/* Fills the outputs of n looks, in passes of the model's batch; stacks: 0 all. A map that cannot be
 * cropped gives confidence 0. Errors: those of the crop (memory) and of the network. */
enum wt_status wt_look(struct wt_model *model, const struct wt_image *image, struct wt_look *look,
                       int n, int stacks);

/* probe.c: fills a probe after a pass, from image `image` of it; look: its points in crop pixels.
 */
void wt_probe_fill(struct wt_probe *probe, const struct wt_model *model, int image, int stacks,
                   const struct wt_look *look);

/* Crop for the next look around points seen: the square of wt_crop_points, turned upright by the
 * line between the eyes where the scheme tells. */
struct wt_affine wt_look_next(const struct wt_model *model, const struct wt_point *point);

/* What a tracker finds in a picture that shows a face where `near` [points of the model] are: a
 * look there, and one around the points that it showed. point [points]. false with OK: no face is
 * there, and point is untouched. Errors: those of wt_look. */
enum wt_status wt_look_at(struct wt_model *model, const struct wt_image *image,
                          const struct wt_point *near, struct wt_point *point, bool *seen);

#endif
