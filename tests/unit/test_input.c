/* The side of the network's input, 128, 192 or 256: what depends on it fits together at each. */
#include "support.h"

#include <math.h>

#include "data/augment.h"
#include "data/target.h"
#include "face/decode.h"
#include "measure/calibrate.h"
#include "net/net.h"
#include "net/onnx.h"
#include "weights/card.h"

enum { POINTS = 29, STRIDE = 32, SIZES = 3, CELLS_MAX = WT_MAP_CELLS_DEFAULT };
static const int input[SIZES] = {128, 192, 256};

/* Where a pixel of a 256 x 256 crop lies in one of another size: edges are at halves. */
static struct wt_point shrunk(struct wt_point p, int size)
{
    const float f = (float)size / 256;
    return (struct wt_point){(p.x + 0.5f) * f - 0.5f, (p.y + 0.5f) * f - 0.5f};
}

static void near_point(struct wt_point a, struct wt_point b, double tolerance)
{
    assert_true(fabs((double)(a.x - b.x)) < tolerance && fabs((double)(a.y - b.y)) < tolerance);
}

/* Points of a face in a frame of 300 x 240. */
static void fill(struct wt_point *p)
{
    for (int i = 0; i < POINTS; i++)
        p[i] = (struct wt_point){90 + (float)(i * 37 % 101), 60 + (float)(i * 53 % 97)};
}

static void crops_show_the_same(void **state)
{
    enum { W = 300, H = 240, GUARD = 64 };
    static uint8_t pixels[H][W][3], rgb[256 * 256 * 3 + GUARD];
    const struct wt_image frame = {&pixels[0][0][0], W, H, W * 3, WT_PIXEL_RGB24};
    struct wt_point p[POINTS];
    fill(p);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            memcpy(pixels[y][x], (uint8_t[]){(uint8_t)(x * 4 / 5), (uint8_t)y, 9}, 3);
    const struct wt_affine whole = wt_crop_points(p, POINTS, WT_CROP_FACTOR, 0.2f, 256);
    for (int s = 0; s < SIZES; s++) {
        const int size = input[s];
        const struct wt_affine map = wt_crop_points(p, POINTS, WT_CROP_FACTOR, 0.2f, size);
        const struct wt_affine back = wt_affine_invert(&map);
        for (int i = 0; i < POINTS; i++)
            near_point(wt_affine_apply(&map, p[i]), shrunk(wt_affine_apply(&whole, p[i]), size),
                       1e-3);
        memset(rgb, 0xa5, sizeof rgb);
        assert_int_equal(wt_crop_extract(&frame, &map, size, rgb), WT_OK);
        for (int k = 0; k < size; k += 7) { /* an even slope is read off exactly but for rounding */
            const struct wt_point at =
                wt_affine_apply(&back, (struct wt_point){(float)k, (float)(size / 2)});
            const uint8_t *seen = rgb + (size / 2 * size + k) * 3;
            if (at.x < 1 || at.x > W - 2 || at.y < 1 || at.y > H - 2)
                continue;
            assert_true(fabs(seen[0] - 0.8 * (double)at.x) < 2);
            assert_true(fabs(seen[1] - (double)at.y) < 2);
        }
        for (int i = 0; i < GUARD; i++)
            assert_int_equal(rgb[WT_CROP_BYTES(size) + (size_t)i], 0xa5);
    }
}

static void targets_are_decoded(void **state)
{
    static float value[CELLS_MAX * STRIDE + STRIDE], channel[STRIDE];
    static uint8_t mask[CELLS_MAX * STRIDE + STRIDE];
    const struct wt_scheme *scheme = wt_scheme_get(POINTS);
    const struct wt_target_options o = {.support = 6, .sigma = 1.75f, .floor = 0.0111f};
    struct wt_point p[POINTS], out[POINTS];
    float confidence[POINTS];
    for (int s = 0; s < SIZES; s++) {
        const int size = wt_map_size(input[s]);
        const size_t end = (size_t)wt_map_cells(input[s]) * STRIDE;
        for (int i = 0; i < POINTS; i++)
            p[i] = shrunk(
                (struct wt_point){61.3f + (float)(i * 37 % 133), 63.7f + (float)(i * 53 % 129)},
                input[s]);
        const struct wt_target_face face = {.scheme = scheme, .point = p};
        const struct wt_target_maps maps = {value, mask, channel, STRIDE, size};
        memset(mask, 0x55, sizeof mask);
        value[end] = 77;
        wt_target_draw(&o, &face, &maps);
        assert_true(value[end] == 77 && mask[end] == 0x55); /* not a cell more */
        for (int i = 0; i <= POINTS; i++)
            assert_true(channel[i] == 1);
        wt_decode(value, size, STRIDE, POINTS, WT_DECODE_DARK, out, confidence);
        for (int i = 0; i < POINTS; i++) {
            near_point(out[i], p[i], 0.06);
            assert_true(confidence[i] > 0.9f);
        }
        wt_decode(value, size, STRIDE, POINTS, WT_DECODE_PUBLISHED, out, NULL);
        for (int i = 0; i < POINTS; i++) /* from the crop's edge, not from a pixel's centre */
            near_point(out[i], (struct wt_point){p[i].x + 0.5f, p[i].y + 0.5f}, 2.6);
    }
}

