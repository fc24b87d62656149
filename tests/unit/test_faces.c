/* Faces to train on: sources with weights and subsets, folders of .pts files, MATLAB files in both
 * formats, conversion to the network's scheme, the order of an epoch, and the check before work. */
#include "support.h"

#include <math.h>
#include <sys/stat.h>

#include <matio.h>

#include "data/dataset_open.h"
#include "data/faces.h"
#include "data/mat_check.h"
#include "face/picture.h"
#include "weights/file.h"

static char folder[256];
static struct log_capture captured;

static const char *file(const char *name)
{
    static char path[4][400];
    static int turn;
    char *p = path[turn++ % 4];
    snprintf(p, 400, "%s/%s", folder, name);
    return p;
}

static void make_picture(const char *name, int width, int height)
{
    uint8_t *pixels = calloc((size_t)width * (size_t)height, 3);
    const struct wt_image image = {pixels, width, height, width * 3, WT_PIXEL_BGR24};
    assert_int_equal(wt_picture_write(&image, file(name)), WT_OK);
    free(pixels);
}

static void write_text(const char *name, const char *text)
{
    write_file(file(name), text, strlen(text));
}

/* A list of n faces with `points` points each, in a picture of 100 x 100. */
static void make_list(const char *name, int n, int points)
{
    FILE *f = fopen(file(name), "w");
    assert_non_null(f);
    for (int i = 0; i < n; i++) {
        fprintf(f, "a.png");
        for (int p = 0; p < points; p++)
            fprintf(f, " %d %d", 10 + p % 80, 20 + (p * 7 + i) % 60);
        fprintf(f, "\n");
    }
    fclose(f);
}

static int setup(void **state)
{
    scratch_folder(folder, sizeof folder);
    make_picture("a.png", 100, 100);
    return 0;
}

static int teardown(void **state)
{
    return remove_folder(folder);
}

/* ---- sources ----------------------------------------------------------------------------------
 */

static enum wt_status add(struct wt_faces *faces, const char *source)
{
    log_capture_start(&captured);
    return wt_faces_add(faces, source);
}

static void test_sources(void **state)
{
    struct wt_faces *faces = NULL;
    char source[600];
    make_list("ten.txt", 10, 98);
    make_list("four.txt", 4, 68);
    assert_int_equal(wt_faces_create(&faces, 98), WT_OK);
    assert_int_equal(add(faces, file("ten.txt")), WT_OK);
    snprintf(source, sizeof source, "%s*2.5", file("four.txt"));
    assert_int_equal(add(faces, source), WT_OK);
    assert_int_equal(wt_faces_count(faces), 14);
    assert_int_equal(wt_faces_epoch_size(faces), 20);

    /* 98 points as they are; of 68, the 60 with a partner. */
    const struct wt_train_face whole = wt_faces_get(faces, 3), part = wt_faces_get(faces, 12);
    int known = 0;
    for (int i = 0; i < 98; i++) {
        assert_true(whole.point[i].x == whole.sample->point[i].x);
        known += !isnan(part.point[i].x);
    }
    assert_int_equal(known, 60);
    assert_int_equal(part.own->points, 68);
    char where[300];
    assert_non_null(strstr(wt_face_where(&part, where, sizeof where), "four.txt:3"));

    /* Each face of the first source once an epoch, of the second two or three times. */
    struct wt_epoch_entry order[20], again[20];
    int extra[2][4] = {{0}};
    for (int epoch = 0; epoch < 2; epoch++) {
        int count[14] = {0};
        wt_faces_order(faces, 7, (uint64_t)epoch, order);
        wt_faces_order(faces, 7, (uint64_t)epoch, again);
        assert_memory_equal(order, again, sizeof order);
        for (int i = 0; i < 20; i++) {
            assert_true(order[i].face < 14);
            assert_int_equal(order[i].copy < 3, 1);
            count[order[i].face]++;
        }
        for (int i = 0; i < 14; i++) {
            assert_true(i < 10 ? count[i] == 1 : count[i] == 2 || count[i] == 3);
            if (i >= 10)
                extra[epoch][i - 10] = count[i] - 2;
        }
        assert_int_equal(extra[epoch][0] + extra[epoch][1] + extra[epoch][2] + extra[epoch][3], 2);
    }
    wt_faces_order(faces, 8, 0, again);
    wt_faces_order(faces, 7, 0, order);
    assert_memory_not_equal(order, again, sizeof order);

    /* Over many epochs, every face of the fraction gets its turn. */
    int turns[14] = {0};
    for (uint64_t epoch = 0; epoch < 400; epoch++) {
        wt_faces_order(faces, 7, epoch, order);
        for (int i = 0; i < 20; i++)
            turns[order[i].face]++;
    }
    for (int i = 10; i < 14; i++)
        assert_true(turns[i] > 930 && turns[i] < 1070);
    wt_faces_destroy(&faces);
}

