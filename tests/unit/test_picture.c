#include <math.h>
#include <sys/stat.h>

#include "capture.h"
#include "face/picture.h"

static uint8_t data[20 * 30 * 3];

static struct wt_image gradient(enum wt_pixel format)
{
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 7);
    return (struct wt_image){data, 30, 20, 30 * 3, format};
}

static void round_trip_without_loss(void **state)
{
    for (int format = WT_PIXEL_BGR24; format <= WT_PIXEL_GRAY8; format++) {
        const struct wt_image image = gradient((enum wt_pixel)format);
        struct wt_picture picture = {0};
        assert_int_equal(wt_picture_write(&image, capture_path("a.png")), WT_OK);
        assert_int_equal(wt_picture_read(&picture, capture_path("a.png")), WT_OK);
        assert_int_equal(picture.image.width, 30);
        assert_int_equal(picture.image.height, 20);
        assert_int_equal(picture.image.stride, 90);
        assert_int_equal(picture.image.format, WT_PIXEL_BGR24);
        for (int y = 0; y < 20; y++)
            for (int x = 0; x < 30; x++)
                for (int c = 0; c < 3; c++) {
                    const uint8_t *p = data + y * 90;
                    const uint8_t expected = format == WT_PIXEL_BGR24   ? p[x * 3 + c]
                                             : format == WT_PIXEL_RGB24 ? p[x * 3 + 2 - c]
                                                                        : p[x];
                    assert_int_equal(picture.pixels[y * 90 + x * 3 + c], expected);
                }
        wt_picture_fini(&picture);
        assert_null(picture.pixels);
        wt_picture_fini(&picture);
    }
    unlink(capture_path("a.png"));
}

static void bad_files_give_one_line(void **state)
{
    static const struct {
        const char *name;
        const char *bytes;
        size_t size;
    } files[] = {
        {"empty.png", "", 0},
        {"text.jpg", "this is no picture at all", 25},
        {"head.png", "\x89PNG\r\n\x1a\n", 8},
        /* a header that promises 60000 x 60000 pixels */
        {"huge.ppm", "P6 60000 60000 255\n", 19},
        {"wide.ppm", "P5 20000 1 255\n", 15},
        {"negative.bmp",
         "BM\xff\xff\xff\xff\0\0\0\0\x36\0\0\0\x28\0\0\0\xff\xff\xff\x7f\xff\xff\xff"
         "\x7f\x01\0\x18\0",
         30},
    };
    struct wt_picture picture = {0};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        write_file(capture_path(files[i].name), files[i].bytes, files[i].size);
        assert_one_line(WT_ERR_FORMAT, wt_picture_read(&picture, capture_path(files[i].name)));
        assert_non_null(strstr(capture.log.last, files[i].name));
        unlink(capture_path(files[i].name));
    }
    assert_one_line(WT_ERR_IO, wt_picture_read(&picture, capture_path("absent.png")));
    assert_one_line(WT_ERR_IO, wt_picture_read(&picture, capture.folder));
    assert_null(picture.pixels);
}

/* Whole files are read; cut at any length, or with a bit turned over in a PNG, they are refused
 * with one line of ours and none of a decoder's (that would be seen in a terminal). */
static void damaged_files_are_refused(void **state)
{
    const struct wt_image image = gradient(WT_PIXEL_BGR24);
    static const char *const names[] = {"a.png", "a.jpg"};
    for (size_t k = 0; k < 2; k++) {
        struct wt_picture picture = {0};
        uint8_t bytes[8192];
        assert_int_equal(wt_picture_write(&image, capture_path(names[k])), WT_OK);
        assert_int_equal(wt_picture_read(&picture, capture_path(names[k])), WT_OK);
        wt_picture_fini(&picture);
        FILE *f = fopen(capture_path(names[k]), "rb");
        assert_non_null(f);
        size_t size = fread(bytes, 1, sizeof bytes, f);
        fclose(f);
        assert_in_range(size, 100, sizeof bytes - 1);
        for (size_t cut = size / 20; cut < size; cut += size / 20) {
            write_file(capture_path(names[k]), bytes, cut);
            assert_one_line(WT_ERR_FORMAT, wt_picture_read(&picture, capture_path(names[k])));
        }
        for (size_t at = 8; k == 0 && at < size; at += 11) {
            bytes[at] ^= 4;
            write_file(capture_path(names[k]), bytes, size);
            assert_one_line(WT_ERR_FORMAT, wt_picture_read(&picture, capture_path(names[k])));
            bytes[at] ^= 4;
        }
        unlink(capture_path(names[k]));
    }
}

