/* Fine-tuning: a small network learns three faces; the guard keeps the old weights; what is frozen
 * stays bit by bit; it runs beside a live network, can be looked at and stopped from another
 * thread, needs no more memory than it says, and gives the same bits for any number of threads. */
#include "support.h"

#include <malloc.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#include "data/faces_frames.h"
#include "face/picture.h"
#include "measure/evaluate.h"
#include "net/hourglass.h"
#include "train/start.h"
#include "train/tune.h"
#include "weights/card.h"

enum { POINTS = 29, FACES = 3, WIDTH = 96, HEIGHT = 100 };

/* Slow with the thread sanitizer, and only some of the tests have threads of their own: those, with
 * a network of the same layers, half their channels and smaller pictures. */
#ifdef __SANITIZE_THREAD__
enum { THREADS_ONLY = 1, CHANNELS = 16, SIDE = 128 };
#else
enum { THREADS_ONLY = 0, CHANNELS = 32, SIDE = 256 };
#endif

static uint8_t pixels[FACES][HEIGHT][WIDTH][3];
static struct wt_point truth[2][FACES][POINTS]; /* two ways to annotate the same pictures */
static struct wt_faces *faces[2];
static struct wt_weights *start;   /* knows nothing */
static struct wt_weights *learned; /* of the first way, see test_learns */

static struct wt_image frame(int i)
{
    return (struct wt_image){&pixels[i][0][0][0], WIDTH, HEIGHT, WIDTH * 3, WT_PIXEL_BGR24};
}

static void add_faces(struct wt_faces *f, int way)
{
    struct wt_face_in_frame face[FACES];
    struct wt_image image[FACES];
    for (int i = 0; i < FACES; i++) {
        image[i] = frame(i);
        face[i] = (struct wt_face_in_frame){&image[i], truth[way][i], POINTS};
    }
    assert_int_equal(wt_faces_add_frames(f, "frames", face, FACES), WT_OK);
}

static struct wt_weights *network(int stacks)
{
    struct wt_weights *w = NULL;
    const struct wt_arch arch = {
        .stacks = stacks, .width = CHANNELS, .points = POINTS, .input = SIDE};
    assert_int_equal(wt_weights_create(&w), WT_OK);
    assert_int_equal(wt_start_random(w, &arch, 3), WT_OK);
    return w;
}

static int setup(void **state)
{
    for (int i = 0; i < FACES; i++) {
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++)
                for (int c = 0; c < 3; c++)
                    pixels[i][y][x][c] =
                        (uint8_t)(120 + 60 * sin(x * 0.11 + i) + 60 * cos(y * (0.07 + 0.03 * c)));
        for (int p = 0; p < POINTS; p++) {
            const double turn = 2.4 * p, far = 10 + 0.8 * p; /* a spiral */
            truth[0][i][p] = (struct wt_point){(float)(48 + far * cos(turn) + i),
                                               (float)(50 + far * sin(turn) - i)};
            /* the same box, upside down */
            truth[1][i][p] = (struct wt_point){truth[0][i][p].x, 100 - truth[0][i][p].y};
        }
    }
    for (int way = 0; way < 2; way++) {
        assert_int_equal(wt_faces_create(&faces[way], POINTS), WT_OK);
        add_faces(faces[way], way);
    }
    start = network(1);
    return 0;
}

static int teardown(void **state)
{
    wt_faces_destroy(&faces[0]);
    wt_faces_destroy(&faces[1]);
    wt_weights_destroy(&start);
    wt_weights_destroy(&learned);
    return 0;
}

static struct wt_tune_options options(void)
{
    struct wt_tune_options o = wt_tune_defaults();
    o.from = start;
    o.faces = faces[0];
    o.steps = 60;
    o.every = 20;
    o.rate = 3e-3;
    o.threads = 2;
    o.level = wt_cpu_get()->level;
    o.precision = WT_PRECISION_F32;
    o.augment = wt_augment_none();
    return o;
}

