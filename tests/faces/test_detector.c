/* Boxes alone, before any network: recall on photographs and what the interface promises; and what
 * the tracker makes of the cascades' boxes. */
#include "base/clock.h"
#include "capture.h"

#include <math.h>

#include "data/dataset.h"
#include "face/picture.h"
#include "measure/metrics.h"
#include "support.h"
#include "track/detector.h"
#include "track/frame_detector.h"

#define WEIGHTS "assets/wingtip-detector.safetensors"
#define FREE "assets/wingtip-detector-free.safetensors" /* has seen rendered faces only */

enum { FACES_MAX = 192 }; /* known ones, labelled or not */

static struct wt_detector *detector;
static char photos[4096];

/* haar, and our network */
static int setup(void **state)
{
    return wt_detector_create(&detector, NULL, NULL) == WT_OK ? 0 : -1;
}

static int setup_net_at(const char *weights, enum wt_precision precision)
{
    const struct wt_detector_options with = {
        .threads = 2, .level = wt_cpu_get()->level, .precision = precision};
    char path[4096];
    return wt_detector_create(&detector, source_path(weights, path, sizeof path), &with);
}

static int setup_net(void **state)
{
    return setup_net_at(WEIGHTS, WT_PRECISION_F32);
}

static int setup_int8(void **state)
{
    return setup_net_at(WEIGHTS, WT_PRECISION_INT8);
}

static int setup_free(void **state)
{
    return setup_net_at(FREE, WT_PRECISION_F32);
}

static int setup_free_int8(void **state)
{
    return setup_net_at(FREE, WT_PRECISION_INT8);
}

static int teardown(void **state)
{
    wt_detector_destroy(&detector);
    assert_null(detector);
    wt_detector_destroy(&detector);
    return 0;
}

static struct wt_box square_around(const struct wt_sample *s)
{
    const struct wt_box b = wt_points_box(s->point, s->points);
    const float side = (b.w + b.h) / 2;
    return (struct wt_box){b.x + b.w / 2 - side / 2, b.y + b.h / 2 - side / 2, side, side};
}

/* tests/faces/unlabelled.txt */
struct known_face {
    char file[96];
    struct wt_box box;
};

static int read_unlabelled(struct known_face *known, int max)
{
    char path[4096], line[256];
    FILE *f = fopen(source_path("tests/faces/unlabelled.txt", path, sizeof path), "r");
    int n = 0;
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        struct known_face *k = &known[n];
        if (line[0] == '#')
            continue;
        assert_true(n < max);
        assert_int_equal(sscanf(line, "%95s %f %f %f", k->file, &k->box.x, &k->box.y, &k->box.w),
                         4);
        k->box.h = k->box.w;
        n++;
    }
    fclose(f);
    return n;
}

/* All faces that a photograph is known to have, labelled (first..end - 1 of the list) or not. */
static int faces_of(const struct wt_dataset *data, size_t first, size_t end, struct wt_box *face)
{
    static struct known_face known[FACES_MAX];
    static int count;
    const char *slash = strrchr(data->sample[first].image, '/');
    const char *file = slash ? slash + 1 : data->sample[first].image;
    int faces = 0;
    if (!count)
        count = read_unlabelled(known, FACES_MAX);
    assert_true(end - first + (size_t)count <= FACES_MAX);
    for (size_t i = first; i < end; i++)
        face[faces++] = square_around(&data->sample[i]);
    for (int i = 0; i < count; i++)
        if (strcmp(known[i].file, file) == 0)
            face[faces++] = known[i].box;
    return faces;
}

/* Boxes on faces, one each; `wrong` grows by those on none, or on one that has a better box. */
static int on_faces(const struct wt_dataset *data, size_t first, size_t end,
                    const struct wt_detection *found, int n, int *wrong)
{
    struct wt_box face[FACES_MAX];
    bool has_box[FACES_MAX] = {false};
    const int faces = faces_of(data, first, end, face);
    int on = 0;
    for (int k = 0; k < n; k++) {
        float best = 0;
        int whose = 0;
        for (int i = 0; i < faces; i++) {
            const float overlap = wt_box_iou(&face[i], &found[k].box);
            if (overlap > best) {
                best = overlap;
                whose = i;
            }
        }
        if (best < 0.3f || has_box[whose]) {
            (*wrong)++;
            continue;
        }
        has_box[whose] = true;
        on++;
    }
    return on;
}

/* ---- the tracker, on boxes that were just found ---- */

enum { BOXES_MAX = 64 };

/* Cascades take half a second a photograph. The tracker would call them with the same arguments
 * again, and gets what they have found. */