static void test_wrong_sources(void **state)
{
    struct wt_faces *faces = NULL;
    char source[600];
    static const char *const endings[] = {"*0", "*x", "*", "*-1", "*1e9", "@nobody"};
    make_list("ten.txt", 10, 98);
    make_list("odd.txt", 1, 5);
    log_capture_start(&captured);
    assert_int_equal(wt_faces_create(&faces, 97), WT_ERR_ARGUMENT);
    assert_int_equal(wt_faces_create(&faces, 98), WT_OK);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(source, sizeof source, "%s%s", file("ten.txt"), endings[i]);
        assert_int_equal(add(faces, source), WT_ERR_ARGUMENT);
        assert_int_equal(captured.errors, 1);
    }
    assert_int_equal(add(faces, file("none.txt")), WT_ERR_IO);
    assert_int_equal(add(faces, file("odd.txt")), WT_ERR_FORMAT);
    assert_non_null(strstr(captured.last, "odd.txt:1: no scheme has 5 points"));
    assert_int_equal(wt_faces_count(faces), 0); /* as it was */
    assert_int_equal(add(faces, file("ten.txt")), WT_OK);
    assert_int_equal(wt_faces_count(faces), 10);
    wt_faces_destroy(&faces);
}

/* Pictures that lie apart from their list. */
static void test_images_elsewhere(void **state)
{
    struct wt_faces *faces = NULL;
    char source[600];
    assert_int_equal(mkdir(file("lists"), 0777), 0);
    make_list("lists/two.txt", 2, 98);
    assert_int_equal(wt_faces_create(&faces, 98), WT_OK);
    assert_int_equal(add(faces, file("lists/two.txt")), WT_ERR_FORMAT);
    snprintf(source, sizeof source, "%s*3 in ..", file("lists/two.txt"));
    assert_int_equal(add(faces, source), WT_OK);
    snprintf(source, sizeof source, "%s in %s", file("lists/two.txt"), folder);
    assert_int_equal(add(faces, source), WT_OK);
    assert_int_equal(wt_faces_epoch_size(faces), 8);
    assert_int_equal(wt_faces_check(faces, 1, NULL, NULL), WT_OK);
    snprintf(source, sizeof source, "%s in ..", file("lists"));
    assert_int_equal(add(faces, source), WT_ERR_ARGUMENT); /* .pts files have theirs beside them */
    wt_faces_destroy(&faces);
}

/* ---- .pts folders -----------------------------------------------------------------------------
 */

static void make_pts(const char *name, int declared, int points, const char *end)
{
    FILE *f = fopen(file(name), "w");
    assert_non_null(f);
    fprintf(f, "version: 1\r\nn_points:  %d\r\n{\r\n", declared);
    for (int i = 0; i < points; i++)
        fprintf(f, "%d.5 %d\r\n", 11 + i, 21 + i % 40);
    fprintf(f, "%s", end);
    fclose(f);
}

