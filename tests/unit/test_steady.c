/* The meter of jitter and the smoothing that a still person needs, of faces whose noise is known.
 */
#include "support.h"

#include "face/crop.h"
#include "measure/steady.h"
#include "noisy_face.h"

#define FRAME_US 33333

static struct wt_result result;
static struct wt_hold hold;

static int reset(void **state)
{
    memset(&hold, 0, sizeof hold);
    memset(&result, 0, sizeof result);
    return 0;
}

static void put_face(int place, uint32_t id, double x, double size, double sigma,
                     struct wt_random *r)
{
    const struct noisy_face is = {x, 300, size, 0, sigma};
    put_noisy_face(&result.face[place], id, &is, r);
}

/* Two faces, the second twice as large with the same noise; as in test_jitter.c, a point moves by
 * sigma sqrt(pi). While a head moves fast, nothing is measured; a frame shown twice does not count.
 */
static void meter_tells_each_faces_jitter(void **state)
{
    static struct wt_meter meter;
    struct wt_random r = wt_random_make(4, 5, 6);
    const double sigma = 0.3, want = 100 * sigma * sqrt(M_PI) / noisy_face_eyes();
    memset(&meter, 0, sizeof meter);
    result.faces = 2;
    assert_true(isnan(wt_meter_get(&meter, 1)));
    int64_t time = 1000;
    for (int i = 0; i < 200; i++, time += FRAME_US) {
        put_face(0, 1, 300, 1, sigma, &r);
        put_face(1, 2, 700, 2, sigma, &r);
        wt_meter_add(&meter, &result, time);
        wt_meter_add(&meter, &result, time); /* again */
    }
    assert_true(fabs(wt_meter_get(&meter, 1) - want) < 0.1 * want);
    assert_true(fabs(wt_meter_get(&meter, 2) - want / 2) < 0.1 * want / 2);
    for (int i = 0; i < 60; i++, time += FRAME_US) {
        put_face(0, 1, 300 + 5 * i, 1, 3 * sigma, &r);
        put_face(1, 2, 700, 2, 2 * sigma, &r);
        wt_meter_add(&meter, &result, time);
    }
    assert_true(fabs(wt_meter_get(&meter, 1) - want) < 0.1 * want);
    assert_true(wt_meter_get(&meter, 2) > 0.75 * want);
    time += 2000000; /* away for a while */
    wt_meter_add(&meter, &result, time);
    assert_true(isnan(wt_meter_get(&meter, 1)));
    for (uint32_t id = 10; id < 10 + 3 * WT_FACES_MAX; id++) { /* more faces than places */
        put_face(0, id, 300, 1, 0, NULL);
        wt_meter_add(&meter, &result, time += FRAME_US);
    }
    assert_true(isnan(wt_meter_get(&meter, 1)));
}

static enum wt_hold_end hold_with(double sigma, double step, int64_t frame_us,
                                  struct wt_hold_result *out)
{
    struct wt_random r = wt_random_make(1, 2, 3);
    enum wt_hold_end end = WT_HOLD_GOES_ON;
    memset(&hold, 0, sizeof hold);
    result.faces = 0;
    assert_int_equal(wt_hold_add(&hold, &result, 5, out), WT_HOLD_GOES_ON); /* nobody yet */
    result.faces = 2;
    for (int i = 0; i < 3000 && end == WT_HOLD_GOES_ON; i++) {
        put_face(0, 3, 900, 0.5, 0, NULL);
        put_face(1, 4, 300 + step * i, 1, sigma, &r);
        end = wt_hold_add(&hold, &result, 10 + i * frame_us, out);
    }
    assert_true(end == WT_HOLD_FEW || hold.id == 4); /* the larger one */
    return end;
}

/* More noise takes more smoothing, up to what lags too much; none takes none. The same noise takes
 * about the same at another rate. */
static void noise_sets_the_strength(void **state)
{
    struct wt_hold_result r[5];
    const double sigma[5] = {0.01, 0.12, 0.3, 1, 3};
    for (int i = 0; i < 5; i++) {
        const double step = i == 4 ? 0 : 0.02; /* a breath's motion */
        if (i == 4) { /* so much noise that the fit takes it for motion: not still */
            assert_int_equal(hold_with(30, step, FRAME_US, &r[i]), WT_HOLD_MOVED);
            break;
        }
        assert_int_equal(hold_with(sigma[i], step, FRAME_US, &r[i]), WT_HOLD_DONE);
        print_message("noise %.2f px: strength %.2f, jitter %.3f to %.3f %%, lag %.0f ms\n",
                      sigma[i], (double)r[i].strength, r[i].jitter[0], r[i].jitter[1], r[i].lag_ms);
    }
    assert_true(r[0].strength == 0 && r[0].reached && r[0].lag_ms == 0);
    assert_true(r[1].strength > 0 && r[1].reached);
    assert_true(r[2].strength > r[1].strength && r[2].lag_ms > r[1].lag_ms);
    for (int i = 0; i < 4; i++) {
        assert_true(r[i].reached == (r[i].jitter[1] <= WT_HOLD_TARGET));
        assert_true(r[i].jitter[1] <= r[i].jitter[0]);
        assert_true(r[i].lag_ms <= 1000 * (double)WT_HOLD_LAG_MAX);
        assert_true(fabs(r[i].lag_ms - 1000 * (double)wt_one_euro_lag(r[i].strength, 0.1f,
                                                                      FRAME_US * 1e-6f)) < 0.01 ||
                    r[i].strength == 0);
    }
    assert_false(r[3].reached); /* the most that does not lag too much */
    assert_true(r[3].lag_ms > 0.85 * 1000 * (double)WT_HOLD_LAG_MAX);
}

