/* Frames that are worth a correction: those on which the network contradicts itself most.
 *
 * Keeps a bounded number of them in memory, each cut down to the part around its face, and offers
 * the best, spread over pose and light: a frame just like one that is offered already counts a
 * quarter of what it would alone. Not a judge of what is right: a network can be wrong and of one
 * mind; and it calls no network (mining.h does).
 *
 * Any thread may call anything but create and destroy. */
#ifndef WT_APP_MINER_H
#define WT_APP_MINER_H

#include "input/frame.h"
#include "track/doubt.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is kept at most, and what is offered of it. */
enum { WT_MINER_MOST = 60, WT_MINER_OFFERED = 20 };
#define WT_MINER_BYTES ((size_t)64 << 20)
/* Of one face, frames of the input so near to each other are one: the worse of them stays. */
#define WT_MINER_APART_US 1000000
/* How many times the usual a disagreement must be. */
#define WT_MINER_LEAST 1.3f

enum wt_doubt_kind { WT_DOUBT_STACKS, WT_DOUBT_MIRROR, WT_DOUBT_MOTION, WT_DOUBTS };

struct wt_mined {
    uint32_t number;        /* 1.., of this frame alone */
    uint64_t key;           /* the same, and no other's in other sessions */
    struct wt_frame *frame; /* the part around the face; a reference */
    struct wt_face face;    /* points in pixels of that part; without maps */
    int64_t time_us;        /* of the input */
    int64_t found_s;        /* seconds since 1970 */
    struct wt_doubt doubt;
    float yaw, pitch;      /* degrees, as wt_pose; NAN: unknown */
    float mean, contrast;  /* of the face's grey levels: mean, standard deviation, 0..255 */
    float score;           /* the largest disagreement, in times the usual */
    enum wt_doubt_kind of; /* the one that is */
};

struct wt_miner;

/* most 1..WT_MINER_MOST frames, of so many bytes of pixels together. Errors: MEMORY. */
enum wt_status wt_miner_create(struct wt_miner **out, int most, size_t bytes);
void wt_miner_destroy(struct wt_miner **miner); /* NULL-safe; sets NULL */

/* A measurement more for what is usual: the mean of all so far, at first of some on rendered faces.
 * What is NAN is left out. */
void wt_miner_note(struct wt_miner *miner, const struct wt_doubt *doubt);
float wt_miner_usual(struct wt_miner *miner, enum wt_doubt_kind kind); /* % */
/* Of such a doubt now; *of: which, may be NULL. 0: nothing is known. */
float wt_miner_score(struct wt_miner *miner, const struct wt_doubt *doubt, enum wt_doubt_kind *of);

/* Keeps a frame if it is worth it: more than WT_MINER_LEAST times the usual, and better than what
 * would have to go for it. face: points in the frame. The frame may go afterwards. *kept may be
 * NULL. Errors: MEMORY. */
enum wt_status wt_miner_offer(struct wt_miner *miner, const struct wt_frame *frame,
                              const struct wt_face *face, const struct wt_doubt *doubt, bool *kept);
/* The same of one that was kept before (mined_folder.h): a copy with a reference of its own. */
void wt_miner_restore(struct wt_miner *miner, const struct wt_mined *mined);

/* The best, first the best of all; copies, each for wt_mined_fini. Returns how many. */
int wt_miner_best(struct wt_miner *miner, struct wt_mined *out, int most);
void wt_mined_fini(struct wt_mined *mined);
/* It was corrected, or is not wanted. */
void wt_miner_remove(struct wt_miner *miner, uint32_t number);
void wt_miner_clear(struct wt_miner *miner);
/* Changes with every change of what is kept. */
uint64_t wt_miner_version(struct wt_miner *miner);
/* Frames, and bytes of pixels. */
void wt_miner_size(struct wt_miner *miner, int *frames, size_t *bytes);

/* "stacks differ 3.2 %, 2.1 times the usual": into text. */
void wt_mined_reason(const struct wt_mined *mined, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
