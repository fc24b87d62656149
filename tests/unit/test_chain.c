/* The real chains of threads, nothing faked: live with source, tracker, search beside it and
 * recorder while the caller changes everything, and while a network is tuned beside it; track with
 * its reader and recorder; pictures that are kept. Meant for ThreadSanitizer; the small network
 * finds the faces that the detector shows it. */
#include <math.h>
#include <pthread.h>

#include "scratch.h"

#include "base/clock.h"
#include "base/cpu.h"
#include "cli/options.h"
#include "face/crop.h"
#include "live/live.h"
#include "net/net.h"
#include "weights/weights.h"
#include "window/screenshot.h"

#define HANGS_US (600 * INT64_C(1000000))

/* Ours: what OpenCV's cascades do on threads of their own is not seen by ThreadSanitizer. */
static char weights[1200], detector[1200];

static struct wt_model *open_model(void)
{
    struct wt_model *model = NULL;
    const struct wt_model_options options = {.threads = 2, .precision = WT_PRECISION_F32};
    assert_int_equal(wt_model_open(&model, weights, &options), WT_OK);
    return model;
}

/* Takes frames until `n` more were tracked. */
static void watch(struct wt_live *live, uint64_t n)
{
    const int64_t until = wt_now_us() + HANGS_US;
    for (const uint64_t to = wt_live_get_status(live).tracked + n;
         wt_live_get_status(live).tracked < to; usleep(2000)) {
        struct wt_tracked_frame *tracked = wt_live_take(live);
        wt_tracked_frame_release(&tracked);
        assert_true(wt_now_us() < until);
    }
}

static void test_live(void **state)
{
    struct wt_live *live = NULL;
    struct wt_source *source = NULL;
    struct wt_live_settings settings = {
        .view = {.landmarks = true, .heatmaps = true}, .faces = 2, .smoothing = 1};
    struct wt_live_recording recording = {.results = true, .content = WT_RECORD_BOTH};
    snprintf(settings.detector.text, sizeof settings.detector.text, "%s", detector);
    const struct wt_source_spec spec = {.input = in_folder("clip.mkv"), .loop = true};
    snprintf(recording.path.text, sizeof recording.path.text, "%s", in_folder("live.mkv"));
    assert_int_equal(wt_source_open(&source, &spec), WT_OK);
    assert_int_equal(wt_live_start(&live, source, open_model(), &settings), WT_OK);
    wt_live_record(live, &recording, true);
    watch(live, 4);
    settings.faces = 1;
    settings.view.boundary = true;
    wt_live_configure(live, &settings);
    watch(live, 2);
    wt_live_use_model(live, open_model());
    watch(live, 2);
    struct wt_model *old = wt_live_take_retired(live);
    assert_non_null(old);
    wt_model_close(&old);
    wt_live_record(live, NULL, false);
    watch(live, 2);
    wt_live_seek(live, 100000);
    watch(live, 2);
    assert_int_equal(wt_live_stop(&live), WT_OK);
    assert_int_equal(access(in_folder("live.mkv"), F_OK), 0);
    assert_int_equal(access(in_folder("live-raw.mkv"), F_OK), 0);
    assert_int_equal(access(in_folder("live.jsonl"), F_OK), 0);
}

static void run_track(char *input, char *output, const char *more)
{
    char csv[400], out[400], detail[40];
    snprintf(csv, sizeof csv, "%s", in_folder("track.csv"));
    snprintf(out, sizeof out, "%s", in_folder(output));
    snprintf(detail, sizeof detail, "%s", more);
    char *words[] = {input,        "--csv",  csv,    "--model",   weights, "--precision", "f32",
                     "--detector", detector, detail, "--threads", "2",     "--output=",   NULL};
    const int count = *output ? 13 : 12;
    char last[500];
    snprintf(last, sizeof last, "--output=%s", out);
    words[12] = last;
    assert_int_equal(wt_command_main(&wt_command_track, count, words), 0);
}

static void test_track(void **state)
{
    char input[400];
    snprintf(input, sizeof input, "%s", in_folder("clip.mkv"));
    run_track(input, "track.mkv", "--heatmaps");
    snprintf(input, sizeof input, "%s", in_folder("pictures"));
    run_track(input, "", "--stills");
}

/* A face that the network has not seen: what matters is that it learns something. */
static void write_list(void)
{
    FILE *f = fopen(in_folder("list.txt"), "w");
    assert_non_null(f);
    fputs("pictures/1.png", f);
    for (int i = 0; i < 98; i++)
        fprintf(f, " %.2f %.2f", 80 + 30 * cos(i * 0.064), 60 + 30 * sin(i * 0.064));
    fputc('\n', f);
    assert_int_equal(fclose(f), 0);
}

