/* Blinks on made sequences, and on the rendered clip, whose blinks are known. */
#include "support.h"

#include <math.h>

#include "face/blink.h"
#include "face/opening.h"

static struct wt_blinks blinks;

static int reset(void **state)
{
    memset(&blinks, 0, sizeof blinks);
    return 0;
}

static struct wt_blink give(uint32_t id, double seconds, double opening)
{
    return wt_blinks_update(&blinks, id, llround(seconds * 1e6), (double[2]){opening, opening});
}

/* Open eyes for a second that ends at `until`. */
static void open_eyes(uint32_t id, double until, double opening)
{
    for (int i = 25; i >= 1; i--)
        assert_false(give(id, until - i * 0.04, opening).ended);
}

static void a_blink_is_told_once(void **state)
{
    static const double down_and_up[] = {0.28, 0.22, 0.08, 0.05, 0.12, 0.22, 0.29, 0.30};
    int ended = 0;
    open_eyes(3, 1, 0.3);
    for (int i = 0; i < 8; i++) {
        const struct wt_blink b = give(3, 1 + i * 0.04, down_and_up[i]);
        assert_true(b.known);
        assert_int_equal(b.shut, i >= 2 && i <= 5); /* 0.21 and 0.24 are the thresholds */
        assert_int_equal(b.count, i >= 6);
        if (b.ended) {
            ended++;
            assert_int_equal(b.start_us, 1080000);
            assert_int_equal(b.end_us, 1240000);
            assert_true(b.least == 0.05);
        }
    }
    assert_int_equal(ended, 1);
}

/* Between the thresholds nothing changes, either way. */
static void trembling_is_no_blink(void **state)
{
    open_eyes(1, 1, 0.3);
    for (int i = 0; i < 200; i++) {
        const struct wt_blink b = give(1, 1 + i * 0.04, i % 2 ? 0.22 : 0.29);
        assert_false(b.shut || b.ended || b.count);
    }
    assert_true(give(1, 9, 0.1).shut);
    for (int i = 1; i < 10; i++) /* back and forth over the lower one: one blink, not five */
        assert_true(give(1, 9 + i * 0.04, i % 2 ? 0.19 : 0.15).shut);
    assert_int_equal(give(1, 9.4, 0.3).count, 1);
}

static void rates_do_not_matter(void **state)
{
    static const double rate[] = {5, 15, 30, 60, 120};
    for (uint32_t k = 0; k < 5; k++) {
        uint32_t count = 0;
        for (int i = 0; i < (int)(20 * rate[k]); i++) { /* shut for 0.25 s every 2 s */
            const double t = i / rate[k], phase = fmod(t, 2);
            count = give(k + 1, t, phase >= 1 && phase < 1.25 ? 0.06 : 0.28).count;
        }
        assert_int_equal(count, 10);
    }
}

static void eyes_kept_shut_are_no_blink(void **state)
{
    open_eyes(1, 1, 0.3);
    for (int i = 0; i < 50; i++)
        assert_true(give(1, 1 + i * 0.04, 0.05).shut);
    const struct wt_blink b = give(1, 3, 0.3);
    assert_true(b.known && !b.shut && !b.ended && b.count == 0);
}

/* Half as open for long is how these eyes are now; a blink of theirs is one. */
static void narrower_eyes_are_learned(void **state)
{
    double t = 1;
    open_eyes(1, t, 0.36);
    assert_true(give(1, t, 0.19).shut);
    while (give(1, t += 0.04, 0.19).shut)
        assert_true(t < 20);
    open_eyes(1, t + 1, 0.19);
    assert_true(give(1, t + 1, 0.05).shut);
    assert_int_equal(give(1, t + 1.2, 0.19).count, 1);
    open_eyes(1, t + 2.3, 0.36); /* wider ones at once */
    assert_true(give(1, t + 2.3, 0.19).shut);
}

static void what_was_not_seen_is_not_counted(void **state)
{
    assert_true(give(1, 0, 0.05).shut); /* shut at first sight */
    assert_int_equal(give(1, 0.1, 0.3).count, 0);
    open_eyes(1, 2, 0.3);
    assert_true(give(1, 2, 0.05).shut); /* out of sight while shut */
    struct wt_blink b = give(1, 2.6, 0.3);
    assert_false(b.ended || b.shut || b.count);
    open_eyes(1, 4, 0.3); /* out of sight while open, shut when back */
    assert_true(give(1, 4.6, 0.05).shut);
    assert_int_equal(give(1, 4.7, 0.3).count, 0);
    open_eyes(1, 6, 0.3); /* unknown for a moment, within a blink */
    assert_true(give(1, 6, 0.05).shut);
    assert_false(give(1, 6.1, NAN).known);
    b = give(1, 6.2, 0.3);
    assert_true(b.ended && b.count == 1);
    b = give(1, 1, 0.3); /* another run of the input */
    assert_true(b.known && b.count == 0);
}

