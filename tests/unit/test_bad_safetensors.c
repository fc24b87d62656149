/* Safetensors that are cut off, inconsistent or hostile: one clear line each, no crash, no leak. */
#include "mutate.h"

#include <math.h>

/* header NULL-terminated; its size is written truly unless `claim` says otherwise. */
static enum wt_status try(const char *header, size_t data, uint64_t claim)
{
    size_t n = strlen(header), size = 8 + n + data;
    uint8_t *bytes = calloc(1, size);
    enum wt_status status;
    assert_non_null(bytes);
    if (!claim)
        claim = n;
    memcpy(bytes, &claim, 8);
    memcpy(bytes + 8, header, n);
    status = parse_copy(wt_weights_parse, bytes, size);
    free(bytes);
    return status;
}

#define A(shape, offsets)                                                                          \
    "{\"a\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":" offsets "}}"
#define ONE(name) "\"" name "\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}"

#define I8(name, shape, offsets)                                                                   \
    "\"" name "\":{\"dtype\":\"I8\",\"shape\":" shape ",\"data_offsets\":" offsets "}"
#define F32(name, shape, offsets)                                                                  \
    "\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":" offsets "}"
/* A weight of one integer with what belongs to it. */
#define FOLDED(weight, scale, range)                                                               \
    "{" F32("a.weight_scale", scale, "[0,4]") "," F32("a.input_range", range, "[4,12]") "," I8(    \
        "a.weight", weight, "[12,13]") "}"

