/* Results of evaluations: what is kept, written, read, merged and compared; their pages:
 * test_eval_html.c. */
#include <fcntl.h>

#include "eval_maker.h"
#include "page_check.h"

#include <cjson/cJSON.h>

#include "eval/eval_compare.h"
#include "eval/eval_html.h"
#include "eval/eval_json.h"
#include "eval/eval_report.h"

static void test_figures(void **state)
{
    struct wt_eval_result r;
    struct wt_eval_summary s;
    make(&r, 0, FACES);
    assert_int_equal(wt_eval_summarise(&r, -1, &s), WT_OK);
    assert_true(s.faces == 5 && s.found == 4 && fabs(s.figures.nme - 5.25) < 1e-6);
    assert_true(s.figures.fr8 == 40 && s.figures.fr10 == 20);
    assert_true(fabs(s.figures.auc8 - 100.0 * (6 + 4 + 2) / 8 / 5) < 1e-6);
    assert_int_equal(wt_eval_summarise(&r, 0, &s), WT_OK);
    assert_true(s.faces == 2 && fabs(s.figures.nme - 3) < 1e-6);
    assert_int_equal(wt_eval_summarise(&r, 1, &s), WT_OK);
    assert_true(s.faces == 2 && s.found == 1 && fabs(s.figures.nme - 4) < 1e-6);

    double mean[WT_POINTS_MAX], part[WT_EVAL_PARTS];
    int scheme[4];
    assert_int_equal(wt_eval_points(&r, 68, mean), 4);
    for (int k = 0; k < 68; k++)
        assert_true(fabs(mean[k] - (5.25 + 0.0123456 * (k - 33.5))) < 0.0006);
    assert_int_equal(wt_eval_points(&r, 98, mean), 0);
    assert_true(isnan(mean[97]));
    assert_int_equal(wt_eval_schemes(&r, scheme), 1);
    assert_int_equal(scheme[0], 68);
    for (int k = 0; k < 68; k++)
        mean[k] = k;
    wt_eval_parts(wt_scheme_get(68), mean,
                  part); /* means of 0..16, 17..26, 27..35, 36..47, 48..67 */
    assert_true(part[0] == 8 && part[1] == 21.5 && part[2] == 31 && part[3] == 41.5 &&
                part[4] == 57.5 && isnan(part[5]));
    assert_string_equal(wt_eval_part_name[wt_eval_part(wt_scheme_get(98), 97)], "pupils");
    assert_string_equal(wt_eval_part_name[wt_eval_part(wt_scheme_get(98), 75)], "eyes");
    assert_string_equal(r.row[1].image, "b&w.png");
    assert_true(r.row[0].found && !r.row[4].found && !r.row[4].error);
    wt_eval_result_fini(&r);
}

