/* Lists and folders of faces as people write them: byte order marks, line ends, capitals, blanks in
 * names, pictures of any ending, fractions for pixels. Those of the shared cases, where they are
 * there, and made ones of the same kinds. */
#include "capture.h"

#include <sys/stat.h>

#include "data/dataset_open.h"
#include "data/faces.h"
#include "data/label_style.h"
#include "data/list_name.h"
#include "train/recipe.h"

#define BOM "\xEF\xBB\xBF"
enum { POINTS = 19 };

static struct {
    int count;
    char last[2048];
} warned;

static void keep_line(void *user, enum wt_log_level level, const char *line)
{
    log_capture_line(&capture.log, level, line);
    if (level == WT_LOG_WARN && ++warned.count)
        snprintf(warned.last, sizeof warned.last, "%s", line);
}

static int setup(void **state)
{
    capture_setup(state);
    memset(&warned, 0, sizeof warned);
    wt_set_log(keep_line, NULL, WT_LOG_DEBUG);
    return 0;
}

static int teardown(void **state)
{
    return remove_folder(capture.folder);
}

static void put(const char *name, const char *text)
{
    write_file(capture_path(name), text, strlen(text));
}

/* A folder in the scratch folder; the path holds until the next call of capture_path. */
static void folder(const char *name)
{
    assert_int_equal(mkdir(capture_path(name), 0700), 0);
}

/* A .pts file with these words and ends of line; points (10 + i + 1, 20 + i + 1), 1-based. */
static void put_pts(const char *name, const char *before, const char *count, const char *end)
{
    char text[2048], *p = text;
    p += sprintf(p, "%s%s", before, end);
    p += sprintf(p, "%s%d%s{%s", count, POINTS, end, end);
    for (int i = 0; i < POINTS; i++)
        p += sprintf(p, "%d %d%s", 11 + i, 21 + i, i % 2 ? "\n" : end);
    sprintf(p, "}%s", end);
    put(name, text);
}

static void assert_face(const struct wt_sample *s)
{
    assert_int_equal(s->points, POINTS);
    for (int i = 0; i < POINTS; i++)
        assert_true(s->point[i].x == (float)(10 + i) && s->point[i].y == (float)(20 + i));
}

static void test_pts_written_by_anyone(void **state)
{
    static const struct {
        const char *name, *picture, *before, *count, *end;
    } file[] = {
        {"a.pts", "a.jpg", BOM "version: 1", "n_points: ", "\n"},
        {"b.PTS", "b.JPG", "VERSION: 1", "N_POINTS: ", "\r\n"},
        {"c.Pts", "c.WebP", BOM "Version: 1", "N_Points:", "\r"},
        {"d.pts", "d.tif", "version : 1", "n_points : ", "\r"},
        {"e.e.pts", "e.e.heic", "version: 1", "n_points ", "\n"},
        {"f.jpg.pts", "f.jpg", "// made by hand", "n_points:  ", "\r\n"},
        {"g g.pts", "g g.jfif", BOM, "n_points: ", "\n"},
    };
    enum { FILES = sizeof file / sizeof *file };
    struct wt_dataset d;
    for (int i = 0; i < FILES; i++) {
        put_pts(file[i].name, file[i].before, file[i].count, file[i].end);
        put(file[i].picture, "x");
    }
    if (wt_dataset_open_any(&d, capture.folder, NULL))
        fail_msg("%s", capture.log.last);
    assert_int_equal(d.count, FILES);
    for (int i = 0; i < FILES; i++) {
        assert_face(&d.sample[i]);
        assert_string_equal(d.sample[i].name, capture_path(file[i].name));
        assert_string_equal(d.sample[i].image, capture_path(file[i].picture));
    }
    assert_int_equal(warned.count, 0);
    wt_dataset_fini(&d);
}

static void test_picture_beside_pts(void **state)
{
    struct wt_dataset d;
    put_pts("a.pts", "version: 1", "n_points: ", "\n");
    put("a.txt", "not a picture");
    assert_int_equal(wt_dataset_open_any(&d, capture.folder, NULL), WT_ERR_FORMAT);
    assert_non_null(strstr(capture.log.last, "a.pts: no picture of that name"));
    put("a.bmp", "x");
    put("a.jpg", "x");
    put("a.PNG", "x");
    put("aa.jpg", "x");
    assert_int_equal(wt_dataset_open_any(&d, capture.folder, NULL), WT_OK);
    assert_string_equal(d.sample[0].image, capture_path("a.jpg"));
    wt_dataset_fini(&d);
}