static struct {
    bool open;
    int n, taken;
    struct wt_detection box[BOXES_MAX];
} found_before;

enum wt_status __real_wt_detector_find(struct wt_detector *with, const struct wt_image *image,
                                       int min_side, struct wt_detection *out, int max, int *n);

enum wt_status __wrap_wt_detector_find(struct wt_detector *with, const struct wt_image *image,
                                       int min_side, struct wt_detection *out, int max, int *n);

enum wt_status __wrap_wt_detector_find(struct wt_detector *with, const struct wt_image *image,
                                       int min_side, struct wt_detection *out, int max, int *n)
{
    if (!found_before.open)
        return __real_wt_detector_find(with, image, min_side, out, max, n);
    assert_null(wt_detector_network(with));
    assert_int_equal(min_side, 0);
    assert_int_equal(max, BOXES_MAX);
    memcpy(out, found_before.box, (size_t)found_before.n * sizeof *out);
    *n = found_before.n;
    found_before.taken++;
    return WT_OK;
}

struct tracking {
    struct wt_model *model;
    struct wt_tracker *tracker;
    struct wt_result result;
    int found;
    double sum;
};

static void open_tracking(struct tracking *t)
{
    const struct wt_tracker_options options = {.max_faces = WT_FACES_MAX};
    char path[4096];
    *t = (struct tracking){0};
    found_before.taken = 0;
    assert_int_equal(wt_model_open(&t->model,
                                   source_path("assets/wingtip-98.safetensors", path, sizeof path),
                                   NULL),
                     WT_OK);
    assert_int_equal(wt_tracker_create(&t->tracker, t->model, &options), WT_OK);
}

static void close_tracking(struct tracking *t)
{
    wt_result_fini(&t->result);
    wt_tracker_destroy(&t->tracker);
    wt_model_close(&t->model);
}

static void track_photograph(struct tracking *t, const struct wt_image *image,
                             const struct wt_detection *box, int n)
{
    memcpy(found_before.box, box, (size_t)n * sizeof *box);
    found_before.n = n;
    found_before.open = true;
    wt_tracker_reset(t->tracker);
    assert_int_equal(wt_tracker_track(t->tracker, image, 0, &t->result), WT_OK);
    found_before.open = false;
}

/* Best NME of any face that the tracker found, for a truth of 98 or 68 points. */
static void note_best(struct tracking *t, const struct wt_sample *sample)
{
    double best = INFINITY;
    struct wt_point p[WT_POINTS_MAX];
    for (int i = 0; i < t->result.faces; i++) {
        assert_int_equal(wt_points_convert(t->result.face[i].point, 98, p, sample->points), WT_OK);
        best = fmin(best, wt_nme(sample->point, p, wt_scheme_get(sample->points), WT_NORM_OCULAR));
    }
    if (best < 20) {
        t->found++;
        t->sum += best;
    }
}

/* ---- photographs ---- */

/* What may be asked of a detector: share of the labelled faces found, how many of all known ones,
 * and boxes that are wrong. */
static void look_at_photographs(double share, int least, int most_wrong, struct tracking *tracking)
{
    struct wt_dataset data;
    struct wt_picture picture = {0};
    struct wt_detection found[BOXES_MAX];
    int n = 0, boxes = 0, on = 0, wrong = 0, pictures = 0;
    size_t hits = 0;
    double spent = 0;
    assert_int_equal(wt_dataset_open(&data, photos), WT_OK);
    for (size_t i = 0; i < data.count; i++) {
        if (i == 0 || strcmp(data.sample[i].image, data.sample[i - 1].image) != 0) {
            wt_picture_fini(&picture);
            assert_int_equal(wt_picture_read(&picture, data.sample[i].image), WT_OK);
            const double start = wt_now_s();
            assert_int_equal(wt_detector_find(detector, &picture.image, 0, found, BOXES_MAX, &n),
                             WT_OK);
            spent += wt_now_s() - start;
            if (tracking)
                track_photograph(tracking, &picture.image, found, n);
            boxes += n;
            pictures++;
            size_t end = i + 1;
            while (end < data.count && strcmp(data.sample[end].image, data.sample[i].image) == 0)
                end++;
            on += on_faces(&data, i, end, found, n, &wrong);
            for (int k = 1; k < n; k++)
                assert_true(found[k].score <= found[k - 1].score);
        }
        const struct wt_box truth = square_around(&data.sample[i]);
        float best = 0;
        for (int k = 0; k < n; k++)
            best = fmaxf(best, wt_box_iou(&truth, &found[k].box));
        hits += best >= 0.4f;
        if (tracking)
            note_best(tracking, &data.sample[i]);
    }
    print_message("%zu of %zu labelled faces (%.1f %%) in %d photographs; %d boxes, %d of them on "
                  "known faces, %d on none or a second one; %.0f ms each\n",
                  hits, data.count, 100.0 * (double)hits / (double)data.count, pictures, boxes, on,
                  wrong, 1000 * spent / pictures);
    assert_true(data.count >= 90);
    assert_true((double)hits >= share * (double)data.count);
    assert_true(on >= least);
    assert_true(wrong <= most_wrong);
    assert_true(!tracking || found_before.taken == pictures);
    wt_picture_fini(&picture);
    wt_dataset_fini(&data);
}

