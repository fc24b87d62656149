/* Whole pictures: which found face belongs to which true one. Crops: where they lie, and where what
 * is found in them lies in the picture. The tracker, the network and the reading of pictures are
 * fakes, so that what is found is known. */
#include "support.h"

#include <math.h>

#include "face/picture.h"
#include "measure/evaluate.h"
#include "net/hourglass.h"

static struct {
    struct wt_result next[4]; /* what the tracker finds in picture "0", "1", ... */
    int resets, read, freed;
    const char *last;
    struct wt_image image; /* that a picture reads as */
    int column, row;       /* cell of every map's peak */
    uint8_t rgb[256][256][3];
    int batches, stacks; /* stacks: asked for */
} fake;

/* The network's part: the same peak in every map. */

static const struct wt_arch arch = {.points = 98, .input = 256};

const struct wt_arch *wt_net_arch(const struct wt_net *net)
{
    return &arch;
}

int wt_net_threads(const struct wt_net *net)
{
    return 1;
}

enum wt_status wt_net_twin(struct wt_net **out, const struct wt_net *of, int batch)
{
    return WT_ERR_UNSUPPORTED; /* one thread needs none */
}

void wt_net_destroy(struct wt_net **net) {}

enum wt_status wt_net_forward_u8(struct wt_net *net, const uint8_t *rgb, int n, int stacks)
{
    memcpy(fake.rgb, rgb, sizeof fake.rgb);
    fake.batches++;
    fake.stacks = stacks;
    return WT_OK;
}

const float *wt_net_maps(const struct wt_net *net, int image, int stack, int *stride)
{
    static float maps[WT_MAP_CELLS_DEFAULT * 99];
    memset(maps, 0, sizeof maps);
    for (int c = 0; c < 98; c++)
        maps[(fake.row * 64 + fake.column) * 99 + c] = 1;
    *stride = 99;
    return maps;
}

enum wt_status wt_sample_picture(const struct wt_sample *s, struct wt_picture *storage,
                                 struct wt_image *image, char *reason, size_t size)
{
    *image = fake.image;
    fake.last = s->name;
    fake.read++;
    snprintf(reason, size, "torn");
    return strcmp(s->name, "bad") == 0 ? WT_ERR_FORMAT : WT_OK;
}

void wt_picture_fini(struct wt_picture *picture)
{
    fake.freed++;
}

void wt_tracker_reset(struct wt_tracker *tracker)
{
    fake.resets++;
}

enum wt_status wt_tracker_track(struct wt_tracker *tracker, const struct wt_image *image,
                                int64_t time_us, struct wt_result *result)
{
    *result = fake.next[fake.last[0] - '0'];
    return WT_OK;
}

void wt_result_fini(struct wt_result *result) {}

/* 98 points on a square of side 100 with the outer eye corners 50 apart. */
static void face_at(struct wt_point *p, float x, float y, float scale)
{
    for (int i = 0; i < 98; i++)
        p[i] =
            (struct wt_point){x + scale * (float)(i % 11) * 10, y + scale * (float)(i % 9) * 12.5f};
    p[60] = (struct wt_point){x + scale * 25, y + scale * 40};
    p[72] = (struct wt_point){x + scale * 75, y + scale * 40};
}

static struct wt_point truth[4][98];
static struct wt_sample sample[4];

static struct wt_dataset dataset_of(int n, const char *const *image)
{
    for (int i = 0; i < n; i++)
        sample[i] = (struct wt_sample){image[i], image[i], i + 1, 98, truth[i]};
    return (struct wt_dataset){.sample = sample, .count = (size_t)n, .points = 98};
}

static void found(int picture, float x, float y, float scale)
{
    struct wt_result *r = &fake.next[picture];
    struct wt_face *f = &r->face[r->faces++];
    f->points = 98;
    f->confidence = 0.5f;
    face_at(f->point, x, y, scale);
}

static size_t steps[4];
static int step_count;
static void step(void *user, size_t done)
{
    assert_true(step_count < 4);
    steps[step_count++] = done;
}

