/* CSV and JSON lines: format, schemes, odd numbers, other locales, full disks. */
#include "support.h"

#include <cjson/cJSON.h>
#include <locale.h>
#include <math.h>

#include "face/opening.h"
#include "face/pose.h"
#include "record/result_writer.h"

static char folder[100], path[200];
static struct log_capture said;
static const struct wt_image vga = {.width = 640, .height = 480};

static int setup(void **state)
{
    scratch_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/out", folder);
    log_capture_start(&said);
    return 0;
}

static int teardown(void **state)
{
    unlink(path);
    return rmdir(folder);
}

static struct wt_result two_faces(void)
{
    struct wt_result r = {.faces = 2};
    for (int f = 0; f < 2; f++) {
        r.face[f].id = (uint32_t)(4 + f);
        r.face[f].confidence = 0.5f + 0.25f * (float)f;
        r.face[f].points = 98;
        for (int i = 0; i < 98; i++) {
            r.face[f].point[i] = (struct wt_point){(float)i + 0.125f, -2.5f * (float)i};
            r.face[f].point_confidence[i] = (float)i / 100.0f;
            r.face[f].point_ellipse[i] = (struct wt_ellipse){i < 90 ? 8 : 5, 4.5f, 0.5235988f};
        }
    }
    return r;
}

static enum wt_status open_writer(struct wt_result_writer **w, const char *name,
                                  enum wt_result_format format, int points)
{
    return wt_result_writer_open(
        w, name, &(struct wt_result_writer_options){.format = format, .points = points});
}

static char *written(void)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *text = calloc(1, 500000);
    assert_true(fread(text, 1, 499999, f) > 0);
    fclose(f);
    return text;
}

static void write_two_frames(enum wt_result_format format, int points)
{
    struct wt_result_writer *w = NULL;
    struct wt_result r = two_faces(), none = {0};
    assert_int_equal(open_writer(&w, path, format, points), WT_OK);
    assert_int_equal(wt_result_writer_write(w, 0, 0, &vga, &none), WT_OK);
    assert_int_equal(wt_result_writer_write(w, 1, 41667, &vga, &r), WT_OK);
    assert_int_equal(wt_result_writer_close(&w, WT_KEEP_ALL), WT_OK);
    assert_null(w);
    assert_int_equal(wt_result_writer_close(&w, WT_KEEP_ALL), WT_OK);
}

enum { MEASURES = 13, CELLS = 700 }; /* columns after the points */

/* Splits a line of CSV at its commas and returns how many fields there are. */
static int fields(char *line, char *out[], int max)
{
    int n = 0;
    for (char *p = line; p && n < max; n++) {
        char *comma = strchr(p, ',');
        out[n] = p;
        if (comma)
            *comma = 0;
        p = comma ? comma + 1 : NULL;
    }
    return n;
}

static void csv_has_openfaces_columns(void **state)
{
    static const int schemes[] = {98, 68, 29};
    for (int k = 0; k < 3; k++) {
        int points = schemes[k];
        write_two_frames(WT_RESULT_CSV, points);
        char *text = written(), *line[5], *cell[CELLS], *save = NULL;
        int lines = 0;
        for (char *l = strtok_r(text, "\n", &save); l && lines < 5; l = strtok_r(NULL, "\n", &save))
            line[lines++] = l;
        assert_int_equal(lines, 4);
        assert_int_equal(fields(line[0], cell, CELLS), 5 + 3 * points + MEASURES);
        assert_string_equal(cell[1], "face_id");
        assert_string_equal(cell[5], "x_0");
        assert_string_equal(cell[5 + points], "y_0");
        assert_int_equal(fields(line[1], cell, CELLS), 5 + 3 * points + MEASURES);
        assert_string_equal(cell[0], "1");
        assert_string_equal(cell[4], "0"); /* no face: no success */
        assert_string_equal(cell[1], "");
        assert_string_equal(cell[3], "");
        for (int i = 5; i < 5 + 3 * points + MEASURES; i++)
            assert_string_equal(cell[i], ""); /* no zeros */
        assert_int_equal(fields(line[3], cell, CELLS), 5 + 3 * points + MEASURES);
        assert_string_equal(cell[0], "2");
        assert_string_equal(cell[1], "5");
        assert_string_equal(cell[2], "0.041667");
        assert_string_equal(cell[3], "0.750");
        assert_string_equal(cell[4], "1");
        if (points == 98) {
            assert_string_equal(cell[5 + 3], "3.125");
            assert_string_equal(cell[5 + 98], "0.000");
            assert_string_equal(cell[5 + 98 + 3], "-7.500");
            assert_string_equal(cell[5 + 2 * 98 + MEASURES + 3], "0.030");
        }
        if (points == 68)
            assert_string_equal(cell[5 + 3], "6.125"); /* jaw i = 2 i */
        free(text);
    }
}

