/* Sound that goes along: in what is recorded of an input, beeps come with the flashes they came
 * with, whether their packets are copied or encoded anew, wherever times start. */
#include "scratch.h"

#include <math.h>
#include <signal.h>
#include <sys/wait.h>

#include "input/libav.h"
#include "input/microphone.h"
#include "input/sound.h"
#include "input/source.h"
#include "record/recorder.h"

/* See test_recorder.c. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "called_from_lib:libavutil.so\ncalled_from_lib:libavcodec.so\n"
           "called_from_lib:libx264.so\ncalled_from_lib:libswresample.so\n";
}

#define FRAME_US 40000 /* of the clip */

static struct log_capture said;
static int warnings;
static char warning[1024];

static void hear(void *user, enum wt_log_level level, const char *line)
{
    log_capture_line(user, level, line);
    warnings += level == WT_LOG_WARN;
    if (level == WT_LOG_WARN)
        snprintf(warning, sizeof warning, "%s", line);
}

static int setup(void **state)
{
    memset(&said, 0, sizeof said);
    warnings = 0;
    return 0;
}

/* Three seconds at 25 a second: for 0.12 s from 0.6, 1.4 and 2.2 s on white, and a tone of 1 kHz.
 */
static int make_halves(void **state)
{
    scratch_folder(folder, sizeof folder);
    wt_set_log(hear, &said, WT_LOG_INFO);
    shell("ffmpeg -nostdin -v error -y -f lavfi -i \"color=black:s=160x120:r=25:d=3,"
          "drawbox=color=white:t=fill:enable='between(mod(t,0.8),0.599,0.719)*gt(t,0.1)'\" -c:v "
          "libx264 -bf 0 -qp 10 v.mkv && ffmpeg -nostdin -v error -y -f lavfi -i "
          "\"aevalsrc='0.8*sin(2*PI*1000*t)*between(mod(t,0.8),0.6,0.72)':s=48000:d=3\" a.wav");
    return 0;
}

/* picture, sound: options of each, as -itsoffset; out: of the file. */
static void make_clip(const char *picture, const char *sound, const char *out)
{
    shell("ffmpeg -nostdin -v error -y %s -i v.mkv %s -i a.wav -map 0 -map 1 -c:v copy %s", picture,
          sound, out);
}

enum { EVENTS = 16 };

/* Times at which it becomes bright; the time of the last frame. */
static int find_flashes(const char *name, int64_t *at, int64_t *last)
{
    struct wt_source *source = NULL;
    struct wt_frame *frame = NULL;
    int count = 0;
    bool bright = false;
    assert_int_equal(wt_source_open(&source, &(struct wt_source_spec){.input = in_folder(name)}),
                     WT_OK);
    while (wt_source_read(source, &frame) == WT_OK) {
        const struct wt_image *image = &frame->image;
        const bool now = image->data[image->height / 2 * image->stride + image->width / 2] > 128;
        if (now && !bright && count < EVENTS)
            at[count++] = frame->time_us;
        bright = now;
        *last = frame->time_us;
        wt_frame_unref(&frame);
    }
    wt_source_close(&source);
    return count;
}

/* Times at which a tone begins after 50 ms of silence, from the file's 0 on; track: of sound; end:
 * of all of it. Gaps are filled with silence (async=1), not closed by stretching what is around
 * them. */
static int find_beeps(const char *name, int track, int64_t *at, int64_t *end)
{
    enum { RATE = 48000, STEP = RATE / 200 };
    static int16_t samples[RATE * 20];
    shell("ffmpeg -nostdin -v error -y -copyts -i %s -map 0:a:%d -af "
          "aresample=%d:async=1:min_hard_comp=0.005:first_pts=0 -ac 1 -f s16le sound.raw",
          name, track, RATE);
    FILE *f = fopen(in_folder("sound.raw"), "rb");
    assert_non_null(f);
    const int n = (int)fread(samples, 2, sizeof samples / 2, f);
    fclose(f);
    int count = 0, quiet = 10;
    for (int i = 0; i + STEP <= n; i += STEP) {
        int most = 0;
        for (int k = 0; k < STEP; k++)
            most = abs(samples[i + k]) > most ? abs(samples[i + k]) : most;
        if (most > 6000 && quiet >= 10 && count < EVENTS)
            at[count++] = i * INT64_C(1000000) / RATE;
        quiet = most > 6000 ? 0 : quiet + 1;
    }
    *end = n * INT64_C(1000000) / RATE;
    return count;
}

