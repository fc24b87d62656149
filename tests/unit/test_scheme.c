#include "support.h"

#include <math.h>

#include "face/scheme.h"

static const int sizes[] = {98, 68, 29, 19};
#define SIZES 4

static void look_up(void **state)
{
    static const char *const names[] = {"wflw98", "300w68", "cofw29", "aflw19"};
    for (int i = 0; i < SIZES; i++) {
        const struct wt_scheme *s = wt_scheme_get(sizes[i]);
        assert_non_null(s);
        assert_int_equal(s->points, sizes[i]);
        assert_string_equal(s->name, names[i]);
        assert_ptr_equal(wt_scheme_by_name(names[i]), s);
        assert_int_equal(s->curves, sizes[i] == 19 ? 5 : 13);
    }
    assert_null(wt_scheme_get(5));
    assert_null(wt_scheme_by_name("wflw"));
    assert_null(wt_scheme_by_name(NULL));
}

static void names_are_there_and_differ(void **state)
{
    for (int k = 0; k < SIZES; k++) {
        const struct wt_scheme *s = wt_scheme_get(sizes[k]);
        for (int i = 0; i < s->points; i++) {
            assert_non_null(s->point_name[i]);
            for (int j = 0; j < i; j++)
                assert_string_not_equal(s->point_name[i], s->point_name[j]);
        }
    }
}

/* Name after a mirror: "left" and "right" change places; numbered points count from the left, so
 * that rule holds for the paired parts only. */
static void mirrored_name(const char *name, char out[64])
{
    const char *left = strstr(name, "left"), *right = strstr(name, "right");
    const char *at = left ? left : right;
    if (!at) {
        strcpy(out, name);
        return;
    }
    const size_t head = (size_t)(at - name);
    memcpy(out, name, head);
    strcpy(out + head, left ? "right" : "left");
    strcat(out, at + (left ? 4 : 5));
}

static void flip_is_an_involution_and_agrees_with_names(void **state)
{
    for (int k = 0; k < SIZES; k++) {
        const struct wt_scheme *s = wt_scheme_get(sizes[k]);
        for (int i = 0; i < s->points; i++) {
            assert_in_range(s->flip[i], 0, s->points - 1);
            assert_int_equal(s->flip[s->flip[i]], i);
            if (strstr(s->point_name[i], "left") || strstr(s->point_name[i], "right")) {
                char expected[64];
                mirrored_name(s->point_name[i], expected);
                assert_string_equal(s->point_name[s->flip[i]], expected);
            }
        }
        assert_int_equal(s->flip[s->eye_outer[0]], s->eye_outer[1]);
        if (s->pupil[0] >= 0)
            assert_int_equal(s->flip[s->pupil[0]], s->pupil[1]);
    }
}

static bool same_curve(const struct wt_scheme *s, const struct wt_curve *a,
                       const struct wt_curve *b)
{
    bool ahead = a->count == b->count && a->part == b->part, back = ahead;
    for (int i = 0; i < a->count && (ahead || back); i++) {
        ahead = ahead && s->flip[a->point[i]] == b->point[i];
        back = back && s->flip[a->point[i]] == b->point[b->count - 1 - i];
    }
    return ahead || back;
}

static void flip_maps_curves_to_curves(void **state)
{
    for (int k = 0; k < SIZES; k++) {
        const struct wt_scheme *s = wt_scheme_get(sizes[k]);
        for (int i = 0; i < s->curves; i++) {
            int hits = 0;
            for (int j = 0; j < s->curves; j++)
                hits += same_curve(s, &s->curve[i], &s->curve[j]);
            assert_int_equal(hits, 1);
        }
    }
}

/* Edges are mirror images of each other, and with the curves they leave no point of a brow alone.
 */
static void edges_close_the_brows(void **state)
{
    for (int k = 0; k < SIZES; k++) {
        const struct wt_scheme *s = wt_scheme_get(sizes[k]);
        bool on_line[WT_POINTS_MAX] = {false};
        const struct wt_curve *line;
        int lines = 0;
        for (; (line = wt_scheme_line(s, lines)); lines++)
            for (int i = 0; i < line->count; i++)
                on_line[line->point[i]] = true;
        assert_int_equal(lines, s->curves + s->edges);
        for (int i = 0; i < s->edges; i++) {
            int hits = 0;
            for (int j = 0; j < s->edges; j++)
                hits += same_curve(s, &s->edge[i], &s->edge[j]);
            assert_int_equal(hits, 1);
        }
        for (int i = 0; i < s->points; i++)
            if (strstr(s->point_name[i], "brow") && s->points != 19)
                assert_true(on_line[i]);
    }
    assert_int_equal(wt_scheme_get(98)->edges, 2);
}

