/* The file of settings: what is read from it, what stays when it is written, what is warned about.
 */
#include "support.h"

#include <sys/stat.h>

#include "config/config.h"
#include "config/prefs.h"

static char folder[256], path[PATH_MAX];

static void put(const char *text)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static const char *get(void)
{
    static char text[8192];
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return text;
}

static int begin(void **state)
{
    snprintf(folder, sizeof folder, "/tmp/wt_config_XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/wingtip.conf", folder);
    return 0;
}

static int end(void **state)
{
    char command[600];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static struct wt_config *opened(struct log_capture *log, int lines)
{
    struct wt_config *c = NULL;
    log_capture_start(log);
    assert_int_equal(wt_config_open(&c, path), WT_OK);
    assert_int_equal(log->lines, lines);
    return c;
}

static const char *value_of(struct wt_config *c, const char *section, const char *key)
{
    struct wt_config_entry e;
    const char *value = NULL;
    for (int n = 0; wt_config_entry(c, section, n, &e); n++)
        if (strcmp(e.key, key) == 0)
            value = e.value;
    return value;
}

static void reads_keys_and_sections(void **state)
{
    struct log_capture log;
    put("\xef\xbb\xbf# comment\r\n"
        "; another\n"
        "  faces=3   # three\n"
        "screenshots = \"/a # b\"\n"
        "camera =\tMy = Camera#1\n"
        "empty =\n"
        "quote = \"half\n"
        "\n"
        "[ two words ] # a preset\n"
        "faces = 5\n"
        "[x]");
    struct wt_config *c = opened(&log, 0);
    assert_string_equal(value_of(c, "", "faces"), "3");
    assert_string_equal(value_of(c, "", "screenshots"), "/a # b");
    assert_string_equal(value_of(c, "", "camera"), "My = Camera#1");
    assert_string_equal(value_of(c, "", "empty"), "");
    assert_string_equal(value_of(c, "", "quote"), "\"half");
    assert_string_equal(value_of(c, "two words", "faces"), "5");
    assert_string_equal(wt_config_section(c, 0), "two words");
    assert_string_equal(wt_config_section(c, 1), "x");
    assert_null(wt_config_section(c, 2));
    assert_true(wt_config_has_section(c, "x"));
    assert_false(wt_config_has_section(c, "y"));
    assert_false(wt_config_has_section(c, ""));
    struct wt_config_entry e;
    assert_true(wt_config_entry(c, "", 1, &e));
    assert_int_equal(e.line, 4);
    wt_config_destroy(&c);
    assert_null(c);
}

static void warns_about_lines(void **state)
{
    struct log_capture log;
    char expected[600];
    put("faces = 2\nnonsense\n[broken\nfaces = 3\n[]\nfaces = 4\n[ok] junk\n= 3\n");
    struct wt_config *c = opened(&log, 5);
    assert_string_equal(value_of(c, "", "faces"), "2"); /* not those behind broken headings */
    snprintf(expected, sizeof expected, "%.300s:8: = 3: not a line like key = value", path);
    assert_string_equal(log.any, expected);
    wt_config_destroy(&c);
}

/* Comments, order, keys of other versions and bad lines stay; what is written can be read again. */
static void keeps_what_is_not_its_own(void **state)
{
    struct log_capture log;
    put("# mine\nfaces = 2   # two\nnonsense\nfuture = 9\n\n[talk]\nfaces = 6\n");
    struct wt_config *c = opened(&log, 1);
    assert_int_equal(wt_config_set(c, "", "faces", "4"), WT_OK);
    assert_int_equal(wt_config_set(c, "", "screenshots", " odd # name "), WT_OK);
    assert_int_equal(wt_config_set(c, "talk", "faces", ""), WT_OK);
    assert_int_equal(wt_config_set(c, "", "none", ""), WT_OK);
    assert_int_equal(wt_config_set(c, "", "bad", "two\nlines"), WT_ERR_FORMAT);
    assert_int_equal(wt_config_add_section(c, "new one"), WT_OK);
    assert_int_equal(wt_config_set(c, "new one", "faces", "8"), WT_OK);
    assert_int_equal(wt_config_save(c), WT_OK);
    assert_string_equal(get(),
                        "# mine\nfaces = 4   # two\nnonsense\nfuture = 9\n"
                        "screenshots = \" odd # name \"\n\n[talk]\n\n[new one]\nfaces = 8\n");
    assert_string_equal(value_of(c, "", "screenshots"), " odd # name ");
    wt_config_remove_section(c, "talk");
    wt_config_remove_section(c, "nobody");
    assert_int_equal(wt_config_save(c), WT_OK);
    assert_string_equal(get(), "# mine\nfaces = 4   # two\nnonsense\nfuture = 9\n"
                               "screenshots = \" odd # name \"\n\n[new one]\nfaces = 8\n");
    wt_config_destroy(&c);
}

/* Values of all sorts come back as they were. */
static void values_come_back(void **state)
{
    static const char *const values[] = {
        "a",   "a b", "\"",        "\"a\"",    "a # b", "#a",     " a",       "a ", "a\"#b",
        "[a]", "a=b", "\"a\" # b", "\xc3\xa4", "a\\b",  "x\"y\"", "\"a\" \"", ";"};
    struct log_capture log;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        put("");
        struct wt_config *c = opened(&log, 0);
        enum wt_status status = wt_config_set(c, "", "key", values[i]);
        assert_int_equal(wt_config_save(c), WT_OK);
        wt_config_destroy(&c);
        c = opened(&log, 0);
        if (!status)
            assert_string_equal(value_of(c, "", "key"), values[i]);
        else
            assert_int_equal(status, WT_ERR_FORMAT); /* said, not changed */
        assert_true(status == WT_OK || i == 8 || i == 11);
        wt_config_destroy(&c);
    }
}