static enum wt_status evaluate(const struct wt_dataset *d, struct wt_eval_face *face,
                               struct wt_eval_times *times)
{
    struct wt_eval_options how = {.norm = WT_NORM_OCULAR, .progress = step};
    step_count = 0;
    return wt_eval_pictures(&(struct wt_tracker *){NULL}, 1, 98, d, &how, face, times);
}

static int reset(void **state)
{
    memset(&fake, 0, sizeof fake);
    return 0;
}

static void test_two_in_one_picture(void **state)
{
    static const char *const image[] = {"0", "0", "1"};
    struct wt_eval_face face[3];
    struct wt_eval_times times;
    struct wt_dataset d = dataset_of(3, image);
    face_at(truth[0], 0, 0, 1);
    face_at(truth[1], 300, 0, 1);
    face_at(truth[2], 50, 50, 1);
    found(0, 303, 4, 1); /* 5 off: 10 % of 50; in another order than the truth */
    found(0, 0, 0, 1);
    found(0, 900, 900, 1); /* nobody's */
    found(1, 50, 51, 1);
    assert_int_equal(evaluate(&d, face, &times), WT_OK);
    assert_true(face[0].nme == 0 && fabs(face[1].nme - 10) < 1e-4 && fabs(face[2].nme - 2) < 1e-4);
    assert_true(face[1].confidence == 0.5f);
    assert_int_equal(times.pictures, 2);
    assert_int_equal(times.detections, 4);
    assert_int_equal(fake.resets, 2); /* no picture knows of the one before */
    assert_int_equal(fake.read, fake.freed);
    assert_int_equal(step_count, 2);
    assert_int_equal(steps[0], 2);
    assert_int_equal(steps[1], 3);
}

/* Pictures that are no files: one is another's where they share pixels. */
static void test_pictures_in_memory(void **state)
{
    static const char *const image[] = {"0", "0", "1"};
    static const struct wt_image held[2];
    struct wt_eval_face face[3];
    struct wt_eval_times times;
    struct wt_dataset d = dataset_of(3, image);
    for (int i = 0; i < 3; i++) {
        sample[i].image = NULL;
        sample[i].picture = &held[i / 2];
        face_at(truth[i], 300.0f * (float)(i % 2), 0, 1);
    }
    found(0, 0, 0, 1);
    found(0, 300, 5, 1);
    found(1, 0, 0, 1);
    assert_int_equal(evaluate(&d, face, &times), WT_OK);
    assert_int_equal(times.pictures, 2);
    assert_true(face[0].nme == 0 && fabs(face[1].nme - 10) < 1e-4 && face[2].nme == 0);
}

/* The network's style has every point a tenth of the eye distance too far left. */
static void test_style(void **state)
{
    static const char *const image[] = {"0"};
    struct wt_label_style style = {.reverse = false};
    struct wt_eval_options how = {.norm = WT_NORM_OCULAR, .style = &style};
    struct wt_eval_face face[1];
    struct wt_eval_times times;
    struct log_capture log;
    struct wt_dataset d = dataset_of(1, image);
    for (int i = 0; i < 98; i++)
        style.shift[i] = (struct wt_point){0.1f, 0};
    face_at(truth[0], 0, 0, 1);
    found(0, -5, 0, 1);
    for (int i = 61; i < 76; i++) /* the eyes' other points, level with the outer corners */
        if (i != 72) {
            truth[0][i] = (struct wt_point){i < 68 ? 40 : 60, 40};
            fake.next[0].face[0].point[i] = (struct wt_point){i < 68 ? 35 : 55, 40};
        }
    assert_int_equal(wt_eval_pictures(&(struct wt_tracker *){NULL}, 1, 98, &d, &how, face, &times),
                     WT_OK);
    assert_true(face[0].nme < 1e-4);
    assert_true(fabsf(face[0].found[0].x - truth[0][0].x) < 1e-4f);
    style.reverse = true; /* 5 too far left, and 5 more */
    assert_int_equal(wt_eval_pictures(&(struct wt_tracker *){NULL}, 1, 98, &d, &how, face, &times),
                     WT_OK);
    assert_true(fabs(face[0].nme - 20) < 1e-3);
    log_capture_start(&log);
    assert_int_equal(wt_eval_check(&d, 98, &how), WT_OK);
    sample[0].points = 68;
    assert_int_equal(wt_eval_check(&d, 68, &how), WT_ERR_UNSUPPORTED);
    assert_non_null(strstr(log.last, "moves 98 points; the network has 68"));
}

