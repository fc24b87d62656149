/* The public interface and the tracker's rules on the shipped clip and on hostile frames. */
#include <math.h>
#include <time.h>

#include "capture.h"
#include "face/crop.h"
#include "input/source.h"
#include "net/hourglass.h"
#include "track/tracker_offset.h"

static struct wt_model *model;
static struct wt_frame *clip_frame; /* one face, 640x480 */
static struct wt_frame *pair_frame; /* two faces */

static const char *weights_path(void)
{
    static char path[4096];
    return source_path("assets/wingtip-98.safetensors", path, sizeof path);
}

static int setup(void **state)
{
    char path[4096];
    struct wt_source *source = NULL;
    const struct wt_source_spec spec = {.input = source_path("assets/demo.mp4", path, sizeof path)};
    const struct wt_model_options options = {.batch = 2};
    if (capture_setup(state) || wt_model_open(&model, weights_path(), &options) ||
        wt_source_open(&source, &spec))
        return -1;
    for (int i = 0; i <= 200; i++) {
        struct wt_frame *frame;
        if (wt_source_read(source, &frame))
            return -1;
        if (i == 0)
            clip_frame = frame;
        else if (i == 200)
            pair_frame = frame;
        else
            wt_frame_unref(&frame);
    }
    wt_source_close(&source);
    return 0;
}

static int teardown(void **state)
{
    wt_frame_unref(&clip_frame);
    wt_frame_unref(&pair_frame);
    wt_model_close(&model);
    assert_null(model);
    wt_model_close(&model);
    return capture_teardown(state);
}

static struct wt_tracker *create_smooth(void)
{
    struct wt_tracker *tracker = NULL;
    const struct wt_tracker_options options = {.max_faces = 1, .smooth = true};
    assert_int_equal(wt_tracker_create(&tracker, model, &options), WT_OK);
    return tracker;
}

static struct wt_tracker *create(int max_faces, bool maps)
{
    struct wt_tracker *tracker = NULL;
    const struct wt_tracker_options options = {.max_faces = max_faces, .maps = maps};
    assert_int_equal(wt_tracker_create(&tracker, model, &options), WT_OK);
    return tracker;
}

static void describes_the_model(void **state)
{
    const struct wt_model_info info = wt_model_describe(model);
    assert_int_equal(info.points, 98);
    assert_int_equal(info.stacks, 2);
    assert_int_equal(info.width, 128);
    assert_int_equal(info.input_size, 256);
    assert_int_equal(info.map_size, 64);
    assert_float_equal(info.crop_factor, 1.45, 1e-6);
    assert_in_range(info.parameters, 3000000, 3300000);
    assert_string_equal(info.path, weights_path());
    assert_non_null(strstr(info.licence, "research"));
    assert_true(info.threads >= 1 && strlen(info.kernels) > 0);
    print_message("%lld parameters, kernels %s, %d threads\n", (long long)info.parameters,
                  info.kernels, info.threads);
}

static void refuses_wrong_use(void **state)
{
    static const struct wt_model_options wrong_model[] = {
        {.threads = -1}, {.threads = 65},         {.batch = 17},
        {.batch = -1},   {.cpu_mask = "quantum"}, {.precision = (enum wt_precision)7}};
    static const struct wt_tracker_options wrong_tracker[] = {
        {.max_faces = -1},        {.max_faces = WT_FACES_MAX + 1},
        {.min_confidence = 1.5f}, {.min_confidence = NAN},
        {.search_every = -3},     {.stacks = 3},
        {.stacks = -1},           {.detector = "unknown"}};
    struct wt_model *other = NULL;
    struct wt_tracker *tracker = NULL;
    for (size_t i = 0; i < sizeof(wrong_model) / sizeof(wrong_model[0]); i++)
        assert_one_line(WT_ERR_ARGUMENT, wt_model_open(&other, weights_path(), &wrong_model[i]));
    for (size_t i = 0; i < sizeof(wrong_tracker) / sizeof(wrong_tracker[0]); i++)
        assert_one_line(WT_ERR_ARGUMENT, wt_tracker_create(&tracker, model, &wrong_tracker[i]));
    assert_one_line(WT_ERR_ARGUMENT, wt_tracker_create(&tracker, NULL, NULL));
    assert_one_line(WT_ERR_ARGUMENT, wt_model_open(&other, NULL, NULL));
    assert_one_line(WT_ERR_IO, wt_model_open(&other, "/nowhere/weights.safetensors", NULL));
    assert_null(other);
    assert_null(tracker);
    wt_tracker_destroy(&tracker);
    wt_result_fini(NULL);
}

