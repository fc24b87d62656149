/* Videos, pictures and raw frames: what is delivered, when, and what is said about bad input. */
#include "scratch.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "face/picture.h"
#include "input/source.h"
#include "weights/file.h"

static char demo[600];

static struct {
    int count[4];
    char last[4][1024];
} said;

static void hear(void *user, enum wt_log_level level, const char *line)
{
    said.count[level]++;
    snprintf(said.last[level], sizeof said.last[level], "%s", line);
}

static int setup(void **state)
{
    memset(&said, 0, sizeof said);
    wt_set_log(hear, NULL, WT_LOG_INFO);
    scratch_folder(folder, sizeof folder);
    source_path("assets/demo.mp4", demo, sizeof demo);
    return 0;
}

static struct wt_source *open_input(const char *input, bool loop)
{
    struct wt_source_spec spec = {.input = input, .loop = loop};
    struct wt_source *source = NULL;
    assert_int_equal(wt_source_open(&source, &spec), WT_OK);
    return source;
}

/* Reads to the end (or `most` frames); checks numbering and times; returns how many. */
static int drain(struct wt_source *source, int most, int64_t *last_us)
{
    struct wt_frame *frame = NULL;
    int count = 0;
    int64_t last = -1;
    enum wt_status status = WT_OK;
    while (count < most && (status = wt_source_read(source, &frame)) == WT_OK) {
        assert_int_equal(frame->sequence, count);
        assert_true(frame->time_us > last);
        last = frame->time_us;
        count++;
        wt_frame_unref(&frame);
    }
    assert_true(status == WT_OK || status == WT_END);
    if (last_us)
        *last_us = last;
    return count;
}

/* ---- video --------------------------------------------------------------------------------- */

static void video_delivers_every_frame(void **state)
{
    struct wt_source *source = open_input(demo, false);
    struct wt_source_info info = wt_source_describe(source);
    int64_t last;
    assert_int_equal(info.kind, WT_SOURCE_VIDEO);
    assert_string_equal(info.name, "demo.mp4");
    assert_int_equal(info.width, 640);
    assert_int_equal(info.height, 480);
    assert_true(info.fps == 24.0);
    int count = drain(source, 100000, &last);
    assert_int_equal(count, info.frames);
    assert_true(count > 100);
    assert_true(llabs(last - (int64_t)((count - 1) * 1e6 / 24)) <= 1000);
    assert_int_equal(said.count[WT_LOG_WARN] + said.count[WT_LOG_ERROR], 0);
    wt_source_close(&source);
}

static void video_loops_with_rising_times(void **state)
{
    struct wt_source *source = open_input(demo, true);
    int length = (int)wt_source_describe(source).frames;
    int64_t last;
    assert_int_equal(drain(source, 2 * length + 5, &last), 2 * length + 5);
    assert_true(llabs(last - (int64_t)((2 * length + 4) * 1e6 / 24)) <= 2000);
    wt_source_close(&source);
}

static void video_seeks_to_the_nearest_frame(void **state)
{
    struct wt_source *source = open_input(demo, false);
    struct wt_frame *frame = NULL;
    static const int at[] = {100, 3, 0, 77};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        int64_t time = (int64_t)(at[i] * 1e6 / 24);
        assert_int_equal(wt_source_seek(source, time + 15000), WT_OK);
        assert_int_equal(wt_source_read(source, &frame), WT_OK);
        assert_true(llabs(frame->time_us - time) <= 1000);
        wt_frame_unref(&frame);
    }
    wt_source_close(&source);
}

