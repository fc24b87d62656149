/* What avatars are moved with, from the faces of a frame: a place in a list that is used again, the
 * head's rotation, how open eyes and mouth are, features relative to what is usual for the face.
 * Plain data of the caller's, zeroed before its first use; nothing is allocated. One thread. */
#ifndef WT_APP_SIGNALS_H
#define WT_APP_SIGNALS_H

#include "face/pose.h"
#include "wingtip.h"

enum { WT_SIGNAL_RIGHT, WT_SIGNAL_LEFT }; /* the person's own: right is left in the picture */

/* In the order of OpenSeeFace's packets. */
enum wt_feature {
    WT_FEATURE_EYE_LEFT,
    WT_FEATURE_EYE_RIGHT,
    WT_FEATURE_BROW_STEEP_LEFT,
    WT_FEATURE_BROW_UP_LEFT,
    WT_FEATURE_BROW_QUIRK_LEFT,
    WT_FEATURE_BROW_STEEP_RIGHT,
    WT_FEATURE_BROW_UP_RIGHT,
    WT_FEATURE_BROW_QUIRK_RIGHT,
    WT_FEATURE_CORNER_UP_LEFT,
    WT_FEATURE_CORNER_OUT_LEFT,
    WT_FEATURE_CORNER_UP_RIGHT,
    WT_FEATURE_CORNER_OUT_RIGHT,
    WT_FEATURE_MOUTH_OPEN,
    WT_FEATURE_MOUTH_WIDE,
    WT_FEATURES,
};

struct wt_signal {
    const struct wt_face *face;
    int slot;                    /* the lowest free one when it came; 0.. */
    bool posed;                  /* pose and rotation are known */
    struct wt_pose pose;         /* pose.h */
    double rotation[9];          /* row by row: head's axes to the camera's, as in pose.h */
    bool known;                  /* of 98 or 68 points: all below; else eyes are open, the rest 0 */
    struct wt_point point[68];   /* frame pixels */
    double open[2];              /* eyes: 0 shut .. 1 as open as this face has them */
    double mouth;                /* height to width, 0..1 */
    double feature[WT_FEATURES]; /* -1..1, 0: as usual */
};

struct wt_signal_slot {
    uint32_t id; /* 0: free */
    int64_t time_us;
    double open[2];            /* what its eyes open to */
    double usual[WT_FEATURES]; /* running means */
};

struct wt_signals {
    struct wt_signal_slot slot[WT_FACES_MAX];
};

/* Fills out[] for every face of the result; returns how many. */
int wt_signals_update(struct wt_signals *signals, const struct wt_image *image, int64_t time_us,
                      const struct wt_result *result, struct wt_signal out[WT_FACES_MAX]);

/* Quaternion x, y, z, w of a rotation matrix that is given row by row. */
void wt_signal_quaternion(const double matrix[9], double q[4]);

#endif
