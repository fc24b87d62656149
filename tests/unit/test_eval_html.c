/* Reports of evaluations as pages, and what pages are made of. */
#include "eval_maker.h"
#include "page_check.h"

#include "eval/eval_html.h"
#include "report/html.h"

static char *page_of(struct wt_eval_page *page)
{
    assert_int_equal(wt_eval_write_html(page, in_folder("r.html")), WT_OK);
    char *text = read_text(in_folder("r.html"));
    check_well_formed(text);
    check_self_contained(text);
    assert_null(strstr(text, "http-equiv")); /* it is complete */
    return text;
}

static void test_html(void **state)
{
    struct wt_eval_result r, other[2];
    static const char *const name[] = {"older <1>", "another"};
    struct log_capture log;
    make(&r, 0, FACES);
    make(&other[0], 0, FACES);
    make(&other[1], 1, 3);
    for (size_t i = 0; i < FACES; i++)
        other[0].row[i].nme += 0.5;
    struct wt_eval_page page = {
        .result = &r, .name = "this", .other = other, .other_name = name, .others = 2, .worst = 4};
    log_capture_start(&log);
    char *text = page_of(&page);
    assert_int_equal(log.lines, 0);
    /* The plot is 54..844 for 0..12 % and 346..26 for 0..100 %; five faces are steps of 20 %, and
     * the one not found never comes. */
    assert_non_null(strstr(text, "<path class=\"plot s0\" d=\"M54.0 346.0H185.7V282.0H317.3V218.0"
                                 "H449.0V154.0H646.5V90.0H844.0V90.0\"/>"));
    assert_int_equal(count(text, "class=\"plot s1\""), 2); /* the curve, and its sample */
    assert_int_equal(count(text, "class=\"plot s2\""), 2);
    assert_non_null(strstr(text, "older &lt;1&gt;"));
    assert_non_null(strstr(text, "side &amp; &lt;more&gt;"));
    assert_non_null(strstr(text, "+0.500 <small>(+0.500 to +0.500)</small>"));
    assert_int_equal(count(text, "<circle class=\"dot\""), 68); /* the mean face */
    assert_int_equal(count(text, "data:image/jpeg;base64,/9j/"), 4);
    assert_int_equal(count(text, "<g class=\"t\">"), 4);
    assert_int_equal(count(text, "<g class=\"p\">"), 3);
    const char *worst = strstr(text, "The worst 4 faces");
    assert_non_null(worst);
    const char *e = strstr(worst, ">not found<"), *d = strstr(worst, ">9.00 %<");
    const char *b = strstr(worst, ">4.00 %<");
    assert_true(e && d && b && e < d && d < b && !strstr(worst, ">2.00 %<"));
    free(text);

    static const uint8_t grey[40 * 50];
    const struct wt_image held = {grey, 50, 40, 50, WT_PIXEL_GRAY8};
    r.images = "/no/such/folder/";
    page.others = 0;
    r.row[4].picture = &held; /* the data set's own pixels */
    log_capture_start(&log);
    text = page_of(&page);
    assert_int_equal(log.lines, 1);
    assert_int_equal(count(text, "data:image/jpeg"), 1);
    free(text);
    r.row[4].picture = NULL;
    log_capture_start(&log);
    text = page_of(&page);
    assert_int_equal(log.lines, 1); /* a warning: pictures are missing */
    assert_int_equal(log.errors, 0);
    assert_null(strstr(text, "data:"));
    assert_int_equal(count(text, "<g class=\"t\">"), 4);
    free(text);
    /* One that is there and no picture: the page is written, and the status tells. */
    struct wt_picture whole;
    assert_int_equal(wt_picture_read(&whole, image[4]), WT_OK);
    write_file(image[4], "no picture", 10);
    r.images = "";
    r.row[4].image = image[4];
    page.worst = 1;
    log_capture_start(&log);
    assert_int_equal(wt_eval_write_html(&page, in_folder("failed.html")), WT_ERR_IO);
    assert_int_equal(log.errors, 1);
    assert_int_equal(access(in_folder("failed.html"), R_OK), 0);
    assert_int_equal(wt_picture_write(&whole.image, image[4]), WT_OK);
    wt_picture_fini(&whole);
    log_capture_start(&log);
    assert_int_equal(wt_eval_write_html(&page, "/no/such/folder/r.html"), WT_ERR_IO);
    assert_int_equal(log.errors, 1);
    wt_eval_result_fini(&r);
    wt_eval_result_fini(&other[0]);
    wt_eval_result_fini(&other[1]);
}

