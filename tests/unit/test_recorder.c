/* Recordings: read back what was written; killed, on a full disk, too fast. */
#include "scratch.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "face/crop.h"
#include "input/source.h"
#include "record/recorder.h"
#include "record/video_writer.h"

/* libav's own threads hand buffers over with atomics that the thread sanitizer cannot see, as the
 * library is not built with it. Ours stay checked. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "called_from_lib:libavutil.so\ncalled_from_lib:libavcodec.so\n"
           "called_from_lib:libx264.so\n";
}

static struct log_capture said;

static int setup(void **state)
{
    scratch_folder(folder, sizeof folder);
    memset(&said, 0, sizeof said);
    wt_set_log(log_capture_line, &said, WT_LOG_INFO);
    return 0;
}

/* A smooth picture that moves with n: waves of two parabolas. */
static uint8_t value_at(int n, int x, int y, int channel)
{
    const int phase = 2 * x * (channel + 1) + 3 * y + 20 * n, at = phase % 314;
    const int bow = 90 * at * (314 - at) / (157 * 157);
    return (uint8_t)(128 + (phase / 314 % 2 ? -bow : bow));
}

static struct wt_frame *make_frame(int width, int height, int n, int64_t time_us)
{
    struct wt_frame *frame = wt_frame_create(width, height);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width * 3; x++)
            frame->pixels[y * frame->image.stride + x] = value_at(n, x / 3, y, x % 3);
    frame->time_us = time_us;
    return frame;
}

/* Widths that 4 divides. */
static struct wt_frame *make_noise(int width, int height, unsigned seed, int64_t time_us)
{
    struct wt_frame *frame = wt_frame_create(width, height);
    uint32_t r = seed * 2654435761u + 1;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width * 3; x += (int)sizeof r) {
            r ^= r << 13, r ^= r >> 17, r ^= r << 5;
            memcpy(frame->pixels + y * frame->image.stride + x, &r, sizeof r);
        }
    frame->time_us = time_us;
    return frame;
}

static double psnr(const struct wt_frame *got, int n)
{
    double sum = 0;
    int w = got->image.width, h = got->image.height;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w * 3; x++) {
            double d = got->image.data[y * got->image.stride + x] - value_at(n, x / 3, y, x % 3);
            sum += d * d;
        }
    return 10.0 * log10(255.0 * 255.0 * w * h * 3 / (sum + 1e-9));
}

static void check_text(const char *path, const char *want)
{
    char text[16] = "";
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fread(text, 1, sizeof text - 1, f), strlen(want));
    fclose(f);
    assert_string_equal(text, want);
}

static struct wt_source *open_video(const char *path)
{
    struct wt_source_spec spec = {.input = path};
    struct wt_source *source = NULL;
    assert_int_equal(wt_source_open(&source, &spec), WT_OK);
    return source;
}

static int count_frames(const char *path, int64_t *last_us)
{
    struct wt_source *source = open_video(path);
    struct wt_frame *frame = NULL;
    int count = 0;
    while (wt_source_read(source, &frame) == WT_OK) {
        count++;
        *last_us = frame->time_us;
        wt_frame_unref(&frame);
    }
    wt_source_close(&source);
    return count;
}

/* Uneven, as a camera in dim light: microseconds from the first frame. */
static int64_t uneven_time(int n)
{
    return (int64_t)n * 33000 + (n % 3) * 5000 + (n > 20 ? 250000 : 0);
}

static void round_trip(const char *name, int width, int height, bool live, int frames)
{
    const char *path = in_folder(name);
    struct wt_recorder *recorder = NULL;
    const struct wt_recorder_options options = {.lossless_queue = !live};
    const int64_t start = live ? 777777777 : 0;
    assert_int_equal(wt_recorder_open(&recorder, path, width, height, &options), WT_OK);
    for (int i = 0; i < frames; i++) {
        struct wt_frame *frame = make_frame(width, height, i, start + uneven_time(i));
        while (!wt_recorder_push(recorder, frame, NULL, NULL))
            usleep(1000); /* live: a full queue; this is no camera, we can wait */
        wt_frame_unref(&frame);
    }
    assert_int_equal(wt_recorder_close(&recorder, WT_KEEP_ALL, NULL), WT_OK);
    assert_null(recorder);

    struct wt_source *source = open_video(path);
    struct wt_frame *frame = NULL;
    for (int i = 0; i < frames; i++) {
        assert_int_equal(wt_source_read(source, &frame), WT_OK);
        assert_int_equal(frame->image.width, width);
        assert_int_equal(frame->image.height, height);
        assert_true(llabs(frame->time_us - uneven_time(i)) <= 600);
        assert_true(psnr(frame, i) > 30.0);
        wt_frame_unref(&frame);
    }
    assert_int_equal(wt_source_read(source, &frame), WT_END);
    wt_source_close(&source);
    assert_int_equal(said.errors, 0);
}

