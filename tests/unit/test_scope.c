/* A look into the network: what a probe takes from the tracker's own pass, and the pictures and
 * figures made of it. */
#include <math.h>

#include "data/target.h"
#include "draw/scope.h"
#include "face/scheme.h"
#include "input/source.h"
#include "support.h"
#include "track/look.h"

static struct wt_model *model;
static struct wt_frame *frame; /* two faces */
static struct wt_probe *probe;
static struct wt_scope *scope;

static int setup(void **state)
{
    char path[4096];
    struct wt_source *source = NULL;
    const struct wt_model_options options = {.batch = 2, .precision = WT_PRECISION_F32};
    const struct wt_source_spec spec = {.input = source_path("assets/demo.mp4", path, sizeof path)};
    if (wt_source_open(&source, &spec))
        return -1;
    for (int i = 0; i <= 200; i++) {
        wt_frame_unref(&frame);
        if (wt_source_read(source, &frame))
            return -1;
    }
    wt_source_close(&source);
    probe = calloc(1, sizeof *probe);
    scope = calloc(1, sizeof *scope);
    return probe && scope &&
                   !wt_model_open(&model,
                                  source_path("assets/wingtip-98.safetensors", path, sizeof path),
                                  &options)
               ? 0
               : -1;
}

static int teardown(void **state)
{
    wt_frame_unref(&frame);
    wt_model_close(&model);
    free(probe);
    free(scope);
    return 0;
}

/* ---- the probe ------------------------------------------------------------------------------- */

static void ask(uint32_t id, int a, int b, int c)
{
    memset(probe, 0x55, sizeof *probe); /* nothing is left of an earlier frame */
    probe->id = id;
    probe->channels = 3;
    probe->channel[0] = a;
    probe->channel[1] = b;
    probe->channel[2] = c;
}

/* The maps of the frame's result, of the last stack, and of the first one by a pass of its own. */
static void check_maps(const struct wt_face *face)
{
    static float first[99 * 4096];
    struct wt_look look = {.map = probe->frame_to_crop, .maps = first};
    assert_int_equal(wt_look(model, &frame->image, &look, 1, 1), WT_OK);
    for (int k = 0; k < 3; k++) {
        const size_t at = (size_t)probe->channel[k] * 4096;
        assert_memory_equal(probe->map[1][k], face->maps + at, 4096 * sizeof(float));
        for (int i = 0; i < 4096; i++)
            assert_true(fabsf(probe->map[0][k][i] - first[at + (size_t)i]) < 1e-5f);
        assert_true(memcmp(probe->map[0][k], probe->map[1][k], 4096 * sizeof(float)) != 0);
    }
}

static void probe_is_of_the_same_pass(void **state)
{
    struct wt_tracker *with = NULL, *without = NULL;
    struct wt_result a = {0}, b = {0};
    static uint8_t crop[256 * 256 * 3];
    const struct wt_tracker_options options = {.max_faces = 2, .maps = true};
    assert_int_equal(wt_tracker_create(&with, model, &options), WT_OK);
    assert_int_equal(wt_tracker_create(&without, model, &options), WT_OK);
    ask(2, 60, 96, 98);
    wt_tracker_set_probe(with, probe);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(wt_tracker_track(with, &frame->image, i * 40000, &a), WT_OK);
        assert_int_equal(wt_tracker_track(without, &frame->image, i * 40000, &b), WT_OK);
        assert_int_equal(a.faces, 2);
        assert_int_equal(probe->seen, i > 0); /* not in the frame that finds it */
    }
    /* It changes nothing. */
    for (int k = 0; k < 2; k++)
        assert_memory_equal(a.face[k].point, b.face[k].point, sizeof a.face[k].point);
    const struct wt_face *face = &a.face[1];
    assert_int_equal(face->id, 2);
    assert_int_equal(probe->stacks, 2);
    assert_int_equal(probe->stacks_run, 2);
    assert_int_equal(probe->input_size, 256);
    assert_int_equal(probe->map_size, 64);
    assert_memory_equal(&probe->frame_to_crop, &face->frame_to_crop, sizeof(struct wt_affine));
    assert_int_equal(wt_crop_extract(&frame->image, &face->frame_to_crop, 256, crop), WT_OK);
    assert_memory_equal(probe->crop, crop, sizeof crop);
    check_maps(face);
    const struct wt_affine back = wt_affine_invert(&probe->frame_to_crop);
    for (int k = 0; k < 2; k++) {
        const struct wt_point p = wt_affine_apply(&back, probe->point[k]);
        int row, column;
        assert_float_equal(p.x, face->point[probe->channel[k]].x, 1e-3);
        assert_float_equal(p.y, face->point[probe->channel[k]].y, 1e-3);
        assert_true(probe->confidence[k] == face->point_confidence[probe->channel[k]]);
        /* Decoding moves it from the cell of the maximum by less than a cell or so. */
        assert_true(wt_probe_peak(probe->map[1][k], 64, &row, &column) > 0.3f);
        const struct wt_point cell = wt_probe_centre(row, column);
        assert_true(hypotf(cell.x - probe->point[k].x, cell.y - probe->point[k].y) < 6);
        assert_true(probe->ellipse[k].major >= probe->ellipse[k].minor);
        assert_true(probe->ellipse[k].minor > 0);
    }
    wt_result_fini(&a);
    wt_result_fini(&b);
    wt_tracker_destroy(&with);
    wt_tracker_destroy(&without);
}

