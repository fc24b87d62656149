/* `wingtip track` as a program: its video, CSV and JSON lines agree with each other, with the
 * input and with the truth of the rendered clip; wrong use and failures end as they should. */
#include "support.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "input/source.h"

enum { FRAMES_MAX = 64, FACES = 4 };

struct row {
    int frame, id, success;
    double time, confidence;
    float x[98], y[98];
};

static char folder[100], demo[600];

static int setup(void **state)
{
    scratch_folder(folder, sizeof folder);
    source_path("assets/demo.mp4", demo, sizeof demo);
    return 0;
}

static int teardown(void **state)
{
    return remove_folder(folder);
}

/* Runs a shell command in the scratch folder; $W is the program, $D the demo clip, and $F asks for
 * the fast network, where it matters which files are written and not how near the points are. */
static int shell(const char *command)
{
    setenv("W", getenv("WINGTIP_EXE"), 1);
    setenv("D", demo, 1);
    setenv("F", "--model=fast", 1);
    char line[2000];
    snprintf(line, sizeof line, "cd '%s' && { %s ; }", folder, command);
    int status = system(line);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static FILE *open_file(const char *name)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    return f;
}

/* Two faces in it, 12 frames, made from the clip's end without loss. */
static void make_clip(void)
{
    assert_int_equal(shell("ffmpeg -nostdin -v error -ss 8 -i \"$D\" -frames:v 12 -c:v libx264 "
                           "-preset ultrafast -qp 0 clip.mkv"),
                     0);
}

enum { MEASURES = 13 + 98 }; /* columns after the points: with their confidences */

static int read_csv(const char *name, struct row *row, int max)
{
    static char line[20000];
    FILE *f = open_file(name);
    int count = 0;
    assert_non_null(fgets(line, sizeof line, f)); /* header */
    const bool names = strstr(line, ",picture\n");
    while (count < max && fgets(line, sizeof line, f)) {
        struct row *r = &row[count++];
        char *p = line;
        r->frame = (int)strtol(p, &p, 10);
        r->id = (int)strtol(p + 1, &p, 10);
        r->time = strtod(p + 1, &p);
        r->confidence = strtod(p + 1, &p);
        r->success = (int)strtol(p + 1, &p, 10);
        for (int i = 0; i < 98; i++)
            r->x[i] = strtof(p + 1, &p);
        for (int i = 0; i < 98; i++)
            r->y[i] = strtof(p + 1, &p);
        for (int i = 0; i < MEASURES; i++) { /* a number, or nothing */
            char *end;
            assert_true(p[0] == ',');
            p++;
            strtod(p, &end);
            p = *p == ',' || *p == '\n' ? p : end;
        }
        assert_int_equal(*p, names ? ',' : '\n'); /* not a column more or less */
    }
    fclose(f);
    return count;
}

static int read_times(const char *name, int64_t *time, int max)
{
    char path[2000];
    struct wt_source *source = NULL;
    struct wt_frame *frame = NULL;
    snprintf(path, sizeof path, "%s%s%s", name[0] == '/' ? "" : folder, name[0] == '/' ? "" : "/",
             name);
    assert_int_equal(wt_source_open(&source, &(struct wt_source_spec){.input = path}), WT_OK);
    int count = 0;
    while (count < max && wt_source_read(source, &frame) == WT_OK) {
        time[count++] = frame->time_us;
        wt_frame_unref(&frame);
    }
    wt_source_close(&source);
    return count;
}

static void check_json_against_csv(const struct row *row, int rows, int frames)
{
    static char line[100000];
    FILE *f = open_file("out.jsonl");
    int at = 0;
    for (int n = 0; n < frames; n++) {
        assert_non_null(fgets(line, sizeof line, f));
        cJSON *json = cJSON_Parse(line);
        assert_non_null(json);
        assert_int_equal(cJSON_GetObjectItem(json, "frame")->valueint, n + 1);
        cJSON *face;
        cJSON_ArrayForEach(face, cJSON_GetObjectItem(json, "faces"))
        {
            assert_true(at < rows);
            const struct row *r = &row[at++];
            assert_int_equal(r->frame, n + 1);
            assert_int_equal(r->success, 1);
            assert_int_equal(cJSON_GetObjectItem(face, "id")->valueint, r->id);
            assert_true(cJSON_GetObjectItem(json, "time")->valuedouble == r->time);
            cJSON *points = cJSON_GetObjectItem(face, "points"), *point;
            int i = 0;
            cJSON_ArrayForEach(point, points)
            {
                assert_true((float)cJSON_GetArrayItem(point, 0)->valuedouble == r->x[i]);
                assert_true((float)cJSON_GetArrayItem(point, 1)->valuedouble == r->y[i]);
                i++;
            }
            assert_int_equal(i, 98);
            assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(face, "point_confidence")), 98);
        }
        if (cJSON_GetArraySize(cJSON_GetObjectItem(json, "faces")) == 0)
            assert_int_equal(row[at++].success, 0);
        cJSON_Delete(json);
    }
    assert_null(fgets(line, sizeof line, f));
    assert_int_equal(at, rows);
    fclose(f);
}

