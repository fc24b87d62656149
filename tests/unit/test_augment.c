/* Augmentation: one map for pixels and points, mirrors that exchange sides, the numbers within what
 * was asked for, and nothing but the crop where nothing was asked for. */
#include "support.h"

#include <math.h>

#include "data/augment.h"

enum { W = 400, H = 360, N = 98 };

static uint8_t pixels[H][W][3];
static const struct wt_image picture = {&pixels[0][0][0], W, H, W * 3, WT_PIXEL_BGR24};
static struct wt_point point[N];
static uint8_t crop[256][256][3], other[256][256][3];

/* A point's colour tells which one it is. */
static void colour_of(int i, uint8_t rgb[3])
{
    rgb[0] = (uint8_t)(30 + 2 * i);
    rgb[1] = (uint8_t)(60 + (i * 53) % 190);
    rgb[2] = (uint8_t)(250 - 2 * i);
}

/* Blobs of 9x9 pixels on a grid, one for each point. */
static int setup(void **state)
{
    memset(pixels, 128, sizeof pixels);
    for (int i = 0; i < N; i++) {
        const int x = 100 + i % 10 * 20, y = 80 + i / 10 * 20;
        uint8_t rgb[3];
        colour_of(i, rgb);
        point[i] = (struct wt_point){(float)x, (float)y};
        for (int k = 0; k < 81; k++)
            for (int c = 0; c < 3; c++)
                pixels[y + k / 9 - 4][x + k % 9 - 4][c] = rgb[2 - c];
    }
    return 0;
}

/* Only the geometry of the defaults. */
static struct wt_augment geometry(void)
{
    const struct wt_augment all = wt_augment_defaults();
    struct wt_augment a = wt_augment_none();
    a.rotation = all.rotation;
    a.rotation_share = all.rotation_share;
    a.rotation_sigma = all.rotation_sigma;
    a.shift = all.shift;
    a.scale = all.scale;
    a.flip = all.flip;
    return a;
}

/* Makes the crop: each point within it has its blob's colour. Returns how many there are. */
static int points_seen(const struct wt_augment_params *params)
{
    const struct wt_scheme *scheme = wt_scheme_get(N);
    struct wt_point to[N];
    int seen = 0;
    assert_int_equal(wt_augment_apply(params, &picture, &crop[0][0][0]), WT_OK);
    wt_augment_points(params, scheme, point, to);
    for (int i = 0; i < N; i++) {
        const struct wt_point p = to[params->flip ? scheme->flip[i] : i];
        const int x = (int)lrintf(p.x), y = (int)lrintf(p.y);
        uint8_t rgb[3];
        if (x < 0 || y < 0 || x > 255 || y > 255)
            continue;
        colour_of(i, rgb);
        for (int c = 0; c < 3; c++)
            assert_true(abs(crop[y][x][c] - rgb[c]) <= 3);
        seen++;
    }
    return seen;
}

static void points_follow_the_pixels(void **state)
{
    const struct wt_augment a = geometry();
    int looked = 0, flips = 0;
    for (unsigned seed = 0; seed < 40; seed++) {
        struct wt_random r = wt_random_make(seed, 1, 2);
        const struct wt_augment_params params = wt_augment_draw(&a, point, N, &r);
        flips += params.flip;
        looked += points_seen(&params);
    }
    assert_true(looked > 3000 && flips > 10 && flips < 30);
}

/* After a mirror, what the scheme calls left is on the viewer's left again. */
static void mirrors_exchange_sides(void **state)
{
    const struct wt_scheme *scheme = wt_scheme_get(N);
    struct wt_augment a = wt_augment_none();
    struct wt_random r = wt_random_make(1, 2, 3);
    struct wt_point face[N], to[N];
    for (int i = 0; i < N; i++) /* partners mirror each other about x = 150 */
        face[i] =
            (struct wt_point){150, (float)(40 + 2 * (i < scheme->flip[i] ? i : scheme->flip[i]))};
    for (int i = 0; i < N; i++)
        if (strncmp(scheme->point_name[i], "left", 4) == 0) {
            face[i].x = 110;
            face[scheme->flip[i]].x = 190;
        }
    a.flip = 1;
    const struct wt_augment_params params = wt_augment_draw(&a, face, N, &r);
    assert_true(params.flip);
    wt_augment_points(&params, scheme, face, to);
    for (int i = 0; i < N; i++) {
        if (strncmp(scheme->point_name[i], "left", 4) == 0)
            assert_true(to[i].x < 127);
        if (strncmp(scheme->point_name[i], "right", 5) == 0)
            assert_true(to[i].x > 128);
    }
}