/* A file gives back what was written, to the last digit. */
static void test_json(void **state)
{
    struct wt_eval_result r, back = {0};
    make(&r, 0, FACES);
    assert_int_equal(wt_eval_write_json(&r, in_folder("a.json")), WT_OK);
    assert_int_equal(wt_eval_read_json(&back, in_folder("a.json")), WT_OK);
    assert_int_equal(back.count, FACES);
    for (int i = 0; i < FACES; i++) {
        const struct wt_eval_row *a = &r.row[i], *b = &back.row[i];
        assert_true(a->nme == b->nme && a->confidence == b->confidence && a->line == b->line &&
                    a->subsets == b->subsets && a->points == b->points);
        assert_string_equal(a->image, b->image);
        assert_memory_equal(a->truth, b->truth, 68 * sizeof *a->truth);
        assert_int_equal(a->found != NULL, b->found != NULL);
        if (a->found) {
            assert_memory_equal(a->found, b->found, 68 * sizeof *a->found);
            assert_memory_equal(a->error, b->error, 68 * sizeof *a->error);
        }
    }
    assert_int_equal(wt_eval_write_json(&back, in_folder("b.json")), WT_OK);
    char *one = read_text(in_folder("a.json")), *two = read_text(in_folder("b.json"));
    assert_string_equal(one, two);

    cJSON *j = cJSON_Parse(one);
    const cJSON *result = cJSON_GetObjectItem(j, "result");
    const cJSON *ced = cJSON_GetObjectItem(j, "ced");
    assert_true(cJSON_GetObjectItem(result, "faces")->valuedouble == 5);
    assert_true(cJSON_GetObjectItem(result, "nme")->valuedouble == 5.25);
    assert_true(cJSON_GetArrayItem(cJSON_GetArrayItem(ced, 20), 0)->valuedouble == 5);
    assert_true(cJSON_GetArrayItem(cJSON_GetArrayItem(ced, 20), 1)->valuedouble == 40);
    const cJSON *point =
        cJSON_GetArrayItem(cJSON_GetObjectItem(cJSON_GetObjectItem(j, "per_point"), "68"), 8);
    assert_string_equal(cJSON_GetObjectItem(point, "name")->valuestring, "chin");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(j, "subsets")), 2);
    const cJSON *parts = cJSON_GetObjectItem(cJSON_GetObjectItem(j, "per_part"), "68");
    assert_int_equal(cJSON_GetArraySize(parts), 5); /* 68 points have no pupils */
    /* Points 0..16, whose errors rise by 0.0123456 from 33.5 steps below the mean of 5.25. */
    assert_true(fabs(cJSON_GetObjectItem(parts, "jaw")->valuedouble -
                     (5.25 + 0.0123456 * (8 - 33.5))) < 1e-3);
    const cJSON *style = cJSON_GetObjectItem(cJSON_GetObjectItem(j, "protocol"), "style");
    assert_string_equal(cJSON_GetObjectItem(style, "file")->valuestring, "wflw.txt");
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(style, "reverse")));
    cJSON_Delete(j);
    free(one);
    free(two);
    wt_eval_result_fini(&r);
    wt_eval_result_fini(&back);
}

