/* Memory that runs out while a command works, at requests spread over its whole run: no crash and
 * no hang, status 1, one error line, what outputs were before stays, no temporary file stays. Where
 * a request within libav or OpenCV fails (not with sanitizers), the run may also end with 0: both
 * bear some of that without a word. Each run is a child of its own. WINGTIP_MEMORY_STEP=N tries
 * every N-th request instead of the usual few; WINGTIP_MEMORY_AT=N that one alone, and shows where
 * it was; WINGTIP_ONLY=NAME one command. */
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define WT_FAIL_ALIGNED
#endif
#include "failing_memory.h"
#include "scratch.h"

#include "base/notice.h"
#include "cli/options.h"
#include "cli/subcommands.h"
#include "face/picture.h"
#include "input/av.h"
#include "input/libav.h"
#include "live/live.h"

#define HANGS_S 600

/* ---- what is run ---------------------------------------------------------------------------- */

struct work {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *words;     /* @ stands for the scratch folder, $ for the source tree */
    const char *output[4]; /* files there that hold something else before */
    const char *fresh;     /* what the shell clears before each run; NULL: nothing */
    int tries;
    int status; /* with enough memory */
    bool each;  /* a failure of one output does not keep the others from their places */
    bool ahead; /* reads ahead what is never needed: a failure there is none */
    enum whose_memory whose;
};