static void none_is_the_plain_crop(void **state)
{
    const struct wt_augment a = wt_augment_none();
    const struct wt_affine map = wt_crop_points(point, N, WT_CROP_FACTOR, 0, 256);
    struct wt_random r = wt_random_make(9, 9, 9);
    const struct wt_augment_params params = wt_augment_draw(&a, point, N, &r);
    assert_int_equal(wt_augment_apply(&params, &picture, &crop[0][0][0]), WT_OK);
    assert_int_equal(wt_crop_extract(&picture, &map, 256, &other[0][0][0]), WT_OK);
    assert_memory_equal(crop, other, sizeof crop);
}

static void same_numbers_same_face(void **state)
{
    const struct wt_augment a = wt_augment_defaults();
    int differ = 0;
    for (unsigned sample = 0; sample < 60; sample++) {
        struct wt_random r1 = wt_random_make(5, 6, sample), r2 = wt_random_make(5, 6, sample);
        struct wt_random r3 = wt_random_make(5, 7, sample);
        const struct wt_augment_params l1 = wt_augment_draw(&a, point, N, &r1);
        const struct wt_augment_params l2 = wt_augment_draw(&a, point, N, &r2);
        const struct wt_augment_params l3 = wt_augment_draw(&a, point, N, &r3);
        assert_int_equal(wt_augment_apply(&l1, &picture, &crop[0][0][0]), WT_OK);
        assert_int_equal(wt_augment_apply(&l2, &picture, &other[0][0][0]), WT_OK);
        assert_memory_equal(crop, other, sizeof crop);
        assert_int_equal(wt_augment_apply(&l3, &picture, &other[0][0][0]), WT_OK);
        differ += memcmp(crop, other, sizeof crop) != 0;
    }
    assert_int_equal(differ, 60);
}

/* As in the next frame: moved and lit a little otherwise about the same middle, noise and JPEG of
 * its own, the same in all else; points follow the pixels. */
static void a_second_view_is_nearly_the_first(void **state)
{
    enum { LOTS = 400 };
    struct wt_augment a = wt_augment_defaults();
    double turn = 0, size = 0, shift = 0;
    int other_noise = 0, other_jpeg = 0, looked = 0;
    for (unsigned seed = 0; seed < LOTS; seed++) {
        struct wt_random r = wt_random_make(seed, 3, 4);
        const struct wt_augment_params first = wt_augment_draw(&a, point, N, &r);
        const struct wt_augment_params again = wt_augment_again(&a, &first, &r);
        const struct wt_affine back = wt_affine_invert(&first.map);
        const struct wt_point o = wt_affine_apply(&back, (struct wt_point){127.5f, 127.5f});
        const struct wt_point right = wt_affine_apply(&back, (struct wt_point){227.5f, 127.5f});
        const struct wt_point c = wt_affine_apply(&again.map, o);
        const struct wt_point d = wt_affine_apply(&again.map, right);
        turn += pow(atan2(d.y - c.y, d.x - c.x) * 180 / 3.14159265, 2) / LOTS;
        size += pow(log(hypot(d.x - c.x, d.y - c.y) / 100), 2) / LOTS;
        shift += (pow(c.x - 127.5, 2) + pow(c.y - 127.5, 2)) / (2 * LOTS);
        assert_true(again.flip == first.flip && again.border == first.border &&
                    again.grey == first.grey && again.blur == first.blur &&
                    again.low == first.low && again.x == first.x && again.w == first.w &&
                    again.size == first.size);
        assert_memory_not_equal(&again.pixels, &first.pixels, sizeof again.pixels);
        other_noise += (again.noise > 0) != (first.noise > 0);
        other_jpeg += (again.jpeg > 0) != (first.jpeg > 0);
        for (int i = 0; i < 256; i++)
            assert_true(abs(again.lut[1][i] - (first.light ? first.lut[1][i] : i)) <= 13);
    }
    assert_true(sqrt(turn) > 0.9 && sqrt(turn) < 1.1);
    assert_true(sqrt(size) > 0.0108 && sqrt(size) < 0.0132);
    assert_true(sqrt(shift) > 1.4 && sqrt(shift) < 1.6);
    assert_true(other_noise > 100 && other_jpeg > 80);

    a = geometry();
    a.pair_rotation = 5;
    a.pair_scale = 0.1;
    a.pair_shift = 10;
    for (unsigned seed = 0; seed < 10; seed++) {
        struct wt_random r = wt_random_make(seed, 5, 6);
        const struct wt_augment_params first = wt_augment_draw(&a, point, N, &r);
        const struct wt_augment_params again = wt_augment_again(&a, &first, &r);
        looked += points_seen(&again);
    }
    assert_true(looked > 700);
}

