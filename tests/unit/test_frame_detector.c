/* Our face detector without trained weights: reading maps, the network's graph, bad weights, and
 * that boxes come out in the frame's pixels whatever its size and format. */
#include "support.h"

#include <math.h>

#include "net/detector_net.h"
#include "net/hourglass.h"
#include "plan/plan.h"
#include "track/frame_detector.h"

enum { ROWS = 24, COLUMNS = 40, STRIDE = 16 };

static float maps[ROWS][COLUMNS][STRIDE];
static struct wt_detection found[64];

static void empty_maps(void)
{
    memset(maps, 0, sizeof maps);
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++)
            maps[i][j][WT_FACE_HEAT] = -8 - WT_FACE_PRIOR;
}

/* A cell that says: a face of this score, its centre dx, dy cells away. */
static void put(int i, int j, float score, float dx, float dy, float side, float roll)
{
    float *m = maps[i][j];
    m[WT_FACE_HEAT] = logf(score / (1 - score)) - WT_FACE_PRIOR;
    m[WT_FACE_X] = dx;
    m[WT_FACE_Y] = dy;
    m[WT_FACE_SIDE] = logf(side / WT_FACE_UNIT);
    m[WT_FACE_SIN] = 0.7f * sinf(roll); /* their length must not matter */
    m[WT_FACE_COS] = 0.7f * cosf(roll);
}

static int decode(float least, int max)
{
    return wt_frame_detector_decode(&maps[0][0][0], ROWS, COLUMNS, STRIDE, WT_FACE_CELL, least,
                                    found, max);
}

static void faces_are_read_off(void **state)
{
    empty_maps();
    assert_int_equal(decode(0.4f, 64), 0);
    put(10, 7, 0.8f, 0.25f, -0.5f, 40, 0.3f);
    put(3, 30, 0.9f, -0.25f, 0, 20, -0.8f);
    put(20, 30, 0.3f, 0, 0, 20, 0);
    assert_int_equal(decode(0.4f, 64), 2);
    assert_float_equal(found[0].score, 0.9f, 1e-4f); /* best first */
    assert_float_equal(found[1].score, 0.8f, 1e-4f);
    assert_float_equal(found[1].box.w, 40, 1e-3f);
    assert_float_equal(found[1].box.h, 40, 1e-3f);
    assert_float_equal(found[1].box.x + 20, 8 * 7.25f + 3.5f, 1e-3f);
    assert_float_equal(found[1].box.y + 20, 8 * 9.5f + 3.5f, 1e-3f);
    assert_float_equal(found[1].roll, 0.3f, 1e-4f);
    assert_float_equal(found[0].roll, -0.8f, 1e-4f);
    assert_int_equal(decode(0.2f, 64), 3);
    assert_int_equal(decode(0.2f, 1), 1);
    assert_float_equal(found[0].score, 0.9f, 1e-4f);
    assert_int_equal(decode(0.2f, 0), 0);
    /* cells of 4 pixels, as weights of before have them */
    assert_int_equal(
        wt_frame_detector_decode(&maps[0][0][0], ROWS, COLUMNS, STRIDE, 4, 0.4f, found, 64), 2);
    assert_float_equal(found[1].box.x + 20, 4 * 7.25f + 1.5f, 1e-3f);
    assert_float_equal(found[1].box.y + 20, 4 * 9.5f + 1.5f, 1e-3f);
    assert_float_equal(found[1].box.w, 40, 1e-3f);
}

static void one_box_a_face(void **state)
{
    empty_maps();
    put(10, 10, 0.7f, 0, 0, 60, 0); /* a shoulder beside the peak: no peak */
    put(10, 11, 0.8f, 0, 0, 60, 0);
    assert_int_equal(decode(0.4f, 64), 1);
    put(10, 14, 0.7f, 0, 0, 60, 0); /* a second peak on the same face */
    assert_int_equal(decode(0.4f, 64), 1);
    assert_float_equal(found[0].score, 0.8f, 1e-4f);
    put(12, 11, 0.6f, 0, 0, 12, 0); /* a small box on its mouth */
    assert_int_equal(decode(0.4f, 64), 1);
    put(10, 27, 0.7f, 0, 0, 60, 0); /* its neighbour */
    assert_int_equal(decode(0.4f, 64), 2);
    empty_maps();
    put(0, 0, 0.7f, 0, 0, 20, 0); /* a plateau has one peak, in corners as well */
    put(0, 1, 0.7f, 0, 0, 20, 0);
    put(ROWS - 1, COLUMNS - 1, 0.7f, 0, 0, 20, 0);
    put(ROWS - 1, COLUMNS - 2, 0.7f, 0, 0, 20, 0);
    assert_int_equal(decode(0.4f, 64), 2);
}

