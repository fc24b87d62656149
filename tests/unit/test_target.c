/* Targets: against the reference's, against their definition, at the map's edge, with unknown
 * points. */
#include "support.h"

#include <math.h>

#include "data/target.h"
#include "weights/weights.h"

enum { SIDE = 64, CELLS = SIDE * SIDE, STRIDE = 112 };

static struct {
    float value[CELLS * STRIDE], channel[STRIDE];
    uint8_t mask[CELLS * STRIDE];
} drawn;
static const struct wt_target_maps maps = {drawn.value, drawn.mask, drawn.channel, STRIDE, 64};

static void draw(const struct wt_target_options *options, int points, const struct wt_point *p)
{
    const struct wt_target_face face = {.scheme = wt_scheme_get(points), .point = p};
    memset(&drawn, 0x55, sizeof drawn); /* everything is overwritten */
    wt_target_draw(options, &face, &maps);
}

static float at(int row, int column, int channel)
{
    return drawn.value[(row * SIDE + column) * STRIDE + channel];
}

/* Some points of a face, all within the crop. */
static void fill(struct wt_point *p, int n)
{
    for (int i = 0; i < n; i++)
        p[i] = (struct wt_point){30 + (float)((i * 37) % 193), 40 + (float)((i * 53) % 179)};
}

/* The mask is the 3x3 grey dilation, thresholded: by brute force over every channel. */
static void check_mask(int channels)
{
    for (int c = 0; c < STRIDE; c++)
        for (int i = 0; i < SIDE; i++)
            for (int j = 0; j < SIDE; j++) {
                float most = 0;
                for (int di = -1; di <= 1; di++)
                    for (int dj = -1; dj <= 1; dj++)
                        if (i + di >= 0 && i + di < SIDE && j + dj >= 0 && j + dj < SIDE)
                            most = fmaxf(most, at(i + di, j + dj, c));
                assert_int_equal(drawn.mask[(i * SIDE + j) * STRIDE + c],
                                 c < channels && most >= 0.2f);
            }
}

static void compare(const struct wt_weights *w, int points)
{
    char name[16];
    struct wt_target_options options = wt_target_defaults();
    options.support = 6; /* the reference cuts by value only */
    options.floor = 0.0111f;
    snprintf(name, sizeof name, "p%d", points);
    const struct wt_tensor *p = wt_weights_find(w, name);
    snprintf(name, sizeof name, "y%d", points);
    const struct wt_tensor *y = wt_weights_find(w, name);
    snprintf(name, sizeof name, "m%d", points);
    const struct wt_tensor *m = wt_weights_find(w, name);
    snprintf(name, sizeof name, "channels%d", points);
    const struct wt_tensor *channels = wt_weights_find(w, name);
    assert_true(p && y && m && channels && p->count == 2 * (size_t)points);
    draw(&options, points, (const struct wt_point *)p->data);
    double worst[2] = {0, 0};
    size_t masks_differ = 0;
    for (size_t k = 0; k < channels->count; k++)
        for (int i = 0; i < CELLS; i++) {
            const int c = (int)channels->data[k];
            const size_t from = k * CELLS + (size_t)i;
            double d = fabs((double)drawn.value[i * STRIDE + c] - y->data[from]);
            worst[c == points] = fmax(worst[c == points], d);
            masks_differ += drawn.mask[i * STRIDE + c] != (m->data[from] != 0);
        }
    print_message("%d points: landmarks differ by %.2g, boundary by %.2g, mask in %zu cells\n",
                  points, worst[0], worst[1], masks_differ);
    assert_true(worst[0] < 2e-6);
    /* Both cut at 3 cells, where the value is 0.011. */
    assert_true(worst[1] < 0.0115);
    assert_true(masks_differ <= 2);
    check_mask(points + 1);
}