static void video_is_shown_upright(void **state)
{
    const char *turned = in_folder("turned.mp4");
    shell("ffmpeg -nostdin -v error -i '%s' -c copy -t 0.3 -metadata:s:v rotate=90 '%s'", demo,
          turned);
    struct wt_source *plain = open_input(demo, false), *source = open_input(turned, false);
    struct wt_source_info info = wt_source_describe(source);
    struct wt_frame *a = NULL, *b = NULL;
    assert_int_equal(info.width, 480);
    assert_int_equal(info.height, 640);
    assert_int_equal(wt_source_read(plain, &a), WT_OK);
    assert_int_equal(wt_source_read(source, &b), WT_OK);
    assert_int_equal(b->image.width, 480);
    /* The same pixels, a quarter turn on: which way round is the file's business, checked against
     * ffmpeg itself. */
    const char *reference = in_folder("reference.png");
    shell("ffmpeg -nostdin -v error -i '%s' -frames:v 1 '%s'", turned, reference);
    struct wt_picture picture = {0};
    assert_int_equal(wt_picture_read(&picture, reference), WT_OK);
    assert_int_equal(picture.image.width, 480);
    double difference = 0;
    for (int y = 0; y < 640; y++)
        for (int x = 0; x < 480 * 3; x++)
            difference += abs(picture.image.data[y * picture.image.stride + x] -
                              b->image.data[y * b->image.stride + x]);
    assert_true(difference / (640 * 480 * 3) < 2.0);
    wt_picture_fini(&picture);
    wt_frame_unref(&a);
    wt_frame_unref(&b);
    wt_source_close(&plain);
    wt_source_close(&source);
}

static void variable_frame_rate_keeps_its_times(void **state)
{
    const char *vfr = in_folder("vfr.mkv");
    shell(
        "ffmpeg -nostdin -v error -i '%s' -vf \"select='not(mod(n,7))+not(mod(n,5))'\" -vsync vfr "
        "-frames:v 20 '%s'",
        demo, vfr);
    struct wt_source *source = open_input(vfr, false);
    struct wt_frame *frame = NULL;
    int n = 0, seen = 0;
    for (; seen < 20; n++) {
        if (n % 7 != 0 && n % 5 != 0)
            continue;
        assert_int_equal(wt_source_read(source, &frame), WT_OK);
        assert_true(llabs(frame->time_us - (int64_t)(n * 1e6 / 24)) <= 1000);
        wt_frame_unref(&frame);
        seen++;
    }
    assert_int_equal(wt_source_read(source, &frame), WT_END);
    wt_source_close(&source);
}

static void broken_video_plays_what_there_is(void **state)
{
    const char *whole = in_folder("whole.mp4"), *part = in_folder("part.mp4");
    struct stat st;
    shell("ffmpeg -nostdin -v error -i '%s' -c copy -movflags +faststart '%s'", demo, whole);
    shell("cp '%s' '%s'", whole, part);
    assert_int_equal(stat(whole, &st), 0);

    /* cut off */
    assert_int_equal(truncate(part, st.st_size / 2), 0);
    struct wt_source *source = open_input(part, false);
    int count = drain(source, 100000, NULL);
    assert_true(count > 20 && count < 200);
    assert_int_equal(said.count[WT_LOG_WARN], 1);
    assert_int_equal(said.count[WT_LOG_ERROR], 0);
    wt_source_close(&source);

    /* scribbled over */
    int fd = open(whole, O_RDWR);
    char noise[3000];
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (char)(i * i * 31 + i * 7);
    for (int i = 2; i < 9; i++)
        assert_int_equal(pwrite(fd, noise, sizeof noise, st.st_size / 10 * i), sizeof noise);
    close(fd);
    memset(&said, 0, sizeof said);
    source = open_input(whole, false);
    count = drain(source, 100000, NULL);
    assert_true(count > 100);
    assert_int_equal(said.count[WT_LOG_WARN], 1);
    assert_int_equal(said.count[WT_LOG_ERROR], 0);
    wt_source_close(&source);
}

static void looping_over_a_broken_video_ends(void **state)
{
    const char *part = in_folder("part.mkv");
    shell("ffmpeg -nostdin -v error -i '%s' -c copy '%s'", demo, part);
    assert_int_equal(truncate(part, 700), 0);
    struct wt_source_spec spec = {.input = part, .loop = true};
    struct wt_source *source = NULL;
    if (wt_source_open(&source, &spec) == WT_OK)
        assert_int_equal(drain(source, 10, NULL), 0);
    wt_source_close(&source);
}

