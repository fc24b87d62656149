/* Perturbations: their words, what they draw, and what becomes of pixels. Yaw from points. */
#include "support.h"

#include <math.h>

#include "data/mean_face.h"
#include "face/pose.h"
#include "measure/perturb.h"

static struct wt_point point[98];
static struct wt_sample sample = {.name = "a.jpg", .line = 3, .points = 98, .point = point};

/* The mean face lies in a crop of its own; pictures are crops here. */
static int reset(void **state)
{
    memcpy(point, wt_mean_face, sizeof point);
    return 0;
}

static const struct wt_affine same = {{1, 0, 0, 0, 1, 0}};

static struct wt_augment_params draw(enum wt_perturb_kind kind, double value, uint64_t seed,
                                     struct wt_affine *map)
{
    struct wt_perturb p = {.seed = seed};
    p.value[kind] = value;
    *map = same;
    return wt_perturb_draw(&p, &sample, 256, map);
}

static void test_parse(void **state)
{
    struct wt_perturb_step step[4];
    struct wt_perturb p = {.seed = 7};
    char text[64];
    int n;
    assert_int_equal(wt_perturb_parse("--x", "blur=1.5:2,jpeg=10", step, 4, &n), WT_OK);
    assert_int_equal(n, 3);
    assert_true(step[0].kind == WT_PERTURB_BLUR && step[0].value == 1.5);
    assert_true(step[1].kind == WT_PERTURB_BLUR && step[1].value == 2);
    assert_true(step[2].kind == WT_PERTURB_JPEG && step[2].value == 10);
    p.value[WT_PERTURB_NOISE] = 10;
    p.value[WT_PERTURB_BLUR] = 2;
    wt_perturb_describe(&p, text, sizeof text);
    assert_string_equal(text, "blur=2, noise=10 (seed 7)");
}