static void writing_where_it_cannot_be(void **state)
{
    const struct wt_image image = gradient(WT_PIXEL_BGR24);
    static const char *const names[] = {"a.xyz", "noextension", ".png.d/x", "a."};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_one_line(WT_ERR_UNSUPPORTED, wt_picture_write(&image, capture_path(names[i])));
    assert_one_line(WT_ERR_IO, wt_picture_write(&image, capture_path("no/such/folder/a.png")));
    /* a folder in the way: nothing is left beside it */
    assert_int_equal(mkdir(capture_path("b.png"), 0700), 0);
    assert_one_line(WT_ERR_IO, wt_picture_write(&image, capture_path("b.png")));
    assert_int_equal(rmdir(capture_path("b.png")), 0);
}

/* ---- pictures of light ----------------------------------------------------------------------- */

enum { ACROSS = 4 };
static const float red[ACROSS] = {0, 0.2140411f, 1, 4}, green[ACROSS] = {1, 0.0021f, -1, 0.5f},
                   blue[ACROSS] = {0.04f, 1, 0.8f, 0};
/* as sRGB has them */
static const uint8_t shown[3][ACROSS] = {{0, 128, 255, 255}, {255, 7, 0, 188}, {56, 255, 231, 0}};

/* A file that is being made; little-endian. */
struct maker {
    uint8_t bytes[1024];
    size_t size;
};

static void put(struct maker *m, const void *bytes, size_t size)
{
    assert_true(m->size + size <= sizeof m->bytes);
    memcpy(m->bytes + m->size, bytes, size);
    m->size += size;
}