/* Shares and ranges over many lots. */
static void numbers_are_as_asked(void **state)
{
    enum { LOTS = 4000 };
    const struct wt_augment a = wt_augment_defaults();
    const double side = 0.5 * (180 + 180) * (double)a.crop_factor;
    double share[9] = {0}, scale_low = 9, scale_high = 0, most = 0, shift = 0;
    for (unsigned i = 0; i < LOTS; i++) {
        struct wt_random r = wt_random_make(1, 1, i);
        const struct wt_augment_params l = wt_augment_draw(&a, point, N, &r);
        const float *m = l.map.m;
        const double grow = hypot((double)m[0], (double)m[3]) * side / 256;
        const double angle =
            atan2((double)m[3], (double)(l.flip ? -m[0] : m[0])) * 180 / 3.14159265;
        const struct wt_point middle = wt_affine_apply(&l.map, (struct wt_point){190, 170});
        share[0] += l.flip;
        share[1] += l.blur > 0;
        share[2] += l.low > 0;
        share[3] += l.noise > 0;
        share[4] += l.w > 0;
        share[5] += l.jpeg > 0;
        share[6] += l.grey;
        share[7] += l.border == WT_BORDER_CONSTANT;
        share[8] += l.border == WT_BORDER_REPLICATE;
        scale_low = fmin(scale_low, 1 / grow);
        scale_high = fmax(scale_high, 1 / grow);
        most = fmax(most, fabs(angle));
        shift = fmax(shift, fmax(fabs((double)middle.x - 127.5), fabs((double)middle.y - 127.5)));
        assert_true(l.blur == 0 || (l.blur >= 0.5f && l.blur <= 3));
        assert_true(l.low == 0 || (l.low >= 40 && l.low <= 128));
        assert_true(l.noise == 0 || (l.noise >= 2 && l.noise <= 15));
        assert_true(l.jpeg == 0 || (l.jpeg >= 20 && l.jpeg <= 70));
        assert_true(l.w == 0 || (l.x >= 0 && l.y >= 0 && l.x + l.w <= 256 && l.y + l.h <= 256));
        assert_true(l.w <= 110 && l.h <= 110);
    }
    const double want[9] = {0.5,
                            a.blur,
                            a.low,
                            a.noise,
                            a.occlusion,
                            a.jpeg,
                            a.grey,
                            a.border_constant,
                            a.border_replicate};
    for (int k = 0; k < 9; k++)
        assert_true(fabs(share[k] / LOTS - want[k]) < 0.03);
    assert_true(scale_low > 0.849 && scale_low < 0.86 && scale_high < 1.151 && scale_high > 1.14);
    assert_true(most <= 50.01 && most > 49);
    assert_true(shift <= 25.01 && shift > 24.5);
}

