/* Cameras: listing, choosing, and the way from a camera that vanishes to one that is back, with a
 * camera of the test's own behind the driver table. */
#include "support.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "input/source_internal.h"
#include "live/dark.h"
#include "track/track.h"

/* ---- a machine with cameras ---------------------------------------------------------------- */

static struct {
    struct wt_camera_info plugged[4];
    int count;
    bool dead;      /* the open device delivers nothing */
    bool not_ready; /* it can be opened, but delivers nothing yet */
    bool busy;
    int opened, closed, reads;
    int last_read;   /* then it is dead; 0: never */
    int64_t step_us; /* from frame to frame, of a clock of its own; 0: now */
    char opened_path[64];
    struct wt_source_spec wish;
} machine;

static struct {
    int count[4];
    char last[1024];
} said;

static void hear(void *user, enum wt_log_level level, const char *line)
{
    said.count[level]++;
    snprintf(said.last, sizeof said.last, "%s", line);
}

static int fake_list(void *user, struct wt_camera_info *out, int max)
{
    assert_ptr_equal(user, &machine);
    memcpy(out, machine.plugged, sizeof *out * (size_t)machine.count);
    return machine.count;
}

static enum wt_status fake_open(void *user, const struct wt_camera_info *camera,
                                const struct wt_source_spec *wish, void **device,
                                struct wt_source_info *info)
{
    if (machine.busy)
        return WT_ERR_IO;
    machine.opened++;
    snprintf(machine.opened_path, sizeof machine.opened_path, "%s", camera->path);
    machine.wish = *wish;
    info->width = 64;
    info->height = 48;
    info->fps = 25;
    *device = user;
    return WT_OK;
}

static enum wt_status fake_read(void *device, struct wt_frame **out)
{
    machine.reads++;
    if (machine.dead || machine.not_ready ||
        (machine.last_read && machine.reads > machine.last_read))
        return WT_ERR_LOST;
    *out = wt_frame_create(64, 48);
    memset((*out)->pixels, 0, (size_t)(*out)->image.stride * 48);
    (*out)->time_us = machine.step_us ? 5000000 + machine.reads * machine.step_us : wt_now_us();
    return WT_OK;
}

static void fake_close(void *device)
{
    machine.closed++;
}

static const struct wt_camera_driver driver = {
    fake_list, fake_open, fake_read, fake_close, &machine, 5, 40,
};

static void plug(int slot, int index, const char *name)
{
    struct wt_camera_info *c = &machine.plugged[slot];
    c->index = index;
    snprintf(c->path, sizeof c->path, "/dev/video%d", index);
    snprintf(c->name, sizeof c->name, "%s", name);
    if (slot >= machine.count)
        machine.count = slot + 1;
}

static int setup(void **state)
{
    memset(&machine, 0, sizeof machine);
    memset(&said, 0, sizeof said);
    plug(0, 0, "Integrated Camera");
    plug(1, 2, "Logitech BRIO");
    wt_set_log(hear, NULL, WT_LOG_DEBUG);
    return 0;
}

static struct wt_source *open_camera(const char *which)
{
    struct wt_source_spec spec = {.camera = which, .width = 320, .height = 240, .fps = 15};
    struct wt_source_opened opened = {0};
    struct wt_source *source = NULL;
    assert_int_equal(wt_source_open_camera_with(&opened, &spec, &driver), WT_OK);
    assert_int_equal(wt_source_wrap(&source, &spec, &opened), WT_OK);
    return source;
}

static void read_one(struct wt_source *source, uint64_t sequence, int64_t *last_us)
{
    struct wt_frame *frame = NULL;
    assert_int_equal(wt_source_read(source, &frame), WT_OK);
    assert_int_equal(frame->sequence, sequence);
    assert_true(frame->time_us > *last_us);
    *last_us = frame->time_us;
    wt_frame_unref(&frame);
}

/* ---- choosing ------------------------------------------------------------------------------ */

