/* What a network gets wrong on one person's face, point by point, learned from corrections at once.
 *
 * Faces are looked at in the frame of their eyes: origin between the centres of the eyes, the line
 * from the left one to the right one level, and the distance of the outer corners as unit. There a
 * correction is the difference of a point's true and its found place. The offset of a face is the
 * mean over all corrections, drawn towards 0, and what the corrections of similar faces say beyond
 * it: the prediction of a Gaussian process over the shapes that the network found (Rasmussen and
 * Williams, Gaussian Processes for Machine Learning, 2006, algorithm 2.1), with the kernel
 * exp(-d^2 / (2 w^2)) of the root mean square distance d of two shapes. So it depends on pose and
 * expression as far as corrections were made there, and is the mean elsewhere.
 *
 * Not learning of the network: nothing else changes, and a person without corrections has none.
 * Found shapes must come from the network whose points are corrected.
 *
 * An offset is constant once fitted, and counted: ref and unref may be called from any thread, and
 * any number of threads may apply it. */
#ifndef WT_MODEL_OFFSET_H
#define WT_MODEL_OFFSET_H

#include "base/status.h"
#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_offset;

/* Corrections taken into account at most: the last ones. */
enum { WT_OFFSET_CORRECTIONS = 256 };

/* A corrected face, both [points] in pixels of one picture. truth: x NaN where it is not known. */
struct wt_offset_pair {
    const struct wt_point *found, *truth;
};

/* Of n >= 1 corrections, copied. Errors: UNSUPPORTED (a scheme without eyes), FORMAT (a face whose
 * eyes are in one place), MEMORY. */
enum wt_status wt_offset_fit(struct wt_offset **out, int points, const struct wt_offset_pair *pair,
                             int n);

struct wt_offset *wt_offset_ref(struct wt_offset *offset); /* NULL-safe; returns it */
void wt_offset_unref(struct wt_offset **offset);           /* NULL-safe; sets NULL */

int wt_offset_points(const struct wt_offset *offset);
int wt_offset_corrections(const struct wt_offset *offset);

/* Moves points [wt_offset_points] that the network found, in pixels; points whose eyes are in one
 * place, or that are not finite, stay. Returns the mean distance moved, in eye distances. */
double wt_offset_apply(const struct wt_offset *offset, struct wt_point *point);

/* By how many pixels the mean over all corrections alone moves each point of a found face: move
 * [wt_offset_points]; 0 where wt_offset_apply would move none. */
void wt_offset_mean(const struct wt_offset *offset, const struct wt_point *found,
                    struct wt_point *move);

#ifdef __cplusplus
}
#endif
#endif
