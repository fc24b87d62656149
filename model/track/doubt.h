/* How far the network contradicts itself about a face: a measure without truth, for finding frames
 * that are worth a correction. Not a confidence: a network can be wrong and of one mind.
 *
 * Stateless beyond the model's buffers; one thread at a time, as the model. */
#ifndef WT_MODEL_DOUBT_H
#define WT_MODEL_DOUBT_H

#include "track/look.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Mean distances of points, % of the distance of the outer eye corners (of the face's side where
 * the scheme has no eyes). NAN: not known. */
struct wt_doubt {
    float stacks; /* of the first stack's points from the last one's; NAN with one stack */
    float mirror; /* of the points found in the mirrored crop from those given */
    float motion; /* wt_doubt_of_motion, for the caller to fill in */
};

/* No distance is more, %; also that of a mirrored crop in which no face is found. */
#define WT_DOUBT_MOST 50.0f

/* What the distances are parts of, pixels of the frame; > 0 for points of a face. */
float wt_doubt_unit(const struct wt_scheme *scheme, const struct wt_point *point, int points);

/* One pass, on the mirrored crop around `point` [points of the model], what the network finds in
 * the frame as it is. stacks: as in wt_look. Fills stacks and mirror; motion becomes NAN. Errors:
 * those of wt_look. */
enum wt_status wt_doubt_look(struct wt_model *model, const struct wt_image *image,
                             const struct wt_point *point, int stacks, struct wt_doubt *out);

/* How little a frame's points fit between those of the frames before and after it: mean distance
 * from the line between these at its time, after the similarity transform (least squares; Umeyama,
 * "Least-squares estimation of transformation parameters between two point patterns", 1991) that
 * takes out what the whole head does. Times in microseconds, before < now < after, else NAN. */
float wt_doubt_of_motion(const struct wt_scheme *scheme, int points, const struct wt_point *before,
                         const struct wt_point *now, const struct wt_point *after,
                         int64_t before_us, int64_t now_us, int64_t after_us);

#ifdef __cplusplus
}
#endif
#endif
