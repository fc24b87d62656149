/* Turns and place of a head, openings of eyes and mouth: known geometry, and rendered heads. */
#include "support.h"

#include <math.h>

#include "face/opening.h"
#include "face/pose.h"
#include "face/scheme.h"

static const struct wt_camera_model camera = {700, 333, 217};

/* Points of a scheme, all NaN but those of the model as a pose shows them. */
static void project(const struct wt_pose *pose, const struct wt_camera_model *with, int points,
                    struct wt_point *out)
{
    for (int i = 0; i < points; i++)
        out[i] = (struct wt_point){NAN, NAN};
    for (int i = 0; i < WT_POSE_POINTS; i++)
        out[points == 98 ? wt_pose_model[i].at98 : wt_pose_model[i].at68] =
            wt_pose_project(pose, with, wt_pose_model[i].place);
}

static void assert_near(double got, double want, double within, const char *what)
{
    if (!(fabs(got - want) <= within))
        fail_msg("%s: %.6f instead of %.6f", what, got, want);
}

static void known_heads_are_found_again(void **state)
{
    static const double yaw[] = {-75, -40, -10, 0, 25, 60}, pitch[] = {-40, 0, 15, 50},
                        roll[] = {-120, -20, 0, 35, 170}, far[] = {250, 900};
    int tried = 0;
    for (int i = 0; i < 6 * 4 * 5 * 2 * 2; i++, tried++) {
        const int points = i % 2 ? 98 : 68;
        const double z = far[i / 2 % 2];
        const struct wt_pose want = {.pitch = pitch[i / 4 % 4],
                                     .yaw = yaw[i / 16 % 6],
                                     .roll = roll[i / 96],
                                     .x = 0.2 * z,
                                     .y = -0.1 * z,
                                     .z = z};
        struct wt_point p[98];
        struct wt_pose got;
        project(&want, &camera, points, p);
        assert_true(wt_pose_estimate(p, points, &camera, &got));
        assert_near(got.pitch, want.pitch, 0.05, "pitch");
        assert_near(got.yaw, want.yaw, 0.05, "yaw");
        assert_near(got.roll, want.roll, 0.05, "roll");
        assert_near(got.x, want.x, 1e-3 * z, "x");
        assert_near(got.y, want.y, 1e-3 * z, "y");
        assert_near(got.z, want.z, 1e-3 * z, "z");
        assert_true(got.error < 1e-5);
    }
    assert_int_equal(tried, 480);
}

/* What the header says of the signs, one turn after the other. */
static void signs_are_as_stated(void **state)
{
    const double tip[3] = {0, 33.4, -38.7}, right_eye[3] = {41.8, 0, 0};
    const struct wt_pose front = {.z = 600}, left = {.yaw = 20, .z = 600},
                         down = {.pitch = 20, .z = 600}, clockwise = {.roll = 20, .z = 600};
    const struct wt_point at = wt_pose_project(&front, &camera, tip);
    assert_true(wt_pose_project(&left, &camera, tip).x < at.x - 5);
    assert_true(wt_pose_project(&down, &camera, tip).y > at.y + 5);
    assert_true(wt_pose_project(&clockwise, &camera, right_eye).y > (float)camera.cy + 5);
    const struct wt_pose behind = {.z = -10};
    assert_true(isnan(wt_pose_project(&behind, &camera, tip).x));
}

/* OpenFace's matrix for its three angles, written out. */
static void angles_compose_as_openface_has_them(void **state)
{
    const struct wt_pose pose = {.pitch = 12, .yaw = -33, .roll = 21, .x = 30, .y = -20, .z = 700};
    const double x = 12 * M_PI / 180, y = -33 * M_PI / 180, z = 21 * M_PI / 180;
    const double r[3][3] = {{cos(y) * cos(z), -cos(y) * sin(z), sin(y)},
                            {cos(x) * sin(z) + cos(z) * sin(x) * sin(y),
                             cos(x) * cos(z) - sin(x) * sin(y) * sin(z), -cos(y) * sin(x)},
                            {sin(x) * sin(z) - cos(x) * cos(z) * sin(y),
                             cos(z) * sin(x) + cos(x) * sin(y) * sin(z), cos(x) * cos(y)}};
    const double head[3] = {17, 29, -41};
    double at[3] = {pose.x, pose.y, pose.z};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            at[i] += r[i][j] * head[j];
    const struct wt_point got = wt_pose_project(&pose, &camera, head);
    assert_near((double)got.x, camera.cx + camera.focal * at[0] / at[2], 1e-3, "x");
    assert_near((double)got.y, camera.cy + camera.focal * at[1] / at[2], 1e-3, "y");
}

