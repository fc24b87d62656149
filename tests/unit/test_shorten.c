/* Lines that do not fit keep their beginnings and their ends, and whole characters. */
#include "support.h"

#include "base/shorten.h"

/* In characters. */
static float count(const char *from, const char *to, void *user)
{
    int n = 0;
    (void)user;
    for (; from < to; from++)
        n += (*from & 0xc0) != 0x80;
    return (float)n;
}

static void both_ends_are_kept(void **state)
{
    static const struct {
        const char *text;
        int room;
        const char *want;
    } lines[] = {
        {"", 0, ""},
        {"face.mp4", 8, "face.mp4"},
        {"portrait of somebody.mp4", 24, "portrait of somebody.mp4"},
        {"portrait of somebody.mp4", 23, "portrait o...mebody.mp4"},
        {"portrait of somebody.mp4", 15, "portra...dy.mp4"},
        {"a long name", 5, "a...e"},
        {"a long name", 3, "..."},
        {"a long name", 0, "..."},
        {"\xc3\xa4\xc3\xb6\xc3\xbc-\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 5,
         "\xc3\xa4...\xe2\x82\xac"},
        {"\xc3\xa4\xc3\xb6\xc3\xbc-\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 7,
         "\xc3\xa4\xc3\xb6\xc3\xbc-\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char out[64];
        wt_shorten(out, sizeof out, lines[i].text, (float)lines[i].room, count, NULL);
        assert_string_equal(out, lines[i].want);
    }
}

static void little_memory_is_enough(void **state)
{
    char out[5];
    assert_string_equal(wt_shorten(out, sizeof out, "abcdefghij", 20, count, NULL), "abcd");
    assert_string_equal(wt_shorten(out, sizeof out, "abcdefghij", 7, count, NULL), "ab..");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends_are_kept),
        cmocka_unit_test(little_memory_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
