/* What a profile is worth, measured: on its own corrections, on the guard, on any list.
 *
 * Errors are NME by the outer eye corners, in per cent. On the profile's own corrections the
 * offset of a face is fitted to the others only (leave-one-out). Stateless; it takes a network of
 * its own, and may run in any thread. */
#ifndef WT_APP_PROFILE_FIGURES_H
#define WT_APP_PROFILE_FIGURES_H

#include "measure/metrics.h"
#include "teach/profile.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Cumulative error distribution: value i is the share of faces, %, whose NME is i / 5 per cent or
 * less; a face that was not found has none. */
enum { WT_PROFILE_CED = 51 };
struct wt_profile_curve {
    float share[WT_PROFILE_CED]; /* NAN: not measured */
};

struct wt_profile_figure {
    size_t faces;                     /* 0: nothing to measure; the others mean nothing then */
    struct wt_summary original;       /* the network as it was */
    struct wt_summary network;        /* the profile's network by itself */
    struct wt_summary corrected;      /* with the offset; of corrections: leave-one-out */
    struct wt_profile_curve curve[3]; /* of these, in this order */
};

/* Of the corrections. The crop is the tracker's: around what the network found at a first look,
 * turned upright. original: by the original weights, which are run for it where the profile has
 * learned; where those are missing, NaN. Errors: those of networks and pictures. */
enum wt_status wt_profile_measure_own(const struct wt_profile *profile,
                                      const struct wt_profile_run *run,
                                      struct wt_profile_figure *out);

/* Of a list, on crops around its true points (WT_EVAL_TRUTH). The offset is applied to all its
 * faces: for a list of other people that is what the profile would do to them. END: given up. */
enum wt_status wt_profile_measure_list(const struct wt_profile *profile,
                                       const struct wt_profile_run *run,
                                       const struct wt_dataset *list,
                                       struct wt_profile_figure *out);

/* Of the guard: rendered faces that are not learned, which the profile must not harm; without the
 * offset, which belongs to one person. faces 0: there is none for these points. END: as above. */
enum wt_status wt_profile_measure_guard(const struct wt_profile *profile,
                                        const struct wt_profile_run *run,
                                        struct wt_profile_figure *out);

/* NME of corrections with the offset of the others, for found points that are given: found
 * [truth->count]. curve: of both, or NULL. Errors: MEMORY. */
enum wt_status wt_profile_leave_one_out(const struct wt_dataset *truth,
                                        const struct wt_point *const *found, int points,
                                        struct wt_summary *alone, struct wt_summary *corrected,
                                        struct wt_profile_curve curve[2]);

#ifdef __cplusplus
}
#endif
#endif