static void outputs_agree(void **state)
{
    static struct row row[FRAMES_MAX * FACES];
    int64_t in[FRAMES_MAX], out[FRAMES_MAX];
    make_clip();
    assert_int_equal(shell("\"$W\" track $F clip.mkv -o out.mkv --csv out.csv --jsonl out.jsonl "
                           "--heatmaps --boxes 2> log"),
                     0);
    int frames = read_times("clip.mkv", in, FRAMES_MAX);
    assert_int_equal(frames, 12);
    assert_int_equal(read_times("out.mkv", out, FRAMES_MAX), frames);
    for (int i = 0; i < frames; i++)
        assert_true(llabs(in[i] - out[i]) <= 1000);
    int rows = read_csv("out.csv", row, FRAMES_MAX * FACES);
    assert_true(rows >= frames);
    int both = 0;
    for (int i = 0; i < rows; i++) {
        assert_in_range(row[i].frame, 1, frames);
        assert_true(fabs(row[i].time - (double)in[row[i].frame - 1] / 1e6) < 1e-6);
        both += i > 0 && row[i].frame == row[i - 1].frame;
        if (i > 0 && row[i].frame == row[i - 1].frame)
            assert_true(row[i].id > row[i - 1].id);
    }
    assert_true(both >= 8); /* both people */
    check_json_against_csv(row, rows, frames);
    assert_int_equal(shell("grep -q '^wingtip: 12 frames in .* a face in 12 of them' log"), 0);
}

static void raw_frames_give_the_same(void **state)
{
    static struct row a[FRAMES_MAX * FACES], b[FRAMES_MAX * FACES];
    make_clip();
    assert_int_equal(
        shell("ffmpeg -nostdin -v error -i clip.mkv -frames:v 4 img_%02d.png && "
              "\"$W\" track $F 'img_%02d.png' --fps 24 --csv a.csv 2>/dev/null && "
              "ffmpeg -nostdin -v error -i 'img_%02d.png' -f rawvideo -pix_fmt bgr24 - | "
              "\"$W\" track $F - --size 640x480 --fps 24 --csv - > b.csv 2>/dev/null"),
        0);
    int n = read_csv("a.csv", a, FRAMES_MAX);
    assert_true(n >= 4);
    assert_int_equal(read_csv("b.csv", b, FRAMES_MAX), n);
    assert_memory_equal(a, b, sizeof *a * (size_t)n);
}

static void a_picture_becomes_a_picture(void **state)
{
    make_clip();
    assert_int_equal(
        shell("ffmpeg -nostdin -v error -i clip.mkv -frames:v 1 one.png && "
              "\"$W\" track $F one.png -o drawn.jpg --points 68 --csv out.csv 2>/dev/null && "
              "test -s drawn.jpg && test $(head -1 out.csv | tr , '\\n' | wc -l) = 222"),
        0);
    /* several pictures cannot become one, and a pattern must not eat its own file */
    assert_int_equal(shell("cp one.png two.png; \"$W\" track $F '*.png' -o drawn.png 2>log"), 2);
    assert_int_equal(shell("rm two.png; \"$W\" track $F 'o*.png' -o one.png 2>log"), 2);
    assert_int_equal(shell("test $(wc -l < log) = 1"), 0);
}

