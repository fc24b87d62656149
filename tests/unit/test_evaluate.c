/* Whole pictures: which found face belongs to which true one. The tracker and the reading of
 * pictures are fakes, so that what is found is known. */
#include "support.h"

#include <math.h>

#include "evaluate.h"
#include "picture.h"

static struct {
    struct wt_result next[4]; /* what the tracker finds in picture "0", "1", ... */
    int resets, read, freed;
    const char *last;
} fake;

enum wt_status wt_picture_read(struct wt_picture *out, const char *path)
{
    *out = (struct wt_picture){.pixels = NULL};
    fake.last = path;
    fake.read++;
    return strcmp(path, "bad") == 0 ? WT_ERR_FORMAT : WT_OK;
}

void wt_picture_fini(struct wt_picture *picture)
{
    fake.freed++;
}

enum wt_status wt_picture_write(const struct wt_image *image, const char *path)
{
    return WT_ERR_IO;
}

void wt_tracker_reset(struct wt_tracker *tracker)
{
    fake.resets++;
}

enum wt_status wt_tracker_track(struct wt_tracker *tracker, const struct wt_image *image,
                                int64_t time_us, struct wt_result *result)
{
    *result = fake.next[fake.last[0] - '0'];
    return WT_OK;
}

void wt_result_fini(struct wt_result *result) {}

/* 98 points on a square of side 100 with the outer eye corners 50 apart. */
static void face_at(struct wt_point *p, float x, float y, float scale)
{
    for (int i = 0; i < 98; i++)
        p[i] =
            (struct wt_point){x + scale * (float)(i % 11) * 10, y + scale * (float)(i % 9) * 12.5f};
    p[60] = (struct wt_point){x + scale * 25, y + scale * 40};
    p[72] = (struct wt_point){x + scale * 75, y + scale * 40};
}

static struct wt_point truth[4][98];
static struct wt_sample sample[4];

static struct wt_dataset dataset_of(int n, const char *const *image)
{
    for (int i = 0; i < n; i++)
        sample[i] = (struct wt_sample){image[i], image[i], i + 1, 98, truth[i]};
    return (struct wt_dataset){.sample = sample, .count = (size_t)n, .points = 98};
}

static void found(int picture, float x, float y, float scale)
{
    struct wt_result *r = &fake.next[picture];
    struct wt_face *f = &r->face[r->faces++];
    f->points = 98;
    f->confidence = 0.5f;
    face_at(f->point, x, y, scale);
}

static size_t steps[4];
static int step_count;
static void step(void *user, size_t done)
{
    assert_true(step_count < 4);
    steps[step_count++] = done;
}

static enum wt_status evaluate(const struct wt_dataset *d, struct wt_eval_face *face,
                               struct wt_eval_times *times)
{
    struct wt_eval_options how = {.norm = WT_NORM_OCULAR, .progress = step};
    step_count = 0;
    return wt_eval_pictures(NULL, 98, d, &how, face, times);
}

static int reset(void **state)
{
    memset(&fake, 0, sizeof fake);
    return 0;
}

static void test_two_in_one_picture(void **state)
{
    static const char *const image[] = {"0", "0", "1"};
    struct wt_eval_face face[3];
    struct wt_eval_times times;
    struct wt_dataset d = dataset_of(3, image);
    face_at(truth[0], 0, 0, 1);
    face_at(truth[1], 300, 0, 1);
    face_at(truth[2], 50, 50, 1);
    found(0, 303, 4, 1); /* 5 off: 10 % of 50; in another order than the truth */
    found(0, 0, 0, 1);
    found(0, 900, 900, 1); /* nobody's */
    found(1, 50, 51, 1);
    assert_int_equal(evaluate(&d, face, &times), WT_OK);
    assert_true(face[0].nme == 0 && fabs(face[1].nme - 10) < 1e-4 && fabs(face[2].nme - 2) < 1e-4);
    assert_true(face[1].confidence == 0.5f);
    assert_int_equal(times.pictures, 2);
    assert_int_equal(times.detections, 4);
    assert_int_equal(fake.resets, 2); /* no picture knows of the one before */
    assert_int_equal(fake.read, fake.freed);
    assert_int_equal(step_count, 2);
    assert_int_equal(steps[0], 2);
    assert_int_equal(steps[1], 3);
}

static void test_missed(void **state)
{
    static const char *const image[] = {"0", "1", "2", "3"};
    struct wt_eval_face face[4];
    struct wt_eval_times times;
    struct wt_dataset d = dataset_of(4, image);
    for (int i = 0; i < 4; i++)
        face_at(truth[i], 0, 0, 1);
    found(1, 60, 0, 1);        /* too far */
    found(2, -100, -100, 2.5); /* too large */
    found(3, 30, 30, 0.4f);    /* too small */
    assert_int_equal(evaluate(&d, face, &times), WT_OK);
    for (int i = 0; i < 4; i++)
        assert_true(isinf(face[i].nme) && face[i].confidence == 0);
}

static void test_one_found_for_two_true(void **state)
{
    static const char *const image[] = {"0", "0"};
    struct wt_eval_face face[2];
    struct wt_eval_times times;
    struct wt_dataset d = dataset_of(2, image);
    face_at(truth[0], 0, 0, 1);
    face_at(truth[1], 20, 0, 1);
    found(0, 15, 0, 1); /* nearer to the second */
    assert_int_equal(evaluate(&d, face, &times), WT_OK);
    assert_true(isinf(face[0].nme));
    assert_true(fabs(face[1].nme - 10) < 1e-4);
}

static void test_not_a_number(void **state)
{
    static const char *const image[] = {"0"};
    struct wt_eval_face face[1];
    struct wt_eval_times times;
    struct wt_dataset d = dataset_of(1, image);
    face_at(truth[0], 0, 0, 1);
    found(0, NAN, NAN, 1);
    assert_int_equal(evaluate(&d, face, &times), WT_OK);
    assert_true(isinf(face[0].nme));
}

static void test_bad_picture(void **state)
{
    static const char *const image[] = {"0", "bad"};
    struct wt_eval_face face[2];
    struct wt_eval_times times;
    struct wt_dataset d = dataset_of(2, image);
    assert_int_equal(evaluate(&d, face, &times), WT_ERR_FORMAT);
}

static void test_check(void **state)
{
    static const char *const image[] = {"0", "1"};
    struct log_capture log;
    struct wt_dataset d = dataset_of(2, image);
    log_capture_start(&log);
    assert_int_equal(wt_eval_check(&d, 98, WT_NORM_OCULAR), WT_OK);
    assert_int_equal(log.lines, 0);
    sample[1].points = 68;
    assert_int_equal(wt_eval_check(&d, 98, WT_NORM_OCULAR), WT_OK);
    assert_int_equal(wt_eval_check(&d, 68, WT_NORM_OCULAR), WT_ERR_UNSUPPORTED); /* 68 -> 98 */
    assert_int_equal(log.errors, 1);
    sample[1].points = 67;
    assert_int_equal(wt_eval_check(&d, 98, WT_NORM_OCULAR), WT_ERR_UNSUPPORTED);
    assert_int_equal(log.errors, 2);
    assert_non_null(strstr(log.last, "line 2 of the list has 67 points"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_two_in_one_picture, reset),
        cmocka_unit_test_setup(test_missed, reset),
        cmocka_unit_test_setup(test_one_found_for_two_true, reset),
        cmocka_unit_test_setup(test_not_a_number, reset),
        cmocka_unit_test_setup(test_bad_picture, reset),
        cmocka_unit_test(test_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