/* Whatever the maps hold, boxes are finite and memory is not overrun. */
static void wild_maps(void **state)
{
    static const float wild[] = {NAN, INFINITY, -INFINITY, 1e30f, -1e30f, 0};
    uint32_t x = 1;
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++) {
            put(i, j, (i + j) % 2 ? 0.5f : 0.9f, 0, 0, 4, 0);
            for (int c = WT_FACE_X; c < WT_FACE_MAPS; c++)
                maps[i][j][c] = wild[((x = x * 1664525u + 1013904223u) >> 24) % 6] * (float)(c % 2);
        }
    const int n = decode(0.4f, 64);
    assert_in_range(n, 1, 64);
    for (int i = 0; i < n; i++) {
        assert_true(isfinite(found[i].box.x) && isfinite(found[i].box.y));
        assert_true(found[i].box.w > 0 && found[i].box.w < 1000);
        assert_true(isfinite(found[i].score) && isfinite(found[i].roll));
    }
}

static struct wt_weights *random_weights(int width)
{
    struct wt_weights *w = NULL;
    assert_int_equal(wt_weights_create(&w), WT_OK);
    assert_int_equal(wt_detector_net_random(w, width, 5), WT_OK);
    return w;
}

static void graph_has_the_right_shape(void **state)
{
    struct wt_weights *w = random_weights(16);
    struct wt_graph g;
    wt_graph_init(&g);
    assert_true(wt_detector_net_is(w));
    assert_int_equal(wt_detector_net_graph(w, 320, 192, &g), WT_OK);
    assert_int_equal(g.outputs, 1);
    const struct wt_node *out = &g.node[g.output[0]];
    assert_int_equal(out->h, 24);
    assert_int_equal(out->w, 40);
    assert_int_equal(out->c, WT_FACE_MAPS);
    const double macs = wt_graph_macs(&g);
    wt_graph_fini(&g);
    wt_graph_init(&g);
    assert_int_equal(wt_detector_net_graph(w, 64, 64, &g), WT_OK);
    assert_float_equal(macs / wt_graph_macs(&g), 15, 1e-9);
    wt_graph_fini(&g);
    wt_weights_destroy(&w);
}

static void bad_weights(void **state)
{
    static const struct wt_detector_options options = {.threads = 1};
    const struct wt_arch arch = {.stacks = 1, .width = 16, .points = 29};
    struct wt_frame_detector *d = NULL;
    struct wt_weights *w = NULL;
    struct log_capture c;
    log_capture_start(&c);
    assert_int_equal(wt_weights_create(&w), WT_OK);
    assert_int_equal(wt_detector_net_random(w, 24, 1), WT_ERR_ARGUMENT);
    assert_int_equal(wt_hourglass_random(w, &arch, 1), WT_OK);
    assert_int_equal(wt_frame_detector_create(&d, w, &options), WT_ERR_FORMAT);
    assert_non_null(strstr(c.last, "not a face detector"));
    wt_weights_destroy(&w);

    w = random_weights(16);
    struct wt_tensor *t = &w->tensor[7];
    char name[96];
    snprintf(name, sizeof name, "%s", t->name);
    t->shape[0] += 16; /* only its shape is looked at */
    assert_int_equal(wt_frame_detector_create(&d, w, &options), WT_ERR_FORMAT);
    assert_non_null(strstr(c.last, name));
    t->shape[0] -= 16;
    t->name[strlen(t->name) - 1]++; /* stays in the order of names */
    assert_int_equal(wt_frame_detector_create(&d, w, &options), WT_ERR_FORMAT);
    assert_non_null(strstr(c.last, name));
    wt_weights_destroy(&w);

    w = random_weights(16);
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(w->tensor[i].name, "stem2.weight") == 0)
            w->tensor[i].shape[0] = 20;
    assert_int_equal(wt_frame_detector_create(&d, w, &options), WT_ERR_UNSUPPORTED);
    wt_weights_destroy(&w);
    assert_null(d);
    assert_int_equal(c.errors, 5);
    wt_set_log(NULL, NULL, WT_LOG_INFO);
}

