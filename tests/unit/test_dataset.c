#include "support.h"

#include <sys/stat.h>

#include "data/dataset.h"

static char folder[256], list[512];

/* n points as text, each with a blank before it: 10, 11, 12, ... */
static char *numbers(char *text, int n)
{
    char *p = text;
    for (int i = 0; i < n; i++)
        p += sprintf(p, " %d.5", 10 + i);
    *p = '\0';
    return text;
}

static enum wt_status open_bytes(const void *bytes, size_t size, struct wt_dataset *d,
                                 struct log_capture *log)
{
    write_file(list, bytes, size);
    memset(d, 0, sizeof *d);
    log_capture_start(log);
    return wt_dataset_open(d, list);
}

static enum wt_status open_text(const char *text, struct wt_dataset *d, struct log_capture *log)
{
    return open_bytes(text, strlen(text), d, log);
}

static void test_plain(void **state)
{
    struct wt_dataset d;
    struct log_capture log;
    char path[600];
    snprintf(path, sizeof path, "%s/a.png", folder);
    assert_int_equal(open_text("# faces\n\na.png 1 2 3.25 -4\nsub/b.png\t5 6  7e1 8 \n", &d, &log),
                     WT_OK);
    assert_int_equal(log.lines, 0);
    assert_int_equal(d.count, 2);
    assert_int_equal(d.points, 2);
    assert_string_equal(d.sample[0].name, "a.png");
    assert_string_equal(d.sample[0].image, path);
    assert_int_equal(d.sample[0].line, 3);
    assert_true(d.sample[0].point[0].x == 1 && d.sample[0].point[1].y == -4);
    assert_string_equal(d.sample[1].name, "sub/b.png");
    assert_int_equal(d.sample[1].line, 4);
    assert_true(d.sample[1].point[1].x == 70 && d.sample[1].point[1].y == 8);
    wt_dataset_fini(&d);
    assert_null(d.sample);
    wt_dataset_fini(NULL);
}

static void test_scheme_column(void **state)
{
    struct wt_dataset d;
    struct log_capture log;
    assert_int_equal(open_text("a.png 2 1 2 3 4\na.png 2 5 6 7 8\n", &d, &log), WT_OK);
    assert_int_equal(d.count, 2);
    assert_int_equal(d.points, 2);
    assert_true(d.sample[0].point[0].x == 1 && d.sample[1].point[1].y == 8);
    assert_string_equal(d.sample[1].name, "a.png");
    assert_ptr_equal(d.sample[0].image, d.sample[1].image);
    wt_dataset_fini(&d);
    assert_int_equal(open_text("a.png 2 1 2 3 4\na.png 3 5 6 7 8 9 10\n", &d, &log), WT_OK);
    assert_int_equal(d.points, 0);
    assert_int_equal(d.sample[1].points, 3);
    wt_dataset_fini(&d);
}