/* Faces that differ by place, size and roll alone have one shape: that, level, of unit size. */
static void test_mean_shape(void **state)
{
    struct wt_eval_result r;
    struct wt_point mean[68], *moved[FACES];
    make(&r, 0, FACES);
    struct wt_point base[68];
    for (int k = 0; k < 68; k++)
        base[k] = (struct wt_point){(float)(k % 9) - 4, (float)((k * k) % 23) / 4};
    for (int i = 0; i < FACES; i++) {
        float angle = (float)i - 2, size = 1 + (float)i, c = cosf(angle), s = sinf(angle);
        moved[i] = calloc(68, sizeof *moved[i]);
        for (int k = 0; k < 68; k++)
            moved[i][k] = (struct wt_point){size * (c * base[k].x - s * base[k].y) + 100,
                                            size * (s * base[k].x + c * base[k].y) - 70};
        r.row[i].truth = moved[i];
    }
    assert_int_equal(wt_eval_mean_shape(&r, 98, mean), 0);
    assert_int_equal(wt_eval_mean_shape(&r, 68, mean), FACES);
    float ratio = hypotf(base[3].x - base[11].x, base[3].y - base[11].y) /
                  hypotf(base[40].x - base[60].x, base[40].y - base[60].y);
    float got = hypotf(mean[3].x - mean[11].x, mean[3].y - mean[11].y) /
                hypotf(mean[40].x - mean[60].x, mean[40].y - mean[60].y);
    assert_true(fabsf(ratio - got) < 1e-4f);
    float left = 0, right = 0, from = 0, to = 0, distance = 0;
    for (int k = 0; k < 68; k++) {
        distance += hypotf(mean[k].x, mean[k].y) / 68;
        left += k >= 36 && k < 42 ? mean[k].y / 6 : 0;
        right += k >= 42 && k < 48 ? mean[k].y / 6 : 0;
        from += k >= 36 && k < 42 ? mean[k].x / 6 : 0;
        to += k >= 42 && k < 48 ? mean[k].x / 6 : 0;
    }
    assert_true(fabsf(left - right) < 1e-4f && from < to);
    assert_true(fabsf(distance - 1) < 1e-4f);
    for (int i = 0; i < FACES; i++)
        free(moved[i]);
    wt_eval_result_fini(&r);
}

static void test_base64_and_text(void **state)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    wt_html_base64(f, (const uint8_t *)"light work.", 11); /* RFC 4648 has such examples */
    fputc(' ', f);
    wt_html_base64(f, (const uint8_t *)"light work", 10);
    fputc(' ', f);
    wt_html_base64(f, (const uint8_t *)"light wor", 9);
    fputc(' ', f);
    wt_html_text(f, "a<b>&\"c\x01 \xc3\xa9");
    wt_html_text(f, "\xff");
    fclose(f);
    assert_string_equal(text, "bGlnaHQgd29yay4= bGlnaHQgd29yaw== bGlnaHQgd29y "
                              "a&lt;b&gt;&amp;&quot;c? \xc3\xa9?");
    free(text);
}

