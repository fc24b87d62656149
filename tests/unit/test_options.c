#include "support.h"

#include "cli/options_table.h"

struct settings {
    struct wt_common common;
    bool loop;
    int count, norm, any;
    double fps, ratio;
    const char *output, *input, *second;
};

static const char *const norms[] = {"ocular", "pupil", "box", NULL};
static const struct wt_option table[] = {
    {WT_OPTION_POSITIONAL, "INPUT", 0, offsetof(struct settings, input), NULL, "what to read",
     .required = true},
    {WT_OPTION_POSITIONAL, "SECOND", 0, offsetof(struct settings, second), NULL, "more"},
    {WT_OPTION_FLAG, "--loop", 0, offsetof(struct settings, loop), NULL, "again and again"},
    {WT_OPTION_INT, "--count", 'c', offsetof(struct settings, count), "N", "how many", 1, 100},
    {WT_OPTION_INT, "--any", 0, offsetof(struct settings, any), "N", "any number"},
    {WT_OPTION_REAL, "--fps", 0, offsetof(struct settings, fps), "F", "rate", 0.5, 240},
    {WT_OPTION_REAL, "--ratio", 0, offsetof(struct settings, ratio), "F", "any ratio"},
    {WT_OPTION_CHOICE, "--norm", 0, offsetof(struct settings, norm), NULL, "normaliser", 0, 0,
     norms},
    {WT_OPTION_STRING, "--output", 'o', offsetof(struct settings, output), "FILE",
     "where the result goes, with a text so long that it has to be broken into two lines at least"},
    {.name = NULL},
};

static void defaults(void *settings)
{
    struct settings *s = settings;
    s->count = 7;
    s->norm = 1;
}

static int run(void *settings)
{
    struct settings *s = settings;
    return s->count;
}

static const struct wt_command command = {
    .name = "try",
    .summary = "Tries options.",
    .option = table,
    .common = true,
    .settings_size = sizeof(struct settings),
    .defaults = defaults,
    .run = run,
};

static int split(char *text, char **argv)
{
    int n = 0;
    for (char *word = strtok(text, "|"); word; word = strtok(NULL, "|"))
        argv[n++] = word;
    return n;
}

static int parse(const char *line, struct settings *s, struct log_capture *log)
{
    static char text[4096];
    char *argv[32];
    snprintf(text, sizeof text, "%s", line);
    log_capture_start(log);
    return wt_options_parse(&command, split(text, argv), argv, s);
}

static void test_defaults(void **state)
{
    struct settings s;
    struct log_capture log;
    assert_int_equal(parse("a.mp4", &s, &log), WT_OPTIONS_RUN);
    assert_string_equal(s.input, "a.mp4");
    assert_null(s.second);
    assert_int_equal(s.count, 7);
    assert_int_equal(s.norm, 1);
    assert_int_equal(s.common.log_level, WT_LOG_INFO);
    assert_int_equal(wt_common_points(&s.common), 0);
    assert_false(s.loop);
}

static void test_all_kinds(void **state)
{
    struct settings s;
    struct log_capture log;
    assert_int_equal(parse("--loop|--count=12|a|--any|-5|--fps|29.97|--ratio=-1e-3|--norm|box|-o|"
                           "out file.mkv|--points=68|--model|m|b|--threads|3|--log-level=error",
                           &s, &log),
                     WT_OPTIONS_RUN);
    assert_int_equal(log.lines, 0);
    assert_true(s.loop);
    assert_int_equal(s.count, 12);
    assert_int_equal(s.any, -5);
    assert_true(s.fps == 29.97 && s.ratio == -1e-3);
    assert_int_equal(s.norm, 2);
    assert_string_equal(s.output, "out file.mkv");
    assert_string_equal(s.input, "a");
    assert_string_equal(s.second, "b");
    assert_int_equal(wt_common_points(&s.common), 68);
    assert_string_equal(s.common.model, "m");
    assert_int_equal(s.common.threads, 3);
    assert_int_equal(s.common.log_level, WT_LOG_ERROR);
}

static bool ends(const char *text, const char *with)
{
    const size_t n = text ? strlen(text) : 0, m = strlen(with);
    return n >= m && strcmp(text + n - m, with) == 0;
}

