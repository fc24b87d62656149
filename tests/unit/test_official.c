/* The published WFLW crop against numbers worked out by hand from the published rules. */
#include "support.h"

#include <math.h>

#include "measure/official.h"

static void near_to(double got, double want)
{
    if (!(fabs(got - want) < 1e-3))
        fail_msg("%.9g, wanted %.9g", got, want);
}

static struct wt_official find(struct wt_box box, const struct wt_point *point, int n)
{
    struct wt_official o;
    assert_int_equal(wt_official_find(&o, &box, point, n, 256), WT_OK);
    return o;
}

/* 100 x 140 grows by int(2.5) and int(3.5) a side to 98..202 x 117..263: sides 104 + 146 = 250, so
 * the square is 200 around (150,190). 450 / 200 = 2.25. */
static void test_plain(void **state)
{
    const struct wt_point p[] = {{150, 190}, {80, 110}, {220, 260}};
    struct wt_official o = find((struct wt_box){100, 120, 100, 140}, p, 3);
    assert_int_equal(o.left, 50);
    assert_int_equal(o.top, 90);
    assert_int_equal(o.width, 200);
    assert_int_equal(o.height, 200);
    assert_int_equal(o.enlarged, 0);
    assert_int_equal(o.inner,
                     450); /* 30 * 2.25 = 67.5 of 450 is 16 of 256, but 20 * 2.25 = 45: 0 */
    o = find((struct wt_box){100, 120, 100, 140}, p, 1);
    assert_int_equal(o.inner, 360);
    struct wt_point q = wt_affine_apply(&o.map, p[0]); /* (225 - 45) * 256 / 360 */
    near_to(q.x, 128);
    near_to(q.y, 128);
    q = wt_affine_apply(&o.map, (struct wt_point){70, 110}); /* 20 pixels are 45 of 450: the edge */
    near_to(q.x, 0);
    near_to(q.y, 0);
}

/* 54 is 4 pixels in: 9 of 450, below 10. With 240 the side is 208.33, half of it floors to 104; the
 * square begins at 46, and 8 * 450 / 208.33 = 17.28. 17.28 * 256 / 450 = 9.8304. */
static void test_enlarged(void **state)
{
    const struct wt_point p[] = {{150, 190}, {54, 190}};
    struct wt_official o = find((struct wt_box){100, 120, 100, 140}, p, 2);
    assert_int_equal(o.enlarged, 1);
    assert_int_equal(o.left, 46);
    assert_int_equal(o.width, 208);
    assert_int_equal(o.inner, 450);
    near_to(wt_affine_apply(&o.map, p[1]).x, 9.8304);
    /* 45 is 5 pixels in front of the square: 240 gives -2.16, 230 (217.39; 108; from 42) 6.21, 220
     * (227.27; 113; from 37) 15.84. */
    const struct wt_point further[] = {{45, 190}};
    o = find((struct wt_box){100, 120, 100, 140}, further, 1);
    assert_int_equal(o.enlarged, 3);
    assert_int_equal(o.left, 37);
    assert_int_equal(o.top, 77);
}

/* Left and top of the padded box stay in the picture, and positions are cut towards zero: box 1..60
 * grows by int(1.475) = 1 to 0..61, 2..81 by int(1.975) = 1 to 1..82. Sides 61 + 81 = 142, side
 * 113.6, half 56; centre (30.5,41.5): from int(-25.5) = -25 to int(86.5) = 86, and from
 * int(-14.5) = -14 to int(97.5) = 97. */
static void test_at_the_border(void **state)
{
    const struct wt_point p[] = {{30, 40}};
    struct wt_official o = find((struct wt_box){1, 2, 59, 79}, p, 1);
    assert_int_equal(o.left, -25);
    assert_int_equal(o.top, -14);
    assert_int_equal(o.width, 111);
    assert_int_equal(o.height, 111);
    near_to(wt_affine_apply(&o.map, p[0]).x, (55 * 450 / 113.6 - 45) * 256 / 360);
    o = find((struct wt_box){0.9f, -3, 59.5f, 80}, p, 1); /* 0..60, -3..77 */
    assert_int_equal(o.left, (int)(30.5 - 56));           /* 0..61 and 0..79: sides 140, side 112 */
    assert_int_equal(o.top, (int)(39.5 - 56));
}

