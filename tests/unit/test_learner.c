/* Learning in the background, as the window calls it: to its end, watched and stopped from another
 * thread at any moment; and corrections that are wrong on purpose, which are refused, or, forced
 * in, do not get into the network. Meant for ThreadSanitizer too. */
#include "support.h"

#include <math.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "data/faces_frames.h"
#include "input/source.h"
#include "teach/learner.h"
#include "teach/profile_figures.h"
#include "track/model_internal.h"

/* Under the thread sanitizer, where a network is fifty times slower, the threads do the same work
 * on less of it, and what learns has the same layers, but 16 channels. */
#ifdef __SANITIZE_THREAD__
enum { SLOW = true, LAYERS = 1, RENDERED = 2, FIRST_STOP = 1, STOPS = 4 };
#define NETWORK "tests/program/small.safetensors"
#else
enum { SLOW = false, LAYERS = 3, RENDERED = 6, FIRST_STOP = 0, STOPS = 6 };
#define NETWORK "assets/wingtip-98-fast.safetensors"
#endif
enum { FACES = 4, APART = 12, POINTS = 98 };

static char folder[256], assets[300];
static struct wt_profile_store store;
static struct wt_frame *frame[FACES];
static struct wt_point found[FACES][POINTS];
static const struct wt_profile_run run = {.model = "wingtip-98-fast", .threads = 2};

/* ---- data ---------------------------------------------------------------------------------- */

/* A few lines of a bundled list, with pictures by their whole path. */
static void shorten(const char *list)
{
    char path[1300], from[1200];
    static char line[9000];
    snprintf(path, sizeof path, "%s/%s", source_path("assets/teach", from, sizeof from), list);
    FILE *in = fopen(path, "r");
    snprintf(path, sizeof path, "%s/teach/%s", assets, list);
    FILE *out = fopen(path, "w");
    assert_true(in && out);
    for (int n = 0; n < RENDERED && fgets(line, sizeof line, in);)
        if (line[0] != '#' && n++ < RENDERED)
            fprintf(out, "%s/%s", source_path("assets/teach", from, sizeof from), line);
    fclose(in);
    fclose(out);
}

static void make_assets(void)
{
    char path[600], from[600];
    snprintf(assets, sizeof assets, "%s/assets", folder);
    assert_int_equal(mkdir(assets, 0700), 0);
    snprintf(path, sizeof path, "%s/teach", assets);
    assert_int_equal(mkdir(path, 0700), 0);
    shorten("guard.txt");
    shorten("replay.txt");
    snprintf(path, sizeof path, "%s/wingtip-98-fast.safetensors", assets);
    assert_int_equal(symlink(source_path(NETWORK, from, sizeof from), path), 0);
    setenv("WINGTIP_ASSETS", assets, 1);
}

static void find_faces(void)
{
    char path[600], detector[600];
    struct wt_source *source = NULL;
    struct wt_model *model = NULL;
    struct wt_tracker *tracker = NULL;
    /* OpenCV's cascades have threads of their own, which the thread sanitizer does not see meet. */
    const struct wt_tracker_options options = {
        .max_faces = 1,
        .detector = source_path("assets/wingtip-detector.safetensors", detector, sizeof detector)};
    struct wt_result r = {0};
    const struct wt_source_spec spec = {.input = source_path("assets/demo.mp4", path, sizeof path)};
    assert_int_equal(wt_source_open(&source, &spec), WT_OK);
    assert_int_equal(
        wt_model_open(&model, source_path("assets/wingtip-98-fast.safetensors", path, sizeof path),
                      NULL),
        WT_OK);
    assert_int_equal(wt_tracker_create(&tracker, model, &options), WT_OK);
    for (int i = 0; i < FACES * APART; i++) {
        struct wt_frame *f = NULL;
        assert_int_equal(wt_source_read(source, &f), WT_OK);
        if (i % APART == 0) {
            assert_int_equal(wt_tracker_track(tracker, &f->image, i * 40000, &r), WT_OK);
            assert_int_equal(r.faces, 1);
            memcpy(found[i / APART], r.face[0].point, sizeof found[0]);
            frame[i / APART] = wt_frame_ref(f);
        }
        wt_frame_unref(&f);
    }
    wt_result_fini(&r);
    wt_tracker_destroy(&tracker);
    wt_model_close(&model);
    wt_source_close(&source);
}