/* What --model and --detector mean: names of bundled weights, files, or nothing said. */
static void test_weights(void **state)
{
    static const char *const detector[] = {"a|--detector|wingtip-detector",
                                           "a|--detector|wingtip-detector.safetensors", "a"};
    struct settings s;
    struct log_capture log;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(parse(detector[i], &s, &log), WT_OPTIONS_RUN);
        assert_true(ends(wt_common_detector(&s.common), "/assets/" WT_ASSET_DETECTOR));
    }
    assert_int_equal(parse("a|--detector=haar|--model=fast", &s, &log), WT_OPTIONS_RUN);
    assert_string_equal(wt_common_detector(&s.common), "haar");
    assert_true(ends(wt_common_model_path(&s.common), "/assets/wingtip-98-fast.safetensors"));
    assert_int_equal(parse("a|--model=free", &s, &log), WT_OPTIONS_RUN);
    assert_true(ends(wt_common_model_path(&s.common), "/assets/wingtip-98-free.safetensors"));
    assert_int_equal(parse("a|--model=fast-free", &s, &log), WT_OPTIONS_RUN);
    assert_true(ends(wt_common_model_path(&s.common), "/assets/wingtip-98-fast-free.safetensors"));
    assert_int_equal(parse("a|--detector=./x|--model=./y", &s, &log), WT_OPTIONS_RUN);
    assert_string_equal(wt_common_detector(&s.common), "./x");
    assert_string_equal(wt_common_model_path(&s.common), "./y");
    assert_int_equal(log.lines, 0);
}

static void test_dashes(void **state)
{
    struct settings s;
    struct log_capture log;
    assert_int_equal(parse("-|--output=--odd|--|--loop", &s, &log), WT_OPTIONS_RUN);
    assert_string_equal(s.input, "-");
    assert_string_equal(s.output, "--odd");
    assert_string_equal(s.second, "--loop");
    assert_false(s.loop);
    assert_int_equal(parse("-o|-|in", &s, &log), WT_OPTIONS_RUN);
    assert_string_equal(s.output, "-");
    assert_int_equal(parse("--count=100|x", &s, &log), WT_OPTIONS_RUN);
    assert_int_equal(parse("--loop|--loop|x", &s, &log), WT_OPTIONS_RUN);
}

/* A command that takes a first word and then any number of them. */
struct rest_settings {
    const char *first;
    struct wt_words rest;
    bool loop;
};

static void test_rest(void **state)
{
    static const struct wt_option rest_table[] = {
        {WT_OPTION_POSITIONAL, "FIRST", 0, offsetof(struct rest_settings, first), NULL, "one"},
        {WT_OPTION_REST, "FILE", 0, offsetof(struct rest_settings, rest), NULL, "more"},
        {WT_OPTION_FLAG, "--loop", 0, offsetof(struct rest_settings, loop), NULL, "again"},
        {.name = NULL},
    };
    static const struct wt_command rest_command = {
        .name = "rest", .option = rest_table, .settings_size = sizeof(struct rest_settings)};
    static char first[] = "a", b[] = "b", loop[] = "--loop", dashes[] = "--", c[] = "-c",
                none[] = "";
    char *argv[] = {first, b, loop, dashes, c}, *many[WT_WORDS_MAX + 2], *empty[] = {first, none};
    struct rest_settings s;
    struct log_capture log;
    log_capture_start(&log);
    assert_int_equal(wt_options_parse(&rest_command, 5, argv, &s), WT_OPTIONS_RUN);
    assert_true(s.loop && s.rest.count == 2);
    assert_string_equal(s.first, "a");
    assert_string_equal(s.rest.word[0], "b");
    assert_string_equal(s.rest.word[1], "-c");
    assert_int_equal(wt_options_parse(&rest_command, 1, argv, &s), WT_OPTIONS_RUN);
    assert_int_equal(s.rest.count, 0);
    for (int i = 0; i < WT_WORDS_MAX + 2; i++)
        many[i] = b;
    assert_int_equal(wt_options_parse(&rest_command, WT_WORDS_MAX + 1, many, &s), WT_OPTIONS_RUN);
    assert_int_equal(s.rest.count, WT_WORDS_MAX);
    assert_int_equal(log.lines, 0);
    assert_int_equal(wt_options_parse(&rest_command, WT_WORDS_MAX + 2, many, &s), 2);
    assert_non_null(strstr(log.last, "FILE: more than 256 of them"));
    assert_int_equal(wt_options_parse(&rest_command, 2, empty, &s), 2);
    assert_non_null(strstr(log.last, "FILE: the value is empty"));
}

static void test_help_wins(void **state)
{
    struct settings s;
    struct log_capture log;
    assert_int_equal(parse("--help", &s, &log), WT_OPTIONS_HELP);
    assert_int_equal(parse("--nonsense|-h", &s, &log), WT_OPTIONS_HELP);
    assert_int_equal(log.lines, 0);
    assert_int_equal(parse("x|--|--help", &s, &log), WT_OPTIONS_RUN);
}

