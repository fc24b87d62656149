/* Offsets: the arithmetic by hand, turned and enlarged faces, points that are not known. */
#include "support.h"

#include <math.h>

#include "face/offset.h"

enum { N = 98 };

/* A shape in the frame of the eyes; other `kind`s differ by about 3 eye distances a point. */
static void make_face(struct wt_point *p, int kind)
{
    for (int i = 0; i < N; i++)
        p[i] = (struct wt_point){0.8f * sinf((float)i * 1.3f) + 2 * (float)kind,
                                 0.9f * cosf((float)i * 0.7f) + 2 * (float)kind};
    for (int i = 60; i < 68; i++)
        p[i] = (struct wt_point){-0.4f, 0.02f * (float)(i % 3)};
    for (int i = 68; i < 76; i++)
        p[i] = (struct wt_point){0.4f, 0.02f * (float)((i - 68) % 3)};
    p[60] = (struct wt_point){-0.5f, 0};
    p[72] = (struct wt_point){0.5f, 0};
    p[64] = (struct wt_point){-0.3f, 0};
    p[68] = (struct wt_point){0.3f, 0};
    p[96] = (struct wt_point){-0.4f, 0};
    p[97] = (struct wt_point){0.4f, 0};
}

/* Turned, enlarged and moved to a picture. */
static void place(const struct wt_point *from, double angle, double scale, double x, double y,
                  struct wt_point *to)
{
    const double c = scale * cos(angle), s = scale * sin(angle);
    for (int i = 0; i < N; i++)
        to[i] = (struct wt_point){(float)(c * (double)from[i].x - s * (double)from[i].y + x),
                                  (float)(s * (double)from[i].x + c * (double)from[i].y + y)};
}

static void assert_near(struct wt_point got, double x, double y, double tolerance)
{
    if (!(fabs((double)got.x - x) < tolerance && fabs((double)got.y - y) < tolerance))
        fail_msg("%.5f %.5f, wanted %.5f %.5f", (double)got.x, (double)got.y, x, y);
}

static struct wt_offset *fit(const struct wt_offset_pair *pair, int n)
{
    struct wt_offset *offset = NULL;
    assert_int_equal(wt_offset_fit(&offset, N, pair, n), WT_OK);
    return offset;
}

/* One correction by (0.03, -0.02): the mean is 1 / (1 + 0.5) of it, and the process gives the same
 * face 1 / (1 + 0.1) of the rest. */
static void test_one(void **state)
{
    struct wt_point shape[N], found[N], truth[N], turned[N], other[N];
    make_face(shape, 0);
    place(shape, 0.3, 120, 300, 200, found);
    for (int i = 0; i < N; i++)
        shape[i] = (struct wt_point){shape[i].x + 0.03f, shape[i].y - 0.02f};
    place(shape, 0.3, 120, 300, 200, truth);
    struct wt_offset *offset = fit(&(struct wt_offset_pair){found, truth}, 1);
    assert_int_equal(wt_offset_points(offset), N);
    assert_int_equal(wt_offset_corrections(offset), 1);
    const double share = 2.0 / 3 + (1.0 / 3) / 1.1;
    /* The same face elsewhere: turned to the other side, half as large. */
    make_face(shape, 0);
    place(shape, -0.5, 60, 50, 70, turned);
    const double c = 60 * cos(-0.5), s = 60 * sin(-0.5);
    struct wt_point got[N];
    memcpy(got, turned, sizeof got);
    const double moved = wt_offset_apply(offset, got);
    assert_true(fabs(moved - share * hypot(0.03, 0.02)) < 1e-4);
    for (int i = 0; i < N; i++)
        assert_near(got[i], (double)turned[i].x + share * (c * 0.03 + s * 0.02),
                    (double)turned[i].y + share * (s * 0.03 - c * 0.02), 2e-3);
    /* Another shape: the mean alone. */
    make_face(shape, 1);
    place(shape, 0, 100, 0, 0, other);
    memcpy(got, other, sizeof got);
    wt_offset_apply(offset, got);
    assert_near(got[5], (double)other[5].x + 2, (double)other[5].y - 4.0 / 3, 2e-3);
    struct wt_point move[N];
    wt_offset_mean(offset, turned, move);
    assert_near(move[5], 2.0 / 3 * (c * 0.03 + s * 0.02), 2.0 / 3 * (s * 0.03 - c * 0.02), 2e-3);
    wt_offset_unref(&offset);
    assert_null(offset);
}