/* As scripts for OpenFace's own files want it: blanks before names, zeros where there is no face.
 */
static void openface_exactly(void **state)
{
    struct wt_result_writer *w = NULL;
    struct wt_result none = {0}, r = two_faces();
    const struct wt_result_writer_options options = {
        .format = WT_RESULT_CSV, .points = 68, .openface = true};
    assert_int_equal(wt_result_writer_open(&w, path, &options), WT_OK);
    assert_int_equal(wt_result_writer_write(w, 0, 0, &vga, &none), WT_OK);
    assert_int_equal(wt_result_writer_write(w, 1, 41667, &vga, &r), WT_OK);
    assert_int_equal(wt_result_writer_close(&w, WT_KEEP_ALL), WT_OK);
    char *text = written(), *line = text;
    static const char first[] = "frame, face_id, timestamp, confidence, success, x_0, x_1, ";
    assert_memory_equal(line, first, strlen(first));
    assert_non_null(strstr(line, ", pose_Tx, pose_Ty, pose_Tz, pose_Rx, pose_Ry, pose_Rz, "));
    line = strchr(line, '\n') + 1;
    static const char zeros[] = "1, 0, 0.000000, 0.000, 0, 0.000, 0.000, ";
    assert_memory_equal(line, zeros, strlen(zeros));
    line = strchr(line, '\n') + 1;
    static const char face[] = "2, 4, 0.041667, 0.500, 1, 0.125, ";
    assert_memory_equal(line, face, strlen(face));
    free(text);
}

static void ellipses_are_columns_on_demand(void **state)
{
    struct wt_result_writer *w = NULL;
    struct wt_result r = two_faces();
    const struct wt_result_writer_options options = {
        .format = WT_RESULT_CSV, .points = 98, .ellipses = true};
    assert_int_equal(wt_result_writer_open(&w, path, &options), WT_OK);
    assert_int_equal(wt_result_writer_write(w, 0, 0, &vga, &r), WT_OK);
    assert_int_equal(wt_result_writer_close(&w, WT_KEEP_ALL), WT_OK);
    char *text = written(), *name[CELLS], *cell[CELLS];
    char *row = strchr(text, '\n'), *end = strchr(row + 1, '\n');
    const int at = 5 + 3 * 98 + MEASURES;
    *row = *end = 0;
    assert_int_equal(fields(text, name, CELLS), at + 3 * 98);
    assert_int_equal(fields(row + 1, cell, CELLS), at + 3 * 98);
    assert_string_equal(name[at], "major_0");
    assert_string_equal(name[at + 98 + 97], "minor_97");
    assert_string_equal(name[at + 2 * 98], "angle_0");
    assert_string_equal(cell[at], "8.00");
    assert_string_equal(cell[at + 97], "5.00");
    assert_string_equal(cell[at + 98], "4.50");
    assert_string_equal(cell[at + 2 * 98], "30.0");
    free(text);
}

static void json_lines_parse(void **state)
{
    write_two_frames(WT_RESULT_JSONL, 68);
    char *text = written(), *end = strchr(text, '\n');
    *end = 0;
    cJSON *first = cJSON_Parse(text), *second = cJSON_Parse(end + 1);
    assert_non_null(first);
    assert_non_null(second);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(first, "faces")), 0);
    assert_int_equal(cJSON_GetObjectItem(second, "frame")->valueint, 2);
    assert_true(fabs(cJSON_GetObjectItem(second, "time")->valuedouble - 0.041667) < 1e-9);
    cJSON *face = cJSON_GetArrayItem(cJSON_GetObjectItem(second, "faces"), 1);
    assert_int_equal(cJSON_GetObjectItem(face, "id")->valueint, 5);
    cJSON *points = cJSON_GetObjectItem(face, "points");
    cJSON *confidence = cJSON_GetObjectItem(face, "point_confidence");
    assert_int_equal(cJSON_GetArraySize(points), 68);
    assert_int_equal(cJSON_GetArraySize(confidence), 68);
    assert_true(cJSON_GetArrayItem(cJSON_GetArrayItem(points, 3), 0)->valuedouble == 6.125);
    assert_true(cJSON_GetArrayItem(confidence, 3)->valuedouble == 0.06); /* converted alike */
    cJSON *ellipse = cJSON_GetObjectItem(face, "point_ellipse");
    assert_int_equal(cJSON_GetArraySize(ellipse), 68);
    ellipse = cJSON_GetArrayItem(ellipse, 3);
    assert_true(cJSON_GetArrayItem(ellipse, 0)->valuedouble == 8.0);
    assert_true(cJSON_GetArrayItem(ellipse, 1)->valuedouble == 4.5);
    assert_true(cJSON_GetArrayItem(ellipse, 2)->valuedouble == 30.0);
    cJSON_Delete(first);
    cJSON_Delete(second);
    free(text);
}