static void test_parse_refused(void **state)
{
    static const char *const cases[][2] = {
        {"", "\"\" is not KIND=VALUE"},
        {"blurr=2", "\"blurr=2\" is not KIND=VALUE"},
        {"blur", "\"blur\" is not KIND=VALUE"},
        {"blur:2", "\"blur:2\" is not KIND=VALUE"},
        {"blur=2,", "\"\" is not KIND=VALUE"},
        {"blur=", "blur=: not a number"},
        {"blur=2x", "blur=2x: not a number"},
        {"blur=1::2", "blur=: not a number"},
        {"blur=nan", "blur=nan is out of range"},
        {"jpeg=0", "jpeg=0 is out of range (1 to 100)"},
        {"dark=1.1", "dark=1.1 is out of range (0.01 to 1)"},
        {"blur=1:2:3:4:5", "more than 4 values"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wt_perturb_step step[4];
        struct log_capture log;
        int n;
        log_capture_start(&log);
        if (wt_perturb_parse("--sweep", cases[i][0], step, 4, &n) != WT_ERR_ARGUMENT ||
            log.lines != 1 || strncmp(log.last, "--sweep: ", 9) != 0 ||
            !strstr(log.last, cases[i][1]))
            fail_msg("%s: \"%s\"", cases[i][0], log.last);
    }
}

static void test_light(void **state)
{
    struct wt_affine map;
    struct wt_perturb both = {.value = {[WT_PERTURB_DARK] = 0.5, [WT_PERTURB_GAMMA] = 2}};
    struct wt_augment_params params = draw(WT_PERTURB_DARK, 0.25, 0, &map);
    assert_true(params.light && params.lut[0][255] == 64 && params.lut[1][100] == 25 &&
                params.lut[2][0] == 0);
    params = draw(WT_PERTURB_GAMMA, 2, 0, &map);
    assert_true(params.light && params.lut[0][255] == 255 && params.lut[1][128] == 64);
    map = same;
    params = wt_perturb_draw(&both, &sample, 256, &map);
    assert_true(params.lut[0][255] == 128 && params.lut[0][128] == 32);
    params = draw(WT_PERTURB_BLUR, 2, 0, &map);
    assert_true(!params.light && params.blur == 2 && !params.low && params.noise == 0 &&
                !params.w && !params.jpeg);
    assert_memory_equal(&map, &same, sizeof map);
}

/* The square covers the point in whose middle it would be, and stays within the crop. */
static void test_occlusion(void **state)
{
    struct wt_affine map;
    int places[98] = {0}, colours = 0;
    for (int seed = 0; seed < 400; seed++) {
        struct wt_augment_params params = draw(WT_PERTURB_OCCLUSION, 30, (uint64_t)seed, &map);
        int hit = -1;
        assert_true(params.w == 30 && params.h == 30 && !params.confetti);
        assert_true(params.x >= 0 && params.y >= 0 && params.x <= 226 && params.y <= 226);
        for (int i = 0; i < 98; i++)
            if (params.x == (int)(point[i].x - 15) && params.y == (int)(point[i].y - 15))
                hit = i;
        assert_true(hit >= 0);
        places[hit] = 1;
        colours += params.colour[0] > 127;
    }
    int n = 0;
    for (int i = 0; i < 98; i++)
        n += places[i];
    assert_true(n > 70 && colours > 150 && colours < 250);
    for (int i = 0; i < 98; i++) /* only one point is known, in the crop's corner */
        point[i] = i == 5 ? (struct wt_point){2, 255} : (struct wt_point){NAN, NAN};
    struct wt_augment_params params = draw(WT_PERTURB_OCCLUSION, 30, 0, &map);
    assert_true(params.x == 0 && params.y == 226);
}

/* The crop turns around its middle, by the angle, either way. */
static void test_rotation(void **state)
{
    int left = 0;
    for (int seed = 0; seed < 100; seed++) {
        struct wt_affine map;
        draw(WT_PERTURB_ROTATION, 90, (uint64_t)seed, &map);
        struct wt_point middle = wt_affine_apply(&map, (struct wt_point){127.5f, 127.5f});
        struct wt_point right = wt_affine_apply(&map, (struct wt_point){227.5f, 127.5f});
        assert_true(fabsf(middle.x - 127.5f) < 1e-3f && fabsf(middle.y - 127.5f) < 1e-3f);
        assert_true(fabsf(right.x - 127.5f) < 1e-3f);
        assert_true(fabsf(fabsf(right.y - 127.5f) - 100) < 1e-3f);
        left += right.y < 127.5f;
    }
    assert_true(left > 30 && left < 70);
}

/* What is random hangs on seed, name and line only; the pixels come out the same. */
static void test_repeats(void **state)
{
    static uint8_t a[WT_CROP_BYTES(256)], b[WT_CROP_BYTES(256)];
    struct wt_affine map;
    static const struct {
        const char *name;
        int line, seed;
        bool same;
    } cases[] = {{"a.jpg", 3, 1, true},
                 {"b.jpg", 3, 1, false},
                 {"a.jpg", 4, 1, false},
                 {"a.jpg", 3, 2, false}};
    memset(a, 128, sizeof a);
    struct wt_augment_params params = draw(WT_PERTURB_NOISE, 10, 1, &map);
    assert_int_equal(wt_augment_pixels(&params, a), WT_OK);
    double square = 0;
    for (int i = 0; i < WT_CROP_BYTES(256); i++)
        square += ((double)a[i] - 128) * ((double)a[i] - 128);
    assert_true(fabs(sqrt(square / WT_CROP_BYTES(256)) - 10) < 0.1);
    for (size_t i = 0; i < 4; i++) {
        memset(b, 128, sizeof b);
        sample.name = cases[i].name;
        sample.line = cases[i].line;
        params = draw(WT_PERTURB_NOISE, 10, (uint64_t)cases[i].seed, &map);
        assert_int_equal(wt_augment_pixels(&params, b), WT_OK);
        assert_true((memcmp(a, b, sizeof a) == 0) == cases[i].same);
    }
    sample.name = "a.jpg";
    sample.line = 3;
}

/* Every strength of the ready-made study changes pixels, and the stronger one more. */
static void test_steps(void **state)
{
    static uint8_t before[WT_CROP_BYTES(256)], after[WT_CROP_BYTES(256)];
    for (int i = 0; i < WT_CROP_BYTES(256); i++)
        before[i] = (uint8_t)(127 + 90 * sin(i / 3 % 256 * 0.4) * cos(i / 768 * 0.2));
    for (int kind = 0; kind < WT_PERTURB_KINDS; kind++) {
        double least = 0;
        for (int i = 0; i < 3 && kind != WT_PERTURB_ROTATION; i++) {
            struct wt_affine map;
            double difference = 0;
            const double value = wt_perturb_info[kind].step[i];
            assert_true(value >= wt_perturb_info[kind].min && value <= wt_perturb_info[kind].max);
            struct wt_augment_params params = draw((enum wt_perturb_kind)kind, value, 5, &map);
            memcpy(after, before, sizeof after);
            assert_int_equal(wt_augment_pixels(&params, after), WT_OK);
            for (int k = 0; k < WT_CROP_BYTES(256); k++)
                difference += fabs((double)after[k] - (double)before[k]);
            if (!(difference > least))
                fail_msg("%s=%g: %g, before %g", wt_perturb_info[kind].name, value, difference,
                         least);
            least = difference;
        }
    }
}

/* A head of three points: corners 100 apart, the nose's tip 54 before them, turned and seen from
 * afar. Roll, size and place do not matter. */
static void test_yaw(void **state)
{
    for (int degrees = -80; degrees <= 80; degrees += 10) {
        const double a = degrees * M_PI / 180, roll = degrees * 0.01;
        struct wt_point p[98];
        memset(p, 0, sizeof p);
        const double x[3] = {-50 * cos(a), 50 * cos(a), 54 * sin(a)}, y[3] = {0, 0, 40};
        const int index[3] = {60, 72, 54};
        for (int i = 0; i < 3; i++)
            p[index[i]] =
                (struct wt_point){(float)(300 + 2 * (x[i] * cos(roll) - y[i] * sin(roll))),
                                  (float)(100 + 2 * (x[i] * sin(roll) + y[i] * cos(roll)))};
        if (fabs(wt_yaw(p, 98) - abs(degrees)) > 0.01)
            fail_msg("%d degrees: %g", degrees, wt_yaw(p, 98));
        struct wt_point p68[68];
        assert_int_equal(wt_points_convert(p, 98, p68, 68), WT_OK);
        assert_true(fabs(wt_yaw(p68, 68) - abs(degrees)) < 0.01);
    }
    assert_true(wt_yaw(wt_mean_face, 98) < 0.5);
    struct wt_point p[98] = {{0, 0}};
    assert_true(isnan(wt_yaw(p, 98)));
    assert_true(isnan(wt_yaw(p, 19)) && isnan(wt_yaw(p, 7)));
    memcpy(p, wt_mean_face, sizeof p);
    p[54].x = NAN;
    assert_true(isnan(wt_yaw(p, 98)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_parse, reset),
        cmocka_unit_test_setup(test_parse_refused, reset),
        cmocka_unit_test_setup(test_light, reset),
        cmocka_unit_test_setup(test_occlusion, reset),
        cmocka_unit_test_setup(test_rotation, reset),
        cmocka_unit_test_setup(test_repeats, reset),
        cmocka_unit_test_setup(test_steps, reset),
        cmocka_unit_test_setup(test_yaw, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