static bool has_sound(const char *name)
{
    char command[600];
    snprintf(command, sizeof command,
             "test -n \"$(ffprobe -v error -select_streams a -show_entries stream=index -of "
             "csv=p=0 '%s')\"",
             in_folder(name));
    return system(command) == 0;
}

/* Beeps and flashes coincide within a frame, and there are so many. Frames may be missing in front
 * of a flash; sound may end with the picture's last frame. */
static void check_step(const char *name, int events)
{
    int64_t flash[EVENTS], beep[EVENTS], last = 0, end = 0;
    const int flashes = find_flashes(name, flash, &last);
    const int beeps = find_beeps(name, 0, beep, &end);
    bool good = flashes == events && beeps == events;
    for (int i = 0; good && i < events; i++)
        good = llabs(flash[i] - beep[i]) <= FRAME_US;
    if (!good) {
        print_message("%s: %d flashes, %d beeps, wanted %d:", name, flashes, beeps, events);
        for (int i = 0; i < flashes || i < beeps; i++)
            print_message(" %.3f/%.3f", i < flashes ? (double)flash[i] / 1e6 : -1,
                          i < beeps ? (double)beep[i] / 1e6 : -1);
        print_message("\n");
    }
    assert_true(good);
    assert_true(end >= last - 2 * FRAME_US);
}

static struct wt_source *open_input(const char *name, bool loop)
{
    struct wt_source *source = NULL;
    assert_int_equal(
        wt_source_open(&source, &(struct wt_source_spec){.input = in_folder(name), .loop = loop}),
        WT_OK);
    return source;
}

/* Records frames of an input from `first` on, `count` of them, every `step`-th. */
static void record_some(struct wt_source *source, const char *to, bool live, int first, int count,
                        int step)
{
    struct wt_recorder *recorder = NULL;
    struct wt_frame *frame = NULL;
    const struct wt_recorder_options options = {
        .lossless_queue = !live, .fps_hint = 25, .sound = {wt_source_sound(source)}};
    bool ended = false;
    for (int i = 0; i < first; i++) {
        assert_int_equal(wt_source_read(source, &frame), WT_OK);
        wt_frame_unref(&frame);
    }
    assert_int_equal(wt_recorder_open(&recorder, in_folder(to), 160, 120, &options), WT_OK);
    for (int i = 0; i < count && !ended; i++) {
        ended = wt_source_read(source, &frame) != WT_OK;
        for (bool taken = ended || i % step; !taken; taken = taken || !live) {
            taken = wt_recorder_push(recorder, frame, NULL, NULL);
            if (!taken)
                usleep(1000);
        }
        wt_frame_unref(&frame);
    }
    if (ended)
        wt_recorder_sound_to_end(recorder);
    assert_int_equal(wt_recorder_close(&recorder, WT_KEEP_ALL, NULL), WT_OK);
}

static void copy_all(const char *from, const char *to)
{
    struct wt_source *source = open_input(from, false);
    record_some(source, to, false, 0, 1000, 1);
    wt_source_close(&source);
}

