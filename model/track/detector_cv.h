/* OpenCV's cascades, behind detector.h. One object, one thread at a time. */
#ifndef WT_MODEL_DETECTOR_CV_H
#define WT_MODEL_DETECTOR_CV_H

#include "track/detector.h"

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

/* How to search. */
struct wt_haar_pass {
    unsigned kinds; /* bits 1 << enum wt_haar_kind */
    bool equalise;  /* contrast evened out tile by tile, or the grey picture as it is */
    float step;     /* from one window size to the next */
    int neighbours; /* windows that must agree */
    float fraction; /* smallest square, of the frame's longer side */
};

/* Raw hits, at most max. min_side: of the cascade's square in frame pixels, instead of the pass's
 * fraction; 0: that one. Errors: MEMORY. */
enum wt_status wt_haar_find(struct wt_haar *haar, const struct wt_image *image,
                            const struct wt_haar_pass *pass, float min_side,
                            struct wt_haar_hit *out, int max, int *found);

#ifdef __cplusplus
}
#endif
#endif
