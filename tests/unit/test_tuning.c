/* Fine-tuning: a small network learns three faces; the guard keeps the old weights; it needs no
 * more memory than it says; faces in memory. */
#include "small_tune.h"

#include <malloc.h>

#include "face/picture.h"
#include "measure/evaluate.h"
#include "net/hourglass.h"
#include "weights/card.h"

static struct wt_weights *learned; /* of the first way, see test_learns */

static int forget(void **state)
{
    wt_weights_destroy(&learned);
    return teardown(state);
}

/* ---- learning ---- */

/* What evaluation says of weights. */
static double evaluated(const struct wt_weights *w, const struct wt_faces *f)
{
    struct wt_net *net = NULL;
    struct wt_sample sample[FACES];
    struct wt_eval_face face[FACES];
    struct wt_eval_times times;
    struct wt_dataset d = {.sample = sample, .count = FACES, .points = POINTS};
    const struct wt_net_options no = {
        .threads = 2, .level = wt_cpu_get()->level, .precision = WT_PRECISION_F32};
    const struct wt_eval_options eo = {.decoder = WT_DECODE_TRACKER};
    for (size_t i = 0; i < FACES; i++)
        sample[i] = *wt_faces_get(f, i).sample;
    assert_int_equal(wt_net_create(&net, w, &no), WT_OK);
    assert_int_equal(wt_eval_crops(net, &d, &eo, face, &times), WT_OK);
    wt_net_destroy(&net);
    return (face[0].nme + face[1].nme + face[2].nme) / 3;
}

static void test_learns(void **state)
{
    struct wt_tune_options o = options();
    struct wt_tune_result r;
    struct wt_tune *t = run(&o, &r);
    print_message("NME %.2f %% -> %.2f %%\n", r.nme[0], r.nme[1]);
    assert_true(r.better && !r.stopped && r.steps == 60 && r.best_step > 0);
    assert_true(r.nme[1] < 0.5 * r.nme[0]);
    assert_true(isnan(r.guard[0]) && r.measured == FACES && r.guarded == 0);
    learned = snapshot(t, WT_TUNE_BEST);
    assert_true(fabs(evaluated(start, faces[0]) - r.nme[0]) < 1e-3 * r.nme[0]);
    assert_true(fabs(evaluated(learned, faces[0]) - r.nme[1]) < 1e-2 * r.nme[1]);
    assert_non_null(wt_weights_get_meta(learned, WT_META_TUNED));
    assert_false(same_tensor(learned, start, "conv1.conv.weight"));
    assert_true(same_tensor(learned, start, "bn1.running_mean"));
    wt_tune_destroy(&t);
}

/* What is learned now is the opposite of what the guard wants: whatever comes of it, the old
 * weights are kept; without the guard it is learned. */
static void test_guard(void **state)
{
    struct wt_tune_options o = options();
    struct wt_tune_result r;
    o.from = learned;
    o.faces = faces[1];
    o.guard = faces[0];
    o.steps = 16;
    o.every = 8;
    struct wt_tune *t = run(&o, &r);
    print_message("NME %.2f %%, guard %.2f %%\n", r.nme[0], r.guard[0]);
    assert_false(r.better);
    assert_int_equal(r.best_step, 0);
    assert_true(r.nme[1] == r.nme[0] && r.guard[1] == r.guard[0] && r.guarded == FACES);
    struct wt_weights *best = snapshot(t, WT_TUNE_BEST), *last = snapshot(t, WT_TUNE_NOW);
    same_weights(best, learned);
    assert_true(evaluated(last, faces[1]) < r.nme[0]); /* it did learn */
    wt_weights_destroy(&best);
    wt_weights_destroy(&last);
    wt_tune_destroy(&t);
    o.worse = 1000; /* anything goes */
    t = run(&o, &r);
    assert_true(r.better && r.nme[1] < r.nme[0] && r.guard[1] > r.guard[0]);
    wt_tune_destroy(&t);
}