/* Two shapes with opposite corrections keep their own, and what is between has none. */
static void test_pose(void **state)
{
    struct wt_point found[2][N], truth[2][N], middle[N], got[N];
    struct wt_offset_pair pair[2];
    for (int k = 0; k < 2; k++) {
        struct wt_point shape[N];
        make_face(shape, 0);
        for (int i = 0; i < 60; i++)
            shape[i].x += k ? 0.25f : -0.25f;
        place(shape, 0, 100, 0, 0, found[k]);
        place(shape, 0, 100, 0, 0, truth[k]);
        for (int i = 0; i < N; i++)
            truth[k][i].y += k ? 5 : -5;
        pair[k] = (struct wt_offset_pair){found[k], truth[k]};
    }
    struct wt_offset *offset = fit(pair, 2);
    for (int k = 0; k < 2; k++) {
        memcpy(got, found[k], sizeof got);
        wt_offset_apply(offset, got);
        const double by = (double)(got[10].y - found[k][10].y) * (k ? 1 : -1);
        assert_true(by > 3.5 && by < 5);
    }
    for (int i = 0; i < N; i++)
        middle[i] = (struct wt_point){(found[0][i].x + found[1][i].x) / 2, found[0][i].y};
    memcpy(got, middle, sizeof got);
    wt_offset_apply(offset, got);
    assert_near(got[10], (double)middle[10].x, (double)middle[10].y, 1e-3);
    wt_offset_unref(&offset);
}

/* A point that is hidden in one correction takes the other's; hidden in all, it stays. */
static void test_unknown(void **state)
{
    struct wt_point shape[N], found[N], truth[2][N], got[N];
    make_face(shape, 0);
    place(shape, 0, 100, 200, 200, found);
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < N; i++)
            truth[k][i] = (struct wt_point){found[i].x + 3, found[i].y};
    truth[0][7] = (struct wt_point){NAN, NAN};
    truth[0][8] = truth[1][8] = (struct wt_point){NAN, NAN};
    const struct wt_offset_pair pair[2] = {{found, truth[0]}, {found, truth[1]}};
    struct wt_offset *offset = fit(pair, 2);
    memcpy(got, found, sizeof got);
    wt_offset_apply(offset, got);
    for (int i = 0; i < N; i++)
        assert_true(isfinite(got[i].x) && isfinite(got[i].y));
    assert_near(got[8], (double)found[8].x, (double)found[8].y, 1e-4);
    assert_true(got[7].x > found[7].x + 1.9f && got[7].x < found[7].x + 3);
    assert_true(got[9].x - found[9].x > got[7].x - found[7].x);
    wt_offset_unref(&offset);
}

static void test_refused(void **state)
{
    struct log_capture log;
    struct wt_point shape[N], flat[N] = {{0, 0}}, got[N];
    struct wt_offset *offset = NULL;
    make_face(shape, 0);
    log_capture_start(&log);
    assert_int_equal(wt_offset_fit(&offset, N, &(struct wt_offset_pair){flat, shape}, 1),
                     WT_ERR_FORMAT);
    assert_int_equal(wt_offset_fit(&offset, 97, &(struct wt_offset_pair){shape, shape}, 1),
                     WT_ERR_UNSUPPORTED);
    assert_int_equal(log.errors, 2);
    assert_null(offset);
    wt_offset_unref(&offset);
    assert_null(wt_offset_ref(NULL));
    offset = fit(&(struct wt_offset_pair){shape, shape}, 1);
    memset(got, 0, sizeof got);
    assert_true(wt_offset_apply(offset, got) == 0);
    assert_near(got[3], 0, 0, 1e-9);
    got[60].x = INFINITY;
    assert_true(wt_offset_apply(offset, got) == 0);
    struct wt_offset *second = wt_offset_ref(offset);
    wt_offset_unref(&offset);
    assert_int_equal(wt_offset_corrections(second), 1);
    wt_offset_unref(&second);
}

/* More than it takes into account: the last ones. */
static void test_many(void **state)
{
    enum { MANY = WT_OFFSET_CORRECTIONS + 40 };
    static struct wt_offset_pair pair[MANY];
    struct wt_point found[N], old[N], new[N], got[N], shape[N];
    make_face(shape, 0);
    place(shape, 0, 100, 100, 100, found);
    for (int i = 0; i < N; i++) {
        old[i] = (struct wt_point){found[i].x + 50, found[i].y};
        new[i] = (struct wt_point){found[i].x + 2, found[i].y};
    }
    for (int i = 0; i < MANY; i++)
        pair[i] = (struct wt_offset_pair){found, i < 40 ? old : new};
    struct wt_offset *offset = fit(pair, MANY);
    assert_int_equal(wt_offset_corrections(offset), WT_OFFSET_CORRECTIONS);
    memcpy(got, found, sizeof got);
    wt_offset_apply(offset, got);
    assert_near(got[11], (double)found[11].x + 2, (double)found[11].y, 0.02);
    wt_offset_unref(&offset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one),     cmocka_unit_test(test_pose), cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