static void test_accepted(void **state)
{
    char many[4096], text[8192], absolute[600];
    snprintf(text, sizeof text, "a.png%s", numbers(many, 2 * 128));
    snprintf(absolute, sizeof absolute, "%s/a.png 1 2\na.png 3 4\n%s/a.png 5 6", folder, folder);
    const struct {
        const char *text;
        size_t count;
        int points;
    } cases[] = {
        {"a.png 1 2\r\na.png 3 4\r\n", 2, 1}, /* line ends of DOS */
        {"a.png 1 2", 1, 1},                  /* no end of the last line */
        {"\xEF\xBB\xBF"
         "a.png 1 2\n",
         1, 1}, /* byte order mark */
        {"  a.png 1 2  \n", 1, 1},
        {"#x\n# a.png nan\n\n \t \r\na.png 1 2\n#", 1, 1},
        {"a.png -1e3 99999.5\n", 1, 1},
        {text, 1, 128},
        {absolute, 3, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wt_dataset d;
        struct log_capture log;
        if (open_text(cases[i].text, &d, &log) != WT_OK)
            fail_msg("case %zu: %s", i, log.last);
        assert_int_equal(d.count, cases[i].count);
        assert_int_equal(d.points, cases[i].points);
        for (size_t k = 0; k < d.count; k++)
            assert_int_equal(access(d.sample[k].image, R_OK), 0);
        wt_dataset_fini(&d);
    }
}

static void test_rejected(void **state)
{
    char many[8192], text[9000];
    snprintf(text, sizeof text, "a.png%s", numbers(many, 2 * 129));
    const struct {
        const char *text, *message;
    } cases[] = {
        {"", "no face"},
        {"\n\n# nothing\n", "no face"},
        {"a.png\n", ":1: no coordinates"},
        {"a.png 1 2\na.png 1 2 3 4\n", ":2: 2 points, where line 1 has 1"},
        {"a.png 1 2 3 4\na.png 1 2\n", ":2: 1 points, where line 1 has 2"},
        {"a.png 1 2\na.png 1 2 3\n", ":2: 3 numbers, an x without its y"},
        {"a.png 7 2 3\n", ":1: 3 numbers: neither"},
        {"a.png 0\n", ":1: no points"},
        {"a.png 2 1 2 3 4\na.png 1 2 3 4\n", ":2: 4 numbers, where other lines have a scheme"},
        {"a.png 2 1 2 3 4\na.png 3 1 2 3 4\n", ":2: 5 numbers: neither"},
        {"a.png 1 nan\n", "field 3, \"nan\", is not a number"},
        {"a.png 1 inf\n", "out of range"},
        {"a.png 1 -inf\n", "out of range"},
        {"a.png 1e9 1\n", "field 2, 1e9, is out of range"},
        {"a.png 1e999 1\n", "out of range"},
        {"a.png 1 2x\n", "\"2x\", is not a number"},
        {"a.png 1,2\n", "\"1,2\", is not a number"},
        {"a.png one two\n", "not a number"},
        {"no.png 1 2\n", ":1: no.png: No such file"},
        {"a.png 1 2\nno.png 1 2\n", ":2: no.png: No such file"},
        {"a.png/deeper.png 1 2\n", "Not a directory"},
        {text, ":1: more than 128 points"},
        {"\x89PNG\r\n\x1a\n\x01\x02\x03", "no coordinates"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wt_dataset d;
        struct log_capture log;
        enum wt_status status = open_text(cases[i].text, &d, &log);
        if (status != WT_ERR_FORMAT || !strstr(log.last, cases[i].message) ||
            !strstr(log.last, list) || !log.errors)
            fail_msg("case %zu: status %d, \"%s\"; wanted \"%s\"", i, status, log.last,
                     cases[i].message);
        assert_null(d.sample);
    }
}

static void test_many_bad_lines(void **state)
{
    char text[4096] = "a.png 1 2\n";
    struct wt_dataset d;
    struct log_capture log;
    for (int i = 0; i < 50; i++)
        strcat(text, "a.png 1 x\n");
    assert_int_equal(open_text(text, &d, &log), WT_ERR_FORMAT);
    assert_int_equal(log.errors, 11); /* ten, and the count */
    assert_non_null(strstr(log.last, "50 bad lines"));
}

static void test_binary(void **state)
{
    struct wt_dataset d;
    struct log_capture log;
    unsigned char junk[20000];
    unsigned x = 1;
    for (size_t i = 0; i < sizeof junk; i++)
        junk[i] = (unsigned char)((x = x * 1664525u + 1013904223u) >> 24);
    assert_int_equal(open_bytes(junk, sizeof junk, &d, &log), WT_ERR_FORMAT);
    assert_true(log.errors >= 1 && log.errors <= 11);
    assert_int_equal(open_bytes("a.png 1 2\0 3\n", 13, &d, &log), WT_ERR_FORMAT);
    assert_non_null(strstr(log.last, ":1: not text"));
}

static void test_long_lines(void **state)
{
    enum { SIZE = 3000000 };
    struct wt_dataset d;
    struct log_capture log;
    char *text = malloc(SIZE);
    assert_non_null(text);
    memset(text, 'x', SIZE); /* a name of 3 MB */
    memcpy(text + SIZE - 4, " 1 2", 4);
    assert_int_equal(open_bytes(text, SIZE, &d, &log), WT_ERR_FORMAT);
    assert_int_equal(log.errors, 1);
    memset(text, '1', SIZE); /* a number of 3 MB */
    memcpy(text, "a.png ", 6);
    assert_int_equal(open_bytes(text, SIZE, &d, &log), WT_ERR_FORMAT);
    assert_int_equal(log.errors, 1);
    memset(text, ' ', SIZE); /* blanks do not matter */
    memcpy(text, "a.png", 5);
    memcpy(text + SIZE - 4, " 1 2", 4);
    assert_int_equal(open_bytes(text, SIZE, &d, &log), WT_OK);
    wt_dataset_fini(&d);
    free(text);
}

static void test_no_list(void **state)
{
    struct wt_dataset d;
    struct log_capture log;
    log_capture_start(&log);
    assert_int_equal(wt_dataset_open(&d, "/no/such/list.txt"), WT_ERR_IO);
    assert_int_equal(log.errors, 1);
    log_capture_start(&log);
    assert_int_equal(wt_dataset_open(&d, folder), WT_ERR_IO);
    assert_int_equal(log.errors, 1);
}

/* A line of WFLW: 98 points from `start` on, then what follows them. */
static void wflw(char *text, int start, const char *rest)
{
    for (int i = 0; i < 196; i++)
        text += sprintf(text, "%d.5 ", start + i);
    strcpy(text, rest);
}

static void test_wflw(void **state)
{
    static const char *const subset[] = {"pose",    "expression", "illumination",
                                         "make-up", "occlusion",  "blur"};
    char one[4096], two[4096], text[8192], path[600];
    struct wt_dataset d;
    struct log_capture log;
    wflw(one, 10, "20 30 120.5 230 1 0 0 0 1 0 a.png\r\n");
    wflw(two, -5, "-7 1 2 3 0 0 0 0 0 1 sub/b.png");
    snprintf(text, sizeof text, "%s%s", one, two);
    if (open_text(text, &d, &log) != WT_OK)
        fail_msg("%s", log.last);
    assert_int_equal(d.count, 2);
    assert_int_equal(d.points, 98);
    assert_true(d.boxes);
    assert_int_equal(d.subsets, 6);
    for (int i = 0; i < 6; i++)
        assert_string_equal(d.subset[i], subset[i]);
    const struct wt_sample *s = d.sample;
    assert_true(s->box.x == 20 && s->box.y == 30 && s->box.w == 100.5f && s->box.h == 200);
    assert_int_equal(s->subsets, 1 | 16);
    assert_int_equal(s[1].subsets, 32);
    assert_true(s->point[0].x == 10.5f && s->point[97].y == 205.5f && s[1].point[0].x == -5.5f);
    assert_string_equal(s[1].name, "sub/b.png");
    snprintf(path, sizeof path, "%s/sub/b.png", folder);
    assert_string_equal(s[1].image, path);
    wt_dataset_fini(&d);

    wflw(one, 10, "a.png"); /* the lists of single subsets have neither box nor flags */
    assert_int_equal(open_text(one, &d, &log), WT_OK);
    assert_true(!d.boxes && d.subsets == 0 && d.sample[0].box.w == 0);
    wt_dataset_fini(&d);
}

/* As the data set is unpacked: lists in WFLW_annotations/KIND/, images in WFLW_images/. */
static void test_wflw_folders(void **state)
{
    static const char *const place[] = {"WFLW_images", "../WFLW_images", "../../WFLW_images"};
    char text[4096], deep[512], path[1024];
    snprintf(deep, sizeof deep, "%s/x/y", folder);
    snprintf(path, sizeof path, "mkdir -p '%s'", deep);
    assert_int_equal(system(path), 0);
    wflw(text, 0, "9--P/p.png\n");
    for (int i = 0; i < 3; i++) {
        struct wt_dataset d;
        snprintf(path, sizeof path, "cd '%s' && mkdir -p %s/9--P && touch %s/9--P/p.png", deep,
                 place[i], place[i]);
        assert_int_equal(system(path), 0);
        snprintf(path, sizeof path, "%s/list.txt", deep);
        write_file(path, text, strlen(text));
        assert_int_equal(wt_dataset_open(&d, path), WT_OK);
        assert_non_null(strstr(d.sample[0].image, place[i]));
        assert_string_equal(d.sample[0].name, "9--P/p.png");
        wt_dataset_fini(&d);
        snprintf(path, sizeof path, "%s/%s", deep, place[i]);
        assert_int_equal(remove_folder(path), 0);
    }
    snprintf(path, sizeof path, "%s/list.txt", deep);
    struct wt_dataset d;
    struct log_capture log;
    log_capture_start(&log);
    assert_int_equal(wt_dataset_open(&d, path), WT_ERR_FORMAT);
    assert_non_null(strstr(log.last, ":1: 9--P/p.png: No such file"));
    write_file(path, "b.png 1 2\n", 10); /* a folder that is named holds for every kind of list */
    snprintf(deep, sizeof deep, "%s/sub", folder);
    assert_int_equal(wt_dataset_open_in(&d, path, deep), WT_OK);
    assert_string_equal(d.sample[0].name, "b.png");
    wt_dataset_fini(&d);
    snprintf(path, sizeof path, "%s/x", folder);
    assert_int_equal(remove_folder(path), 0);
}

static void test_wflw_rejected(void **state)
{
    static const struct {
        const char *rest, *message;
    } cases[] = {
        {"1 2 3 4 a.png", ":1: 200 numbers before the image"},
        {"1 2 3 4 0 0 0 0 0 a.png", ":1: 205 numbers before the image"},
        {"5 2 3 4 0 0 0 0 0 0 a.png", ":1: the box from 5, 2 to 3, 4 is empty"},
        {"1 2 3 4 0 0 2 0 0 0 a.png", ":1: illumination is 2, neither 0 nor 1"},
        {"1 2 3 4 0 0 0 0 0 0.5 a.png", ":1: blur is 0.5, neither"},
        {"1 x 3 4 0 0 0 0 0 0 a.png", ":1: field 198, \"x\", is not a number"},
        {"no.png", ":1: no.png: No such file"},
        {"a.png\n1 2 a.png", ":2: 2 numbers before the image"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[4096];
        struct wt_dataset d;
        struct log_capture log;
        wflw(text, 10, cases[i].rest);
        if (open_text(text, &d, &log) != WT_ERR_FORMAT || !strstr(log.last, cases[i].message))
            fail_msg("case %zu: \"%s\"; wanted \"%s\"", i, log.last, cases[i].message);
    }
}

static void test_subsets(void **state)
{
    static const char faces[] = "a.png 1 2\na.png 3 4\nsub/b.png 5 6\n";
    static const struct {
        const char *text, *message; /* NULL: accepted */
    } cases[] = {
        {"sub/b.png blur\r\n# x\n\na.png blur,pose\n", NULL},
        {"", "no subset"},
        {"a.png\n", ":1: not an image and its subsets"},
        {"a.png blur, pose\n", ":1: not an image and its subsets"},
        {"none.png blur\n", ":1: none.png: not in the list"},
        {"a.png blur\na.png pose\n", ":2: a.png: a second time"},
        {"a.png 0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w",
         ":1: more than 32 subsets"},
    };
    struct wt_dataset d;
    struct log_capture log;
    char path[600];
    snprintf(path, sizeof path, "%s/subsets.txt", folder);
    assert_int_equal(open_text(faces, &d, &log), WT_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_file(path, cases[i].text, strlen(cases[i].text));
        log_capture_start(&log);
        enum wt_status status = wt_dataset_read_subsets(&d, path);
        if (cases[i].message &&
            (status != WT_ERR_FORMAT || log.errors != 1 || !strstr(log.last, cases[i].message)))
            fail_msg("case %zu: \"%s\"; wanted \"%s\"", i, log.last, cases[i].message);
        assert_true(cases[i].message || status == WT_OK);
        assert_int_equal(d.subsets, 2); /* those of the good file stay */
        assert_string_equal(d.subset[0], "blur");
        assert_string_equal(d.subset[1], "pose");
        assert_true(d.sample[0].subsets == 3 && d.sample[1].subsets == 3 &&
                    d.sample[2].subsets == 1);
    }
    unlink(path);
    wt_dataset_fini(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),          cmocka_unit_test(test_scheme_column),
        cmocka_unit_test(test_accepted),       cmocka_unit_test(test_rejected),
        cmocka_unit_test(test_many_bad_lines), cmocka_unit_test(test_binary),
        cmocka_unit_test(test_long_lines),     cmocka_unit_test(test_no_list),
        cmocka_unit_test(test_wflw),           cmocka_unit_test(test_wflw_folders),
        cmocka_unit_test(test_wflw_rejected),  cmocka_unit_test(test_subsets),
    };
    char a[512], sub[512], b[512];
    scratch_folder(folder, sizeof folder);
    snprintf(list, sizeof list, "%s/list.txt", folder);
    snprintf(a, sizeof a, "%s/a.png", folder);
    snprintf(sub, sizeof sub, "%s/sub", folder);
    snprintf(b, sizeof b, "%s/sub/b.png", folder);
    write_file(a, "x", 1); /* only their presence matters here */
    mkdir(sub, 0700);
    write_file(b, "x", 1);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(b);
    rmdir(sub);
    unlink(a);
    unlink(list);
    rmdir(folder);
    return failed;
}