/* Replay keeps what was known: the guard, which is what is replayed, suffers less. */
static void test_replay(void **state)
{
    struct wt_tune_options o = options();
    struct wt_tune_result r[2];
    o.from = learned;
    o.faces = faces[1];
    o.guard = faces[0];
    o.worse = 1000;
    o.steps = 16;
    for (int k = 0; k < 2; k++) {
        o.replay = k ? faces[0] : NULL;
        struct wt_tune *t = run(&o, &r[k]);
        struct wt_weights *w = snapshot(t, WT_TUNE_NOW);
        r[k].guard[1] = evaluated(w, faces[0]);
        wt_weights_destroy(&w);
        wt_tune_destroy(&t);
    }
    print_message("guard %.2f %% -> %.2f %%, with replay %.2f %%\n", r[0].guard[0], r[0].guard[1],
                  r[1].guard[1]);
    assert_true(r[1].guard[1] < r[0].guard[1]);
}

/* The old weights measured at first, or when some steps are taken: the same errors, the same
 * judgement, the same bits. */
static bool note_first(void *user, const struct wt_tune_step *s)
{
    struct wt_tune_step *first = user;
    if (s->step == 1)
        *first = *s;
    return true;
}

static void test_late(void **state)
{
    static const enum wt_tune_layers layers[] = {WT_TUNE_ALL, WT_TUNE_STACK};
    for (int i = 0; i < 2; i++) {
        struct wt_weights *got[2][2];
        struct wt_tune_result r[2];
        for (int late = 0; late < 2; late++) {
            struct wt_tune_step first = {.step = 0};
            struct wt_tune_options o = options();
            o.from = learned;
            o.faces = faces[1];
            o.guard = faces[0];
            o.worse = 1000;
            o.layers = layers[i];
            o.views = i ? 8 : 0;
            o.steps = 7;
            o.every = 3;
            o.late = late;
            o.step = note_first;
            o.user = &first;
            struct wt_tune *t = run(&o, &r[late]);
            assert_int_equal(first.step, 1);
            assert_int_equal(isnan(first.nme) && isnan(first.guard_before), late);
            got[late][0] = snapshot(t, WT_TUNE_NOW);
            got[late][1] = snapshot(t, WT_TUNE_BEST);
            wt_tune_destroy(&t);
        }
        assert_true(r[0].judged && r[1].judged && r[0].nme[0] > 0 && r[0].guard[0] > 0);
        assert_true(r[0].drift > 0 && r[0].drift == r[1].drift);
        for (int k = 0; k < 2; k++) {
            assert_true(r[0].nme[k] == r[1].nme[k] && r[0].guard[k] == r[1].guard[k]);
            same_weights(got[0][k], got[1][k]);
            wt_weights_destroy(&got[0][k]);
            wt_weights_destroy(&got[1][k]);
        }
    }
}

/* ---- memory ---- */

/* The address sanitizer's own count, where it is there. The thread sanitizer's rounds blocks up to
 * sizes of its own, so that test is not for it. */
extern size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t allocated(void)
{
    if (__sanitizer_get_current_allocated_bytes)
        return __sanitizer_get_current_allocated_bytes();
    const struct mallinfo2 m = mallinfo2();
    return m.uordblks + m.hblkhd;
}

static size_t most;

static bool watch_memory(void *user, const struct wt_tune_step *s)
{
    const size_t now = allocated();
    most = now > most ? now : most;
    return true;
}

