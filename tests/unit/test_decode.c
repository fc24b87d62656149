#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "face/decode.h"
#include "face/ellipse.h"
#include "net/hourglass.h"

#define POINTS 5
#define STRIDE 16 /* padded, as the network's maps are */

static float maps[WT_MAP_CELLS_DEFAULT * STRIDE];

/* A target of deviation 1.75 cells around crop pixel (x,y), as training draws them. */
static void gaussian(int channel, double x, double y, double height)
{
    const double cx = (x - 1.5) / 4, cy = (y - 1.5) / 4;
    for (int i = 0; i < 64; i++)
        for (int j = 0; j < 64; j++) {
            const double d = (i - cy) * (i - cy) + (j - cx) * (j - cx);
            const double v = exp(-d / (2 * 1.75 * 1.75));
            maps[(i * 64 + j) * STRIDE + channel] = (float)(v < 0.0111 ? 0 : v * height);
        }
}

static void poison(float value)
{
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
        maps[i] = value;
}

/* Mean and worst error in crop pixels over a grid of positions within a cell. */
static void measure(enum wt_decoder decoder, double *mean, double *worst)
{
    struct wt_point out[POINTS];
    float confidence[POINTS];
    int n = 0;
    *mean = *worst = 0;
    poison(NAN); /* channels beyond the points, and padding, must not matter */
    for (int i = 0; i < 8; i++) {
        for (int j = 0; j < 8; j++) {
            const double x = 101.3 + i * 0.5, y = 57.1 + j * 0.5;
            for (int c = 0; c < POINTS; c++)
                gaussian(c, x + 11 * c, y + 7 * c, 0.9);
            wt_decode(maps, 64, STRIDE, POINTS, decoder, out, confidence);
            for (int c = 0; c < POINTS; c++, n++) {
                const double e = hypot(out[c].x - x - 11 * c, out[c].y - y - 7 * c);
                *mean += e;
                *worst = fmax(*worst, e);
                assert_true(confidence[c] > 0.8 && confidence[c] <= 1);
            }
        }
    }
    *mean /= n;
}

static void sub_pixel_error_of_each_decoder(void **state)
{
    static const struct {
        enum wt_decoder decoder;
        double mean, worst;
    } limit[] = {
        /* a cell is 4 pixels; argmax alone would be off by 1.5 in the mean, 2.8 at worst */
        {WT_DECODE_CENTROID, 0.36, 0.62}, /* its window cuts the far side off: a pull inwards */
        {WT_DECODE_PUBLISHED, 1.1, 2.0},
        {WT_DECODE_DARK, 0.02, 0.05},
    };
    for (int i = 0; i < 3; i++) {
        double mean, worst;
        measure(limit[i].decoder, &mean, &worst);
        print_message("%-9s mean %.3f worst %.3f pixels\n", wt_decoder_name(limit[i].decoder), mean,
                      worst);
        assert_true(mean < limit[i].mean);
        assert_true(worst < limit[i].worst);
    }
}

static void published_rule_by_hand(void **state)
{
    struct wt_point out[1];
    poison(0);
    maps[(10 * 64 + 20) * STRIDE] = 1;
    maps[(10 * 64 + 21) * STRIDE] = 0.5f; /* to the right */
    maps[(9 * 64 + 20) * STRIDE] = 0.5f;  /* and up */
    wt_decode(maps, 64, STRIDE, 1, WT_DECODE_PUBLISHED, out, NULL);
    assert_float_equal(out[0].x, (20 + 1 + 0.25 - 0.5) * 4, 1e-5);
    assert_float_equal(out[0].y, (10 + 1 - 0.25 - 0.5) * 4, 1e-5);
    /* on the border there is no quarter step */
    poison(0);
    maps[(0 * 64 + 20) * STRIDE] = 1;
    maps[(0 * 64 + 21) * STRIDE] = 0.5f;
    wt_decode(maps, 64, STRIDE, 1, WT_DECODE_PUBLISHED, out, NULL);
    assert_float_equal(out[0].x, 20.5 * 4, 1e-5);
    assert_float_equal(out[0].y, 0.5 * 4, 1e-5);
}

static void centroid_by_hand(void **state)
{
    struct wt_point out[1];
    poison(-0.3f);                     /* negatives count as 0 */
    maps[(10 * 64 + 63) * STRIDE] = 1; /* half of the window is outside the map */
    maps[(11 * 64 + 62) * STRIDE] = 0.5f;
    wt_decode(maps, 64, STRIDE, 1, WT_DECODE_CENTROID, out, NULL);
    assert_float_equal(out[0].x, (63 * 1.0 + 62 * 0.25) / 1.25 * 4 + 1.5, 1e-4);
    assert_float_equal(out[0].y, (10 * 1.0 + 11 * 0.25) / 1.25 * 4 + 1.5, 1e-4);
}

static void finite_for_any_input(void **state)
{
    static const float junk[] = {NAN, INFINITY, -INFINITY, 0, -1, 1e30f, 1e-30f};
    struct wt_point out[POINTS];
    float confidence[POINTS];
    struct wt_ellipse ellipse[POINTS];
    for (size_t k = 0; k < sizeof(junk) / sizeof(junk[0]) + 8; k++) {
        if (k < sizeof(junk) / sizeof(junk[0]))
            poison(junk[k]);
        else
            for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
                maps[i] = junk[((size_t)rand() >> 4) % 7];
        for (int d = WT_DECODE_CENTROID; d <= WT_DECODE_DARK; d++) {
            wt_decode_with_ellipse(maps, 64, STRIDE, POINTS, (enum wt_decoder)d, out, confidence,
                                   ellipse);
            for (int c = 0; c < POINTS; c++) {
                assert_true(ellipse[c].minor >= 0 && ellipse[c].minor <= ellipse[c].major);
                assert_true(ellipse[c].major < 64 && fabsf(ellipse[c].angle) < 2);
                assert_true(isfinite(out[c].x) && out[c].x > -16 && out[c].x < 272);
                assert_true(isfinite(out[c].y) && out[c].y > -16 && out[c].y < 272);
                assert_true(confidence[c] >= 0 && confidence[c] <= 1);
            }
        }
    }
}

