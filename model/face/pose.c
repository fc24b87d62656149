#include "face/pose.h"

#include <math.h>
#include <string.h>

#include "face/scheme.h"

static const double NOSE_STANDS_OUT = 0.54; /* in distances of the outer eye corners */
static const double DEGREES = 180 / 3.14159265358979323846;

double wt_yaw(const struct wt_point *point, int points)
{
    const struct wt_scheme *scheme = wt_scheme_get(points);
    int tip = 0;
    if (!scheme || scheme->eye_outer[0] < 0)
        return NAN;
    while (tip < points && strcmp(scheme->point_name[tip], "nose_tip") != 0)
        tip++;
    if (tip == points)
        return NAN;
    const struct wt_point l = point[scheme->eye_outer[0]], r = point[scheme->eye_outer[1]];
    const double dx = (double)(r.x - l.x), dy = (double)(r.y - l.y), square = dx * dx + dy * dy;
    const double nx = (double)point[tip].x - (double)(l.x + r.x) / 2;
    const double ny = (double)point[tip].y - (double)(l.y + r.y) / 2;
    if (!(square > 0)) /* NaN too */
        return NAN;
    return atan(fabs(nx * dx + ny * dy) / square / NOSE_STANDS_OUT) * DEGREES;
}

/* ---- the head ------------------------------------------------------------------------------ */

const struct wt_pose_point wt_pose_model[WT_POSE_POINTS] = {
    {51, 27, {0.0, -3.0, -20.5}}, {52, 28, {0.0, 7.9, -28.1}},    {53, 29, {0.0, 16.9, -36.5}},
    {54, 30, {0.0, 33.4, -38.7}}, {55, 31, {-12.9, 42.6, -21.7}}, {56, 32, {-6.2, 42.8, -27.5}},
    {57, 33, {0.0, 43.8, -29.2}}, {58, 34, {6.2, 42.8, -27.5}},   {59, 35, {12.9, 42.6, -21.7}},
    {60, 36, {-41.8, 0.0, 0.0}},  {64, 39, {-16.4, 2.6, -5.9}},   {68, 42, {16.4, 2.6, -5.9}},
    {72, 45, {41.8, 0.0, 0.0}},
};
static const double EYES_APART = 83.6; /* the outer corners, mm */

struct wt_camera_model wt_camera_assumed(int width, int height)
{
    return (struct wt_camera_model){.focal = (500.0 * width / 640 + 500.0 * height / 480) / 2,
                                    .cx = (width - 1) / 2.0,
                                    .cy = (height - 1) / 2.0};
}

/* ---- small matrices ------------------------------------------------------------------------ */

/* Solves a x = b in place of b, a symmetric and positive (Cholesky), n <= 6. false: it is not. */
static bool solve(double a[6][6], double b[6], int n)
{
    for (int i = 0; i < n; i++) {
        const double whole = a[i][i];
        for (int j = 0; j <= i; j++) {
            double sum = a[i][j];
            for (int k = 0; k < j; k++)
                sum -= a[i][k] * a[j][k];
            if (j < i)
                a[i][j] = sum / a[j][j];
            else if (!(sum > 1e-12 * whole)) /* NaN too */
                return false;
            else
                a[i][i] = sqrt(sum);
        }
        for (int k = 0; k < i; k++)
            b[i] -= a[i][k] * b[k];
        b[i] /= a[i][i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++)
            b[i] -= a[k][i] * b[k];
        b[i] /= a[i][i];
    }
    return true;
}

static void multiply(double out[3][3], const double a[3][3], const double b[3][3])
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            out[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j];
}

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void cross(double out[3], const double a[3], const double b[3])
{
    out[0] = a[1] * b[2] - a[2] * b[1];
    out[1] = a[2] * b[0] - a[0] * b[2];
    out[2] = a[0] * b[1] - a[1] * b[0];
}

/* Rx Ry Rz, as in pose.h. */
static void rotation(double out[3][3], double x, double y, double z)
{
    const double rx[3][3] = {{1, 0, 0}, {0, cos(x), -sin(x)}, {0, sin(x), cos(x)}};
    const double ry[3][3] = {{cos(y), 0, sin(y)}, {0, 1, 0}, {-sin(y), 0, cos(y)}};
    const double rz[3][3] = {{cos(z), -sin(z), 0}, {sin(z), cos(z), 0}, {0, 0, 1}};
    double xy[3][3];
    multiply(xy, rx, ry);
    multiply(out, xy, rz);
}

/* ---- the fit ------------------------------------------------------------------------------- */

struct fit {
    double target[WT_POSE_POINTS][2]; /* x/z, y/z */
    double turn[3][3], place[3];
    double error; /* sum of squares in x/z, y/z */
};

static double error_of(const struct fit *f)
{
    double sum = 0;
    for (int i = 0; i < WT_POSE_POINTS; i++) {
        const double *p = wt_pose_model[i].place;
        const double z = dot(f->turn[2], p) + f->place[2];
        const double dx = (dot(f->turn[0], p) + f->place[0]) / z - f->target[i][0];
        const double dy = (dot(f->turn[1], p) + f->place[1]) / z - f->target[i][1];
        if (!(z > 0))
            return INFINITY;
        sum += dx * dx + dy * dy;
    }
    return sum;
}

/* Weak perspective: target = rows of an affine map, the first two rows of the rotation by the
 * scale. */
