/* Each corrected face of a profile: as it was placed, as the original network finds it, and as the
 * profile does. Stateless; it takes a network of its own where the profile has learned, and may run
 * in any thread. */
#ifndef WT_APP_PROFILE_FACES_H
#define WT_APP_PROFILE_FACES_H

#include "teach/profile.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_profile_face {
    struct wt_point before[WT_POINTS_MAX], after[WT_POINTS_MAX]; /* pixels of its picture */
    double nme[2]; /* %, by the outer eye corners; NAN: the network saw no face */
};

/* face [profile->truth.count], in its order. before: the original network by itself; where its
 * weights are missing, all NaN. after: the profile's, with the offset of the other corrections
 * (leave-one-out). Errors: those of networks and pictures; MEMORY. */
enum wt_status wt_profile_faces(const struct wt_profile *profile, const struct wt_profile_run *run,
                                struct wt_profile_face *face);

#ifdef __cplusplus
}
#endif
#endif
