/* Trackers that work side by side, each on one thread: for pictures that have nothing to do with
 * each other. Their networks share the weights. */
#ifndef WT_MODEL_TWINS_H
#define WT_MODEL_TWINS_H

#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WT_TWINS_MAX = 64 };

/* Zeroed is empty. */
struct wt_twins {
    struct wt_model *model[WT_TWINS_MAX];
    struct wt_tracker *tracker[WT_TWINS_MAX];
    int count;
};

/* As many trackers as the model has threads, which must outlive them. Call fini also after an
 * error. Errors: those of wt_tracker_create. */
enum wt_status wt_twins_init(struct wt_twins *twins, const struct wt_model *model,
                             const struct wt_tracker_options *options);
void wt_twins_fini(struct wt_twins *twins);

#ifdef __cplusplus
}
#endif
#endif
