/* The tracker's insides, for tracker.c and tracker_life.c alone. */
#ifndef WT_MODEL_TRACKER_INTERNAL_H
#define WT_MODEL_TRACKER_INTERNAL_H

#include "face/square.h"
#include "track/identity.h"
#include "track/look.h"
#include "track/one_euro.h"
#include "track/search.h"
#include "track/tracker_offset.h"

#define CANDIDATES_SPARE 4 /* boxes looked at beyond the free places: some are no faces */
#define CANDIDATES_MAX (WT_FACES_MAX + CANDIDATES_SPARE)

struct track {
    uint32_t id;
    int slot;              /* place of this frame's maps in the result's storage */
    bool missed;           /* not seen in this frame */
    bool elsewhere;        /* missed since a cut */
    int64_t lost_us;       /* when it went out of sight */
    float usual;           /* its confidence, averaged over time */
    struct wt_look look;   /* the last one that showed it */
    struct wt_square crop; /* what is looked at next; side 0: not known yet */
    struct wt_identity who;
    struct wt_one_euro filter;
};

struct wt_tracker {
    struct wt_model *model;
    struct wt_search *search;
    struct wt_tracker_options options; /* defaults filled in */
    struct track track[WT_FACES_MAX];  /* in order of id */
    int tracks;
    uint32_t next_id;
    int64_t now_us, before_us; /* times of this frame and the last */
    int64_t searched_us;       /* of the frame of the last search */
    int searches;              /* since the last thorough one; see thorough() */
    struct wt_look look[CANDIDATES_MAX];
    bool lost;  /* a face has gone out of sight since the last thorough search */
    bool first; /* no frame yet since the start or a reset */
    bool cut;   /* this frame does not continue the last one */
    float calm; /* how alike the frames before were, mostly the least alike */
    int crowd;  /* faces seen beyond those that can be followed */
    struct wt_appearance frame;
    struct wt_found found;
    struct wt_offset *offset; /* NULL: none */
    struct wt_probe *probe;   /* NULL: none */
};

#endif