/* Fewer stacks, channels that there are not, a face that is not there, a frame without any. */
static void probe_says_what_it_did_not_see(void **state)
{
    struct wt_tracker *tracker = NULL;
    struct wt_result result = {0};
    static uint8_t black[640 * 480 * 3];
    const struct wt_image nothing = {black, 640, 480, 1920, WT_PIXEL_BGR24};
    const struct wt_tracker_options options = {.max_faces = 2, .maps = true, .stacks = 1};
    assert_int_equal(wt_tracker_create(&tracker, model, &options), WT_OK);
    ask(1, 99, -1, 60);
    wt_tracker_set_probe(tracker, probe);
    for (int i = 0; i < 2; i++)
        assert_int_equal(wt_tracker_track(tracker, &frame->image, i * 40000, &result), WT_OK);
    assert_true(probe->seen);
    assert_int_equal(probe->stacks, 2);
    assert_int_equal(probe->stacks_run, 1);
    for (int i = 0; i < 4096; i++)
        assert_true(probe->map[0][0][i] == 0 && probe->map[0][1][i] == 0);
    assert_memory_equal(probe->map[0][2], result.face[0].maps + (size_t)60 * 4096,
                        4096 * sizeof(float));
    ask(77, 60, 60, 98);
    assert_int_equal(wt_tracker_track(tracker, &frame->image, 80000, &result), WT_OK);
    assert_false(probe->seen);
    ask(1, 60, 60, 98);
    assert_int_equal(wt_tracker_track(tracker, &frame->image, 120000, &result), WT_OK);
    assert_true(probe->seen);
    assert_int_equal(wt_tracker_track(tracker, &nothing, 160000, &result), WT_OK);
    assert_false(probe->seen);
    wt_tracker_set_probe(tracker, NULL);
    ask(1, 60, 60, 98);
    assert_int_equal(wt_tracker_track(tracker, &frame->image, 200000, &result), WT_OK);
    assert_int_equal(probe->stacks, 0x55555555); /* untouched */
    wt_result_fini(&result);
    wt_tracker_destroy(&tracker);
}

static void peak_is_the_first_highest_cell(void **state)
{
    float map[16] = {0};
    int row, column;
    map[6] = map[9] = 0.5f;
    map[3] = NAN;
    assert_true(wt_probe_peak(map, 4, &row, &column) == 0.5f);
    assert_int_equal(row, 1);
    assert_int_equal(column, 2);
    for (int i = 0; i < 16; i++)
        map[i] = NAN;
    assert_true(wt_probe_peak(map, 4, &row, &column) == 0.0f);
    assert_int_equal(row + column, 0);
    map[15] = -1;
    assert_true(wt_probe_peak(map, 4, &row, &column) == -1.0f);
    assert_int_equal(row + column, 6);
    const struct wt_point p = wt_probe_centre(3, 5);
    assert_true(p.x == 21.5f && p.y == 13.5f);
}

/* ---- pictures -------------------------------------------------------------------------------- */

