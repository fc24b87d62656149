/* Points corrected by hand. */
#include "support.h"

#include <math.h>
#include <string.h>

#include "teach/edit.h"

/* A face of 98 points that is its own mirror image in x = 100: a circle for every curve. */
static void make_face(struct wt_point p[98])
{
    const struct wt_scheme *s = wt_scheme_get(98);
    for (int i = 0; i < 98; i++) {
        const int k = s->flip[i], low = i < k ? i : k;
        const float x = k == i ? 0.0f : 8.0f + (float)(low * 7 % 61);
        const float y = 40.0f + (float)(low * 13 % 101);
        p[i] = (struct wt_point){100.0f + (i < k || k == i ? -x : x), y};
    }
    for (int i = 0; i < 33; i++) /* the jaw, evenly along a half circle */
        p[i] = (struct wt_point){100.0f - 80.0f * cosf((float)M_PI * (float)i / 32.0f),
                                 100.0f + 80.0f * sinf((float)M_PI * (float)i / 32.0f)};
    p[s->eye_outer[0]] = (struct wt_point){60.0f, 80.0f};
    p[s->eye_outer[1]] = (struct wt_point){140.0f, 80.0f};
}

static void test_drag(void **state)
{
    struct wt_point p[98], out[98];
    struct wt_edit e;
    make_face(p);
    assert_int_equal(wt_edit_begin(&e, p, 98), WT_OK);
    assert_false(wt_edit_changed(&e));
    assert_float_equal(e.unit, 80.0f, 1e-4f);
    assert_int_equal(wt_edit_nearest(&e, (struct wt_point){p[16].x + 1.0f, p[16].y + 2.0f}, 5.0f),
                     16);
    assert_int_equal(wt_edit_nearest(&e, (struct wt_point){p[16].x, p[16].y + 9.0f}, 5.0f), -1);

    wt_edit_grab(&e);
    wt_edit_drag(&e, 16, 50.0f, 50.0f); /* forth, and then to another place: no sum */
    wt_edit_drag(&e, 16, 3.0f, 10.0f);
    wt_edit_drop(&e);
    wt_edit_result(&e, out);
    assert_float_equal(out[16].x, p[16].x + 3.0f, 1e-4f);
    assert_float_equal(out[16].y, p[16].y + 10.0f, 1e-4f);
    /* 7.85 pixels from point to point, 20 of reach: the next two follow, the same on both sides. */
    assert_true(out[17].y - p[17].y > 4.0f && out[17].y - p[17].y < 9.0f);
    assert_float_equal(out[17].y - p[17].y, out[15].y - p[15].y, 1e-3f);
    assert_true(out[18].y - p[18].y > 0.5f && out[18].y - p[18].y < out[17].y - p[17].y);
    for (int i = 0; i < 98; i++)
        if (i < 14 || i > 18)
            assert_memory_equal(&out[i], &p[i], sizeof *out);

    wt_edit_grab(&e);
    wt_edit_drag(&e, -1, -5.0f, 1.0f);
    wt_edit_drop(&e);
    for (int i = 0; i < 98; i++)
        assert_float_equal(e.now.point[i].x, out[i].x - 5.0f, 1e-4f);
}

static void test_undo(void **state)
{
    struct wt_point p[98];
    struct wt_edit e;
    make_face(p);
    assert_int_equal(wt_edit_begin(&e, p, 98), WT_OK);
    assert_false(wt_edit_undo(&e));
    assert_false(wt_edit_redo(&e));
    wt_edit_grab(&e); /* a click that moves nothing is no step */
    wt_edit_drag(&e, 3, 0.0f, 0.0f);
    wt_edit_drop(&e);
    assert_false(wt_edit_changed(&e));

    for (int i = 0; i < 100; i++) /* more than are kept */
        wt_edit_nudge(&e, 5, 1.0f, 0.0f);
    assert_float_equal(e.now.point[5].x, p[5].x + 100.0f, 1e-3f);
    int undone = 0;
    while (wt_edit_undo(&e))
        undone++;
    assert_int_equal(undone, WT_EDIT_STEPS);
    assert_float_equal(e.now.point[5].x, p[5].x + 100.0f - WT_EDIT_STEPS, 1e-3f);
    assert_true(wt_edit_redo(&e));
    assert_true(wt_edit_redo(&e));
    assert_float_equal(e.now.point[5].x, p[5].x + 102.0f - WT_EDIT_STEPS, 1e-3f);
    wt_edit_hide(&e, 7); /* something else now: what was undone is gone */
    assert_false(wt_edit_redo(&e));
    struct wt_point out[98];
    wt_edit_result(&e, out);
    assert_true(isnan(out[7].x) && isnan(out[7].y) && !isnan(out[8].x));
    assert_true(wt_edit_undo(&e));
    wt_edit_result(&e, out);
    assert_false(isnan(out[7].x));
}

static void test_mirror(void **state)
{
    struct wt_point p[98];
    struct wt_edit e;
    const struct wt_scheme *s = wt_scheme_get(98);
    make_face(p);
    assert_int_equal(wt_edit_begin(&e, p, 98), WT_OK);
    wt_edit_mirror(&e, 3); /* it is its own mirror image already */
    for (int i = 0; i < 98; i++) {
        assert_float_equal(e.now.point[i].x, p[i].x, 0.01f);
        assert_float_equal(e.now.point[i].y, p[i].y, 0.01f);
    }
    /* One point off: from the other side it comes back; the axis moves by a pair's share only. */
    wt_edit_nudge(&e, 3, 6.0f, 4.0f);
    wt_edit_mirror(&e, 3);
    assert_true(fabsf(e.now.point[3].x - p[3].x) < 0.6f);
    assert_true(fabsf(e.now.point[3].y - p[3].y) < 0.6f);
    assert_float_equal(e.now.point[s->flip[3]].x, p[s->flip[3]].x, 1e-4f);
    /* The middle of the chin goes onto the axis. */
    assert_int_equal(s->flip[16], 16);
    wt_edit_nudge(&e, 16, 7.0f, 0.0f);
    wt_edit_mirror(&e, 16);
    assert_true(fabsf(e.now.point[16].x - 100.0f) < 0.6f);
    assert_true(wt_edit_undo(&e));
    assert_true(fabsf(e.now.point[16].x - 107.0f) < 0.1f);
}

static void test_unknown(void **state)
{
    struct wt_point p[98] = {{0}};
    struct wt_edit e;
    assert_int_equal(wt_edit_begin(&e, p, 97), WT_ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drag),
        cmocka_unit_test(test_undo),
        cmocka_unit_test(test_mirror),
        cmocka_unit_test(test_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
