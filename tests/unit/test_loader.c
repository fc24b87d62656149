/* The loader: batches are the same for any number of threads and any start, broken pictures stop it
 * with one line or are replaced, and it can be thrown away at any time. Meant for ThreadSanitizer
 * too. */
#include "support.h"

#include <math.h>

#include "data/augment_cv.h"
#include "data/loader.h"
#include "face/picture.h"
#include "net/hourglass.h"

/* The smallest crops: what is about threads is the same in all sizes. */
enum { FACES = 11, STRIDE = 72, BATCH = 4, INPUT = WT_INPUT_MIN, CELLS = INPUT / 4 * (INPUT / 4) };

static char folder[256];
static struct wt_faces *faces;

static const char *file(const char *name)
{
    static char path[400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* FACES pictures with 68 points each. */
static int setup(void **state)
{
    static uint8_t pixels[90][80][3];
    wt_opencv_single_thread(); /* as the trainer does */
    scratch_folder(folder, sizeof folder);
    FILE *list = fopen(file("list.txt"), "w");
    for (int i = 0; i < FACES; i++) {
        char name[32];
        for (int k = 0; k < (int)sizeof pixels; k++)
            (&pixels[0][0][0])[k] = (uint8_t)(k * (i + 3) / 7);
        const struct wt_image image = {&pixels[0][0][0], 80, 90, 240, WT_PIXEL_BGR24};
        snprintf(name, sizeof name, "%d.png", i);
        if (wt_picture_write(&image, file(name)))
            return -1;
        fprintf(list, "%s", name);
        for (int p = 0; p < 68; p++)
            fprintf(list, " %d %d", 10 + (p * 29 + i) % 60, 12 + (p * 37 + 2 * i) % 66);
        fprintf(list, "\n");
    }
    fclose(list);
    return wt_faces_create(&faces, 68) || wt_faces_add(faces, file("list.txt"));
}

static int teardown(void **state)
{
    wt_faces_destroy(&faces);
    return remove_folder(folder);
}

static struct wt_loader_options options(int threads)
{
    struct wt_loader_options o = {.batch = BATCH,
                                  .threads = threads,
                                  .stride = STRIDE,
                                  .seed = 42,
                                  .augment = wt_augment_defaults(),
                                  .target = wt_target_defaults()};
    o.augment.input = INPUT;
    return o;
}

/* FNV-1a, by words, over all that is in a batch. */
static uint64_t stir(uint64_t h, const void *bytes, size_t n)
{
    assert_int_equal(n % sizeof h, 0);
    for (size_t i = 0; i < n; i += sizeof h) {
        uint64_t word;
        memcpy(&word, (const uint8_t *)bytes + i, sizeof word);
        h = (h ^ word) * UINT64_C(0x100000001b3);
    }
    return h;
}

static uint64_t digest(const struct wt_batch *b)
{
    const size_t n = (size_t)b->n, cells = CELLS;
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ b->epoch * 1000 ^ b->index;
    h = stir(h, b->rgb, n * WT_CROP_BYTES(INPUT));
    h = stir(h, b->value, n * cells * STRIDE * sizeof *b->value);
    h = stir(h, b->mask, n * cells * STRIDE);
    h = stir(h, b->channel, n * STRIDE * sizeof *b->channel);
    h = stir(h, b->point, n * 68 * sizeof *b->point);
    return stir(h, b->face, n * sizeof *b->face);
}

/* Digests of the first n batches; fails on errors. */
static void run(const struct wt_loader_options *o, int n, uint64_t *out)
{
    struct wt_loader *loader = NULL;
    assert_int_equal(wt_loader_create(&loader, faces, o), WT_OK);
    for (int i = 0; i < n; i++) {
        struct wt_batch b;
        assert_int_equal(wt_loader_next(loader, &b), WT_OK);
        out[i] = digest(&b);
        wt_loader_release(loader);
    }
    const struct wt_loader_stats stats = wt_loader_stats(loader);
    assert_true(stats.faces >= (uint64_t)n * (uint64_t)o->batch && stats.skipped == 0);
    wt_loader_destroy(&loader);
    assert_null(loader);
}

static void test_any_number_of_threads(void **state)
{
    uint64_t want[7], got[7];
    struct wt_loader_options o = options(1);
    run(&o, 7, want);
    for (int i = 1; i < 7; i++)
        assert_true(want[i] != want[i - 1]);
    for (int threads = 2; threads <= 5; threads++) {
        o = options(threads);
        o.ahead = threads == 4 ? 1 : threads == 5 ? 9 : 0;
        run(&o, 7, got);
        assert_memory_equal(got, want, sizeof want);
    }
    o.seed = 43;
    run(&o, 7, got);
    assert_true(got[0] != want[0]);
}

/* Two batches an epoch (of 11 faces): batch 5 is the second one of epoch 2. */
static void test_start_anywhere(void **state)
{
    uint64_t want[7], got[2];
    struct wt_loader_options o = options(3);
    run(&o, 7, want);
    o.epoch = 2;
    o.first = 1;
    run(&o, 2, got);
    assert_memory_equal(got, want + 5, sizeof got);
    struct wt_loader *loader = NULL;
    struct wt_batch b;
    assert_int_equal(wt_loader_create(&loader, faces, &o), WT_OK);
    assert_int_equal(wt_loader_epoch_batches(loader), 2);
    assert_int_equal(wt_loader_next(loader, &b), WT_OK);
    assert_true(b.epoch == 2 && b.index == 1 && b.n == BATCH);
    wt_loader_release(loader);
    wt_loader_release(loader); /* nothing is lent: nothing happens */
    assert_int_equal(wt_loader_next(loader, &b), WT_OK);
    assert_true(b.epoch == 3 && b.index == 0);
    wt_loader_destroy(&loader); /* while a batch is lent */
}

/* Two processes that share batches of four make the faces of one. */
static void check_parts(int pairs)
{
    struct wt_loader *whole = NULL, *half[2] = {NULL, NULL};
    struct wt_loader_options o = options(2);
    o.pairs = 2 * pairs;
    assert_int_equal(wt_loader_create(&whole, faces, &o), WT_OK);
    o.batch = BATCH / 2;
    o.pairs = pairs;
    o.parts = 2;
    for (o.part = 0; o.part < 2; o.part++)
        assert_int_equal(wt_loader_create(&half[o.part], faces, &o), WT_OK);
    assert_int_equal(wt_loader_epoch_batches(half[1]), wt_loader_epoch_batches(whole));
    for (int i = 0; i < 5; i++) {
        struct wt_batch b, p;
        assert_int_equal(wt_loader_next(whole, &b), WT_OK);
        for (int k = 0; k < 2; k++) {
            const size_t from = (size_t)(k * BATCH / 2), n = BATCH / 2;
            assert_int_equal(wt_loader_next(half[k], &p), WT_OK);
            assert_true(p.epoch == b.epoch && p.index == b.index && p.n == BATCH / 2);
            assert_memory_equal(p.face, b.face + from, n * sizeof *b.face);
            assert_memory_equal(p.rgb, b.rgb + from * WT_CROP_BYTES(INPUT),
                                n * WT_CROP_BYTES(INPUT));
            wt_loader_release(half[k]);
        }
        wt_loader_release(whole);
    }
    wt_loader_destroy(&whole);
    wt_loader_destroy(&half[0]);
    wt_loader_destroy(&half[1]);
}

static void test_parts(void **state)
{
    check_parts(0);
    check_parts(1);
}

/* Some faces of a batch are the one before seen again, a little otherwise; the others come once an
 * epoch, however many threads there are. */
static void test_pairs(void **state)
{
    enum { PAIRS = 2, BATCHES = FACES / (BATCH - PAIRS) };
    uint64_t want[7], got[7];
    struct wt_loader *loader = NULL;
    struct wt_loader_options o = options(3);
    int seen[FACES] = {0};
    o.pairs = PAIRS;
    assert_int_equal(wt_loader_create(&loader, faces, &o), WT_OK);
    assert_int_equal(wt_loader_epoch_batches(loader), BATCHES);
    for (int index = 0; index < BATCHES; index++) {
        struct wt_batch b;
        assert_int_equal(wt_loader_next(loader, &b), WT_OK);
        assert_true(b.n == BATCH && b.pairs == PAIRS);
        for (int i = 0; i < BATCH; i++)
            seen[b.face[i]]++;
        for (int n = 0; n < PAIRS; n++) {
            const int again = wt_batch_second(BATCH, PAIRS, n), k = again - 1;
            assert_int_equal(again, 2 * n + 1);
            const struct wt_point *p = b.point + (size_t)k * 68;
            const struct wt_point *q = b.point + (size_t)again * 68;
            double far = 0;
            assert_int_equal(b.face[again], b.face[k]);
            assert_int_equal(b.params[again].flip, b.params[k].flip);
            assert_memory_not_equal(b.rgb + (size_t)again * WT_CROP_BYTES(INPUT),
                                    b.rgb + (size_t)k * WT_CROP_BYTES(INPUT), WT_CROP_BYTES(INPUT));
            for (int i = 0; i < 68; i++)
                far = fmax(far, hypot((double)(q[i].x - p[i].x), (double)(q[i].y - p[i].y)));
            assert_true(far > 0.01 && far < 30);
        }
        wt_loader_release(loader);
    }
    wt_loader_destroy(&loader);
    for (int i = 0; i < FACES; i++)
        assert_true(seen[i] == 2 || seen[i] == 0); /* one of 11 is left out */
    run(&o, 7, want);
    o.threads = 1;
    run(&o, 7, got);
    assert_memory_equal(got, want, sizeof want);
    o.pairs = BATCH / 2 + 1;
    assert_int_equal(wt_loader_create(&loader, faces, &o), WT_ERR_ARGUMENT);
}

/* A batch holds what its parts say: the targets belong to the points. */
static void test_contents(void **state)
{
    struct wt_loader *loader = NULL;
    struct wt_batch b;
    struct wt_loader_options o = options(2);
    o.augment.input = WT_INPUT_DEFAULT;
    assert_int_equal(wt_loader_create(&loader, faces, &o), WT_OK);
    assert_int_equal(wt_loader_next(loader, &b), WT_OK);
    uint32_t seen = 0;
    for (int i = 0; i < BATCH; i++) {
        static float value[WT_MAP_CELLS_DEFAULT * STRIDE];
        static uint8_t mask[WT_MAP_CELLS_DEFAULT * STRIDE];
        float channel[STRIDE];
        const struct wt_target_maps maps = {value, mask, channel, STRIDE, 64};
        const struct wt_target_face face = {.scheme = wt_scheme_get(68), .point = b.point + i * 68};
        wt_target_draw(&o.target, &face, &maps);
        assert_memory_equal(value, b.value + i * WT_MAP_CELLS_DEFAULT * STRIDE, sizeof value);
        assert_memory_equal(mask, b.mask + i * WT_MAP_CELLS_DEFAULT * STRIDE, sizeof mask);
        assert_memory_equal(channel, b.channel + i * STRIDE, sizeof channel);
        seen |= 1u << b.face[i];
    }
    assert_int_equal(__builtin_popcount(seen), BATCH); /* no face twice in an epoch */
    wt_loader_destroy(&loader);
}

static void test_thrown_away(void **state)
{
    for (int i = 0; i < 20; i++) {
        struct wt_loader *loader = NULL;
        struct wt_batch b;
        struct wt_loader_options o = options(1 + i % 4);
        assert_int_equal(wt_loader_create(&loader, faces, &o), WT_OK);
        if (i % 3 == 1)
            assert_int_equal(wt_loader_next(loader, &b), WT_OK);
        wt_loader_destroy(&loader);
    }
    struct wt_loader *none = NULL;
    wt_loader_destroy(&none);
}

/* Pictures 3 and 7 go bad after the faces were opened. */
static void test_broken_pictures(void **state)
{
    struct log_capture log;
    struct wt_batch b;
    char saved[2][8] = {"3.png", "7.png"}, from[400], to[400];
    for (int k = 0; k < 2; k++) {
        snprintf(from, sizeof from, "%s", file(saved[k]));
        snprintf(to, sizeof to, "%s/keep%d", folder, k);
        assert_int_equal(rename(from, to), 0);
    }
    write_file(file("7.png"), "not a picture", 13);
    for (int threads = 1; threads <= 4; threads += 3) {
        struct wt_loader *loader = NULL;
        struct wt_loader_options o = options(threads);
        enum wt_status status = WT_OK;
        log_capture_start(&log);
        assert_int_equal(wt_loader_create(&loader, faces, &o), WT_OK);
        for (int i = 0; i < 6 && !status; i++) {
            status = wt_loader_next(loader, &b);
            wt_loader_release(loader);
        }
        assert_true(status == WT_ERR_IO || status == WT_ERR_FORMAT);
        wt_loader_destroy(&loader);
        assert_int_equal(log.lines, 1);
        assert_non_null(strstr(log.last, "list.txt:"));
        assert_true(strstr(log.last, "3.png: No such file") || strstr(log.last, "7.png: not a"));
    }
    uint64_t first[6] = {0}, again[6] = {0};
    for (int threads = 1; threads <= 4; threads += 3) {
        struct wt_loader *loader = NULL;
        struct wt_loader_options o = options(threads);
        o.skip_broken = true;
        log_capture_start(&log);
        assert_int_equal(wt_loader_create(&loader, faces, &o), WT_OK);
        for (int i = 0; i < 6; i++) {
            assert_int_equal(wt_loader_next(loader, &b), WT_OK);
            for (int k = 0; k < BATCH; k++)
                assert_true(b.face[k] != 3 && b.face[k] != 7);
            (threads == 1 ? first : again)[i] = digest(&b);
            wt_loader_release(loader);
        }
        assert_true(wt_loader_stats(loader).skipped > 0);
        wt_loader_destroy(&loader);
        assert_true(log.lines > 0 && log.errors == 0);
    }
    assert_memory_equal(first, again, sizeof first);
    for (int k = 0; k < 2; k++) {
        snprintf(from, sizeof from, "%s/keep%d", folder, k);
        assert_int_equal(rename(from, file(saved[k])), 0);
    }
}

static void test_wrong_options(void **state)
{
    struct log_capture log;
    struct wt_loader *loader = NULL;
    struct wt_loader_options o[7];
    for (int i = 0; i < 7; i++)
        o[i] = options(1);
    o[0].batch = 0;
    o[1].batch = FACES + 1;
    o[2].threads = 0;
    o[3].threads = 65;
    o[4].stride = 68;
    o[5].ahead = -1;
    o[6].part = o[6].parts = 2;
    for (int i = 0; i < 7; i++) {
        log_capture_start(&log);
        assert_int_equal(wt_loader_create(&loader, faces, &o[i]), WT_ERR_ARGUMENT);
        assert_int_equal(log.errors, 1);
        assert_null(loader);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_number_of_threads),
        cmocka_unit_test(test_start_anywhere),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_contents),
        cmocka_unit_test(test_thrown_away),
        cmocka_unit_test(test_broken_pictures),
        cmocka_unit_test(test_wrong_options),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