static void put_numbers(struct maker *m, int bytes, const uint32_t *n, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (int k = 0; k < bytes; k++)
            put(m, &(uint8_t){(uint8_t)(n[i] >> 8 * k)}, 1);
}
#define PUT(m, bytes, ...)                                                                         \
    put_numbers(m, bytes, (const uint32_t[]){__VA_ARGS__},                                         \
                sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static void put_float(struct maker *m, float v)
{
    uint32_t n;
    memcpy(&n, &v, sizeof n);
    PUT(m, 4, n);
}

static void make_pfm(struct maker *m)
{
    static const char head[] = "PF\n4 1\n-1.0\n";
    put(m, head, sizeof head - 1);
    for (int x = 0; x < ACROSS; x++) {
        put_float(m, red[x]);
        put_float(m, green[x]);
        put_float(m, blue[x]);
    }
}

static void make_tiff(struct maker *m)
{
    enum { SHORT = 3, LONG = 4, ENTRIES = 10, AFTER = 8 + 2 + ENTRIES * 12 + 4 };
    put(m, "II*\0", 4);
    PUT(m, 4, 8);
    PUT(m, 2, ENTRIES);
    const uint32_t entry[ENTRIES][4] = {{256, LONG, 1, ACROSS},      {257, LONG, 1, 1},
                                        {258, SHORT, 3, AFTER},      {259, SHORT, 1, 1},
                                        {262, SHORT, 1, 2},          {273, LONG, 1, AFTER + 12},
                                        {277, SHORT, 1, 3},          {278, LONG, 1, 1},
                                        {279, LONG, 1, ACROSS * 12}, {339, SHORT, 3, AFTER + 6}};
    for (int i = 0; i < ENTRIES; i++) {
        PUT(m, 2, entry[i][0], entry[i][1]);
        PUT(m, 4, entry[i][2], entry[i][3]);
    }
    PUT(m, 4, 0);
    PUT(m, 2, 32, 32, 32, 3, 3, 3);
    for (int x = 0; x < ACROSS; x++) {
        put_float(m, red[x]);
        put_float(m, green[x]);
        put_float(m, blue[x]);
    }
}

/* A name and a type, each with its NUL, and the length of what follows. */
static void put_attribute(struct maker *m, const char *name, const char *type, uint32_t size)
{
    put(m, name, strlen(name) + 1);
    put(m, type, strlen(type) + 1);
    PUT(m, 4, size);
}

static void make_exr(struct maker *m)
{
    static const float *const channel[3] = {blue, green, red};
    put(m, "\x76\x2f\x31\x01", 4);
    PUT(m, 4, 2);
    put_attribute(m, "channels", "chlist", 3 * 18 + 1);
    for (int c = 0; c < 3; c++) {
        put(m, (const char[]){"BGR"[c], 0}, 2);
        PUT(m, 4, 2, 0, 1, 1); /* float, every pixel */
    }
    PUT(m, 1, 0);
    put_attribute(m, "compression", "compression", 1);
    PUT(m, 1, 0);
    put_attribute(m, "dataWindow", "box2i", 16);
    PUT(m, 4, 0, 0, ACROSS - 1, 0);
    put_attribute(m, "displayWindow", "box2i", 16);
    PUT(m, 4, 0, 0, ACROSS - 1, 0);
    put_attribute(m, "lineOrder", "lineOrder", 1);
    PUT(m, 1, 0);
    put_attribute(m, "pixelAspectRatio", "float", 4);
    put_float(m, 1);
    put_attribute(m, "screenWindowCenter", "v2f", 8);
    PUT(m, 4, 0, 0);
    put_attribute(m, "screenWindowWidth", "float", 4);
    put_float(m, 1);
    PUT(m, 1, 0);
    PUT(m, 4, (uint32_t)m->size + 8, 0); /* where the line is */
    PUT(m, 4, 0, 3 * ACROSS * 4);
    for (int c = 0; c < 3; c++)
        for (int x = 0; x < ACROSS; x++)
            put_float(m, channel[c][x]);
}

static void make_radiance(struct maker *m)
{
    static const char head[] = "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 4\n";
    put(m, head, sizeof head - 1);
    for (int x = 0; x < ACROSS; x++) {
        int power;
        frexpf(fmaxf(red[x], fmaxf(green[x], blue[x])), &power);
        const float one = ldexpf(1, 8 - power);
        PUT(m, 1, (uint32_t)(fmaxf(red[x], 0) * one), (uint32_t)(fmaxf(green[x], 0) * one),
            (uint32_t)(fmaxf(blue[x], 0) * one), (uint32_t)(128 + power));
    }
}

static void grey_light_is_grey(void **state)
{
    static const char head[] = "Pf\n4 1\n-1.0\n";
    struct maker m = {.size = 0};
    struct wt_picture picture = {0};
    put(&m, head, sizeof head - 1);
    for (int x = 0; x < ACROSS; x++)
        put_float(&m, red[x]);
    write_file(capture_path("a.pfm"), m.bytes, m.size);
    assert_int_equal(wt_picture_read(&picture, capture_path("a.pfm")), WT_OK);
    for (int i = 0; i < ACROSS * 3; i++)
        assert_in_range(picture.pixels[i] + 1, shown[0][i / 3], shown[0][i / 3] + 2);
    wt_picture_fini(&picture);
    unlink(capture_path("a.pfm"));
}

static void light_is_shown_as_on_a_display(void **state)
{
    static const struct {
        const char *name;
        void (*make)(struct maker *m);
        int near; /* a Radiance file has 8 bits for the largest of three */
    } files[] = {{"a.exr", make_exr, 1},
                 {"a.pfm", make_pfm, 1},
                 {"a.tif", make_tiff, 1},
                 {"a.hdr", make_radiance, 8}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct maker m = {.size = 0};
        struct wt_picture picture = {0};
        const char *path = capture_path(files[i].name);
        files[i].make(&m);
        write_file(path, m.bytes, m.size);
        assert_int_equal(wt_picture_read(&picture, path), WT_OK);
        assert_int_equal(picture.image.width, ACROSS);
        assert_int_equal(picture.image.height, 1);
        for (int x = 0; x < ACROSS; x++)
            for (int c = 0; c < 3; c++) {
                const int is = picture.pixels[x * 3 + c], want = shown[2 - c][x];
                if (abs(is - want) > files[i].near)
                    fail_msg("%s: pixel %d, channel %d: %d, not %d", files[i].name, x, c, is, want);
            }
        wt_picture_fini(&picture);
        for (size_t cut = 4; cut < m.size; cut += 7) { /* what is there, or one line */
            write_file(path, m.bytes, cut);
            log_capture_start(&capture.log);
            if (wt_picture_read(&picture, path) == WT_OK)
                wt_picture_fini(&picture);
            else
                assert_true(one_line_reported());
        }
        unlink(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(light_is_shown_as_on_a_display),
        cmocka_unit_test(grey_light_is_grey),
        cmocka_unit_test(round_trip_without_loss),
        cmocka_unit_test(bad_files_give_one_line),
        cmocka_unit_test(damaged_files_are_refused),
        cmocka_unit_test(writing_where_it_cannot_be),
    };
    return cmocka_run_group_tests(tests, capture_setup, capture_teardown);
}
