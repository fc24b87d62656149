/* Container and safetensors: what is written is read back, and a failed write loses nothing. */
#include "capture.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "weights/file.h"
#include "weights/half.h"
#include "weights/weights.h"

static void fill(struct wt_tensor *t, float start)
{
    for (size_t i = 0; i < t->count; i++)
        t->data[i] = start + 0.25f * (float)i;
}

static void make(struct wt_weights **w)
{
    assert_int_equal(wt_weights_create(w), WT_OK);
    struct wt_tensor *t = wt_weights_add(*w, "z.weight", 4, (int64_t[]){2, 3, 3, 3});
    fill(t, -3);
    t = wt_weights_add(*w, "half", 1, (int64_t[]){5});
    t->storage = WT_STORE_BF16;
    fill(t, 1);
    t = wt_weights_add(*w, "a \"quoted\\ name\"", 2, (int64_t[]){1, 7});
    fill(t, 9);
    t = wt_weights_add(*w, "h16", 1, (int64_t[]){3});
    t->storage = WT_STORE_F16;
    fill(t, -0.5f);
    t = wt_weights_add(*w, "scalar", 0, NULL);
    assert_int_equal(t->count, 1);
    t->data[0] = 42;
    assert_non_null(wt_weights_add(*w, "empty", 3, (int64_t[]){4, 0, 2}));
    assert_null(wt_weights_add(*w, "half", 1, (int64_t[]){5}));
    assert_int_equal(wt_weights_set_meta(*w, "licence", "with \"quotes\", a\ttab and ü"), WT_OK);
    assert_int_equal(wt_weights_set_meta(*w, "gone", "x"), WT_OK);
    assert_int_equal(wt_weights_set_meta(*w, "points", "5"), WT_OK);
    assert_int_equal(wt_weights_set_meta(*w, "points", "98"), WT_OK);
    assert_int_equal(wt_weights_set_meta(*w, "gone", NULL), WT_OK);
}

static void equal(const struct wt_weights *a, const struct wt_weights *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct wt_tensor *s = &a->tensor[i], *t = &b->tensor[i];
        assert_string_equal(s->name, t->name);
        assert_int_equal(s->dims, t->dims);
        assert_memory_equal(s->shape, t->shape, sizeof *s->shape * (size_t)s->dims);
        assert_int_equal(s->storage, t->storage);
        assert_int_equal((uintptr_t)t->data % 64, 0);
        assert_int_equal(s->count, t->count);
        if (s->count)
            assert_memory_equal(s->data, t->data, s->count * sizeof *s->data);
    }
    assert_int_equal(a->metas, b->metas);
    for (size_t i = 0; i < a->metas; i++)
        assert_string_equal(a->meta[i].value, wt_weights_get_meta(b, a->meta[i].key));
}

static void test_round_trip(void **state)
{
    const char *path = capture_path("w.safetensors");
    struct wt_weights *w, *r;
    make(&w);
    assert_int_equal(w->count, 6);
    for (size_t i = 1; i < w->count; i++)
        assert_true(strcmp(w->tensor[i - 1].name, w->tensor[i].name) < 0);
    assert_non_null(wt_weights_find(w, "scalar"));
    assert_null(wt_weights_find(w, "scala"));
    assert_null(wt_weights_get_meta(w, "gone"));
    assert_int_equal(wt_weights_save(w, path), WT_OK);
    assert_int_equal(wt_weights_load(&r, path), WT_OK);
    assert_string_equal(r->path, path);
    equal(w, r);
    wt_weights_destroy(&r);
    wt_weights_destroy(&w);
    assert_null(w);
    wt_weights_destroy(&w);
    unlink(path);
}

/* Integers of 1, 3 and 127 / -127 steps: what they stand for survives, a quarter of the size. */
static void test_int8_round_trip(void **state)
{
    const char *path = capture_path("w.safetensors");
    struct wt_weights *w, *r;
    struct wt_tensor *t;
    assert_int_equal(wt_weights_create(&w), WT_OK);
    t = wt_weights_add(w, "c.weight", 4, (int64_t[]){2, 2, 3, 3});
    fill(t, -2);
    t->data[0] = -127.0f / 16; /* output 0: steps of 1/16 where the input's scale is 1 */
    assert_one_line(WT_ERR_FORMAT, wt_weights_to_int8(w, "c")); /* no range yet */
    assert_one_line(WT_ERR_FORMAT, wt_weights_to_int8(w, "d"));
    t = wt_weights_add(w, "c.input_range", 2, (int64_t[]){2, 2});
    t->data[2] = 255;    /* 0 to 255: steps of 1 */
    t->data[1] = -127.5; /* and -127.5 to 127.5 */
    t->data[3] = 127.5;
    assert_int_equal(wt_weights_to_int8(w, "c"), WT_OK);
    assert_int_equal(wt_weights_find(w, "c.weight")->storage, WT_STORE_I8);
    assert_true(wt_weights_find(w, "c.weight_scale")->data[0] == 0.0625f);
    assert_true(wt_weights_find(w, "c.weight")->data[0] == -127.0f / 16);
    assert_true(wt_weights_find(w, "c.weight")->data[3] == -1.25f);
    assert_int_equal(wt_weights_save(w, path), WT_OK);
    assert_int_equal(wt_weights_load(&r, path), WT_OK);
    equal(w, r);
    wt_weights_destroy(&r);
    /* a companion that went missing or became a lie is found before a file is touched */
    wt_weights_find(w, "c.weight_scale")->data[1] = NAN;
    assert_one_line(WT_ERR_FORMAT, wt_weights_save(w, path));
    assert_int_equal(wt_weights_load(&r, path), WT_OK);
    wt_weights_destroy(&r);
    wt_weights_destroy(&w);
    unlink(path);
}