static void live_recording_keeps_frames_and_times(void **state)
{
    round_trip("live.mkv", 320, 240, true, 40);
}

static void offline_recording_keeps_frames_and_times(void **state)
{
    round_trip("offline.mkv", 320, 240, false, 40);
}

static void mp4_keeps_frames_and_times(void **state)
{
    round_trip("offline.mp4", 320, 240, false, 40);
    round_trip("live.mp4", 320, 240, true, 40);
}

static void high_definition_keeps_its_colours(void **state)
{
    round_trip("hd.mkv", 1280, 720, false, 8);
}

/* The video has an even size; what is asked for is all there. */
static void odd_sizes_are_padded(void **state)
{
    const char *path = in_folder("odd.mkv");
    struct wt_video_writer *w = NULL;
    struct wt_frame *frame = make_frame(321, 241, 5, 0);
    assert_int_equal(wt_video_writer_open(&w, path, 321, 241, &(struct wt_video_writer_options){0}),
                     WT_OK);
    assert_int_equal(wt_video_writer_write(w, frame), WT_OK);
    assert_int_equal(wt_video_writer_close(&w, WT_KEEP_ALL), WT_OK);
    wt_frame_unref(&frame);
    struct wt_source *source = open_video(path);
    assert_int_equal(wt_source_read(source, &frame), WT_OK);
    assert_int_equal(frame->image.width, 322);
    assert_int_equal(frame->image.height, 242);
    assert_true(psnr(frame, 5) > 30.0);
    wt_frame_unref(&frame);
    wt_source_close(&source);
}

static void other_sizes_are_fitted(void **state)
{
    const char *path = in_folder("fitted.mkv");
    struct wt_video_writer *w = NULL;
    struct wt_frame *narrow = make_noise(100, 200, 1, 0), *got = NULL;
    for (int y = 0; y < 200; y++)
        memset(narrow->pixels + y * narrow->image.stride, 250, 300);
    assert_int_equal(wt_video_writer_open(&w, path, 320, 240, &(struct wt_video_writer_options){0}),
                     WT_OK);
    assert_int_equal(wt_video_writer_write(w, narrow), WT_OK);
    assert_int_equal(wt_video_writer_close(&w, WT_KEEP_ALL), WT_OK);
    struct wt_source *source = open_video(path);
    assert_int_equal(wt_source_read(source, &got), WT_OK);
    assert_int_equal(got->image.width, 320);
    const uint8_t *row = got->image.data + 120 * got->image.stride;
    assert_true(row[50 * 3] < 10 && row[270 * 3] < 10); /* bars, not a squeezed picture */
    assert_true(row[110 * 3] > 240 && row[205 * 3] > 240);
    wt_frame_unref(&got);
    wt_frame_unref(&narrow);
    wt_source_close(&source);
}

static void mpeg4_is_there_when_h264_is_not(void **state)
{
    const char *path = in_folder("mpeg4.mkv");
    struct wt_video_writer *w = NULL;
    struct wt_frame *frame = NULL;
    const struct wt_video_writer_options options = {.codec = "mpeg4", .live = true};
    assert_int_equal(wt_video_writer_open(&w, path, 320, 240, &options), WT_OK);
    assert_string_equal(wt_video_writer_codec(w), "mpeg4");
    for (int i = 0; i < 30; i++) {
        frame = make_frame(320, 240, i, uneven_time(i));
        assert_int_equal(wt_video_writer_write(w, frame), WT_OK);
        wt_frame_unref(&frame);
    }
    assert_true(wt_video_writer_bytes(w) > 1000);
    assert_int_equal(wt_video_writer_close(&w, WT_KEEP_ALL), WT_OK);
    struct wt_source *source = open_video(path);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(wt_source_read(source, &frame), WT_OK);
        assert_true(llabs(frame->time_us - uneven_time(i)) <= 600);
        assert_true(psnr(frame, i) > 28.0);
        wt_frame_unref(&frame);
    }
    wt_source_close(&source);
}