static void cascades_find_faces_in_photographs_and_so_does_the_tracker(void **state)
{
    struct tracking t;
    open_tracking(&t);
    look_at_photographs(0.85, 112, 18, &t);
    print_message("tracker: %d of these faces, NME %.2f\n", t.found, t.sum / t.found);
    assert_true(t.found >= 80); /* of 93 */
    assert_true(t.sum / t.found < 5);
    close_tracking(&t);
}

static void net_finds_faces_in_photographs(void **state)
{
    look_at_photographs(0.97, 154, 3, NULL);
}

static void int8_finds_the_same(void **state)
{
    assert_string_equal(wt_frame_detector_info(wt_detector_network(detector)).precision, "int8");
    look_at_photographs(0.97, 154, 3, NULL);
}

static void of_rendered_faces_finds_more_than_cascades(void **state)
{
    look_at_photographs(0.94, 127, 9, NULL);
}

static void edges(void **state)
{
    static uint8_t data[300 * 300 * 3];
    static const int sizes[][2] = {{1, 1}, {19, 300}, {20, 20}, {300, 1}, {21, 300}, {300, 300}};
    struct wt_detection found[4];
    int n;
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(rand() >> 7);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (int format = WT_PIXEL_BGR24; format <= WT_PIXEL_GRAY8; format++) {
            const struct wt_image image = {data, sizes[i][0], sizes[i][1], 900,
                                           (enum wt_pixel)format};
            assert_int_equal(wt_detector_find(detector, &image, 0, found, 4, &n), WT_OK);
            assert_in_range(n, 0, 4);
            assert_int_equal(wt_detector_find(detector, &image, 1 << 30, found, 4, &n), WT_OK);
            assert_int_equal(n, 0);
            assert_int_equal(wt_detector_find(detector, &image, 0, found, 0, &n), WT_OK);
            assert_int_equal(n, 0);
        }
    }
    const struct wt_image empty = {data, 0, 10, 900, WT_PIXEL_BGR24};
    assert_one_line(WT_ERR_ARGUMENT, wt_image_check(&empty));
}

static void missing_cascades(void **state)
{
    struct wt_detector *none = NULL;
    setenv("WINGTIP_HAAR_DIR", capture.folder, 1);
    assert_one_line(WT_ERR_IO, wt_detector_create(&none, "haar", NULL));
    assert_non_null(strstr(capture.log.last, "WINGTIP_HAAR_DIR"));

    /* there, but no cascades */
    static const char *const names[] = {"haarcascade_frontalface_alt2.xml",
                                        "haarcascade_profileface.xml"};
    for (int i = 0; i < 2; i++) {
        FILE *file = fopen(capture_path(names[i]), "w");
        assert_non_null(file);
        fputs("no cascade", file);
        fclose(file);
    }
    assert_one_line(WT_ERR_FORMAT, wt_detector_create(&none, "haar", NULL));
    for (int i = 0; i < 2; i++)
        unlink(capture_path(names[i]));
    unsetenv("WINGTIP_HAAR_DIR");
    assert_one_line(WT_ERR_ARGUMENT, wt_detector_create(&none, "yolo", NULL));
    assert_null(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cascades_find_faces_in_photographs_and_so_does_the_tracker,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(net_finds_faces_in_photographs, setup_net, teardown),
        cmocka_unit_test_setup_teardown(int8_finds_the_same, setup_int8, teardown),
        cmocka_unit_test_setup_teardown(of_rendered_faces_finds_more_than_cascades, setup_free,
                                        teardown),
        cmocka_unit_test_setup_teardown(of_rendered_faces_finds_more_than_cascades, setup_free_int8,
                                        teardown),
        cmocka_unit_test_setup_teardown(edges, setup, teardown),
        cmocka_unit_test_setup_teardown(edges, setup_net, teardown),
        cmocka_unit_test(missing_cascades),
    };
    if (!shared_path("data/photos/photos.txt", photos, sizeof photos))
        return WT_TEST_SKIP;
    return cmocka_run_group_tests(tests, capture_setup, capture_teardown);
}
