/* OpenCV's cascades, behind detector.h. One object, one thread at a time. */
#ifndef WT_MODEL_DETECTOR_CV_H
#define WT_MODEL_DETECTOR_CV_H

#include "detector.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_haar;

/* What a raw box comes from: how it lies to the face depends on it. */
enum wt_haar_kind { WT_HAAR_FRONTAL, WT_HAAR_PROFILE, WT_HAAR_PROFILE_MIRRORED };

struct wt_haar_hit {
    enum wt_haar_kind kind;
    float x, y, side; /* frame pixels, as the cascade gives it */
    float neighbours; /* raw windows that agreed */
};

/* Loads the cascades from $WINGTIP_HAAR_DIR or the usual folders. Errors: IO, FORMAT, MEMORY. */
enum wt_status wt_haar_create(struct wt_haar **out);
void wt_haar_destroy(struct wt_haar **haar);

/* Raw hits of all cascades, at most max. min_side: of the cascade's square, frame pixels; 0: the
 * smallest it can see. Errors: MEMORY. */
enum wt_status wt_haar_find(struct wt_haar *haar, const struct wt_image *image, float min_side,
                            struct wt_haar_hit *out, int max, int *found);

#ifdef __cplusplus
}
#endif
#endif
