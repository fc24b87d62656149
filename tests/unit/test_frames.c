/* What the detector learns from: targets say where the faces in the frame are, and the loss's
 * gradient is that of its value. */
#include "support.h"

#include <math.h>

#include "data/detector_loss.h"
#include "data/training_frames.h"
#include "track/frame_detector.h"

enum { CELLS = WT_TRAINING_FRAME_MAP, T = WT_FACE_TARGETS };

static float value[CELLS * T], pred[CELLS * T], grad[CELLS * T];
static uint8_t mask[CELLS * T];

/* Targets as the perfect network would say them. */
static int read_targets(struct wt_detection *found, int max)
{
    for (int i = 0; i < CELLS; i++) {
        memcpy(pred + i * T, value + i * T, T * sizeof *pred);
        pred[i * T + WT_FACE_HEAT] =
            (value[i * T + WT_FACE_HEAT] >= 1 ? 5.0f : -5.0f) - WT_FACE_PRIOR;
    }
    return wt_frame_detector_decode(pred, WT_TRAINING_FRAME_CELLS, WT_TRAINING_FRAME_CELLS, T,
                                    WT_FACE_CELL, 0.5f, found, max);
}

static void targets_say_the_faces(void **state)
{
    static const struct wt_square face[] = {
        {30.3f, 41.7f, 13, 0.4f}, {180, 120.9f, 130, -0.9f}, {0, 255, 40, 3}, {70, 41, 11, 0}};
    struct wt_detection found[8];
    wt_detector_target_clear(value, mask);
    for (int i = 0; i < 4; i++)
        wt_detector_target_add(&face[i], value);
    assert_int_equal(read_targets(found, 8), 4);
    for (int i = 0; i < 4; i++) {
        int best = 0;
        for (int k = 1; k < 4; k++)
            if (fabsf(found[k].box.w - face[i].side) < fabsf(found[best].box.w - face[i].side))
                best = k;
        const struct wt_box b = found[best].box;
        assert_float_equal(b.w, face[i].side, 1e-3f);
        assert_float_equal(b.x + b.w / 2, face[i].x, 1e-3f);
        assert_float_equal(b.y + b.h / 2, face[i].y, 1e-3f);
        assert_float_equal(found[best].roll, face[i].roll, 1e-4f);
    }
    /* the sizes of a face count as one in all */
    float shares = 0;
    for (int i = 0; i < CELLS; i++)
        shares += value[i * T + WT_FACE_SHARE];
    assert_float_equal(shares, 4, 0.01f);
}

static double loss_at(float *p, float v)
{
    const float old = *p;
    *p = v;
    const double l = wt_detector_loss(pred, value, mask, T, 1, grad);
    *p = old;
    return l;
}

static void gradient_is_the_slope(void **state)
{
    const struct wt_square face[] = {{100, 90, 60, 0.3f}, {30, 200, 20, 0}};
    const struct wt_square hidden = {200, 40, 30, 0};
    struct wt_random r = wt_random_make(1, 2, 3);
    wt_detector_target_clear(value, mask);
    for (int i = 0; i < 2; i++)
        wt_detector_target_add(&face[i], value);
    wt_detector_target_ignore(&hidden, mask);
    for (int i = 0; i < CELLS * T; i++)
        pred[i] = (float)wt_random_within(&r, -2, 7) * (i % T == WT_FACE_HEAT ? 1 : 0.2f);
    assert_true(wt_detector_loss(pred, value, mask, T, 1, grad) > 0);
    int tried = 0, ignored = 0;
    for (int i = 0; i < CELLS; i++) {
        if (i % 5 && value[i * T + WT_FACE_HEAT] < 0.3f && !mask[i * T])
            continue;
        for (int c = 0; c < WT_FACE_MAPS; c++) {
            float *p = &pred[i * T + c];
            const float h = 1e-2f,
                        slope = (wt_detector_loss(pred, value, mask, T, 1, grad), grad[i * T + c]);
            const double number = (loss_at(p, *p + h) - loss_at(p, *p - h)) / (2 * (double)h);
            assert_true(fabs(number - (double)slope) < 2e-3 + 0.06 * fabs(number));
            tried += slope != 0;
        }
        ignored += mask[i * T] && grad[i * T] == 0;
    }
    assert_true(tried > 100);
    assert_true(ignored > 20);
    /* what is no map gets no gradient; scale scales; a NaN shows */
    for (int i = 0; i < CELLS; i++)
        for (int c = WT_FACE_MAPS; c < T; c++)
            assert_true(grad[i * T + c] == 0);
    const float one = grad[0];
    wt_detector_loss(pred, value, mask, T, 0.25f, grad);
    assert_float_equal(grad[0], 0.25f * one, 1e-9f);
    assert_true(isnan(loss_at(&pred[5 * T], NAN)));
}