static void *tune(void *status)
{
    char list[400], out[400];
    snprintf(list, sizeof list, "%s", in_folder("list.txt"));
    snprintf(out, sizeof out, "%s", in_folder("tuned.safetensors"));
    char *words[] = {"--from",    weights, "--data",      list,  "--guard", list, "--out",   out,
                     "--worse",   "1000",  "--steps",     "2",   "--every", "1",  "--batch", "1",
                     "--threads", "2",     "--precision", "f32", NULL};
    *(int *)status =
        wt_command_main(&wt_command_tune, (int)(sizeof words / sizeof *words) - 1, words);
    return NULL;
}

static void test_tune_beside_live(void **state)
{
    struct wt_live *live = NULL;
    struct wt_source *source = NULL;
    struct wt_live_settings settings = {.faces = 1, .smoothing = 1};
    snprintf(settings.detector.text, sizeof settings.detector.text, "%s", detector);
    const struct wt_source_spec spec = {.input = in_folder("clip.mkv"), .loop = true};
    pthread_t thread;
    int status = -1;
    write_list();
    assert_int_equal(wt_source_open(&source, &spec), WT_OK);
    assert_int_equal(wt_live_start(&live, source, open_model(), &settings), WT_OK);
    watch(live, 1);
    assert_int_equal(pthread_create(&thread, NULL, tune, &status), 0);
    watch(live, 4);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(status, 0);
    watch(live, 1);
    assert_int_equal(wt_live_stop(&live), WT_OK);
    assert_int_equal(access(in_folder("tuned.safetensors"), F_OK), 0);
}

/* The pool's threads in the layers of the fast network, in integers; in f32 they are in all above.
 */
static void test_integers(void **state)
{
    static uint8_t crop[WT_CROP_BYTES(256)];
    char path[1200];
    struct wt_weights *w = NULL;
    struct wt_net *net = NULL;
    const struct wt_net_options options = {
        .threads = 2, .level = wt_cpu_get()->level, .precision = WT_PRECISION_INT8};
    memset(crop, 90, sizeof crop);
    source_path("assets/wingtip-98-fast.safetensors", path, sizeof path);
    assert_int_equal(wt_weights_load(&w, path), WT_OK);
    assert_int_equal(wt_net_create(&net, w, &options), WT_OK);
    assert_int_equal(wt_net_forward_u8(net, crop, 1, 0), WT_OK);
    wt_net_destroy(&net);
    wt_weights_destroy(&w);
}

/* One after another, faster than they are written; the pixels may be changed at once. */
static void test_pictures(void **state)
{
    enum { PICTURES = 5, SIDE = 200 };
    static uint8_t pixels[SIDE * SIDE * 3];
    const struct wt_image image = {pixels, SIDE, SIDE, SIDE * 3, WT_PIXEL_BGR24};
    struct wt_screenshots *shots = NULL;
    shell("mkdir shots");
    assert_int_equal(wt_screenshots_create(&shots), WT_OK);
    for (int i = 0; i < PICTURES; i++) {
        memset(pixels, 40 * (i + 1), sizeof pixels);
        assert_int_equal(wt_screenshots_picture(shots, &image, in_folder("shots")), WT_OK);
    }
    assert_int_equal(wt_screenshots_wait(shots), WT_OK);
    wt_screenshots_destroy(&shots);
    shell(
        "test $(find shots -name '*.png' | wc -l) -eq 5 && test $(find shots -type f | wc -l) "
        "-eq 5 && test $(for f in shots/*.png; do convert \"$f\" -format '%%k %%[fx:mean] ' info:; "
        "done | tr ' ' '\\n' | grep -c '^1$') -eq 5");
}

static int setup(void **state)
{
    const char *source = getenv("WINGTIP_SOURCE");
    source_path("tests/program/small.safetensors", weights, sizeof weights);
    source_path("assets/wingtip-detector.safetensors", detector, sizeof detector);
    scratch_folder(folder, sizeof folder);
    shell("ffmpeg -nostdin -v error -i '%s/assets/demo.mp4' -frames:v 4 -vf scale=160:120 -c:v "
          "libx264 -qp 10 -bf 0 clip.mkv && mkdir pictures && ffmpeg -nostdin -v error -i clip.mkv "
          "-frames:v 2 pictures/%%d.png",
          source ? source : ".");
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_live), cmocka_unit_test(test_track),
                                       cmocka_unit_test(test_tune_beside_live),
                                       cmocka_unit_test(test_integers),
                                       cmocka_unit_test(test_pictures)};
    return cmocka_run_group_tests(tests, setup, remove_scratch);
}
