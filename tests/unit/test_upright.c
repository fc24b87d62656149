/* Pictures as a person sees them: turned and mirrored as the file says, in each format; formats
 * with several pictures in a file; sizes refused before anything is decoded. */
#include "scratch.h"

#include <sys/resource.h>

#include "face/orient.h"
#include "face/picture.h"
#include "face/picture_head.h"
#include "input/av.h"
#include "weights/file.h"
#include "weights/pth_zip.h"

enum { W = 60, H = 40 };

static struct log_capture said;

static int setup(void **state)
{
    wt_picture_av_init();
    scratch_folder(folder, sizeof folder);
    log_capture_start(&said);
    return 0;
}

/* Four quarters: red, green / blue, white. */
static void make_reference(void)
{
    shell("convert -size %dx%d xc:red xc:lime +append top.png && convert -size %dx%d xc:blue "
          "xc:white +append low.png && convert top.png low.png -append -depth 8 PNG24:ref.png",
          W / 2, H / 2, W / 2, H / 2);
}

/* What stored pixels are made of the upright ones for each orientation, in ImageMagick's words. */
static const char *const stored[9] = {"",          "+repage",    "-flop",       "-rotate 180",
                                      "-flip",     "-transpose", "-rotate 270", "-transverse",
                                      "-rotate 90"};

static bool near(const uint8_t *p, int b, int g, int r)
{
    return abs(p[0] - b) < 60 && abs(p[1] - g) < 60 && abs(p[2] - r) < 60;
}

static void check_upright(const char *name)
{
    struct wt_picture picture = {0};
    assert_int_equal(wt_picture_read(&picture, in_folder(name)), WT_OK);
    const struct wt_image *image = &picture.image;
    if (image->width != W || image->height != H)
        print_message("%s: %d x %d\n", name, image->width, image->height);
    assert_int_equal(image->width, W);
    assert_int_equal(image->height, H);
    const uint8_t *top = image->data + image->stride * (H / 4);
    const uint8_t *low = image->data + image->stride * (3 * H / 4);
    const int left = 3 * (W / 4), right = 3 * (3 * W / 4);
    const bool right_way = near(top + left, 0, 0, 255) && near(top + right, 0, 255, 0) &&
                           near(low + left, 255, 0, 0) && near(low + right, 255, 255, 255);
    if (!right_way)
        print_message("%s: not upright\n", name);
    assert_true(right_way);
    wt_picture_fini(&picture);
}

/* ---- EXIF blocks put into files ---------------------------------------------------------------
 */

static const uint8_t exif_block[] = "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x00\0\0\0\0\0";
enum { EXIF = 26, VALUE = 19 };

struct buffer {
    uint8_t bytes[100000];
    size_t size;
};

static void put(struct buffer *b, const void *bytes, size_t n)
{
    assert_true(b->size + n <= sizeof b->bytes);
    memcpy(b->bytes + b->size, bytes, n);
    b->size += n;
}

static void put_exif(struct buffer *b, int orientation)
{
    uint8_t block[EXIF];
    memcpy(block, exif_block, EXIF);
    block[VALUE] = (uint8_t)orientation;
    put(b, block, EXIF);
}

static void into_jpeg(struct buffer *b, const uint8_t *file, size_t size, int orientation)
{
    put(b, file, 2);
    put(b, "\xff\xe1\0\x22" /* 2 + 6 + 26 */ "Exif\0", 10);
    put_exif(b, orientation);
    put(b, file + 2, size - 2);
}

static void into_png(struct buffer *b, const uint8_t *file, size_t size, int orientation)
{
    enum { BEHIND_IHDR = 33 };
    put(b, file, BEHIND_IHDR);
    put(b,
        "\0\0\0\x1a"
        "eXIf",
        8);
    put_exif(b, orientation);
    const uint32_t crc = wt_crc32(b->bytes + BEHIND_IHDR + 4, 4 + EXIF);
    const uint8_t end[] = {(uint8_t)(crc >> 24), (uint8_t)(crc >> 16), (uint8_t)(crc >> 8),
                           (uint8_t)crc};
    put(b, end, 4);
    put(b, file + BEHIND_IHDR, size - BEHIND_IHDR);
}

static void into_webp(struct buffer *b, const uint8_t *file, size_t size, int orientation)
{
    const bool turned = orientation >= 5;
    const uint8_t head[] = {'V',
                            'P',
                            '8',
                            'X',
                            10,
                            0,
                            0,
                            0,
                            8,
                            0,
                            0,
                            0,
                            (uint8_t)((turned ? H : W) - 1),
                            0,
                            0,
                            (uint8_t)((turned ? W : H) - 1),
                            0,
                            0};
    put(b, file, 12);
    put(b, head, sizeof head);
    put(b, file + 12, size - 12);
    put(b, "EXIF\x1a\0\0", 8);
    put_exif(b, orientation);
    const size_t riff = b->size - 8;
    b->bytes[4] = (uint8_t)riff;
    b->bytes[5] = (uint8_t)(riff >> 8);
    b->bytes[6] = (uint8_t)(riff >> 16);
}