/* A head whose turns and place are known, with eyes and mouth of known openings. */
static struct wt_result measured_face(int points)
{
    static const struct wt_pose pose = {
        .pitch = 10, .yaw = -25, .roll = 6, .x = 40, .y = -30, .z = 520};
    static const int eye68[2][6] = {{36, 37, 38, 39, 40, 41}, {42, 43, 44, 45, 46, 47}};
    static const int eye98[2][6] = {{60, 61, 63, 64, 65, 67}, {68, 69, 71, 72, 73, 75}};
    const struct wt_camera_model camera = wt_camera_assumed(640, 480);
    struct wt_result r = {.faces = 1};
    struct wt_face *face = &r.face[0];
    face->id = 7;
    face->points = points;
    for (int i = 0; i < points; i++)
        face->point[i] = (struct wt_point){(float)i, 100};
    for (int i = 0; i < WT_POSE_POINTS; i++)
        face->point[points == 98 ? wt_pose_model[i].at98 : wt_pose_model[i].at68] =
            wt_pose_project(&pose, &camera, wt_pose_model[i].place);
    for (int e = 0; e < 2; e++) { /* lids a quarter of the corners' distance apart, and half */
        const int *at = points == 98 ? eye98[e] : eye68[e];
        const struct wt_point a = face->point[at[0]], b = face->point[at[3]];
        const float half = hypotf(b.x - a.x, b.y - a.y) * (e ? 0.25f : 0.125f);
        for (int i = 1; i < 6; i++)
            if (i != 3)
                face->point[at[i]] = (struct wt_point){a.x, a.y + (i < 3 ? -half : half)};
    }
    for (int i = 0; i < 8; i++) { /* the inner lips: 20 wide, all heights 8 */
        const int x[8] = {0, 5, 10, 15, 20, 15, 10, 5}, y[8] = {0, -4, -4, -4, 0, 4, 4, 4};
        face->point[(points == 98 ? 88 : 60) + i] =
            (struct wt_point){300 + (float)x[i], 400 + (float)y[i]};
    }
    for (int e = 0; e < 2; e++) /* the outer ones: corners 24 apart, the lip 4 above them */
        face->point[(points == 98 ? 76 : 48) + 6 * e] = (struct wt_point){298 + 24 * (float)e, 400};
    return r;
}

static char *write_one(enum wt_result_format format, int points, const struct wt_result *result)
{
    struct wt_result_writer *w = NULL;
    assert_int_equal(open_writer(&w, path, format, points), WT_OK);
    assert_int_equal(wt_result_writer_write(w, 0, 0, &vga, result), WT_OK);
    assert_int_equal(wt_result_writer_close(&w, WT_KEEP_ALL), WT_OK);
    return written();
}

static void measures_are_columns(void **state)
{
    static const struct {
        const char *name;
        double value, within;
    } want[MEASURES] = {
        {"pose_Tx", 40, 0.11},
        {"pose_Ty", -30, 0.11},
        {"pose_Tz", 520, 0.5},
        {"pose_Rx", 10 * M_PI / 180, 0.001},
        {"pose_Ry", -25 * M_PI / 180, 0.001},
        {"pose_Rz", 6 * M_PI / 180, 0.001},
        {"eye_opening_left", 0.25, 0.001},
        {"eye_opening_right", 0.5, 0.001},
        {"mouth_opening", 0.4, 0.001},
        {"smile", -4 / 24.0, 0.02}, /* across the eyes' line, which is turned */
        {"mouth_width", 0, 10},
        {"eyes_shut", 0, 0},
        {"blinks", 0, 0},
    };
    for (int k = 0; k < 4; k++) { /* of the points found, whatever is written */
        const int found = k == 3 ? 68 : 98, shown = k == 0 ? 98 : k == 1 ? 29 : 68;
        const struct wt_result r = measured_face(found);
        char *text = write_one(WT_RESULT_CSV, shown, &r), *cell[CELLS], *name[CELLS];
        char *row = strchr(text, '\n'), *end = strrchr(text, '\n');
        *row = *end = 0;
        assert_int_equal(fields(text, name, CELLS), 5 + 3 * shown + MEASURES);
        assert_int_equal(fields(row + 1, cell, CELLS), 5 + 3 * shown + MEASURES);
        for (int i = 0; i < MEASURES; i++) {
            assert_string_equal(name[5 + 2 * shown + i], want[i].name);
            const double got = strtod(cell[5 + 2 * shown + i], NULL);
            if (!(fabs(got - want[i].value) <= want[i].within))
                fail_msg("%s: %g instead of %g", want[i].name, got, want[i].value);
        }
        free(text);
    }
}

