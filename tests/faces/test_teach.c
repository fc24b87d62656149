/* Five corrected frames of each person of the demo clip, whose points are exact: what the tracker
 * finds on the other frames is at least 40 per cent nearer, at once. */
#include "support.h"

#include <math.h>

#include "input/source.h"
#include "measure/metrics.h"
#include "teach/profile.h"
#include "track/tracker_offset.h"

enum { FRAMES = 228, PERSONS = 2, POINTS = 98, CORRECTED = 5 };

static struct wt_point truth[FRAMES][PERSONS][POINTS];
static bool there[FRAMES][PERSONS];
static char folder[256];

static bool read_truth(void)
{
    char path[1200], *line = NULL;
    size_t size = 0;
    if (!shared_path("synthetic/demo_points.csv", path, sizeof path))
        return false;
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_true(getline(&line, &size, f) > 0);
    while (getline(&line, &size, f) > 0) {
        char *p;
        const long frame = strtol(line, &p, 10), person = strtol(p + 1, &p, 10);
        assert_true(frame >= 0 && frame < FRAMES && person >= 0 && person < PERSONS);
        for (int i = 0; i < POINTS; i++) {
            truth[frame][person][i].x = strtof(p + 1, &p);
            truth[frame][person][i].y = strtof(p + 1, &p);
        }
        there[frame][person] = true;
    }
    fclose(f);
    free(line);
    return true;
}

/* Five frames spread over those that show the person. */
static bool corrected(int frame, int person)
{
    int before = 0, all = 0;
    for (int i = 0; i < FRAMES; i++) {
        before += there[i][person] && i < frame;
        all += there[i][person];
    }
    for (int k = 0; k < CORRECTED; k++)
        if (before == (2 * k + 1) * all / (2 * CORRECTED))
            return there[frame][person];
    return false;
}

static struct wt_source *open_clip(void)
{
    char path[600];
    struct wt_source *source = NULL;
    const struct wt_source_spec spec = {.input = source_path("assets/demo.mp4", path, sizeof path)};
    assert_int_equal(wt_source_open(&source, &spec), WT_OK);
    return source;
}

static void teach(const struct wt_profile_store *store, const char *model, int person)
{
    const struct wt_profile_run run = {.model = model};
    struct wt_source *source = open_clip();
    struct wt_frame *frame;
    for (int i = 0; i < FRAMES && wt_source_read(source, &frame) == WT_OK; i++) {
        const struct wt_face_in_frame face = {&frame->image, truth[i][person], POINTS};
        if (corrected(i, person))
            assert_int_equal(wt_profile_add(store, "me", &run, &face, 1), WT_OK);
        wt_frame_unref(&frame);
    }
    wt_source_close(&source);
}

/* NME of the tracker on each person's other frames. */
struct nme {
    double of[PERSONS];
};

static struct nme measure(const struct wt_profile *p, struct wt_offset *offset)
{
    char detector[600];
    const struct wt_tracker_options with = {
        .max_faces = 2,
        .detector = source_path("assets/wingtip-detector.safetensors", detector, sizeof detector)};
    struct wt_source *source = open_clip();
    struct wt_model *model = NULL;
    struct wt_tracker *tracker = NULL;
    struct wt_result r = {0};
    struct wt_frame *frame;
    struct nme nme = {0};
    int n[PERSONS] = {0};
    assert_int_equal(wt_model_open(&model, p->weights.text, NULL), WT_OK);
    assert_int_equal(wt_tracker_create(&tracker, model, &with), WT_OK);
    assert_int_equal(wt_tracker_set_offset(tracker, offset), WT_OK);
    for (int i = 0; i < FRAMES && wt_source_read(source, &frame) == WT_OK; i++) {
        assert_int_equal(wt_tracker_track(tracker, &frame->image, frame->time_us, &r), WT_OK);
        for (int person = 0; person < PERSONS; person++) {
            double best = INFINITY;
            for (int k = 0; k < r.faces; k++)
                best = fmin(best, wt_nme(truth[i][person], r.face[k].point, wt_scheme_get(POINTS),
                                         WT_NORM_OCULAR));
            if (there[i][person] && !corrected(i, person) && best < 30) {
                nme.of[person] += best;
                n[person]++;
            }
        }
        wt_frame_unref(&frame);
    }
    for (int person = 0; person < PERSONS; person++) {
        assert_true(n[person] > 120);
        nme.of[person] /= n[person];
    }
    wt_result_fini(&r);
    wt_tracker_destroy(&tracker);
    wt_model_close(&model);
    wt_source_close(&source);
    return nme;
}

static void test_persons(void **state)
{
    static const char *const models[] = {"wingtip-98", "wingtip-98-fast"};
    struct wt_profile_store store;
    assert_int_equal(wt_profile_store_init(&store, folder), WT_OK);
    for (int m = 0; m < 2; m++) {
        struct nme before = {0};
        for (int person = 0; person < PERSONS; person++) {
            struct wt_profile *p = NULL;
            teach(&store, models[m], person);
            assert_int_equal(wt_profile_open(&p, &store, "me"), WT_OK);
            assert_int_equal(p->truth.count, CORRECTED);
            if (person == 0)
                before = measure(p, NULL);
            const double was = before.of[person], is = measure(p, p->offset).of[person];
            print_message("%s, person %d: %.2f %% -> %.2f %%\n", models[m], person, was, is);
            assert_true(is < 0.6 * was && is < 2.6);
            wt_profile_close(&p);
            assert_int_equal(wt_profile_delete(&store, "me"), WT_OK);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_persons)};
    if (!read_truth())
        return WT_TEST_SKIP;
    scratch_folder(folder, sizeof folder);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return remove_folder(folder) || failed;
}