static int setup(void **state)
{
    scratch_folder(folder, sizeof folder);
    make_assets();
    find_faces();
    char path[600];
    snprintf(path, sizeof path, "%s/profiles", folder);
    return wt_profile_store_init(&store, path);
}

static int teardown(void **state)
{
    for (int i = 0; i < FACES; i++)
        wt_frame_unref(&frame[i]);
    return remove_folder(folder);
}

enum how { LOWER, HIGHER, MIRRORED, SHUFFLED };

/* Corrections of frames first..: by 4 pixels; or wrong: the points' order from right to left; each
 * the next but some. */
static enum wt_status add(const char *name, int first, int count, enum how how, bool force)
{
    struct wt_point point[FACES][POINTS];
    struct wt_face_in_frame face[FACES];
    struct wt_profile_run with = run;
    const uint8_t *flip = wt_scheme_get(POINTS)->flip;
    with.force = force;
    for (int i = 0; i < count; i++) {
        for (int k = 0; k < POINTS; k++) {
            const int from = how == MIRRORED ? flip[k] : how == SHUFFLED ? (k * 37 + 11) % 98 : k;
            point[i][k] = found[first + i][from];
            point[i][k].y += how == LOWER ? 4 : how == HIGHER ? -12 : 0;
        }
        face[i] = (struct wt_face_in_frame){&frame[first + i]->image, point[i], POINTS};
    }
    return wt_profile_add(&store, name, &with, face, (size_t)count);
}

static struct wt_profile *open_profile(const char *name)
{
    struct wt_profile *p = NULL;
    assert_int_equal(wt_profile_open(&p, &store, name), WT_OK);
    return p;
}

/* ---- learning ------------------------------------------------------------------------------ */

static struct wt_learner *begin(const char *name, enum wt_tune_layers layers, int steps)
{
    struct wt_learner *l = NULL;
    struct wt_learner_options o = wt_learner_defaults();
    o.store = &store;
    o.name = name;
    o.seconds = 0;
    o.steps = steps;
    o.layers = layers;
    o.threads = 2;
    o.nice = 0;
    assert_int_equal(wt_learner_start(&l, &o), WT_OK);
    return l;
}

/* Watches until it is over; what it says then. */
static struct wt_learner_progress watch(struct wt_learner *l)
{
    struct wt_learner_progress p;
    int step = 0;
    for (;;) {
        wt_learner_progress(l, &p);
        assert_true(p.step >= step && p.points >= 0 && p.points <= WT_LEARNER_POINTS);
        step = p.step;
        if (wt_learner_over(p.state))
            return p;
        usleep(1000);
    }
}

static void test_to_the_end(void **state)
{
    static const enum wt_tune_layers layers[] = {WT_TUNE_LAST, WT_TUNE_STACK, WT_TUNE_ALL};
    for (int i = 0; i < LAYERS; i++) {
        assert_int_equal(add("me", 0, FACES, LOWER, false), WT_OK);
        struct wt_learner *l = begin("me", layers[i], 3);
        const struct wt_learner_progress p = watch(l);
        assert_int_equal(wt_learner_end(&l), WT_OK);
        assert_null(l);
        assert_true(p.state == WT_LEARNER_KEPT || p.state == WT_LEARNER_TAKEN_BACK);
        assert_true(p.message[0] && p.step == 3 && p.points >= 2 && isfinite(p.loss));
        assert_true(p.before > 0 && p.error > 0 && p.guard > 0 && p.guard_before > 0);
        assert_true(p.drift >= 0 && p.drift < 5 && p.faces_a_second > 0);
        struct wt_profile *profile = open_profile("me");
        assert_int_equal(profile->learned, p.state == WT_LEARNER_KEPT);
        assert_true(strstr(profile->base.text, assets) != NULL);
        wt_profile_close(&profile);
        assert_int_equal(wt_profile_delete(&store, "me"), WT_OK);
    }
}