/* The same random numbers do the same to a face, whatever the size of its crop. */
static void augmentation_shows_the_same(void **state)
{
    struct wt_augment a = wt_augment_defaults();
    struct wt_point p[POINTS], whole[POINTS], small[POINTS];
    const struct wt_scheme *scheme = wt_scheme_get(POINTS);
    int blurred = 0, low = 0, occluded = 0;
    fill(p);
    for (uint64_t seed = 0; seed < 60; seed++)
        for (int s = 0; s < SIZES; s++) {
            struct wt_random r = wt_random_make(seed, 1, 2), r2 = r;
            const double f = input[s] / 256.0;
            a.input = 256;
            const struct wt_augment_params l = wt_augment_draw(&a, p, POINTS, &r);
            a.input = input[s];
            const struct wt_augment_params m = wt_augment_draw(&a, p, POINTS, &r2);
            assert_int_equal(m.size, input[s]);
            wt_augment_points(&l, scheme, p, whole);
            wt_augment_points(&m, scheme, p, small);
            for (int i = 0; i < POINTS; i++)
                near_point(small[i], shrunk(whole[i], input[s]), 2e-3);
            assert_true(l.flip == m.flip && l.noise == m.noise && l.jpeg == m.jpeg);
            assert_float_equal(m.blur, l.blur * f, 1e-5);
            assert_true(abs(m.low - (int)(l.low * f)) <= 1);
            assert_true(abs(m.w - (int)(l.w * f)) <= 2 && abs(m.h - (int)(l.h * f)) <= 2);
            blurred += m.blur > 0;
            low += m.low > 0;
            occluded += m.w > 0;
        }
    assert_true(blurred && low && occluded);
}

/* All that augmentation does to pixels stays within its crop. */
static void augmentation_stays_inside(void **state)
{
    enum { GUARD = 256 };
    static uint8_t rgb[256 * 256 * 3 + GUARD];
    struct wt_augment a = wt_augment_defaults();
    struct wt_point p[POINTS];
    fill(p);
    a.light = a.grey = a.blur = a.low = a.noise = a.occlusion = a.jpeg = 1;
    for (int s = 0; s < SIZES; s++) {
        a.input = input[s];
        for (uint64_t seed = 0; seed < 8; seed++) {
            struct wt_random r = wt_random_make(seed, 3, 4);
            const struct wt_augment_params params = wt_augment_draw(&a, p, POINTS, &r);
            memset(rgb, 0x77, sizeof rgb);
            assert_int_equal(wt_augment_pixels(&params, rgb), WT_OK);
            for (int i = 0; i < GUARD; i++)
                assert_int_equal(rgb[WT_CROP_BYTES(input[s]) + (size_t)i], 0x77);
        }
    }
}

static struct wt_weights *network(int size)
{
    const struct wt_arch arch = {.stacks = 2, .width = 16, .points = 5, .input = size};
    struct wt_weights *w = NULL;
    assert_int_equal(wt_weights_create(&w), WT_OK);
    assert_int_equal(wt_hourglass_random(w, &arch, 5), WT_OK);
    return w;
}

/* The widest difference of two networks' maps, in shares of the highest value. */
static double difference(struct wt_net *a, struct wt_net *b, const uint8_t *rgb, int cells)
{
    int stride, other;
    double most = 0, worst = 0;
    assert_int_equal(wt_net_forward_u8(a, rgb, 1, 0), WT_OK);
    assert_int_equal(wt_net_forward_u8(b, rgb, 1, 0), WT_OK);
    const float *x = wt_net_maps(a, 0, -1, &stride), *y = wt_net_maps(b, 0, -1, &other);
    for (int i = 0; i < cells; i++)
        for (int c = 0; c < 6; c++) {
            const double v = (double)x[i * stride + c];
            most = fmax(most, fabs(v));
            worst = fmax(worst, fabs(v - (double)y[i * other + c]));
        }
    return worst / most;
}

