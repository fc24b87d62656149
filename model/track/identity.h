/* Who a face is, from frame to frame: what it looks like, where it is going. So that two people who
 * cross keep their ids, and another person in the same place gets a new one. Plain values; one
 * thread at a time. */
#ifndef WT_MODEL_IDENTITY_H
#define WT_MODEL_IDENTITY_H

#include "face/crop.h"
#include "track/appearance.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_identity {
    struct wt_appearance mean; /* over about half a second */
    struct wt_appearance last;
    int64_t last_us;
    /* When it was last seen clearly, not half behind something: */
    struct wt_point centre, velocity; /* pixels, and pixels a second */
    float side;
    int64_t clear_us;
};

/* A look at a face: its points' box, and what it looks like. */
struct wt_sighting {
    struct wt_box box;
    struct wt_appearance appearance;
    int64_t time_us;
};

void wt_identity_start(struct wt_identity *id, const struct wt_sighting *sight);

/* Is what was seen where this face was followed to still this face? cut: the whole frame has
 * changed. */
bool wt_identity_continues(const struct wt_identity *id, const struct wt_sighting *sight, bool cut);

void wt_identity_update(struct wt_identity *id, const struct wt_sighting *sight);

/* The same for a face that was out of sight. */
void wt_identity_resume(struct wt_identity *id, const struct wt_sighting *sight);

/* How badly a sighting fits, 0: as expected, about 1: hardly; from place and looks together. For
 * the choice between two who come to lie on one face. */
float wt_identity_misfit(const struct wt_identity *id, const struct wt_sighting *sight);

enum wt_return {
    WT_RETURN_PLAIN,
    WT_RETURN_HIDDEN,    /* comes out from behind another: its place counts more than its looks */
    WT_RETURN_AFTER_CUT, /* only what looks the same is the same */
};
/* Can a face found elsewhere be this one, which is out of sight? It may come back as it went, half
 * behind something. */
bool wt_identity_returns(const struct wt_identity *id, const struct wt_sighting *sight,
                         enum wt_return how);

#ifdef __cplusplus
}
#endif
#endif