static void measures_are_members(void **state)
{
    static const char *const name[] = {"pitch", "yaw", "roll", "x", "y", "z"};
    static const double want[] = {10, -25, 6, 40, -30, 520};
    const struct wt_result r = measured_face(98);
    char *text = write_one(WT_RESULT_JSONL, 98, &r);
    cJSON *json = cJSON_Parse(text),
          *face = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "faces"), 0);
    assert_non_null(face);
    for (int i = 0; i < 6; i++) {
        cJSON *v = cJSON_GetObjectItem(cJSON_GetObjectItem(face, "pose"), name[i]);
        assert_true(cJSON_IsNumber(v) && fabs(v->valuedouble - want[i]) < 0.5);
    }
    cJSON *eye = cJSON_GetObjectItem(face, "eye_opening");
    assert_int_equal(cJSON_GetArraySize(eye), 2);
    assert_true(fabs(cJSON_GetArrayItem(eye, 0)->valuedouble - 0.25) < 0.001);
    assert_true(fabs(cJSON_GetArrayItem(eye, 1)->valuedouble - 0.5) < 0.001);
    assert_true(fabs(cJSON_GetObjectItem(face, "mouth_opening")->valuedouble - 0.4) < 0.001);
    cJSON_Delete(json);
    free(text);
}

/* The measured face with its lids shut to a tenth, in frames 30 to 34 of 60, 25 a second. */
static void write_a_blink(enum wt_result_format format, const char *picture)
{
    struct wt_result_writer *w = NULL;
    assert_int_equal(open_writer(&w, path, format, 98), WT_OK);
    if (picture)
        wt_result_writer_name(w, picture);
    for (int i = 0; i < 60; i++) {
        struct wt_result r = measured_face(98);
        struct wt_point *p = r.face[0].point;
        for (int k = 60; k < 76 && i >= 30 && i < 35; k++)
            p[k].y = k < 68 ? p[60].y + (p[k].y - p[60].y) / 10 : p[68].y + (p[k].y - p[68].y) / 10;
        assert_int_equal(wt_result_writer_write(w, i, i * 40000, &vga, &r), WT_OK);
    }
    assert_int_equal(wt_result_writer_close(&w, WT_KEEP_ALL), WT_OK);
}

static void blinks_are_told(void **state)
{
    write_a_blink(WT_RESULT_JSONL, NULL);
    char *text = written(), *save = NULL;
    int n = 0;
    for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save), n++) {
        cJSON *json = cJSON_Parse(l);
        cJSON *face = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "faces"), 0);
        cJSON *blink = cJSON_GetObjectItem(face, "blink");
        assert_int_equal(cJSON_IsTrue(cJSON_GetObjectItem(face, "eyes_shut")), n >= 30 && n < 35);
        assert_int_equal(cJSON_GetObjectItem(face, "blinks")->valueint, n >= 35);
        assert_int_equal(blink != NULL, n == 35);
        if (blink) {
            assert_true(cJSON_GetObjectItem(blink, "start")->valuedouble == 1.2);
            assert_true(cJSON_GetObjectItem(blink, "end")->valuedouble == 1.4);
            assert_true(cJSON_GetObjectItem(blink, "eye_opening")->valuedouble < 0.1);
        }
        cJSON_Delete(json);
    }
    assert_int_equal(n, 60);
    free(text);
    write_a_blink(WT_RESULT_CSV, NULL);
    text = written();
    n = -1;
    for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save), n++) {
        char *cell[CELLS];
        if (n < 0)
            continue;
        assert_int_equal(fields(l, cell, CELLS), 5 + 3 * 98 + MEASURES);
        assert_string_equal(cell[5 + 2 * 98 + MEASURES - 2], n >= 30 && n < 35 ? "1" : "0");
        assert_string_equal(cell[5 + 2 * 98 + MEASURES - 1], n < 35 ? "0" : "1");
    }
    assert_int_equal(n, 60);
    free(text);
    write_a_blink(WT_RESULT_CSV, "a.jpg"); /* unrelated pictures */
    text = written();
    char *end = strchr(text, '\n') + 1, *cell[CELLS];
    *strchr(end, '\n') = 0;
    assert_int_equal(fields(end, cell, CELLS), 5 + 3 * 98 + MEASURES + 1);
    assert_string_equal(cell[5 + 2 * 98 + MEASURES - 2], "");
    assert_string_equal(cell[5 + 2 * 98 + MEASURES - 1], "");
    assert_string_equal(cell[5 + 3 * 98 + MEASURES], "a.jpg");
    free(text);
}