static void confidence_tells_good_from_bad(void **state)
{
    struct wt_point out[4];
    float confidence[4];
    poison(0);
    gaussian(0, 100, 100, 1);   /* perfect */
    gaussian(1, 100, 100, 0.3); /* low */
    gaussian(2, 60, 60, 0.8);   /* one of two peaks */
    for (int i = 0; i < 64; i++)
        for (int j = 0; j < 64; j++) {
            const double d = (i - 45) * (i - 45) + (j - 45) * (j - 45);
            maps[(i * 64 + j) * STRIDE + 2] += (float)(0.7 * exp(-d / (2 * 1.75 * 1.75)));
            maps[(i * 64 + j) * STRIDE + 3] = 0.2f; /* flat */
        }
    wt_decode(maps, 64, STRIDE, 4, WT_DECODE_CENTROID, out, confidence);
    assert_true(confidence[0] > 0.95);
    assert_true(confidence[1] < 0.35);
    assert_true(confidence[2] < 0.6);
    assert_true(confidence[3] < 0.05);
}

/* A Gaussian of known axes and angle, at any place within a cell, beside another one far away, over
 * the noise that a network leaves everywhere: its ellipse, in crop pixels. */
static void ellipse_of_a_gaussian(void **state)
{
    static const struct {
        double major, minor, angle; /* cells, degrees */
    } want[] = {{1.75, 1.75, 0}, {2.5, 1.2, 0}, {2.5, 1.2, 90}, {2.2, 1.4, 30}, {2.2, 1.4, -65}};
    for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
        struct wt_point out[1];
        struct wt_ellipse ellipse[1];
        float confidence[1];
        const double c = cos(want[k].angle * M_PI / 180), s = sin(want[k].angle * M_PI / 180);
        for (int place = 0; place < 4; place++) {
            const double cx = 20.1 + 0.3 * place, cy = 40.45 - 0.2 * place;
            poison(NAN);
            for (int i = 0; i < 64; i++)
                for (int j = 0; j < 64; j++) {
                    const double u = ((j - cx) * c + (i - cy) * s) / want[k].major;
                    const double v = ((i - cy) * c - (j - cx) * s) / want[k].minor;
                    const double d = (i - 10) * (i - 10) + (j - 50) * (j - 50);
                    maps[(i * 64 + j) * STRIDE] =
                        (float)(0.9 * exp(-0.5 * (u * u + v * v)) + 0.5 * exp(-d / 6) +
                                0.005 * ((i + j) % 3));
                }
            wt_decode_with_ellipse(maps, 64, STRIDE, 1, WT_DECODE_DARK, out, confidence, ellipse);
            assert_true(fabs(ellipse->major - 4 * want[k].major) < 0.05 * 4 * want[k].major);
            assert_true(fabs(ellipse->minor - 4 * want[k].minor) < 0.05 * 4 * want[k].minor);
            const double off = (double)ellipse->angle - want[k].angle * M_PI / 180;
            if (want[k].major > want[k].minor) /* a circle has no angle */
                assert_true(fabs(sin(off)) < 0.03);
        }
    }
}

/* Turned and scaled by the map to the frame; and what has no peak is as wide as can be. */
static void ellipses_are_mapped(void **state)
{
    const struct wt_affine map = {{0, -2, 7, 2, 0, 9}}; /* by 90 degrees, twice as large */
    const struct wt_ellipse e = {3, 1, 0.5f}, got = wt_ellipse_apply(&map, &e);
    struct wt_point out[1];
    struct wt_ellipse flat[1];
    assert_float_equal(got.major, 6, 1e-4);
    assert_float_equal(got.minor, 2, 1e-4);
    assert_true(fabs(sin((double)got.angle - 0.5 - M_PI / 2)) < 1e-4);
    poison(0);
    wt_decode_with_ellipse(maps, 64, STRIDE, 1, WT_DECODE_CENTROID, out, NULL, flat);
    assert_true(flat->major > 15 && flat->minor > 15 && flat->major < 30);
}

static void names(void **state)
{
    enum wt_decoder d = WT_DECODE_CENTROID;
    for (int i = WT_DECODE_CENTROID; i <= WT_DECODE_DARK; i++) {
        assert_true(wt_decoder_parse(wt_decoder_name((enum wt_decoder)i), &d));
        assert_int_equal(d, i);
    }
    assert_false(wt_decoder_parse("argmax", &d));
    assert_false(wt_decoder_parse(NULL, &d));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sub_pixel_error_of_each_decoder),
        cmocka_unit_test(published_rule_by_hand),
        cmocka_unit_test(centroid_by_hand),
        cmocka_unit_test(finite_for_any_input),
        cmocka_unit_test(confidence_tells_good_from_bad),
        cmocka_unit_test(ellipse_of_a_gaussian),
        cmocka_unit_test(ellipses_are_mapped),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