static void test_missed(void **state)
{
    static const char *const image[] = {"0", "1", "2", "3"};
    struct wt_eval_face face[4];
    struct wt_eval_times times;
    struct wt_dataset d = dataset_of(4, image);
    for (int i = 0; i < 4; i++)
        face_at(truth[i], 0, 0, 1);
    found(1, 60, 0, 1);        /* too far */
    found(2, -100, -100, 2.5); /* too large */
    found(3, 30, 30, 0.4f);    /* too small */
    assert_int_equal(evaluate(&d, face, &times), WT_OK);
    for (int i = 0; i < 4; i++)
        assert_true(isinf(face[i].nme) && face[i].confidence == 0);
}

static void test_one_found_for_two_true(void **state)
{
    static const char *const image[] = {"0", "0"};
    struct wt_eval_face face[2];
    struct wt_eval_times times;
    struct wt_dataset d = dataset_of(2, image);
    face_at(truth[0], 0, 0, 1);
    face_at(truth[1], 20, 0, 1);
    found(0, 15, 0, 1); /* nearer to the second */
    assert_int_equal(evaluate(&d, face, &times), WT_OK);
    assert_true(isinf(face[0].nme));
    assert_true(fabs(face[1].nme - 10) < 1e-4);
}

static void test_not_a_number(void **state)
{
    static const char *const image[] = {"0"};
    struct wt_eval_face face[1];
    struct wt_eval_times times;
    struct wt_dataset d = dataset_of(1, image);
    face_at(truth[0], 0, 0, 1);
    found(0, NAN, NAN, 1);
    assert_int_equal(evaluate(&d, face, &times), WT_OK);
    assert_true(isinf(face[0].nme));
}

static void test_bad_picture(void **state)
{
    static const char *const image[] = {"0", "bad"};
    struct wt_eval_face face[2];
    struct wt_eval_times times;
    struct wt_dataset d = dataset_of(2, image);
    struct log_capture log;
    log_capture_start(&log);
    assert_int_equal(evaluate(&d, face, &times), WT_ERR_FORMAT);
    assert_int_equal(log.lines, 1);
    assert_string_equal(log.last, "wingtip: bad: line 2 of the list: torn" + strlen("wingtip: "));
    sample[1].line = 0; /* a file of its own */
    assert_int_equal(evaluate(&d, face, &times), WT_ERR_FORMAT);
    assert_string_equal(log.last, "bad: bad: torn");
}

static enum wt_status check(const struct wt_dataset *d, int points, enum wt_norm norm,
                            enum wt_eval_crop crop)
{
    const struct wt_eval_options how = {.norm = norm, .crop = crop};
    return wt_eval_check(d, points, &how);
}

static void test_check(void **state)
{
    static const char *const image[] = {"0", "1"};
    struct log_capture log;
    struct wt_dataset d = dataset_of(2, image);
    log_capture_start(&log);
    assert_int_equal(check(&d, 98, WT_NORM_OCULAR, WT_EVAL_TRUTH), WT_OK);
    assert_int_equal(log.lines, 0);
    sample[1].points = 68;
    assert_int_equal(check(&d, 98, WT_NORM_OCULAR, WT_EVAL_TRUTH), WT_OK);
    assert_int_equal(check(&d, 68, WT_NORM_OCULAR, WT_EVAL_TRUTH),
                     WT_ERR_UNSUPPORTED); /* 68 -> 98 */
    assert_int_equal(log.errors, 1);
    sample[1].points = 67;
    assert_int_equal(check(&d, 98, WT_NORM_OCULAR, WT_EVAL_TRUTH), WT_ERR_UNSUPPORTED);
    assert_int_equal(log.errors, 2);
    assert_non_null(strstr(log.last, "line 2 of the list has 67 points"));
}