static void chooses_by_number_path_or_name(void **state)
{
    static const struct {
        const char *wanted, *path;
    } cases[] = {{"0", "/dev/video0"},    {"2", "/dev/video2"},      {"/dev/video2", "/dev/video2"},
                 {"brio", "/dev/video2"}, {"CAMERA", "/dev/video0"}, {"grated C", "/dev/video0"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wt_source *source = open_camera(cases[i].wanted);
        assert_string_equal(machine.opened_path, cases[i].path);
        struct wt_source_info info = wt_source_describe(source);
        assert_int_equal(info.kind, WT_SOURCE_CAMERA);
        assert_int_equal(info.width, 64);
        assert_int_equal(info.frames, -1);
        assert_int_equal(machine.wish.width, 320);
        assert_int_equal(wt_source_seek(source, 0), WT_ERR_UNSUPPORTED);
        wt_source_close(&source);
        assert_null(source);
    }
    assert_int_equal(machine.opened, machine.closed);
}

static void lists_what_is_there_when_the_wish_is_not(void **state)
{
    static const char *const wanted[] = {"1", "64", "99999999999", "webcam", "/dev/video7"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct wt_source_opened opened = {0};
        struct wt_source_spec spec = {.camera = wanted[i]};
        memset(&said, 0, sizeof said);
        assert_int_equal(wt_source_open_camera_with(&opened, &spec, &driver), WT_ERR_IO);
        assert_int_equal(said.count[WT_LOG_ERROR], 1);
        assert_non_null(strstr(said.last, wanted[i]));
        assert_non_null(strstr(said.last, "2 \"Logitech BRIO\""));
    }
    machine.count = 0;
    struct wt_source_opened opened = {0};
    struct wt_source_spec spec = {.camera = "0"};
    assert_int_equal(wt_source_open_camera_with(&opened, &spec, &driver), WT_ERR_IO);
    assert_non_null(strstr(said.last, "no camera"));
    assert_int_equal(machine.opened, 0);
}

static void says_why_a_camera_does_not_open(void **state)
{
    struct wt_source_opened opened = {0};
    struct wt_source_spec spec = {.camera = "0"};
    machine.busy = true;
    assert_int_equal(wt_source_open_camera_with(&opened, &spec, &driver), WT_ERR_IO);
    assert_int_equal(said.count[WT_LOG_ERROR], 1);
    assert_non_null(strstr(said.last, "/dev/video0"));
}

/* ---- vanishing ----------------------------------------------------------------------------- */

static void comes_back_under_another_number(void **state)
{
    struct wt_source *source = open_camera("brio");
    struct wt_frame *frame = NULL;
    int64_t last = -1;
    for (uint64_t i = 0; i < 5; i++)
        read_one(source, i, &last);

    machine.dead = true; /* unplugged */
    machine.count = 1;
    assert_int_equal(wt_source_read(source, &frame), WT_ERR_LOST);
    assert_int_equal(machine.closed, 1);
    for (int i = 0; i < 3; i++) {
        int64_t start = wt_now_us();
        assert_int_equal(wt_source_read(source, &frame), WT_ERR_LOST);
        assert_true(wt_now_us() - start >= 40000); /* the caller's loop does not spin */
    }
    assert_int_equal(said.count[WT_LOG_WARN], 1); /* said once, however long it takes */
    assert_int_equal(said.count[WT_LOG_ERROR], 0);
    assert_int_equal(machine.opened, 1);

    plug(1, 3, "Logitech BRIO"); /* plugged in, but not ready, then ready */
    machine.dead = false;
    machine.not_ready = true;
    assert_int_equal(wt_source_read(source, &frame), WT_ERR_LOST);
    assert_true(machine.opened > 1);
    assert_int_equal(machine.opened, machine.closed);
    machine.not_ready = false;
    read_one(source, 5, &last);
    assert_string_equal(machine.opened_path, "/dev/video3");
    assert_int_equal(machine.wish.width, 320); /* with the size that was asked for */
    assert_int_equal(said.count[WT_LOG_INFO], 1);
    read_one(source, 6, &last);

    machine.dead = true; /* and once more: that is news */
    assert_int_equal(wt_source_read(source, &frame), WT_ERR_LOST);
    assert_int_equal(said.count[WT_LOG_WARN], 2);
    machine.dead = false;
    read_one(source, 7, &last);
    wt_source_close(&source);
    assert_int_equal(machine.opened, machine.closed);
}

static void prefers_the_old_number_among_equal_names(void **state)
{
    plug(0, 4, "Logitech BRIO");
    struct wt_source *source = open_camera("2");
    struct wt_frame *frame = NULL;
    int64_t last = -1;
    machine.dead = true;
    assert_int_equal(wt_source_read(source, &frame), WT_ERR_LOST);
    machine.dead = false;
    read_one(source, 0, &last);
    assert_string_equal(machine.opened_path, "/dev/video2");
    wt_source_close(&source);
}

static void closes_while_the_camera_is_away(void **state)
{
    struct wt_source *source = open_camera("0");
    struct wt_frame *frame = NULL;
    machine.dead = true;
    assert_int_equal(wt_source_read(source, &frame), WT_ERR_LOST);
    wt_source_close(&source);
    assert_int_equal(machine.opened, machine.closed);
}

/* ---- listing ------------------------------------------------------------------------------- */

static void make_node(const char *sys, const char *node, const char *index, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", sys, node);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/%s/index", sys, node);
    write_file(path, index, strlen(index));
    snprintf(path, sizeof path, "%s/%s/name", sys, node);
    write_file(path, name, strlen(name));
}

