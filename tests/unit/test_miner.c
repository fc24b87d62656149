/* Frames worth a correction: scores, bounds, spread, the folder on the disk. */
#include "support.h"

#include <math.h>

#include "teach/mined_folder.h"
#include "teach/miner.h"

enum { N = 98, SIDE = 120 };

/* A frontal face about 60 pixels wide around (x, 60), turned by `turn`: its nose goes aside. */
static void make_face(struct wt_face *face, float x, float turn)
{
    *face = (struct wt_face){.id = 1, .points = N, .confidence = 0.9f};
    for (int i = 0; i < N; i++)
        face->point[i] =
            (struct wt_point){x + 30 * sinf((float)i * 1.3f), 60 + 30 * cosf((float)i * 0.7f)};
    face->point[60] = (struct wt_point){x - 22, 50};
    face->point[72] = (struct wt_point){x + 22, 50};
    face->point[54] = (struct wt_point){x + turn, 62};
}

static struct wt_frame *make_frame(int width, int height, int grey, int64_t time_us)
{
    struct wt_frame *f = wt_frame_create(width, height);
    assert_non_null(f);
    f->time_us = time_us;
    for (int y = 0; y < height; y++)
        memset(f->pixels + (ptrdiff_t)y * f->image.stride, grey, (size_t)width * 3);
    return f;
}

static struct wt_doubt doubts(float mirror)
{
    return (struct wt_doubt){NAN, mirror, NAN};
}

/* A face somewhere in a frame of some grey; returns whether it was kept. */
static bool offer(struct wt_miner *m, float mirror, int grey, int64_t time_us)
{
    struct wt_frame *frame = make_frame(SIDE, SIDE, grey, time_us);
    const struct wt_doubt doubt = doubts(mirror);
    struct wt_face face;
    bool kept = false;
    /* the time makes the place, so that no two frames show the same */
    make_face(&face, 50 + (float)(time_us / 1000000 % 20), 0);
    face.points = 29; /* a scheme of which no pose is estimated: light alone tells them apart */
    assert_int_equal(wt_miner_offer(m, frame, &face, &doubt, &kept), WT_OK);
    wt_frame_unref(&frame);
    return kept;
}

static struct wt_miner *make(int most, size_t bytes)
{
    struct wt_miner *m = NULL;
    assert_int_equal(wt_miner_create(&m, most, bytes), WT_OK);
    return m;
}

static void test_scores(void **state)
{
    struct wt_miner *m = make(10, WT_MINER_BYTES);
    enum wt_doubt_kind of = WT_DOUBT_STACKS;
    const float usual = wt_miner_usual(m, WT_DOUBT_MIRROR);
    const struct wt_doubt twice = doubts(2 * usual), nothing = {NAN, NAN, NAN};
    assert_float_equal(wt_miner_score(m, &twice, &of), 2, 1e-4f);
    assert_int_equal(of, WT_DOUBT_MIRROR);
    assert_float_equal(wt_miner_score(m, &nothing, NULL), 0, 0);
    const struct wt_doubt more = {
        .stacks = 3 * wt_miner_usual(m, WT_DOUBT_STACKS), .mirror = 2 * usual, .motion = NAN};
    assert_float_equal(wt_miner_score(m, &more, &of), 3, 1e-4f);
    assert_int_equal(of, WT_DOUBT_STACKS);
    /* what is usual follows what is measured; what is not known is left out */
    for (int i = 0; i < 2000; i++)
        wt_miner_note(m, &(struct wt_doubt){NAN, 4, NAN});
    assert_float_equal(wt_miner_usual(m, WT_DOUBT_MIRROR), 4, 0.05f);
    assert_float_equal(wt_miner_score(m, &(struct wt_doubt){NAN, 8, NAN}, NULL), 2, 0.05f);
    assert_float_equal(wt_miner_usual(m, WT_DOUBT_STACKS), more.stacks / 3, 1e-4f);
    /* what is usual, or little more, is not kept */
    assert_false(offer(m, 4, 100, 0));
    assert_false(offer(m, 4 * WT_MINER_LEAST - 0.1f, 100, 0));
    assert_true(offer(m, 4 * WT_MINER_LEAST + 0.2f, 100, 0));
    wt_miner_destroy(&m);
    assert_null(m);
}