/* An offset moves what is reported and nothing else: crops, ids and confidences stay. */
static void offsets_move_points_alone(void **state)
{
    struct wt_result raw = {0}, moved = {0};
    struct wt_point truth[WT_POINTS_MAX], want[WT_POINTS_MAX], few[68];
    struct wt_offset *offset = NULL, *other = NULL;
    struct wt_tracker *plain = create(1, false), *tracker = create(1, false);
    struct wt_tracker *smooth = create_smooth();
    assert_int_equal(wt_tracker_track(plain, &clip_frame->image, 0, &raw), WT_OK);
    for (int i = 0; i < 98; i++)
        truth[i] = (struct wt_point){raw.face[0].point[i].x + 4, raw.face[0].point[i].y - 1};
    assert_int_equal(
        wt_offset_fit(&offset, 98, &(struct wt_offset_pair){raw.face[0].point, truth}, 1), WT_OK);
    assert_int_equal(wt_tracker_set_offset(tracker, offset), WT_OK);
    for (int i = 0; i < 3; i++) {
        if (i)
            assert_int_equal(wt_tracker_track(plain, &clip_frame->image, i * 40000, &raw), WT_OK);
        assert_int_equal(wt_tracker_track(tracker, &clip_frame->image, i * 40000, &moved), WT_OK);
        memcpy(want, raw.face[0].point, sizeof want);
        assert_true(wt_offset_apply(offset, want) > 0.02);
        assert_memory_equal(moved.face[0].point, want, 98 * sizeof *want);
        assert_memory_equal(&moved.face[0].frame_to_crop, &raw.face[0].frame_to_crop,
                            sizeof raw.face[0].frame_to_crop);
        assert_true(moved.face[0].confidence == raw.face[0].confidence);
    }
    assert_true(moved.face[0].point[50].x > raw.face[0].point[50].x + 3);
    memcpy(few, truth, sizeof few);
    struct wt_offset_pair pair68 = {few, few};
    assert_int_equal(wt_offset_fit(&other, 68, &pair68, 1), WT_OK);
    assert_one_line(WT_ERR_ARGUMENT, wt_tracker_set_offset(tracker, other));
    assert_int_equal(wt_tracker_set_offset(tracker, NULL), WT_OK);
    assert_int_equal(wt_tracker_track(plain, &clip_frame->image, 120000, &raw), WT_OK);
    assert_int_equal(wt_tracker_track(tracker, &clip_frame->image, 120000, &moved), WT_OK);
    assert_memory_equal(moved.face[0].point, raw.face[0].point, 98 * sizeof *want);
    /* Smoothing does not hold the points back when the offset comes. */
    assert_int_equal(wt_tracker_track(smooth, &clip_frame->image, 0, &moved), WT_OK);
    assert_int_equal(wt_tracker_track(smooth, &clip_frame->image, 40000, &moved), WT_OK);
    assert_int_equal(wt_tracker_set_offset(smooth, offset), WT_OK);
    assert_int_equal(wt_tracker_track(smooth, &clip_frame->image, 80000, &moved), WT_OK);
    assert_true(fabsf(moved.face[0].point[50].x - raw.face[0].point[50].x) > 3);
    wt_offset_unref(&offset);
    wt_offset_unref(&other);
    wt_tracker_destroy(&smooth);
    wt_tracker_destroy(&plain);
    wt_tracker_destroy(&tracker);
    wt_result_fini(&raw);
    wt_result_fini(&moved);
}

