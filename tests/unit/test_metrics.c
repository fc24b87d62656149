#include "support.h"

#include <math.h>

#include "measure/metrics.h"

static void near(double got, double want)
{
    if (!(fabs(got - want) < 1e-9))
        fail_msg("%.12g, wanted %.12g", got, want);
}

static void fill(struct wt_point *p, int n)
{
    for (int i = 0; i < n; i++)
        p[i] = (struct wt_point){(float)(i % 10), (float)(i / 10)};
}

static void test_nme_ocular(void **state)
{
    static const struct {
        int points, a, b;
    } cases[] = {{98, 60, 72}, {68, 36, 45}, {29, 8, 9}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wt_point truth[WT_POINTS_MAX], found[WT_POINTS_MAX];
        const struct wt_scheme *s = wt_scheme_get(cases[i].points);
        assert_non_null(s);
        fill(truth, s->points);
        truth[cases[i].a] = (struct wt_point){0, 0};
        truth[cases[i].b] = (struct wt_point){30, 40}; /* 50 apart */
        for (int k = 0; k < s->points; k++)
            found[k] = (struct wt_point){truth[k].x + 3, truth[k].y - 4}; /* each 5 off */
        near(wt_nme(truth, found, s, WT_NORM_OCULAR), 10);
        near(wt_nme(truth, truth, s, WT_NORM_OCULAR), 0);
    }
}

static void test_nme_pupil(void **state)
{
    struct wt_point truth[WT_POINTS_MAX], found[WT_POINTS_MAX];
    const struct wt_scheme *s = wt_scheme_get(68);
    fill(truth, 68);
    for (int i = 0; i < 6; i++) { /* eye centres 0,0 and 20,0 */
        float x = (float)(i % 3 - 1), y = i < 3 ? 1 : -1;
        truth[36 + i] = (struct wt_point){x, y};
        truth[42 + i] = (struct wt_point){20 + x, y};
    }
    memcpy(found, truth, sizeof found);
    found[3].x += 6.8f; /* mean error 0.1 */
    double nme = wt_nme(truth, found, s, WT_NORM_PUPIL);
    assert_true(fabs(nme - 0.5) < 1e-5);
    s = wt_scheme_get(29);
    fill(truth, 29);
    truth[16] = (struct wt_point){0, 0};
    truth[17] = (struct wt_point){0, 10};
    memcpy(found, truth, sizeof found);
    found[0].y += 29;
    near(wt_nme(truth, found, s, WT_NORM_PUPIL), 10);
}

static void test_nme_box(void **state)
{
    struct wt_point truth[WT_POINTS_MAX], found[WT_POINTS_MAX];
    const struct wt_scheme *s = wt_scheme_get(98);
    for (int i = 0; i < 98; i++)
        truth[i] = (struct wt_point){5, 5};
    truth[0] = (struct wt_point){0, 0};
    truth[97] = (struct wt_point){50, 8}; /* sqrt(50 * 8) = 20 */
    for (int i = 0; i < 98; i++)
        found[i] = (struct wt_point){truth[i].x + 2, truth[i].y};
    near(wt_nme(truth, found, s, WT_NORM_BOX), 10);
}

static void test_no_normaliser(void **state)
{
    struct wt_point p[WT_POINTS_MAX] = {{0, 0}};
    assert_true(isnan(wt_nme(p, p, wt_scheme_get(98), WT_NORM_OCULAR)));
    assert_true(isnan(wt_nme(p, p, wt_scheme_get(68), WT_NORM_PUPIL)));
    assert_true(isnan(wt_nme(p, p, wt_scheme_get(98), WT_NORM_BOX)));
}

static void test_summary(void **state)
{
    double e[] = {9, 2, 12, 4, 6};
    struct wt_summary s = wt_summarise(e, 5);
    assert_int_equal(s.faces, 5);
    near(s.nme, 33.0 / 5);
    near(s.median, 6);
    near(s.fr8, 40);
    near(s.fr10, 20);
    near(s.auc8, 100 * (6 + 4 + 2) / 8.0 / 5);
    near(s.auc10, 100 * (8 + 6 + 4 + 1) / 10.0 / 5);
    near(e[0], 2);
    near(e[4], 12);
}

static void test_summary_even_median(void **state)
{
    double e[] = {4, 1, 3, 2};
    near(wt_summarise(e, 4).median, 2.5);
}

static void test_summary_limit_is_no_failure(void **state)
{
    double e[] = {8, 10};
    struct wt_summary s = wt_summarise(e, 2);
    near(s.fr8, 50);
    near(s.fr10, 0);
}

static void test_summary_missed_faces(void **state)
{
    double e[] = {INFINITY, 5, NAN, 3, INFINITY};
    struct wt_summary s = wt_summarise(e, 5);
    assert_int_equal(s.faces, 4); /* a face that cannot be measured does not count */
    near(s.nme, 4);
    near(s.median, 4);
    near(s.fr8, 50);
    near(s.fr10, 50);
    near(s.auc10, 100 * (5 + 7) / 10.0 / 4);
}

