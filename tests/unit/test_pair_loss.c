/* The loss of two views of a face: its gradient against finite differences, zero where both views
 * agree whatever moved the crops, and what does not count. */
#include "support.h"

#include <math.h>

#include "train/pair_loss.h"

enum { SIZE = 16, POINTS = 5, STRIDE = 8, CELLS = SIZE * SIZE };

static float maps[2][CELLS * STRIDE], grad[2][CELLS * STRIDE];
static struct wt_point point[2][POINTS];
static struct wt_affine to_crop[2];

static double loss(float weight)
{
    struct wt_pair_view view[2];
    memset(grad, 0, sizeof grad);
    for (int k = 0; k < 2; k++)
        view[k] = (struct wt_pair_view){maps[k], grad[k], point[k], &to_crop[k]};
    return wt_pair_loss(view, POINTS, STRIDE, SIZE, weight);
}

/* A Gaussian where point p of view k is, moved by so many cells. */
static void draw(int k, int p, double dx, double dy)
{
    const double x = ((double)point[k][p].x - 1.5) / 4 + dx,
                 y = ((double)point[k][p].y - 1.5) / 4 + dy;
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++)
            maps[k][(i * SIZE + j) * STRIDE + p] =
                (float)exp(-(pow(i - y, 2) + pow(j - x, 2)) / (2 * 1.5 * 1.5));
}

/* Five points of a picture in two crops: the second turned, smaller and shifted, mirrored or not.
 */
static int setup(void **state)
{
    const bool mirror = *state != NULL;
    const struct wt_point face[POINTS] = {
        {300, 200}, {310, 220}, {290, 225}, {305, 235}, {296, 208}};
    memset(maps, 0, sizeof maps);
    for (int k = 0; k < 2; k++) {
        to_crop[k] = wt_crop_square(300, 217, k ? 74.f : 70.f, k ? 0.2f : 0, SIZE * 4);
        to_crop[k].m[2] += k ? 1.7f : 0;
        for (int i = 0; mirror && i < 3; i++)
            to_crop[k].m[i] = -to_crop[k].m[i];
        to_crop[k].m[2] += mirror ? SIZE * 4 - 1 : 0;
        for (int p = 0; p < POINTS; p++) {
            point[k][p] = wt_affine_apply(&to_crop[k], face[p]);
            draw(k, p, 0, 0);
        }
    }
    return 0;
}

static void agreeing_views_cost_next_to_nothing(void **state)
{
    assert_true(loss(1) < 0.005);
    for (int p = 0; p < POINTS; p++)
        draw(1, p, 0.4, -0.3);
    const double apart = loss(1);
    assert_true(apart > 0.45 && apart < 0.55); /* views of nearly one scale */
    assert_true(fabs(loss(3) - 3 * apart) < 1e-9);
}

static void the_gradient_is_the_slope(void **state)
{
    for (int p = 0; p < POINTS; p++)
        draw(1, p, 0.1 * p - 0.2, 0.15);
    for (int k = 0; k < 2; k++) /* maps as networks make them: no Gaussians, some below 0 */
        for (int i = 0; i < CELLS * STRIDE; i++)
            maps[k][i] += 0.02f * (float)sin(i * 0.7 + k);
    static float want[2][CELLS * STRIDE];
    loss(2);
    memcpy(want, grad, sizeof want);
    int slopes = 0;
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < CELLS * STRIDE; i++) {
            const float was = maps[k][i], step = 1e-3f;
            maps[k][i] = was + step;
            const double up = loss(2);
            maps[k][i] = was - step;
            const double down = loss(2);
            maps[k][i] = was;
            const double slope = (up - down) / (2 * (double)step);
            if (fabs((double)want[k][i] - slope) > 2e-3 * (fabs(slope) + 0.05))
                fail_msg("view %d, cell %d: %g, by differences %g", k, i, (double)want[k][i],
                         slope);
            slopes += fabs(slope) > 1e-2;
        }
    assert_true(slopes > 2 * POINTS * 10);
}

/* Steps against the gradient bring the views together. */
static void descent_brings_views_together(void **state)
{
    for (int p = 0; p < POINTS; p++)
        draw(1, p, 0.3, 0.1);
    const double before = loss(1);
    for (int step = 0; step < 200; step++) {
        loss(1);
        for (int k = 0; k < 2; k++)
            for (int i = 0; i < CELLS * STRIDE; i++)
                maps[k][i] -= 0.02f * grad[k][i];
    }
    assert_true(loss(1) < 0.3 * before);
}

static void what_does_not_count(void **state)
{
    const double all = loss(1);
    draw(1, 2, 0.5, 0.5);
    assert_true(loss(1) > all + 0.05);
    point[1][2].x = NAN; /* not known */
    assert_true(fabs(loss(1) - all) < 0.01);
    point[1][2] = (struct wt_point){-3, 20}; /* outside */
    assert_true(fabs(loss(1) - all) < 0.01);
    for (int i = 0; i < CELLS; i++)
        assert_true(grad[0][i * STRIDE + 2] == 0 && grad[1][i * STRIDE + 2] == 0);
    draw(0, 3, 3, 0); /* a jump: it costs 1, and pulls nothing */
    loss(1);
    for (int i = 0; i < CELLS; i++)
        assert_true(grad[0][i * STRIDE + 3] == 0 && grad[1][i * STRIDE + 3] == 0);
    for (int i = 0; i < CELLS; i++)
        maps[0][i * STRIDE] = i == 40 ? INFINITY : NAN;
    assert_true(isfinite(loss(1)));
    memset(maps, 0, sizeof maps);
    assert_true(loss(1) == 0);
    for (int p = 0; p < POINTS; p++)
        point[0][p].x = NAN;
    assert_true(loss(1) == 0);
}

int main(void)
{
    static int mirrored = 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(agreeing_views_cost_next_to_nothing, setup),
        cmocka_unit_test_prestate_setup_teardown(agreeing_views_cost_next_to_nothing, setup, NULL,
                                                 &mirrored),
        cmocka_unit_test_setup(the_gradient_is_the_slope, setup),
        cmocka_unit_test_prestate_setup_teardown(the_gradient_is_the_slope, setup, NULL, &mirrored),
        cmocka_unit_test_setup(descent_brings_views_together, setup),
        cmocka_unit_test_setup(what_does_not_count, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