static void test_bounds(void **state)
{
    struct wt_miner *m = make(5, WT_MINER_BYTES);
    struct wt_mined best[WT_MINER_MOST];
    int frames;
    size_t bytes;
    for (int i = 0; i < 12; i++)
        offer(m, 10 + (float)i, 20 * i, (int64_t)i * 2000000);
    wt_miner_size(m, &frames, &bytes);
    assert_int_equal(frames, 5);
    const size_t one = bytes / 5;
    assert_int_equal(wt_miner_best(m, best, 3), 3);
    assert_float_equal(best[0].doubt.mirror, 21, 0); /* the best never goes */
    for (int i = 0; i < 3; i++)
        wt_mined_fini(&best[i]);
    /* one that is worse than all of these, and like one of them, does not come in */
    const uint64_t version = wt_miner_version(m);
    assert_false(offer(m, 3, 220, 50000000));
    wt_miner_size(m, &frames, &bytes);
    assert_int_equal(frames, 5);
    assert_true(wt_miner_version(m) == version || frames == 5);
    wt_miner_destroy(&m);

    m = make(WT_MINER_MOST, 3 * one + one / 2); /* by bytes */
    for (int i = 0; i < 12; i++)
        offer(m, 10 + (float)i, 20 * i, (int64_t)i * 2000000);
    wt_miner_size(m, &frames, &bytes);
    assert_true(bytes <= 3 * one + one / 2);
    assert_in_range(frames, 2, 3);
    wt_miner_destroy(&m);

    m = make(WT_MINER_MOST, 100); /* a frame that is too large alone */
    assert_false(offer(m, 40, 100, 0));
    wt_miner_size(m, &frames, &bytes);
    assert_int_equal(frames, 0);
    wt_miner_destroy(&m);
}

/* Of frames side by side, and of those that are there twice, the better one stays. */
static void test_neighbours(void **state)
{
    struct wt_miner *m = make(10, WT_MINER_BYTES);
    struct wt_mined best[4];
    int frames;
    size_t bytes;
    assert_true(offer(m, 10, 100, 0));
    assert_false(offer(m, 9, 100, 400000));
    assert_true(offer(m, 11, 100, 800000));
    wt_miner_size(m, &frames, &bytes);
    assert_int_equal(frames, 1);
    assert_int_equal(wt_miner_best(m, best, 4), 1);
    assert_float_equal(best[0].doubt.mirror, 11, 0);
    wt_mined_fini(&best[0]);
    /* the clip has started again: the same picture 20 s later, in the same place */
    assert_false(offer(m, 11, 100, 20000000));
    assert_true(offer(m, 12, 100, 20000000));
    wt_miner_size(m, &frames, &bytes);
    assert_int_equal(frames, 1);
    assert_true(offer(m, 11, 100, 25000000)); /* elsewhere */
    wt_miner_size(m, &frames, &bytes);
    assert_int_equal(frames, 2);
    assert_int_equal(wt_miner_best(m, best, 4), 2);
    wt_miner_remove(m, best[0].number);
    wt_miner_size(m, &frames, &bytes);
    assert_int_equal(frames, 1);
    /* a frame that is held outlives the miner's own */
    assert_int_equal(best[0].frame->image.data[0], 100);
    wt_mined_fini(&best[0]);
    wt_mined_fini(&best[1]);
    wt_miner_destroy(&m);
}

/* Ten alike with high scores, two others with lower ones: these come among the first three. */
static void test_spread(void **state)
{
    struct wt_miner *m = make(WT_MINER_MOST, WT_MINER_BYTES);
    struct wt_mined best[12];
    for (int i = 0; i < 10; i++)
        assert_true(offer(m, 20 + 0.1f * (float)i, 100, (int64_t)i * 2000000));
    assert_true(offer(m, 10, 20, 30000000));
    assert_true(offer(m, 9, 240, 40000000));
    assert_int_equal(wt_miner_best(m, best, 12), 12);
    assert_float_equal(best[0].doubt.mirror, 20.9f, 1e-4f);
    assert_float_equal(best[1].mean, 20, 1);
    assert_float_equal(best[2].mean, 240, 1);
    for (int i = 3; i < 12; i++)
        assert_float_equal(best[i].mean, 100, 1);
    for (int i = 0; i < 12; i++)
        wt_mined_fini(&best[i]);
    wt_miner_destroy(&m);
}

/* The part that is kept, and points in it. */
static void test_part(void **state)
{
    struct wt_miner *m = make(4, WT_MINER_BYTES);
    struct wt_frame *frame = make_frame(640, 480, 0, 0);
    struct wt_mined best;
    struct wt_face face;
    const struct wt_doubt doubt = doubts(30);
    make_face(&face, 300, 0);
    for (int i = 0; i < N; i++)
        face.point[i].y += 200;
    for (int i = 0; i < N; i++) { /* each point has its own colour under it */
        const int x = (int)lroundf(face.point[i].x), y = (int)lroundf(face.point[i].y);
        frame->pixels[(ptrdiff_t)y * frame->image.stride + x * 3] = (uint8_t)(100 + i);
    }
    const int x = (int)lroundf(face.point[54].x), y = (int)lroundf(face.point[54].y);
    const uint8_t colour = frame->pixels[(ptrdiff_t)y * frame->image.stride + x * 3];
    assert_int_equal(wt_miner_offer(m, frame, &face, &doubt, NULL), WT_OK);
    wt_frame_unref(&frame);
    assert_int_equal(wt_miner_best(m, &best, 1), 1);
    assert_in_range(best.frame->image.width, 180, 210);
    const int px = (int)lroundf(best.face.point[54].x), py = (int)lroundf(best.face.point[54].y);
    assert_int_equal(best.frame->image.data[(ptrdiff_t)py * best.frame->image.stride + px * 3],
                     colour);
    char why[160];
    wt_mined_reason(&best, why, sizeof why);
    assert_non_null(strstr(why, "mirror image differs by 30.0 %"));
    wt_mined_fini(&best);
    /* beside the frame: nothing to keep, no harm */
    frame = make_frame(64, 64, 0, 0);
    bool kept = true;
    make_face(&face, -4000, 0);
    assert_int_equal(wt_miner_offer(m, frame, &face, &doubt, &kept), WT_OK);
    assert_false(kept);
    wt_frame_unref(&frame);
    wt_miner_destroy(&m);
}