/* Two windows: each writes what was changed in it, into the file as it then is. */
static void other_writers_lose_nothing(void **state)
{
    struct log_capture log;
    put("faces = 1\n");
    struct wt_config *a = opened(&log, 0), *b = opened(&log, 0);
    assert_int_equal(wt_config_set(a, "", "faces", "2"), WT_OK);
    assert_int_equal(wt_config_set(b, "", "stacks", "3"), WT_OK);
    assert_int_equal(wt_config_save(a), WT_OK);
    assert_int_equal(wt_config_save(b), WT_OK);
    assert_string_equal(get(), "faces = 2\nstacks = 3\n");
    assert_int_equal(wt_config_save(a), WT_OK); /* nothing new: not written */
    assert_string_equal(get(), "faces = 2\nstacks = 3\n");
    wt_config_destroy(&a);
    wt_config_destroy(&b);
}

static void makes_file_and_folders(void **state)
{
    struct log_capture log;
    struct wt_path made;
    setenv("XDG_CONFIG_HOME", folder, 1);
    assert_true(wt_config_default_path(&made));
    char expected[400];
    snprintf(expected, sizeof expected, "%s/wingtip/wingtip.conf", folder);
    assert_string_equal(made.text, expected);
    struct wt_config *c = NULL;
    log_capture_start(&log);
    assert_int_equal(wt_config_open(&c, made.text), WT_OK);
    assert_int_equal(wt_config_save(c), WT_OK);
    struct stat st;
    assert_int_equal(stat(made.text, &st), -1); /* no changes, no file */
    assert_int_equal(wt_config_set(c, "", "faces", "2"), WT_OK);
    assert_int_equal(wt_config_save(c), WT_OK);
    assert_int_equal(log.lines, 0);
    snprintf(path, sizeof path, "%s", made.text);
    assert_non_null(strstr(get(), "\n\nfaces = 2\n"));
    wt_config_destroy(&c);
    setenv("XDG_CONFIG_HOME", "relative", 1);
    setenv("HOME", folder, 1);
    assert_true(wt_config_default_path(&made));
    assert_non_null(strstr(made.text, "/.config/wingtip/wingtip.conf"));
    unsetenv("HOME");
    assert_false(wt_config_default_path(&made));
    snprintf(path, sizeof path, "%s/wingtip.conf", folder);
}