static void test_golden(void **state)
{
    char path[1200];
    struct wt_weights *w = NULL;
    assert_int_equal(
        wt_weights_load(&w, source_path("tests/golden/targets.safetensors", path, sizeof path)),
        WT_OK);
    compare(w, 98);
    compare(w, 68);
    wt_weights_destroy(&w);
}

/* The window, the centre, and the value at a distance, for both kinds of centres. */
static void test_gaussian(void **state)
{
    struct wt_point p[98];
    for (int integer = 0; integer < 2; integer++) {
        struct wt_target_options options = wt_target_defaults();
        options.centre = integer ? WT_CENTRE_CELLS : WT_CENTRE_SUBPIXEL;
        fill(p, 98);
        p[7] = (struct wt_point){4 * 20 + 1.5f + 1.2f, 4 * 30 + 1.5f - 1.6f}; /* cell 20.3, 29.6 */
        draw(&options, 98, p);
        const float x = integer ? 20 : 20.3f, y = integer ? 30 : 29.6f;
        for (int i = 0; i < SIDE; i++)
            for (int j = 0; j < SIDE; j++) {
                bool inside = abs(i - 30) <= 3 && abs(j - 20) <= 3;
                float d2 = ((float)j - x) * ((float)j - x) + ((float)i - y) * ((float)i - y);
                assert_float_equal(at(i, j, 7), inside ? expf(-d2 / (2 * 1.75f * 1.75f)) : 0, 2e-6);
            }
        if (integer)
            assert_true(at(30, 20, 7) == 1);
        for (int c = 0; c < STRIDE; c++)
            assert_true(drawn.channel[c] == (c <= 98));
        check_mask(99);
    }
}

static void test_edge(void **state)
{
    struct wt_point p[98];
    const struct wt_target_options options = wt_target_defaults();
    fill(p, 98);
    p[0] = (struct wt_point){-3, 255};          /* half of the window is outside */
    p[1] = (struct wt_point){-40, 100};         /* all of it */
    p[2] = (struct wt_point){3e38f, -INFINITY}; /* far */
    p[3] = (struct wt_point){259.4f, 4};
    draw(&options, 98, p);
    assert_true(at(63, 0, 0) > 0.7f && at(63, 1, 0) > 0.3f && at(63, 3, 0) == 0);
    for (int i = 0; i < CELLS; i++)
        assert_true(drawn.value[i * STRIDE + 1] == 0 && drawn.value[i * STRIDE + 2] == 0);
    assert_true(at(1, 63, 3) > 0.6f);
    for (int c = 0; c <= 98; c++)
        assert_true(drawn.channel[c] == 1); /* nothing is to be found there: that counts */
    check_mask(99);
}

/* Boundary values are exp(-d^2 / 2) of the distance to the curves; every curve is drawn. */
static void test_boundary(void **state)
{
    static const int sizes[] = {98, 68, 29, 19};
    static float map[CELLS];
    for (int k = 0; k < 4; k++) {
        const struct wt_scheme *s = wt_scheme_get(sizes[k]);
        for (int c = 0; c < s->curves; c++) {
            /* One curve is a slanted line; all other points lie on its start, so that a curve that
             * shares an end or both adds nothing. */
            struct wt_point p[98];
            for (int i = 0; i < 98; i++)
                p[i] = (struct wt_point){61.5f, 81.5f};
            const int n = s->curve[c].count;
            for (int i = 0; i < n; i++)
                p[s->curve[c].point[i]] = (struct wt_point){61.5f + (float)i * 120 / (float)(n - 1),
                                                            81.5f + (float)i * 60 / (float)(n - 1)};
            assert_true(wt_target_boundary(s, p, 64, map));
            /* Line from cell (15, 20) to (45, 35), slope 1/2; around its middle (30, 27.5): */
            for (int j = 28; j <= 32; j++)
                for (int i = 20; i < 36; i++) {
                    float d = fabsf(((float)i - 20) * 2 - ((float)j - 15)) / sqrtf(5);
                    assert_float_equal(map[i * SIDE + j], d < 3 ? expf(-0.5f * d * d) : 0, 2e-3);
                }
            assert_true(map[20 * SIDE + 15] > 0.999f);
            assert_true(map[35 * SIDE + 45] > 0.999f && map[20 * SIDE + 50] == 0);
        }
    }
}