static void overlays_are_drawn_from_a_copy(void **state)
{
    const char *path = in_folder("drawn.mkv");
    struct wt_recorder *recorder = NULL;
    struct wt_view view = {.landmarks = true, .heatmaps = true};
    struct wt_result result = {.faces = 1};
    float *maps = calloc(99 * 64 * 64, sizeof *maps);
    struct wt_face *face = &result.face[0];
    face->points = 98;
    face->input_size = 256;
    face->map_size = 64;
    face->maps = maps;
    for (int i = 0; i < 98; i++)
        face->point[i] = (struct wt_point){100.0f + (float)(i % 10) * 8, 80.0f + (float)i};
    face->frame_to_crop = wt_crop_square(160, 120, 200, 0, 256);
    for (int i = 0; i < 98; i++)
        maps[i * 4096 + 32 * 64 + 32] = 1.0f;
    assert_int_equal(wt_recorder_open(&recorder, path, 320, 240, NULL), WT_OK);
    for (int i = 0; i < 5; i++) {
        struct wt_frame *frame = wt_frame_create(320, 240);
        memset(frame->pixels, 0, (size_t)frame->image.stride * 240);
        frame->time_us = i * 40000;
        assert_true(wt_recorder_push(recorder, frame, &result, &view));
        wt_frame_unref(&frame);
    }
    memset(maps, 0, 99 * 64 * 64 * sizeof *maps); /* as the tracker does with the next frame */
    free(maps);
    memset(&result, 0xff, sizeof result);
    assert_int_equal(wt_recorder_close(&recorder, WT_KEEP_ALL, NULL), WT_OK);
    struct wt_source *source = open_video(path);
    struct wt_frame *frame = NULL;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(wt_source_read(source, &frame), WT_OK);
        int bright = 0;
        for (int y = 0; y < 240; y++)
            for (int x = 0; x < 320 * 3; x++)
                bright += frame->image.data[y * frame->image.stride + x] > 150;
        assert_true(bright > 500);
        assert_true(frame->image.data[10 * frame->image.stride + 10] < 30);
        wt_frame_unref(&frame);
    }
    wt_source_close(&source);
}

/* Both kinds and the results, beside a file of that name, which stays: the raw one has every pixel,
 * and the results have the video's times. */
static void raw_and_results_go_along(void **state)
{
    struct wt_recorder *recorder = NULL;
    struct wt_recorder_stats stats;
    struct wt_view view = {.mirror = true};
    struct wt_result result = {.faces = 0};
    char line[200], path[200], raw[200];
    write_file(in_folder("both.mkv"), "mine", 4);
    snprintf(path, sizeof path, "%s", in_folder("both.mkv"));
    const struct wt_recorder_options options = {.lossless_queue = true,
                                                .content = WT_RECORD_BOTH,
                                                .lossless = true,
                                                .results = true,
                                                .numbered = true};
    assert_int_equal(wt_recorder_open(&recorder, path, 161, 120, &options), WT_OK);
    for (int i = 0; i < 12; i++) {
        struct wt_frame *frame = make_frame(161, 120, i, uneven_time(i));
        frame->sequence = 100 + 2 * (uint64_t)i; /* every other one was left out */
        assert_true(wt_recorder_push(recorder, frame, &result, &view));
        wt_frame_unref(&frame);
    }
    assert_int_equal(wt_recorder_close(&recorder, WT_KEEP_ALL, &stats), WT_OK);
    assert_string_equal(stats.codec, "ffv1");
    assert_int_equal(stats.written, 12);
    assert_int_equal(stats.offered, 23);
    wt_recorder_describe(&stats, line, sizeof line);
    assert_string_equal(line, "31 of 59 frames a second kept (12 of 23)"); /* 22 in 373 ms */
    snprintf(path, sizeof path, "%s", in_folder("both-2.mkv"));
    snprintf(raw, sizeof raw, "%s", in_folder("both-raw.mkv"));
    assert_string_equal(strrchr(stats.path, '/'), "/both-2.mkv");
    struct wt_source *as_came = open_video(raw), *mirrored = open_video(path);
    FILE *rows = fopen(in_folder("both-2.jsonl"), "r");
    assert_non_null(rows);
    for (int i = 0; i < 12; i++) {
        struct wt_frame *a = NULL, *b = NULL;
        double time = -1;
        int number = 0;
        assert_int_equal(wt_source_read(as_came, &a), WT_OK);
        assert_int_equal(wt_source_read(mirrored, &b), WT_OK);
        for (int y = 0; y < 120; y++)
            for (int x = 0; x < 161 * 3; x++) {
                const int other = (160 - x / 3) * 3 + x % 3;
                const uint8_t want = value_at(i, x / 3, y, x % 3);
                assert_int_equal(a->image.data[y * a->image.stride + x], want);
                assert_int_equal(b->image.data[y * b->image.stride + other], want);
            }
        assert_non_null(fgets(line, sizeof line, rows));
        assert_int_equal(sscanf(line, "{\"frame\":%d,\"time\":%lf,", &number, &time), 2);
        assert_int_equal(number, i + 1);
        assert_true(fabs(time * 1e6 - (double)a->time_us) < 1);
        wt_frame_unref(&a);
        wt_frame_unref(&b);
    }
    assert_null(fgets(line, sizeof line, rows));
    fclose(rows);
    wt_source_close(&as_came);
    wt_source_close(&mirrored);
    check_text(in_folder("both.mkv"), "mine"); /* what was there */
}

