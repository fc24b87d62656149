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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip_without_loss),
        cmocka_unit_test(bad_files_give_one_line),
        cmocka_unit_test(damaged_files_are_refused),
        cmocka_unit_test(writing_where_it_cannot_be),
    };
    return cmocka_run_group_tests(tests, capture_setup, capture_teardown);
}
