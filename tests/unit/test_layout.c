/* Geometry of the window: where the frame lies, smooth curves and ribbons; rates; the key table. */
#include "support.h"

#include <math.h>

#include "base/rate.h"
#include "draw/contour.h"
#include "draw/layout.h"
#include "face/scheme.h"
#include "window/keys.h"

static void check_fit(int ww, int wh, int fw, int fh, float left, float top, float right,
                      float bottom)
{
    struct wt_layout l = wt_layout_fit(ww, wh, fw, fh, false);
    assert_float_equal(l.left, left, 1e-3);
    assert_float_equal(l.top, top, 1e-3);
    assert_float_equal(l.right, right, 1e-3);
    assert_float_equal(l.bottom, bottom, 1e-3);
}

static void test_fit(void **state)
{
    check_fit(640, 480, 640, 480, 0, 0, 640, 480);
    check_fit(1280, 480, 640, 480, 320, 0, 960, 480);
    check_fit(640, 960, 640, 480, 0, 240, 640, 720);
    check_fit(100, 100, 1920, 1080, 0, 22, 100, 78);
    check_fit(1, 1, 16384, 1, 0, 0, 1, 1);
}

/* The middle of the first and last pixels lies half an enlarged pixel inside the edges. */
static void test_points(void **state)
{
    struct wt_layout l = wt_layout_fit(1280, 960, 640, 480, false);
    struct wt_point p = wt_layout_point(&l, (struct wt_point){0, 0});
    assert_float_equal(p.x, 1.0, 1e-4);
    assert_float_equal(p.y, 1.0, 1e-4);
    p = wt_layout_point(&l, (struct wt_point){639, 479});
    assert_float_equal(p.x, 1279.0, 1e-3);
    assert_float_equal(p.y, 959.0, 1e-3);
    l.mirror = true;
    p = wt_layout_point(&l, (struct wt_point){0, 0});
    assert_float_equal(p.x, 1279.0, 1e-3);
    assert_float_equal(p.y, 1.0, 1e-4);
}

static float nearest(const struct wt_point *p, int n, struct wt_point to)
{
    float best = INFINITY;
    for (int i = 0; i < n; i++)
        best = fminf(best, hypotf(p[i].x - to.x, p[i].y - to.y));
    return best;
}

/* Through all points, evenly, and no further from an arc than its points allow. */
static void test_smooth(void **state)
{
    struct wt_point knots[9], out[256];
    for (int i = 0; i < 9; i++)
        knots[i] = (struct wt_point){100 * cosf(i * 0.3f), 100 * sinf(i * 0.3f)};
    int n = wt_contour_smooth(knots, 9, 3.0f, out, 256);
    assert_in_range(n, 60, 120);
    for (int i = 0; i < 9; i++)
        assert_true(nearest(out, n, knots[i]) < 1.0f);
    for (int i = 0; i < n; i++) {
        assert_float_equal(hypotf(out[i].x, out[i].y), 100.0, 1.0);
        if (i)
            assert_true(hypotf(out[i].x - out[i - 1].x, out[i].y - out[i - 1].y) < 4.0f);
    }
    assert_int_equal(wt_contour_smooth(knots, 9, 3.0f, out, 10), 10);
    assert_int_equal(wt_contour_smooth(knots, 0, 3.0f, out, 256), 0);
}

/* Every line of every scheme is whole on a face that fills the largest screen, its last point
 * included, and all of them have room together. */
static void test_smooth_is_whole(void **state)
{
    static const int schemes[] = {98, 68, 29, 19};
    static struct wt_point out[WT_CONTOUR_POINTS(33)];
    for (int s = 0; s < 4; s++) {
        int all = 0;
        const struct wt_curve *curve;
        for (int i = 0; (curve = wt_scheme_line(wt_scheme_get(schemes[s]), i)); i++) {
            struct wt_point knot[33];
            assert_in_range(curve->count, 2, 33);
            for (int k = 0; k < curve->count; k++)
                knot[k] = (struct wt_point){200.0f * (float)k, 150.0f * (float)(k % 2)};
            const int n = wt_contour_smooth(knot, curve->count, 3.0f, out, WT_CONTOUR_POINTS(33));
            const struct wt_point last = knot[curve->count - 1];
            assert_true(out[n - 1].x == last.x && out[n - 1].y == last.y);
            all += n;
        }
        assert_in_range(all, 100, WT_SCHEME_CURVE_POINTS);
    }
}