/* What of kinds goes into what, and as what it arrives there. */
static void sound_goes_along_in_step(void **state)
{
    static const struct {
        const char *options, *name, *mkv, *mp4;
    } kind[] = {
        {"-c:a aac aac.mp4", "aac.mp4", "aac", "aac"},
        {"-c:a aac ts.ts", "ts.ts", "aac", "aac"},
        {"-c:a pcm_s16le pcm.mkv", "pcm.mkv", "pcm_s16le", "aac"},
        {"-c:a pcm_s24le -ar 37000 -ac 6 odd.mkv", "odd.mkv", "pcm_s24le", "aac"},
        {"-c:a libopus opus.mkv", "opus.mkv", "opus", "opus"},
        {"-c:a flac flac.mkv", "flac.mkv", "flac", "aac"},
        {"-c:a libmp3lame mp3.mkv", "mp3.mkv", "mp3", "mp3"},
    };
    for (size_t i = 0; i < sizeof kind / sizeof *kind; i++) {
        make_clip("", "", kind[i].options);
        copy_all(kind[i].name, "out.mkv");
        check_step("out.mkv", 3);
        copy_all(kind[i].name, "out.mp4");
        check_step("out.mp4", 3);
        shell("for f in mkv mp4; do ffprobe -v error -select_streams a -show_entries "
              "stream=codec_name -of csv=p=0 out.$f | cut -d , -f 1; done >is && printf "
              "'%s\\n%s\\n' | diff - is",
              kind[i].mkv, kind[i].mp4);
        shell("rm out.*");
    }
    assert_int_equal(warnings, 0);
    assert_int_equal(said.errors, 0);
}

/* The picture half a second behind the sound, the sound behind the picture, both late; in kinds
 * that are copied and in one that is encoded anew. */
static void late_starts_stay_in_step(void **state)
{
    static const struct {
        const char *picture, *sound, *options;
        int64_t flash; /* the first one */
    } late[] = {
        {"-itsoffset 0.5", "", "-c:a aac in.mp4", 1100000},
        {"", "-itsoffset 0.5", "-c:a aac in.mp4", 600000},
        {"-itsoffset 0.5", "", "-c:a pcm_s16le in.mkv", 1100000},
        {"", "-itsoffset 0.5", "-c:a pcm_s16le in.mkv", 600000},
        {"", "", "-c:a pcm_s16le -output_ts_offset 7 in.mkv", 600000},
        {"", "", "-c:a aac -output_ts_offset 7 in.ts", 600000},
    };
    for (size_t i = 0; i < sizeof late / sizeof *late; i++) {
        int64_t flash[EVENTS], beep[EVENTS], last, end;
        make_clip(late[i].picture, late[i].sound, late[i].options);
        const char *in = strstr(late[i].options, "in.");
        for (int k = 0; k < 2; k++) {
            const char *out = k ? "out.mp4" : "out.mkv";
            copy_all(in, out);
            assert_int_equal(find_flashes(out, flash, &last), 3);
            assert_int_equal(find_beeps(out, 0, beep, &end), 3);
            /* the offset between them is the input's */
            const int64_t apart = late[i].picture[0] ? -500000 : late[i].sound[0] ? 500000 : 0;
            for (int e = 0; e < 3; e++)
                if (llabs(beep[e] - flash[e] - apart) > FRAME_US)
                    print_message("%zu %s: flash %.3f beep %.3f\n", i, out, (double)flash[e] / 1e6,
                                  (double)beep[e] / 1e6);
            for (int e = 0; e < 3; e++)
                assert_true(llabs(beep[e] - flash[e] - apart) <= FRAME_US);
            assert_true(llabs(flash[0] - late[i].flash) <= FRAME_US);
            shell("rm %s", out);
        }
    }
    assert_int_equal(warnings, 0);
}

/* A recording that begins in the middle, leaves frames out, and ends before the input does. */
static void parts_of_an_input_stay_in_step(void **state)
{
    static const char *const kind[] = {"-c:a aac in.mp4", "-c:a pcm_s16le in.mkv"};
    for (int i = 0; i < 4; i++) {
        int64_t flash[EVENTS], beep[EVENTS], last = 0, end = 0;
        const char *out = i / 2 ? "part.mp4" : "part.mkv";
        make_clip("", "", kind[i % 2]);
        struct wt_source *source = open_input(i % 2 ? "in.mkv" : "in.mp4", false);
        record_some(source, out, true, 25, 26, 2); /* from 1.0 s to 2.0 s */
        wt_source_close(&source);
        assert_int_equal(find_flashes(out, flash, &last), 1);
        assert_int_equal(find_beeps(out, 0, beep, &end), 1);
        assert_true(llabs(flash[0] - 400000) <= FRAME_US);
        assert_true(llabs(flash[0] - beep[0]) <= FRAME_US);
        assert_true(llabs(last - 1000000 / FRAME_US * FRAME_US) <= FRAME_US);
        /* not longer than the picture, but for what a packet has more */
        assert_true(end <= last + 4 * FRAME_US && end >= last - FRAME_US);
        shell("rm %s", out);
    }
    assert_int_equal(warnings, 0);
}