/* What cannot be read is not written either, and is said once. */
static void broken_files_stay(void **state)
{
    struct log_capture log;
    put("a = \xff\xfe");
    FILE *f = fopen(path, "wb");
    fwrite("a = 1\0b = 2\n", 1, 12, f);
    fclose(f);
    struct wt_config *c = opened(&log, 1);
    assert_int_equal(wt_config_set(c, "", "faces", "2"), WT_OK);
    assert_int_equal(wt_config_save(c), WT_OK);
    assert_int_equal(log.lines, 1);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 12);
    wt_config_destroy(&c);
    unlink(path);
    mkdir(path, 0700);
    c = opened(&log, 1);
    wt_config_destroy(&c);
    rmdir(path);

    /* A folder that nobody can make. */
    char real[400];
    snprintf(real, sizeof real, "%s/wingtip.conf", folder);
    put("");
    snprintf(path, sizeof path, "%s/below/wingtip.conf", real);
    c = opened(&log, 0);
    assert_int_equal(wt_config_set(c, "", "faces", "2"), WT_OK);
    assert_int_not_equal(wt_config_save(c), WT_OK);
    assert_int_equal(log.lines, 1);
    assert_int_equal(wt_config_set(c, "", "faces", "3"), WT_OK);
    assert_int_equal(wt_config_save(c), WT_OK); /* not tried again */
    assert_int_equal(log.lines, 1);
    wt_config_destroy(&c);
    snprintf(path, sizeof path, "%s", real);

    log_capture_start(&log);
    assert_int_equal(wt_config_open(&c, NULL), WT_OK);
    assert_int_equal(wt_config_set(c, "", "faces", "3"), WT_OK);
    assert_int_equal(wt_config_save(c), WT_OK);
    assert_null(wt_config_path(c));
    wt_config_destroy(&c);
}