static const struct {
    const char *header;
    size_t data;
    enum wt_status status;
    const char *says;
} cases[] = {
    /* taken */
    {"{}", 0, WT_OK},
    {"{}   ", 0, WT_OK},
    {A("[2]", "[0,8]"), 8, WT_OK},
    {A("[]", "[0,4]"), 4, WT_OK},
    {A("[0,9007199254740991]", "[0,0]"), 0, WT_OK},
    {A("[1,1,1,1,1,1,1,1]", "[0,4]"), 4, WT_OK},
    {"{\"__metadata__\":{},\"i\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}", 8,
     WT_OK},
    {"{\"n\\\\u0000\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]}}", 2, WT_OK},
    /* no JSON */
    {"", 0, WT_ERR_FORMAT, "not JSON"},
    {" {}", 0, WT_ERR_FORMAT, "not JSON"},
    {"[]", 0, WT_ERR_FORMAT, "not JSON"},
    {"{", 0, WT_ERR_FORMAT, "not JSON"},
    {"{\"a\"", 0, WT_ERR_FORMAT, "well-formed"},
    {"{\"a\":", 0, WT_ERR_FORMAT, "well-formed"},
    {"{\"1\":1,", 0, WT_ERR_FORMAT, "well-formed"},
    {"{} {}", 0, WT_ERR_FORMAT, "goes on"},
    {"{\"\xff\":1}", 0, WT_ERR_FORMAT, "UTF-8"},
    {"{\"\xc0\x80\":1}", 0, WT_ERR_FORMAT, "UTF-8"},
    {"{\"\xed\xa0\x80\":1}", 0, WT_ERR_FORMAT, "UTF-8"},
    {"{\"a\\u0000b\":1}", 0, WT_ERR_FORMAT, "UTF-8"},
    {"{\"a\\ud800\":1}", 0, WT_ERR_FORMAT, "well-formed"},
    /* no tensors */
    {"{\"a\":1}", 0, WT_ERR_FORMAT, "not described"},
    {"{\"a\":{}}", 0, WT_ERR_FORMAT, "not described"},
    {"{\"a\\nb\":[]}", 0, WT_ERR_FORMAT, "\"a?b\""},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, WT_ERR_FORMAT, "not described"},
    {"{\"a\":{\"dtype\":5,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, WT_ERR_FORMAT,
     "not described"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}}", 4, WT_ERR_FORMAT,
     "not described"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"shape\":[1],\"data_offsets\":[0,4]}}", 4,
     WT_ERR_FORMAT, "not described"},
    {"{\"a\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, WT_ERR_UNSUPPORTED,
     "F33"},
    {"{\"a\":{\"dtype\":\"f32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, WT_ERR_UNSUPPORTED,
     "f32"},
    /* shapes */
    {A("[1,1,1,1,1,1,1,1,1]", "[0,4]"), 4, WT_ERR_UNSUPPORTED, "dimensions"},
    {A("[-1]", "[0,4]"), 4, WT_ERR_FORMAT, "whole"},
    {A("[1.5]", "[0,4]"), 4, WT_ERR_FORMAT, "whole"},
    {A("[\"1\"]", "[0,4]"), 4, WT_ERR_FORMAT, "whole"},
    {A("[null]", "[0,4]"), 4, WT_ERR_FORMAT, "whole"},
    {A("[[1]]", "[0,4]"), 4, WT_ERR_FORMAT, "whole"},
    {A("[1e300]", "[0,4]"), 4, WT_ERR_FORMAT, "whole"},
    {A("[9007199254740993]", "[0,4]"), 4, WT_ERR_FORMAT, "whole"},
    {A("[4294967296,4294967296]", "[0,4]"), 4, WT_ERR_FORMAT, "too large"},
    {A("[4294967296,1073741825]", "[0,4]"), 4, WT_ERR_FORMAT, "too large"},
    {A("[2]", "[0,4]"), 4, WT_ERR_FORMAT, "do not fit"},
    {A("[0]", "[0,4]"), 4, WT_ERR_FORMAT, "do not fit"},
    {A("[1]", "[0,7]"), 7, WT_ERR_FORMAT, "do not fit"},
    /* offsets */
    {A("[1]", "[0]"), 4, WT_ERR_FORMAT, "two whole"},
    {A("[1]", "[0,4,8]"), 8, WT_ERR_FORMAT, "two whole"},
    {A("[1]", "[-4,0]"), 4, WT_ERR_FORMAT, "two whole"},
    {A("[1]", "[0.5,4.5]"), 8, WT_ERR_FORMAT, "two whole"},
    {A("[1]", "[4,0]"), 8, WT_ERR_FORMAT, "not in"},
    {A("[1]", "[0,4]"), 3, WT_ERR_FORMAT, "not in"},
    {A("[1]", "[9007199254740980,9007199254740984]"), 4, WT_ERR_FORMAT, "not in"},
    {A("[1]", "[4,8]"), 8, WT_ERR_FORMAT, "gap"},
    {A("[1]", "[0,4]"), 5, WT_ERR_FORMAT, "belong to no tensor"},
    {"{" ONE("a") "," ONE("b") "}", 4, WT_ERR_FORMAT, "inside another"},
    {"{" ONE("a") ",\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}", 6,
     WT_ERR_FORMAT, "inside another"},
    {"{" ONE("a") ",\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}", 12,
     WT_ERR_FORMAT, "gap"},
    {"{" ONE("a") ",\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8,
     WT_ERR_FORMAT, "twice"},
    /* integers that no scale gives a meaning (the data are zeros) */
    {"{" I8("a.weight", "[1,1]", "[0,1]") "}", 1, WT_ERR_FORMAT, "no weight_scale"},
    {"{" I8("a.bias", "[1,1]", "[0,1]") "}", 1, WT_ERR_FORMAT, "no weight_scale"},
    {"{" I8("weight", "[1,1]", "[0,1]") "}", 1, WT_ERR_FORMAT, "no weight_scale"},
    {FOLDED("[1,1]", "[1]", "[2,1]"), 13, WT_ERR_FORMAT, "is no range"},
    {FOLDED("[1]", "[1]", "[2,1]"), 13, WT_ERR_FORMAT, "another shape"},
    {FOLDED("[1,1]", "[1,1]", "[2,1]"), 13, WT_ERR_FORMAT, "another shape"},
    {FOLDED("[1,1]", "[1]", "[1,2]"), 13, WT_ERR_FORMAT, "another shape"},
    {FOLDED("[1,1]", "[1]", "[2]"), 13, WT_ERR_FORMAT, "another shape"},
    /* metadata */
    {"{\"__metadata__\":[]}", 0, WT_ERR_FORMAT, "object"},
    {"{\"__metadata__\":{\"a\":1}}", 0, WT_ERR_FORMAT, "not a string"},
    {"{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, WT_ERR_FORMAT, "twice"},
    {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, WT_ERR_FORMAT, "twice"},
};

static void test_table(void **state)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum wt_status status = try(cases[i].header, cases[i].data, 0);
        if (status != cases[i].status || (status && !strstr(capture.log.last, cases[i].says)))
            fail_msg("%s: status %d: %s", cases[i].header, status, capture.log.last);
    }
}

