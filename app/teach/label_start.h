/* The start of labelling: which faces, and the points that a network finds in them.
 *
 * Of pictures every face that is found; of a video the faces of a frame every so often, or the
 * hardest ones (miner.h), each cut out of its frame. Frames become pictures beside the list. */
#ifndef WT_APP_LABEL_START_H
#define WT_APP_LABEL_START_H

#include "cli/options.h"
#include "teach/label.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_label_start {
    const struct wt_common *common;
    const char
        *input; /* folder, pattern, picture, video; or a list, whose own points are the start */
    const char *out; /* of wt_label_open */
    int hard;        /* of a video the so many hardest frames; 0: as `every` says */
    double every;    /* seconds from one frame to the next */
    int faces;       /* in a picture, at most */
};

/* Makes the start, unless the one that is there is of the same input and choice, or the input has
 * no face (ARGUMENT). The list comes last, in one step: a run that was killed begins anew. Errors:
 * ARGUMENT (also: there is a start of something else; it stays as it is), those of reading, of the
 * network and of writing. */
enum wt_status wt_label_make_start(const struct wt_label_start *start);

#ifdef __cplusplus
}
#endif
#endif