static void names_of_presets(void **state)
{
    assert_true(wt_config_name_ok("Talk 2"));
    assert_true(wt_config_name_ok("\xc3\x84"));
    static const char *const bad[] = {"",
                                      " a",
                                      "a ",
                                      "a]",
                                      "[a",
                                      "a\nb",
                                      "a\x7f"
                                      "12345678901234567890123456789012345678901"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(wt_config_name_ok(bad[i]));
}

/* ---- settings ------------------------------------------------------------------------------- */

static void start(struct wt_prefs *p)
{
    memset(p, 0, sizeof *p);
    wt_prefs_defaults(p);
}

static void reads_settings(void **state)
{
    struct log_capture log;
    struct wt_prefs p;
    put("faces = 3\nshow = heatmaps, boundary\nheatmap-opacity = 0.5\nboundary-palette = ember\n"
        "mirror = no\nstatus = line\ntheme = light\nloop = yes\nsize = 800x600\nprecision = f32\n"
        "threads = 2\nmodel = fast\ncamera = HD Cam\nsmoothing = 1\nhints = off\n[talk]\nfaces = "
        "1\n");
    struct wt_config *c = opened(&log, 0);
    start(&p);
    wt_prefs_read(&p, c, "", NULL);
    assert_int_equal(log.lines, 0);
    assert_int_equal(p.faces, 3);
    assert_int_equal(p.show, WT_SHOW_HEATMAPS | WT_SHOW_BOUNDARY);
    assert_true(p.heatmap_opacity == 0.5 && p.boundary_opacity == 0.85);
    assert_int_equal(p.boundary_palette, WT_PALETTE_EMBER);
    assert_int_equal(p.mirror, WT_MIRROR_NO);
    assert_int_equal(p.status, WT_STATUS_LINE);
    assert_int_equal(p.theme, WT_THEME_LIGHT);
    assert_true(p.loop && !p.hints);
    assert_true(p.size[0] == 800 && p.size[1] == 600);
    assert_int_equal(p.common.precision, WT_PRECISION_F32);
    assert_int_equal(p.common.threads, 2);
    assert_string_equal(p.common.model, "fast");
    assert_string_equal(p.camera, "HD Cam");
    assert_true(wt_prefs_smooth_strength(&p) > 5.9f && wt_prefs_smooth_strength(&p) < 6.1f);
    wt_prefs_read(&p, c, "talk", NULL);
    assert_int_equal(p.faces, 1);
    assert_int_equal(p.common.threads, 2);
    wt_config_destroy(&c);
    start(&p);
    assert_true(wt_prefs_smooth_strength(&p) == 1.0f);
    p.smoothing = 0;
    assert_true(wt_prefs_smooth_strength(&p) == 0.0f);
}

/* Each bad line is one warning with its place, key and reason, and the rest is used. */
static void bad_values_are_named(void **state)
{
    static const struct {
        const char *line, *why;
    } bad[] = {
        {"faces = 99", "faces: 99 is out of range (1 to 32)"},
        {"faces = two", "faces: \"two\" is not a whole number"},
        {"faces =", "faces: \"\" is not a whole number"},
        {"heatmap-opacity = 2", "heatmap-opacity: 2 is out of range (0.05 to 1)"},
        {"smoothing = x", "smoothing: \"x\" is not a number"},
        {"show = landmarks,hair",
         "show: \"hair\" is not one of landmarks, heatmaps, boundary, boxes, ellipses, axes, none"},
        {"show =", "show: the value is empty"},
        {"theme = pink", "theme: \"pink\" is not one of dark, light"},
        {"size = big", "size: big is not a size like 1280x720 (64 to 16384)"},
        {"size = 10x10", "size: 10x10 is not a size like 1280x720 (64 to 16384)"},
        {"loop = maybe", "loop: \"maybe\" is not yes or no"},
        {"camera =", "camera: the value is empty"},
        {"model = /nowhere/at.all", "model: /nowhere/at.all: no such weights"},
        {"fcaes = 3", "fcaes: unknown key; did you mean faces?"},
        {"qqqqqqqqqqqqqq = 3", "qqqqqqqqqqqqqq: unknown key"},
        {"record = x.mkv", "record: unknown key"}, /* an option, but not one to be remembered */
        {"log-level = debug", "log-level: unknown key"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct log_capture log;
        struct wt_prefs p;
        char text[400], expected[800];
        snprintf(text, sizeof text, "stacks = 2\n%s\nthreads = 3\n", bad[i].line);
        put(text);
        struct wt_config *c = opened(&log, 0);
        start(&p);
        wt_prefs_read(&p, c, "", NULL);
        assert_int_equal(log.lines, 1);
        snprintf(expected, sizeof expected, "%.300s:2: %s", path, bad[i].why);
        if (strncmp(log.any, expected, strlen(expected)) != 0)
            fail_msg("%s: %s", bad[i].line, log.any);
        assert_int_equal(p.stacks, 2);
        assert_int_equal(p.common.threads, 3);
        assert_int_equal(p.faces, 4);
        wt_config_destroy(&c);
    }
}

static void writes_what_has_changed(void **state)
{
    struct log_capture log;
    struct wt_prefs now, before;
    put("# mine\n");
    struct wt_config *c = opened(&log, 0);
    start(&before);
    before.common.model = "fast";
    now = before;
    now.faces = 2;
    now.show = 0;
    now.smoothing = 0.25;
    now.common.model = NULL; /* goes */
    now.size[0] = 700, now.size[1] = 500;
    assert_int_equal(wt_config_set(c, "", "model", "fast"), WT_OK);
    assert_int_equal(wt_prefs_write(&now, &before, c, ""), WT_OK);
    assert_int_equal(wt_config_save(c), WT_OK);
    assert_string_equal(get(),
                        "# mine\nfaces = 2\nsmoothing = 0.25\nshow = none\nsize = 700x500\n");
    /* A preset has everything but what belongs to the window. */
    assert_int_equal(wt_config_add_section(c, "all"), WT_OK);
    assert_int_equal(wt_prefs_write(&now, NULL, c, "all"), WT_OK);
    assert_int_equal(wt_config_save(c), WT_OK);
    assert_string_equal(value_of(c, "all", "theme"), "dark");
    assert_string_equal(value_of(c, "all", "precision"), "auto");
    assert_null(value_of(c, "all", "size"));
    assert_null(value_of(c, "all", "hints"));
    struct wt_prefs again;
    start(&again);
    wt_prefs_read(&again, c, "all", NULL);
    assert_int_equal(log.lines, 0);
    assert_int_equal(again.faces, 2);
    assert_int_equal(again.show, 0);
    assert_true(again.smoothing == 0.25);
    wt_config_destroy(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_keys_and_sections),
        cmocka_unit_test(warns_about_lines),
        cmocka_unit_test(keeps_what_is_not_its_own),
        cmocka_unit_test(values_come_back),
        cmocka_unit_test(other_writers_lose_nothing),
        cmocka_unit_test(makes_file_and_folders),
        cmocka_unit_test(broken_files_stay),
        cmocka_unit_test(names_of_presets),
        cmocka_unit_test(reads_settings),
        cmocka_unit_test(bad_values_are_named),
        cmocka_unit_test(writes_what_has_changed),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
