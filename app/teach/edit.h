/* A face's points while a person corrects them: what mouse and keys do to them, and back again.
 * Knows neither window nor profile. Plain data; one thread. */
#ifndef WT_APP_EDIT_H
#define WT_APP_EDIT_H

#include <stdbool.h>

#include "face/scheme.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WT_EDIT_STEPS = 64 }; /* that can be undone */

struct wt_edit_state {
    struct wt_point point[WT_POINTS_MAX]; /* pixels of the frame */
    bool hidden[WT_POINTS_MAX];           /* cannot be seen: not corrected */
};

struct wt_edit {
    const struct wt_scheme *scheme;
    float
        unit; /* eye distance as it was at first, pixels; of schemes without eyes the face's side */
    struct wt_edit_state now;
    struct wt_edit_state step[WT_EDIT_STEPS]; /* private: earlier states, then those undone */
    int done, undone;                         /* steps that can be taken back, and again */
    struct wt_edit_state grabbed;             /* private: as they were when a drag began */
    bool dragging;
};

/* Starts with a proposal, finite. Errors: UNSUPPORTED (no scheme of so many points; nothing is
 * logged). */
enum wt_status wt_edit_begin(struct wt_edit *edit, const struct wt_point *point, int points);

/* The point next to a place, not farther than `within` pixels; -1: none. */
int wt_edit_nearest(const struct wt_edit *edit, struct wt_point at, float within);

/* A drag: grab, drag to (dx, dy) from where it began as often as one likes, drop. point: the one
 * that goes all the way; those beside it on its curves follow, less the farther they are along the
 * curve, and not at all from WT_EDIT_REACH on. -1: all points go. The whole drag is one step. */
#define WT_EDIT_REACH 0.25f /* eye distances */
void wt_edit_grab(struct wt_edit *edit);
void wt_edit_drag(struct wt_edit *edit, int point, float dx, float dy);
void wt_edit_drop(struct wt_edit *edit);

/* One point alone, by so many pixels. */
void wt_edit_nudge(struct wt_edit *edit, int point, float dx, float dy);
/* Whether it can be seen. */
void wt_edit_hide(struct wt_edit *edit, int point);
/* The points of this one's half of the face become the mirror image of the other half's, in the
 * axis that the pairs of points have. A point on the axis: onto it. */
void wt_edit_mirror(struct wt_edit *edit, int point);

/* false: there is nothing to take back, or again. */
bool wt_edit_undo(struct wt_edit *edit);
bool wt_edit_redo(struct wt_edit *edit);
/* Has anything changed since the start? */
bool wt_edit_changed(const struct wt_edit *edit);

/* As lists have them: hidden points with x and y NaN. out [points]. */
void wt_edit_result(const struct wt_edit *edit, struct wt_point *out);

#ifdef __cplusplus
}
#endif
#endif