static void test_what_a_folder_leaves_out(void **state)
{
    struct wt_dataset d;
    put_pts("a.pts", "version: 1", "n_points: ", "\n");
    put("a.jpg", "x");
    put(".hidden.jpg", "x");
    assert_int_equal(wt_dataset_open_any(&d, capture.folder, NULL), WT_OK);
    assert_int_equal(warned.count, 0);
    wt_dataset_fini(&d);
    folder("sub");
    put("sub/b.JPG", "x");
    put("z.png", "x");
    assert_int_equal(wt_dataset_open_any(&d, capture.folder, NULL), WT_OK);
    assert_int_equal(d.count, 1);
    assert_int_equal(warned.count, 1);
    assert_non_null(strstr(warned.last, "pictures without a .pts file: 2: sub/b.JPG, z.png"));
    wt_dataset_fini(&d);
    unlink(capture_path("z.png"));
    unlink(capture_path("sub/b.JPG"));

    put("c.pts.txt", "x");
    assert_int_equal(wt_dataset_open_any(&d, capture.folder, NULL), WT_OK);
    assert_int_equal(warned.count, 2);
    assert_non_null(strstr(warned.last, "neither .pts nor a picture of one: 1: c.pts.txt"));
    wt_dataset_fini(&d);
    unlink(capture_path("c.pts.txt"));

    assert_int_equal(symlink("nowhere", capture_path("d.pts")), 0);
    assert_int_equal(wt_dataset_open_any(&d, capture.folder, NULL), WT_OK);
    assert_int_equal(warned.count, 3);
    assert_non_null(strstr(warned.last, "cannot be looked at: 1: d.pts"));
    wt_dataset_fini(&d);
    unlink(capture_path("d.pts"));

    for (int i = 0; i < 7; i++) {
        char name[16];
        snprintf(name, sizeof name, "z%d.png", i);
        put(name, "x");
    }
    assert_int_equal(wt_dataset_open_any(&d, capture.folder, NULL), WT_OK);
    assert_non_null(strstr(warned.last, ": 7: z0.png, z1.png, z2.png, z3.png, z4.png, ..."));
    wt_dataset_fini(&d);

    char deep[64] = "sub";
    for (int i = 0; i < 8; i++)
        folder(strcat(deep, "/s"));
    put_pts(strcat(deep, "/a.pts"), "version: 1", "n_points: ", "\n");
    assert_int_equal(wt_dataset_open_any(&d, capture.folder, NULL), WT_OK);
    assert_int_equal(d.count, 1);
    assert_non_null(strstr(warned.last, "more than eight deep: 1: sub/s/s/s/s/s/s/s/s"));
    wt_dataset_fini(&d);
}

/* Opens a list with this text. */
static enum wt_status open_list(struct wt_dataset *d, const char *text)
{
    put("list.txt", text);
    memset(d, 0, sizeof *d);
    log_capture_start(&capture.log);
    wt_set_log(keep_line, NULL, WT_LOG_DEBUG);
    return wt_dataset_open_any(d, capture_path("list.txt"), NULL);
}

static void test_line_ends(void **state)
{
    static const char *const text[] = {
        "a.png 1 2\rb.png 3 4\r",
        "\r\r#x\ra.png 1 2\r\nb.png 3 4",
        BOM "a.png 1 2\nb.png 3 4\r",
        BOM "# x\r\n\na.png 1 2\n\r\nb.png 3 4\r\n",
    };
    struct wt_dataset d;
    put("a.png", "x");
    put("b.png", "x");
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        if (open_list(&d, text[i]))
            fail_msg("%zu: %s", i, capture.log.last);
        assert_int_equal(d.count, 2);
        assert_string_equal(d.sample[1].name, "b.png");
        assert_true(d.sample[0].point[0].y == 2 && d.sample[1].point[0].y == 4);
        wt_dataset_fini(&d);
    }
    assert_int_equal(open_list(&d, "a.png 1 2\r\rb.png 3 x\r"), WT_ERR_FORMAT);
    assert_non_null(strstr(capture.log.last, "list.txt:3: "));
    assert_int_equal(open_list(&d, "\xFF\xFE"
                                   "a.png"),
                     WT_ERR_FORMAT);
    assert_non_null(strstr(capture.log.last, "UTF-16"));
}

