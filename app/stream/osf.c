#include <math.h>
#include <string.h>

#include "stream/packet.h"

#define UNIT_MM 140.0 /* of OpenSeeFace's head: 0.63 between the outer eye corners */

/* Whatever the computer's byte order. */
static uint8_t *put_word(uint8_t *at, uint64_t word, int bytes)
{
    for (int i = 0; i < bytes; i++)
        *at++ = (uint8_t)(word >> 8 * i);
    return at;
}

static uint8_t *put(uint8_t *at, double value)
{
    const float v = isfinite(value) ? (float)value : 0.0f;
    uint32_t word;
    memcpy(&word, &v, sizeof word);
    return put_word(at, word, 4);
}

/* Of 300W's 68 points those that OpenSeeFace has, in its order. */
static int point_of(int i)
{
    static const uint8_t mouth[18] = {49, 50, 51, 52, 53, 55, 56, 57, 58,
                                      59, 48, 61, 62, 63, 54, 65, 66, 67};
    return i < 48 ? i : mouth[i - 48];
}

struct seen {
    struct wt_point point[68];
    double confidence[68];
};

static struct wt_point middle(const struct wt_point *p, int n)
{
    struct wt_point sum = {0, 0};
    for (int i = 0; i < n; i++) {
        sum.x += p[i].x / (float)n;
        sum.y += p[i].y / (float)n;
    }
    return sum;
}

static void look(const struct wt_signal *s, struct seen *out)
{
    const struct wt_face *face = s->face;
    for (int i = 0; i < 66; i++) {
        out->point[i] = s->point[point_of(i)];
        out->confidence[i] = s->known ? (double)face->confidence : 0.0;
    }
    for (int i = 0; i < 2; i++) {
        const bool pupil = face->points == 98;
        out->point[66 + i] = pupil ? face->point[96 + i] : middle(s->point + 36 + 6 * i, 6);
        out->confidence[66 + i] = pupil ? (double)face->point_confidence[96 + i] : 0.0;
    }
}

/* ---- the head in OpenSeeFace's coordinates ----------------------------------------------------
 */

/* Their head has x to the person's right, y up, z out of the face: ours (pose.h) is -x, -y, -z.
 * Their camera has rows, columns, depth, and the solution that their solver finds from its start
 * has rows and columns negated, and depth too: diag(-1, -1, 1) P R (-1), P swapping rows and
 * columns. */
static void turn(const double r[9], double m[9])
{
    for (int k = 0; k < 3; k++) {
        m[k] = r[3 + k];
        m[3 + k] = r[k];
        m[6 + k] = -r[6 + k];
    }
}

/* As cv::RQDecomp3x3 gives them for a rotation: about x, y, z, in degrees. */
static void angles(const double m[9], double euler[3])
{
    const double degrees = 180 / 3.14159265358979323846;
    const double c = hypot(m[7], m[8]);
    euler[0] = atan2(m[7], m[8]) * degrees;
    euler[1] = atan2(-m[6], c) * degrees;
    euler[2] = atan2(m[3], m[0]) * degrees;
}

struct head {
    double matrix[9], quaternion[4], euler[3], place[3], error;
};

/* The tip of the nose, ours, in mm. */
static const double *nose(void)
{
    for (int i = 0; i < WT_POSE_POINTS; i++)
        if (wt_pose_model[i].at68 == 30)
            return wt_pose_model[i].place;
    return wt_pose_model[0].place;
}

static void make_head(const struct wt_signal *s, const struct wt_image *image, struct head *h)
{
    const struct wt_camera_model camera = wt_camera_assumed(image->width, image->height);
    const double *tip = nose(), *r = s->rotation;
    double mirrored[9], depth = s->pose.z;
    turn(r, h->matrix);
    for (int i = 0; i < 9; i++) /* they take the matrix by columns */
        mirrored[i] = h->matrix[i % 3 * 3 + i / 3];
    wt_signal_quaternion(mirrored, h->quaternion);
    angles(h->matrix, h->euler);
    for (int k = 0; k < 3; k++)
        depth += r[6 + k] * tip[k];
    /* Their focal length is the width; their principal point has width and height changed over. */
    const struct wt_point at = s->point[30];
    const double z = depth / UNIT_MM * image->width / camera.focal;
    h->place[0] = -z * (at.y - image->width / 2.0) / image->width;
    h->place[1] = -z * (at.x - image->height / 2.0) / image->width;
    h->place[2] = -z;
    h->error =
        s->pose.error * hypot(s->point[45].x - s->point[36].x, s->point[45].y - s->point[36].y);
}