static void test_pts(void **state)
{
    struct wt_dataset d = {0};
    assert_int_equal(mkdir(file("set"), 0777), 0);
    assert_int_equal(mkdir(file("set/deep"), 0777), 0);
    make_picture("set/b.jpg", 120, 90);
    make_picture("set/deep/a.png", 120, 90);
    make_pts("set/b.pts", 68, 68, "}\n");
    make_pts("set/deep/a.pts", 68, 68, "}");
    write_text("set/readme.txt", "nothing to do with it");
    char path[300];
    snprintf(path, sizeof path, "%s/", file("set"));
    assert_int_equal(wt_dataset_open_any(&d, path, NULL), WT_OK);
    assert_int_equal(d.count, 2);
    assert_int_equal(d.points, 68);
    assert_string_equal(d.sample[0].name, file("set/b.pts"));
    assert_string_equal(d.sample[0].image, file("set/b.jpg"));
    assert_string_equal(d.sample[1].image, file("set/deep/a.png"));
    assert_true(d.sample[0].point[3].x == 13.5f && d.sample[0].point[3].y == 23); /* 1-based */
    wt_dataset_fini(&d);

    static const struct {
        int declared, points;
        const char *end, *message;
    } bad[] = {
        {68, 67, "}\n", "bad.pts:71: the number of points is not n_points"},
        {68, 69, "}\n", "bad.pts:72: more points than n_points"},
        {68, 68, "", "cut off: no closing }"},
        {68, 20, "1 x\n}", "bad.pts:24: not a pair"},
        {67, 67, "}\n", "bad.pts:2: no scheme has that many points"},
        {68, 68, "}\nmore", "something after the closing }"},
    };
    make_picture("set/bad.png", 120, 90);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        make_pts("set/bad.pts", bad[i].declared, bad[i].points, bad[i].end);
        log_capture_start(&captured);
        assert_int_equal(wt_dataset_open_any(&d, file("set"), NULL), WT_ERR_FORMAT);
        if (captured.errors != 1 || !strstr(captured.last, bad[i].message))
            fail_msg("case %zu: \"%s\"", i, captured.last);
    }
    assert_int_equal(unlink(file("set/bad.png")), 0);
    make_pts("set/bad.pts", 68, 68, "}\n");
    log_capture_start(&captured);
    assert_int_equal(wt_dataset_open_any(&d, file("set"), NULL), WT_ERR_FORMAT);
    assert_non_null(strstr(captured.last, "bad.pts: no picture of that name"));
    write_text("set/bad.pts", "this is no such file\n");
    assert_int_equal(wt_dataset_open_any(&d, file("set"), NULL), WT_ERR_FORMAT);
    assert_non_null(strstr(captured.last, "bad.pts:1: not a .pts file"));
    assert_int_equal(mkdir(file("empty"), 0777), 0);
    assert_int_equal(wt_dataset_open_any(&d, file("empty"), NULL), WT_ERR_FORMAT);
    assert_non_null(strstr(captured.last, "no .pts file in this folder"));
}

/* ---- MATLAB files -----------------------------------------------------------------------------
 */

struct mat_kind {
    const char *name;
    enum mat_ft version;
    enum matio_compression compression;
};
static const struct mat_kind mats[] = {
    {"plain level 5", MAT_FT_MAT5, MAT_COMPRESSION_NONE},
    {"compressed level 5", MAT_FT_MAT5, MAT_COMPRESSION_ZLIB},
    {"7.3", MAT_FT_MAT73, MAT_COMPRESSION_NONE},
};

static void put(mat_t *m, matvar_t *v, const struct mat_kind *kind)
{
    assert_non_null(v);
    assert_int_equal(Mat_VarWrite(m, v, kind->compression), 0);
    Mat_VarFree(v);
}

static void put_matrix(mat_t *m, const struct mat_kind *kind, const char *name, size_t rows,
                       size_t columns, double *values)
{
    size_t dims[2] = {rows, columns};
    put(m, Mat_VarCreate(name, MAT_C_DOUBLE, MAT_T_DOUBLE, 2, dims, values, 0), kind);
}