static void assumed_camera(void **state)
{
    const struct wt_camera_model vga = wt_camera_assumed(640, 480),
                                 wide = wt_camera_assumed(1280, 720),
                                 large = wt_camera_assumed(1280, 960);
    assert_true(vga.focal == 500 && vga.cx == 319.5 && vga.cy == 239.5);
    assert_true(wide.focal == 875 && wide.cx == 639.5 && wide.cy == 359.5);
    /* The same picture at twice the size is the same head. */
    const struct wt_pose want = {.pitch = 5, .yaw = 15, .roll = -8, .x = 40, .y = 10, .z = 450};
    struct wt_point p[98];
    struct wt_pose got;
    project(&want, &vga, 98, p);
    for (int i = 0; i < 98; i++)
        p[i] = (struct wt_point){2 * p[i].x + 0.5f, 2 * p[i].y + 0.5f};
    assert_true(wt_pose_estimate(p, 98, &large, &got));
    assert_near(got.yaw, want.yaw, 0.05, "yaw");
    assert_near(got.z, want.z, 0.5, "z");
}

static void unknown(const struct wt_point *p, int points, const struct wt_camera_model *with)
{
    struct wt_pose got = {0};
    assert_false(wt_pose_estimate(p, points, with, &got));
    assert_true(isnan(got.pitch) && isnan(got.yaw) && isnan(got.roll) && isnan(got.x) &&
                isnan(got.y) && isnan(got.z) && isnan(got.error));
}

static void what_points_do_not_tell_is_unknown(void **state)
{
    const struct wt_pose pose = {.yaw = 10, .z = 600};
    struct wt_point p[98], spoiled[98];
    struct wt_pose got;
    project(&pose, &camera, 98, p);
    assert_true(wt_pose_estimate(p, 98, &camera, &got));
    unknown(p, 29, &camera);
    unknown(p, 19, &camera);
    unknown(p, 7, &camera);
    unknown(p, 98, &(struct wt_camera_model){0, 320, 240});
    unknown(p, 98, &(struct wt_camera_model){NAN, 320, 240});
    for (int i = 0; i < WT_POSE_POINTS; i++) {
        memcpy(spoiled, p, sizeof p);
        spoiled[wt_pose_model[i].at98].y = i % 2 ? NAN : INFINITY;
        unknown(spoiled, 98, &camera);
    }
    for (int i = 0; i < 98; i++)
        spoiled[i] = (struct wt_point){100, 100};
    unknown(spoiled, 98, &camera);
    for (int i = 0; i < 98; i++) /* on a line */
        spoiled[i] = (struct wt_point){p[i].x, 2 * p[i].x + 10};
    unknown(spoiled, 98, &camera);
}

/* ---- rendered heads ------------------------------------------------------------------------ */

static bool read_row(FILE *f, int frame, int face, struct wt_point point[98])
{
    static char line[4096];
    rewind(f);
    while (fgets(line, sizeof line, f)) {
        char *p = line;
        if (strtol(p, &p, 10) != frame || *p != ',' || strtol(p + 1, &p, 10) != face)
            continue;
        for (int i = 0; i < 98; i++) {
            point[i].x = strtof(p + 1, &p);
            point[i].y = strtof(p + 1, &p);
        }
        return true;
    }
    return false;
}

/* The demo clip's turns are known at each frame, and the camera: 90 cm away, each head drawn as if
 * by a camera of its own that looks at it. The model is the mean of its two heads, so that what is
 * left is how far each differs from it and what their faces do. */
static void rendered_heads_are_turned_as_they_were_drawn(void **state)
{
    static const struct {
        int frame, face;
        double pitch, yaw, roll;
    } truth[] = {
        {11, 0, 2.87, -1.52, 4.23},     {35, 0, -4.67, -30.70, -1.46},
        {59, 0, 6.88, 13.09, -10.03},   {71, 0, -5.67, 29.60, -0.67},
        {83, 0, -5.24, 11.55, 5.57},    {95, 1, -1.27, 22.75, -7.52},
        {119, 1, 7.50, -4.34, 0.34},    {131, 1, 15.19, -25.35, 6.79},
        {143, 1, 14.80, -31.07, 10.36}, {155, 1, 0.23, -16.86, -0.47},
        {185, 1, 5.13, 19.63, -5.24},   {227, 1, 1.23, 6.39, 0.46},
    };
    const struct wt_camera_model one = {1430, 319.5, 273.1}, two = {1303, 476.3, 287.5};
    char path[1200];
    if (!shared_path("synthetic/demo_points.csv", path, sizeof path))
        skip();
    FILE *f = fopen(path, "r");
    double sum[3] = {0};
    assert_non_null(f);
    for (int i = 0; i < 12; i++) {
        struct wt_point p[98], p68[68];
        struct wt_pose got, by68;
        const struct wt_camera_model *with = truth[i].frame < 168 ? &one : &two;
        assert_true(read_row(f, truth[i].frame, truth[i].face, p));
        assert_true(wt_pose_estimate(p, 98, with, &got));
        assert_near(got.pitch, truth[i].pitch, 4, "pitch");
        assert_near(got.yaw, truth[i].yaw, 5, "yaw");
        assert_near(got.roll, truth[i].roll, 2, "roll");
        assert_near(got.z, 890, 40, "distance");
        assert_true(got.error < 0.02);
        sum[0] += fabs(got.pitch - truth[i].pitch) / 12;
        sum[1] += fabs(got.yaw - truth[i].yaw) / 12;
        sum[2] += fabs(got.roll - truth[i].roll) / 12;
        assert_int_equal(wt_points_convert(p, 98, p68, 68), WT_OK);
        assert_true(wt_pose_estimate(p68, 68, with, &by68));
        assert_near(by68.yaw, got.yaw, 1e-9, "yaw of 68 points");
        assert_near(by68.z, got.z, 1e-6, "distance of 68 points");
    }
    fclose(f);
    if (sum[0] > 2.5 || sum[1] > 2.5 || sum[2] > 1)
        fail_msg("mean errors %.2f, %.2f, %.2f degrees", sum[0], sum[1], sum[2]);
}

