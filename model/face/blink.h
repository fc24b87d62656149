/* Blinks of faces that are followed, from the openings of their eyes over time. Time counts, not
 * frames. A look down lowers the lids, too, and may be taken for a blink when it is short. Nothing
 * is seen that the points do not show: of the rendered clip's ten blinks the exact points show ten,
 * the shipped networks' points the five of one person, and none of the other, whose lids they leave
 * open.
 *
 * The state is the caller's memory, zeroed before its first use; nothing is allocated. One thread
 * at a time. */
#ifndef WT_MODEL_BLINK_H
#define WT_MODEL_BLINK_H

#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Lids move between two thresholds, both shares of what this face's eyes open to, so that neither
 * the shape of an eye nor a trembling point is a blink. */
#define WT_BLINK_SHUT 0.7 /* shut from below this on ... */
#define WT_BLINK_OPEN 0.8 /* ... until above this */

/* Longer is eyes kept shut, not a blink; blinks last 0.1 to 0.4 s (Schiffman, "Sensation and
 * Perception", 2001), and frames and filters lengthen them. */
#define WT_BLINK_LONGEST_US 800000

/* After a gap of this length nothing is known of the eyes in between. */
#define WT_BLINK_GAP_US 500000

struct wt_blink_face {
    uint32_t id; /* 0: free */
    int64_t seen_us, shut_us;
    double open; /* what the eyes open to: follows wider eyes at once, narrower ones in 10 s */
    double least;
    bool shut, begun; /* begun: they were seen to shut */
    uint32_t count;
};

struct wt_blinks {
    struct wt_blink_face face[WT_FACES_MAX];
};

struct wt_blink {
    bool known;               /* false: nothing below is */
    bool shut;                /* the eyes are, in a blink or for longer */
    uint32_t count;           /* blinks of this id until now */
    bool ended;               /* one has ended with this call: */
    int64_t start_us, end_us; /* first time below the lower threshold, first above the upper */
    double least;             /* the smallest opening in it */
};

/* The next opening (opening.h) of a face: the mean of its eyes, or that of the one that is known;
 * NaN: neither is, and the blink goes on as it was. time_us: of the frame; earlier than before:
 * another run of the input, the face begins anew, its count too. Of more than WT_FACES_MAX ids the
 * one that was not seen for longest is forgotten. id: 1 or more. */
struct wt_blink wt_blinks_update(struct wt_blinks *blinks, uint32_t id, int64_t time_us,
                                 const double eye_opening[2]);

#ifdef __cplusplus
}
#endif
#endif