/* One integer, its scale and its range: which of them are believed? */
static void test_integers(void **state)
{
    static const struct {
        float scale, low, high;
        int8_t q;
        enum wt_status status;
        const char *says;
    } integers[] = {
        {2, 0, 255, 100, WT_OK, ""},
        {2, -255, 0, -127, WT_OK, ""},
        {2, 0, 255, -128, WT_ERR_FORMAT, "-128"},
        {0, 0, 255, 1, WT_ERR_FORMAT, "no scale"},
        {-1, 0, 255, 1, WT_ERR_FORMAT, "no scale"},
        {NAN, 0, 255, 1, WT_ERR_FORMAT, "no scale"},
        {INFINITY, 0, 255, 1, WT_ERR_FORMAT, "no scale"},
        {1, NAN, 255, 1, WT_ERR_FORMAT, "no range"},
        {1, 0, NAN, 1, WT_ERR_FORMAT, "no range"},
        {1, 0, INFINITY, 1, WT_ERR_FORMAT, "no range"},
        {1, 1, 0, 1, WT_ERR_FORMAT, "no range"},
        {1, 1, 2, 1, WT_ERR_FORMAT, "no range"},
        {3e38f, 0, 1e-30f, 127, WT_ERR_FORMAT, "not be finite"},
    };
    static const char header[] = FOLDED("[1,1]", "[1]", "[2,1]");
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        uint8_t bytes[8 + sizeof header - 1 + 13] = {0};
        uint64_t n = sizeof header - 1;
        memcpy(bytes, &n, 8);
        memcpy(bytes + 8, header, n);
        memcpy(bytes + 8 + n, &integers[i].scale, 4);
        memcpy(bytes + 8 + n + 4, &integers[i].low, 4);
        memcpy(bytes + 8 + n + 8, &integers[i].high, 4);
        memcpy(bytes + 8 + n + 12, &integers[i].q, 1);
        enum wt_status status = parse_copy(wt_weights_parse, bytes, sizeof bytes);
        if (status != integers[i].status || (status && !strstr(capture.log.last, integers[i].says)))
            fail_msg("case %zu: status %d: %s", i, status, capture.log.last);
    }
}

static void test_header_sizes(void **state)
{
    static const uint64_t claim[] = {3,          100,        1ull << 31,    1ull << 32,
                                     1ull << 63, UINT64_MAX, UINT64_MAX - 7};
    for (size_t i = 0; i < sizeof claim / sizeof *claim; i++)
        assert_int_equal(try("{}", 0, claim[i]), WT_ERR_FORMAT);
}

static void test_deep_and_long(void **state)
{
    const size_t n = 3 << 20;
    char *text = malloc(n + 1);
    assert_non_null(text);
    memset(text, '[', n); /* nesting that would end a recursive parser */
    memcpy(text, "{\"a\":", 5);
    text[n] = 0;
    assert_int_equal(try(text, 0, 0), WT_ERR_FORMAT);
    memset(text, ' ', n);
    memcpy(text, "{}", 2);
    assert_int_equal(try(text, 0, 0), WT_OK);
    free(text);
    text = malloc((9 << 20) + 1);
    assert_non_null(text);
    memset(text, ' ', 9 << 20);
    memcpy(text, "{}", 2);
    text[9 << 20] = 0;
    assert_int_equal(try(text, 0, 0), WT_ERR_UNSUPPORTED);
    free(text);
}

static void test_many_entries_of_metadata(void **state)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    assert_non_null(f);
    fputs("{\"__metadata__\":{\"a\":\"b\"", f);
    for (int i = 0; i < 5000; i++)
        fprintf(f, ",\"%d\":\"\"", i);
    fputs("}}", f);
    fclose(f);
    assert_int_equal(try(text, 0, 0), WT_ERR_UNSUPPORTED);
    free(text);
}

static void test_truncated(void **state)
{
    refuse_truncated(wt_weights_parse, "tests/golden/odd.safetensors");
}

static void test_damaged(void **state)
{
    survive_damage(wt_weights_parse, "tests/golden/odd.safetensors", 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_header_sizes),
        cmocka_unit_test(test_deep_and_long),
        cmocka_unit_test(test_many_entries_of_metadata),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, capture_setup, capture_teardown);
}