/* Boxes of the two faces do not overlap, and each id keeps its face. */
static void follows_two_faces(void **state)
{
    struct wt_tracker *tracker = create(2, false);
    struct wt_result result = {0};
    uint32_t left = 0, right = 0;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(wt_tracker_track(tracker, &pair_frame->image, i * 40000, &result), WT_OK);
        assert_int_equal(result.faces, 2);
        const int a = result.face[0].point[54].x < result.face[1].point[54].x ? 0 : 1;
        if (i == 0) {
            left = result.face[a].id;
            right = result.face[1 - a].id;
        }
        assert_int_equal(result.face[a].id, left);
        assert_int_equal(result.face[1 - a].id, right);
        assert_true(result.detector_ran == (i == 0));
        const struct wt_box p = wt_points_box(result.face[0].point, 98);
        const struct wt_box q = wt_points_box(result.face[1].point, 98);
        assert_true(wt_box_iou(&p, &q) < 0.1f);
    }
    /* room for one only */
    const struct wt_tracker_options one = {.max_faces = 1};
    assert_int_equal(wt_tracker_configure(tracker, &one), WT_OK);
    assert_int_equal(wt_tracker_track(tracker, &pair_frame->image, 200000, &result), WT_OK);
    assert_int_equal(result.faces, 1);
    wt_result_fini(&result);
    wt_tracker_destroy(&tracker);
}

/* The same answers whether faces go through the network one at a time or together. */
static void batch_does_not_matter(void **state)
{
    struct wt_model *single = NULL;
    struct wt_tracker *a = create(2, false), *b = NULL;
    struct wt_result ra = {0}, rb = {0};
    const struct wt_tracker_options options = {.max_faces = 2};
    assert_int_equal(wt_model_open(&single, weights_path(), NULL), WT_OK);
    assert_int_equal(wt_tracker_create(&b, single, &options), WT_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(wt_tracker_track(a, &pair_frame->image, i * 40000, &ra), WT_OK);
        assert_int_equal(wt_tracker_track(b, &pair_frame->image, i * 40000, &rb), WT_OK);
        assert_int_equal(ra.faces, 2);
        assert_int_equal(rb.faces, 2);
        for (int f = 0; f < 2; f++)
            for (int k = 0; k < 98; k++) {
                assert_float_equal(ra.face[f].point[k].x, rb.face[f].point[k].x, 0.05);
                assert_float_equal(ra.face[f].point[k].y, rb.face[f].point[k].y, 0.05);
            }
    }
    wt_result_fini(&ra);
    wt_result_fini(&rb);
    wt_tracker_destroy(&a);
    wt_tracker_destroy(&b);
    wt_model_close(&single);
}

/* Every map's peak lies where its point is, through the face's own map into the crop; that holds
 * for faces just found and for faces followed, and the storage stays where it is. */
static void maps_belong_to_the_points(void **state)
{
    struct wt_tracker *tracker = create(2, true);
    struct wt_result result = {0};
    const float *storage = NULL;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(wt_tracker_track(tracker, &pair_frame->image, i * 40000, &result), WT_OK);
        assert_int_equal(result.faces, 2);
        assert_true(i == 0 || storage == result.storage);
        storage = result.storage;
        for (int f = 0; f < 2; f++) {
            const struct wt_face *face = &result.face[f];
            assert_non_null(face->maps);
            for (int k = 0; k < 98; k++) {
                const float *map = face->maps + k * WT_MAP_CELLS_DEFAULT;
                int best = 0;
                for (int cell = 1; cell < WT_MAP_CELLS_DEFAULT; cell++)
                    best = map[cell] > map[best] ? cell : best;
                const struct wt_point q = wt_affine_apply(&face->frame_to_crop, face->point[k]);
                assert_float_equal(q.x, 4 * (best % 64) + 1.5, 8.1);
                assert_float_equal(q.y, 4 * (best / 64) + 1.5, 8.1);
            }
            /* the boundary map is drawn along the jaw */
            const struct wt_point jaw = wt_affine_apply(&face->frame_to_crop, face->point[16]);
            const float *boundary = face->maps + 98 * WT_MAP_CELLS_DEFAULT;
            const int row = (int)lrintf((jaw.y - 1.5f) / 4),
                      column = (int)lrintf((jaw.x - 1.5f) / 4);
            assert_true(boundary[row * 64 + column] > 0.15f);
        }
    }
    wt_result_fini(&result);
    assert_null(result.storage);
    wt_tracker_destroy(&tracker);
}