/* Eyes are shut in frames 185 and 221, the mouth is open in 155. */
static void rendered_eyes_and_mouths(void **state)
{
    char path[1200];
    if (!shared_path("synthetic/demo_points.csv", path, sizeof path))
        skip();
    FILE *f = fopen(path, "r");
    struct wt_point p[98];
    assert_non_null(f);
    assert_true(read_row(f, 185, 1, p));
    struct wt_opening shut = wt_opening_measure(p, 98);
    assert_true(read_row(f, 155, 1, p));
    struct wt_opening open = wt_opening_measure(p, 98);
    fclose(f);
    assert_true(shut.eye[0] < 0.1 && shut.eye[1] < 0.1);
    assert_true(open.eye[0] > 0.2 && open.eye[1] > 0.2);
    assert_true(open.mouth > 0.3 && shut.mouth < 0.2);
}

/* ---- openings ------------------------------------------------------------------------------ */

/* Left eye 30 wide, 9 and 6 high: 0.25; right eye 20 wide, 1 and 2 high: 0.075; lips 40 wide, 10,
 * 20 and 12 high: 0.35. Turned and made larger, which must not matter. */
static void make_face(struct wt_point p[68], double turn, double size)
{
    static const struct {
        int at;
        double x, y;
    } set[] = {
        {36, 0, 0},   {39, 30, 0},  {37, 10, -5}, {41, 10, 4},  {38, 20, -4},
        {40, 20, 2},  {42, 60, 0},  {45, 80, 0},  {43, 66, -1}, {47, 66, 0},
        {44, 74, -1}, {46, 74, 1},  {60, 20, 60}, {64, 60, 60}, {61, 30, 55},
        {67, 30, 65}, {62, 40, 50}, {66, 40, 70}, {63, 50, 54}, {65, 50, 66},
    };
    for (int i = 0; i < 68; i++)
        p[i] = (struct wt_point){NAN, NAN};
    for (size_t i = 0; i < sizeof set / sizeof *set; i++)
        p[set[i].at] =
            (struct wt_point){(float)(300 + size * (set[i].x * cos(turn) - set[i].y * sin(turn))),
                              (float)(200 + size * (set[i].x * sin(turn) + set[i].y * cos(turn)))};
}

static void openings_are_exact(void **state)
{
    struct wt_point p[68];
    for (int i = 0; i < 8; i++) {
        make_face(p, 0.8 * i, 0.5 + i);
        const struct wt_opening o = wt_opening_measure(p, 68);
        assert_near(o.eye[0], 0.25, 1e-4, "left eye");
        assert_near(o.eye[1], 0.075, 1e-4, "right eye");
        assert_near(o.mouth, 0.35, 1e-4, "mouth");
    }
}

static void unknown_openings(void **state)
{
    struct wt_point p[98];
    make_face(p, 0, 1);
    p[38].x = NAN; /* each by itself */
    struct wt_opening o = wt_opening_measure(p, 68);
    assert_true(isnan(o.eye[0]) && o.eye[1] > 0 && o.mouth > 0);
    p[45] = p[42];
    p[62].y = INFINITY;
    o = wt_opening_measure(p, 68);
    assert_true(isnan(o.eye[0]) && isnan(o.eye[1]) && isnan(o.mouth));
    memset(p, 0, sizeof p);
    o = wt_opening_measure(p, 29);
    assert_true(isnan(o.eye[0]) && isnan(o.eye[1]) && isnan(o.mouth));
    o = wt_opening_measure(p, 7);
    assert_true(isnan(o.eye[0]) && isnan(o.eye[1]) && isnan(o.mouth));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_heads_are_found_again),
        cmocka_unit_test(signs_are_as_stated),
        cmocka_unit_test(angles_compose_as_openface_has_them),
        cmocka_unit_test(assumed_camera),
        cmocka_unit_test(what_points_do_not_tell_is_unknown),
        cmocka_unit_test(rendered_heads_are_turned_as_they_were_drawn),
        cmocka_unit_test(rendered_eyes_and_mouths),
        cmocka_unit_test(openings_are_exact),
        cmocka_unit_test(unknown_openings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