static void test_check_boxes(void **state)
{
    static const char *const image[] = {"0"};
    struct log_capture log;
    struct wt_dataset d = dataset_of(1, image);
    log_capture_start(&log);
    for (int crop = WT_EVAL_TRUTH; crop <= WT_EVAL_DETECTOR; crop++) {
        bool needs = crop == WT_EVAL_OFFICIAL || crop == WT_EVAL_STRICT;
        d.boxes = false;
        assert_int_equal(check(&d, 98, WT_NORM_OCULAR, (enum wt_eval_crop)crop),
                         needs ? WT_ERR_UNSUPPORTED : WT_OK);
        d.boxes = true;
        assert_int_equal(check(&d, 98, WT_NORM_OCULAR, (enum wt_eval_crop)crop), WT_OK);
    }
    assert_int_equal(log.errors, 2);
    assert_non_null(strstr(log.last, "the list has no boxes"));
}

/* All 98 true points at (x,y), with the outer eye corners 50 apart, in a box of 100 x 140. */
static struct wt_dataset one_face(float x, float y)
{
    static const char *const image[] = {"0"};
    struct wt_dataset d = dataset_of(1, image);
    for (int i = 0; i < 98; i++)
        truth[0][i] = (struct wt_point){x, y};
    truth[0][60].x -= 25;
    truth[0][72].x += 25;
    sample[0].box = (struct wt_box){100, 120, 100, 140};
    d.boxes = true;
    return d;
}

/* A picture that is 10 + its column everywhere, 220 wide. */
static uint8_t ramp[300][220][3];

static void use_ramp(void)
{
    for (int y = 0; y < 300; y++)
        for (int x = 0; x < 220; x++)
            memset(ramp[y][x], 10 + x, 3);
    fake.image = (struct wt_image){&ramp[0][0][0], 220, 300, 220 * 3, WT_PIXEL_BGR24};
}

static struct wt_eval_face crop_face(const struct wt_dataset *d, enum wt_eval_crop crop,
                                     enum wt_decoder decoder)
{
    struct wt_eval_face face;
    struct wt_eval_times times;
    struct wt_eval_options how = {
        .crop = crop, .norm = WT_NORM_OCULAR, .decoder = decoder, .stacks = 3};
    use_ramp();
    assert_int_equal(wt_eval_crops(NULL, d, &how, &face, &times), WT_OK);
    assert_int_equal(fake.stacks, 3);
    assert_int_equal(times.pictures, 1);
    return face;
}

static void near_to(double got, double want, double within)
{
    if (!(fabs(got - want) < within))
        fail_msg("%.9g, wanted %.9g", got, want);
}

/* test_official.c has the numbers of this box: the square is 50..250 x 90..290; crop position 126
 * is 126 * 360 / 256 + 45 = 222.1875 of 450, so 98.75 of the square's 200 pixels. */
static void test_crop_official(void **state)
{
    struct wt_dataset d = one_face(148.75f, 188.75f);
    fake.column = fake.row = 31; /* (31 + 0.5) * 4 = 126 as published */
    struct wt_eval_face f = crop_face(&d, WT_EVAL_OFFICIAL, WT_DECODE_PUBLISHED);
    near_to(f.found[0].x, 148.75, 1e-3);
    near_to(f.found[0].y, 188.75, 1e-3);
    near_to(f.error[0], 0, 1e-2);
    near_to(f.error[60], 50, 1e-2); /* 25 pixels off, of 50 */
    near_to(f.nme, 100.0 / 98, 1e-2);
    f = crop_face(&d, WT_EVAL_OFFICIAL,
                  WT_DECODE_CENTROID); /* pixel centre 125.5: the same place */
    near_to(f.found[0].x, 148.75, 1e-3);
    /* Column 128 of the crop is (128.5 * 360 / 256 + 45) * 200 / 450 - 0.5 = 99.8 of the square. */
    assert_in_range(fake.rgb[128][128][0], 159, 161);
    assert_int_equal(fake.rgb[128][255][0], 0); /* 229.8, outside: black */
}