/* Sound that is longer than the picture does not run into the next round. */
static void rounds_of_a_loop_stay_in_step(void **state)
{
    for (int i = 0; i < 2; i++) {
        make_clip("-t 2.4", "", i ? "-c:a aac in.mp4" : "-c:a pcm_s16le in.mkv");
        struct wt_source *source = open_input(i ? "in.mp4" : "in.mkv", true);
        record_some(source, "loop.mkv", true, 0, 150, 1); /* 60 frames a round */
        wt_source_close(&source);
        check_step("loop.mkv", 7);
        shell("rm loop.mkv");
    }
    assert_int_equal(warnings, 0);
}

/* One warning, and the whole video. */
static void damaged_sound_costs_one_line(void **state)
{
    static const struct {
        const char *make, *out;
    } bad[] = {
        {"-c:a aac -bsf:a noise=amount=2 in.mkv", "out.mkv"},
        {"-c:a aac -bsf:a noise=amount=2 in.mkv", "out.mp4"},
        {"-c:a flac -bsf:a noise=amount=20 in.mkv", "out.mp4"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t flash[EVENTS], last = 0;
        make_clip("", "", bad[i].make);
        warnings = 0;
        copy_all("in.mkv", bad[i].out);
        assert_int_equal(warnings, 1);
        assert_non_null(strstr(warning, "in.mkv: "));
        assert_non_null(strstr(warning, "sound"));
        assert_int_equal(find_flashes(bad[i].out, flash, &last), 3);
        assert_true(llabs(last - 74 * FRAME_US) <= FRAME_US);
        shell("rm out.*");
    }
    assert_int_equal(said.errors, 0);
}

/* A kind that nobody knows. */
static void unknown_sound_costs_one_line(void **state)
{
    int64_t flash[EVENTS], last = 0;
    make_clip("", "", "-c:a pcm_s16le in.mkv");
    /* the same length, so that the file stays whole */
    shell("sed 's|A_PCM/INT/LIT|A_XYZ/INT/LIT|' in.mkv >strange.mkv && ! cmp -s in.mkv "
          "strange.mkv");
    copy_all("strange.mkv", "out.mkv");
    assert_int_equal(warnings, 1);
    assert_false(has_sound("out.mkv"));
    assert_int_equal(find_flashes("out.mkv", flash, &last), 3);
    assert_int_equal(said.errors, 0);
}

/* All that it hears, in a queue of its own; start: the clock at its 0. libavdevice makes this
 * sound, at once, and less of it than is kept while nobody listens. */
static struct wt_sound *listen_to(struct wt_microphone *microphone, AVPacket **packet, int *packets,
                                  int64_t *start)
{
    struct wt_sound *sound = wt_microphone_sound(microphone);
    for (*packets = 0; *packets == 0 || packet[*packets - 1]->pts < packet[0]->pts + 1850000;) {
        packet[*packets] = wt_av()->av_packet_alloc();
        while (!wt_sound_take(sound, INT64_MAX, packet[*packets]))
            usleep(1000);
        ++*packets;
        assert_true(*packets < 200);
    }
    *start = packet[0]->pts;
    return wt_sound_create(wt_sound_format(sound), "it");
}

static void put_all(struct wt_sound *sound, AVPacket **packet, int packets)
{
    for (int i = 0; i < packets; i++) {
        wt_sound_put(sound, packet[i], AV_TIME_BASE_Q, 0);
        wt_av()->av_packet_free(&packet[i]);
    }
    wt_sound_pass(sound, 0);
}

/* By the clock, which goes on while the input is held: a tone that nobody recorded is not heard.
 * late: the sound comes when all frames have come. */
static void record_microphone(bool late)
{
    int64_t flash[EVENTS], beep[EVENTS], last = 0, end = 0, start;
    struct wt_microphone *microphone = NULL;
    struct wt_recorder *recorder = NULL;
    AVPacket *packet[200];
    int packets;
    assert_int_equal(wt_microphone_open(&microphone,
                                        "lavfi:aevalsrc=0.8*sin(2*PI*1000*t)*between(mod(t\\,0.4)"
                                        "\\,0.2\\,0.3)*gt(t\\,0.5):s=48000:d=1.9"),
                     WT_OK);
    struct wt_sound *sound = listen_to(microphone, packet, &packets, &start);
    assert_int_equal(
        wt_recorder_open(&recorder, in_folder("spoken.mkv"), 64, 48,
                         &(struct wt_recorder_options){.sound = {NULL, sound}, .fps_hint = 25}),
        WT_OK);
    if (!late)
        put_all(sound, packet, packets);
    for (int i = 0; i < 34; i++) { /* held from 0.8 to 1.2 s; tones at 0.6, 1.0, 1.4 s */
        struct wt_frame *frame = wt_frame_create(64, 48);
        const int64_t since = i * FRAME_US + (i < 20 ? 0 : 400000), phase = since % 400000;
        const bool bright = phase >= 199000 && phase < 300000 && since > 500000;
        memset(frame->pixels, bright ? 255 : 0, (size_t)frame->image.stride * 48);
        frame->time_us = 5000000 + i * FRAME_US;
        frame->clock_us = start + since;
        frame->sequence = (uint64_t)i;
        while (!wt_recorder_push(recorder, frame, NULL, NULL))
            usleep(1000);
        wt_frame_unref(&frame);
    }
    while (late && wt_recorder_stats(recorder).written < 34)
        usleep(1000);
    if (late)
        put_all(sound, packet, packets);
    assert_int_equal(wt_recorder_close(&recorder, WT_KEEP_ALL, NULL), WT_OK);
    wt_sound_unref(&sound);
    wt_microphone_close(&microphone);
    assert_int_equal(find_flashes("spoken.mkv", flash, &last), 2);
    assert_int_equal(find_beeps("spoken.mkv", 0, beep, &end), 2);
    for (int i = 0; i < 2; i++) {
        assert_true(llabs(flash[i] - (i ? 1000000 : 600000)) <= FRAME_US);
        assert_true(llabs(flash[i] - beep[i]) <= FRAME_US);
    }
    assert_int_equal(warnings, 0);
    shell("rm spoken.mkv");
}

static void a_microphone_is_heard_in_step(void **state)
{
    record_microphone(false);
    record_microphone(true);
}

static void microphones_that_are_not_there_get_one_line(void **state)
{
    struct wt_microphone *microphone = NULL;
    static const char *const names[] = {"no such microphone", "lavfi:nonsense=1", "alsa:nowhere"};
    for (int i = 0; i < 3; i++) {
        said.errors = 0;
        assert_int_equal(wt_microphone_open(&microphone, names[i]), WT_ERR_IO);
        assert_null(microphone);
        assert_int_equal(said.errors, 1);
        assert_non_null(strstr(said.last, names[i]));
    }
}

#ifndef __SANITIZE_THREAD__
/* ---- the program --------------------------------------------------------------------------- */

/* Runs it in the folder; its lines are in the file "said". Returns its status. */
static int wingtip(const char *arguments)
{
    char command[1500];
    snprintf(command, sizeof command,
             "cd '%s' && '%s' %s --faces 1 --search-every 3600 --model fast >out 2>said", folder,
             getenv("WINGTIP_EXE"), arguments);
    const int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void track_and_demo_carry_sound(void **state)
{
    int64_t beep[EVENTS], end = 0;
    make_clip("", "", "-c:a aac in.mp4");
    assert_int_equal(wingtip("track in.mp4 -o out.mkv"), 0);
    check_step("out.mkv", 3);
    assert_int_equal(wingtip("track in.mp4 --no-audio -o silent.mkv"), 0);
    assert_false(has_sound("silent.mkv"));
    assert_int_equal(wingtip("demo in.mp4 --seconds 1.6 --out ."), 0);
    shell("mv wingtip-*.mp4 demo.mp4");
    check_step("demo.mp4", 2);
    find_beeps("demo.mp4", 0, beep, &end);
    assert_true(end <= 1600000 + 2 * FRAME_US);
    assert_int_equal(wingtip("demo in.mp4 --seconds 0.4 --no-audio --out ."), 0);
    shell("mv wingtip-*.mp4 demo.mp4");
    assert_false(has_sound("demo.mp4"));
}

/* What is there is tracked, and said to be a part; one that was never finished says nothing. */
static void cut_files_say_so(void **state)
{
    make_clip("", "", "-c:a pcm_s16le whole.mkv");
    shell("head -c $(($(stat -c %%s whole.mkv) * 7 / 10)) whole.mkv >cut.mkv");
    assert_int_equal(wingtip("track cut.mkv -o out.mkv"), 1);
    shell("grep -q 'warning: cut.mkv: damaged or cut off' said && grep -q 'cut.mkv: broke off' "
          "said");
    check_step("out.mkv", 2);
    shell("ffmpeg -nostdin -v error -i whole.mkv -c copy -f matroska -live 1 - >open.mkv");
    assert_int_equal(wingtip("track open.mkv -o out.mkv"), 0);
    check_step("out.mkv", 3);
}

/* Ctrl-C in the middle: the program reads from a pipe that stays open. */
static void an_interrupt_ends_sound_and_picture(void **state)
{
    int64_t flash[EVENTS], beep[EVENTS], last = 0, end = 0;
    make_clip("", "", "-c:a pcm_s16le in.mkv");
    shell("cat >run.sh <<'END'\n"
          "(cat in.mkv; exec sleep 600) >pipe.mkv &\n"
          "feeder=$!\n"
          "\"$1\" track pipe.mkv -o cut-short.mkv --faces 1 --search-every 3600 --model fast "
          "2>said &\n"
          "tracker=$!\n"
          "until [ \"$(cat cut-short.mkv 2>/dev/null | wc -c)\" -gt 150000 ]; do\n"
          "  kill -0 $tracker || { kill $feeder; exit 1; }\n"
          "  sleep 0.1\n"
          "done\n"
          "kill -TERM $tracker\n" /* a shell's background jobs ignore INT */
          "wait $tracker\n"
          "status=$?\n"
          "kill $feeder\n"
          "[ $status = 1 ]\n"
          "END\n"
          "mkfifo pipe.mkv && sh run.sh '%s'",
          getenv("WINGTIP_EXE"));
    const int flashes = find_flashes("cut-short.mkv", flash, &last);
    const int beeps = find_beeps("cut-short.mkv", 0, beep, &end);
    assert_true(flashes >= 1 && beeps >= 1 && abs(flashes - beeps) <= 1);
    for (int i = 0; i < flashes && i < beeps; i++)
        assert_true(llabs(flash[i] - beep[i]) <= FRAME_US);
    assert_true(end <= last + 3 * FRAME_US && end >= last - 2 * FRAME_US);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(sound_goes_along_in_step, setup),
        cmocka_unit_test_setup(late_starts_stay_in_step, setup),
        cmocka_unit_test_setup(parts_of_an_input_stay_in_step, setup),
        cmocka_unit_test_setup(rounds_of_a_loop_stay_in_step, setup),
        cmocka_unit_test_setup(damaged_sound_costs_one_line, setup),
        cmocka_unit_test_setup(unknown_sound_costs_one_line, setup),
        cmocka_unit_test_setup(a_microphone_is_heard_in_step, setup),
        cmocka_unit_test_setup(microphones_that_are_not_there_get_one_line, setup),
#ifndef __SANITIZE_THREAD__ /* its build has the tests of threads alone, without the program */
        cmocka_unit_test_setup(track_and_demo_carry_sound, setup),
        cmocka_unit_test_setup(cut_files_say_so, setup),
        cmocka_unit_test_setup(an_interrupt_ends_sound_and_picture, setup),
#endif
    };
    return cmocka_run_group_tests(tests, make_halves, remove_scratch);
}
