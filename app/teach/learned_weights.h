/* What is done to weights after they have learned and before they are saved. Stateless. */
#ifndef WT_APP_LEARNED_WEIGHTS_H
#define WT_APP_LEARNED_WEIGHTS_H

#include "train/tune.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Int8 needs new ranges, and integer weights where the old ones had them. Errors: those of
 * wt_tune_calibrate. */
enum wt_status wt_learned_weights_int8(const struct wt_tune *tune, const struct wt_weights *old,
                                       struct wt_weights *weights, const struct wt_tune_result *r);

/* The same for a profile's, whose card says so. */
enum wt_status wt_learned_weights_finish(const struct wt_tune *tune, const struct wt_weights *old,
                                         struct wt_weights *weights, const struct wt_tune_result *r,
                                         const char *profile);

#ifdef __cplusplus
}
#endif
#endif