static void test_memory(void **state)
{
    struct wt_tune_options o = options();
    struct wt_tune_result r;
    struct wt_weights *large = network(1, WT_INPUT_DEFAULT);
    o.from = large;
    const size_t before = allocated();
    o.step = watch_memory;
    o.replay = faces[1];
    o.guard = faces[0];
    o.steps = 6;
    o.every = 2;
    most = 0;
    struct wt_tune *t = run(&o, &r);
    const double said = (double)wt_tune_bytes(t), taken = (double)(most - before);
    wt_tune_destroy(&t);
    wt_weights_destroy(&large);
    print_message("%.1f MB taken, %.1f MB said\n", taken * 1e-6, said * 1e-6);
    /* Blocks that start at a huge page: the C library counts what lies before one as taken. */
    assert_true(taken <= said + 6e6 && taken > 0.8 * said);
}

/* ---- faces in memory ---- */

static void test_frames(void **state)
{
    enum { LARGE = 4000 };
    struct wt_faces *f = NULL;
    struct wt_point point[POINTS];
    uint8_t *large = malloc((size_t)LARGE * LARGE);
    for (int y = 0; y < LARGE; y++)
        for (int x = 0; x < LARGE; x++)
            large[(size_t)y * LARGE + x] = (uint8_t)(x / 16 + y / 32);
    const struct wt_image image = {large, LARGE, LARGE, LARGE, WT_PIXEL_GRAY8};
    for (int p = 0; p < POINTS; p++)
        point[p] = (struct wt_point){1500 + 28.0f * p, 1400 + 30.0f * (p * 7 % 29)};
    point[5].x = point[5].y = NAN;
    const struct wt_face_in_frame face = {&image, point, POINTS};
    assert_int_equal(wt_faces_create(&f, POINTS), WT_OK);
    assert_int_equal(wt_faces_add_frames(f, "large", &face, 1), WT_OK);
    free(large); /* it has its own copy */
    const struct wt_train_face got = wt_faces_get(f, 0);
    const struct wt_image *cut = got.sample->picture;
    assert_true(cut->width <= WT_FACE_CUT_SIDE && cut->height <= WT_FACE_CUT_SIDE &&
                cut->width > 500);
    for (int p = 0; p < POINTS; p++) {
        const struct wt_point q = got.sample->point[p];
        if (p == 5) {
            assert_true(isnan(q.x) && isnan(got.point[p].x));
            continue;
        }
        const uint8_t *at = cut->data + lrintf(q.y) * cut->stride + lrintf(q.x) * 3;
        const int want = (int)(point[p].x / 16 + point[p].y / 32);
        assert_true(abs(at[0] - want) <= 1 && at[0] == at[1] && at[1] == at[2]);
    }
    assert_int_equal(wt_faces_check(f, 1, NULL, NULL), WT_OK);
    wt_faces_destroy(&f);
}

/* Frames in R G B are the same faces; masked points are not judged, and without the eyes' corners
 * the box divides. */
static void test_masked(void **state)
{
    static uint8_t rgb[HEIGHT][WIDTH][3];
    struct wt_faces *f = NULL;
    struct wt_tune_options o = options();
    struct wt_tune_result r;
    struct wt_point point[POINTS];
    for (int i = 0; i < HEIGHT * WIDTH; i++)
        for (int c = 0; c < 3; c++)
            (&rgb[0][0][0])[i * 3 + c] = (&pixels[0][0][0][0])[i * 3 + 2 - c];
    const struct wt_image image = {&rgb[0][0][0], WIDTH, HEIGHT, WIDTH * 3, WT_PIXEL_RGB24};
    memcpy(point, truth[0][0], sizeof point);
    for (int p = 5; p < 12; p++)
        point[p].x = point[p].y = NAN;
    const struct wt_face_in_frame face = {&image, point, POINTS};
    assert_int_equal(wt_faces_create(&f, POINTS), WT_OK);
    assert_int_equal(wt_faces_add_frames(f, "masked", &face, 1), WT_OK);
    const struct wt_image *a = wt_faces_get(f, 0).sample->picture;
    const struct wt_image *b = wt_faces_get(faces[0], 0).sample->picture;
    assert_int_equal(a->width, b->width);
    assert_memory_equal(a->data, b->data, (size_t)a->stride * (size_t)a->height);
    o.faces = f;
    o.steps = 20;
    struct wt_tune *t = run(&o, &r);
    assert_int_equal(r.norm, WT_NORM_BOX);
    assert_true(r.better && r.nme[1] < r.nme[0]);
    wt_tune_destroy(&t);
    wt_faces_destroy(&f);
}

