/* A training run's report: what it takes from the log, what it says, when it is written, and that a
 * report that cannot be written costs no more than a warning. */
#include <sys/stat.h>

#include "eval_maker.h"
#include "page_check.h"

#include "train/train_log.h"
#include "train/train_report.h"

static const char head[] = "step,epoch,loss,rate,gradient,faces_per_s,seconds,nme\n";
/* Two epochs of three steps, with an error of 20 % after the first and 10 % after the second. */
static const char two_epochs[] = "1,0,8,0.001,1,5,1,\n2,0,4,0.002,1,5,2,\n3,0,2,0.003,1,5,3,20\n"
                                 "4,1,2,0.002,1,5,4,20\n5,1,1,0.001,1,5,5,20\n6,1,1,0,1,5,6,10\n";

static struct wt_faces *faces;
static struct wt_recipe recipe;
static const char *source = "list.txt*2 in <there>";

static void write_log(const char *rows)
{
    char text[1024];
    const int n = snprintf(text, sizeof text, "%s%s", head, rows);
    write_file(in_folder("log.csv"), text, (size_t)n);
}

static struct wt_train_report begun(uint64_t step, uint64_t batch)
{
    struct wt_train_report r = {.folder = folder,
                                .recipe = &recipe,
                                .faces = faces,
                                .validation = faces,
                                .source = &source,
                                .sources = 1,
                                .precision = "bf16",
                                .kernels = "amx",
                                .threads = 2};
    wt_train_report_begin(&r, &(struct wt_train_facts){12345, "old & good.pth", step, batch, 3});
    return r;
}

static struct wt_train_step step_of(uint64_t step, double left)
{
    return (struct wt_train_step){.step = step,
                                  .epoch = (step - 1) / 3,
                                  .batch = (step - 1) % 3,
                                  .epoch_batches = 3,
                                  .faces_per_s = 5,
                                  .left = left};
}

static char *page_of(void)
{
    char *text = read_text(in_folder("report.html"));
    check_well_formed(text);
    check_self_contained(text);
    assert_null(strstr(text, "nan"));
    return text;
}

/* A validation as the trainer reports it. */
static void validated(struct wt_train_report *r, uint64_t step)
{
    struct wt_eval_face face[FACES] = {{.nme = 0}};
    for (int i = 0; i < FACES; i++) {
        face[i].nme = 3 + i;
        memcpy(face[i].found, wt_faces_get(faces, (size_t)i).sample->point, sizeof truth[i]);
    }
    wt_train_report_validated(r, &(struct wt_train_validation){step, face});
}

static void test_page(void **state)
{
    static const char *const wanted[] = {
        "http-equiv=\"refresh\"",
        "running, about 1 h 2 min left",
        "<path class=\"plot s0 pale\" d=\"M", /* the loss */
        /* 20 % at step 3 and 10 % at step 6; the axes go to 6, and from 10 to 20. */
        "<path class=\"plot s0\" d=\"M449.0 26.0L844.0 346.0\"/>",
        "<path class=\"plot dots s0\" d=\"M449.0 26.0h0M844.0 346.0h0\"/>",
        "best.safetensors: NME 10.000 % after epoch 2",
        "list.txt*2 in &lt;there&gt;",
        "old &amp; good.pth",
        "<dd>12345</dd>",
        "<dd>bf16, amx kernels, 2 threads</dd>",
        "6 of at most 30, 16 faces each",
        "\nwidth = 128\n",
        "FR8 0.00 %",
    };
    struct wt_train_report r = begun(0, 0);
    write_log(two_epochs);
    validated(&r, 6);
    const struct wt_train_step s = step_of(6, 3720);
    wt_train_report_step(&r, &s);
    char *text = page_of();
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!strstr(text, wanted[i]))
            fail_msg("lacks %s", wanted[i]);
    assert_int_equal(count(text, "data:image/jpeg;base64,/9j/"), FACES + 4);
    assert_int_equal(count(text, "<g class=\"p\">"), FACES + 4);
    const char *pale = strstr(text, "plot s0 pale"), *end = strchr(pale, '>');
    int points = 0;
    for (const char *p = pale; p < end; p++)
        points += *p == 'M' || *p == 'L';
    assert_int_equal(points, 6);
    free(text);
    wt_train_report_finish(&r, WT_OK, true);
}

static void check_state(double left, enum wt_status status, bool stopped, const char *words)
{
    struct wt_train_report r = begun(3, 0);
    const struct wt_train_step s = step_of(4, left);
    write_log(two_epochs);
    wt_train_report_step(&r, &s);
    wt_train_report_finish(&r, status, stopped);
    char *text = page_of();
    assert_null(strstr(text, "http-equiv"));
    if (!strstr(text, words))
        fail_msg("lacks \"%s\"", words);
    free(text);
}

static void test_states(void **state)
{
    recipe.patience = 7;
    check_state(0, WT_OK, false, "finished<");
    check_state(5, WT_OK, true, "stopped; --resume continues<");
    check_state(5, WT_OK, false, "stopped early: no better validation for 7 epochs<");
    check_state(5, WT_ERR_UNSUPPORTED, false, "ended by an error (not supported)");
    recipe.patience = 0;
}

/* Which rows are validations: the last of an epoch that another one follows, and the last of all if
 * it is known to be one. */
