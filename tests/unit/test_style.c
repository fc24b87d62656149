/* Styles of labels: the shift computed by hand, both ways, and what a bad file is told. */
#include "support.h"

#include <math.h>

#include "data/label_style.h"

static char folder[256], path[300];

/* Eyes level, 100 apart, of one point each but for the outer corners' distance. */
static void level_face(struct wt_point *p)
{
    for (int i = 0; i < 98; i++)
        p[i] = (struct wt_point){(float)i, 200 + (float)i};
    for (int i = 60; i < 68; i++)
        p[i] = (struct wt_point){100, 50};
    for (int i = 68; i < 76; i++)
        p[i] = (struct wt_point){200, 50};
}

static void near_point(struct wt_point got, double x, double y)
{
    if (!(fabs((double)got.x - x) < 1e-3 && fabs((double)got.y - y) < 1e-3))
        fail_msg("%.5f %.5f, wanted %.5f %.5f", (double)got.x, (double)got.y, x, y);
}

static void test_level(void **state)
{
    struct wt_label_style style = {.reverse = false};
    struct wt_point p[98];
    level_face(p);
    style.shift[7] = (struct wt_point){0.03f, -0.02f};
    wt_label_style_apply(&style, p);
    near_point(p[7], 7 + 3, 207 - 2);
    near_point(p[8], 8, 208);
}

/* A quarter turn clockwise on the screen: right becomes down, down becomes left. The distance is
 * that of points 60 and 72 alone: here 50, though the eyes' centres are 100 apart or nearly so. */
static void test_turned(void **state)
{
    struct wt_label_style style = {.reverse = false};
    struct wt_point p[98];
    level_face(p);
    for (int i = 60; i < 76; i++)
        p[i] = (struct wt_point){-p[i].y, p[i].x};
    p[60].y += 25;
    p[72].y -= 25;
    style.shift[7] = (struct wt_point){0.03f, -0.02f};
    wt_label_style_apply(&style, p);
    near_point(p[7], 7 + 1, 207 + 1.5);
}

/* The lids' middles (62, 66, 70, 74) have no say in the angle. */
static void test_lids(void **state)
{
    struct wt_label_style style = {.reverse = false};
    struct wt_point p[98];
    level_face(p);
    p[62].y = p[66].y = 900;
    p[70].y = p[74].y = -900;
    style.shift[7] = (struct wt_point){0.03f, -0.02f};
    wt_label_style_apply(&style, p);
    near_point(p[7], 7 + 3, 207 - 2);
}

static void test_reverse(void **state)
{
    struct wt_label_style style = {.reverse = false};
    struct wt_point p[98], q[98];
    for (int i = 0; i < 98; i++) {
        style.shift[i] =
            (struct wt_point){0.05f * sinf((float)i * 1.7f), 0.05f * cosf((float)i * 2.3f)};
        p[i] = (struct wt_point){300 + 80 * sinf((float)i), 300 + 80 * cosf((float)i * 1.3f)};
    }
    p[60] = (struct wt_point){250, 280};
    p[72] = (struct wt_point){350, 310};
    memcpy(q, p, sizeof q);
    wt_label_style_apply(&style, q);
    assert_true(hypotf(q[5].x - p[5].x, q[5].y - p[5].y) > 1);
    style.reverse = true;
    wt_label_style_apply(&style, q);
    for (int i = 0; i < 98; i++)
        near_point(q[i], (double)p[i].x, (double)p[i].y);
}

static void test_no_eyes(void **state)
{
    struct wt_label_style style = {.shift[0] = {1, 1}};
    struct wt_point p[98];
    for (int i = 0; i < 98; i++)
        p[i] = (struct wt_point){5, 5};
    wt_label_style_apply(&style, p);
    near_point(p[0], 5, 5);
}

/* All points but `without`, then more. */
static enum wt_status read_with(const char *more, int without, struct wt_label_style *out,
                                struct log_capture *log)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("# mean shift\n\n", f);
    for (int i = 97; i >= 0; i--)
        if (i != without)
            fprintf(f, "%d %g -0.5\r\n", i, i / 100.0);
    fputs(more, f);
    assert_int_equal(fclose(f), 0);
    log_capture_start(log);
    return wt_label_style_read(out, path);
}

static void test_file(void **state)
{
    struct wt_label_style style;
    struct log_capture log;
    assert_int_equal(read_with("", -1, &style, &log), WT_OK);
    assert_int_equal(log.lines, 0);
    assert_false(style.reverse);
    for (int i = 0; i < 98; i++)
        assert_true(fabsf(style.shift[i].x - (float)i / 100) < 1e-6f && style.shift[i].y == -0.5f);
}

static void test_bad_files(void **state)
{
    static const struct {
        const char *more;
        int without;
        const char *message; /* after "path:100: " or, of the whole file, "path: " */
        int errors;
    } cases[] = {
        {"", 42, "point 42 is missing", 1},
        {"3 0 0\n", 42, "point 3 a second time, after line 96", 1},
        {"98 0 0\n", 42, "\"98\" is no point from 0 to 97", 1},
        {"-1 0 0\n", 42, "\"-1\" is no point", 1},
        {"4x 0 0\n", 42, "\"4x\" is no point", 1},
        {"42 0\n", 42, "not a point's index and its shift", 1},
        {"42 0 0 0\n", 42, "not a point's index and its shift", 1},
        {"42 0 nan\n", 42, "\"nan\" is no shift", 1},
        {"42 1.5 0\n", 42, "\"1.5\" is no shift", 1},
        {"42 0 0,1\n", 42, "\"0,1\" is no shift", 1},
        {"1 0 0\n2 0 0\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n", -1, "12 bad lines in all", 11},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wt_label_style style = {.shift[0] = {9, 9}};
        struct log_capture log;
        char want[400];
        bool whole = !*cases[i].more || cases[i].without < 0;
        snprintf(want, sizeof want, whole ? "%s: %s" : "%s:100: %s", path, cases[i].message);
        if (read_with(cases[i].more, cases[i].without, &style, &log) != WT_ERR_FORMAT ||
            log.errors != cases[i].errors || strncmp(log.last, want, strlen(want)) != 0)
            fail_msg("case %zu: %d errors, \"%s\", wanted \"%s\"", i, log.errors, log.last, want);
        assert_true(style.shift[0].x == 9); /* untouched */
    }
    struct wt_label_style style;
    struct log_capture log;
    write_file(path, "0 0 0\0", 6);
    log_capture_start(&log);
    assert_int_equal(wt_label_style_read(&style, path), WT_ERR_FORMAT);
    assert_non_null(strstr(log.last, "not text"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_level),     cmocka_unit_test(test_turned),
        cmocka_unit_test(test_lids),      cmocka_unit_test(test_reverse),
        cmocka_unit_test(test_no_eyes),   cmocka_unit_test(test_file),
        cmocka_unit_test(test_bad_files),
    };
    scratch_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/style.txt", folder);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return remove_folder(folder) || failed;
}
