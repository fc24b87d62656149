/* Labelling: the list after each face, going on, lists of others, names. */
#include "support.h"

#include "base/status.h"
#include "teach/label.h"

enum { N = 29, FACES = 3 };

static char folder[256], out[300];

static void put_file(const char *name, const char *text)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static char *read_out(void)
{
    static char text[20000];
    FILE *f = fopen(out, "r");
    assert_non_null(f);
    const size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    fclose(f);
    return text;
}

/* Two pictures, one of them with two faces and a name with blanks. */
static int set_up(void **state)
{
    char start[8000] = "# a start\n";
    scratch_folder(folder, sizeof folder);
    snprintf(out, sizeof out, "%s/faces.txt", folder);
    put_file("a \"b.png", "");
    put_file("c.png", "");
    for (int i = 0; i < FACES; i++) {
        strcat(start, i < 2 ? "\"a \\\"b.png\"" : "c.png");
        for (int k = 0; k < N; k++)
            sprintf(start + strlen(start), " %d.5 %d", 10 * i + k, k);
        strcat(start, "\n");
    }
    put_file("faces.start.txt", start);
    return 0;
}

static int tear_down(void **state)
{
    remove_folder(folder);
    return 0;
}

static void test_grows(void **state)
{
    struct wt_label *l = NULL;
    struct wt_point p[N];
    bool hidden[N] = {[3] = true, [28] = true};
    int done, skipped;
    assert_int_equal(wt_label_open(&l, out), WT_OK);
    assert_int_equal(l->start.count, FACES);
    assert_int_equal(wt_label_next_open(l, 0), 0);
    for (int k = 0; k < N; k++)
        p[k] = (struct wt_point){(float)k + 0.25f, 7};
    assert_int_equal(wt_label_set(l, 1, WT_LABEL_DONE, p, hidden), WT_OK);
    /* what is on the disk after every face is a whole list */
    struct wt_dataset list;
    assert_int_equal(wt_dataset_open(&list, out), WT_OK);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.points, N);
    assert_string_equal(list.sample[0].name, "a \"b.png");
    assert_float_equal(list.sample[0].point[4].x, 4.25f, 1e-4f);
    wt_dataset_fini(&list);
    assert_non_null(strstr(read_out(), "# face 2 hidden 3 28\n"));

    assert_int_equal(wt_label_set(l, 0, WT_LABEL_SKIPPED, l->face[0].point, l->face[0].hidden),
                     WT_OK);
    wt_label_close(&l);
    assert_null(l);

    /* another day: on with the third */
    assert_int_equal(wt_label_open(&l, out), WT_OK);
    wt_label_count(l, &done, &skipped);
    assert_int_equal(done, 1);
    assert_int_equal(skipped, 1);
    assert_int_equal(wt_label_next_open(l, 0), 2);
    assert_float_equal(l->face[1].point[4].x, 4.25f, 1e-4f);
    assert_true(l->face[1].hidden[3] && l->face[1].hidden[28] && !l->face[1].hidden[4]);
    assert_float_equal(l->face[2].point[0].x, 20.5f, 1e-4f);
    /* what was moved is there in memory alone */
    const size_t before = strlen(read_out());
    wt_label_touch(l, 2, p, hidden);
    assert_int_equal(strlen(read_out()), before);
    assert_int_equal(wt_label_set(l, 2, WT_LABEL_DONE, l->face[2].point, l->face[2].hidden), WT_OK);
    assert_int_equal(wt_label_next_open(l, 0), -1);
    /* a skipped face after all */
    assert_int_equal(wt_label_set(l, 0, WT_LABEL_DONE, p, hidden), WT_OK);
    assert_int_equal(wt_dataset_open(&list, out), WT_OK);
    assert_int_equal(list.count, FACES);
    wt_dataset_fini(&list);
    wt_label_close(&l);
}

/* A list that cannot be written is as before, and so is the face. */
static void test_full_disk(void **state)
{
    struct wt_label *l = NULL;
    assert_int_equal(wt_label_open(&l, out), WT_OK);
    assert_int_equal(wt_label_set(l, 0, WT_LABEL_DONE, l->face[0].point, l->face[0].hidden), WT_OK);
    char was[20000];
    strcpy(was, read_out());
    strcpy(l->out.text, "/proc/no/such/list.txt");
    const enum wt_log_level before = wt_fail_level(WT_LOG_DEBUG);
    assert_int_equal(wt_label_set(l, 1, WT_LABEL_DONE, l->face[1].point, l->face[1].hidden),
                     WT_ERR_IO);
    wt_fail_level(before);
    assert_int_equal(l->face[1].state, WT_LABEL_OPEN);
    assert_string_equal(read_out(), was);
    wt_label_close(&l);
}

/* Lists that others made, or that were damaged, are refused and stay. */
static void test_other_lists(void **state)
{
    static const char *const bad[] = {
        "c.png 1 2 3 4\n", /* no number */
        "# face 4\n",      /* no such face */
        "# face 0\n",
        "# face 1 seen\n",
        "# face 1 hidden 29\n",
        "# face 1 hidden x\n",
        "# face 1\nc.png 1 2 3\n", /* too few points */
        "# face 1\nc.png 1 2\n# face 2\n",
    };
    const enum wt_log_level before = wt_fail_level(WT_LOG_DEBUG);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct wt_label *l = NULL;
        put_file("faces.txt", bad[i]);
        assert_int_equal(wt_label_open(&l, out), WT_ERR_FORMAT);
        assert_null(l);
        assert_string_equal(read_out(), bad[i]);
    }
    wt_fail_level(before);
}

static void test_paths(void **state)
{
    struct wt_path start, pictures;
    assert_int_equal(wt_label_paths("a.b/faces.txt", &start, &pictures), WT_OK);
    assert_string_equal(start.text, "a.b/faces.start.txt");
    assert_string_equal(pictures.text, "a.b/faces.pictures");
    assert_int_equal(wt_label_paths("a.b/faces", &start, &pictures), WT_OK);
    assert_string_equal(start.text, "a.b/faces.start");
    assert_string_equal(pictures.text, "a.b/faces.pictures");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_grows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_full_disk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_lists, set_up, tear_down),
        cmocka_unit_test(test_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