#define COMMAND(name)                                                                              \
    static int run_##name(int argc, char **argv)                                                   \
    {                                                                                              \
        return wt_command_main(&wt_command_##name, argc, argv);                                    \
    }
COMMAND(track)
COMMAND(eval)
COMMAND(train)
COMMAND(tune)
COMMAND(demo)
COMMAND(live)

static int run_model(int argc, char **argv)
{
    return wt_subcommands_main(&wt_model_subcommands, argc, argv);
}

/* The whole chain without the window: WEIGHTS INPUT RECORDING. */
static int run_chain(int argc, char **argv)
{
    struct wt_model *model = NULL;
    struct wt_source *source = NULL;
    struct wt_live *live = NULL;
    struct wt_live_recording recording = {.results = true, .content = WT_RECORD_BOTH};
    const struct wt_live_settings settings = {
        .view = {.landmarks = true, .heatmaps = true}, .faces = 2, .smoothing = 1};
    assert_int_equal(argc, 3);
    wt_notice_capture_log(WT_LOG_INFO);
    snprintf(recording.path.text, sizeof recording.path.text, "%s", argv[2]);
    enum wt_status status = wt_model_open(
        &model, argv[0], &(struct wt_model_options){.threads = 1, .precision = WT_PRECISION_F32});
    if (!status)
        status = wt_source_open(&source, &(struct wt_source_spec){.input = argv[1]});
    if (!status)
        status = wt_live_start(&live, source, model, &settings);
    if (!status) {
        source = NULL;
        model = NULL;
        wt_live_record(live, &recording, true);
        while (!wt_live_get_status(live).ended) {
            struct wt_tracked_frame *tracked = wt_live_take(live);
            wt_tracked_frame_release(&tracked);
            usleep(1000);
        }
        status = wt_live_stop(&live);
    }
    wt_source_close(&source);
    wt_model_close(&model);
    return wt_exit_status(status);
}

#define SMALL "$/tests/program/small.safetensors"
#define MODEL " --model " SMALL " --precision f32 --threads 1"

static const struct work works[] = {
    {"info", run_model, "info " SMALL, .tries = 5},
    {"import",
     run_model,
     "import $/tests/golden/zip.pth @/old.safetensors",
     {"old.safetensors"},
     .tries = 7},
    {"export", run_model, "export " SMALL " @/old.onnx", {"old.onnx"}, .tries = 7},
    {"quantize",
     run_model,
     "quantize " SMALL " @/old.safetensors --data @/list.txt",
     {"old.safetensors"},
     .tries = 5},
    {"eval",
     run_eval,
     "--data @/list.txt --json @/old.json --csv @/old.csv --report @/old.html" MODEL,
     {"old.json", "old.csv", "old.html"},
     .tries = 10,
     .each = true},
    {"track",
     run_track,
     "@/clip.mkv -o @/old.mkv --csv @/old.csv --jsonl @/old.jsonl --heatmaps --boxes" MODEL,
     {"old.mkv", "old.csv", "old.jsonl"},
     .tries = 15},
    {"stills", run_track, "@/pictures --stills --csv @/old.csv" MODEL, {"old.csv"}, .tries = 7},
    {"train", run_train, "--recipe @/small.recipe --out @/run --threads 1", .fresh = "rm -rf run",
     .tries = 10, .ahead = true},
    {"train --resume", run_train, "--recipe @/small.recipe --out @/run --threads 1 --resume",
     .fresh = "rm -rf run && cp -r half run", .tries = 7, .ahead = true},
    {"tune",
     run_tune,
     "--from " SMALL " --data @/list.txt --guard @/list.txt --worse 1000 --steps 4 --every 2 "
     "--rate 0.001 --batch 2 --out @/old.safetensors --threads 1 --precision f32",
     {"old.safetensors"},
     .tries = 10},
    {"demo", run_demo, "--input @/clip.mkv --out @/demo" MODEL,
     .fresh = "rm -rf demo && mkdir demo", .tries = 7},
    {"live chain", run_chain, SMALL " @/clip.mkv @/live.mkv", .fresh = "rm -f live*", .tries = 10},
    {"live", run_live, "--input @/clip.mkv --no-config --record @/live.mkv" MODEL,
     .fresh = "rm -f live*", .tries = 5, .status = 1},
#ifdef WT_FAIL_ALIGNED
    {"track: libraries",
     run_track,
     "@/clip.mkv -o @/old.mkv --csv @/old.csv --jsonl @/old.jsonl" MODEL,
     {"old.mkv", "old.csv", "old.jsonl"},
     .tries = 10,
     .whose = MEMORY_LIBRARIES},
    {"live chain: libraries", run_chain, SMALL " @/clip.mkv @/live.mkv", .fresh = "rm -f live*",
     .tries = 5, .whose = MEMORY_LIBRARIES},
#endif
};

/* ---- a child ------------------------------------------------------------------------------ */

static int to_words(const char *text, char *buffer, char **words, int most)
{
    static const char blank[] = " ";
    char *to = buffer;
    const char *source = getenv("WINGTIP_SOURCE");
    int n = 0;
    for (; *text; text++)
        if (*text == '@' || *text == '$')
            to = stpcpy(to, *text == '@' ? folder : source ? source : ".");
        else
            *to++ = *text;
    *to = '\0';
    for (char *word = strtok(buffer, blank); word && n < most; word = strtok(NULL, blank))
        words[n++] = word;
    words[n] = NULL;
    return n;
}

static _Noreturn void child(const struct work *work, long n)
{
    char buffer[4000], *words[40];
    const int count = to_words(work->words, buffer, words, 39);
    alarm(HANGS_S);
    if (!freopen(in_folder("out"), "w", stdout) || !freopen(in_folder("err"), "w", stderr))
        _exit(99);
    wt_picture_av_init();
    memory_start(n);
    const int status = work->run(count, words);
    memory_stop();
    exit(status);
}

/* The wait status. */
static int run(const struct work *work, long n)
{
    int status = 0;
    if (work->fresh)
        shell("%s", work->fresh);
    for (int i = 0; i < 4 && work->output[i]; i++)
        write_file(in_folder(work->output[i]), "mine\n", 5);
    fflush(NULL);
    failing->failed = false;
    failing->whose = work->whose;
    const pid_t pid = fork();
    if (pid == 0)
        child(work, n);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

/* ---- what is looked at -------------------------------------------------------------------- */

static int parts;

static int count_part(const char *path, const struct stat *info, int type, struct FTW *at)
{
    parts += strstr(path, "wingtip-part") || strstr(path, ".tmp");
    return 0;
}

static char lines[4000]; /* of standard error */

static int error_lines(void)
{
    int n = 0;
    FILE *f = fopen(in_folder("err"), "r");
    const size_t size = f ? fread(lines, 1, sizeof lines - 1, f) : 0;
    lines[size] = '\0';
    if (f)
        fclose(f);
    for (const char *p = lines; (p = strstr(p, "wingtip: error: ")); p++)
        n++;
    return n;
}

static bool is_mine(const char *name)
{
    char text[8] = "";
    FILE *f = fopen(in_folder(name), "r");
    const bool same = f && fread(text, 1, sizeof text, f) == 5 && memcmp(text, "mine\n", 5) == 0;
    if (f)
        fclose(f);
    return same;
}

/* Is what was there before the run still there? */
static bool outputs_stay(const struct work *work)
{
    struct stat st;
    for (int i = 0; i < 4 && work->output[i]; i++)
        if (!is_mine(work->output[i]) &&
            !(work->each && stat(in_folder(work->output[i]), &st) == 0 && st.st_size > 5))
            return false;
    return true;
}

/* What is wrong after a run whose n-th request failed, or none; NULL: nothing. */
static const char *fault(const struct work *work, int status)
{
    parts = 0;
    nftw(folder, count_part, 10, FTW_PHYS);
    const int errors = error_lines();
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGALRM ? "hangs" : "crashed";
    const bool borne = failing->failed && (work->whose == MEMORY_LIBRARIES || work->ahead) &&
                       WEXITSTATUS(status) == 0;
    const int want = failing->failed && !borne ? 1 : work->status;
    if (WEXITSTATUS(status) != want)
        return "exit status";
    if (errors != want)
        return "lines of errors";
    if (failing->failed && !borne && !outputs_stay(work))
        return "an old file is lost";
    return parts ? "a temporary file stays" : NULL;
}

static long number(const char *variable, long otherwise)
{
    const char *text = getenv(variable);
    return text ? strtol(text, NULL, 10) : otherwise;
}

static void test_work(void **state)
{
    const struct work *work = *state;
    const long only = number("WINGTIP_MEMORY_AT", 0);
    int faults = 0, tried = 0;
    const int whole = run(work, 0);
    const char *wrong = fault(work, whole);
    if (wrong)
        fail_msg("with enough memory: %s, status %x: %s", wrong, (unsigned)whole, lines);
    const long all = failing->asked;
    assert_true(all > 10);
    const long step = number("WINGTIP_MEMORY_STEP", all / work->tries + 1);
    for (long n = only ? only : 1; n <= all; n += step) {
        const int status = run(work, n);
        wrong = fault(work, status);
        faults += wrong != NULL;
        tried += failing->failed;
        if (wrong)
            print_error("%s, request %ld of %ld: %s, status %x\n%s", work->name, n, all, wrong,
                        (unsigned)status, lines);
        if (only)
            break;
    }
    print_message("%s: %d of %ld requests failed, %d faults\n", work->name, tried, all, faults);
    assert_true(tried > 0);
    assert_int_equal(faults, 0);
}

/* ---- what they work on -------------------------------------------------------------------- */

static int setup(void **state)
{
    const char *source = getenv("WINGTIP_SOURCE");
    failing =
        mmap(NULL, sizeof *failing, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(failing != MAP_FAILED);
    /* Libraries that end the program where they get no memory while they are loaded: for all runs,
     * and before any request fails. */
    wt_av();
    wt_picture_open_codecs();
    unsetenv("DISPLAY");
    unsetenv("WAYLAND_DISPLAY");
    scratch_folder(folder, sizeof folder);
    shell("ffmpeg -nostdin -v error -i '%s/assets/demo.mp4' -frames:v 6 -vf scale=160:120 -c:v "
          "libx264 -qp 10 -bf 0 clip.mkv && mkdir pictures && ffmpeg -nostdin -v error -i clip.mkv "
          "pictures/%%d.png",
          source ? source : ".");
    FILE *list = fopen(in_folder("list.txt"), "w");
    for (int n = 0; n < 4; n++) {
        fprintf(list, "pictures/%d.png", n + 1);
        for (int i = 0; i < 98; i++)
            fprintf(list, " %d %d", 50 + n + i * 29 % 60, 30 + n + i * 37 % 60);
        fprintf(list, "\n");
    }
    fclose(list);
    shell("printf 'width = 16\\nstacks = 1\\ninput = 128\\npoints = 98\\nbatch = 2\\n"
          "epochs = 2\\ndata = list.txt\\nvalidation = list.txt\\n' >small.recipe");
    shell("printf 'width = 16\\nstacks = 1\\ninput = 128\\npoints = 98\\nbatch = 2\\n"
          "epochs = 1\\ndata = list.txt\\nvalidation = list.txt\\n' >half.recipe");
    shell("'%s' train --recipe half.recipe --out half >out 2>err || { cat err; exit 1; }",
          getenv("WINGTIP_EXE"));
    return 0;
}

int main(void)
{
    enum { WORKS = sizeof works / sizeof *works };
    static struct CMUnitTest tests[WORKS];
    for (int i = 0; i < WORKS; i++)
        tests[i] = (struct CMUnitTest){
            .name = works[i].name, .test_func = test_work, .initial_state = (void *)&works[i]};
    if (getenv("WINGTIP_ONLY"))
        cmocka_set_test_filter(getenv("WINGTIP_ONLY"));
    return cmocka_run_group_tests(tests, setup, remove_scratch);
}