static void every_orientation_of(const char *ending, const char *options,
                                 void (*into)(struct buffer *, const uint8_t *, size_t, int))
{
    static struct buffer made;
    make_reference();
    for (int o = 1; o <= 8; o++) {
        char name[40];
        uint8_t *file = NULL;
        size_t size = 0;
        shell("convert ref.png %s +repage %s plain.%s", stored[o], options, ending);
        snprintf(name, sizeof name, "plain.%s", ending);
        assert_int_equal(wt_file_read(in_folder(name), 100000, &file, &size), WT_OK);
        made.size = 0;
        into(&made, file, size, o);
        free(file);
        snprintf(name, sizeof name, "o%d.%s", o, ending);
        write_file(in_folder(name), made.bytes, made.size);
        check_upright(name);
    }
    assert_int_equal(said.errors, 0);
}

static void jpeg_is_upright(void **state)
{
    every_orientation_of("jpg", "", into_jpeg);
}

static void png_is_upright(void **state)
{
    every_orientation_of("png", "", into_png);
}

static void webp_is_upright(void **state)
{
    every_orientation_of("webp", "", into_webp);
    every_orientation_of("webp", "-define webp:lossless=true", into_webp);
}

static void tiff_is_upright(void **state)
{
    static const char *const name[9] = {"",           "TopLeft", "TopRight", "BottomRight",
                                        "BottomLeft", "LeftTop", "RightTop", "RightBottom",
                                        "LeftBottom"};
    static const char *const endian[] = {"lsb", "msb"};
    make_reference();
    for (int o = 1; o <= 8; o++)
        for (int e = 0; e < 2; e++) {
            char file[40];
            snprintf(file, sizeof file, "o%d%s.tif", o, endian[e]);
            shell("convert ref.png %s +repage -orient %s -define tiff:endian=%s %s", stored[o],
                  name[o], endian[e], file);
            check_upright(file);
        }
}

static void other_formats_are_read(void **state)
{
    make_reference();
    shell(
        "convert ref.png g.gif && convert ref.png b.bmp && convert ref.png p.ppm && convert "
        "ref.png "
        "j.jp2 && convert ref.png a.avif && ffmpeg -nostdin -v error -i ref.png x.jxl && cp a.avif "
        "without_ending");
    static const char *const file[] = {"g.gif",  "b.bmp", "p.ppm",         "j.jp2",
                                       "a.avif", "x.jxl", "without_ending"};
    for (size_t i = 0; i < sizeof file / sizeof *file; i++)
        check_upright(file[i]);
    assert_int_equal(said.errors, 0);
}

/* ---- several pictures ----------------------------------------------------------------------- */

static void of_several_pictures_the_first_is_read(void **state)
{
    static const char *const file[] = {"m.tif", "m.webp", "m.gif", "m.apng"};
    make_reference();
    shell(
        "cp ref.png s1.png && convert ref.png -flop PNG24:s2.png && convert ref.png s2.png ref.png "
        "m.tif && convert -delay 10 ref.png s2.png m.gif && ffmpeg -nostdin -v error -framerate 5 "
        "-i s%%d.png -lossless 1 -c:v libwebp_anim m.webp && ffmpeg -nostdin -v error -framerate 5 "
        "-i s%%d.png -f apng m.apng");
    for (size_t i = 0; i < sizeof file / sizeof *file; i++) {
        log_capture_start(&said);
        check_upright(file[i]);
        assert_int_equal(said.errors, 0);
        if (said.lines != 1)
            print_message("%s: %d lines\n", file[i], said.lines);
        assert_int_equal(said.lines, 1); /* that only the first is read */
    }
}

/* The frame of an animation may be smaller than its canvas. */
static void a_small_first_frame_keeps_its_place(void **state)
{
    uint8_t *file = NULL;
    size_t size = 0;
    make_reference();
    shell("cp ref.png s1.png && convert ref.png -flop PNG24:s2.png && ffmpeg -nostdin -v error "
          "-framerate 5 -i s%%d.png -lossless 1 -c:v libwebp_anim m.webp");
    assert_int_equal(wt_file_read(in_folder("m.webp"), 100000, &file, &size), WT_OK);
    file[24] = 100 - 1; /* the canvas, of VP8X, which comes first */
    file[27] = 80 - 1;
    uint8_t *frame = memmem(file, size, "ANMF", 4);
    assert_non_null(frame);
    frame[8] = 10; /* in units of two pixels */
    frame[11] = 15;
    write_file(in_folder("moved.webp"), file, size);
    free(file);
    struct wt_picture picture = {0};
    assert_int_equal(wt_picture_read(&picture, in_folder("moved.webp")), WT_OK);
    assert_int_equal(picture.image.width, 100);
    assert_int_equal(picture.image.height, 80);
    const uint8_t *row = picture.image.data + picture.image.stride * 31;
    assert_true(near(row + 3 * 10, 0, 0, 0) && near(row + 3 * 22, 0, 0, 255) &&
                near(row + 3 * 78, 0, 255, 0) && near(row + 3 * 90, 0, 0, 0));
    wt_picture_fini(&picture);
}

