/* Jitter of faces whose motion is known. */
#include "support.h"

#include "measure/jitter.h"
#include "noisy_face.h"

static struct wt_jitter jitter;
static struct wt_result result;

static int reset(void **state)
{
    memset(&jitter, 0, sizeof jitter);
    memset(&result, 0, sizeof result);
    return 0;
}

static void put_face(int place, uint32_t id, double dx, double turn, double sigma,
                     struct wt_random *r)
{
    const struct noisy_face is = {300 + dx, 300, 1, turn, sigma};
    put_noisy_face(&result.face[place], id, &is, r);
}

static void near_to(double got, double want, double within)
{
    if (!(fabs(got - want) <= within))
        fail_msg("%.6g, wanted %.6g", got, want);
}

/* Noise of sigma in both frames moves a point by sigma sqrt(pi) on average (Rayleigh, of sigma
 * sqrt 2); a similarity fitted to n points takes 4 of its 2 n degrees of freedom. */
static void test_known_noise(void **state)
{
    struct wt_random r = wt_random_make(1, 2, 3);
    const double sigma = 0.4;
    result.faces = 1;
    for (int i = 0; i < 400; i++) {
        put_face(0, 7, 0, 0, sigma, &r);
        wt_jitter_add(&jitter, &result, i * 33333);
    }
    const double want = 100 * sigma * sqrt(M_PI) / noisy_face_eyes();
    assert_int_equal(jitter.frames, 400);
    assert_int_equal(jitter.pairs, 399);
    assert_int_equal(jitter.still, 399);
    near_to(jitter.whole[0] / 399, want, 0.015 * want);
    near_to(jitter.residual[0] / 399, want * sqrt(1 - 2 / 98.0), 0.015 * want);
    /* What the filter leaves: less, and not nothing. */
    assert_true(jitter.whole[1] < 0.5 * jitter.whole[0] && jitter.whole[1] > 0);
    assert_true(jitter.residual[1] < 0.5 * jitter.residual[0] && jitter.residual[1] > 0);
}

/* A similarity is the head's motion: no residual; beyond the limit it is no still head. */
static void test_rigid(void **state)
{
    result.faces = 1;
    for (int i = 0; i < 100; i++) {
        put_face(0, 1, 0.9 / 100 * noisy_face_eyes() * i, 0, 0, NULL);
        wt_jitter_add(&jitter, &result, i * 33333);
    }
    assert_int_equal(jitter.still, 99);
    near_to(jitter.whole[0] / 99, 0.9, 1e-4);
    near_to(jitter.residual[0] / 99, 0, 1e-4);
    for (int i = 0; i < 100; i++) {
        put_face(0, 2, 1.1 / 100 * noisy_face_eyes() * i, 0, 0, NULL);
        wt_jitter_add(&jitter, &result, (100 + i) * 33333);
    }
    for (int i = 0; i < 100; i++) { /* 0.05 a frame moves points 50 px away by 2.5 */
        put_face(0, 3, 0, i * 0.05, 0, NULL);
        wt_jitter_add(&jitter, &result, (200 + i) * 33333);
    }
    assert_int_equal(jitter.pairs, 3 * 99);
    assert_int_equal(jitter.still, 99);
}

/* Pairs are a face's own, of frames one after the other. */
static void test_faces(void **state)
{
    result.faces = 2;
    put_face(0, 1, 0, 0, 0, NULL);
    put_face(1, 2, 200, 0, 0, NULL);
    wt_jitter_add(&jitter, &result, 0);
    put_face(0, 2, 200, 0, 0, NULL); /* the other way round */
    put_face(1, 1, 0, 0, 0, NULL);
    wt_jitter_add(&jitter, &result, 33333);
    assert_int_equal(jitter.pairs, 2);
    assert_int_equal(jitter.still, 2);
    near_to(jitter.whole[0], 0, 0);
    result.faces = 1; /* face 1 is away for a frame */
    wt_jitter_add(&jitter, &result, 66666);
    assert_int_equal(jitter.pairs, 3);
    result.faces = 2;
    wt_jitter_add(&jitter, &result, 99999);
    assert_int_equal(jitter.pairs, 4);
    result.faces = 1;
    for (uint32_t id = 10; id < 40; id++) { /* more people than there are places */
        put_face(0, id, 0, 0, 0, NULL);
        wt_jitter_add(&jitter, &result, 133333);
    }
    assert_int_equal(jitter.pairs, 4);
    put_face(0, 39, 0, 0, 0, NULL);
    wt_jitter_add(&jitter, &result, 166666);
    assert_int_equal(jitter.pairs, 5);
}

static void test_no_size(void **state)
{
    result.faces = 1;
    result.face[0].id = 1;
    result.face[0].points = 98; /* all in one place */
    wt_jitter_add(&jitter, &result, 0);
    wt_jitter_add(&jitter, &result, 33333);
    assert_int_equal(jitter.frames, 2);
    assert_int_equal(jitter.pairs, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_known_noise, reset),
        cmocka_unit_test_setup(test_rigid, reset),
        cmocka_unit_test_setup(test_faces, reset),
        cmocka_unit_test_setup(test_no_size, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