static bool begin(struct fit *f)
{
    double row[2][6], size[2];
    for (int r = 0; r < 2; r++) {
        double a[6][6] = {{0}}, b[6] = {0};
        for (int i = 0; i < WT_POSE_POINTS; i++) {
            const double *p = wt_pose_model[i].place, v[4] = {p[0], p[1], p[2], 1};
            for (int j = 0; j < 4; j++) {
                b[j] += v[j] * f->target[i][r];
                for (int k = 0; k < 4; k++)
                    a[j][k] += v[j] * v[k];
            }
        }
        if (!solve(a, b, 4))
            return false;
        memcpy(row[r], b, sizeof b);
        size[r] = sqrt(dot(b, b));
    }
    const double scale = (size[0] + size[1]) / 2;
    if (!(size[0] > 1e-9) || !(size[1] > 1e-9)) /* in one place or on a line; NaN */
        return false;
    for (int j = 0; j < 3; j++)
        f->turn[0][j] = row[0][j] / size[0];
    cross(f->turn[2], f->turn[0], row[1]);
    const double length = sqrt(dot(f->turn[2], f->turn[2]));
    if (!(length > 1e-3 * size[1]))
        return false;
    for (int j = 0; j < 3; j++)
        f->turn[2][j] /= length;
    cross(f->turn[1], f->turn[2], f->turn[0]);
    f->place[2] = 1 / scale;
    f->place[0] = row[0][3] * f->place[2];
    f->place[1] = row[1][3] * f->place[2];
    f->error = error_of(f);
    return isfinite(f->error);
}

/* Normal equations for a small turn (applied after f->turn) and a small move. */
static void normal(const struct fit *f, double a[6][6], double b[6])
{
    for (int i = 0; i < WT_POSE_POINTS; i++) {
        const double *p = wt_pose_model[i].place;
        const double q[3] = {dot(f->turn[0], p), dot(f->turn[1], p), dot(f->turn[2], p)};
        const double z = q[2] + f->place[2], x = (q[0] + f->place[0]) / z,
                     y = (q[1] + f->place[1]) / z;
        /* d(x,y,z) of a turn w is w cross q */
        const double j[2][6] = {{-x * q[1] / z, (q[2] + x * q[0]) / z, -q[1] / z, 1 / z, 0, -x / z},
                                {-(q[2] + y * q[1]) / z, y * q[0] / z, q[0] / z, 0, 1 / z, -y / z}};
        const double left[2] = {f->target[i][0] - x, f->target[i][1] - y};
        for (int r = 0; r < 2; r++)
            for (int c = 0; c < 6; c++) {
                b[c] += j[r][c] * left[r];
                for (int k = 0; k < 6; k++)
                    a[c][k] += j[r][c] * j[r][k];
            }
    }
}

static void step(struct fit *f, const double by[6])
{
    double turn[3][3], next[3][3];
    rotation(turn, by[0], by[1], by[2]); /* a turn for any size, and that of `normal` for small */
    multiply(next, turn, f->turn);
    memcpy(f->turn, next, sizeof next);
    for (int i = 0; i < 3; i++)
        f->place[i] += by[3 + i];
    f->error = error_of(f);
}

static void improve(struct fit *f)
{
    double damp = 1e-4;
    for (int round = 0; round < 50 && damp < 1e6; round++) {
        double a[6][6] = {{0}}, b[6] = {0};
        struct fit next = *f;
        normal(f, a, b);
        for (int i = 0; i < 6; i++)
            a[i][i] *= 1 + damp;
        if (!solve(a, b, 6))
            return;
        step(&next, b);
        if (!(next.error <= f->error)) {
            damp *= 10;
            continue;
        }
        const bool still = f->error - next.error <= 1e-12 * f->error;
        *f = next;
        damp /= 10;
        if (still)
            return;
    }
}

static bool aim(struct fit *f, const struct wt_point *point, int points,
                const struct wt_camera_model *camera)
{
    if ((points != 98 && points != 68) || !(camera->focal > 0))
        return false;
    for (int i = 0; i < WT_POSE_POINTS; i++) {
        const struct wt_point p =
            point[points == 98 ? wt_pose_model[i].at98 : wt_pose_model[i].at68];
        f->target[i][0] = ((double)p.x - camera->cx) / camera->focal;
        f->target[i][1] = ((double)p.y - camera->cy) / camera->focal;
        if (!isfinite(f->target[i][0]) || !isfinite(f->target[i][1]))
            return false;
    }
    return true;
}

bool wt_pose_estimate(const struct wt_point *point, int points,
                      const struct wt_camera_model *camera, struct wt_pose *out)
{
    struct fit f;
    *out = (struct wt_pose){NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (!aim(&f, point, points, camera) || !begin(&f))
        return false;
    improve(&f);
    const double yaw = asin(fmax(-1, fmin(1, f.turn[0][2])));
    *out = (struct wt_pose){
        .pitch = atan2(-f.turn[1][2], f.turn[2][2]) * DEGREES,
        .yaw = yaw * DEGREES,
        .roll = atan2(-f.turn[0][1], f.turn[0][0]) * DEGREES,
        .x = f.place[0],
        .y = f.place[1],
        .z = f.place[2],
        .error = sqrt(f.error / WT_POSE_POINTS) * f.place[2] / EYES_APART,
    };
    return true;
}

struct wt_point wt_pose_project(const struct wt_pose *pose, const struct wt_camera_model *camera,
                                const double head[3])
{
    double turn[3][3];
    rotation(turn, pose->pitch / DEGREES, pose->yaw / DEGREES, pose->roll / DEGREES);
    const double z = dot(turn[2], head) + pose->z;
    if (!(z > 0))
        return (struct wt_point){NAN, NAN};
    return (struct wt_point){
        (float)(camera->cx + camera->focal * (dot(turn[0], head) + pose->x) / z),
        (float)(camera->cy + camera->focal * (dot(turn[1], head) + pose->y) / z)};
}