static void lists_capture_nodes_only(void **state)
{
    char sys[100], command[200];
    struct wt_camera_info list[8];
    scratch_folder(sys, sizeof sys);
    make_node(sys, "video10", "0\n", "Screen Grabber\n");
    make_node(sys, "video2", "0\n", "Logitech BRIO\n");
    make_node(sys, "video3", "1\n", "Logitech BRIO\n"); /* its metadata */
    make_node(sys, "v4l-subdev0", "0\n", "sensor\n");
    int count = wt_camera_list_in(sys, "/nonexistent", list, 8);
    int none = wt_camera_list_in("/nonexistent", "/nonexistent", list + count, 8 - count);
    snprintf(command, sizeof command, "rm -r '%s'", sys);
    assert_int_equal(system(command), 0);
    assert_int_equal(count, 2);
    assert_int_equal(none, 0);
    assert_int_equal(list[0].index, 2);
    assert_string_equal(list[0].name, "Logitech BRIO");
    assert_string_equal(list[0].path, "/nonexistent/video2");
    assert_int_equal(list[1].index, 10);
}

/* The lowest numbers, in order, wherever they stand in the folder. */
static void lists_the_first_of_many(void **state)
{
    char sys[100], command[200], name[16];
    struct wt_camera_info list[4];
    scratch_folder(sys, sizeof sys);
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "video%d", 3 + 7 * i % 20);
        make_node(sys, name, "0\n", "Camera\n");
    }
    list[3].index = -5;
    int count = wt_camera_list_in(sys, "/nonexistent", list, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(list[i].index, 3 + i);
    assert_int_equal(list[3].index, -5);
    assert_int_equal(wt_camera_list_in(sys, "/nonexistent", list, 1), 1);
    assert_int_equal(list[0].index, 3);
    assert_int_equal(wt_camera_list_in(sys, "/nonexistent", list, 0), 0);
    snprintf(command, sizeof command, "rm -r '%s'", sys);
    assert_int_equal(system(command), 0);
    assert_int_equal(count, 3);
}

static void real_driver_refuses_what_is_no_camera(void **state)
{
    struct wt_camera_info camera = {.index = 0, .path = "/dev/null", .name = "nothing"};
    struct wt_source_spec wish = {0};
    struct wt_source_info info = {0};
    void *device = NULL;
    const struct wt_camera_driver *real = &wt_camera_driver_v4l2;
    assert_int_equal(real->open(real->user, &camera, &wish, &device, &info), WT_ERR_IO);
    assert_null(device);
    assert_int_equal(said.count[WT_LOG_ERROR], 0);
}

/* ---- tracking one ---------------------------------------------------------------------------- */

static enum wt_status look_on(void *context, const struct wt_frame *frame, int64_t since_us,
                              const struct wt_result *result, struct wt_view *view)
{
    int *frames = context;
    assert_int_equal(since_us, *frames * machine.step_us);
    assert_int_equal(result->faces, 0);
    ++*frames;
    return WT_OK;
}