/* Every file that is no result is refused in one line that says why. */
static void test_bad_json(void **state)
{
    static const struct {
        const char *what, *with, *message; /* replaced once in a good file */
    } cases[] = {
        {"{", "[", "not a JSON file"},
        {"\"protocol\"", "\"prot\"", "no result of wingtip eval: \"protocol\""},
        {"\"per_face\"", "\"faces\"", "no result of wingtip eval: \"per_face\""},
        {"\"list_sha256\":\t\"abc\"", "\"list_sha256\":\t7", "\"list_sha256\""},
        {"\"image\": \"b&w.png\"", "\"image\": 3", "face 2: \"image\""},
        {"\"line\": 2, \"points\": 68", "\"line\": 2, \"points\": 67", "face 2: \"points\""},
        {"\"line\": 3, \"points\": 68", "\"line\": 3, \"points\": 98", "face 3: \"truth\""},
        {"\"found\": true", "\"found\": 1", "face 1: \"found\""},
        {"\"nme\": 2.", "\"nme\": -2.", "face 1: \"nme\""},
        {"\"error\": [", "\"error\": [1, ", "face 1: \"error\""},
        {"\"predicted\": [", "\"predicted\": [\"\", ", "face 1: \"predicted\""},
        {"\"subsets\": [\"dark\"]", "\"subsets\": [\"light\"]", "face 1: \"subsets\""},
    };
    struct wt_eval_result r;
    make(&r, 0, FACES);
    assert_int_equal(wt_eval_write_json(&r, in_folder("a.json")), WT_OK);
    wt_eval_result_fini(&r);
    char *good = read_text(in_folder("a.json"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wt_eval_result bad = {0};
        struct log_capture log;
        char *at = strstr(good, cases[i].what);
        if (!at)
            fail_msg("case %zu: %s is not in the file", i, cases[i].what);
        FILE *f = fopen(in_folder("bad.json"), "wb");
        fprintf(f, "%.*s%s%s", (int)(at - good), good, cases[i].with, at + strlen(cases[i].what));
        fclose(f);
        log_capture_start(&log);
        if (wt_eval_read_json(&bad, in_folder("bad.json")) != WT_ERR_FORMAT || log.lines != 1 ||
            !strstr(log.last, cases[i].message))
            fail_msg("case %zu: %d lines, \"%s\"", i, log.lines, log.last);
        wt_eval_result_fini(&bad);
    }
    for (size_t cut = 0; cut < strlen(good) - 2; cut += 997) { /* no part of a file is one */
        struct wt_eval_result bad = {0};
        struct log_capture log;
        write_file(in_folder("bad.json"), good, cut);
        log_capture_start(&log);
        assert_int_equal(wt_eval_read_json(&bad, in_folder("bad.json")), WT_ERR_FORMAT);
        assert_int_equal(log.lines, 1);
        wt_eval_result_fini(&bad);
    }
    free(good);
}

/* Changed bytes make another result or none, and then one line says so. */
static void test_damaged_json(void **state)
{
    struct wt_eval_result r;
    uint32_t seed = 7;
    int taken = 0;
    make(&r, 0, FACES);
    assert_int_equal(wt_eval_write_json(&r, in_folder("a.json")), WT_OK);
    wt_eval_result_fini(&r);
    char *good = read_text(in_folder("a.json"));
    size_t size = strlen(good);
    char *copy = malloc(size);
    for (int i = 0; i < 400; i++) {
        struct wt_eval_result damaged = {0};
        struct log_capture log;
        memcpy(copy, good, size);
        for (int k = 0; k < 3; k++) {
            seed = seed * 1664525u + 1013904223u;
            copy[(seed >> 8) % size] = "0e-9\"[]{},:nul\x80\0"[seed >> 28];
        }
        write_file(in_folder("bad.json"), copy, size);
        log_capture_start(&log);
        enum wt_status status = wt_eval_read_json(&damaged, in_folder("bad.json"));
        assert_int_equal(log.lines, status != WT_OK);
        taken += status == WT_OK;
        struct wt_eval_page page = {.result = &damaged, .name = "x", .worst = 2};
        if (!status)
            assert_int_equal(wt_eval_write_html(&page, in_folder("r.html")), WT_OK);
        wt_eval_result_fini(&damaged);
    }
    assert_true(taken > 0 && taken < 400);
    free(copy);
    free(good);
}

/* Points that are not known stay so, and count for nothing. */
static void test_unknown_points(void **state)
{
    struct wt_eval_result r, back = {0};
    double mean[WT_POINTS_MAX], part[WT_EVAL_PARTS];
    make(&r, 0, FACES);
    for (size_t i = 0; i < r.count; i++) {
        struct wt_point *t = (struct wt_point *)r.row[i].truth;
        float *e = (float *)r.row[i].error;
        t[3] = (struct wt_point){NAN, NAN};
        for (int k = 0; e && k < 68; k++)
            e[k] = k == 3 || (k == 5 && i > 0) ? NAN : (float)k;
    }
    assert_int_equal(wt_eval_write_json(&r, in_folder("a.json")), WT_OK);
    assert_int_equal(wt_eval_read_json(&back, in_folder("a.json")), WT_OK);
    assert_true(isnan(back.row[0].truth[3].x) && isnan(back.row[0].error[3]) &&
                back.row[0].error[5] == 5);
    assert_int_equal(wt_eval_points(&back, 68, mean), 4);
    assert_true(isnan(mean[3]) && mean[4] == 4 && mean[5] == 5);
    wt_eval_parts(wt_scheme_get(68), mean, part);
    assert_true(fabs(part[0] - (136 - 3) / 16.0) < 1e-9); /* 0..16 but for 3 */
    struct wt_eval_page page = {.result = &back, .name = "x", .worst = 5};
    assert_int_equal(wt_eval_write_html(&page, in_folder("r.html")), WT_OK);
    char *text = read_text(in_folder("r.html"));
    check_well_formed(text);
    assert_null(strstr(text, "nan"));
    assert_int_equal(count(strstr(text, "<g class=\"t\">"), "<circle"), 5 * 67 + 4 * 68);
    free(text);
    wt_eval_result_fini(&r);
    wt_eval_result_fini(&back);
}

/* Parts in any order give the file of the whole, but for the times, which are sums. */
static void test_merge(void **state)
{
    static const size_t first[] = {0, 2, 3};
    static const char *const name[] = {"c", "a", "b"};
    static const int order[] = {2, 0, 1};
    struct wt_eval_result whole, part[3], merged = {0};
    make(&whole, 0, FACES);
    for (int i = 0; i < 3; i++) {
        int k = order[i];
        make(&part[i], first[k], (k < 2 ? first[k + 1] : FACES) - first[k]);
        part[i].part = k + 1;
        part[i].parts = 3;
    }
    assert_int_equal(wt_eval_merge(part, 3, name, &merged), WT_OK);
    assert_true(merged.times.forward_ms == 4.5 && merged.times.pictures == FACES &&
                merged.times.detections == FACES + 3);
    merged.times = whole.times;
    assert_int_equal(wt_eval_write_json(&whole, in_folder("a.json")), WT_OK);
    assert_int_equal(wt_eval_write_json(&merged, in_folder("b.json")), WT_OK);
    char *one = read_text(in_folder("a.json")), *two = read_text(in_folder("b.json"));
    assert_string_equal(one, two);
    free(one);
    free(two);
    for (int i = 0; i < 3; i++)
        wt_eval_result_fini(&part[i]);
    wt_eval_result_fini(&merged);
    wt_eval_result_fini(&whole);
}

static void spoil(struct wt_eval_result *r, int which)
{
    const char **word[] = {&r->list_sha256,  &r->crop,      &r->decoder,  &r->norm,
                           &r->model_sha256, &r->precision, &r->subset[1]};
    if (which < 7)
        *word[which] = "other";
    else if (which == 12)
        r->style_sha256 = "other";
    else if (which == 13)
        r->style_reverse = false;
    else if (which == 14)
        r->style = r->style_sha256 = NULL;
    else if (which == 15)
        r->perturb = "blur=3 (seed 0)";
    else if (which == 16)
        r->perturb = NULL;
    else if (which == 7)
        r->crop_factor = 1.3;
    else if (which == 8)
        r->parts = 3;
    else if (which == 9)
        r->part = r->parts = 0;
    else
        r->part = which == 10 ? 1 : 2;
}

static void test_merge_refused(void **state)
{
    static const char *const message[] = {
        "one and two do not belong together: the list differs",
        "the protocol differs",
        "the protocol differs",
        "the protocol differs",
        "the network differs",
        "the precision differs",
        "the subsets differs",
        "the protocol differs",
        "the number of parts differs",
        "the number of parts differs",
        "one and two: part 1 of 2 twice",
        NULL, /* not spoilt */
        "the label style differs",
        "the label style differs",
        "the label style differs",
        "the perturbation differs",
        "the perturbation differs",
    };
    static const char *const name[] = {"one", "two"};
    for (int i = 0; i < 17; i++) {
        struct wt_eval_result part[2], merged = {0};
        struct log_capture log;
        for (int k = 0; k < 2; k++) {
            make(&part[k], k ? 3 : 0, k ? 2 : 3);
            part[k].part = k + 1;
            part[k].parts = 2;
        }
        spoil(&part[1], i);
        log_capture_start(&log);
        enum wt_status status = wt_eval_merge(part, 2, name, &merged);
        if (message[i] &&
            (status != WT_ERR_FORMAT || log.lines != 1 || !strstr(log.last, message[i])))
            fail_msg("case %d: \"%s\"", i, log.last);
        assert_true(message[i] || status == WT_OK);
        wt_eval_result_fini(&part[0]);
        wt_eval_result_fini(&part[1]);
        wt_eval_result_fini(&merged);
    }
    struct wt_eval_result alone, whole, merged = {0};
    struct log_capture log;
    make(&alone, 0, 3);
    alone.part = 1;
    alone.parts = 2;
    log_capture_start(&log);
    assert_int_equal(wt_eval_merge(&alone, 1, name, &merged), WT_ERR_FORMAT);
    assert_non_null(strstr(log.last, "part 2 of 2 is missing"));
    make(&whole, 0, FACES);
    assert_int_equal(wt_eval_merge(&whole, 1, name, &merged), WT_OK); /* one that is no part */
    assert_true(merged.count == FACES && whole.count == 0);
    wt_eval_result_fini(&alone);
    wt_eval_result_fini(&merged);
}

/* Captures standard output in a file and gives it back. */
static char *comparison(struct wt_eval_result *a, struct wt_eval_result *b, const char *json)
{
    static const char *const name[] = {"first", "second"};
    int before = dup(1), out = open(in_folder("out.txt"), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    fflush(stdout);
    dup2(out, 1);
    close(out);
    enum wt_status status = wt_eval_compare(a, b, name, 1, json);
    fflush(stdout);
    dup2(before, 1);
    close(before);
    assert_int_equal(status, WT_OK);
    return read_text(in_folder("out.txt"));
}

static void test_compare(void **state)
{
    struct wt_eval_result a, b;
    struct wt_paired paired;
    make(&a, 0, FACES);
    make(&b, 1, FACES - 1);
    b.decoder = "centroid";
    for (size_t i = 0; i < b.count; i++)
        b.row[i].nme -= 0.5;
    assert_int_equal(wt_eval_pair(&a, &b, 1, &paired), WT_OK);
    assert_int_equal(paired.faces, 3); /* of 4 in both, 3 found */
    assert_true(fabs(paired.difference + 0.5) < 1e-9 && fabs(paired.low + 0.5) < 1e-9);
    char *text = comparison(&a, &b, NULL);
    static const char *const wanted[] = {
        "Different protocols: decoder.",
        "NME                   5.250      5.833     +0.583", /* (3.5 + 5.5 + 8.5) / 3 */
        "FR8                   40.00      50.00     +10.00",
        "dark                  3.000      3.500     +0.500",
        "Over the 3 faces found in both, the NME of B minus that of A is -0.500 points",
        "B is better in 100.0 % of them",
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!strstr(text, wanted[i]))
            fail_msg("lacks \"%s\":\n%s", wanted[i], text);
    free(text);
    text = comparison(&a, &b, in_folder("c.json"));
    free(text);
    text = read_text(in_folder("c.json"));
    cJSON *j = cJSON_Parse(text);
    const cJSON *p = cJSON_GetObjectItem(j, "paired");
    assert_true(cJSON_GetObjectItem(p, "difference")->valuedouble == -0.5);
    assert_true(cJSON_GetObjectItem(p, "faces")->valuedouble == 3);
    cJSON_Delete(j);
    free(text);
    for (size_t i = 0; i < b.count; i++)
        b.row[i].line += 100; /* no face in both */
    text = comparison(&a, &b, NULL);
    assert_non_null(strstr(text, "No confidence interval"));
    free(text);
    wt_eval_result_fini(&a);
    wt_eval_result_fini(&b);
}

static void test_csv(void **state)
{
    struct wt_eval_result r;
    make(&r, 0, FACES);
    assert_int_equal(wt_eval_write_csv(&r, in_folder("a.csv")), WT_OK);
    char *text = read_text(in_folder("a.csv"));
    assert_string_equal(text, "image,line,points,found,nme,confidence,subsets\n"
                              "a.png,1,68,1,2.0000,0.8765,dark\n"
                              "b&w.png,2,68,1,4.0000,0.8765,dark|side & <more>\n"
                              "c.png,3,68,1,6.0000,0.8765,\n"
                              "\"d,d.png\",4,68,1,9.0000,0.8765,\n"
                              "e.png,5,68,0,,0.0000,side & <more>\n");
    free(text);
    wt_eval_result_fini(&r);
}

static void test_label(void **state)
{
    char label[32];
    wt_eval_label("a/b/run 1.json", label, sizeof label);
    assert_string_equal(label, "run 1");
    wt_eval_label(".json", label, sizeof label);
    assert_string_equal(label, ".json");
    wt_eval_label("weights.safetensors", label, 8);
    assert_string_equal(label, "weights");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures),       cmocka_unit_test(test_json),
        cmocka_unit_test(test_bad_json),      cmocka_unit_test(test_merge),
        cmocka_unit_test(test_damaged_json),  cmocka_unit_test(test_unknown_points),
        cmocka_unit_test(test_merge_refused), cmocka_unit_test(test_compare),
        cmocka_unit_test(test_csv),           cmocka_unit_test(test_label),
    };
    if (!make_pictures())
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return remove_folder(folder) || failed;
}