static void what_is_no_still_face_is_told(void **state)
{
    struct wt_hold_result r = {.strength = -1};
    assert_int_equal(hold_with(0.1, 4, FRAME_US, &r), WT_HOLD_MOVED);
    assert_int_equal(hold_with(0.1, 0, 400000, &r), WT_HOLD_FEW);
    assert_int_equal(hold_with(0.1, 0, 2000, &r), WT_HOLD_DONE); /* 500 a second: some are kept */
    assert_true(hold.frames <= WT_HOLD_FRAMES && hold.frames > WT_HOLD_FRAMES / 2);
    /* the face goes; or time does not go on */
    r.strength = -1;
    memset(&hold, 0, sizeof hold);
    result.faces = 1;
    put_face(0, 9, 300, 1, 0, NULL);
    assert_int_equal(wt_hold_add(&hold, &result, 100, &r), WT_HOLD_GOES_ON);
    assert_int_equal(wt_hold_add(&hold, &result, 100, &r), WT_HOLD_GOES_ON);
    assert_int_equal(hold.frames, 1);
    assert_int_equal(wt_hold_add(&hold, &result, 50, &r), WT_HOLD_LOST);
    result.face[0].id = 10;
    assert_int_equal(wt_hold_add(&hold, &result, 200, &r), WT_HOLD_LOST);
    assert_true(r.strength == -1); /* nothing is told */
}

/* The formula against the filter itself: a face in steady motion, at two rates. */
static void lag_is_what_the_filter_does(void **state)
{
    static const float strengths[] = {0.3f, 1, 2.5f};
    for (int rate = 30; rate <= 60; rate += 30)
        for (int k = 0; k < 3; k++) {
            const float side = 200, speed = 0.1f;
            static struct wt_one_euro filter;
            struct wt_point p = {0, 0};
            memset(&filter, 0, sizeof filter);
            float x = 0;
            for (int i = 0; i < 5 * rate; i++) {
                x = speed * side * (float)i / (float)rate;
                p = (struct wt_point){x, 7};
                wt_one_euro_apply(&filter, &p, 1, side, strengths[k], (int64_t)i * 1000000 / rate);
            }
            const float behind = (x - p.x) / (speed * side);
            const float want = wt_one_euro_lag(strengths[k], speed, 1 / (float)rate);
            if (!(fabsf(behind - want) < 0.02f * want))
                fail_msg("strength %g at %d a second: %g s behind, not %g", (double)strengths[k],
                         rate, (double)behind, (double)want);
        }
}

/* A head in steady motion does not let the points' own noise through, as one filter for each
 * coordinate would, as its cutoff rises with the head. It is behind by what the formula
 * says; points that lie in one place stay finite. */
static void head_in_motion_does_not_tremble(void **state)
{
    static struct wt_one_euro filter;
    struct wt_random r = wt_random_make(7, 8, 9);
    struct wt_point last[2][WT_POINTS_MAX], now[2][WT_POINTS_MAX];
    double tremble[2] = {0, 0}, behind = 0;
    const double step = 4, sigma = 0.3; /* px a frame, px */
    float side = 1;
    int pairs = 0;
    memset(&filter, 0, sizeof filter);
    for (int i = 0; i < 300; i++) {
        put_face(0, 3, 300 + step * i, 1, sigma, &r);
        const int n = result.face[0].points;
        const struct wt_box box = wt_points_box(result.face[0].point, n);
        side = (box.w + box.h) / 2;
        memcpy(now[0], result.face[0].point, sizeof now[0]);
        memcpy(now[1], now[0], sizeof now[1]);
        wt_one_euro_apply(&filter, now[1], n, side, 1, (int64_t)i * FRAME_US);
        if (i > 60) {
            for (int k = 0; k < 2; k++)
                tremble[k] += wt_motion_between(last[k], now[k], n).residual;
            for (int p = 0; p < n; p++)
                behind += (double)(now[0][p].x - now[1][p].x) / n;
            pairs++;
        }
        memcpy(last, now, sizeof last);
    }
    const double lag_ms = behind / pairs / step * FRAME_US / 1e3;
    const double speed = step / (double)side / (FRAME_US * 1e-6);
    const double want = 1e3 * (double)wt_one_euro_lag(1, (float)speed, FRAME_US * 1e-6f);
    print_message("%.2f sides a second: tremble %.3f to %.3f px, %.1f ms behind (formula %.1f)\n",
                  speed, tremble[0] / pairs, tremble[1] / pairs, lag_ms, want);
    assert_true(tremble[1] < 0.6 * tremble[0]);
    assert_true(fabs(lag_ms - want) < 0.1 * want);
    for (int i = 0; i < 98; i++)
        now[0][i] = (struct wt_point){5, 5};
    for (int i = 0; i < 3; i++) {
        memcpy(now[1], now[0], sizeof now[1]);
        wt_one_euro_apply(&filter, now[1], 98, side, 1, (int64_t)(300 + i) * FRAME_US);
        for (int p = 0; p < 98; p++)
            assert_true(isfinite(now[1][p].x) && isfinite(now[1][p].y));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(meter_tells_each_faces_jitter, reset),
        cmocka_unit_test_setup(noise_sets_the_strength, reset),
        cmocka_unit_test_setup(what_is_no_still_face_is_told, reset),
        cmocka_unit_test_setup(lag_is_what_the_filter_does, reset),
        cmocka_unit_test_setup(head_in_motion_does_not_tremble, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