/* Every precision gives what plain C gives, as far as it can. */
static void networks_run(void **state)
{
    static const struct {
        enum wt_precision precision;
        double tolerance;
    } with[] = {{WT_PRECISION_F32, 1e-4}, {WT_PRECISION_BF16, 0.05}, {WT_PRECISION_INT8, 0.3}};
    static uint8_t rgb[256 * 256 * 3];
    for (size_t i = 0; i < sizeof rgb; i++)
        rgb[i] = (uint8_t)(i * 2654435761u >> 21);
    for (int s = 0; s < SIZES; s++) {
        struct wt_weights *w = network(input[s]);
        struct wt_net *plain = NULL;
        const struct wt_net_options c = {
            .threads = 1, .level = WT_CPU_C, .precision = WT_PRECISION_F32};
        assert_int_equal(wt_calibrate_noise(w, 1, wt_cpu_get()->level), WT_OK);
        assert_int_equal(wt_net_create(&plain, w, &c), WT_OK);
        assert_int_equal(wt_net_arch(plain)->input, input[s]);
        for (int k = 0; k < 3; k++) {
            struct wt_net *net = NULL;
            const struct wt_net_options o = {
                .threads = 1, .level = wt_cpu_get()->level, .precision = with[k].precision};
            assert_int_equal(wt_net_create(&net, w, &o), WT_OK);
            const double worst = difference(plain, net, rgb, wt_map_cells(input[s]));
            print_message("%d %s: %.2g\n", input[s], wt_precision_name(with[k].precision), worst);
            assert_true(worst < with[k].tolerance);
            wt_net_destroy(&net);
        }
        wt_net_destroy(&plain);
        wt_weights_destroy(&w);
    }
}

static void weights_say_their_size(void **state)
{
    static const char *const bad[] = {"",     "0",     "64",   "100",     "-128",
                                      "320",  "128 ",  "12 8", "256px",   "1e2",
                                      "wide", "128.0", "512",  "\x1b[2J", "99999999999999999999"};
    struct wt_weights *w = network(0);
    struct wt_arch arch = {0};
    struct wt_graph g;
    assert_null(wt_weights_get_meta(w, WT_META_INPUT)); /* silent: the paper's */
    assert_int_equal(wt_arch_from_weights(w, &arch), WT_OK);
    assert_int_equal(arch.input, 256);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct log_capture log;
        assert_int_equal(wt_weights_set_meta(w, WT_META_INPUT, bad[i]), WT_OK);
        log_capture_start(&log);
        assert_int_equal(wt_arch_from_weights(w, &arch), WT_ERR_UNSUPPORTED);
        assert_int_equal(log.lines, 1);
        assert_non_null(strstr(log.last, "128, 192 or 256"));
        assert_null(strchr(log.last, '\x1b'));
        wt_graph_init(&g);
        assert_int_equal(wt_hourglass_graph(w, &g), WT_ERR_UNSUPPORTED);
        wt_graph_fini(&g);
        wt_set_log(NULL, NULL, WT_LOG_INFO);
    }
    wt_weights_destroy(&w);
    for (int size = -64; size < 400; size++) {
        const bool good = size == 128 || size == 192 || size == 256;
        assert_int_equal(wt_input_fits(size), good);
    }
}

/* Bytes of a file in which a text may stand that has zeros. */
static int count(const uint8_t *bytes, size_t size, const void *what, size_t length)
{
    int n = 0;
    for (size_t i = 0; i + length <= size; i++)
        n += memcmp(bytes + i, what, length) == 0;
    return n;
}

/* The shapes that an ONNX file declares: dimensions are protobuf messages of a varint each. */
static void onnx_has_the_shape(void **state)
{
    char folder[256], path[300];
    static uint8_t bytes[1 << 23];
    scratch_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/net.onnx", folder);
    for (int s = 0; s < SIZES; s++) {
        const uint8_t low = (uint8_t)((input[s] & 127) | 128), high = (uint8_t)(input[s] >> 7);
        const uint8_t map = (uint8_t)(input[s] / 4);
        const uint8_t image[] = {10, 2, 8, 3, 10, 3, 8, low, high, 10, 3, 8, low, high};
        const uint8_t maps[] = {10, 2, 8, 6, 10, 2, 8, map, 10, 2, 8, map};
        struct wt_weights *w = network(input[s]);
        struct wt_graph g;
        wt_graph_init(&g);
        assert_int_equal(wt_hourglass_graph(w, &g), WT_OK);
        assert_int_equal(wt_onnx_export(&g, w, 1, path), WT_OK);
        FILE *f = fopen(path, "rb");
        assert_non_null(f);
        const size_t size = fread(bytes, 1, sizeof bytes, f);
        fclose(f);
        assert_true(size > 1000 && size < sizeof bytes);
        assert_int_equal(count(bytes, size, image, sizeof image), 1);
        assert_int_equal(count(bytes, size, maps, sizeof maps), 2);
        wt_graph_fini(&g);
        wt_weights_destroy(&w);
    }
    assert_int_equal(remove_folder(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crops_show_the_same),
        cmocka_unit_test(targets_are_decoded),
        cmocka_unit_test(augmentation_shows_the_same),
        cmocka_unit_test(augmentation_stays_inside),
        cmocka_unit_test(networks_run),
        cmocka_unit_test(weights_say_their_size),
        cmocka_unit_test(onnx_has_the_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
