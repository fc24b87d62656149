/* Annotation schemes as data: 98 (WFLW), 68 (300W), 29 (COFW), 19 (AFLW) points.
 *
 * Tables only; they are constant and may be read from any thread. Point order, flip pairs and
 * boundary curves: docs of the data sets, and Wang et al. ICCV 2019 for the curves. */
#ifndef WT_MODEL_SCHEME_H
#define WT_MODEL_SCHEME_H

#include "base/status.h"
#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a curve outlines, for colour and line style. */
enum wt_part { WT_PART_JAW, WT_PART_BROW, WT_PART_EYE, WT_PART_NOSE, WT_PART_LIPS };

struct wt_curve {
    enum wt_part part;
    bool closes;   /* drawing only: this curve and the next form a closed outline */
    uint8_t count; /* points on it, in order */
    uint8_t point[33];
};

struct wt_scheme {
    const char *name; /* "wflw98", "300w68", "cofw29", "aflw19" */
    int points;
    const char *const *point_name; /* [points], e.g. "left_eye_outer"; left = the viewer's left */
    const uint8_t *flip;           /* [points]: index after a left-right mirror */
    const struct wt_curve *curve;  /* boundary curves of the method: 13, or 5 for 19 points */
    int curves;
    const struct wt_curve *edge; /* lines that are drawn besides: lower edges of brows; or NULL */
    int edges;
    int8_t eye_outer[2]; /* normaliser "ocular": outer eye corners; -1: the scheme has none */
    int8_t pupil[2];     /* single points for pupils, or -1 (then the mean of the eye's points) */
    const uint8_t *eye_points[2]; /* points whose mean is the eye centre ("pupil" normaliser) */
    int eye_points_count;
};

/* NULL when no scheme has that many points. */
const struct wt_scheme *wt_scheme_get(int points);
const struct wt_scheme *wt_scheme_by_name(const char *name);

/* The i-th line to draw: a curve, then an edge. NULL: there are fewer. */
const struct wt_curve *wt_scheme_line(const struct wt_scheme *scheme, int i);

/* Converts between any two schemes as far as possible: points of `to` that `from` does not have, in
 * the same place of the face, become NaN (x and y). From 98 points everything is known (AFLW's 19,
 * which are drawn by other rules, to the nearest of WFLW's). from and to may be the same array.
 * Errors: UNSUPPORTED (no such scheme; nothing is logged). */
enum wt_status wt_points_convert_known(const struct wt_point *from, int from_points,
                                       struct wt_point *to, int to_points);

/* The points of `from_points` that point `i` of `to_points` is made of: itself, one, or two of
 * which it is the middle. Returns how many; 0: it cannot be made of them. */
int wt_points_sources(int from_points, int to_points, int i, int source[2]);

#ifdef __cplusplus
}
#endif
#endif