/* Centre (150,190), side 1.344 * 120 = 161.28; crop position 125.5 is 2 * 0.63 pixels before it. */
static void test_crop_strict(void **state)
{
    struct wt_dataset d = one_face(148.74f, 188.74f);
    fake.column = fake.row = 31; /* 31 * 4 + 1.5 = 125.5 */
    struct wt_eval_face f = crop_face(&d, WT_EVAL_STRICT, WT_DECODE_CENTROID);
    near_to(f.found[5].x, 148.74, 1e-3);
    near_to(f.found[5].y, 188.74, 1e-3);
    near_to(f.nme, 100.0 / 98, 1e-2);
    struct wt_dataset far = one_face(10, 10); /* the truth moves nothing */
    struct wt_eval_face g = crop_face(&far, WT_EVAL_STRICT, WT_DECODE_CENTROID);
    assert_memory_equal(f.found, g.found, sizeof f.found);
}

/* Points from 125 to 175: width 50, height 0; centre (150,188), side 1.45 * 25 = 36.25. */
static void test_crop_truth(void **state)
{
    struct wt_dataset d = one_face(150, 188);
    fake.column = fake.row = 31;
    struct wt_eval_face f = crop_face(&d, WT_EVAL_TRUTH, WT_DECODE_CENTROID);
    near_to(f.found[5].x, 150 - 2 * 36.25 / 256, 1e-3);
    near_to(f.found[5].y, 188 - 2 * 36.25 / 256, 1e-3);
}

/* Points of a larger picture than the one that is read. */
static void test_outside(void **state)
{
    struct wt_dataset d = one_face(150, 188);
    assert_false(crop_face(&d, WT_EVAL_TRUTH, WT_DECODE_CENTROID).outside);
    for (int i = 0; i < 98; i++)
        truth[0][i].x += 1000;
    assert_true(crop_face(&d, WT_EVAL_TRUTH, WT_DECODE_CENTROID).outside);
}

static void test_no_crop(void **state)
{
    struct log_capture log;
    struct wt_eval_face face;
    struct wt_eval_times times;
    for (int crop = WT_EVAL_TRUTH; crop <= WT_EVAL_OFFICIAL; crop++) {
        struct wt_eval_options how = {.crop = (enum wt_eval_crop)crop};
        struct wt_dataset d = one_face(10, 10);
        if (crop == WT_EVAL_TRUTH)
            truth[0][60].x = truth[0][72].x = 10; /* all in one place */
        else
            truth[0][5].x = 90000; /* no square around the box has it */
        use_ramp();
        log_capture_start(&log);
        assert_int_equal(wt_eval_crops(NULL, &d, &how, &face, &times), WT_ERR_FORMAT);
        assert_int_equal(log.errors, 1);
        assert_non_null(strstr(log.last, "line 1 of the list: no crop"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_two_in_one_picture, reset),
        cmocka_unit_test_setup(test_pictures_in_memory, reset),
        cmocka_unit_test_setup(test_style, reset),
        cmocka_unit_test_setup(test_missed, reset),
        cmocka_unit_test_setup(test_one_found_for_two_true, reset),
        cmocka_unit_test_setup(test_not_a_number, reset),
        cmocka_unit_test_setup(test_bad_picture, reset),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_check_boxes),
        cmocka_unit_test_setup(test_crop_official, reset),
        cmocka_unit_test_setup(test_crop_strict, reset),
        cmocka_unit_test_setup(test_crop_truth, reset),
        cmocka_unit_test_setup(test_outside, reset),
        cmocka_unit_test_setup(test_no_crop, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
