/* Objects beside the tensors of a checkpoint: passed over where they are what training scripts
 * keep, refused by name where they are not; nothing of them is run. */
#include "mutate.h"
#include "pickle_maker.h"

#define P(literal) literal, sizeof literal - 1

static struct bytes file, pickle;

/* What training scripts keep there, as CPython and numpy write it: made, filled and passed over. */
static const struct {
    const char *bytes;
    size_t size;
} objects[] = {
    /* argparse.Namespace(lr=1), protocol 2 */
    {P("cargparse\nNamespace\n)\x81}X\x02\x00\x00\x00lrK\x01sb")},
    /* numpy.float64, protocol 2 */
    {P("cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(X\x02\x00\x00\x00"
       "f8\x89\x88tR(K\x03X\x01\x00\x00\x00<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
       "c_codecs\nencode\n(X\x08\x00\x00\x00"
       "abcdefghX\x06\x00\x00\x00latin1tRtR")},
    /* datetime.datetime, protocol 4; pathlib.PosixPath */
    {P("\x8c\x08"
       "datetime\x8c\x08"
       "datetime\x93"
       "C\x0a\x07\xea\x0b\x1a\x00\x00\x00\x00\x00\x00\x85R")},
    {P("cpathlib\nPosixPath\nX\x01\x00\x00\x00/X\x03\x00\x00\x00tmp\x86R")},
    /* sets, a defaultdict with an item, a deque with some, a bytearray, a class by itself */
    {P("\x8f(K\x01K\x02\x90")},
    {P("(K\x01K\x02\x91")},
    {P("ccollections\ndefaultdict\ncbuiltins\nint\n\x85RX\x01\x00\x00\x00"
       "aK\x01s")},
    {P("ccollections\ndeque\n)R(K\x01K\x02"
       "e")},
    {P("\x96\x02\x00\x00\x00\x00\x00\x00\x00"
       "ab")},
    {P("c__builtin__\nset\n")},
    /* a class that is made with named arguments, and one of Python 2's way */
    {P("ctypes\nSimpleNamespace\n)}\x92}b")},
    {P("ccopy_reg\n_reconstructor\n(cyacs.config\nCfgNode\nc__builtin__\ndict\n}tR")},
};

static void test_objects(void **state)
{
    const struct maker_tensor t = {"_orig_mod.module.a", "FloatStorage", "0", 2, 0, 1, 1, {2}, {1}};
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        struct wt_weights *w = NULL;
        pickle.size = 0;
        PUT(&pickle, "\x80\x04}");
        put_text(&pickle, "before");
        put(&pickle, objects[i].bytes, objects[i].size);
        PUT(&pickle, "s");
        put_text(&pickle, "net");
        PUT(&pickle, "}");
        put_text(&pickle, "among");
        put(&pickle, objects[i].bytes, objects[i].size);
        PUT(&pickle, "s");
        put_tensor(&pickle, &t);
        PUT(&pickle, "ss.");
        put_pickle_zip(&file, &pickle);
        assert_int_equal(wt_weights_parse_pth(&w, file.data, file.size, "file"), WT_OK);
        assert_int_equal(w->count, 1);
        assert_string_equal(w->tensor[0].name, "a");
        wt_weights_destroy(&w);
        /* as the whole of a file it is no weights */
        pickle.size = 0;
        PUT(&pickle, "\x80\x04");
        put(&pickle, objects[i].bytes, objects[i].size);
        PUT(&pickle, ".");
        put_pickle_zip(&file, &pickle);
        assert_int_equal(parse_copy(wt_weights_parse_pth, file.data, file.size), WT_ERR_FORMAT);
    }
}

/* A checkpoint's tensor "a" under these keys, beside a learning rate. */
static void put_nested(const char *const *key, int keys, const char *name)
{
    const struct maker_tensor t = {name, "FloatStorage", "0", 2, 0, 1, 1, {2}, {1}};
    pickle.size = 0;
    PUT(&pickle, "\x80\x04}");
    for (int k = 0; k < keys; k++) {
        put_text(&pickle, "lr");
        PUT(&pickle, "K\x01s");
        put_text(&pickle, key[k]);
        PUT(&pickle, "}");
    }
    put_tensor(&pickle, &t);
    PUT(&pickle, "s");
    for (int k = 0; k < keys; k++)
        PUT(&pickle, "s");
    PUT(&pickle, ".");
    put_pickle_zip(&file, &pickle);
}

static void test_nestings(void **state)
{
    static const struct {
        const char *key[3];
        int keys;
        const char *name;
    } cases[] = {
        {{"net"}, 1, "a"},
        {{"checkpoint", "model", "state_dict"}, 3, "module.a"},
        {{"ema_state_dict"}, 1, "ema_model.module.a"},
        {{"params"}, 1, "a"}, /* no name that is known */
        {{"landmarks", "state_dict"}, 2, "backbone.net.a"},
        {{"state_dict_ema"}, 1, "_orig_mod.model.module._orig_mod.a"},
        {{0}, 0, "state_dict.model_ema.a"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wt_weights *w = NULL;
        put_nested(cases[i].key, cases[i].keys, cases[i].name);
        assert_int_equal(wt_weights_parse_pth(&w, file.data, file.size, "file"), WT_OK);
        assert_int_equal(w->count, 1);
        assert_string_equal(w->tensor[0].name, "a");
        wt_weights_destroy(&w);
    }
}

/* Two that could be meant, and no name says which. */
static void test_which_of_two(void **state)
{
    const struct maker_tensor t = {"a", "FloatStorage", "0", 2, 0, 1, 1, {2}, {1}};
    pickle.size = 0;
    PUT(&pickle, "\x80\x04}");
    for (int k = 0; k < 2; k++) {
        put_text(&pickle, k ? "teacher" : "student");
        PUT(&pickle, "}");
        put_tensor(&pickle, &t);
        PUT(&pickle, "ss");
    }
    PUT(&pickle, ".");
    put_pickle_zip(&file, &pickle);
    assert_int_equal(parse_copy(wt_weights_parse_pth, file.data, file.size), WT_ERR_FORMAT);
}

/* What only looks like one of those. */
static void test_no_such_objects(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *says;
    } cases[] = {
        {P("\x80\x02"
           "cnumpyx\nload\n)R."),
         "numpyx"},
        {P("\x80\x02"
           "cargparse\nFileType\n)R."),
         "FileType"},
        {P("\x80\x02"
           "ctypes\nFunctionType\n)\x81."),
         "FunctionType"},
        {P("\x80\x02"
           "cbuiltins\ngetattr\n)R."),
         "getattr"},
        {P("\x80\x02"
           "ccopyreg\n__newobj__\n)R."),
         "__newobj__"},
        {P("\x80\x02}}\x81."), "opcode 0x81"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pickle.size = 0;
        put(&pickle, cases[i].bytes, cases[i].size);
        put_pickle_zip(&file, &pickle);
        assert_int_equal(parse_copy(wt_weights_parse_pth, file.data, file.size),
                         WT_ERR_UNSUPPORTED);
        assert_non_null(strstr(capture.log.last, cases[i].says));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_objects),
        cmocka_unit_test(test_nestings),
        cmocka_unit_test(test_which_of_two),
        cmocka_unit_test(test_no_such_objects),
    };
    return cmocka_run_group_tests(tests, capture_setup, capture_teardown);
}