static void test_log(void **state)
{
    struct wt_train_log log;
    write_log(two_epochs);
    assert_int_equal(wt_train_log_read(&log, in_folder("log.csv"), 6), WT_OK);
    assert_int_equal(log.count, 6);
    assert_int_equal(log.validations, 2);
    assert_int_equal(log.validation[0], 2);
    assert_int_equal(log.best, 5);
    assert_true(log.column[WT_LOG_RATE][1] == 0.002 && isnan(log.column[WT_LOG_NME][0]));
    wt_train_log_fini(&log);
    assert_int_equal(wt_train_log_read(&log, in_folder("log.csv"), 3), WT_OK);
    assert_int_equal(log.validations, 1);
    assert_int_equal(log.best, 2);
    wt_train_log_fini(&log);

    write_log("1,0,8,1e-3,1,5,1,\nnonsense\n\n0,0,0,0,0,0,0,0\n2,0,4,1e-3,1,5\n2,0,4,1e-3,1,5,2,\n"
              "3,0,4,1e-3,1,5,2,9,9\n3,0,2,1e-3,1,5,3,2"); /* the last one was cut off */
    assert_int_equal(wt_train_log_read(&log, in_folder("log.csv"), 3), WT_OK);
    assert_int_equal(log.count, 2);
    assert_int_equal(log.validations, 0);
    assert_true(log.column[WT_LOG_LOSS][1] == 4);
    wt_train_log_fini(&log);
    struct log_capture c;
    log_capture_start(&c);
    assert_int_equal(wt_train_log_read(&log, in_folder("none.csv"), 0), WT_ERR_IO);
    assert_int_equal(c.errors, 1);
    wt_set_log(NULL, NULL, WT_LOG_INFO);
}

/* A long log is drawn as means of stretches: neither lost ends nor a page without end. */
static void test_long_log(void **state)
{
    struct wt_train_report r = begun(0, 0);
    FILE *f = fopen(in_folder("log.csv"), "w");
    fputs(head, f);
    for (int i = 1; i <= 30000; i++)
        fprintf(f, "%d,%d,%d,1e-3,1,5,%d,\n", i, (i - 1) / 3, i % 2 ? 1 : 3, i);
    fclose(f);
    const struct wt_train_step s = step_of(30000, 1);
    wt_train_report_step(&r, &s);
    wt_train_report_finish(&r, WT_OK, true);
    char *text = page_of();
    const char *pale = strstr(text, "plot s0 pale"), *end = strchr(pale, '>');
    assert_true(end - pale < 600 * 14 && end - pale > 600 * 10);
    assert_non_null(strstr(text, ">30000<"));
    assert_non_null(strstr(text, "<b>2.000<small>")); /* the mean of the last 100 steps */
    free(text);
}

/* Not every step writes; no failure is an error, and only the first one is told. */
static void test_writing(void **state)
{
    struct log_capture c;
    struct wt_train_report r = begun(0, 0);
    struct wt_train_step s = step_of(4, 5);
    write_log(two_epochs);
    wt_train_report_step(&r, &s);
    assert_int_equal(unlink(in_folder("report.html")), 0);
    wt_train_report_step(&r, &s);
    validated(&r, 5);
    wt_train_report_step(&r, &s);
    assert_int_not_equal(access(in_folder("report.html"), F_OK), 0); /* too soon */
    r.written -= 11;
    wt_train_report_step(&r, &s); /* a validation, and ten seconds have passed */
    assert_int_equal(unlink(in_folder("report.html")), 0);
    r.written -= 11;
    wt_train_report_step(&r, &s); /* nothing new */
    assert_int_not_equal(access(in_folder("report.html"), F_OK), 0);
    r.written -= 121;
    wt_train_report_step(&r, &s);
    assert_int_equal(unlink(in_folder("report.html")), 0);

    assert_int_equal(mkdir(in_folder("report.html"), 0700), 0);
    log_capture_start(&c);
    wt_set_log(log_capture_line, &c, WT_LOG_INFO);
    r.written -= 1000;
    wt_train_report_step(&r, &s);
    assert_int_equal(c.lines, 1);
    r.written -= 1000;
    wt_train_report_step(&r, &s);
    assert_int_equal(c.lines, 1);
    assert_int_equal(c.errors, 0); /* training goes on */
    assert_int_equal(wt_train_report_finish(&r, WT_OK, false), WT_ERR_IO);
    assert_int_equal(c.lines, 2);
    assert_int_equal(c.errors, 1);
    assert_int_equal(rmdir(in_folder("report.html")), 0);
    wt_set_log(NULL, NULL, WT_LOG_INFO);
}

static int setup(void **state)
{
    char list[512];
    snprintf(list, sizeof list, "%s", in_folder("list.txt"));
    FILE *f = fopen(list, "w");
    for (int i = 0; i < FACES; i++) {
        fprintf(f, "%s", image[i] + strlen(folder) + 1);
        for (int k = 0; k < 68; k++)
            fprintf(f, " %d %d", 10 + (k + i) % 27, 10 + (k * k) % 29);
        fprintf(f, "\n");
    }
    fclose(f);
    wt_recipe_init(&recipe);
    recipe.epochs = 10;
    recipe.validation = strdup("val <1>.txt");
    recipe.points = 68;
    return wt_faces_create(&faces, 68) || wt_faces_add(faces, list);
}

static int teardown(void **state)
{
    wt_faces_destroy(&faces);
    wt_recipe_fini(&recipe);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page),     cmocka_unit_test(test_states),  cmocka_unit_test(test_log),
        cmocka_unit_test(test_long_log), cmocka_unit_test(test_writing),
    };
    if (!make_pictures())
        return 1;
    int failed = cmocka_run_group_tests(tests, setup, teardown);
    return remove_folder(folder) || failed;
}
