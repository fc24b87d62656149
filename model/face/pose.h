/* Which way a head is turned and where it is, estimated from its points. Not who it is, and not
 * where it looks. Pure functions on the caller's memory, thread-safe; nothing fails loudly: what
 * points do not tell is unknown. */
#ifndef WT_MODEL_POSE_H
#define WT_MODEL_POSE_H

#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How far a head is turned aside, 0..90 degrees (either way), of points in a scheme that has the
 * outer eye corners and the tip of the nose (98, 68 and 29 points); NaN where it has not, or they
 * are not known, or in one place.
 *
 * Seen from afar, a tip that stands out by f w before the middle of corners w apart moves by
 * f w sin(yaw) along their line, which shrinks to w cos(yaw): the ratio is f tan(yaw). f = 0.54
 * fits rendered heads whose yaw is known (the demo clip's, at 14 moments with more than 5 degrees:
 * within 4 degrees at most of them, 10 where they also nod). An estimate for sorting the faces of
 * lists, whose pictures are crops of frames of unknown size; where the frame is known, use
 * wt_pose_estimate. */
double wt_yaw(const struct wt_point *point, int points);

/* A pinhole camera without distortion and with square pixels; all in pixels. */
struct wt_camera_model {
    double focal;
    double cx, cy; /* the principal point; pixel centres at integers */
};

/* The camera that is assumed where none was measured: the principal point in the middle of the
 * frame, the focal length that OpenFace assumes, the mean of 500 width / 640 and 500 height / 480
 * (65 degrees across at 640 x 480, 72 at 16:9). Of a camera with k times that focal length, true
 * distances are k times as long; angles hardly change. */
struct wt_camera_model wt_camera_assumed(int width, int height);

/* In the camera's coordinates: origin in the camera, x right, y down (both as in the picture), z
 * away from it. A head whose turns are 0 has its axes parallel to the camera's and its face toward
 * it. Its rotation matrix is Rx(pitch) Ry(yaw) Rz(roll), each turning y to z, z to x, x to y; so
 * have OpenFace's pose_Rx, pose_Ry, pose_Rz, which are these angles in radians. */
struct wt_pose {
    double pitch;   /* degrees, -180..180: positive looks down */
    double yaw;     /* degrees, -90..90: positive turns the nose to the left of the picture */
    double roll;    /* degrees, -180..180: positive tilts clockwise as seen in the picture */
    double x, y, z; /* mm: the middle between the outer eye corners; z > 0 */
    double error;   /* root mean square distance of the points from where the model has them, as a
                       share of the outer eye corners' distance on the model, seen at z: how
                       little the shape fits. About 0.01 on rendered faces */
};

/* The turns and the place that bring 13 points of a rigid model (eye corners, ridge and base of the
 * nose: those that an expression moves least) closest to the points of a face with 98 or 68 points:
 * least squares of the distances in the picture, perspective, by Levenberg's method from the pose
 * under weak perspective. The model is the mean of the demo clip's two rendered heads, made
 * symmetrical, with pupils 63 mm apart (the mean of adults; Dodgson, "Variation and extrema of
 * human interpupillary distance", 2004: 63.4, standard deviation 3.8). So distances are 6 % off for
 * one adult in three, for children they are too long by a fifth and more.
 *
 * false, and NaN in every field: unknown, as of other schemes, or where points are not finite, lie
 * in one place or on a line, or no place before the camera fits. */
bool wt_pose_estimate(const struct wt_point *point, int points,
                      const struct wt_camera_model *camera, struct wt_pose *out);

/* The picture of a place of the head under a pose: head[3] in mm, in the axes above, origin in the
 * middle between the outer eye corners. Not finite behind the camera. */
struct wt_point wt_pose_project(const struct wt_pose *pose, const struct wt_camera_model *camera,
                                const double head[3]);

#define WT_POSE_POINTS 13

/* A point of the rigid model. */
struct wt_pose_point {
    int at98, at68;  /* its index in those schemes */
    double place[3]; /* mm */
};
extern const struct wt_pose_point wt_pose_model[WT_POSE_POINTS];

#ifdef __cplusplus
}
#endif
#endif