static void closed_outlines_share_both_ends(void **state)
{
    for (int k = 0; k < SIZES; k++) {
        const struct wt_scheme *s = wt_scheme_get(sizes[k]);
        for (int i = 0; i < s->curves; i++) {
            const struct wt_curve *a = &s->curve[i], *b = a + 1;
            if (!a->closes)
                continue;
            assert_true(i + 1 < s->curves);
            assert_int_equal(a->part, b->part);
            assert_int_equal(a->point[0], b->point[0]);
            assert_int_equal(a->point[a->count - 1], b->point[b->count - 1]);
        }
    }
}

static void eye_points_are_the_mirrored_ones(void **state)
{
    for (int k = 0; k < SIZES; k++) {
        const struct wt_scheme *s = wt_scheme_get(sizes[k]);
        for (int i = 0; i < s->eye_points_count; i++) {
            int hits = 0;
            for (int j = 0; j < s->eye_points_count; j++)
                hits += s->flip[s->eye_points[0][i]] == s->eye_points[1][j];
            assert_int_equal(hits, 1);
        }
    }
}

/* Point i of the 98 lies at (i, 1000 - 3 i), so a converted point tells what it was made of. */
static void fill98(struct wt_point *p)
{
    for (int i = 0; i < 98; i++)
        p[i] = (struct wt_point){(float)i, (float)(1000 - 3 * i)};
}

static void convert_to_68(void **state)
{
    static const float expected[68] = {
        0,  2,    4,    6,    8,    10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, /* jaw */
        33, 37.5, 37.5, 37.5, 37.5, 46, 46, 46, 46, 46,                             /* brows */
        51, 52,   53,   54,   55,   56, 57, 58, 59, 60, 61, 63, 64, 65, 67, /* nose, left eye */
        68, 69,   71,   72,   73,   75,                                     /* right eye */
        76, 77,   78,   79,   80,   81, 82, 83, 84, 85, 86, 87,             /* outer lips */
        88, 89,   90,   91,   92,   93, 94, 95};                            /* inner lips */
    struct wt_point p[98], q[68];
    fill98(p);
    assert_int_equal(wt_points_convert(p, 98, q, 68), WT_OK);
    for (int i = 0; i < 68; i++) {
        assert_float_equal(q[i].x, expected[i], 1e-6);
        assert_float_equal(q[i].y, 1000 - 3 * expected[i], 1e-3);
    }
    /* The sums above are equal for all pairs of a brow: tell them apart by one end. */
    static const int brow[8][3] = {{18, 34, 41}, {19, 35, 40}, {20, 36, 39}, {21, 37, 38},
                                   {22, 42, 50}, {23, 43, 49}, {24, 44, 48}, {25, 45, 47}};
    for (int i = 0; i < 8; i++) {
        fill98(p);
        p[brow[i][1]].x += 10;
        p[brow[i][2]].y += 20;
        assert_int_equal(wt_points_convert(p, 98, q, 68), WT_OK);
        assert_float_equal(q[brow[i][0]].x, expected[brow[i][0]] + 5, 1e-6);
        assert_float_equal(q[brow[i][0]].y, 1010 - 3 * expected[brow[i][0]], 1e-3);
    }
}

/* A conversion must not care which side it is done on: mirror then convert = convert then mirror,
 * and the parts it converts to carry the same names where names are shared. */
static void conversion_commutes_with_the_mirror(void **state)
{
    const struct wt_scheme *from = wt_scheme_get(98);
    for (int k = 1; k < 3; k++) {
        const struct wt_scheme *to = wt_scheme_get(sizes[k]);
        struct wt_point p[98], m[98], a[68], b[68];
        for (int i = 0; i < 98; i++)
            p[i] = (struct wt_point){(float)((i * 37) % 101), (float)((i * 53) % 97)};
        for (int i = 0; i < 98; i++)
            m[from->flip[i]] = (struct wt_point){-p[i].x, p[i].y};
        assert_int_equal(wt_points_convert(p, 98, a, to->points), WT_OK);
        assert_int_equal(wt_points_convert(m, 98, b, to->points), WT_OK);
        for (int i = 0; i < to->points; i++) {
            assert_float_equal(b[to->flip[i]].x, -a[i].x, 1e-5);
            assert_float_equal(b[to->flip[i]].y, a[i].y, 1e-5);
        }
    }
}