static void check_axis(double low, double high, bool logarithmic, double from, double to,
                       double step, int decimals)
{
    const struct wt_axis a = wt_axis_fit("x", low, high, logarithmic);
    if (fabs(a.from - from) > 1e-9 * fabs(to) || fabs(a.to - to) > 1e-9 * fabs(to) ||
        fabs(a.step - step) > 1e-9 * fabs(to) || a.decimals != decimals)
        fail_msg("%g to %g: %g to %g by %g, %d decimals", low, high, a.from, a.to, a.step,
                 a.decimals);
}

static void test_axes(void **state)
{
    check_axis(0, 12345, false, 0, 14000, 2000, 0);
    check_axis(3.91, 5.2, true, 3.8, 5.2, 0.2, 1); /* too little for a logarithm */
    check_axis(0, 0.001, false, 0, 0.001, 0.0002, 4);
    check_axis(-3, 11, true, -4, 12, 2, 0); /* a logarithm of what? */
    check_axis(2, 20, true, 2 / 1.08, 20 * 1.08, 0, 0);
    check_axis(5, 5, false, 5, 5.5, 0.1, 1);
    check_axis(INFINITY, -INFINITY, true, 0, 1e-9, 2e-10, 10); /* nothing to show */
}

/* A page with one chart of two lines between 1 and 100. */
static char *chart_of(bool logarithmic)
{
    const double x[] = {0, 5, 10}, y[] = {1, 10, 100}, z[] = {100, NAN, 1};
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    struct wt_chart chart;
    struct wt_axis up = {"up", 1, 100, logarithmic ? 0 : 33, 0};
    wt_chart_begin(&chart, f, (struct wt_axis){"x", 0, 10, 5, 0}, up, "for a test");
    chart.pale = true;
    wt_chart_line(&chart, x, z, 3, 0);
    wt_chart_line(&chart, x, y, 3, 0);
    wt_chart_dots(&chart, x, z, 3);
    wt_chart_end(&chart);
    fclose(f);
    return text;
}

/* The plot is 54..844 across and 346..26 up. */
static void test_chart(void **state)
{
    char *text = chart_of(true);
    assert_non_null(strstr(text, "<path class=\"plot s0 pale\" d=\"M54.0 26.0L844.0 346.0\"/>"));
    assert_non_null(
        strstr(text, "<path class=\"plot s0\" d=\"M54.0 346.0L449.0 186.0L844.0 26.0\"/>"));
    assert_non_null(
        strstr(text, "<path class=\"plot dots s0\" d=\"M54.0 26.0h0M844.0 346.0h0\"/>"));
    for (int i = 0; i < 7; i++) {
        static const char *const label[] = {">1<", ">2<", ">5<", ">10<", ">20<", ">50<", ">100<"};
        assert_non_null(strstr(text, label[i]));
    }
    assert_int_equal(count(text, "class=\"grid\""), 7 + 3);
    free(text);
    text = chart_of(false);
    assert_non_null(strstr(text, "L449.0 316.9L"));
    assert_int_equal(count(text, "class=\"grid\""), 4 + 3);
    free(text);
}

/* There is room for about six characters beside the plot. */
static void test_small_values(void **state)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    struct wt_chart chart;
    wt_chart_begin(&chart, f, wt_axis_fit("x", 0, 10, false), wt_axis_fit("y", 0, 1e-5, false),
                   "for a test");
    wt_chart_end(&chart);
    fclose(f);
    assert_non_null(strstr(text, ">1e-05<"));
    assert_non_null(strstr(text, ">6e-06<"));
    assert_non_null(strstr(text, "text-anchor=\"end\">0<"));
    assert_null(strstr(text, ">0.0000"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_html),
        cmocka_unit_test(test_mean_shape),
        cmocka_unit_test(test_axes),
        cmocka_unit_test(test_chart),
        cmocka_unit_test(test_base64_and_text),
        cmocka_unit_test(test_small_values),
    };
    if (!make_pictures())
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return remove_folder(folder) || failed;
}