static void wrong_use_is_told_in_one_line(void **state)
{
    static const struct {
        const char *arguments;
        int status;
    } cases[] = {
        {"", 2},
        {"clip.mkv", 2},
        {"clip.mkv -o clip.mkv", 2},
        {"clip.mkv -o ./clip.mkv", 2},
        {"clip.mkv -o link.mkv", 2},
        {"clip.mkv --csv clip.mkv", 2},
        {"clip.mkv --csv a --jsonl a", 2},
        {"clip.mkv --csv - --jsonl -", 2},
        {"clip.mkv -o -", 2},
        {"clip.mkv --csv a --smooth --no-smooth", 2},
        {"clip.mkv --csv a --size 640x480", 2},
        {"- --csv a", 2},
        {"- --csv a --size 640x", 2},
        {"- --csv a --size 0x7", 2},
        {"- --csv a --size 640x480x3", 2},
        {"clip.mkv --csv a --faces 0", 2},
        {"clip.mkv --csv a --points 19", 2},
        {"clip.mkv -o out.png", 2},
        {"missing.mkv --csv a", 1},
        {"log --csv a", 1},
        {"clip.mkv -o out.xyz", 1},
        {"clip.mkv --csv /nonexistent/a", 1},
        {"clip.mkv --csv a --model log", 1},
    };
    make_clip();
    assert_int_equal(shell("ln clip.mkv link.mkv; cp clip.mkv saved; echo text > log"), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char command[300];
        snprintf(command, sizeof command, "\"$W\" track %s 2> lines > /dev/null",
                 cases[i].arguments);
        int status = shell(command), lines = shell("test $(wc -l < lines) = 1");
        if (status != cases[i].status || lines != 0)
            print_message("track %s: exit status %d\n", cases[i].arguments, status);
        assert_int_equal(status, cases[i].status);
        assert_int_equal(lines, 0);
    }
    assert_int_equal(shell("cmp clip.mkv saved"), 0);
}

static void failures_keep_what_there_is(void **state)
{
    make_clip();
    /* no room for the CSV; no room for the video; nobody reads */
    assert_int_equal(shell("\"$W\" track clip.mkv --csv /dev/full 2> log"), 1);
    assert_int_equal(shell("grep -c 'No space left' log | grep -qx 1"), 0);
    assert_int_equal(shell("(ulimit -f 40; \"$W\" track clip.mkv -o small.mkv 2> log)"), 1);
    assert_int_equal(shell("grep -c 'small.mkv: recording stopped' log | grep -qx 1"), 0);
    assert_int_equal(shell("(\"$W\" track clip.mkv --jsonl - 2> log; echo $? > status) | true; "
                           "grep -qx 1 status && grep -q 'standard output' log"),
                     0);
}

/* Ctrl-C while it waits for input: the files are whole. */
static void ctrl_c_finishes_the_files(void **state)
{
    int64_t time[FRAMES_MAX];
    make_clip();
    assert_int_equal(
        shell("mkfifo pipe; ffmpeg -nostdin -v error -i clip.mkv -frames:v 3 -f rawvideo -pix_fmt "
              "bgr24 raw; mkfifo lines; cat lines > out.jsonl & \"$W\" track - --size 640x480 -o "
              "out.mp4 "
              "--csv out.csv --jsonl lines < pipe 2> log & "
              "pid=$!; exec 9> pipe; cat raw >&9; "
              "for i in $(seq 3000); do sleep 0.1; test $(wc -l < out.jsonl) -ge 3 && break; done; "
              "kill -INT $pid; wait $pid; s=$?; exec 9>&-; "
              "test $s = 1 && grep -q 'stopped after 3 frames' log"),
        0);
    assert_int_equal(read_times("out.mp4", time, FRAMES_MAX), 3);
    static struct row row[FRAMES_MAX];
    assert_true(read_csv("out.csv", row, FRAMES_MAX) >= 3);
}

/* ---- the truth ----------------------------------------------------------------------------- */

struct truth {
    float x[98], y[98];
};

static float error_of(const struct truth *t, const struct row *r)
{
    float x0 = t->x[0], x1 = x0, y0 = t->y[0], y1 = y0, sum = 0;
    for (int i = 0; i < 98; i++) {
        x0 = fminf(x0, t->x[i]);
        x1 = fmaxf(x1, t->x[i]);
        y0 = fminf(y0, t->y[i]);
        y1 = fmaxf(y1, t->y[i]);
        sum += hypotf(t->x[i] - r->x[i], t->y[i] - r->y[i]);
    }
    return sum / 98 / (0.5f * (x1 - x0 + y1 - y0));
}

static bool parse_truth(char *line, int *frame, struct truth *t)
{
    char *p = line;
    *frame = (int)strtol(p, &p, 10);
    if (p == line)
        return false;
    strtol(p + 1, &p, 10); /* which person */
    for (int i = 0; i < 98; i++) {
        t->x[i] = strtof(p + 1, &p);
        t->y[i] = strtof(p + 1, &p);
    }
    return true;
}