/* Unknown points: their channels and a boundary that needs them do not count, unless it can be
 * drawn from the scheme the face was annotated in. */
static void test_unknown(void **state)
{
    struct wt_point p[98], p68[68], back[98];
    const struct wt_target_options options = wt_target_defaults();
    fill(p, 98);
    assert_int_equal(wt_points_convert(p, 98, p68, 68), WT_OK);
    assert_int_equal(wt_points_convert_known(p68, 68, back, 98), WT_OK);
    struct wt_target_face face = {.scheme = wt_scheme_get(98), .point = back};
    for (int own = 0; own < 2; own++) {
        int counting = 0;
        float most = 0;
        if (own) {
            face.drawn = wt_scheme_get(68);
            face.drawn_point = p68;
        }
        memset(&drawn, 0x55, sizeof drawn);
        wt_target_draw(&options, &face, &maps);
        for (int c = 0; c < 98; c++) {
            counting += drawn.channel[c] == 1;
            assert_true(drawn.channel[c] == !isnan(back[c].x));
        }
        for (int i = 0; i < CELLS; i++)
            most = fmaxf(most, drawn.value[i * STRIDE + 98]);
        assert_int_equal(counting, 60);
        assert_true(drawn.channel[98] == own);
        assert_true(own ? most > 0.9f : most == 0);
    }
}

/* Without the boundary the points' channels are as with it, and the boundary's is nothing. */
static void test_points_alone(void **state)
{
    struct wt_point p[98];
    static float with[CELLS * STRIDE];
    struct wt_target_options options = wt_target_defaults();
    fill(p, 98);
    draw(&options, 98, p);
    memcpy(with, drawn.value, sizeof with);
    assert_true(drawn.channel[98] == 1);
    options.boundary = WT_BOUNDARY_CHANNEL;
    draw(&options, 98, p);
    assert_memory_equal(with, drawn.value, sizeof with);
    assert_true(drawn.channel[98] == 1);
    options.boundary = WT_BOUNDARY_NONE;
    draw(&options, 98, p);
    float most = 0;
    for (int i = 0; i < CELLS * STRIDE; i++) {
        assert_true(drawn.value[i] == (i % STRIDE < 98 ? with[i] : 0));
        most = fmaxf(most, i % STRIDE == 98 ? with[i] : 0);
    }
    assert_true(most > 0.9f);
    for (int c = 0; c < STRIDE; c++)
        assert_true(drawn.channel[c] == (c < 98));
    check_mask(98);
}

/* The mask of a map is that of a target of the same values. */
static void test_mask(void **state)
{
    struct wt_point p[98];
    static float map[CELLS];
    static uint8_t mask[CELLS];
    const struct wt_target_options options = wt_target_defaults();
    fill(p, 98);
    draw(&options, 98, p);
    for (int c = 0; c < 99; c++) {
        for (int i = 0; i < CELLS; i++)
            map[i] = drawn.value[i * STRIDE + c];
        memset(mask, 0x55, sizeof mask);
        wt_target_mask(map, SIDE, mask);
        for (int i = 0; i < CELLS; i++)
            assert_int_equal(mask[i], drawn.mask[i * STRIDE + c]);
    }
    for (int i = 0; i < CELLS; i++)
        map[i] = NAN;
    wt_target_mask(map, SIDE, mask);
    for (int i = 0; i < CELLS; i++)
        assert_int_equal(mask[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),  cmocka_unit_test(test_gaussian),
        cmocka_unit_test(test_edge),    cmocka_unit_test(test_boundary),
        cmocka_unit_test(test_unknown), cmocka_unit_test(test_points_alone),
        cmocka_unit_test(test_mask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
