/* Import of PyTorch checkpoints: what PyTorch wrote is what we read, bit for bit. */
#include "support.h"

#include "weights/weights.h"

static struct wt_weights *golden(const char *name,
                                 enum wt_status (*load)(struct wt_weights **, const char *))
{
    struct wt_weights *w = NULL;
    char file[64], path[1200];
    snprintf(file, sizeof file, "tests/golden/%s", name);
    assert_int_equal(load(&w, source_path(file, path, sizeof path)), WT_OK);
    assert_non_null(w);
    assert_string_equal(w->path, path);
    return w;
}

static void equal(const char *imported, const char *expected)
{
    struct wt_weights *a = golden(imported, wt_weights_import_pth),
                      *b = golden(expected, wt_weights_load);
    assert_true(b->count > 10);
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct wt_tensor *s = &a->tensor[i], *t = &b->tensor[i];
        assert_string_equal(s->name, t->name);
        assert_int_equal(s->dims, t->dims);
        assert_int_equal(s->count, t->count);
        assert_int_equal(s->storage, t->storage);
        if (s->dims)
            assert_memory_equal(s->shape, t->shape, sizeof *s->shape * (size_t)s->dims);
        if (s->count)
            assert_memory_equal(s->data, t->data, s->count * sizeof *s->data);
    }
    wt_weights_destroy(&a);
    wt_weights_destroy(&b);
}

static void test_network_zip(void **state)
{
    equal("zip.pth", "net.safetensors");
}

static void test_network_stream(void **state)
{
    equal("old.pth", "net.safetensors");
}

static void test_odd_zip(void **state)
{
    equal("odd-zip.pth", "odd.safetensors");
}

static void test_odd_stream(void **state)
{
    equal("odd-old.pth", "odd.safetensors");
}

static void test_odd_protocol_4(void **state)
{
    equal("odd-zip4.pth", "odd.safetensors");
}

/* As people save them: compiled, under "net", with the prefixes of wrappers. */
static void test_as_people_save_them(void **state)
{
    static const char *const names[] = {"compiled.pth", "net.pth", "module_prefix.safetensors"};
    char path[1200], plain[1200];
    if (!shared_path("cases/checkpoints/plain.safetensors", plain, sizeof plain))
        skip();
    struct wt_weights *b = NULL;
    assert_int_equal(wt_weights_load(&b, plain), WT_OK);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[64];
        struct wt_weights *a = NULL;
        snprintf(name, sizeof name, "cases/checkpoints/%s", names[i]);
        assert_true(shared_path(name, path, sizeof path));
        assert_int_equal(strstr(name, ".pth") ? wt_weights_import_pth(&a, path)
                                              : wt_weights_load(&a, path),
                         WT_OK);
        assert_true(b->count > 10);
        assert_int_equal(a->count, b->count);
        for (size_t k = 0; k < a->count; k++) {
            assert_string_equal(a->tensor[k].name, b->tensor[k].name);
            assert_int_equal(a->tensor[k].count, b->tensor[k].count);
            if (a->tensor[k].count)
                assert_memory_equal(a->tensor[k].data, b->tensor[k].data,
                                    a->tensor[k].count * sizeof *a->tensor[k].data);
        }
        wt_weights_destroy(&a);
    }
    wt_weights_destroy(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_network_zip),    cmocka_unit_test(test_network_stream),
        cmocka_unit_test(test_odd_zip),        cmocka_unit_test(test_odd_stream),
        cmocka_unit_test(test_odd_protocol_4), cmocka_unit_test(test_as_people_save_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
