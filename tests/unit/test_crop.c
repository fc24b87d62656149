#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "face/crop.h"
#include "face/square.h"

#define W 97
#define H 75

static uint8_t pixels[H][W][3];
static uint8_t crop[256][256][3];
static struct wt_image frame = {&pixels[0][0][0], W, H, W * 3, WT_PIXEL_BGR24};

static int fill(void **state)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            for (int c = 0; c < 3; c++)
                pixels[y][x][c] = (uint8_t)(x * 7 + y * 13 + c * 31 + ((x * y) >> 3));
    return 0;
}

/* What cv2.warpAffine of OpenCV 4.6 (bilinear, BORDER_REFLECT_101) answers through the reference's
 * crop_matrix: 40 samples at row 37 k, column 91 k, channel k of RGB. */
static void equals_opencv(void **state)
{
    static const struct {
        float x0, y0, x1, y1, roll;
        uint8_t sample[40];
    } cases[] = {
        {30, 20, 70, 66, 0, {122, 187, 45,  75, 219, 157, 55,  108, 209, 33,  164, 88,  37,  115,
                             99,  230, 91,  18, 138, 198, 157, 154, 197, 235, 206, 132, 232, 30,
                             151, 180, 136, 54, 203, 240, 27,  107, 49,  18,  153, 177}},
        {10, -8, 44, 30, 0.5f, {33,  126, 160, 162, 125, 216, 59, 154, 181, 17,  159, 57, 108, 182,
                                194, 136, 188, 81,  150, 237, 72, 3,   209, 192, 185, 30, 38,  202,
                                223, 52,  214, 94,  81,  33,  53, 176, 237, 202, 117, 54}},
        {60, 50, 110, 91, -0.7f, {239, 158, 33,  232, 230, 174, 110, 171, 116, 216,
                                  133, 126, 157, 72,  231, 232, 111, 122, 206, 104,
                                  198, 151, 85,  137, 213, 210, 42,  55,  57,  213,
                                  191, 107, 91,  73,  230, 226, 166, 120, 199, 39}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct wt_point p[2] = {{cases[i].x0, cases[i].y0}, {cases[i].x1, cases[i].y1}};
        const struct wt_affine map = wt_crop_points(p, 2, WT_CROP_FACTOR, cases[i].roll, 256);
        assert_int_equal(wt_crop_extract(&frame, &map, 256, &crop[0][0][0]), WT_OK);
        for (int k = 0; k < 40; k++)
            assert_int_equal(crop[37 * k % 256][91 * k % 256][k % 3], cases[i].sample[k]);
    }
}

/* A crop that shrinks: each pixel is the mean of those it stands for, also turned and over the
 * frame's edge. */
static void shrinks_by_means(void **state)
{
    enum { BIG = 900 };
    uint8_t *big = test_malloc((size_t)BIG * BIG);
    const struct wt_image image = {big, BIG, BIG, BIG, WT_PIXEL_GRAY8};
    for (int y = 0; y < BIG; y++)
        for (int x = 0; x < BIG; x++)
            big[y * BIG + x] = (uint8_t)(x * 200 / BIG + ((x + y) & 1 ? 50 : 0));
    const float sides[] = {257, 400, 520, 640, 850};
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
        for (int turned = 0; turned < 2; turned++) {
            const struct wt_affine map = wt_crop_square(450, 430, sides[i], turned ? 0.4f : 0, 128);
            const struct wt_affine back = wt_affine_invert(&map);
            assert_int_equal(wt_crop_extract(&image, &map, 128, &crop[0][0][0]), WT_OK);
            const uint8_t *out = &crop[0][0][0];
            for (int y = 0; y < 128; y++)
                for (int x = 0; x < 128; x++) {
                    const struct wt_point p =
                        wt_affine_apply(&back, (struct wt_point){(float)x, (float)y});
                    if (p.x < 8 || p.y < 8 || p.x > BIG - 9 || p.y > BIG - 9)
                        continue;
                    const float want =
                        p.x * 200 / BIG - 0.5f + 25; /* the ramp without its checks */
                    assert_float_equal(out[(y * 128 + x) * 3], want, 200 / sides[i] > 0.5f ? 9 : 6);
                }
        }
    test_free(big);
}

/* Pixels beyond the frame are its mirror image, also where the crop shrinks. */
static void shrinks_over_the_edge(void **state)
{
    enum { BIG = 600 };
    uint8_t *big = test_malloc((size_t)BIG * BIG);
    const struct wt_image image = {big, BIG, BIG, BIG, WT_PIXEL_GRAY8};
    for (int i = 0; i < BIG * BIG; i++)
        big[i] = (uint8_t)(i % BIG * 250 / BIG);
    const struct wt_affine map =
        wt_crop_square(30, 570, 512, 0, 128); /* a fourth; x from -226 on */
    assert_int_equal(wt_crop_extract(&image, &map, 128, &crop[0][0][0]), WT_OK);
    const uint8_t *out = &crop[0][0][0];
    for (int x = 0; x < 128; x++) {
        const float at = 30 + (x - 63.5f) * 4;
        assert_float_equal(out[(20 * 128 + x) * 3], fabsf(at) * 250 / BIG - 0.5f, 1.5);
        assert_int_equal(out[(20 * 128 + x) * 3], out[(120 * 128 + x) * 3]);
    }
    test_free(big);
}

static void maps_go_there_and_back(void **state)
{
    const struct wt_affine map = wt_crop_square(40, 30, 50, 0.4f, 256);
    const struct wt_affine back = wt_affine_invert(&map);
    const struct wt_point centre = wt_affine_apply(&map, (struct wt_point){40, 30});
    assert_float_equal(centre.x, 127.5, 1e-3);
    assert_float_equal(centre.y, 127.5, 1e-3);
    for (int i = 0; i < 20; i++) {
        const struct wt_point p = {(float)(i * 31 % 97), (float)(i * 17 % 75)};
        const struct wt_point q = wt_affine_apply(&back, wt_affine_apply(&map, p));
        assert_float_equal(q.x, p.x, 1e-3);
        assert_float_equal(q.y, p.y, 1e-3);
    }
}

/* A face whose eye line points to the right and down (clockwise on screen) comes out level. */
static void roll_turns_upright(void **state)
{
    const float roll = 0.3f;
    const struct wt_affine map = wt_crop_square(40, 30, 50, roll, 256);
    const struct wt_point a = wt_affine_apply(&map, (struct wt_point){40, 30});
    const struct wt_point b =
        wt_affine_apply(&map, (struct wt_point){40 + 10 * cosf(roll), 30 + 10 * sinf(roll)});
    assert_float_equal(a.y, b.y, 1e-3);
    assert_float_equal(b.x - a.x, 10 * 256 / 50.0, 1e-2);
}

/* At rest within the slack, at its end without a jump, the shorter way round. */
static void a_dragged_square_follows(void **state)
{
    const float slack = 0.05f;
    struct wt_square held = {0};
    const struct wt_square at = {40, 30, 100, 3.1f};
    wt_square_drag(&held, &at, slack);
    assert_memory_equal(&held, &at, sizeof at);
    const struct wt_square near = {43, 33, 96, 3.13f};
    wt_square_drag(&held, &near, slack);
    assert_memory_equal(&held, &at, sizeof at);
    /* 20 pixels away, 15 of them beyond the slack; larger; past half a turn by 0.1 - 0.05 */
    const struct wt_square far = {52, 46, 100, 3.2f - 6.28318531f};
    wt_square_drag(&held, &far, slack);
    assert_float_equal(held.x, 40 + 12 * 0.75, 1e-4);
    assert_float_equal(held.y, 30 + 16 * 0.75, 1e-4);
    assert_float_equal(remainderf(held.roll - 3.15f, 6.28318531f), 0, 1e-4);
    const struct wt_square large = {52, 46, 200, 3.2f};
    wt_square_drag(&held, &large, slack);
    assert_float_equal(held.side, 190, 1e-3);
    held.side = 0;
    wt_square_drag(&held, &near, slack);
    assert_memory_equal(&held, &near, sizeof near);
}

static void box_holds_the_points(void **state)
{
    const struct wt_point p[3] = {{5, 9}, {-2, 4}, {7, 30}};
    const struct wt_box b = wt_points_box(p, 3);
    assert_float_equal(b.x, -2, 0);
    assert_float_equal(b.y, 4, 0);
    assert_float_equal(b.w, 9, 0);
    assert_float_equal(b.h, 26, 0);
}

/* A smooth ramp, so that a sampler's rounding of positions stays below a grey level or two. */
static void ramp(uint8_t *out, int w, int h)
{
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            for (int c = 0; c < 3; c++)
                out[(y * w + x) * 3 + c] = (uint8_t)(20 + x + y * 2 + c * 10);
}

static double tent(double v, int n)
{
    const double period = 2.0 * (n - 1);
    v = fabs(v);
    v -= floor(v / period) * period;
    return v <= n - 1 ? v : period - v;
}

static void outside_is_mirrored_wherever_the_square_is(void **state)
{
    enum { w = 60, h = 40 };
    static uint8_t data[w * h * 3];
    const struct wt_image image = {data, w, h, w * 3, WT_PIXEL_RGB24};
    static const struct {
        float x, y, side, roll;
    } squares[] = {{30, 20, 40, 0},      {0, 0, 90, 0.2f},        {-200, 500, 30, 0},
                   {30, 20, 2000, 1},    {5000, -9000, 64, 0.5f}, {1e6f, 1e6f, 64, 0},
                   {30, 20, 60000, 0.1f}};
    ramp(data, w, h);
    for (size_t i = 0; i < sizeof(squares) / sizeof(squares[0]); i++) {
        const struct wt_affine map =
            wt_crop_square(squares[i].x, squares[i].y, squares[i].side, squares[i].roll, 256);
        assert_int_equal(wt_crop_extract(&image, &map, 256, &crop[0][0][0]), WT_OK);
        /* positions as exact as the map's own floats allow; far away that is a coarse grid */
        const double m0 = map.m[0], m1 = map.m[1], m3 = map.m[3], m4 = map.m[4];
        const double d = m0 * m4 - m1 * m3;
        for (int y = 3; y < 256; y += 23) {
            for (int x = 5; x < 256; x += 29) {
                const double u = x - map.m[2], v = y - map.m[5];
                const double sx = (m4 * u - m1 * v) / d, sy = (m0 * v - m3 * u) / d;
                const double expected = 20 + tent(sx, w) + 2 * tent(sy, h);
                assert_float_equal(crop[y][x][0], expected, 2.2);
                assert_float_equal(crop[y][x][2], expected + 20, 2.2);
            }
        }
    }
}

static void tiny_images(void **state)
{
    static const int sizes[][2] = {{1, 1}, {2, 1}, {1, 3}, {2, 2}, {1, 16384}};
    uint8_t *data = malloc(16384 * 3);
    assert_non_null(data);
    memset(data, 77, 16384 * 3);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (int format = WT_PIXEL_BGR24; format <= WT_PIXEL_GRAY8; format++) {
            const int bpp = format == WT_PIXEL_GRAY8 ? 1 : 3;
            const struct wt_image image = {data, sizes[i][0], sizes[i][1], sizes[i][0] * bpp,
                                           (enum wt_pixel)format};
            for (float side = 1; side < 1e5f; side *= 10) {
                const struct wt_affine map = wt_crop_square(0.5f, 0.5f, side, 0.1f, 256);
                memset(crop, 0, sizeof(crop));
                assert_int_equal(wt_crop_extract(&image, &map, 256, &crop[0][0][0]), WT_OK);
                for (int k = 0; k < 256; k++)
                    assert_int_equal(crop[k][255 - k][k % 3], 77);
            }
        }
    }
    free(data);
}