/* The right answer costs next to nothing, a missed or a wrong face much. */
static void loss_tells_good_from_bad(void **state)
{
    const struct wt_square face = {128, 100, 50, 0.2f};
    struct wt_detection found[2];
    wt_detector_target_clear(value, mask);
    wt_detector_target_add(&face, value);
    assert_int_equal(read_targets(found, 2), 1);
    const double right = wt_detector_loss(pred, value, mask, T, 1, grad);
    int centre = 0;
    while (value[centre * T + WT_FACE_HEAT] < 1)
        centre++;
    const double missed = loss_at(&pred[centre * T], -5 - WT_FACE_PRIOR);
    const double wrong = loss_at(&pred[7 * T], 5 - WT_FACE_PRIOR);
    assert_true(right < 0.05);
    assert_true(missed > 4 && wrong > 4);
}

/* ---- frames ---- */

enum { PICTURE = 200, FACES = 2 };
static char folder[256];
static const float face_x[FACES] = {60, 140}, face_y[FACES] = {70, 120};

/* Dark, with faces that are blue above and red below their middle line. */
static int setup(void **state)
{
    static uint8_t pixels[PICTURE][PICTURE][3];
    char path[512];
    scratch_folder(folder, sizeof folder);
    for (int k = 0; k < FACES; k++)
        for (int y = -25; y < 25; y++)
            for (int x = -25; x < 25; x++)
                pixels[(int)face_y[k] + y][(int)face_x[k] + x][y < 0 ? 0 : 2] = 255;
    const struct wt_image image = {&pixels[0][0][0], PICTURE, PICTURE, PICTURE * 3, WT_PIXEL_BGR24};
    snprintf(path, sizeof path, "%s/a.png", folder);
    if (wt_picture_write(&image, path))
        return -1;
    snprintf(path, sizeof path, "%s/list.txt", folder);
    FILE *list = fopen(path, "w");
    const struct wt_scheme *s = wt_scheme_get(68);
    for (int k = 0; k < FACES; k++) {
        fprintf(list, "a.png");
        for (int p = 0; p < 68; p++) {
            float x = p % 2 ? 24.5f : -25.5f, y = p % 4 < 2 ? 24.5f : -25.5f;
            for (int e = 0; e < 2; e++)
                for (int q = 0; q < s->eye_points_count; q++)
                    if (s->eye_points[e][q] == p) {
                        x = e ? 10 : -11;
                        y = -10;
                    }
            fprintf(list, " %.1f %.1f", (double)(face_x[k] + x), (double)(face_y[k] + y));
        }
        fprintf(list, "\n");
    }
    return fclose(list);
}

static int teardown(void **state)
{
    return remove_folder(folder);
}

/* How much of a colour (0 R, 2 B) the frame has at a place of a face, in shares of its side. */
static int colour_at(const uint8_t *rgb, const struct wt_detection *d, float right, float down,
                     int c)
{
    const float s = sinf(d->roll), k = cosf(d->roll);
    const int x = (int)lrintf(d->box.x + d->box.w * (0.5f + right * k - down * s));
    const int y = (int)lrintf(d->box.y + d->box.w * (0.5f + right * s + down * k));
    return x < 0 || y < 0 || x > 255 || y > 255 ? 255 : rgb[(y * 256 + x) * 3 + c];
}