/* What each step does to the pixels. */
static void steps_do_what_they_say(void **state)
{
    const struct wt_augment a = wt_augment_none();
    struct wt_random r = wt_random_make(2, 2, 2);
    const struct wt_augment_params plain = wt_augment_draw(&a, point, N, &r);
    struct wt_augment_params params = plain;
    assert_int_equal(wt_augment_apply(&plain, &picture, &other[0][0][0]), WT_OK);

    params.noise = 10;
    double sum = 0, sum2 = 0;
    assert_int_equal(wt_augment_apply(&params, &picture, &crop[0][0][0]), WT_OK);
    for (int i = 0; i < WT_CROP_BYTES(256); i++) {
        const double d = (&crop[0][0][0])[i] - (&other[0][0][0])[i];
        sum += d;
        sum2 += d * d;
    }
    assert_true(fabs(sum / WT_CROP_BYTES(256)) < 0.2);
    assert_true(fabs(sqrt(sum2 / WT_CROP_BYTES(256)) - 10) < 0.4);

    params = plain;
    params.x = 200, params.y = 10, params.w = 30, params.h = 40, params.confetti = false;
    params.colour[0] = 1, params.colour[1] = 2, params.colour[2] = 3;
    assert_int_equal(wt_augment_apply(&params, &picture, &crop[0][0][0]), WT_OK);
    for (int y = 0; y < 256; y++)
        for (int x = 0; x < 256; x++) {
            const bool in = x >= 200 && x < 230 && y >= 10 && y < 50;
            for (int c = 0; c < 3; c++)
                assert_int_equal(crop[y][x][c], in ? c + 1 : other[y][x][c]);
        }

    params = plain;
    params.grey = true;
    assert_int_equal(wt_augment_apply(&params, &picture, &crop[0][0][0]), WT_OK);
    for (int i = 0; i < WT_CROP_BYTES(256); i += 3) {
        const uint8_t *g = &crop[0][0][0] + i, *p = &other[0][0][0] + i;
        assert_true(g[0] == g[1] && g[1] == g[2]);
        assert_true(fabs(0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2] - g[0]) < 1.5);
    }

    /* Blur, low resolution and JPEG change little on average, and something in detail. */
    for (int k = 0; k < 3; k++) {
        double mean = 0, absolute = 0;
        params = plain;
        params.blur = k == 0 ? 3 : 0;
        params.low = k == 1 ? 40 : 0;
        params.jpeg = k == 2 ? 20 : 0;
        assert_int_equal(wt_augment_apply(&params, &picture, &crop[0][0][0]), WT_OK);
        for (int i = 0; i < WT_CROP_BYTES(256); i++) {
            const double d = (&crop[0][0][0])[i] - (&other[0][0][0])[i];
            mean += d / WT_CROP_BYTES(256);
            absolute += fabs(d) / WT_CROP_BYTES(256);
        }
        assert_true(fabs(mean) < 1 && absolute > 1 && absolute < 30);
    }
}

/* Beyond the picture: by OpenCV and by the plain sampler, which takes over far outside. */
static void borders(void **state)
{
    static const uint8_t fill[3] = {11, 22, 33};
    for (int far = 0; far < 2; far++) {
        const struct wt_affine map =
            far ? wt_crop_square(-9000, -9000, 300, 0, 256) : wt_crop_square(0, 0, 300, 0, 256);
        assert_int_equal(
            wt_crop_extract_border(&picture, &map, WT_BORDER_CONSTANT, fill, 256, &crop[0][0][0]),
            WT_OK);
        for (int c = 0; c < 3; c++) {
            assert_int_equal(crop[5][5][c], fill[c]);
            assert_int_equal(crop[250][250][c], far ? fill[c] : crop[250][250][c]);
        }
        pixels[0][0][0] = 7; /* the corner, blue */
        assert_int_equal(
            wt_crop_extract_border(&picture, &map, WT_BORDER_REPLICATE, NULL, 256, &crop[0][0][0]),
            WT_OK);
        assert_int_equal(crop[5][5][2], 7);
        assert_int_equal(crop[5][5][0], 128);
        pixels[0][0][0] = 128;
    }
}

/* Points that are not known do not count for the crop. */
static void unknown_points(void **state)
{
    struct wt_point some[N];
    const struct wt_augment a = wt_augment_none();
    memcpy(some, point, sizeof some);
    for (int i = 40; i < N; i++)
        some[i] = (struct wt_point){NAN, NAN};
    struct wt_random r = wt_random_make(1, 2, 3);
    const struct wt_augment_params params = wt_augment_draw(&a, some, N, &r);
    const struct wt_affine want = wt_crop_points(point, 40, WT_CROP_FACTOR, 0, 256);
    for (int i = 0; i < 6; i++)
        assert_float_equal(params.map.m[i], want.m[i], 1e-4);
    struct wt_point to[N];
    wt_augment_points(&params, wt_scheme_get(N), some, to);
    assert_true(isnan(to[50].x) && !isnan(to[0].x));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_follow_the_pixels),
        cmocka_unit_test(mirrors_exchange_sides),
        cmocka_unit_test(none_is_the_plain_crop),
        cmocka_unit_test(same_numbers_same_face),
        cmocka_unit_test(numbers_are_as_asked),
        cmocka_unit_test(a_second_view_is_nearly_the_first),
        cmocka_unit_test(steps_do_what_they_say),
        cmocka_unit_test(borders),
        cmocka_unit_test(unknown_points),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