/* A graphics card's encoder that is not there, or does not work, costs a line of information. */
static void without_a_card_the_processor_encodes(void **state)
{
    struct wt_recorder *recorder = NULL;
    const struct wt_recorder_options options = {.hardware = true};
    assert_int_equal(wt_recorder_open(&recorder, in_folder("card.mkv"), 320, 240, &options), WT_OK);
    const struct wt_recorder_stats stats = wt_recorder_stats(recorder);
    const bool card = strstr(stats.codec, "_nvenc") || strstr(stats.codec, "_vaapi") ||
                      strstr(stats.codec, "_qsv") || strstr(stats.codec, "_v4l2m2m");
    assert_int_equal(said.lines, !card);
    if (!card)
        assert_non_null(strstr(said.any, "the processor encodes"));
    assert_int_equal(wt_recorder_close(&recorder, WT_KEEP_ALL, NULL), WT_OK);
    assert_int_equal(said.errors, 0);
}

/* A recording without a frame leaves nothing, and one that is given up what was there. */
static void nothing_recorded_leaves_nothing(void **state)
{
    struct wt_recorder *recorder = NULL;
    assert_int_equal(wt_recorder_open(&recorder, in_folder("none.mkv"), 64, 48, NULL), WT_OK);
    assert_int_equal(wt_recorder_close(&recorder, WT_KEEP_ALL, NULL), WT_OK);
    assert_int_not_equal(access(in_folder("none.mkv"), F_OK), 0);
    assert_int_not_equal(access(in_folder("none.mkv.wingtip-part"), F_OK), 0);
    write_file(in_folder("there.mkv"), "old one", 7);
    assert_int_equal(wt_recorder_open(&recorder, in_folder("there.mkv"), 64, 48, NULL), WT_OK);
    struct wt_frame *frame = make_frame(64, 48, 0, 0);
    assert_true(wt_recorder_push(recorder, frame, NULL, NULL));
    wt_frame_unref(&frame);
    assert_int_equal(wt_recorder_close(&recorder, WT_KEEP_NEW, NULL), WT_OK);
    check_text(in_folder("there.mkv"), "old one");
}

/* ---- when things go wrong ------------------------------------------------------------------ */

/* Records frames of 25 ms until 1.5 seconds of them are encoded, says so on `told`, and waits for
 * its end. */
static void record_and_wait(const char *path, int told)
{
    struct wt_recorder *recorder = NULL;
    if (wt_recorder_open(&recorder, path, 320, 240, NULL) != WT_OK)
        _exit(1);
    for (int i = 0; i < 60; i++) {
        struct wt_frame *frame = make_frame(320, 240, i, i * 25000);
        while (!wt_recorder_push(recorder, frame, NULL, NULL))
            usleep(1000);
        wt_frame_unref(&frame);
    }
    while (wt_recorder_stats(recorder).written < 60)
        usleep(1000);
    if (write(told, "x", 1) != 1)
        _exit(1);
    for (;;)
        pause();
}