static void formats_agree(void **state)
{
    static uint8_t rgb[H][W][3], gray[H][W + 5], other[256][256][3];
    const struct wt_affine map = wt_crop_square(40, 30, 60, 0.2f, 256);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            for (int c = 0; c < 3; c++)
                rgb[y][x][c] = pixels[y][x][2 - c];
            gray[y][x] = pixels[y][x][1];
        }
    const struct wt_image as_rgb = {&rgb[0][0][0], W, H, W * 3, WT_PIXEL_RGB24};
    const struct wt_image as_gray = {&gray[0][0], W, H, W + 5, WT_PIXEL_GRAY8};
    assert_int_equal(wt_crop_extract(&frame, &map, 256, &crop[0][0][0]), WT_OK);
    assert_int_equal(wt_crop_extract(&as_rgb, &map, 256, &other[0][0][0]), WT_OK);
    assert_memory_equal(crop, other, sizeof(crop));
    assert_int_equal(wt_crop_extract(&as_gray, &map, 256, &other[0][0][0]), WT_OK);
    for (int k = 0; k < 256 * 256; k++)
        for (int c = 0; c < 3; c++)
            assert_int_equal(other[k / 256][k % 256][c], crop[k / 256][k % 256][1]);
}

static int lines;

static void count_line(void *user, enum wt_log_level level, const char *line)
{
    lines++;
}