static void test_wrong_use(void **state)
{
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"--loop", "INPUT is missing"},
        {"a|b|c", "unexpected argument \"c\""},
        {"a|--cuont|3", "did you mean --count?"},
        {"a|--thread|3", "did you mean --threads?"},
        {"a|--rat=3", "did you mean --ratio?"},
        {"a|--zzzzzzzz", "unknown option --zzzzzzzz; see"},
        {"a|-x", "unknown option -x"},
        {"a|-oout", "unknown option -oout"},
        {"a|--count", "--count needs a value (N)"},
        {"a|--output|--loop", "--output needs a value (FILE)"},
        {"a|--norm", "--norm needs a value"},
        {"a|-o", "--output needs a value"},
        {"a|--count|three", "\"three\" is not a whole number"},
        {"a|--count=", "\"\" is not a whole number"},
        {"a|--count=3x", "\"3x\" is not a whole number"},
        {"a|--count= 3", "\" 3\" is not a whole number"},
        {"a|--count=3.5", "not a whole number"},
        {"a|--count|0", "0 is out of range (1 to 100)"},
        {"a|--count|101", "out of range"},
        {"a|--any|2147483648", "out of range (-2147483648 to 2147483647)"},
        {"a|--any|99999999999999999999999", "out of range"},
        {"a|--any|-99999999999999999999999", "out of range"},
        {"a|--fps|fast", "\"fast\" is not a number"},
        {"a|--fps|nan", "\"nan\" is not a number"},
        {"a|--fps|0.49", "out of range (0.5 to 240)"},
        {"a|--fps|inf", "out of range"},
        {"a|--ratio|1e999", "out of range"},
        {"a|--ratio|inf", "out of range"},
        {"a|--norm|nose", "\"nose\" is not one of ocular, pupil, box"},
        {"a|--points|97", "\"97\" is not one of auto, 98, 68, 29"},
        {"a|--threads|65", "out of range (0 to 64)"},
        {"a|--output=", "--output: the value is empty"},
        {"a|--count|3|--count|4", "--count is given twice"},
        {"a|--seed=1|--seed=1", "--seed is given twice"},
        {"a|--loop=yes", "--loop takes no value"},
        {"a|---", "unknown option ---"},
        {"a|--=", "unknown option"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct settings s;
        struct log_capture log;
        int status = parse(cases[i].line, &s, &log);
        if (status != 2 || log.errors != 1 || log.lines != 1 || !strstr(log.last, cases[i].message))
            fail_msg("%s: status %d, %d lines, \"%s\"; wanted \"%s\"", cases[i].line, status,
                     log.lines, log.last, cases[i].message);
    }
}

static void test_long_words(void **state)
{
    struct settings s;
    struct log_capture log;
    char line[3100] = "a|--";
    memset(line + 4, 'x', 3000);
    line[3004] = '\0';
    assert_int_equal(parse(line, &s, &log), 2);
    assert_int_equal(log.lines, 1);
    memcpy(line, "a|--count|", 10);
    assert_int_equal(parse(line, &s, &log), 2);
    assert_int_equal(log.lines, 1);
}

static void test_run(void **state)
{
    char *argv[] = {"in", "--count", "42"}, *bad[] = {"in", "--count", "-"};
    struct log_capture log;
    assert_int_equal(wt_command_main(&command, 3, argv), 42);
    log_capture_start(&log);
    assert_int_equal(wt_command_main(&command, 3, bad), 2);
    assert_int_equal(log.errors, 1);
}

static void test_help_text(void **state)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    assert_non_null(f);
    wt_options_help(&command, f);
    fclose(f);
    assert_non_null(strstr(text, "Usage: wingtip try [options] INPUT [SECOND]\n"));
    assert_non_null(strstr(text, "-c, --count N "));
    assert_non_null(strstr(text, "--norm ocular|pupil|box"));
    assert_non_null(strstr(text, "(default: pupil)"));
    assert_non_null(strstr(text, "(default: 7)"));
    assert_non_null(strstr(text, "--model FILE"));
    assert_non_null(strstr(text, "--help"));
    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n");
        if (n > 80)
            fail_msg("a line of help is longer than 80: %.*s", (int)n, line);
        assert_true(n == 0 || line[n - 1] != ' ');
        line += n + (line[n] != '\0');
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),   cmocka_unit_test(test_all_kinds),
        cmocka_unit_test(test_dashes),     cmocka_unit_test(test_rest),
        cmocka_unit_test(test_help_wins),  cmocka_unit_test(test_wrong_use),
        cmocka_unit_test(test_long_words), cmocka_unit_test(test_run),
        cmocka_unit_test(test_help_text),  cmocka_unit_test(test_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