static void test_blanks_in_names(void **state)
{
    static const struct {
        const char *text, *name;
    } cases[] = {
        {"\"my dir/p 0.jpg\" 11 12\n", "my dir/p 0.jpg"},
        {BOM "'my dir/p 0.jpg'\t11 12\n", "my dir/p 0.jpg"},
        {"my\\ dir/p\\ 0.jpg 11 12\n", "my dir/p 0.jpg"},
        {"my dir/p 0.jpg 11 12\n", "my dir/p 0.jpg"},
        {"  my dir/p 0.jpg  1 11 12 \r\n", "my dir/p 0.jpg"},
        {"\"my dir/p 0.jpg\" 1 11 12\n", "my dir/p 0.jpg"},
        {"12 a 3.JPG 11 12\n", "12 a 3.JPG"},
        {"no ending 11 12\n", "no ending"},
        {"\"7 8\" 11 12\n", "7 8"},
        {"\"a.png\" 11 12\n", "a.png"},
        {"'a.png' 11 12\n", "a.png"},
        {"\"say \\\"a\\\".png\" 11 12\n", "say \"a\".png"},
        {"\"it's.png\" 11 12\n", "it's.png"},
        /* as ever: */
        {"\"x.png 11 12\n", "\"x.png"},
        {"it's.png 11 12\n", "it's.png"},
        {"\"a\"b.png 11 12\n", "\"a\"b.png"},
        {"back\\slash.png 11 12\n", "back\\slash.png"},
    };
    struct wt_dataset d;
    char wflw[4096], *p = wflw;
    folder("my dir");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        put(cases[i].name, "x");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (open_list(&d, cases[i].text))
            fail_msg("%s: %s", cases[i].text, capture.log.last);
        assert_string_equal(d.sample[0].name, cases[i].name);
        assert_string_equal(d.sample[0].image, capture_path(cases[i].name));
        assert_true(d.sample[0].point[0].x == 11 && d.sample[0].point[0].y == 12);
        wt_dataset_fini(&d);
    }
    for (int i = 0; i < 196; i++)
        p += sprintf(p, "%d ", i);
    static const char *const last[] = {"\"my dir/p 0.jpg\"", "'my dir/p 0.jpg' \r",
                                       "my\\ dir/p\\ 0.jpg", "my dir/p 0.jpg"};
    for (size_t i = 0; i < sizeof last / sizeof *last; i++) {
        strcpy(p, last[i]);
        if (open_list(&d, wflw))
            fail_msg("%s: %s", last[i], capture.log.last);
        assert_string_equal(d.sample[0].name, "my dir/p 0.jpg");
        assert_true(d.sample[0].points == 98 && d.sample[0].point[97].y == 195);
        wt_dataset_fini(&d);
    }
    assert_int_equal(open_list(&d, "my dir/none 0.jpg 11 12\n"), WT_ERR_FORMAT);
    assert_non_null(strstr(capture.log.last, ":1: my dir/none 0.jpg: No such file"));
    assert_int_equal(open_list(&d, "\"my dir/none 0.jpg\" 11 12\n"), WT_ERR_FORMAT);
    assert_non_null(strstr(capture.log.last, ":1: my dir/none 0.jpg: No such file"));

    /* Quotes without an end, and many of them: read in no time, and refused. */
    enum { SIZE = 2000000 };
    char *many = malloc(SIZE + 1);
    assert_non_null(many);
    for (int i = 0; i < SIZE; i++)
        many[i] = "\"x "[i % 3];
    many[SIZE] = '\0';
    assert_int_equal(open_list(&d, many), WT_ERR_FORMAT);
    memcpy(many, "1 ", 2);
    many[SIZE - 1] = '"';
    assert_int_equal(open_list(&d, many), WT_ERR_FORMAT);
    free(many);
}