static void refuses_what_cannot_be(void **state)
{
    struct wt_affine bad = wt_crop_square(40, 30, 50, 0, 256);
    struct wt_image image = frame;
    wt_set_log(count_line, NULL, WT_LOG_INFO);
    lines = 0;

    bad.m[2] = NAN;
    assert_int_equal(wt_crop_extract(&frame, &bad, 256, &crop[0][0][0]), WT_ERR_ARGUMENT);
    bad = wt_crop_square(40, 30, 0, 0, 256); /* infinite scale */
    assert_int_equal(wt_crop_extract(&frame, &bad, 256, &crop[0][0][0]), WT_ERR_ARGUMENT);
    bad = wt_crop_square(40, 30, INFINITY, 0, 256); /* scale 0: no inverse */
    assert_int_equal(wt_crop_extract(&frame, &bad, 256, &crop[0][0][0]), WT_ERR_ARGUMENT);
    image.width = 0;
    assert_int_equal(wt_image_check(&image), WT_ERR_ARGUMENT);
    image = frame;
    image.stride = W * 3 - 1;
    assert_int_equal(wt_image_check(&image), WT_ERR_ARGUMENT);
    image = frame;
    image.format = (enum wt_pixel)9;
    assert_int_equal(wt_image_check(&image), WT_ERR_ARGUMENT);
    image = frame;
    image.data = NULL;
    assert_int_equal(wt_image_check(&image), WT_ERR_ARGUMENT);
    assert_int_equal(lines, 7); /* one each */
    wt_set_log(NULL, NULL, WT_LOG_INFO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_opencv),
        cmocka_unit_test(shrinks_by_means),
        cmocka_unit_test(shrinks_over_the_edge),
        cmocka_unit_test(maps_go_there_and_back),
        cmocka_unit_test(roll_turns_upright),
        cmocka_unit_test(a_dragged_square_follows),
        cmocka_unit_test(box_holds_the_points),
        cmocka_unit_test(outside_is_mirrored_wherever_the_square_is),
        cmocka_unit_test(tiny_images),
        cmocka_unit_test(formats_agree),
        cmocka_unit_test(refuses_what_cannot_be),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}