static void reset_forgets_and_ids_go_on(void **state)
{
    struct wt_tracker *tracker = create(1, false);
    struct wt_result result = {0};
    for (uint32_t id = 1; id <= 3; id++) {
        assert_int_equal(wt_tracker_track(tracker, &clip_frame->image, 0, &result), WT_OK);
        assert_int_equal(result.faces, 1);
        assert_int_equal(result.face[0].id, id);
        assert_true(result.detector_ran);
        wt_tracker_reset(tracker);
    }
    wt_result_fini(&result);
    wt_tracker_destroy(&tracker);
}

/* A window of the clip's frame moves away from the face: it must be given up while it leaves, not
 * followed into the mirror image beyond the border; and come back: as the same one when it was away
 * for less than a second, else as a new one. */
static void leave_and_return(int step_us, bool same)
{
    struct wt_tracker *tracker = create(1, false);
    struct wt_result result = {0};
    int seen_last = -1, seen_again = -1;
    uint32_t first = 0;
    for (int step = 0; step <= 64; step++) {
        const int shift = (step <= 32 ? step : 64 - step) * 13; /* pixels cut off on the left */
        struct wt_image image = clip_frame->image;
        image.data += shift * 3;
        image.width -= shift;
        assert_int_equal(wt_tracker_track(tracker, &image, step * (int64_t)step_us, &result),
                         WT_OK);
        if (step == 0)
            first = result.face[0].id;
        if (step <= 32 && result.faces)
            seen_last = step;
        if (step > 32 && result.faces && seen_again < 0)
            seen_again = step;
        for (int i = 0; i < result.faces; i++) {
            const struct wt_box b = wt_points_box(result.face[i].point, 98);
            assert_true(b.x + b.w > 0 && b.x < (float)image.width);
        }
    }
    print_message("last seen with %d pixels cut off, again with %d\n", seen_last * 13,
                  (64 - seen_again) * 13);
    assert_in_range(seen_last, 10, 30); /* nose at 320: half the face gone at step 24 */
    assert_true(seen_again > 32 && seen_again <= 60);
    assert_int_equal(result.faces, 1);
    if (same)
        assert_int_equal(result.face[0].id, first);
    else
        assert_true(result.face[0].id > first);
    wt_result_fini(&result);
    wt_tracker_destroy(&tracker);
}

static void face_leaves_the_frame_and_returns(void **state)
{
    leave_and_return(40000, true);
    leave_and_return(200000, false);
}

static void hostile_frames(void **state)
{
    static uint8_t noise[480 * 640 * 3];
    struct wt_tracker *tracker = create(WT_FACES_MAX, true);
    struct wt_result result = {0};
    for (size_t i = 0; i < sizeof(noise); i++)
        noise[i] = (uint8_t)(rand() >> 9);
    static const struct {
        int w, h, stride;
        enum wt_pixel format;
    } frames[] = {{1, 1, 3, WT_PIXEL_BGR24},       {640, 480, 1920, WT_PIXEL_RGB24},
                  {1, 480, 1920, WT_PIXEL_BGR24},  {640, 1, 1920, WT_PIXEL_BGR24},
                  {640, 480, 640, WT_PIXEL_GRAY8}, {2, 2, 1920, WT_PIXEL_GRAY8}};
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        /* with a face followed into it, and again without */
        assert_int_equal(wt_tracker_track(tracker, &clip_frame->image, 0, &result), WT_OK);
        for (int again = 0; again < 2; again++) {
            const struct wt_image image = {noise, frames[i].w, frames[i].h, frames[i].stride,
                                           frames[i].format};
            assert_int_equal(wt_tracker_track(tracker, &image, 0, &result), WT_OK);
            assert_int_equal(result.faces, 0);
            wt_tracker_reset(tracker);
        }
    }
    const struct wt_image empty = {noise, 0, 480, 1920, WT_PIXEL_BGR24};
    const struct wt_image none = {NULL, 640, 480, 1920, WT_PIXEL_BGR24};
    const struct wt_image large = {noise, 16385, 1, 16385 * 3, WT_PIXEL_BGR24};
    result.faces = 3;
    assert_one_line(WT_ERR_ARGUMENT, wt_tracker_track(tracker, &empty, 0, &result));
    assert_int_equal(result.faces, 0);
    assert_one_line(WT_ERR_ARGUMENT, wt_tracker_track(tracker, &none, 0, &result));
    assert_one_line(WT_ERR_ARGUMENT, wt_tracker_track(tracker, &large, 0, &result));
    /* and it still works */
    assert_int_equal(wt_tracker_track(tracker, &clip_frame->image, 0, &result), WT_OK);
    assert_int_equal(result.faces, 1);
    wt_result_fini(&result);
    wt_tracker_destroy(&tracker);
}