/* A turn and a shift of the whole head is no disagreement; one point's jump is, by its share. */
static void test_motion(void **state)
{
    const struct wt_scheme *s = wt_scheme_get(N);
    struct wt_face a, b, c;
    make_face(&a, 50, 0);
    b = c = a;
    for (int i = 0; i < N; i++) {
        b.point[i] = (struct wt_point){a.point[i].x * 1.1f - a.point[i].y * 0.1f + 5,
                                       a.point[i].x * 0.1f + a.point[i].y * 1.1f - 3};
        c.point[i].x += 10;
    }
    assert_float_equal(wt_doubt_of_motion(s, N, a.point, b.point, c.point, 0, 10, 20), 0, 0.01f);
    b = a;
    b.point[0].y += 22; /* half of the eye distance */
    const float jump = wt_doubt_of_motion(s, N, a.point, b.point, a.point, 0, 10, 20);
    assert_true(jump > 50.0f / N && jump < 3 * 50.0f / N); /* the others give way to it */
    assert_true(isnan(wt_doubt_of_motion(s, N, a.point, b.point, a.point, 10, 10, 20)));
    assert_true(isnan(wt_doubt_of_motion(s, N, a.point, b.point, a.point, 20, 10, 30)));
}

static void test_folder(void **state)
{
    char folder[256], deep[300], name[400];
    struct wt_miner *m = make(10, WT_MINER_BYTES), *again = make(10, WT_MINER_BYTES);
    struct wt_mined was[2], is[3];
    scratch_folder(folder, sizeof folder);
    snprintf(deep, sizeof deep, "%s/a/profiles-hard", folder);
    assert_int_equal(wt_mined_folder_read(deep, again), WT_OK); /* none: nothing */
    offer(m, 20, 100, 0);
    offer(m, 15, 30, 5000000);
    assert_int_equal(wt_mined_folder_write(deep, m), WT_OK);
    assert_int_equal(wt_mined_folder_read(deep, again), WT_OK);
    assert_int_equal(wt_miner_best(m, was, 2), 2);
    assert_int_equal(wt_miner_best(again, is, 3), 2);
    for (int i = 0; i < 2; i++) {
        assert_true(was[i].key == is[i].key);
        assert_float_equal(was[i].score, is[i].score, 1e-3f);
        assert_float_equal(was[i].mean, is[i].mean, 1e-2f);
        assert_float_equal(was[i].face.point[7].x, is[i].face.point[7].x, 1e-2f);
        assert_int_equal(was[i].frame->image.width, is[i].frame->image.width);
        assert_int_equal(was[i].frame->image.data[0], is[i].frame->image.data[0]);
    }
    /* what was corrected goes from the disk, too */
    wt_miner_remove(m, was[0].number);
    assert_int_equal(wt_mined_folder_write(deep, m), WT_OK);
    snprintf(name, sizeof name, "%s/%016llx.png", deep, (unsigned long long)was[0].key);
    assert_int_not_equal(access(name, F_OK), 0);
    snprintf(name, sizeof name, "%s/%016llx.png", deep, (unsigned long long)was[1].key);
    assert_int_equal(access(name, F_OK), 0);
    for (int i = 0; i < 2; i++) {
        wt_mined_fini(&was[i]);
        wt_mined_fini(&is[i]);
    }
    /* broken: one line, and what is whole is there */
    assert_int_equal(unlink(name), 0);
    const enum wt_log_level before = wt_fail_level(WT_LOG_DEBUG);
    assert_int_equal(wt_mined_folder_read(deep, again), WT_ERR_FORMAT);
    static const char *const bad[] = {"",
                                      "{",
                                      "[]",
                                      "{\"frames\":3}",
                                      "{\"frames\":[{\"key\":\"zz\",\"points\":[1]}]}",
                                      "{\"frames\":[{\"key\":\"../../../../../e\"}]}"};
    snprintf(name, sizeof name, "%s/hard.json", deep);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        FILE *f = fopen(name, "w");
        assert_non_null(f);
        fputs(bad[i], f);
        fclose(f);
        assert_int_equal(wt_mined_folder_read(deep, again), WT_ERR_FORMAT);
    }
    wt_fail_level(before);
    assert_int_equal(wt_mined_folder_remove(deep), WT_OK);
    assert_int_not_equal(access(deep, F_OK), 0);
    assert_int_equal(wt_mined_folder_remove(deep), WT_OK);
    wt_miner_destroy(&m);
    wt_miner_destroy(&again);
    remove_folder(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scores),     cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_neighbours), cmocka_unit_test(test_spread),
        cmocka_unit_test(test_part),       cmocka_unit_test(test_motion),
        cmocka_unit_test(test_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