/* Points that are not known ask for nothing. */
static void test_unknown(void **state)
{
    const struct wt_point p[] = {{150, 190}, {NAN, NAN}}, none[] = {{NAN, NAN}};
    assert_int_equal(find((struct wt_box){100, 120, 100, 140}, p, 2).inner, 360);
    assert_int_equal(find((struct wt_box){100, 120, 100, 140}, none, 1).enlarged, 0);
}

static void test_nowhere(void **state)
{
    const struct wt_point far[] = {{1e5f, 0}}, near[] = {{1, 1}};
    const struct wt_box box = {100, 120, 100, 140}, small = {5.2f, 5.2f, 0.3f, 0.3f};
    struct wt_official o;
    assert_int_equal(wt_official_find(&o, &box, far, 1, 256), WT_ERR_FORMAT);
    assert_int_equal(wt_official_find(&o, &small, near, 1, 256),
                     WT_ERR_FORMAT); /* empty when cut */
}

/* A picture of one grey, or in colour, that fills a part of the square. */
static void test_pixels(void **state)
{
    static uint8_t pixels[100 * 100 * 3], rgb[256][256][3];
    const struct wt_official whole = {-100, -100, 300, 300, 450, 0, {{0}}, 256};
    for (int i = 0; i < 100 * 100; i++) {
        pixels[3 * i] = 10;
        pixels[3 * i + 1] = 20;
        pixels[3 * i + 2] = 30;
    }
    struct wt_image image = {pixels, 100, 100, 300, WT_PIXEL_BGR24};
    assert_int_equal(wt_official_extract(&image, &whole, &rgb[0][0][0]), WT_OK);
    static const uint8_t colour[3] = {30, 20, 10}, black[3] = {0, 0, 0};
    assert_memory_equal(rgb[128][128], colour, 3); /* the middle third */
    assert_memory_equal(rgb[128][82], black, 3);
    assert_memory_equal(rgb[128][89], colour, 3);
    assert_memory_equal(rgb[173][128], black, 3);
    image.format = WT_PIXEL_RGB24;
    assert_int_equal(wt_official_extract(&image, &whole, &rgb[0][0][0]), WT_OK);
    assert_int_equal(rgb[128][128][0], 10);
    image.format = WT_PIXEL_GRAY8;
    memset(pixels, 77, sizeof pixels);
    assert_int_equal(wt_official_extract(&image, &whole, &rgb[0][0][0]), WT_OK);
    assert_int_equal(rgb[128][128][2], 77);
    /* The inner 360 of 450 of a square of 100 is its middle 80. */
    const struct wt_official inner = {0, 0, 100, 100, 360, 0, {{0}}, 256};
    for (int i = 0; i < 100 * 100; i++)
        pixels[i] = (uint8_t)(i % 100);
    assert_int_equal(wt_official_extract(&image, &inner, &rgb[0][0][0]), WT_OK);
    assert_in_range(rgb[9][0][0], 9, 10);
    assert_in_range(rgb[9][255][0], 89, 90);
    const struct wt_official huge = {0, 0, 20000, 20000, 360, 0, {{0}}, 256};
    struct log_capture log;
    log_capture_start(&log);
    assert_int_equal(wt_official_extract(&image, &huge, &rgb[0][0][0]), WT_ERR_ARGUMENT);
    assert_int_equal(log.errors, 1);
}

/* The box's own square: centre (150,190), side 1.344 * 120 = 161.28. */
static void test_box(void **state)
{
    const struct wt_box box = {100, 120, 100, 140};
    struct wt_affine map = wt_crop_box(&box, (float)WT_BOX_FACTOR, 256);
    near_to(wt_affine_apply(&map, (struct wt_point){150, 190}).x, 127.5);
    near_to(wt_affine_apply(&map, (struct wt_point){150 - 161.28f / 2, 190}).x, -0.5);
    near_to(wt_affine_apply(&map, (struct wt_point){150, 190 + 161.28f / 2}).y, 255.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),         cmocka_unit_test(test_enlarged),
        cmocka_unit_test(test_at_the_border), cmocka_unit_test(test_nowhere),
        cmocka_unit_test(test_unknown),       cmocka_unit_test(test_pixels),
        cmocka_unit_test(test_box),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