/* An AVI file whose headers are changed to tell of one frame. */
static void a_header_may_tell_of_one_frame(void **state)
{
    static const struct {
        const char *chunk;
        size_t at;
    } number[] = {{"avih", 8 + 16}, {"strh", 8 + 32}};
    static const uint8_t one[4] = {1};
    const char *lies = in_folder("lies.avi");
    uint8_t *bytes = NULL;
    size_t size = 0;
    shell("ffmpeg -nostdin -v error -i '%s' -t 0.3 -an -c:v mjpeg '%s'", demo, lies);
    assert_int_equal(wt_file_read(lies, 1 << 28, &bytes, &size), WT_OK);
    for (int i = 0; i < 2; i++) {
        uint8_t *chunk = memmem(bytes, size, number[i].chunk, 4);
        assert_non_null(chunk);
        memcpy(chunk + number[i].at, one, sizeof one);
    }
    FILE *f = fopen(lies, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    fclose(f);
    free(bytes);
    struct wt_source *source = open_input(lies, true);
    assert_int_equal(wt_source_describe(source).frames, 1);
    assert_int_equal(drain(source, 30, NULL), 30);
    wt_source_close(&source);
}

/* ---- pictures ------------------------------------------------------------------------------ */

/* A picture whose every pixel is `value`. */
static void make_picture(const char *name, int value, int width)
{
    uint8_t pixels[64 * 3 * 4];
    memset(pixels, value, sizeof pixels);
    struct wt_image image = {pixels, width, 4, 64 * 3, WT_PIXEL_BGR24};
    assert_int_equal(wt_picture_write(&image, in_folder(name)), WT_OK);
}

static void looping_over_one_picture_ends(void **state)
{
    struct wt_frame *frame = NULL;
    shell("mkdir -p '%s'", in_folder("one"));
    make_picture("one/0.png", 100, 8);
    struct wt_source *source = open_input(in_folder("one/0.png"), true);
    assert_int_equal(drain(source, 10, NULL), 1);
    assert_true(wt_source_loops(source));
    assert_int_equal(wt_source_seek(source, 0), WT_OK);
    assert_int_equal(wt_source_read(source, &frame), WT_OK);
    wt_frame_unref(&frame);
    assert_int_equal(wt_source_read(source, &frame), WT_END);
    wt_source_close(&source);
    make_picture("one/1.png", 200, 8);
    source = open_input(in_folder("one"), true);
    assert_int_equal(drain(source, 10, NULL), 10);
    wt_source_close(&source);
}

static void expect_values(const char *input, const int *value, int count)
{
    struct wt_source_spec spec = {.input = input, .fps = 10};
    struct wt_source *source = NULL;
    struct wt_frame *frame = NULL;
    assert_int_equal(wt_source_open(&source, &spec), WT_OK);
    assert_int_equal(wt_source_describe(source).kind, WT_SOURCE_PICTURES);
    assert_int_equal(wt_source_describe(source).frames, count);
    for (int i = 0; i < count; i++) {
        assert_int_equal(wt_source_read(source, &frame), WT_OK);
        assert_int_equal(frame->image.data[frame->image.stride * 3 + 2], value[i]);
        assert_int_equal(frame->time_us, i * 100000);
        wt_frame_unref(&frame);
    }
    assert_int_equal(wt_source_read(source, &frame), WT_END);
    assert_int_equal(wt_source_seek(source, (count - 1) * 100000 + 40000), WT_OK);
    assert_int_equal(wt_source_read(source, &frame), WT_OK);
    assert_int_equal(frame->image.data[0], value[count - 1]);
    wt_frame_unref(&frame);
    wt_source_close(&source);
}

static void pictures_come_in_natural_order(void **state)
{
    make_picture("img_10.png", 100, 8);
    make_picture("img_9.png", 90, 16); /* another size */
    make_picture("img_100.png", 200, 8);
    make_picture("img_007.png", 7, 8);
    make_picture("other.bmp", 1, 8);
    write_file(in_folder("notes.txt"), "no picture", 10);
    expect_values(in_folder("img_9.png"), (const int[]){90}, 1);
    expect_values(in_folder("img_*.png"), (const int[]){7, 90, 100, 200}, 4);
    expect_values(in_folder("img_%d.png"), (const int[]){90, 100, 200}, 3);
    expect_values(in_folder("img_%03d.png"), (const int[]){7, 200}, 2);
    expect_values(folder, (const int[]){7, 90, 100, 200, 1}, 5);
}

/* Parts of a folder keep the whole's numbers and times, and are together the whole. */
static void pictures_divide(void **state)
{
    char name[16];
    int at = 0;
    for (int i = 0; i < 7; i++) {
        snprintf(name, sizeof name, "%d.png", i);
        make_picture(name, 30 * i, 8);
    }
    for (int part = 1; part <= 3; part++) {
        struct wt_source_spec spec = {.input = folder, .fps = 10, .shard = {part, 3}};
        struct wt_source *source = NULL;
        struct wt_frame *frame = NULL;
        assert_int_equal(wt_source_open(&source, &spec), WT_OK);
        int frames = (int)wt_source_describe(source).frames, first = at;
        for (int i = 0; i < frames; i++, at++) {
            assert_int_equal(wt_source_read(source, &frame), WT_OK);
            assert_int_equal(frame->place, at);
            assert_int_equal(frame->time_us, at * 100000);
            assert_int_equal(frame->image.data[0], 30 * at);
            wt_frame_unref(&frame);
        }
        assert_int_equal(wt_source_read(source, &frame), WT_END);
        assert_int_equal(wt_source_seek(source, 0), WT_OK); /* no further back than its first */
        assert_int_equal(wt_source_read(source, &frame), WT_OK);
        assert_int_equal(frame->place, first);
        wt_frame_unref(&frame);
        wt_source_close(&source);
    }
    assert_int_equal(at, 7);
    assert_int_equal(said.count[WT_LOG_ERROR], 0);
    const struct wt_source_spec wrong[] = {
        {.input = folder, .shard = {1, 8}},
        {.input = demo, .shard = {1, 2}},
    };
    for (int i = 0; i < 2; i++) {
        struct wt_source *source = NULL;
        assert_int_equal(wt_source_open(&source, &wrong[i]), WT_ERR_ARGUMENT);
        assert_int_equal(said.count[WT_LOG_ERROR], i + 1);
    }
}

static void a_broken_picture_is_passed_over(void **state)
{
    make_picture("a1.png", 10, 8);
    make_picture("a3.png", 30, 8);
    write_file(in_folder("a2.png"), "\x89PNG\r\n\x1a\nrubbish", 15);
    struct wt_source *source = open_input(in_folder("a*.png"), true);
    struct wt_frame *frame = NULL;
    assert_int_equal(wt_source_read(source, &frame), WT_OK);
    wt_frame_unref(&frame);
    assert_int_equal(wt_source_read(source, &frame), WT_OK);
    assert_int_equal(frame->image.data[0], 30);
    assert_int_equal(said.count[WT_LOG_ERROR], 1);
    wt_frame_unref(&frame);
    assert_int_equal(wt_source_read(source, &frame), WT_OK); /* round again */
    assert_int_equal(frame->image.data[0], 10);
    assert_true(frame->time_us > 66666);
    wt_frame_unref(&frame);
    wt_source_close(&source);
}

/* ---- raw ----------------------------------------------------------------------------------- */

static void raw_frames_come_from_standard_input(void **state)
{
    enum { W = 6, H = 4, SIZE = W * H * 3 };
    uint8_t bytes[SIZE * 2 + 10];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    int saved = dup(STDIN_FILENO), ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], bytes, sizeof bytes), sizeof bytes);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    struct wt_source_spec spec = {.input = "-", .width = W, .height = H, .fps = 50, .loop = true};
    struct wt_source *source = NULL;
    struct wt_frame *frame = NULL;
    assert_int_equal(wt_source_open(&source, &spec), WT_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(wt_source_read(source, &frame), WT_OK);
        assert_int_equal(frame->time_us, i * 20000);
        for (int y = 0; y < H; y++)
            assert_memory_equal(frame->image.data + y * frame->image.stride,
                                bytes + i * SIZE + y * W * 3, W * 3);
        wt_frame_unref(&frame);
    }
    assert_int_equal(wt_source_read(source, &frame), WT_ERR_FORMAT);
    assert_int_equal(said.count[WT_LOG_ERROR], 1); /* the last one was not whole */
    wt_source_close(&source);
    dup2(saved, STDIN_FILENO);
    close(saved);
}