/* The same picture twice as large, every pixel four times, is the same input to the network. */
static void boxes_are_in_frame_pixels(void **state)
{
    enum { W = 384, H = 240, LEAST = 64 };
    static uint8_t small[H][W][3], large[2 * H][2 * W][3];
    static struct wt_detection once[64];
    static const struct wt_detector_options options = {.threads = 2};
    struct wt_weights *w = random_weights(16);
    struct wt_frame_detector *d = NULL;
    int n = 0, m = 0;
    uint32_t x = 1;
    for (int i = 0; i < (int)sizeof small; i++)
        (&small[0][0][0])[i] = (uint8_t)((x = x * 1664525u + 1013904223u) >> 24);
    for (int i = 0; i < 2 * H; i++)
        for (int j = 0; j < 2 * W; j++)
            for (int c = 0; c < 3; c++)
                large[i][j][2 - c] = small[i / 2][j / 2][c]; /* RGB of BGR */
    const struct wt_image a = {&small[0][0][0], W, H, W * 3, WT_PIXEL_BGR24};
    const struct wt_image b = {&large[0][0][0], 2 * W, 2 * H, W * 6, WT_PIXEL_RGB24};
    assert_int_equal(wt_frame_detector_create(&d, w, &options), WT_OK);
    assert_int_equal(wt_frame_detector_find(d, &a, 0, 1e-6f, once, LEAST, &n), WT_OK);
    assert_int_equal(wt_frame_detector_info(d).width, 384);
    assert_int_equal(wt_frame_detector_info(d).height, 256);
    assert_true(n >= 3);
    assert_int_equal(wt_frame_detector_find(d, &b, 0, 1e-6f, found, LEAST, &m), WT_OK);
    assert_int_equal(n, m);
    for (int i = 0; i < n; i++) {
        assert_float_equal(found[i].score, once[i].score, 0);
        assert_float_equal(found[i].box.w, 2 * once[i].box.w, 1e-3f);
        assert_float_equal(found[i].box.x + found[i].box.w / 2,
                           2 * (once[i].box.x + once[i].box.w / 2) + 0.5f, 1e-2f);
    }
    /* only those of a size */
    const int side = (int)once[0].box.w + 1;
    assert_int_equal(wt_frame_detector_find(d, &a, side, 1e-6f, found, LEAST, &m), WT_OK);
    assert_true(m < n);
    for (int i = 0; i < m; i++)
        assert_true(found[i].box.w >= (float)side);
    wt_frame_detector_destroy(&d);
    wt_frame_detector_destroy(&d);
    wt_weights_destroy(&w);
}

static void any_size_and_format(void **state)
{
    static uint8_t data[400 * 400 * 3];
    static const int sizes[][2] = {{1, 1}, {400, 1}, {1, 400}, {63, 65}, {64, 64}, {400, 399}};
    static const struct wt_detector_options options = {.threads = 1};
    struct wt_weights *w = random_weights(16);
    struct wt_frame_detector *d = NULL;
    struct log_capture c;
    int n;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7 % 251);
    assert_int_equal(wt_frame_detector_create(&d, w, &options), WT_OK);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int format = WT_PIXEL_BGR24; format <= WT_PIXEL_GRAY8; format++) {
            const struct wt_image image = {data, sizes[i][0], sizes[i][1], 1200,
                                           (enum wt_pixel)format};
            assert_int_equal(wt_frame_detector_find(d, &image, 0, 1e-6f, found, 64, &n), WT_OK);
            assert_in_range(n, 0, 64);
        }
    const struct wt_image none = {data, 0, 5, 1200, WT_PIXEL_BGR24};
    log_capture_start(&c);
    assert_int_equal(wt_image_check(&none), WT_ERR_ARGUMENT);
    assert_int_equal(c.errors, 1);
    wt_set_log(NULL, NULL, WT_LOG_INFO);
    wt_frame_detector_destroy(&d);
    wt_weights_destroy(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faces_are_read_off),  cmocka_unit_test(one_box_a_face),
        cmocka_unit_test(wild_maps),           cmocka_unit_test(graph_has_the_right_shape),
        cmocka_unit_test(bad_weights),         cmocka_unit_test(boxes_are_in_frame_pixels),
        cmocka_unit_test(any_size_and_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