static void kill_while_recording(const char *name)
{
    const char *path = in_folder(name);
    int told[2], status;
    char mark = 0;
    assert_int_equal(pipe(told), 0);
    pid_t child = fork();
    if (child == 0) {
        close(told[0]);
        record_and_wait(path, told[1]);
    }
    close(told[1]);
    assert_int_equal(read(told[0], &mark, 1), 1); /* 0 bytes: it has failed by itself */
    close(told[0]);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));
    int64_t last = 0;
    int count = count_frames(path, &last);
    print_message("%s: killed after 1.5 s, plays %d frames, %.2f s\n", name, count,
                  (double)last / 1e6);
    assert_true(last > 600000);
    assert_true(count > 8);
}

static void killed_recordings_play(void **state)
{
    kill_while_recording("killed.mkv");
    kill_while_recording("killed.mp4");
}

static void full_disk_keeps_the_file(void **state)
{
    const char *path = in_folder("full.mkv");
    struct wt_recorder *recorder = NULL;
    struct rlimit before, limit;
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = 300000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(wt_recorder_open(&recorder, path, 320, 240, NULL), WT_OK);
    bool refused = false;
    struct wt_recorder_stats stats = {0};
    for (int i = 0; i < 2000 && stats.status == WT_OK; i++) {
        struct wt_frame *frame = make_noise(320, 240, (unsigned)i, i * 33333);
        refused = !wt_recorder_push(recorder, frame, NULL, NULL);
        wt_frame_unref(&frame);
        if (refused)
            usleep(3000);
        stats = wt_recorder_stats(recorder);
    }
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(stats.status, WT_ERR_IO);
    assert_true(strlen(stats.message) > 10);
    struct wt_frame *frame = make_noise(320, 240, 1, 90000000);
    assert_false(wt_recorder_push(recorder, frame, NULL, NULL));
    wt_frame_unref(&frame);
    assert_int_equal(wt_recorder_close(&recorder, WT_KEEP_ALL, NULL), WT_ERR_IO);
    assert_int_equal(said.errors, 1);
    int64_t last = 0;
    assert_true(count_frames(path, &last) >= 1);
}

static void unwritable_places_get_one_line(void **state)
{
    static const char *const paths[] = {"/dev/full", "/nonexistent/x.mkv", "/tmp", "/proc/x.mkv"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct wt_recorder *recorder = NULL;
        said.errors = 0;
        assert_int_equal(wt_recorder_open(&recorder, paths[i], 64, 64, NULL), WT_ERR_IO);
        assert_null(recorder);
        assert_int_equal(said.errors, 1);
        assert_non_null(strstr(said.last, paths[i]));
    }
}

static void a_failed_start_leaves_the_old_file(void **state)
{
    char path[200];
    snprintf(path, sizeof path, "%s", in_folder("precious.webm"));
    write_file(path, "old one", 7);
    struct wt_recorder *recorder = NULL;
    assert_int_equal(wt_recorder_open(&recorder, path, 64, 64, NULL), WT_ERR_UNSUPPORTED);
    assert_int_equal(said.errors, 1);
    check_text(path, "old one");
    snprintf(path, sizeof path, "%s", in_folder("precious.mkv"));
    write_file(path, "old one", 7);
    assert_int_equal(wt_recorder_open(&recorder, path, 20000, 3, NULL), WT_ERR_UNSUPPORTED);
    check_text(path, "old one");
    wt_recorder_close(&recorder, WT_KEEP_ALL, NULL); /* NULL is fine */
}

static void a_camera_is_never_held_up(void **state)
{
    enum { N = 60 };
    struct wt_recorder *recorder = NULL;
    struct wt_frame *noise[N]; /* made before: with a sanitizer that takes longer than encoding */
    uint64_t taken = 0;
    for (int i = 0; i < N; i++)
        noise[i] = make_noise(1280, 720, (unsigned)i, i * 10000);
    assert_int_equal(wt_recorder_open(&recorder, in_folder("fast.mkv"), 1280, 720, NULL), WT_OK);
    for (int i = 0; i < N; i++) /* far faster than noise can be encoded */
        taken += wt_recorder_push(recorder, noise[i], NULL, NULL);
    struct wt_recorder_stats stats = wt_recorder_stats(recorder);
    assert_true(stats.dropped > 0); /* a push that waited for room would never be refused */
    assert_int_equal(taken + stats.dropped, N);
    assert_int_equal(wt_recorder_close(&recorder, WT_KEEP_ALL, NULL), WT_OK);
    int64_t last;
    assert_int_equal(count_frames(in_folder("fast.mkv"), &last), taken);
    for (int i = 0; i < N; i++)
        wt_frame_unref(&noise[i]);
}