static struct wt_tune *run(const struct wt_tune_options *o, struct wt_tune_result *r)
{
    struct wt_tune *t = NULL;
    assert_int_equal(wt_tune_create(&t, o), WT_OK);
    assert_int_equal(wt_tune_run(t, r), WT_OK);
    return t;
}

static struct wt_weights *snapshot(struct wt_tune *t, enum wt_tune_which which)
{
    struct wt_weights *w = NULL;
    assert_int_equal(wt_tune_snapshot(t, which, &w), WT_OK);
    return w;
}

static bool same_tensor(const struct wt_weights *a, const struct wt_weights *b, const char *name)
{
    const struct wt_tensor *x = wt_weights_find(a, name), *y = wt_weights_find(b, name);
    assert_true(x && y && x->count == y->count);
    return memcmp(x->data, y->data, x->count * sizeof *x->data) == 0;
}

static void same_weights(const struct wt_weights *a, const struct wt_weights *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++)
        if (!same_tensor(a, b, a->tensor[i].name))
            fail_msg("%s differs", a->tensor[i].name);
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

/* ---- what may change ---- */

static bool behind_last(const char *name)
{
    return !strncmp(name, "top_m_1.", 8) || !strncmp(name, "conv_last1.", 11) ||
           !strncmp(name, "bn_end1.", 8) || !strncmp(name, "l1.", 3);
}

static void test_last_layers(void **state)
{
    struct wt_tune_options o = options();
    struct wt_tune_result r;
    struct wt_weights *two = network(2);
    int changed = 0;
    o.from = two;
    o.layers = WT_TUNE_LAST;
    o.steps = 2;
    struct wt_tune *last = run(&o, &r);
    struct wt_weights *w = snapshot(last, WT_TUNE_NOW);
    for (size_t i = 0; i < w->count; i++) {
        const char *name = w->tensor[i].name;
        const bool same = same_tensor(w, two, name);
        if (!same && (!behind_last(name) || strstr(name, ".running")))
            fail_msg("%s has changed", name);
        changed += !same;
    }
    assert_true(changed >= 8);
    o.layers = WT_TUNE_ALL;
    struct wt_tune *all = run(&o, &r);
    assert_true(wt_tune_bytes(last) < wt_tune_bytes(all)); /* no moments, no kept maps */
    wt_tune_destroy(&all);
    wt_tune_destroy(&last);
    wt_weights_destroy(&two);
    wt_weights_destroy(&w);
}

static void test_threads(void **state)
{
    struct wt_weights *got[2];
    for (int k = 0; k < 2; k++) {
        struct wt_tune_options o = options();
        struct wt_tune_result r;
        o.replay = faces[1];
        o.steps = 3;
        o.threads = k ? 3 : 1;
        o.augment = wt_augment_defaults();
        struct wt_tune *t = run(&o, &r);
        got[k] = snapshot(t, WT_TUNE_NOW);
        wt_tune_destroy(&t);
    }
    same_weights(got[0], got[1]);
    assert_false(same_tensor(got[0], start, "l0.weight"));
    wt_weights_destroy(&got[0]);
    wt_weights_destroy(&got[1]);
}

/* ---- beside a live network ---- */

struct background {
    struct wt_tune *tune;
    struct wt_tune_result result;
    enum wt_status status;
    atomic_int step;
    atomic_bool ended;
};

static bool note_step(void *user, const struct wt_tune_step *s)
{
    atomic_store(&((struct background *)user)->step, s->step);
    return true;
}

static void *run_in_background(void *user)
{
    struct background *b = user;
    b->status = wt_tune_run(b->tune, &b->result);
    atomic_store(&b->ended, true);
    return NULL;
}