static void convert_to_29(void **state)
{
    static const char *const shared[] = {
        "left_brow_outer", "left_eye_outer", "left_eye_inner", "left_pupil",      "nose_left_wing",
        "nose_tip",        "nose_base",      "mouth_left",     "right_eye_inner", "chin"};
    const struct wt_scheme *from = wt_scheme_get(98), *to = wt_scheme_get(29);
    struct wt_point p[98], q[29];
    fill98(p);
    assert_int_equal(wt_points_convert(p, 98, q, 29), WT_OK);
    for (size_t k = 0; k < sizeof(shared) / sizeof(shared[0]); k++) {
        int i = 0, j = 0;
        while (strcmp(to->point_name[i], shared[k]) != 0)
            assert_true(++i < 29);
        while (strcmp(from->point_name[j], shared[k]) != 0)
            assert_true(++j < 98);
        assert_float_equal(q[i].x, (float)j, 1e-6);
    }
}

/* All of COFW's points, by what a person would say they are: of one point of the 98, or half way
 * between two that are named alike but for the edge they lie on. */
static void convert_to_29_by_name(void **state)
{
    static const char *const made_of[29][2] = {{"left_brow_outer"},
                                               {"right_brow_outer"},
                                               {"left_brow_upper_inner", "left_brow_lower_inner"},
                                               {"right_brow_upper_inner", "right_brow_lower_inner"},
                                               {"left_brow_upper_2"},
                                               {"left_brow_lower_2"},
                                               {"right_brow_upper_2"},
                                               {"right_brow_lower_2"},
                                               {"left_eye_outer"},
                                               {"right_eye_outer"},
                                               {"left_eye_inner"},
                                               {"right_eye_inner"},
                                               {"left_eye_upper_2"},
                                               {"left_eye_lower_2"},
                                               {"right_eye_upper_2"},
                                               {"right_eye_lower_2"},
                                               {"left_pupil"},
                                               {"right_pupil"},
                                               {"nose_left_wing"},
                                               {"nose_right_wing"},
                                               {"nose_tip"},
                                               {"nose_base"},
                                               {"mouth_left"},
                                               {"mouth_right"},
                                               {"lip_upper_outer_3"},
                                               {"lip_upper_inner_2"},
                                               {"lip_lower_inner_2"},
                                               {"lip_lower_outer_3"},
                                               {"chin"}};
    const struct wt_scheme *from = wt_scheme_get(98);
    for (int i = 0; i < 29; i++)
        for (int j = 0; j < 98; j++) {
            struct wt_point p[98] = {{0, 0}}, q[29];
            const bool a = strcmp(from->point_name[j], made_of[i][0]) == 0;
            const bool b = made_of[i][1] && strcmp(from->point_name[j], made_of[i][1]) == 0;
            p[j] = (struct wt_point){2, -4};
            assert_int_equal(wt_points_convert(p, 98, q, 29), WT_OK);
            const float share = !a && !b ? 0 : made_of[i][1] ? 0.5f : 1;
            assert_true(q[i].x == 2 * share && q[i].y == -4 * share);
        }
}

/* The 98 labels of the research data were derived from the 68 manual ones such that the reduction
 * gives these back: real faces, and a table that was not written by us. */
static void convert_real_labels(void **state)
{
    char path98[1200], path68[1200], name[2][64];
    FILE *f98 = fopen(shared_path("data/faces98/val.txt", path98, sizeof path98), "r");
    FILE *f68 = fopen(shared_path("data/faces68/val.txt", path68, sizeof path68), "r");
    assert_true(f98 && f68);
    int faces = 0;
    float worst = 0;
    while (fscanf(f98, "%63s", name[0]) == 1) {
        struct wt_point p[98], made[68];
        assert_int_equal(fscanf(f68, "%63s", name[1]), 1);
        assert_string_equal(strrchr(name[0], '/'), strrchr(name[1], '/'));
        for (int i = 0; i < 98; i++)
            assert_int_equal(fscanf(f98, "%f %f", &p[i].x, &p[i].y), 2);
        assert_int_equal(wt_points_convert(p, 98, made, 68), WT_OK);
        for (int i = 0; i < 68; i++) {
            struct wt_point manual;
            assert_int_equal(fscanf(f68, "%f %f", &manual.x, &manual.y), 2);
            worst = fmaxf(worst, hypotf(made[i].x - manual.x, made[i].y - manual.y));
        }
        faces++;
    }
    fclose(f98);
    fclose(f68);
    print_message("%d faces, 68 points from 98 within %.3f px of the manual ones\n", faces,
                  (double)worst);
    assert_int_equal(faces, 150);
    assert_true(worst < 0.02f); /* two decimals in the lists */
}