/* Three faces; the first picture in colour. */
static void make_cofw(const char *name, const struct mat_kind *kind, bool training, bool broken)
{
    enum { ROWS = 3, H = 40, W = 50 };
    static uint8_t grey[W][H], colour[3][W][H];
    static double points[87][ROWS], boxes[4][ROWS];
    matvar_t *cell[ROWS];
    size_t dims[3] = {H, W, 3}, cells[2] = {ROWS, 1};
    for (int x = 0; x < W; x++)
        for (int y = 0; y < H; y++) {
            grey[x][y] = (uint8_t)(3 * x + y);
            for (int c = 0; c < 3; c++)
                colour[c][x][y] = (uint8_t)(x + 2 * y + 50 * c);
        }
    for (int r = 0; r < ROWS; r++) {
        cell[r] = r == 0 ? Mat_VarCreate(NULL, MAT_C_UINT8, MAT_T_UINT8, 3, dims, colour, 0)
                         : Mat_VarCreate(NULL, MAT_C_UINT8, MAT_T_UINT8, 2, dims, grey, 0);
        for (int p = 0; p < 29; p++) {
            points[p][r] = 5 + p + r;
            points[29 + p][r] = 6 + p;
            points[58 + p][r] = 0;
        }
        boxes[0][r] = 4, boxes[1][r] = 5, boxes[2][r] = 30, boxes[3][r] = 31;
    }
    points[7][1] = broken ? NAN : points[7][1];
    mat_t *m = Mat_CreateVer(file(name), NULL, kind->version);
    assert_non_null(m);
    put(m, Mat_VarCreate(training ? "IsTr" : "IsT", MAT_C_CELL, MAT_T_CELL, 2, cells, cell, 0),
        kind);
    put_matrix(m, kind, training ? "phisTr" : "phisT", ROWS, 87, &points[0][0]);
    put_matrix(m, kind, training ? "bboxesTr" : "bboxesT", ROWS, 4, &boxes[0][0]);
    Mat_Close(m);
}

/* A table, or a cell, that claims a gigabyte in a file of some kilobytes. */
static void test_mat_that_lies(void **state)
{
    static const struct {
        const char *name;
        int before; /* its dimensions lie so many bytes before it */
    } table[] = {{"phisT", 16}, {"IsT", 12}, {"bboxesT", 16}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct wt_dataset d = {0};
        uint8_t *bytes = NULL;
        size_t size = 0;
        make_cofw("lies.mat", &mats[0], false, false);
        assert_int_equal(wt_file_read(file("lies.mat"), 1 << 20, &bytes, &size), WT_OK);
        assert_true(wt_mat_plausible(bytes, size));
        uint8_t *name = memmem(bytes, size, table[i].name, strlen(table[i].name));
        assert_non_null(name);
        assert_int_equal(name[-table[i].before], 3); /* rows */
        name[-table[i].before + 3] = 0x10;
        assert_false(wt_mat_plausible(bytes, size));
        write_file(file("lies.mat"), bytes, size);
        free(bytes);
        log_capture_start(&captured);
        assert_int_equal(wt_dataset_open_any(&d, file("lies.mat"), NULL), WT_ERR_FORMAT);
        assert_int_equal(captured.errors, 1);
        assert_non_null(strstr(captured.last, "damaged"));
    }
}

static void test_cofw(void **state)
{
    for (size_t k = 0; k < 3; k++)
        for (int training = 0; training < 2; training++) {
            struct wt_dataset d = {0};
            print_message("COFW, %s\n", mats[k].name);
            make_cofw("cofw.mat", &mats[k], training, false);
            assert_int_equal(wt_dataset_open_any(&d, file("cofw.mat"), NULL), WT_OK);
            assert_int_equal(d.count, 3);
            assert_int_equal(d.points, 29);
            assert_true(d.boxes && d.sample[0].box.x == 3 && d.sample[0].box.h == 31);
            assert_true(d.sample[2].point[4].x == 5 + 4 + 2 - 1 && d.sample[2].point[4].y == 9);
            const struct wt_image *c = d.sample[0].picture, *g = d.sample[1].picture;
            assert_true(c && g && !d.sample[0].image);
            assert_true(c->format == WT_PIXEL_RGB24 && c->width == 50 && c->height == 40);
            assert_int_equal(c->data[7 * c->stride + 3 * 11 + 2], 11 + 2 * 7 + 100);
            assert_int_equal(g->format, WT_PIXEL_GRAY8);
            assert_int_equal(g->data[9 * g->stride + 13], 3 * 13 + 9);
            wt_dataset_fini(&d);
            make_cofw("cofw.mat", &mats[k], training, true);
            log_capture_start(&captured);
            assert_int_equal(wt_dataset_open_any(&d, file("cofw.mat"), NULL), WT_ERR_FORMAT);
            assert_non_null(strstr(captured.last, "cofw.mat:2: a point is not a number"));
        }
}