static void test_summary_nothing(void **state)
{
    double e[] = {NAN, INFINITY};
    struct wt_summary s = wt_summarise(e, 0);
    assert_int_equal(s.faces, 0);
    assert_true(isnan(s.nme) && isnan(s.fr8) && isnan(s.auc10));
    s = wt_summarise(e, 2);
    assert_int_equal(s.faces, 1);
    assert_true(isnan(s.nme) && isnan(s.median));
    near(s.fr10, 100);
    near(s.auc10, 0);
}

static void test_nme_own_box(void **state)
{
    struct wt_point truth[WT_POINTS_MAX], found[WT_POINTS_MAX];
    const struct wt_scheme *s = wt_scheme_get(98);
    const struct wt_box box = {3, 4, 20, 5}, none = {0};
    float error[98];
    fill(truth, 98); /* a grid of 9 x 9 */
    memcpy(found, truth, sizeof found);
    found[7].x += 3;
    found[7].y += 4;
    near(wt_normaliser(truth, s, WT_NORM_BOX, &box), 10);
    near(wt_normaliser(truth, s, WT_NORM_BOX, &none), 9);
    near(wt_normaliser(truth, s, WT_NORM_BOX, NULL), 9);
    near(wt_point_errors(truth, found, 98, 10, error), 50.0 / 98);
    for (int i = 0; i < 98; i++)
        near(error[i], i == 7 ? 50 : 0);
    assert_true(isnan(wt_point_errors(truth, found, 98, NAN, error)) && isnan(error[0]));
}

/* A point that is not known counts neither for the mean nor against it. */
static void test_unknown_points(void **state)
{
    struct wt_point truth[WT_POINTS_MAX], found[WT_POINTS_MAX];
    const struct wt_scheme *s = wt_scheme_get(19);
    float error[19];
    fill(truth, 19);
    truth[6] = (struct wt_point){0, 0};
    truth[11] = (struct wt_point){30, 40}; /* 50 apart */
    for (int i = 0; i < 19; i++)
        found[i] = (struct wt_point){truth[i].x + (i == 18 ? 10 : 5), truth[i].y};
    truth[0] = truth[18] = (struct wt_point){NAN, NAN};
    near(wt_nme(truth, found, s, WT_NORM_OCULAR), 10);
    near(wt_point_errors(truth, found, 19, 50, error), 10);
    assert_true(isnan(error[0]) && isnan(error[18]) && error[1] == 10);
    truth[6].x = truth[6].y = NAN; /* without an eye there is no normaliser */
    assert_true(isnan(wt_nme(truth, found, s, WT_NORM_OCULAR)));
    for (int i = 0; i < 19; i++)
        truth[i] = (struct wt_point){NAN, NAN};
    assert_true(isnan(wt_point_errors(truth, found, 19, 50, NULL)));
}

static void test_ced(void **state)
{
    const double nme[] = {3, 8, NAN, INFINITY, 10.5};
    near(wt_ced(nme, 5, 2.9), 0);
    near(wt_ced(nme, 5, 3), 25);
    near(wt_ced(nme, 5, 8), 50);
    near(wt_ced(nme, 5, 11), 75);
    assert_true(isnan(wt_ced(nme + 2, 1, 8)));
}

static void test_bootstrap(void **state)
{
    enum { N = 400 };
    double a[N], b[N];
    struct wt_paired p, again;
    for (int i = 0; i < N; i++) { /* differences -1 and 0 by turns: mean -0.5, deviation 0.5 */
        a[i] = 5 + i % 7;
        b[i] = a[i] - (i % 2);
    }
    assert_int_equal(wt_bootstrap(a, b, N, 2000, 1, &p), WT_OK);
    assert_int_equal(p.faces, N);
    near(p.difference, -0.5);
    /* The mean of 400 draws is normal with deviation 0.5 / 20 = 0.025: 1.96 of them either way. */
    assert_true(fabs(p.low + 0.549) < 0.006 && fabs(p.high + 0.451) < 0.006);
    near(p.better, 100);
    assert_int_equal(wt_bootstrap(a, b, N, 2000, 1, &again), WT_OK);
    assert_memory_equal(&p, &again, sizeof p);
    assert_int_equal(wt_bootstrap(b, a, N, 2000, 1, &again),
                     WT_OK); /* the same draws, turned round */
    near(again.difference, 0.5);
    near(again.better, 0);
    a[0] = INFINITY;
    b[1] = NAN;
    assert_int_equal(wt_bootstrap(a, b, N, 100, 1, &p), WT_OK);
    assert_int_equal(p.faces, N - 2);
    assert_int_equal(wt_bootstrap(a, b, 3, 100, 1, &p), WT_OK); /* one pair is no sample */
    assert_true(p.faces == 1 && isnan(p.difference) && isnan(p.low) && isnan(p.better));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nme_ocular),
        cmocka_unit_test(test_nme_own_box),
        cmocka_unit_test(test_unknown_points),
        cmocka_unit_test(test_ced),
        cmocka_unit_test(test_bootstrap),
        cmocka_unit_test(test_nme_pupil),
        cmocka_unit_test(test_nme_box),
        cmocka_unit_test(test_no_normaliser),
        cmocka_unit_test(test_summary),
        cmocka_unit_test(test_summary_even_median),
        cmocka_unit_test(test_summary_limit_is_no_failure),
        cmocka_unit_test(test_summary_missed_faces),
        cmocka_unit_test(test_summary_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