static void copies_and_refuses(void **state)
{
    struct wt_point p[98], q[98];
    fill98(p);
    for (int n = 1; n <= 98; n += 97) {
        memset(q, 0, sizeof(q));
        assert_int_equal(wt_points_convert(p, n, q, n), WT_OK);
        assert_memory_equal(q, p, sizeof(*p) * (size_t)n);
    }
    assert_int_equal(wt_points_convert(p, 68, q, 98), WT_ERR_UNSUPPORTED);
    assert_int_equal(wt_points_convert(p, 68, q, 29), WT_ERR_UNSUPPORTED);
    assert_int_equal(wt_points_convert(p, 98, q, 19), WT_ERR_UNSUPPORTED);
    assert_int_equal(wt_points_convert(NULL, 98, q, 68), WT_ERR_ARGUMENT);
    /* in place */
    assert_int_equal(wt_points_convert(p, 98, q, 68), WT_OK);
    assert_int_equal(wt_points_convert(p, 98, p, 68), WT_OK);
    assert_memory_equal(p, q, sizeof(*p) * 68);
}

/* What is known survives every detour; what is not is marked. */
static void converts_what_is_known(void **state)
{
    static const int all[] = {98, 68, 29, 19}, exact_of_98[] = {98, 60, 27, 14};
    struct wt_point p[98], q[98], back[98];
    fill98(p);
    for (int k = 0; k < 4; k++) {
        int known = 0;
        assert_int_equal(wt_points_convert_known(p, 98, q, all[k]), WT_OK);
        for (int i = 0; i < all[k]; i++)
            assert_false(isnan(q[i].x) || isnan(q[i].y));
        if (all[k] == 68 || all[k] == 29) {
            assert_int_equal(wt_points_convert(p, 98, back, all[k]), WT_OK);
            assert_memory_equal(q, back, sizeof *q * (size_t)all[k]);
        }
        assert_int_equal(wt_points_convert_known(q, all[k], back, 98), WT_OK);
        for (int i = 0; i < 98; i++) {
            assert_true(isnan(back[i].x) == isnan(back[i].y));
            if (isnan(back[i].x))
                continue;
            known++;
            assert_true(back[i].x == p[i].x && back[i].y == p[i].y);
        }
        assert_int_equal(known, exact_of_98[k]);
    }
    /* 19 -> 29: the inner end of a brow is between two of the 98, and the same in both. */
    assert_int_equal(wt_points_convert_known(p, 98, q, 19), WT_OK);
    assert_int_equal(wt_points_convert_known(q, 19, back, 29), WT_OK);
    assert_true(back[2].x == q[2].x && back[3].x == q[3].x && isnan(back[4].x));
    /* in place, and an unknown point stays one */
    p[33].x = p[33].y = NAN;
    assert_int_equal(wt_points_convert_known(p, 98, p, 68), WT_OK);
    assert_true(isnan(p[17].x) && p[0].x == 0 && p[1].x == 2);
    assert_int_equal(wt_points_convert_known(p, 68, p, 68), WT_OK);
    assert_true(isnan(p[17].x) && p[1].x == 2);
    assert_int_equal(wt_points_convert_known(p, 98, q, 5), WT_ERR_UNSUPPORTED);
    assert_int_equal(wt_points_convert_known(p, 21, q, 98), WT_ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look_up),
        cmocka_unit_test(names_are_there_and_differ),
        cmocka_unit_test(flip_is_an_involution_and_agrees_with_names),
        cmocka_unit_test(flip_maps_curves_to_curves),
        cmocka_unit_test(edges_close_the_brows),
        cmocka_unit_test(closed_outlines_share_both_ends),
        cmocka_unit_test(eye_points_are_the_mirrored_ones),
        cmocka_unit_test(convert_to_68),
        cmocka_unit_test(convert_to_29),
        cmocka_unit_test(convert_to_29_by_name),
        cmocka_unit_test(conversion_commutes_with_the_mirror),
        cmocka_unit_test(copies_and_refuses),
        cmocka_unit_test(converts_what_is_known),
    };
    const struct CMUnitTest with_labels[] = {cmocka_unit_test(convert_real_labels)};
    char path[1200];
    const int failed = cmocka_run_group_tests_name("scheme", tests, NULL, NULL);
    if (failed)
        return failed;
    if (!shared_path("data/faces98/val.txt", path, sizeof path))
        return WT_TEST_SKIP;
    return cmocka_run_group_tests_name("labels", with_labels, NULL, NULL);
}