/* Points on top of each other are no reason for anything that is not a number. */
static void test_smooth_degenerate(void **state)
{
    struct wt_point knots[5] = {{5, 5}, {5, 5}, {5, 5}, {9, 5}, {9, 5}}, out[64];
    int n = wt_contour_smooth(knots, 5, 1.0f, out, 64);
    assert_in_range(n, 2, 64);
    for (int i = 0; i < n; i++)
        assert_true(isfinite(out[i].x) && isfinite(out[i].y));
}

static void test_ribbon(void **state)
{
    const struct wt_point line[3] = {{0, 0}, {10, 0}, {10, 20}};
    const uint8_t rgb[3] = {1, 2, 3};
    struct wt_ribbon_vertex v[6];
    assert_int_equal(wt_contour_ribbon(line, 1, 2.0f, rgb, v), 0);
    assert_int_equal(wt_contour_ribbon(line, 3, 2.0f, rgb, v), 6);
    /* Ends reach out; sides are so far apart as the reach says; the corner is mitred. */
    assert_float_equal(v[0].x, -2.0, 1e-4);
    assert_float_equal(fabsf(v[0].y - v[1].y), 4.0, 1e-4);
    assert_float_equal(v[0].along, -2.0, 1e-4);
    assert_float_equal(v[5].along, 32.0, 1e-4);
    assert_float_equal(v[5].length, 30.0, 1e-4);
    assert_float_equal(v[2].along, 10.0, 1e-4);
    assert_float_equal(hypotf(v[2].x - v[3].x, v[2].y - v[3].y), 4.0 * sqrt(2.0), 1e-3);
    assert_int_equal(v[4].rgb[2], 3);
}

static void test_rate(void **state)
{
    struct wt_rate rate = {0};
    assert_float_equal(wt_rate_get(&rate, 0), 0.0, 0.0);
    int64_t now = 5000000;
    for (int i = 0; i < 300; i++)
        wt_rate_tick(&rate, now += 20000);
    assert_float_equal(wt_rate_get(&rate, now), 50.0, 0.5);
    assert_true(wt_rate_get(&rate, now + 1000000) < 30.0);
    assert_float_equal(wt_rate_get(&rate, now + 2500000), 0.0, 0.0);
    struct wt_rate slow = {0};
    wt_rate_tick(&slow, 0);
    wt_rate_tick(&slow, 1500000);
    assert_float_equal(wt_rate_get(&slow, 1500000), 1 / 1.5, 0.01);
}

/* No key twice with Ctrl or without, every action has one, and the help can show it. */
static void test_keys(void **state)
{
    bool has[WT_ACTIONS] = {false};
    assert_non_null(wt_keys[0].help);
    for (const struct wt_key *k = wt_keys; k->key; k++) {
        for (const struct wt_key *other = wt_keys; other < k; other++)
            assert_false(k->key == other->key && k->ctrl == other->ctrl);
        assert_int_equal(k->label != NULL, k->help != NULL);
        has[k->action] = true;
    }
    for (int i = WT_ACTION_NONE + 1; i < WT_ACTIONS; i++)
        assert_true(has[i]);
    SDL_Keysym pressed = {.sym = SDLK_q};
    assert_non_null(wt_key_find(&pressed));
    pressed.mod = KMOD_LCTRL; /* as is usual everywhere */
    assert_int_equal(wt_key_find(&pressed)->action, WT_ACTION_QUIT);
    pressed.sym = SDLK_l;
    assert_null(wt_key_find(&pressed));
    pressed = (SDL_Keysym){.sym = SDLK_q, .mod = KMOD_LALT};
    assert_null(wt_key_find(&pressed));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fit),
        cmocka_unit_test(test_points),
        cmocka_unit_test(test_smooth),
        cmocka_unit_test(test_smooth_degenerate),
        cmocka_unit_test(test_smooth_is_whole),
        cmocka_unit_test(test_ribbon),
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