static void test_background(void **state)
{
    static uint8_t crop[WT_CROP_BYTES(SIDE)];
    struct background b = {.status = WT_ERR_IO};
    struct wt_tune_options o = options();
    struct wt_net *net = NULL;
    const struct wt_net_options no = {
        .threads = 2, .level = wt_cpu_get()->level, .precision = WT_PRECISION_F32};
    pthread_t thread;
    int stride, passes = 0;
    o.steps = 1000000;
    o.every = 3;
    o.step = note_step;
    o.user = &b;
    memset(crop, 90, sizeof crop);
    assert_int_equal(wt_net_create(&net, start, &no), WT_OK);
    assert_int_equal(wt_net_forward_u8(net, crop, 1, 0), WT_OK);
    const float *maps = wt_net_maps(net, 0, -1, &stride);
    const size_t bytes = (size_t)(SIDE / 4 * (SIDE / 4)) * (size_t)stride * sizeof *maps;
    float *before = malloc(bytes);
    memcpy(before, maps, bytes);
    assert_int_equal(wt_tune_create(&b.tune, &o), WT_OK);
    assert_int_equal(pthread_create(&thread, NULL, run_in_background, &b), 0);
    struct wt_weights *first = NULL;
    for (; atomic_load(&b.step) < 5 && !atomic_load(&b.ended); passes++) {
        assert_int_equal(wt_net_forward_u8(net, crop, 1, 0), WT_OK);
        assert_memory_equal(wt_net_maps(net, 0, -1, &stride), before, bytes);
        struct wt_weights *w = snapshot(b.tune, passes % 2 ? WT_TUNE_BEST : WT_TUNE_NOW);
        wt_weights_destroy(&first);
        first = w;
        struct wt_net *swapped = NULL; /* it is a network, at any time */
        assert_int_equal(wt_net_create(&swapped, w, &no), WT_OK);
        wt_net_destroy(&swapped);
    }
    wt_tune_cancel(b.tune);
    pthread_join(thread, NULL);
    assert_int_equal(b.status, WT_OK);
    assert_true(passes > 0 && b.result.stopped && b.result.steps >= 5 && b.result.steps < 1000);
    wt_weights_destroy(&first);
    wt_tune_destroy(&b.tune);
    wt_net_destroy(&net);
    free(before);
}

/* Cancelled before it began: nothing is done, and that is no error. */
static void test_cancelled_first(void **state)
{
    struct wt_tune *t = NULL;
    struct wt_tune_result r;
    const struct wt_tune_options o = options();
    assert_int_equal(wt_tune_create(&t, &o), WT_OK);
    wt_tune_cancel(t);
    assert_int_equal(wt_tune_run(t, &r), WT_OK);
    assert_true(r.stopped && !r.better && !r.judged && r.steps == 0);
    wt_tune_destroy(&t);
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

/* A rate beyond reason: one line, and the best weights stay. */
static void test_diverges(void **state)
{
    struct log_capture c;
    struct wt_tune *t = NULL;
    struct wt_tune_result r;
    struct wt_tune_options o = options();
    o.rate = 9;
    assert_int_equal(wt_tune_create(&t, &o), WT_OK);
    log_capture_start(&c);
    assert_int_equal(wt_tune_run(t, &r), WT_ERR_UNSUPPORTED);
    wt_set_log(NULL, NULL, WT_LOG_INFO);
    assert_int_equal(c.errors, 1);
    assert_non_null(strstr(c.last, "diverged at step"));
    struct wt_weights *best = snapshot(t, WT_TUNE_BEST);
    same_weights(best, start);
    wt_weights_destroy(&best);
    wt_tune_destroy(&t);
}

int main(void)
{
    const struct CMUnitTest threads[] = {
        cmocka_unit_test(test_last_layers), cmocka_unit_test(test_threads),
        cmocka_unit_test(test_background), cmocka_unit_test(test_cancelled_first),
        cmocka_unit_test(test_diverges)};
    int failed = cmocka_run_group_tests(threads, setup, teardown);
    const struct CMUnitTest rest[] = {cmocka_unit_test(test_learns), cmocka_unit_test(test_guard),
                                      cmocka_unit_test(test_replay), cmocka_unit_test(test_late),
                                      cmocka_unit_test(test_memory), cmocka_unit_test(test_frames),
                                      cmocka_unit_test(test_masked), cmocka_unit_test(test_part),
                                      cmocka_unit_test(test_errors)};
    if (!THREADS_ONLY)
        failed += cmocka_run_group_tests(rest, setup, teardown);
    return failed;
}