static void points_are_near_the_truth(void **state)
{
    static struct row row[FRAMES_MAX * FACES];
    static char path[2000], line[20000];
    /* every seventh frame: all of the clip, in a few seconds */
    assert_int_equal(shell("ffmpeg -nostdin -v error -i \"$D\" -vf \"select='not(mod(n,7))'\" "
                           "-vsync vfr -c:v libx264 -preset ultrafast -qp 0 clip.mkv && "
                           "\"$W\" track clip.mkv --no-smooth --csv out.csv 2>/dev/null"),
                     0);
    int rows = read_csv("out.csv", row, FRAMES_MAX * FACES), faces = 0, near = 0;
    FILE *f = fopen(shared_path("synthetic/demo_points.csv", path, sizeof path), "rb");
    double sum = 0;
    assert_non_null(fgets(line, sizeof line, f));
    while (fgets(line, sizeof line, f)) {
        struct truth truth;
        int frame;
        float best = 1.0f;
        if (!parse_truth(line, &frame, &truth) || frame % 7 != 0)
            continue;
        for (int i = 0; i < rows; i++)
            if (row[i].frame == frame / 7 + 1 && row[i].success)
                best = fminf(best, error_of(&truth, &row[i]));
        faces++;
        near += best < 0.06f;
        sum += best < 0.06f ? (double)best : 0;
    }
    fclose(f);
    print_message("%d of %d faces within 6 %% of the face's size; those: %.2f %% on average\n",
                  near, faces, 100.0 * sum / near);
    assert_true(faces > 35);
    assert_true(near >= faces * 0.9);
}

/* Parts of a folder, one after another, are the file of the whole, byte for byte; also with a file
 * in it that is no picture, and one without a face. */
static void shards_make_the_whole(void **state)
{
    make_clip();
    assert_int_equal(
        shell("mkdir p && ffmpeg -nostdin -v error -i clip.mkv -vf \"select='not(mod(n\\,2))'\" "
              "-vsync 0 p/%02d.png && ffmpeg -nostdin -v error -f lavfi -i "
              "color=gray:64x64 -frames:v 1 p/03b.png && echo junk >p/04b.png"),
        0);
    /* the status tells of the one that is no picture, in the whole and in its part */
    assert_int_equal(
        shell("\"$W\" track $F p --stills --csv all.csv --jsonl all.jsonl 2>log; s=$?; "
              "grep -qx 'wingtip: error: p: 1 of 8 pictures could not be read' log && "
              "grep -q 'p/04b.png: not a picture' log || s=9; exit $s"),
        1);
    assert_int_equal(
        shell("for i in 1 2 3; do \"$W\" track $F p --stills --shard $i/3 --csv $i.csv "
              "--jsonl $i.jsonl 2>/dev/null; s=$s$?; done; test $s = 001 || exit 9"),
        0);
    assert_int_equal(shell("cat 1.csv 2.csv 3.csv | cmp - all.csv && "
                           "cat 1.jsonl 2.jsonl 3.jsonl | cmp - all.jsonl"),
                     0);
    struct row row[FRAMES_MAX];
    int rows = read_csv("all.csv", row, FRAMES_MAX), frames = 0, empty = 0;
    for (int i = 0; i < rows; i++) { /* every picture counts its faces anew */
        bool first = i == 0 || row[i].frame != row[i - 1].frame;
        frames += first;
        empty += !row[i].success;
        assert_int_equal(row[i].id, !row[i].success ? 0 : first ? 1 : row[i - 1].id + 1);
        assert_true(fabs(row[i].time - (row[i].frame - 1) / 30.0) < 1e-5);
        assert_int_not_equal(row[i].frame, 6); /* of 8 files the one that is no picture */
    }
    assert_int_equal(frames, 7);
    assert_true(empty >= 1 && rows > 8);
}