static void times_must_rise(void **state)
{
    static const struct {
        int64_t time;
        bool taken;
    } cases[] = {{1000, true}, {40000, true}, {40000, false}, {39000, false}, {80000, true}};
    struct wt_recorder *recorder = NULL;
    assert_int_equal(wt_recorder_open(&recorder, in_folder("rise.mkv"), 64, 48, NULL), WT_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wt_frame *frame = make_frame(64, 48, (int)i, cases[i].time);
        assert_int_equal(wt_recorder_push(recorder, frame, NULL, NULL), cases[i].taken);
        wt_frame_unref(&frame);
    }
    assert_int_equal(wt_recorder_stats(recorder).dropped, 2);
    assert_int_equal(wt_recorder_close(&recorder, WT_KEEP_ALL, NULL), WT_OK);
    int64_t last;
    assert_int_equal(count_frames(in_folder("rise.mkv"), &last), 3);
    assert_int_equal(last, 79000);
}

/* Four frames, so far apart, each followed by what brings it to the disk: it can be read at once.
 */
static void each_is_on_disk(const char *name, int64_t step_us,
                            enum wt_status (*bring)(struct wt_video_writer *))
{
    const char *path = in_folder(name);
    const struct wt_video_writer_options options = {.fps = 30, .live = true};
    struct wt_video_writer *writer = NULL;
    int64_t last;
    assert_int_equal(wt_video_writer_open(&writer, path, 64, 48, &options), WT_OK);
    for (int i = 0; i < 4; i++) {
        struct wt_frame *frame = make_frame(64, 48, i, i * step_us);
        assert_int_equal(wt_video_writer_write(writer, frame), WT_OK);
        wt_frame_unref(&frame);
        assert_int_equal(bring(writer), WT_OK);
        assert_int_equal(count_frames(path, &last), i + 1);
        assert_int_equal(last, i * step_us);
    }
    assert_int_equal(wt_video_writer_close(&writer, WT_KEEP_ALL), WT_OK);
    assert_int_equal(count_frames(path, &last), 4);
    assert_int_equal(last, 3 * step_us);
}

/* Also where the next frame takes long, or never comes. */
static void what_is_flushed_plays(void **state)
{
    each_is_on_disk("first.mkv", 700000, wt_video_writer_flush);
    each_is_on_disk("first.mp4", 700000, wt_video_writer_flush);
}

static enum wt_status wait_and_tick(struct wt_video_writer *writer)
{
    usleep(250000); /* longer than a fifth of a second */
    return wt_video_writer_tick(writer);
}

/* A busy encoder: what is due goes to the disk before the next frame, and moves none of its times.
 */
static void what_is_due_keeps_times(void **state)
{
    each_is_on_disk("due.mkv", 20000, wait_and_tick);
    each_is_on_disk("due.mp4", 20000, wait_and_tick);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(live_recording_keeps_frames_and_times, setup,
                                        remove_scratch),
        cmocka_unit_test_setup_teardown(offline_recording_keeps_frames_and_times, setup,
                                        remove_scratch),
        cmocka_unit_test_setup_teardown(mp4_keeps_frames_and_times, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(high_definition_keeps_its_colours, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(odd_sizes_are_padded, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(other_sizes_are_fitted, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(mpeg4_is_there_when_h264_is_not, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(overlays_are_drawn_from_a_copy, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(raw_and_results_go_along, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(without_a_card_the_processor_encodes, setup,
                                        remove_scratch),
        cmocka_unit_test_setup_teardown(nothing_recorded_leaves_nothing, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(killed_recordings_play, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(full_disk_keeps_the_file, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(unwritable_places_get_one_line, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(a_failed_start_leaves_the_old_file, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(a_camera_is_never_held_up, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(times_must_rise, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(what_is_flushed_plays, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(what_is_due_keeps_times, setup, remove_scratch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