/* A grey picture of the same face gives nearly the same points. */
static void grey_frames(void **state)
{
    static uint8_t grey[480 * 640];
    struct wt_tracker *tracker = create(1, false);
    struct wt_result colour = {0}, result = {0};
    const struct wt_image *image = &clip_frame->image;
    for (int y = 0; y < 480; y++)
        for (int x = 0; x < 640; x++) {
            const uint8_t *p = image->data + y * image->stride + x * 3;
            grey[y * 640 + x] = (uint8_t)((p[0] * 29 + p[1] * 150 + p[2] * 77) >> 8);
        }
    const struct wt_image as_grey = {grey, 640, 480, 640, WT_PIXEL_GRAY8};
    assert_int_equal(wt_tracker_track(tracker, image, 0, &colour), WT_OK);
    wt_tracker_reset(tracker);
    assert_int_equal(wt_tracker_track(tracker, &as_grey, 0, &result), WT_OK);
    assert_int_equal(result.faces, 1);
    double sum = 0;
    for (int k = 0; k < 98; k++)
        sum += hypot(result.face[0].point[k].x - colour.face[0].point[k].x,
                     result.face[0].point[k].y - colour.face[0].point[k].y);
    assert_true(sum / 98 < 4); /* eyes are 138 apart */
    wt_result_fini(&colour);
    wt_result_fini(&result);
    wt_tracker_destroy(&tracker);
}

/* Noise on a still face: the filter must take most of the jitter away and not move the face. */
static void smoothing_calms_a_still_face(void **state)
{
    static uint8_t noisy[480 * 640 * 3];
    double jitter[2] = {0};
    struct wt_point mean[2] = {{0, 0}, {0, 0}};
    for (int smooth = 0; smooth < 2; smooth++) {
        struct wt_tracker *tracker = NULL;
        struct wt_result result = {0};
        struct wt_point last[98] = {{0, 0}};
        const struct wt_tracker_options options = {.smooth = smooth == 1};
        assert_int_equal(wt_tracker_create(&tracker, model, &options), WT_OK);
        srand(1);
        for (int i = 0; i < 25; i++) {
            for (int y = 0; y < 480; y++)
                for (int x = 0; x < 640 * 3; x++) {
                    const int v = clip_frame->image.data[y * clip_frame->image.stride + x] +
                                  (rand() >> 8) % 41 - 20;
                    noisy[y * 1920 + x] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
                }
            const struct wt_image image = {noisy, 640, 480, 1920, WT_PIXEL_BGR24};
            assert_int_equal(wt_tracker_track(tracker, &image, i * 33333, &result), WT_OK);
            assert_int_equal(result.faces, 1);
            for (int k = 0; k < 98; k++) {
                const struct wt_point p = result.face[0].point[k];
                if (i >= 10)
                    jitter[smooth] += hypot(p.x - last[k].x, p.y - last[k].y) / (98 * 15);
                mean[smooth].x += p.x / (98 * 25);
                mean[smooth].y += p.y / (98 * 25);
                last[k] = p;
            }
        }
        wt_result_fini(&result);
        wt_tracker_destroy(&tracker);
    }
    print_message("pixels from frame to frame: %.3f raw, %.3f smoothed\n", jitter[0], jitter[1]);
    assert_true(jitter[1] < 0.6 * jitter[0]);
    assert_float_equal(mean[0].x, mean[1].x, 0.5);
    assert_float_equal(mean[0].y, mean[1].y, 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(describes_the_model),
        cmocka_unit_test(refuses_wrong_use),
        cmocka_unit_test(offsets_move_points_alone),
        cmocka_unit_test(follows_two_faces),
        cmocka_unit_test(batch_does_not_matter),
        cmocka_unit_test(maps_belong_to_the_points),
        cmocka_unit_test(reset_forgets_and_ids_go_on),
        cmocka_unit_test(face_leaves_the_frame_and_returns),
        cmocka_unit_test(hostile_frames),
        cmocka_unit_test(grey_frames),
        cmocka_unit_test(smoothing_calms_a_still_face),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
