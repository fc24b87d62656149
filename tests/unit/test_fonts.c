/* The font for what the window's own has not: what counts as a font, and where it is looked for. */
#include "support.h"

#include "window/fallback_font.h"

static const char dejavu[] = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
static char folder[512];
static uint8_t *font;
static size_t font_size;

static int setup(void **state)
{
    FILE *f = fopen(dejavu, "rb");
    scratch_folder(folder, sizeof folder);
    font = malloc(4 << 20);
    if (!f || !font)
        return -1;
    font_size = fread(font, 1, 4 << 20, f);
    fclose(f);
    return font_size > 100000 && font_size < (4 << 20) ? 0 : -1;
}

static int teardown(void **state)
{
    free(font);
    return remove_folder(folder);
}

static const char *file_of(const void *bytes, size_t size)
{
    static char path[600];
    snprintf(path, sizeof path, "%s/font", folder);
    write_file(path, bytes, size);
    return path;
}

static void fonts_are_told_from_other_files(void **state)
{
    static uint8_t collection[16] = "ttcf";
    assert_true(wt_font_usable(dejavu));
    assert_true(wt_font_usable(file_of(font, font_size)));
    assert_false(wt_font_usable("/nowhere/font.ttf"));
    assert_false(wt_font_usable(folder));
    assert_false(wt_font_usable(file_of("", 0)));
    assert_false(wt_font_usable(file_of("no font, but long enough to look like one", 41)));
    assert_false(wt_font_usable(file_of(collection, sizeof collection))); /* of itself */
    collection[15] = 200;                                                 /* beyond the end */
    assert_false(wt_font_usable(file_of(collection, sizeof collection)));
}

/* Cut off anywhere, some table is not whole. */
static void truncated_fonts_are_none(void **state)
{
    for (size_t size = 0; size < 400; size += 3)
        assert_false(wt_font_usable(file_of(font, size)));
    for (size_t k = 1; k < 40; k++)
        assert_false(wt_font_usable(file_of(font, font_size * k / 40)));
    assert_false(wt_font_usable(file_of(font, font_size - 8)));
}

/* A table whose name, place or length is another. */
static void damaged_tables_are_noticed(void **state)
{
    uint8_t *copy = malloc(font_size);
    const int tables = font[4] << 8 | font[5];
    int needed = 0;
    assert_non_null(copy);
    for (int i = 0; i < tables; i++) {
        const size_t at = 12 + 16 * (size_t)i;
        memcpy(copy, font, font_size);
        copy[at] ^= 0x20; /* another name: only the needed ones are missed */
        const bool without = wt_font_usable(file_of(copy, font_size));
        needed += !without;
        copy[at] ^= 0x20;
        memset(copy + at + 8, 0xff, 4);
        assert_false(wt_font_usable(file_of(copy, font_size)));
        memcpy(copy + at + 8, font + at + 8, 4);
        memset(copy + at + 12, 0x7f, 4);
        assert_false(wt_font_usable(file_of(copy, font_size)));
    }
    assert_int_equal(needed, 7); /* cmap head hhea hmtx maxp glyf loca */
    free(copy);
}

static void environment_comes_first(void **state)
{
    struct log_capture log;
    struct wt_path path;
    log_capture_start(&log);
    setenv(WT_FALLBACK_FONT, dejavu, 1);
    assert_true(wt_fallback_font_find(0x4e2d, &path));
    assert_string_equal(path.text, dejavu);
    assert_int_equal(log.lines, 0);
    setenv(WT_FALLBACK_FONT, "", 1); /* none is wanted */
    assert_false(wt_fallback_font_find(0x4e2d, &path));
    assert_int_equal(log.lines, 0);
    const char *text = file_of("text", 4);
    setenv(WT_FALLBACK_FONT, text, 1);
    assert_false(wt_fallback_font_find(0x4e2d, &path));
    assert_int_equal(log.lines, 1);
    assert_non_null(strstr(log.any, text));
    assert_int_equal(log.errors, 0);
    unsetenv(WT_FALLBACK_FONT);
}

static void scripts_are_told_apart(void **state)
{
    static const struct {
        uint32_t character;
        enum wt_script script;
    } cases[] = {
        {0x4e2d, WT_SCRIPT_CHINESE}, {0x3042, WT_SCRIPT_CHINESE}, {0x30ab, WT_SCRIPT_CHINESE},
        {0xff21, WT_SCRIPT_CHINESE}, {0x3002, WT_SCRIPT_CHINESE}, {0xac00, WT_SCRIPT_KOREAN},
        {0xd7a3, WT_SCRIPT_KOREAN},  {0x1100, WT_SCRIPT_KOREAN},  {0x3131, WT_SCRIPT_KOREAN},
        {0x10d0, WT_SCRIPT_OTHER},   {0x0e01, WT_SCRIPT_OTHER},   {0x05d0, WT_SCRIPT_OTHER},
        {0x2603, WT_SCRIPT_OTHER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(wt_script_of(cases[i].character), cases[i].script);
}

/* Without the environment it depends on the computer; what is found is a font. */
static void what_is_found_is_a_font(void **state)
{
    static const uint32_t characters[] = {0x4e2d, 0x3042, 0xac00, 0x10d0};
    for (int i = 0; i < 4; i++) {
        struct wt_path path;
        if (wt_fallback_font_find(characters[i], &path))
            assert_true(wt_font_usable(path.text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fonts_are_told_from_other_files),
        cmocka_unit_test(truncated_fonts_are_none),
        cmocka_unit_test(damaged_tables_are_noticed),
        cmocka_unit_test(environment_comes_first),
        cmocka_unit_test(scripts_are_told_apart),
        cmocka_unit_test(what_is_found_is_a_font),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