static void labels_lie_on_faces(void **state)
{
    static uint8_t rgb[WT_CROP_BYTES(256)], again[WT_CROP_BYTES(256)], part[WT_CROP_BYTES(256)];
    char path[512], reason[128];
    struct wt_training_frame_scratch scratch = {
        .rgb = part, .reason = reason, .reason_size = sizeof reason};
    const struct wt_training_frames frames = wt_training_frames_defaults();
    const struct wt_augment augment = {.rotation = 90, .rotation_share = 1, .flip = 0.5};
    struct wt_faces *faces = NULL;
    int seen = 0, turned = 0, crowded = 0;
    snprintf(path, sizeof path, "%s/list.txt", folder);
    assert_int_equal(wt_faces_create(&faces, 68), WT_OK);
    assert_int_equal(wt_faces_add(faces, path), WT_OK);
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct wt_random r = wt_random_make(seed, 0, 0), r2 = r;
        struct wt_detection found[16];
        assert_int_equal(wt_training_frame_make(faces, seed % 2, &frames, &augment, &r, &scratch,
                                                rgb, value, mask),
                         WT_OK);
        assert_int_equal(wt_training_frame_make(faces, seed % 2, &frames, &augment, &r2, &scratch,
                                                again, value, mask),
                         WT_OK);
        assert_memory_equal(rgb, again, sizeof rgb);
        const int n = read_targets(found, 16);
        for (int i = 0; i < n; i++) {
            const struct wt_detection *d = &found[i];
            if (d->box.x < 2 || d->box.y < 2 || d->box.x + d->box.w > 254 || d->box.w < 16 ||
                d->box.y + d->box.w > 254 || n > 2)
                continue; /* cut off by the frame's border, or perhaps by a seam */
            assert_true(colour_at(rgb, d, 0, -0.3f, 2) > 150); /* blue above */
            assert_true(colour_at(rgb, d, 0, -0.3f, 0) < 100);
            assert_true(colour_at(rgb, d, 0, 0.3f, 0) > 150); /* red below */
            assert_true(colour_at(rgb, d, 0.4f, -0.3f, 2) > 150);
            assert_true(colour_at(rgb, d, -0.4f, 0.3f, 0) > 150);
            seen++;
            turned += fabsf(d->roll) > 0.5f;
        }
        crowded += n > 2;
    }
    assert_true(seen > 30);
    assert_true(turned > 10);
    assert_true(crowded > 5);
    wt_faces_destroy(&faces);
}

static void pictures_shrink_by_area(void **state)
{
    uint8_t data[4][6] = {
        {0, 10, 100, 100, 7, 9}, {20, 30, 100, 104, 7, 9}, {1, 1, 2, 2, 3, 3}, {1, 1, 2, 2, 3, 3}};
    const struct wt_image grey = {&data[0][0], 6, 4, 6, WT_PIXEL_GRAY8};
    const struct wt_image none = {&data[0][0], 0, 4, 6, WT_PIXEL_GRAY8};
    struct wt_picture out = {0};
    struct log_capture c;
    assert_int_equal(wt_picture_shrink(&grey, 3, 2, &out), WT_OK);
    static const uint8_t mean[6] = {15, 101, 8, 1, 2, 3};
    for (int i = 0; i < 6; i++)
        for (int k = 0; k < 3; k++)
            assert_int_equal(out.pixels[i * 3 + k], mean[i]);
    log_capture_start(&c);
    assert_int_equal(wt_image_check(&none), WT_ERR_ARGUMENT);
    assert_int_equal(c.errors, 1);
    wt_set_log(NULL, NULL, WT_LOG_INFO);
    wt_picture_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_say_the_faces),    cmocka_unit_test(gradient_is_the_slope),
        cmocka_unit_test(loss_tells_good_from_bad), cmocka_unit_test(labels_lie_on_faces),
        cmocka_unit_test(pictures_shrink_by_area),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
