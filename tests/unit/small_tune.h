/* Fine-tuning small enough for a test: three frames with faces in memory, annotated in two ways, a
 * small network that knows nothing, and a run on them. */
#ifndef WT_TESTS_SMALL_TUNE_H
#define WT_TESTS_SMALL_TUNE_H

#include "support.h"

#include <math.h>

#include "base/cpu.h"
#include "data/faces_frames.h"
#include "train/start.h"
#include "train/tune.h"

enum { POINTS = 29, FACES = 3, WIDTH = 96, HEIGHT = 100 };

/* The smallest crops. Slow with the thread sanitizer: there half the channels. */
#ifdef __SANITIZE_THREAD__
enum { CHANNELS = 16, SIDE = WT_INPUT_MIN };
#else
enum { CHANNELS = 32, SIDE = WT_INPUT_MIN };
#endif

static uint8_t pixels[FACES][HEIGHT][WIDTH][3];
static struct wt_point truth[2][FACES][POINTS]; /* two ways to annotate the same pictures */
static struct wt_faces *faces[2];
static struct wt_weights *start; /* knows nothing */

static inline struct wt_image frame(int i)
{
    return (struct wt_image){&pixels[i][0][0][0], WIDTH, HEIGHT, WIDTH * 3, WT_PIXEL_BGR24};
}

static inline void add_faces(struct wt_faces *f, int way)
{
    struct wt_face_in_frame face[FACES];
    struct wt_image image[FACES];
    for (int i = 0; i < FACES; i++) {
        image[i] = frame(i);
        face[i] = (struct wt_face_in_frame){&image[i], truth[way][i], POINTS};
    }
    assert_int_equal(wt_faces_add_frames(f, "frames", face, FACES), WT_OK);
}

static inline struct wt_weights *network(int stacks, int side)
{
    struct wt_weights *w = NULL;
    const struct wt_arch arch = {
        .stacks = stacks, .width = CHANNELS, .points = POINTS, .input = side};
    assert_int_equal(wt_weights_create(&w), WT_OK);
    assert_int_equal(wt_start_random(w, &arch, 3), WT_OK);
    return w;
}

static inline int setup(void **state)
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
    start = network(1, SIDE);
    return 0;
}

static inline int teardown(void **state)
{
    wt_faces_destroy(&faces[0]);
    wt_faces_destroy(&faces[1]);
    wt_weights_destroy(&start);
    return 0;
}

static inline struct wt_tune_options options(void)
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

static inline struct wt_tune *run(const struct wt_tune_options *o, struct wt_tune_result *r)
{
    struct wt_tune *t = NULL;
    assert_int_equal(wt_tune_create(&t, o), WT_OK);
    assert_int_equal(wt_tune_run(t, r), WT_OK);
    return t;
}

static inline struct wt_weights *snapshot(struct wt_tune *t, enum wt_tune_which which)
{
    struct wt_weights *w = NULL;
    assert_int_equal(wt_tune_snapshot(t, which, &w), WT_OK);
    return w;
}

static inline bool same_tensor(const struct wt_weights *a, const struct wt_weights *b,
                               const char *name)
{
    const struct wt_tensor *x = wt_weights_find(a, name), *y = wt_weights_find(b, name);
    assert_true(x && y && x->count == y->count);
    return memcmp(x->data, y->data, x->count * sizeof *x->data) == 0;
}

static inline void same_weights(const struct wt_weights *a, const struct wt_weights *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++)
        if (!same_tensor(a, b, a->tensor[i].name))
            fail_msg("%s differs", a->tensor[i].name);
}

#endif