static void test_empty_file_round_trip(void **state)
{
    const char *path = capture_path("w.safetensors");
    struct wt_weights *w, *r;
    assert_int_equal(wt_weights_create(&w), WT_OK);
    assert_int_equal(wt_weights_save(w, path), WT_OK);
    assert_int_equal(wt_weights_load(&r, path), WT_OK);
    equal(w, r);
    wt_weights_destroy(&r);
    wt_weights_destroy(&w);
    unlink(path);
}

static void test_save_fails_without_loss(void **state)
{
    const char *path = capture_path("w.safetensors");
    struct rlimit old, small;
    struct wt_weights *w, *r;
    uint8_t *before, *after;
    size_t size, size_after;

    make(&w);
    assert_int_equal(wt_weights_save(w, path), WT_OK);
    assert_int_equal(wt_file_read(path, 1 << 20, &before, &size), WT_OK);
    assert_non_null(wt_weights_add(w, "large", 1, (int64_t[]){1 << 16}));
    /* A limit on file sizes fails like a full disk: part of it is written, then no more. */
    getrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, SIG_IGN);
    small = old;
    small.rlim_cur = 8192;
    setrlimit(RLIMIT_FSIZE, &small);
    assert_one_line(WT_ERR_IO, wt_weights_save(w, path));
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(wt_file_read(path, 1 << 20, &after, &size_after), WT_OK);
    assert_int_equal(size, size_after);
    assert_memory_equal(before, after, size);
    free(before);
    free(after);
    /* Nothing else lies there: teardown's rmdir would fail. */
    assert_int_equal(wt_weights_load(&r, path), WT_OK);
    wt_weights_destroy(&r);
    wt_weights_destroy(&w);
    unlink(path);
}

static void test_save_to_wrong_places(void **state)
{
    struct wt_weights *w;
    make(&w);
    assert_one_line(WT_ERR_IO, wt_weights_save(w, capture.folder));
    assert_one_line(WT_ERR_IO, wt_weights_save(w, "/dev/null"));
    assert_one_line(WT_ERR_IO, wt_weights_save(w, capture_path("missing/w.safetensors")));
    wt_weights_destroy(&w);
}

static void test_save_through_a_link(void **state)
{
    char target[400];
    struct stat st;
    struct wt_weights *w;
    make(&w);
    snprintf(target, sizeof target, "%s", capture_path("target"));
    assert_int_equal(wt_weights_save(w, target), WT_OK);
    assert_int_equal(chmod(target, 0600), 0);
    assert_int_equal(symlink("target", capture_path("link")), 0);
    assert_int_equal(wt_weights_save(w, capture_path("link")), WT_OK);
    assert_int_equal(lstat(capture_path("link"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(stat(target, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    wt_weights_destroy(&w);
    unlink(capture_path("link"));
    unlink(target);
}

static void test_load_from_wrong_places(void **state)
{
    struct wt_weights *w = NULL;
    assert_one_line(WT_ERR_IO, wt_weights_load(&w, capture_path("missing")));
    assert_one_line(WT_ERR_IO, wt_weights_load(&w, capture.folder));
    assert_one_line(WT_ERR_IO, wt_weights_load(&w, "/dev/zero"));
    assert_int_equal(mkfifo(capture_path("fifo"), 0600), 0);
    assert_one_line(WT_ERR_IO, wt_weights_load(&w, capture_path("fifo")));
    unlink(capture_path("fifo"));
    assert_null(w);
}

static void test_halves(void **state)
{
    for (uint32_t h = 0; h < 65536; h++) { /* every half survives the way through float */
        float f = wt_float_from_f16((uint16_t)h), b = wt_float_from_bf16((uint16_t)h);
        if (isnan(f))
            assert_true((wt_f16_from_float(f) & 0x7fff) > 0x7c00);
        else
            assert_int_equal(wt_f16_from_float(f), h);
        if (isnan(b))
            assert_true((wt_bf16_from_float(b) & 0x7fff) > 0x7f80);
        else
            assert_int_equal(wt_bf16_from_float(b), h);
    }
    assert_true(wt_float_from_f16(0x3c00) == 1 && wt_float_from_f16(0x0001) == 0x1p-24f);
    assert_int_equal(wt_f16_from_float(1 + 0x1p-11f), 0x3c00); /* ties to even */
    assert_int_equal(wt_f16_from_float(1 + 0x3p-11f), 0x3c02);
    assert_int_equal(wt_f16_from_float(65519), 0x7bff);
    assert_int_equal(wt_f16_from_float(65520), 0x7c00);
    assert_int_equal(wt_f16_from_float(0x1p-25f), 0);
    assert_int_equal(wt_f16_from_float(0x1.8p-25f), 1);
    assert_int_equal(wt_bf16_from_float(1 + 0x1p-8f), 0x3f80);
    assert_int_equal(wt_bf16_from_float(1 + 0x3p-8f), 0x3f82);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_int8_round_trip),
        cmocka_unit_test(test_empty_file_round_trip),
        cmocka_unit_test(test_save_fails_without_loss),
        cmocka_unit_test(test_save_to_wrong_places),
        cmocka_unit_test(test_save_through_a_link),
        cmocka_unit_test(test_load_from_wrong_places),
        cmocka_unit_test(test_halves),
    };
    return cmocka_run_group_tests(tests, capture_setup, capture_teardown);
}