/* Lists from systems that do not tell capitals from small letters. */
static void test_names_in_other_cases(void **state)
{
    struct wt_dataset d;
    put("Face.JPG", "x");
    put("other.Png", "x");
    put("two.png", "x");
    put("TWO.png", "x");
    assert_int_equal(open_list(&d, "Face.jpg 11 12\nOTHER.png 11 12\ntwo.PNG 11 12\n"), WT_OK);
    assert_int_equal(d.count, 3);
    assert_string_equal(d.sample[0].name, "Face.JPG"); /* as the disk has it */
    assert_string_equal(d.sample[0].image, capture_path("Face.JPG"));
    assert_string_equal(d.sample[1].image, capture_path("other.Png"));
    assert_string_equal(d.sample[2].image, capture_path("two.png")); /* by the ending alone */
    wt_dataset_fini(&d);
    assert_int_equal(open_list(&d, "Two.PNG 11 12\n"), WT_ERR_FORMAT); /* which of the two? */
    assert_non_null(strstr(capture.log.last, ":1: Two.PNG: No such file"));
    assert_int_equal(open_list(&d, "Nobody.jpg 11 12\n"), WT_ERR_FORMAT);
}

static void test_subsets_file(void **state)
{
    static const char *const text[] = {
        BOM "\"my p.png\" x\ra.png y\r",
        "my\\ p.png x\r\na.png  y\t\r\n",
        BOM "my p.png x\n'a.png' y",
    };
    struct wt_dataset d;
    put("my p.png", "x");
    put("a.png", "x");
    assert_int_equal(open_list(&d, "\"my p.png\" 11 12\na.png 11 12\n"), WT_OK);
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        put("subsets.txt", text[i]);
        if (wt_dataset_read_subsets(&d, capture_path("subsets.txt")))
            fail_msg("%zu: %s", i, capture.log.last);
        assert_int_equal(d.subsets, 2);
        assert_string_equal(d.subset[0], "x");
        assert_true(d.sample[0].subsets == 1 && d.sample[1].subsets == 2);
    }
    wt_dataset_fini(&d);
}

static void test_style_and_recipe(void **state)
{
    char text[4096];
    for (int k = 0; k < 2; k++) {
        char *p = text + sprintf(text, BOM "# style\r");
        struct wt_label_style style;
        for (int i = 0; i < WT_LABEL_STYLE_POINTS; i++)
            p += sprintf(p, "%d 0.01 0%s", i, k ? "\r" : i % 2 ? "\r\n" : "\n");
        put("style.txt", text);
        if (wt_label_style_read(&style, capture_path("style.txt")))
            fail_msg("%s", capture.log.last);
        assert_true(style.shift[97].x == 0.01f);
    }
    struct wt_recipe recipe;
    put("a.recipe", BOM "points = 68\rwidth = 32\r\n\rbatch = 8\n");
    if (wt_recipe_read(&recipe, capture_path("a.recipe")))
        fail_msg("%s", capture.log.last);
    assert_int_equal(recipe.points, 68);
    wt_recipe_fini(&recipe);
}

static void test_fractions(void **state)
{
    static const char *const refused[] = {
        "a.png 0.2 0.3 0.4 0.5\n",
        "a.png 2 0.2 0.3 0.4 0.5\n",
        "a.png -0.05 0.3 0.4 1.1\na.png 0 0 1 1\na.png 0.1 0.2 0.3 0.4\n",
        "a.png 20 30 40 50\na.png 0.1 0.2 0.3 0.4\n",
        "none.png 0.1 0.2 0.3 0.4\n",
    };
    struct wt_dataset d;
    struct wt_faces *faces;
    char text[4096] = "", source[512];
    put("a.png", "x");
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_int_equal(open_list(&d, refused[i]), WT_ERR_FORMAT);
        assert_int_equal(capture.log.errors, 1);
        assert_non_null(strstr(capture.log.last, i == 3 ? "list.txt:2: " : "list.txt:1: "));
        assert_non_null(strstr(capture.log.last, "in pixels"));
    }
    assert_int_equal(open_list(&d, "a.png 0.5 1 2 3.5\na.png -3 0 1 1\na.png 0 0 0 0\n"), WT_OK);
    wt_dataset_fini(&d);
    /* As sources of a training, too. */
    for (int i = 0; i < 98; i++)
        sprintf(text + strlen(text), "0.%d 0.3 ", 100 + i);
    strcat(text, "a.png");
    assert_int_equal(open_list(&d, text), WT_ERR_FORMAT);
    snprintf(source, sizeof source, "%s*2", capture_path("list.txt"));
    assert_int_equal(wt_faces_create(&faces, 98), WT_OK);
    capture.log.errors = 0;
    assert_int_equal(wt_faces_add(faces, source), WT_ERR_FORMAT);
    assert_int_equal(capture.log.errors, 1);
    assert_non_null(strstr(capture.log.last, "in pixels"));
    /* Folders of .pts files. */
    folder("f");
    for (int k = 0; k < 2; k++) {
        char *p = text + sprintf(text, "n_points: %d\n{\n", POINTS);
        for (int i = 0; i < POINTS; i++)
            p += sprintf(p, "0.%d 0.5\n", 10 + i);
        strcpy(p, "}\n");
        put(k ? "f/b.pts" : "f/a.pts", text);
        put(k ? "f/b.png" : "f/a.png", "x");
    }
    capture.log.errors = 0;
    assert_int_equal(wt_faces_add(faces, capture_path("f")), WT_ERR_FORMAT);
    assert_int_equal(capture.log.errors, 1);
    assert_non_null(strstr(capture.log.last, "f/a.pts: the coordinates, from 0.1 to 0.5"));
    wt_faces_destroy(&faces);
}