static void each_face_has_its_own(void **state)
{
    for (int i = 0; i < 100; i++)
        for (uint32_t id = 1; id <= WT_FACES_MAX; id++) {
            const bool shut = i % 25 >= 20 && id % 2;
            const struct wt_blink b = give(id, i * 0.04, shut ? 0.03 * id / WT_FACES_MAX : 0.3);
            assert_int_equal(b.shut, shut);
            assert_int_equal(b.count, id % 2 ? i / 25 : 0);
        }
    for (uint32_t id = 1; id <= WT_FACES_MAX; id++)
        assert_int_equal(give(id, 4, 0.3).count, id % 2 ? 4 : 0);
    give(1, 4.04, 0.3);
    give(2, 4.04, 0.3);
    give(WT_FACES_MAX + 1, 4.08, 0.3); /* the one not seen for longest makes room: 3 */
    assert_int_equal(give(1, 4.12, 0.3).count, 4);
    assert_int_equal(give(5, 4.12, 0.3).count, 4);
    assert_int_equal(give(3, 4.12, 0.3).count, 0);
}

static void one_eye_is_enough(void **state)
{
    for (int i = 0; i < 25; i++)
        wt_blinks_update(&blinks, 1, i * 40000, (double[2]){0.3, NAN});
    assert_true(wt_blinks_update(&blinks, 1, 1000000, (double[2]){0.05, NAN}).shut);
    assert_int_equal(wt_blinks_update(&blinks, 1, 1100000, (double[2]){NAN, 0.3}).count, 1);
    assert_false(wt_blinks_update(&blinks, 1, 1140000, (double[2]){NAN, INFINITY}).known);
}

/* The clip's persons blink where its script says so: at 0.25, 1.85, 3.10 s and at 7.35 and 8.75 s
 * the first, at 3.95, 5.15, 6.20, 7.60 and 9.10 s the second, for 0.26 s each. */
static void rendered_blinks(void **state)
{
    static const double at[2][5] = {{0.25, 1.85, 3.10, 7.35, 8.75}, {3.95, 5.15, 6.20, 7.60, 9.10}};
    static char line[4096];
    uint32_t count[2] = {0};
    char path[1200];
    if (!shared_path("synthetic/demo_points.csv", path, sizeof path))
        skip();
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    while (fgets(line, sizeof line, f)) {
        char *p = line;
        const int frame = (int)strtol(p, &p, 10), who = (int)strtol(p + 1, &p, 10);
        struct wt_point point[98];
        assert_in_range(who, 0, 1);
        for (int i = 0; i < 98; i++) {
            point[i].x = strtof(p + 1, &p);
            point[i].y = strtof(p + 1, &p);
        }
        const struct wt_opening o = wt_opening_measure(point, 98);
        const struct wt_blink b =
            wt_blinks_update(&blinks, (uint32_t)who + 1, llround(frame * 1e6 / 24), o.eye);
        if (!b.ended)
            continue;
        assert_true(count[who] < 5);
        const double start = (double)b.start_us / 1e6 - at[who][count[who]++];
        const double end = (double)b.end_us / 1e6 - at[who][count[who] - 1];
        if (start < 0 || start > 0.13 || end < 0.13 || end > 0.35)
            fail_msg("person %d: blink %u from %.3f to %.3f s after its start", who, count[who],
                     start, end);
    }
    fclose(f);
    assert_int_equal(count[0], 5);
    assert_int_equal(count[1], 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_blink_is_told_once, reset),
        cmocka_unit_test_setup(trembling_is_no_blink, reset),
        cmocka_unit_test_setup(rates_do_not_matter, reset),
        cmocka_unit_test_setup(eyes_kept_shut_are_no_blink, reset),
        cmocka_unit_test_setup(narrower_eyes_are_learned, reset),
        cmocka_unit_test_setup(what_was_not_seen_is_not_counted, reset),
        cmocka_unit_test_setup(each_face_has_its_own, reset),
        cmocka_unit_test_setup(one_eye_is_enough, reset),
        cmocka_unit_test_setup(rendered_blinks, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
