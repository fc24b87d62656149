/* How far eyes and mouth are open, from a face's points: ratios of lengths in the picture, without
 * unit, which do not change with the size or the roll of a face. Turned aside, a face shows eyes
 * and mouth narrower but as high: the ratios grow by 1/cos(yaw). Pure functions, thread-safe. */
#ifndef WT_MODEL_OPENING_H
#define WT_MODEL_OPENING_H

#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_opening {
    double eye[2]; /* left, right (the viewer's left); on rendered faces 0.2 to 0.4 open, below 0.1
                      closed */
    double mouth;  /* 0 closed; 1 as high as it is wide */
};

/* Of 98 or 68 points, whose 68 are taken: the eye aspect ratio (|p2 p6| + |p3 p5|) / (2 |p1 p4|)
 * of Soukupova and Cech, "Real-time eye blink detection using facial landmarks", CVWW 2016, eq. 1,
 * where p1 and p4 are the corners and p2, p3 the points of the upper lid before p6, p5 of the
 * lower; and likewise of the inner outline of the lips, the mean of its three heights over its
 * width. NaN: unknown, as of other schemes, of points that are not finite, of corners in one
 * place. Each is known or unknown by itself. */
struct wt_opening wt_opening_measure(const struct wt_point *point, int points);

#ifdef __cplusplus
}
#endif
#endif