/* Stopped at once, while it reads, and later; ended without a word. The first is what the third is.
 */
static void test_stop(void **state)
{
    assert_int_equal(add("me", 0, FACES, LOWER, false), WT_OK);
    for (int i = FIRST_STOP; i < STOPS; i++) {
        struct wt_learner *l = begin("me", WT_TUNE_LAST, 1000000);
        struct wt_learner_progress p;
        do {
            wt_learner_progress(l, &p);
            usleep(500);
        } while (p.step < i - 2);
        if (i % 2) {
            wt_learner_stop(l);
            p = watch(l);
            assert_true(p.stopped && p.state != WT_LEARNER_FAILED);
        }
        assert_int_equal(wt_learner_end(&l), WT_OK);
        struct wt_profile *profile = open_profile("me");
        assert_int_equal(profile->truth.count, FACES);
        wt_profile_close(&profile);
    }
    assert_int_equal(wt_profile_delete(&store, "me"), WT_OK);
}

/* Corrections are added, and the profile is deleted, while it learns. */
static void test_changes_meanwhile(void **state)
{
    struct log_capture log;
    assert_int_equal(add("me", 0, 3, LOWER, false), WT_OK);
    struct wt_learner *l = begin("me", WT_TUNE_LAST, 2);
    assert_int_equal(add("me", 3, 1, LOWER, false), WT_OK);
    watch(l);
    assert_int_equal(wt_learner_end(&l), WT_OK);
    struct wt_profile *p = open_profile("me");
    assert_int_equal(p->truth.count, 4);
    wt_profile_close(&p);
    struct wt_learner_progress now;
    l = begin("me", WT_TUNE_LAST, 1000000);
    do {
        wt_learner_progress(l, &now);
        usleep(500);
    } while (now.step < 1);
    assert_int_equal(wt_profile_delete(&store, "me"), WT_OK);
    log_capture_start(&log);
    wt_learner_stop(l);
    now = watch(l);
    assert_int_equal(now.state, WT_LEARNER_FAILED);
    assert_int_equal(wt_learner_end(&l), WT_ERR_ARGUMENT);
    assert_int_equal(log.errors, 1);
    assert_false(wt_profile_exists(&store, "me")); /* it does not come back */
}

static void test_few(void **state)
{
    assert_int_equal(add("me", 0, 2, LOWER, false), WT_OK);
    struct wt_learner *l = begin("me", WT_TUNE_LAST, 2);
    const struct wt_learner_progress p = watch(l);
    assert_int_equal(p.state, WT_LEARNER_TAKEN_BACK);
    assert_non_null(strstr(p.message, "2 corrected faces"));
    assert_int_equal(wt_learner_end(&l), WT_OK);
    assert_int_equal(wt_profile_delete(&store, "me"), WT_OK);
}

static void test_refused(void **state)
{
    struct log_capture log;
    struct wt_learner *l = NULL;
    struct wt_learner_options o = wt_learner_defaults();
    o.store = &store;
    o.name = "nobody";
    o.threads = 65;
    log_capture_start(&log);
    assert_int_equal(wt_learner_start(&l, &o), WT_ERR_ARGUMENT);
    assert_null(l);
    assert_int_equal(wt_learner_end(&l), WT_OK);
    assert_int_equal(log.errors, 1);
    log_capture_start(&log);
    l = begin("nobody", WT_TUNE_LAST, 1);
    assert_int_equal(watch(l).state, WT_LEARNER_FAILED);
    assert_int_equal(wt_learner_end(&l), WT_ERR_ARGUMENT);
    assert_int_equal(log.errors, 1);
}

static bool at_once(void *user)
{
    ++*(int *)user;
    return true;
}