/* Faces of 29 points: nothing is made up. */
static void unknown_measures_are_empty(void **state)
{
    struct wt_result r = two_faces();
    r.faces = 1;
    r.face[0].points = 29;
    char *text = write_one(WT_RESULT_CSV, 29, &r);
    assert_non_null(strstr(text, "-70.000,,,,,,,,,,,,,,0.000,"));
    free(text);
    text = write_one(WT_RESULT_JSONL, 29, &r);
    assert_non_null(strstr(text, "\"pose\":{\"pitch\":null,\"yaw\":null,\"roll\":null,\"x\":null,"
                                 "\"y\":null,\"z\":null},\"eye_opening\":[null,null],"
                                 "\"mouth_opening\":null,\"smile\":null,\"mouth_width\":null,"
                                 "\"eyes_shut\":null,\"blinks\":null}"));
    cJSON *json = cJSON_Parse(text);
    assert_non_null(json);
    cJSON_Delete(json);
    free(text);
}

static void odd_numbers_stay_readable(void **state)
{
    struct wt_result_writer *w = NULL;
    struct wt_result r = two_faces();
    r.faces = 1;
    r.face[0].point[0].x = NAN;
    r.face[0].point[1].x = INFINITY;
    r.face[0].point[2].x = -0.0001f;
    r.face[0].confidence = NAN;
    assert_int_equal(open_writer(&w, path, WT_RESULT_JSONL, 98), WT_OK);
    assert_int_equal(wt_result_writer_write(w, 0, 0, &vga, &r), WT_OK);
    assert_int_equal(wt_result_writer_close(&w, WT_KEEP_ALL), WT_OK);
    char *text = written();
    cJSON *json = cJSON_Parse(text);
    assert_non_null(json);
    assert_non_null(strstr(text, "\"confidence\":null"));
    assert_non_null(strstr(text, "\"points\":[[null,0.000],[null,-2.500],[0.000,"));
    cJSON_Delete(json);
    free(text);
}

static void the_locale_does_not_matter(void **state)
{
    static const char *const commas[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR"};
    bool found = false;
    for (int i = 0; i < 4 && !found; i++)
        found = setlocale(LC_NUMERIC, commas[i]) != NULL;
    write_two_frames(WT_RESULT_CSV, 98);
    setlocale(LC_NUMERIC, "C");
    char *text = written();
    assert_non_null(strstr(text, "0.041667"));
    free(text);
    if (!found)
        print_message("no locale with a decimal comma on this machine; checked with C only\n");
}

static void full_disk_is_said_once(void **state)
{
    for (int format = 0; format < 2; format++) {
        struct wt_result_writer *w = NULL;
        struct wt_result r = two_faces();
        log_capture_start(&said);
        assert_int_equal(open_writer(&w, "/dev/full", format, 98), WT_OK);
        enum wt_status status = WT_OK;
        for (int i = 0; i < 50; i++)
            status = wt_result_writer_write(w, i, i, &vga, &r);
        assert_int_equal(status, WT_ERR_IO);
        assert_int_equal(wt_result_writer_close(&w, WT_KEEP_ALL), WT_ERR_IO);
        assert_int_equal(said.errors, 1);
        assert_non_null(strstr(said.last, "/dev/full: No space left on device"));
    }
    struct wt_result_writer *w = NULL;
    log_capture_start(&said);
    assert_int_equal(open_writer(&w, "/nonexistent/x.csv", WT_RESULT_CSV, 98), WT_ERR_IO);
    assert_null(w);
    assert_int_equal(said.errors, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(csv_has_openfaces_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(openface_exactly, setup, teardown),
        cmocka_unit_test_setup_teardown(ellipses_are_columns_on_demand, setup, teardown),
        cmocka_unit_test_setup_teardown(json_lines_parse, setup, teardown),
        cmocka_unit_test_setup_teardown(measures_are_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(measures_are_members, setup, teardown),
        cmocka_unit_test_setup_teardown(blinks_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(unknown_measures_are_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(odd_numbers_stay_readable, setup, teardown),
        cmocka_unit_test_setup_teardown(the_locale_does_not_matter, setup, teardown),
        cmocka_unit_test_setup(full_disk_is_said_once, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