/* ---- bad input ----------------------------------------------------------------------------- */

static void bad_input_gets_one_line(void **state)
{
    static const char text[] = "This is a text, and not a video.\n";
    write_file(in_folder("text.mp4"), text, sizeof text - 1);
    write_file(in_folder("text.txt"), text, sizeof text - 1);
    write_file(in_folder("text.png"), text, sizeof text - 1);
    write_file(in_folder("empty.mp4"), "", 0);
    write_file(in_folder("empty.jpg"), "", 0);
    write_file(in_folder("list.m3u8"),
               "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n"
               "http://127.0.0.1:9/x.ts\n",
               70);
    shell("mkdir '%s'%s", in_folder("none"), "");
    shell("mkdir '%s'%s", in_folder("broken"), "");
    write_file(in_folder("broken/a.png"), text, sizeof text - 1);
    shell("head -c 900 '%s' > '%s'", demo, in_folder("headless.mp4"));
    shell("ffmpeg -nostdin -v error -f lavfi -i anullsrc -t 0.2 '%s'%s", in_folder("sound.wav"),
          "");
    static const struct {
        const char *name;
        enum wt_status status;
        int lines;
    } cases[] = {
        {"missing.mp4", WT_ERR_IO, 1},      {"text.mp4", WT_ERR_FORMAT, 1},
        {"text.txt", WT_ERR_FORMAT, 1},     {"text.png", WT_ERR_FORMAT, 1},
        {"empty.mp4", WT_ERR_FORMAT, 1},    {"empty.jpg", WT_ERR_FORMAT, 1},
        {"list.m3u8", WT_ERR_FORMAT, 1},    {"none", WT_ERR_IO, 1},
        {"broken", WT_ERR_FORMAT, 1},       {"headless.mp4", WT_ERR_FORMAT, 1},
        {"sound.wav", WT_ERR_FORMAT, 1},    {"*.jpeg", WT_ERR_IO, 1},
        {"img_%04d.png", WT_ERR_IO, 1},     {"img_%s.png", WT_ERR_ARGUMENT, 1},
        {"%d_%d.png", WT_ERR_ARGUMENT, 1},  {"no/such/%d.png", WT_ERR_IO, 1},
        {"%n%n/x.png", WT_ERR_ARGUMENT, 1}, {"img_%999999d.png", WT_ERR_ARGUMENT, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wt_source_spec spec = {.input = in_folder(cases[i].name)};
        struct wt_source *source = NULL;
        memset(&said, 0, sizeof said);
        enum wt_status status = wt_source_open(&source, &spec);
        if (status != cases[i].status || said.count[WT_LOG_ERROR] != cases[i].lines)
            print_message("%s: %s, said: %s\n", cases[i].name, wt_status_text(status),
                          said.last[WT_LOG_ERROR]);
        assert_int_not_equal(status, WT_OK);
        assert_null(source);
        assert_int_equal(status, cases[i].status);
        assert_int_equal(said.count[WT_LOG_ERROR], cases[i].lines);
        assert_int_equal(said.count[WT_LOG_WARN], 0);
    }
}

static void wrong_arguments_get_one_line(void **state)
{
    static const struct wt_source_spec cases[] = {{.input = NULL},
                                                  {.input = ""},
                                                  {.input = "-"},
                                                  {.input = "-", .width = 640},
                                                  {.input = "-", .width = 99999, .height = 5}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wt_source *source = NULL;
        memset(&said, 0, sizeof said);
        assert_int_equal(wt_source_open(&source, &cases[i]), WT_ERR_ARGUMENT);
        assert_int_equal(said.count[WT_LOG_ERROR], 1);
    }
    struct wt_source *none = NULL;
    wt_source_close(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(video_delivers_every_frame, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(video_loops_with_rising_times, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(video_seeks_to_the_nearest_frame, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(video_is_shown_upright, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(variable_frame_rate_keeps_its_times, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(broken_video_plays_what_there_is, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(looping_over_a_broken_video_ends, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(looping_over_one_picture_ends, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(a_header_may_tell_of_one_frame, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(pictures_come_in_natural_order, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(pictures_divide, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(a_broken_picture_is_passed_over, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(raw_frames_come_from_standard_input, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(bad_input_gets_one_line, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(wrong_arguments_get_one_line, setup, remove_scratch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