/* ---- sizes ---------------------------------------------------------------------------------- */

static long peak_kb(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* The pixels of each would take a gigabyte and more. */
static void monsters_are_refused_by_their_heads(void **state)
{
    static const struct {
        const char *name;
        uint8_t bytes[64];
        size_t size;
    } file[] = {
        {"a.bmp", "BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x30\x75\0\0\x30\x75\0\0\x01\0\x18\0", 54},
        {"b.pgm", "P5\n# a comment\n30000 30000\n255\n1", 40},
        {"c.pam", "P7\nWIDTH 16384\nHEIGHT 16385\nDEPTH 3\nMAXVAL 255\nENDHDR\n", 60},
        {"d.gif", "GIF89a\xff\xff\xff\xff\0\0\0", 20},
        {"e.tif",
         "II*\0\x08\0\0\0\x02\0\0\x01\x04\0\x01\0\0\0\x30\x75\0\0\x01\x01\x04\0\x01\0\0\0\x30\x75",
         40},
        {"f.jp2", "\xff\x4f\xff\x51\0\x2f\0\0\0\0\x75\x30\0\0\x75\x30", 40},
        {"g.ras", "\x59\xa6\x6a\x95\0\0\x75\x30\0\0\x75\x30\0\0\0\x18", 40},
        {"h.webp", "RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x2f\x75\0\x2f\x75\0", 40},
    };
    const long before = peak_kb();
    for (size_t i = 0; i < sizeof file / sizeof *file; i++) {
        struct wt_picture picture = {0};
        write_file(in_folder(file[i].name), file[i].bytes, file[i].size);
        log_capture_start(&said);
        assert_int_equal(wt_picture_read(&picture, in_folder(file[i].name)), WT_ERR_FORMAT);
        assert_int_equal(said.errors, 1);
        if (!strstr(said.last, "more than 16384 a side"))
            print_message("%s\n", said.last);
        assert_non_null(strstr(said.last, "more than 16384 a side"));
    }
    assert_true(peak_kb() - before < 20000);
}

/* PNG and JPEG, whole files that their checks would take. */
static void large_files_are_refused_by_their_heads(void **state)
{
    uint8_t *file = NULL;
    size_t size = 0;
    make_reference();
    shell("convert ref.png plain.jpg");
    assert_int_equal(wt_file_read(in_folder("plain.jpg"), 100000, &file, &size), WT_OK);
    uint8_t *frame = memmem(file, size, "\xff\xc0\0\x11\x08", 5);
    assert_non_null(frame);
    memcpy(frame + 5, "\x75\x30\x75\x30", 4);
    write_file(in_folder("large.jpg"), file, size);
    free(file);
    assert_int_equal(wt_file_read(in_folder("ref.png"), 100000, &file, &size), WT_OK);
    memcpy(file + 16, "\0\0\x75\x30\0\0\x75\x30", 8);
    const uint32_t crc = wt_crc32(file + 12, 17);
    for (int i = 0; i < 4; i++)
        file[29 + i] = (uint8_t)(crc >> (24 - 8 * i));
    write_file(in_folder("large.png"), file, size);
    free(file);
    static const char *const name[] = {"large.jpg", "large.png"};
    for (int i = 0; i < 2; i++) {
        struct wt_picture picture = {0};
        log_capture_start(&said);
        assert_int_equal(wt_picture_read(&picture, in_folder(name[i])), WT_ERR_FORMAT);
        assert_int_equal(said.errors, 1);
        assert_non_null(strstr(said.last, "30000 x 30000 pixels, more than 16384 a side"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(jpeg_is_upright, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(png_is_upright, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(webp_is_upright, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(tiff_is_upright, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(other_formats_are_read, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(of_several_pictures_the_first_is_read, setup,
                                        remove_scratch),
        cmocka_unit_test_setup_teardown(a_small_first_frame_keeps_its_place, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(monsters_are_refused_by_their_heads, setup, remove_scratch),
        cmocka_unit_test_setup_teardown(large_files_are_refused_by_their_heads, setup,
                                        remove_scratch),
    };
    return cmocka_run_group_tests_name("upright", tests, NULL, NULL);
}