/* One Gaussian, a boundary of one row, a crop in which each pixel says where it is. */
static void make_probe(int size, int row, int column)
{
    memset(probe, 0, sizeof *probe);
    probe->seen = true;
    probe->channels = 2;
    probe->channel[1] = 98;
    probe->stacks = 3;
    probe->stacks_run = 2;
    probe->map_size = size;
    probe->input_size = 4 * size;
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) {
            const float d = (float)((i - row) * (i - row) + (j - column) * (j - column));
            probe->map[0][0][i * size + j] = 0.5f * expf(-d / 6);
            probe->map[1][0][i * size + j] = 0.8f * expf(-d / 6);
            probe->map[1][1][i * size + j] = i == 5 ? 1.0f : 0.0f;
        }
    for (int i = 0; i < 4 * size; i++)
        for (int j = 0; j < 4 * size; j++) {
            uint8_t *p = probe->crop + 3 * (i * 4 * size + j);
            p[0] = (uint8_t)i;
            p[1] = (uint8_t)j;
        }
}

static void check_color(const uint8_t *pixel, enum wt_palette palette, float value)
{
    uint8_t rgb[3];
    wt_colormap(palette, roundf(255 * value) / 255, rgb);
    for (int k = 0; k < 3; k++)
        assert_int_equal(pixel[k], rgb[k]);
}

static void maps_lie_in_their_places(void **state)
{
    make_probe(32, 20, 11);
    wt_scope_make(scope, probe, 1, WT_PALETTE_DUSK, WT_PALETTE_EMBER);
    for (int s = 0; s < 2; s++) {
        assert_int_equal(scope->peak[s][0].row, 20);
        assert_int_equal(scope->peak[s][0].column, 11);
        assert_float_equal(scope->peak[s][0].value, s ? 0.8f : 0.5f, 1e-6);
        for (int i = 0; i < 32; i++)
            for (int j = 0; j < 32; j++)
                check_color(scope->maps[i][64 * s + j], WT_PALETTE_DUSK,
                            probe->map[s][0][i * 32 + j]);
    }
    check_color(scope->maps[64 + 5][64 + 31], WT_PALETTE_EMBER, 1.0f);
    check_color(scope->maps[64 + 6][64 + 31], WT_PALETTE_EMBER, 0.0f);
    const uint8_t *not_run = scope->maps[20][2 * 64 + 11], *beyond = scope->maps[40][40];
    assert_int_equal(not_run[0] + not_run[1] + not_run[2], 0);
    assert_int_equal(beyond[0] + beyond[1] + beyond[2], 0);
}

/* By the definition: the dilation of the last stack's map, from 0.2 on. */
static void weights_are_those_of_the_loss(void **state)
{
    make_probe(32, 20, 11);
    wt_scope_make(scope, probe, 1, WT_PALETTE_DUSK, WT_PALETTE_EMBER);
    int count = 0;
    uint8_t rgb[2][3];
    memcpy(rgb[1], scope->maps[3 * 64 + 20][11], 3); /* the maximum counts more */
    memcpy(rgb[0], scope->maps[3 * 64][0], 3);
    assert_true(memcmp(rgb[0], rgb[1], 3) != 0);
    for (int i = 0; i < 32; i++)
        for (int j = 0; j < 32; j++) {
            float most = 0;
            for (int y = i - 1; y <= i + 1; y++)
                for (int x = j - 1; x <= j + 1; x++)
                    if (x >= 0 && y >= 0 && x < 32 && y < 32)
                        most = fmaxf(most, probe->map[1][0][y * 32 + x]);
            count += most >= 0.2f;
            assert_memory_equal(scope->maps[3 * 64 + i][j], rgb[most >= 0.2f], 3);
        }
    assert_int_equal(scope->weighted[0], count);
    assert_true(count > 20 && count < 100);
    assert_int_equal(scope->weighted[1], 3 * 32); /* the boundary's row and its neighbours */
}