/* Held-out faces and the rest are all of them, each once. */
static void test_part(void **state)
{
    struct wt_faces *f[2] = {NULL};
    for (int k = 0; k < 2; k++) {
        assert_int_equal(wt_faces_create(&f[k], POINTS), WT_OK);
        for (int way = 0; way < 2; way++)
            add_faces(f[k], way);
        wt_faces_part(f[k], 4, 100, k == 1);
    }
    assert_int_equal(wt_faces_count(f[0]), 2); /* numbers 0 and 4 of 6 */
    assert_int_equal(wt_faces_count(f[1]), 4);
    assert_int_equal(wt_faces_get(f[0], 1).sample->line, 2);
    assert_memory_equal(wt_faces_get(f[0], 1).point, truth[1][1], 0);
    assert_true(wt_faces_get(f[1], 2).sample->line == 1);
    assert_int_equal(wt_faces_epoch_size(f[1]), 4);
    struct wt_epoch_entry order[4];
    int seen[4] = {0};
    wt_faces_order(f[1], 1, 0, order);
    for (int i = 0; i < 4; i++)
        seen[order[i].face]++;
    for (int i = 0; i < 4; i++)
        assert_int_equal(seen[i], 1);
    wt_faces_destroy(&f[0]);
    wt_faces_destroy(&f[1]);
}

/* ---- errors ---- */

static void refused(const struct wt_tune_options *o, enum wt_status want, const char *text)
{
    struct log_capture c;
    struct wt_tune *t = NULL;
    log_capture_start(&c);
    assert_int_equal(wt_tune_create(&t, o), want);
    wt_set_log(NULL, NULL, WT_LOG_INFO);
    assert_null(t);
    assert_int_equal(c.errors, 1);
    if (!strstr(c.last, text))
        fail_msg("%s", c.last);
}

static void test_errors(void **state)
{
    struct wt_tune_options o = options();
    struct wt_faces *other = NULL, *none = NULL;
    struct wt_point point[98];
    const struct wt_image image = frame(0);
    for (int p = 0; p < 98; p++)
        point[p] = (struct wt_point){30 + (float)(p % 40), 30 + (float)(p % 37)};
    const struct wt_face_in_frame face = {&image, point, 98};
    assert_int_equal(wt_faces_create(&other, 98), WT_OK);
    assert_int_equal(wt_faces_create(&none, POINTS), WT_OK);
    o.faces = none;
    refused(&o, WT_ERR_ARGUMENT, "no faces");
    o.faces = faces[0];
    o.guard = other;
    refused(&o, WT_ERR_ARGUMENT, "faces for 98 points, weights of 29");
    assert_int_equal(wt_faces_add_frames(none, "wide", &face, 1), WT_OK);
    o.guard = none;
    refused(&o, WT_ERR_UNSUPPORTED, "wide:1: 98 points, which a network of 29");
    o.guard = NULL;
    o.rate = 0;
    refused(&o, WT_ERR_ARGUMENT, "out of range");
    o = options();
    o.steps = 0;
    refused(&o, WT_ERR_ARGUMENT, "out of range");
    wt_faces_destroy(&other);
    wt_faces_destroy(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_learns), cmocka_unit_test(test_guard),
                                       cmocka_unit_test(test_replay), cmocka_unit_test(test_late),
                                       cmocka_unit_test(test_memory), cmocka_unit_test(test_frames),
                                       cmocka_unit_test(test_masked), cmocka_unit_test(test_part),
                                       cmocka_unit_test(test_errors)};
    return cmocka_run_group_tests(tests, setup, forget);
}
