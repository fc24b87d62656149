/* The search on a thread of its own, with a detector of the test's: results arrive once, one search
 * is under way at a time, a forgotten one is never handed out, and the end waits for what runs.
 * Meant for ThreadSanitizer too. */
#include "support.h"

#include <stdatomic.h>
#include <unistd.h>

#include "base/status.h"
#include "track/search.h"

/* ---- the test's detector: finds one face whose x is the picture's first byte ----------------- */

struct wt_detector {
    int unused;
};

static atomic_int alive, finds, glances, work_us;

enum wt_status wt_detector_create(struct wt_detector **out, const char *name,
                                  const struct wt_detector_options *options)
{
    if (name)
        return wt_fail(WT_ERR_ARGUMENT, "detector %s: unknown", name);
    *out = calloc(1, sizeof **out);
    alive++;
    return WT_OK;
}

void wt_detector_destroy(struct wt_detector **detector)
{
    if (*detector)
        alive--;
    free(*detector);
    *detector = NULL;
}

static enum wt_status look(const struct wt_image *image, struct wt_detection *out, int *found)
{
    usleep((unsigned)work_us);
    *found = 1;
    out[0] = (struct wt_detection){.box = {.x = image->data[0], .w = 1, .h = 1}, .score = 1};
    return image->data[0] == 255 ? WT_ERR_MEMORY : WT_OK;
}

enum wt_status wt_detector_find(struct wt_detector *detector, const struct wt_image *image,
                                int min_side, struct wt_detection *out, int max, int *found)
{
    finds++;
    return look(image, out, found);
}

enum wt_status wt_detector_find_quick(struct wt_detector *detector, const struct wt_image *image,
                                      struct wt_detection *out, int max, int *found)
{
    glances++;
    return look(image, out, found);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static uint8_t pixels[6][30]; /* rows with a gap behind them */

static struct wt_image picture(uint8_t value, int height)
{
    pixels[0][0] = value;
    return (struct wt_image){pixels[0], 4, height, sizeof pixels[0], WT_PIXEL_BGR24};
}

static bool wait_for(struct wt_search *s, struct wt_found *found, enum wt_status *status)
{
    for (int i = 0; i < 300000; i++, usleep(1000)) /* minutes: a limit for what hangs */
        if (wt_search_take(s, found, status))
            return true;
    return false;
}

static void results_arrive_once(void **state)
{
    struct wt_search *s = NULL;
    struct wt_found found;
    enum wt_status status;
    work_us = 3000;
    assert_int_equal(wt_search_create(&s, NULL, NULL, true), WT_OK);
    assert_true(wt_search_in_background(s));
    assert_false(wt_search_take(s, &found, &status));
    for (int i = 1; i <= 20; i++) {
        struct wt_image image = picture((uint8_t)i, 1 + i % 6);
        assert_true(wt_search_start(s, &image, i % 2));
        picture(0, 1); /* the search has a copy */
        assert_false(wt_search_start(s, &image, true));
        assert_true(wait_for(s, &found, &status));
        assert_int_equal(status, WT_OK);
        assert_int_equal(found.faces, 1);
        assert_true(found.face[0].box.x == (float)i);
        assert_true(found.ms >= 2.5);
        assert_false(wt_search_take(s, &found, &status));
    }
    assert_int_equal(finds, 10);
    assert_int_equal(glances, 10);
    struct wt_image broken = picture(255, 2);
    assert_true(wt_search_start(s, &broken, true));
    assert_true(wait_for(s, &found, &status));
    assert_int_equal(status, WT_ERR_MEMORY);
    wt_search_destroy(&s);
    assert_null(s);
    assert_int_equal(alive, 0);
}

static void forgotten_results_stay_away(void **state)
{
    struct wt_search *s = NULL;
    struct wt_found found;
    enum wt_status status;
    work_us = 20000;
    assert_int_equal(wt_search_create(&s, NULL, NULL, true), WT_OK);
    for (int wait_ms = 0; wait_ms <= 40; wait_ms += 10) { /* asked, searching, done */
        struct wt_image image = picture(7, 1);
        assert_true(wt_search_start(s, &image, true));
        usleep((unsigned)wait_ms * 1000);
        wt_search_discard(s);
        image = picture(9, 1);
        while (!wt_search_start(s, &image, true))
            usleep(1000);
        assert_true(wait_for(s, &found, &status));
        assert_true(found.face[0].box.x == 9.0f);
    }
    struct wt_image image = picture(7, 1);
    assert_true(wt_search_start(s, &image, true));
    usleep(2000);
    wt_search_destroy(&s); /* while it searches */
    assert_int_equal(alive, 0);
}

static void now_takes_turns_with_the_thread(void **state)
{
    struct wt_search *s = NULL;
    struct wt_found found;
    enum wt_status status;
    work_us = 8000;
    assert_int_equal(wt_search_create(&s, NULL, NULL, true), WT_OK);
    for (int wait_ms = 0; wait_ms <= 20; wait_ms += 4) { /* asked, searching, done */
        struct wt_image image = picture(3, 1);
        assert_true(wt_search_start(s, &image, true));
        usleep((unsigned)wait_ms * 1000);
        image = picture(4, 1);
        assert_int_equal(wt_search_now(s, &image, true, &found), WT_OK);
        assert_true(found.face[0].box.x == 4.0f);
        assert_false(wt_search_take(s, &found, &status)); /* the earlier one has gone */
    }
    struct wt_image image = picture(6, 1);
    assert_true(wt_search_start(s, &image, true)); /* and the thread still works */
    assert_true(wait_for(s, &found, &status));
    assert_true(found.face[0].box.x == 6.0f);
    wt_search_destroy(&s);
    assert_int_equal(alive, 0);
}

static void without_a_thread(void **state)
{
    struct wt_search *s = NULL;
    struct wt_found found;
    struct wt_image image = picture(5, 1);
    work_us = 0;
    assert_int_equal(wt_search_create(&s, NULL, NULL, false), WT_OK);
    assert_false(wt_search_in_background(s));
    assert_int_equal(wt_search_now(s, &image, true, &found), WT_OK);
    assert_true(found.face[0].box.x == 5.0f);
    wt_search_discard(s);
    wt_search_destroy(&s);
    assert_int_equal(alive, 0);
}

static void a_missing_detector_is_one_error(void **state)
{
    struct wt_search *s = NULL;
    struct log_capture log;
    log_capture_start(&log);
    assert_int_equal(wt_search_create(&s, "none", NULL, true), WT_ERR_ARGUMENT);
    wt_set_log(NULL, NULL, WT_LOG_INFO);
    assert_int_equal(log.errors, 1);
    assert_null(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_arrive_once),
        cmocka_unit_test(forgotten_results_stay_away),
        cmocka_unit_test(now_takes_turns_with_the_thread),
        cmocka_unit_test(without_a_thread),
        cmocka_unit_test(a_missing_detector_is_one_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