static void make_aflw(const struct mat_kind *kind, const char *second)
{
    enum { ROWS = 3 };
    static double points[38][ROWS], boxes[4][ROWS], visible[19][ROWS], order[ROWS] = {2, 3, 1};
    matvar_t *cell[ROWS];
    const char *names[ROWS] = {"0/x.png", second, "0/x.png"};
    size_t cells[2] = {ROWS, 1};
    for (int r = 0; r < ROWS; r++) {
        size_t dims[2] = {1, strlen(names[r])};
        /* 16 bits a character, as MATLAB writes; level 5 without compression may have 8. */
        uint16_t wide[32];
        for (size_t i = 0; i < dims[1]; i++)
            wide[i] = (uint16_t)names[r][i];
        cell[r] = kind->compression == MAT_COMPRESSION_NONE && kind->version == MAT_FT_MAT5
                      ? Mat_VarCreate(NULL, MAT_C_CHAR, MAT_T_UINT8, 2, dims, (void *)names[r], 0)
                      : Mat_VarCreate(NULL, MAT_C_CHAR, MAT_T_UINT16, 2, dims, wide, 0);
        for (int p = 0; p < 19; p++) {
            points[p][r] = 10 + p;
            points[19 + p][r] = 30 + r + p;
            visible[p][r] = !(r == 1 && p == 5);
        }
        boxes[0][r] = 8, boxes[1][r] = 58, boxes[2][r] = 9, boxes[3][r] = 49;
    }
    mat_t *m = Mat_CreateVer(file("aflw.mat"), NULL, kind->version);
    assert_non_null(m);
    put(m, Mat_VarCreate("nameList", MAT_C_CELL, MAT_T_CELL, 2, cells, cell, 0), kind);
    put_matrix(m, kind, "data", ROWS, 38, &points[0][0]);
    put_matrix(m, kind, "bbox", ROWS, 4, &boxes[0][0]);
    put_matrix(m, kind, "mask_new", ROWS, 19, &visible[0][0]);
    put_matrix(m, kind, "ra", 1, ROWS, order);
    Mat_Close(m);
}

static void test_aflw(void **state)
{
    assert_int_equal(mkdir(file("flickr"), 0777), 0);
    assert_int_equal(mkdir(file("flickr/0"), 0777), 0);
    make_picture("flickr/0/x.png", 100, 100);
    for (size_t k = 0; k < 3; k++) {
        struct wt_dataset d = {0};
        print_message("AFLW, %s\n", mats[k].name);
        make_aflw(&mats[k], "0/x.png");
        log_capture_start(&captured);
        if (wt_dataset_open_any(&d, file("aflw.mat"), NULL) != WT_OK)
            fail_msg("%s", captured.last);
        assert_int_equal(d.count, 3);
        assert_int_equal(d.points, 19);
        assert_string_equal(d.sample[0].image, file("flickr/0/x.png"));
        assert_true(d.sample[2].point[4].x == 14 && d.sample[2].point[4].y == 36);
        assert_true(isnan(d.sample[1].point[5].x) && !isnan(d.sample[1].point[6].x));
        assert_true(d.sample[0].box.w == 50 && d.sample[0].box.h == 40);
        assert_int_equal(d.subsets, 3);
        assert_int_equal(d.sample[0].subsets, 1); /* all are among the first 20,000 */
        wt_dataset_fini(&d);

        /* Into a network of 98 points: those with a partner, less the hidden one. */
        struct wt_faces *faces = NULL;
        char source[400];
        snprintf(source, sizeof source, "%s@train", file("aflw.mat"));
        assert_int_equal(wt_faces_create(&faces, 98), WT_OK);
        assert_int_equal(add(faces, source), WT_OK);
        assert_int_equal(wt_faces_count(faces), 3);
        assert_true(isnan(wt_faces_get(faces, 1).point[46].x));
        assert_false(isnan(wt_faces_get(faces, 0).point[46].x));
        assert_int_equal(wt_faces_check(faces, 2, NULL, NULL), WT_OK);
        wt_faces_destroy(&faces);

        make_aflw(&mats[k], "0/none.png");
        log_capture_start(&captured);
        assert_int_equal(wt_dataset_open_any(&d, file("aflw.mat"), NULL), WT_ERR_FORMAT);
        assert_int_equal(captured.errors, 1);
        assert_non_null(strstr(captured.last, "aflw.mat:2: 0/none.png: no such picture"));
    }
}