/* Each row says which picture it is of, whatever it is called; a pattern numbers as its folder. */
static void stills_have_names(void **state)
{
    make_clip();
    assert_int_equal(
        shell("mkdir -p p/sub && ffmpeg -nostdin -v error -i clip.mkv -frames:v 1 p/a.JPG && "
              "cp p/a.JPG p/b.jfif && cp p/a.JPG 'p/c, \"d\".jpeg' && "
              "cp p/a.JPG \"p/$(printf 'e\\nf\\033[31m').jpg\" && ffmpeg -nostdin -v error -i "
              "p/a.JPG p/g.gif && echo text >p/notes.txt && cp p/a.JPG p/sub/h.jpg && "
              "cut=p/i.jpg && head -c 1000 p/a.JPG >$cut"),
        0);
    assert_int_equal(
        shell("\"$W\" track $F p --stills --csv folder.csv --jsonl folder.jsonl 2>log"), 1);
    assert_int_equal(shell("\"$W\" track $F 'p/*' --stills --csv pattern.csv 2>/dev/null"), 1);
    assert_int_equal(shell("cmp folder.csv pattern.csv"), 0);
    assert_int_equal(shell("grep -q 'left out: files that are no pictures: 1: notes.txt' log && "
                           "grep -q 'left out: folders: 1: sub' log && "
                           "grep -q '1 of 6 pictures could not be read' log"),
                     0);
    /* as a reader of CSV sees it: 5 pictures, no row without a name */
    assert_int_equal(
        shell(
            "python3 -c \"import csv, json, sys\n"
            "rows = list(csv.DictReader(open('folder.csv'), skipinitialspace=True))\n"
            "want = ['a.JPG', 'b.jfif', 'c, \\\"d\\\".jpeg', r'e\\\\nf\\\\x1b[31m.jpg', 'g.gif']\n"
            "assert sorted(set(r['picture'] for r in rows)) == want, rows[0]['picture']\n"
            "assert all(want[int(r['frame']) - 1] == r['picture'] for r in rows)\n"
            "names = [json.loads(l)['picture'] for l in open('folder.jsonl')]\n"
            "assert names[3] == 'e\\\\nf\\\\x1b[31m.jpg', names\n"
            "assert names[:3] + names[4:] == want[:3] + want[4:], names\n\""),
        0);
    assert_int_equal(shell("grep -c '' folder.jsonl | grep -qx 5"), 0);
}

/* Raw and smoothed motion and what is left of it, as --jitter prints them. */
static void read_jitter(const char *name, double v[4])
{
    FILE *f = open_file(name);
    char line[200];
    int n = 0;
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "raw %lf %lf", &v[0], &v[1]) == 2 ||
            sscanf(line, "smoothed %lf %lf", &v[2], &v[3]) == 2)
            n++;
    fclose(f);
    assert_int_equal(n, 2);
}

/* The same frame again and again: the points stay but for a hair, as each crop is taken around the
 * last points. With noise on every frame they move, and smoothing takes much of that away. */
static void a_picture_that_stands_has_no_jitter(void **state)
{
    double still[4], noisy[4];
    assert_int_equal(shell("ffmpeg -nostdin -v error -ss 0.2 -i \"$D\" -frames:v 1 one.png && "
                           "ffmpeg -nostdin -v error -loop 1 -i one.png -frames:v 40 -r 25 -c:v "
                           "libx264 -preset ultrafast -qp 0 still.mkv && ffmpeg -nostdin -v error "
                           "-loop 1 -i one.png "
                           "-frames:v 40 -r 25 -vf noise=alls=25:allf=t:all_seed=1 -c:v libx264 "
                           "-preset ultrafast -qp 0 noisy.mkv"),
                     0);
    assert_int_equal(shell("\"$W\" track still.mkv --jitter > still 2> log"), 0);
    assert_int_equal(shell("\"$W\" track noisy.mkv --jitter > noisy 2>> log"), 0);
    read_jitter("still", still);
    read_jitter("noisy", noisy);
    assert_true(still[0] < 0.15 && still[1] < 0.15 && still[2] < 0.05 && still[3] < 0.05);
    assert_true(noisy[0] > 3 * still[0] && noisy[1] > 3 * still[1]);
    assert_true(noisy[2] < 0.7 * noisy[0] && noisy[3] < 0.7 * noisy[1]);
    assert_int_equal(shell("\"$W\" track one.png --jitter 2> log"), 1); /* no pair of frames */
}

int main(void)
{
    char path[2000];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(outputs_agree, setup, teardown),
        cmocka_unit_test_setup_teardown(raw_frames_give_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(a_picture_becomes_a_picture, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_use_is_told_in_one_line, setup, teardown),
        cmocka_unit_test_setup_teardown(failures_keep_what_there_is, setup, teardown),
        cmocka_unit_test_setup_teardown(ctrl_c_finishes_the_files, setup, teardown),
        cmocka_unit_test_setup_teardown(shards_make_the_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(stills_have_names, setup, teardown),
        cmocka_unit_test_setup_teardown(a_picture_that_stands_has_no_jitter, setup, teardown),
    };
    const struct CMUnitTest with_truth[] = {
        cmocka_unit_test_setup_teardown(points_are_near_the_truth, setup, teardown),
    };
    int failed = cmocka_run_group_tests_name("track", tests, NULL, NULL);
    if (failed)
        return failed;
    if (!shared_path("synthetic/demo_points.csv", path, sizeof path))
        return WT_TEST_SKIP;
    return cmocka_run_group_tests_name("truth", with_truth, NULL, NULL);
}