/* Words of a source that are a part of its path. */
static void test_paths_like_words(void **state)
{
    struct wt_faces *faces;
    char text[2048], *p = text + sprintf(text, "a.png");
    for (int i = 0; i < 2 * POINTS; i++)
        p += sprintf(p, " %d", 10 + i);
    folder("faces in 2020");
    put("faces in 2020/a.png", "x");
    put("faces in 2020/b*2@x.txt", text);
    assert_int_equal(wt_faces_create(&faces, POINTS), WT_OK);
    if (wt_faces_add(faces, capture_path("faces in 2020/b*2@x.txt")))
        fail_msg("%s", capture.log.last);
    assert_int_equal(wt_faces_epoch_size(faces), 1);
    wt_faces_destroy(&faces);
}

/* ---- the shared cases ------------------------------------------------------------------------ */

static void open_shared(struct wt_dataset *d, const char *name)
{
    char path[1200], rest[128];
    snprintf(rest, sizeof rest, "cases/lists/%s", name);
    assert_non_null(shared_path(rest, path, sizeof path));
    if (wt_dataset_open_any(d, path, NULL))
        fail_msg("%s", capture.log.last);
    assert_int_equal(d->count, 3);
}

static void assert_same(const char *name, const char *wanted)
{
    struct wt_dataset a, b;
    open_shared(&a, name);
    open_shared(&b, wanted);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(a.sample[i].points, b.sample[i].points);
        assert_memory_equal(a.sample[i].point, b.sample[i].point,
                            (size_t)a.sample[i].points * sizeof *a.sample[i].point);
        assert_int_equal(access(a.sample[i].image, R_OK), 0);
    }
    assert_int_equal(warned.count, 0);
    wt_dataset_fini(&a);
    wt_dataset_fini(&b);
}

static void test_shared_cases(void **state)
{
    struct wt_dataset d;
    char path[1200];
    if (!shared_path("cases/lists/own/own.txt", path, sizeof path))
        skip();
    assert_same("pts_bom", "pts_plain");
    assert_same("pts_PTS", "pts_plain");
    assert_same("pts_mixed", "pts_plain");
    assert_same("own/ownspace.txt", "own/own.txt");
    assert_same("own/ownquoted.txt", "own/own.txt");
    assert_int_equal(wt_dataset_open_any(
                         &d, shared_path("cases/lists/own/ownnorm.txt", path, sizeof path), NULL),
                     WT_ERR_FORMAT);
    assert_true(one_line_reported());
    assert_non_null(strstr(capture.log.last, "in pixels"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pts_written_by_anyone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_picture_beside_pts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_a_folder_leaves_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_line_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(test_blanks_in_names, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names_in_other_cases, setup, teardown),
        cmocka_unit_test_setup_teardown(test_subsets_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_style_and_recipe, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fractions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_paths_like_words, setup, teardown),
        cmocka_unit_test_setup_teardown(test_shared_cases, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