/* Files that are not what they say: one line, no crash, nothing on standard error but that. */
static void test_broken_mat(void **state)
{
    struct wt_dataset d = {0};
    log_capture_start(&captured);
    assert_int_equal(wt_dataset_open_any(&d, file("none.mat"), NULL), WT_ERR_IO);
    write_text("junk.mat", "this is not a MATLAB file");
    assert_int_equal(wt_dataset_open_any(&d, file("junk.mat"), NULL), WT_ERR_FORMAT);
    write_text("void.mat", "");
    assert_int_equal(wt_dataset_open_any(&d, file("void.mat"), NULL), WT_ERR_FORMAT);
    assert_int_equal(captured.errors, 3);
    for (size_t k = 0; k < 3; k++) {
        uint8_t bytes[200000];
        make_cofw("whole.mat", &mats[k], true, false);
        FILE *f = fopen(file("whole.mat"), "rb");
        const size_t size = fread(bytes, 1, sizeof bytes, f);
        fclose(f);
        assert_true(size > 1000 && size < sizeof bytes);
        for (int part = 1; part < 10; part++) {
            write_file(file("cut.mat"), bytes, size * (size_t)part / 10);
            log_capture_start(&captured);
            if (wt_dataset_open_any(&d, file("cut.mat"), NULL) == WT_OK)
                fail_msg("%s, cut after %d tenths, was taken", mats[k].name, part);
            assert_true(captured.errors >= 1 && captured.errors <= 4);
        }
    }
    mat_t *m = Mat_CreateVer(file("other.mat"), NULL, MAT_FT_MAT5);
    double one = 1;
    put_matrix(m, &mats[0], "something", 1, 1, &one);
    Mat_Close(m);
    assert_int_equal(wt_dataset_open_any(&d, file("other.mat"), NULL), WT_ERR_FORMAT);
    assert_non_null(strstr(captured.last, "neither COFW"));
}

/* ---- checking ---------------------------------------------------------------------------------
 */

static void test_check(void **state)
{
    struct wt_faces *faces = NULL;
    char text[8192];
    int n = 0;
    write_text("broken.jpg", "\xff\xd8\xff\xe0 and no more");
    static const char *const rows[] = {"a.png", "broken.jpg", "a.png", "a.png"};
    for (int r = 0; r < 4; r++) {
        n += sprintf(text + n, "%s", rows[r]);
        for (int p = 0; p < 68; p++) /* row 2: far outside; row 3: a dot */
            n += sprintf(text + n, " %g %g",
                         r == 3   ? 50.0
                         : r == 2 ? 150.0 + p
                                  : 10.0 + p,
                         r == 3 ? 50.0 : 20.0 + p);
        n += sprintf(text + n, "\n");
    }
    write_text("check.txt", text);
    assert_int_equal(wt_faces_create(&faces, 68), WT_OK);
    assert_int_equal(add(faces, file("check.txt")), WT_OK);
    for (int threads = 1; threads < 4; threads++) {
        log_capture_start(&captured);
        assert_int_equal(wt_faces_check(faces, threads, NULL, NULL), WT_ERR_FORMAT);
        assert_int_equal(captured.errors, 3);
        assert_non_null(strstr(captured.last, "check.txt:4: a.png: the face is only 0.0"));
    }
    wt_faces_destroy(&faces);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_wrong_sources),
        cmocka_unit_test(test_images_elsewhere),
        cmocka_unit_test(test_pts),
        cmocka_unit_test(test_mat_that_lies),
        cmocka_unit_test(test_cofw),
        cmocka_unit_test(test_aflw),
        cmocka_unit_test(test_broken_mat),
        cmocka_unit_test(test_check),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