/* Pixels of the close-up are pixels of the crop, under the map. */
static void close_up_shows_the_crop(void **state)
{
    make_probe(32, 20, 11);
    wt_scope_make(scope, probe, 1, WT_PALETTE_GREY, WT_PALETTE_GREY);
    assert_int_equal(scope->top, 20 - WT_SCOPE_CELLS / 2);
    assert_int_equal(scope->left, 11 - WT_SCOPE_CELLS / 2);
    const int side = WT_SCOPE_CELL / 4;
    for (int y = 0; y < WT_SCOPE_CELL; y++) { /* the first cell, where the map is next to 0 */
        assert_int_equal(scope->close[y][0][0], 4 * scope->top + y / side);
        assert_int_equal(scope->close[y][WT_SCOPE_CELL - 1][1], 4 * scope->left + 3);
    }
    const struct wt_point middle = wt_scope_in_close(scope, wt_probe_centre(20, 11));
    assert_float_equal(middle.x, 0.5, 1e-6);
    assert_float_equal(middle.y, 0.5, 1e-6);
    const uint8_t *peak = scope->close[WT_SCOPE_CLOSE / 2][WT_SCOPE_CLOSE / 2];
    assert_true(peak[2] > 90); /* the crop has no blue: it is the map's */
    const struct wt_point corner = wt_scope_in_crop(probe, (struct wt_point){-0.5f, 127.5f});
    assert_true(corner.x == 0.0f && corner.y == 1.0f);
}

/* At the map's edge, of two points, and of maps without sense. */
static void edges_and_hostile_maps(void **state)
{
    make_probe(64, 0, 63);
    wt_scope_make(scope, probe, 1, WT_PALETTE_DUSK, WT_PALETTE_EMBER);
    assert_int_equal(scope->top, -(WT_SCOPE_CELLS / 2));
    const uint8_t *outside = scope->close[0][WT_SCOPE_CLOSE - 1];
    assert_int_equal(outside[0] + outside[1] + outside[2], 0);
    make_probe(64, 30, 30);
    memcpy(probe->map[1][1], probe->map[1][0], sizeof probe->map[1][1]);
    memmove(probe->map[1][1] + 4, probe->map[1][0], 4092 * sizeof(float)); /* 4 cells further */
    wt_scope_make(scope, probe, 2, WT_PALETTE_DUSK, WT_PALETTE_EMBER);
    assert_int_equal(scope->peak[1][1].column, 34);
    assert_int_equal(scope->left, 32 - WT_SCOPE_CELLS / 2);
    const float bad[] = {NAN, INFINITY, -INFINITY, 1e30f, -1e30f};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        for (int k = 0; k < 4096; k++)
            probe->map[1][0][k] = probe->map[1][1][k] = bad[i];
        wt_scope_make(scope, probe, 1, WT_PALETTE_DUSK, WT_PALETTE_EMBER);
        assert_in_range(scope->weighted[0], 0, 4096);
    }
}

/* ---- points made of others ------------------------------------------------------------------- */

static void sources_are_those_of_the_conversion(void **state)
{
    static const int schemes[] = {98, 68, 29};
    struct wt_point from[98], to[98];
    int source[2];
    for (int i = 0; i < 98; i++)
        from[i] = (struct wt_point){(float)(i * i), (float)(3 * i)};
    for (int s = 0; s < 3; s++) {
        int twos = 0;
        assert_int_equal(wt_points_convert(from, 98, to, schemes[s]), WT_OK);
        for (int i = 0; i < schemes[s]; i++) {
            const int n = wt_points_sources(98, schemes[s], i, source);
            assert_in_range(n, 1, 2);
            assert_int_equal(n == 2, source[0] != source[1]);
            assert_true(to[i].x == 0.5f * (from[source[0]].x + from[source[1]].x));
            assert_true(to[i].y == 0.5f * (from[source[0]].y + from[source[1]].y));
            twos += n == 2;
        }
        assert_int_equal(twos, s == 0 ? 0 : s == 1 ? 8 : 2);
    }
    assert_int_equal(wt_points_sources(68, 68, 67, source), 1);
    assert_int_equal(wt_points_sources(68, 98, 3, source), 0);
    assert_int_equal(wt_points_sources(98, 68, 68, source), 0);
    assert_int_equal(wt_points_sources(98, 68, -1, source), 0);
    assert_int_equal(wt_points_sources(98, 5, 0, source), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probe_is_of_the_same_pass),
        cmocka_unit_test(probe_says_what_it_did_not_see),
        cmocka_unit_test(peak_is_the_first_highest_cell),
        cmocka_unit_test(maps_lie_in_their_places),
        cmocka_unit_test(weights_are_those_of_the_loss),
        cmocka_unit_test(close_up_shows_the_crop),
        cmocka_unit_test(edges_and_hostile_maps),
        cmocka_unit_test(sources_are_those_of_the_conversion),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