/* A camera has no end: it is tracked for as long as is wished, and its video starts at 0. */
static void is_tracked_for_a_while(void **state)
{
    int frames = 0;
    char path[64];
    snprintf(path, sizeof path, "/tmp/wingtip-test-%d.mp4", (int)getpid());
    machine.step_us = 40000;
    struct wt_track_watch watch = {.context = &frames, .frame = look_on};
    struct wt_track_settings settings = {.source = open_camera("0"),
                                         .common.log_level = WT_LOG_INFO,
                                         .output = path,
                                         .faces = 1,
                                         .length = 0.3,
                                         .watch = &watch};
    wt_common_resolve(&settings.common);
    assert_int_equal(wt_track_run(&settings), WT_OK);
    assert_int_equal(frames, 8);
    assert_int_equal(watch.frames, 8);
    assert_int_equal(watch.with_face, 0);
    assert_int_equal(machine.closed, 1);

    struct wt_source *video = NULL;
    struct wt_frame *frame = NULL;
    assert_int_equal(wt_source_open(&video, &(struct wt_source_spec){.input = path}), WT_OK);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(wt_source_read(video, &frame), WT_OK);
        assert_true(llabs(frame->time_us - i * machine.step_us) < 2000);
        wt_frame_unref(&frame);
    }
    assert_int_equal(wt_source_read(video, &frame), WT_END);
    wt_source_close(&video);
    unlink(path);
}

/* One that goes away is an error, and what was tracked stays. */
static void goes_while_it_is_tracked(void **state)
{
    int frames = 0;
    machine.step_us = 40000;
    machine.last_read = 3;
    struct wt_track_watch watch = {.context = &frames, .frame = look_on};
    struct wt_track_settings settings = {
        .source = open_camera("0"), .common.log_level = WT_LOG_INFO, .faces = 1, .watch = &watch};
    wt_common_resolve(&settings.common);
    assert_int_equal(wt_track_run(&settings), WT_ERR_LOST);
    assert_int_equal(watch.frames, 3);
    assert_int_equal(said.count[WT_LOG_ERROR], 1);
}

/* ---- light --------------------------------------------------------------------------------- */

static void a_black_picture_is_told(void **state)
{
    enum { WIDTH = 320, HEIGHT = 180 };
    static uint8_t pixel[HEIGHT][WIDTH][3];
    const struct wt_image image = {pixel[0][0], WIDTH, HEIGHT, WIDTH * 3, WT_PIXEL_BGR24};
    struct wt_dark dark = {0};
    memset(pixel, 20, sizeof pixel); /* noise of a covered sensor */
    pixel[90][160][0] = 255;         /* a hot pixel */
    assert_false(wt_dark_add(&dark, &image, 5000000));
    assert_false(wt_dark_add(&dark, &image, 5990000));
    assert_false(dark.dark);
    assert_true(wt_dark_add(&dark, &image, 6000000));
    assert_true(dark.dark);
    assert_false(wt_dark_add(&dark, &image, 9000000));
    /* a hand's shadow moves over a small part of it: a picture that is no longer black */
    memset(pixel[100], 120, sizeof pixel[100] * 30);
    assert_false(wt_dark_add(&dark, &image, 9100000));
    memset(pixel, 20, sizeof pixel);
    assert_false(wt_dark_add(&dark, &image, 9600000)); /* it was but a flash */
    memset(pixel[100], 120, sizeof pixel[100] * 30);
    assert_false(wt_dark_add(&dark, &image, 10000000));
    assert_false(wt_dark_add(&dark, &image, 10900000));
    assert_true(wt_dark_add(&dark, &image, 11000000));
    assert_false(dark.dark);
    /* grey pictures; one channel of three is enough for light */
    memset(pixel, 0, sizeof pixel);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            pixel[y][x][2] = 60;
    assert_false(wt_dark_add(&dark, &image, 20000000));
    assert_false(wt_dark_add(&dark, &image, 30000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(chooses_by_number_path_or_name, setup),
        cmocka_unit_test_setup(lists_what_is_there_when_the_wish_is_not, setup),
        cmocka_unit_test_setup(says_why_a_camera_does_not_open, setup),
        cmocka_unit_test_setup(comes_back_under_another_number, setup),
        cmocka_unit_test_setup(prefers_the_old_number_among_equal_names, setup),
        cmocka_unit_test_setup(closes_while_the_camera_is_away, setup),
        cmocka_unit_test_setup(lists_capture_nodes_only, setup),
        cmocka_unit_test_setup(lists_the_first_of_many, setup),
        cmocka_unit_test_setup(real_driver_refuses_what_is_no_camera, setup),
        cmocka_unit_test_setup(a_black_picture_is_told, setup),
        cmocka_unit_test_setup(is_tracked_for_a_while, setup),
        cmocka_unit_test_setup(goes_while_it_is_tracked, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