/* A seen point on the head, in their axes and units. */
static void lift(const struct wt_signal *s, const struct wt_image *image, int index68,
                 struct wt_point seen, double out[3])
{
    const struct wt_camera_model camera = wt_camera_assumed(image->width, image->height);
    const double *r = s->rotation, *tip = nose();
    double place[3] = {0, 0, 0};
    /* Along the ray, to the depth that the surface has there; the second round knows better. */
    for (int round = 0; round < 3; round++) {
        double z = 0.01 * place[0] * place[0] - 20.0;
        for (int i = 0; i < WT_POSE_POINTS; i++)
            if (wt_pose_model[i].at68 == index68)
                z = wt_pose_model[i].place[2];
        const double head[3] = {place[0], place[1], z};
        double depth = s->pose.z, ray[3];
        for (int k = 0; k < 3; k++)
            depth += r[6 + k] * head[k];
        ray[0] = (seen.x - camera.cx) / camera.focal * depth - s->pose.x;
        ray[1] = (seen.y - camera.cy) / camera.focal * depth - s->pose.y;
        ray[2] = depth - s->pose.z;
        for (int k = 0; k < 3; k++)
            place[k] = r[k] * ray[0] + r[3 + k] * ray[1] + r[6 + k] * ray[2];
    }
    for (int k = 0; k < 3; k++)
        out[k] = -(place[k] - tip[k]) / UNIT_MM;
}

static void lift_all(const struct wt_signal *s, const struct wt_image *image,
                     const struct seen *seen, double out[70][3])
{
    for (int i = 0; i < 68; i++)
        lift(s, image, i < 66 ? point_of(i) : -1, seen->point[i], out[i]);
    for (int i = 0; i < 2;
         i++) { /* eyeballs: behind the corners' middle by 0.385 of the distance */
        const double *a = out[36 + 6 * i], *b = out[39 + 6 * i];
        double d2 = 0;
        for (int k = 0; k < 3; k++) {
            out[68 + i][k] = 0.5 * (a[k] + b[k]);
            d2 += (a[k] - b[k]) * (a[k] - b[k]);
        }
        out[68 + i][2] -= 0.385 * sqrt(d2);
    }
}

static uint8_t *put_head(uint8_t *at, const struct head *h)
{
    at = put(at, h->error);
    for (int i = 0; i < 4; i++)
        at = put(at, h->quaternion[i]);
    for (int i = 0; i < 3; i++)
        at = put(at, h->euler[i]);
    for (int i = 0; i < 3; i++)
        at = put(at, h->place[i]);
    return at;
}

static uint8_t *put_face(uint8_t *at, double time, const struct wt_image *image,
                         const struct wt_signal *s)
{
    struct head head = {.error = 0};
    struct seen seen;
    double place[70][3] = {{0}};
    uint64_t word;
    const bool posed = s->posed && s->known;
    look(s, &seen);
    if (posed) {
        make_head(s, image, &head);
        lift_all(s, image, &seen, place);
    }
    memcpy(&word, &time, sizeof word);
    at = put_word(at, word, 8);
    at = put_word(at, (uint64_t)s->slot, 4);
    at = put(at, image->width);
    at = put(at, image->height);
    at = put(at, s->open[WT_SIGNAL_RIGHT]);
    at = put(at, s->open[WT_SIGNAL_LEFT]);
    *at++ = posed;
    at = put_head(at, &head);
    for (int i = 0; i < 68; i++)
        at = put(at, seen.confidence[i]);
    for (int i = 0; i < 68; i++) {
        at = put(at, seen.point[i].y);
        at = put(at, seen.point[i].x);
    }
    for (int i = 0; i < 70; i++) {
        at = put(at, place[i][0]);
        at = put(at, -place[i][1]);
        at = put(at, -place[i][2]);
    }
    for (int i = 0; i < WT_FEATURES; i++)
        at = put(at, s->feature[i]);
    return at;
}

size_t wt_osf_packet(uint8_t out[WT_OSF_ROOM], double unix_time, const struct wt_image *image,
                     const struct wt_signal *signal, int count)
{
    uint8_t *at = out;
    for (int i = 0; i < count; i++)
        at = put_face(at, unix_time, image, &signal[i]);
    return (size_t)(at - out);
}