/* A window that closes does not wait for the end of a long list. */
static void test_measuring_is_given_up(void **state)
{
    struct log_capture log;
    struct wt_profile_figure all, none;
    int asked = 0;
    struct wt_profile_run leaves = run;
    leaves.give_up = at_once;
    leaves.user = &asked;
    assert_int_equal(add("me", 0, 3, LOWER, false), WT_OK);
    struct wt_profile *p = open_profile("me");
    log_capture_start(&log);
    assert_int_equal(wt_profile_measure_list(p, &run, &p->truth, &all), WT_OK);
    assert_true(all.faces == 3 && all.network.nme > 0);
    assert_int_equal(wt_profile_measure_list(p, &leaves, &p->truth, &none), WT_END);
    assert_int_equal(wt_profile_measure_guard(p, &leaves, &none), WT_END);
    assert_int_equal(asked, 2);
    assert_int_equal(log.errors, 0);
    wt_profile_close(&p);
    assert_int_equal(wt_profile_delete(&store, "me"), WT_OK);
}

/* ---- wrong on purpose ---------------------------------------------------------------------- */

static double error_of(const char *name, size_t *count)
{
    struct wt_profile *p = open_profile(name);
    struct wt_profile_figure own;
    assert_int_equal(wt_profile_measure_own(p, &run, &own), WT_OK);
    *count = p->truth.count;
    wt_profile_close(&p);
    return own.corrected.nme;
}

static void test_wrong_corrections(void **state)
{
    static const struct {
        enum how how;
        const char *word;
    } wrong[] = {
        {MIRRORED, "another order"}, {SHUFFLED, "another order"}, {HIGHER, "earlier ones worse"}};
    size_t count = 0;
    if (SLOW) /* as below */
        skip();
    assert_int_equal(add("me", 0, 3, LOWER, false), WT_OK);
    const double before = error_of("me", &count);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct log_capture log;
        log_capture_start(&log);
        assert_int_equal(add("me", 3, 1, wrong[i].how, false), WT_ERR_ARGUMENT);
        if (log.errors != 1 || !strstr(log.last, wrong[i].word))
            fail_msg("case %zu: %d lines, the last: %s", i, log.errors, log.last);
        assert_true(error_of("me", &count) == before);
        assert_int_equal(count, 3);
        log_capture_start(&log); /* also as the first ones, but for those that may be meant */
        if (wrong[i].how != HIGHER)
            assert_int_equal(add("new", 0, 1, wrong[i].how, false), WT_ERR_ARGUMENT);
        assert_false(wt_profile_exists(&store, "new"));
    }
    assert_int_equal(wt_profile_delete(&store, "me"), WT_OK);
}

/* Forced in, they do not get into the network: other faces would move, or nothing gets better. */
static void test_wrong_learning(void **state)
{
    static const enum how wrong[] = {MIRRORED, SHUFFLED};
    if (SLOW) /* no thread does anything new here */
        skip();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct wt_learner_options o = wt_learner_defaults();
        struct wt_learner *l = NULL;
        assert_int_equal(add("bad", 0, FACES, wrong[i], true), WT_OK);
        o.store = &store;
        o.name = "bad";
        o.seconds = 0;
        o.steps = 24;
        o.rate = 0.02; /* enough to spoil a network */
        o.nice = 0;
        o.threads = 2;
        assert_int_equal(wt_learner_start(&l, &o), WT_OK);
        const struct wt_learner_progress p = watch(l);
        assert_int_equal(wt_learner_end(&l), WT_OK);
        print_message("wrong %zu: %s; drift %.2f %%\n", i, p.message, p.drift);
        assert_int_equal(p.state, WT_LEARNER_TAKEN_BACK);
        assert_non_null(strstr(p.message, "taken back"));
        assert_true(p.drift > WT_LEARNER_DRIFT);
        struct wt_profile *profile = open_profile("bad");
        assert_false(profile->learned);
        wt_profile_close(&profile);
        assert_int_equal(wt_profile_delete(&store, "bad"), WT_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_to_the_end),        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_changes_meanwhile), cmocka_unit_test(test_few),
        cmocka_unit_test(test_refused),           cmocka_unit_test(test_measuring_is_given_up),
        cmocka_unit_test(test_wrong_corrections), cmocka_unit_test(test_wrong_learning),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
