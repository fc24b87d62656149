#include "track/one_euro.h"

#include <math.h>

/* Chosen on the raw tracks of three clips (two real ones, the demo). In % of the eye distance, mean
 * of the three: jitter = second difference in the stillest 40 % of the frames, lag = distance from
 * a symmetric (acausal) smoothing in the fastest 20 %:
 *   cutoff, slope, speed's cutoff      jitter   lag
 *   no filter                           0.47    0.46
 *   1.0, 10, 1                          0.21    2.31
 *   1.5, 20, 1                          0.25    1.48
 *   1.0, 40, 2                          0.28    0.90
 *   2.0, 40, 3                          0.29    0.81
 *   1.0, 60, 3                          0.30    0.70   <- most of the gain, little lag */
#define CUTOFF_MIN 1.f    /* Hz, of a still face */
#define CUTOFF_SLOPE 60.f /* Hz for each side a second */
#define CUTOFF_SPEED 3.f  /* Hz, of the speed's own filter */
#define PAUSE_US 500000

/* Weight of a new value for a cutoff in Hz and a step of dt seconds. */
static float weight(float cutoff, float dt)
{
    const float r = 6.2831853f * cutoff * dt;
    return r / (r + 1);
}

/* Each frame takes the share w = r / (r + 1) of the way, r = 2 pi cutoff dt, so that a steady
 * motion is behind by the lag L = dt / r. The filter takes that for speed, too: it sees speed (1 +
 * L / dt). With both, 2 pi L (MIN + SLOPE speed (1 + L / dt)) = strength. */
float wt_one_euro_lag(float strength, float speed, float dt)
{
    const float a = CUTOFF_SLOPE * fabsf(speed) / dt, b = CUTOFF_MIN + CUTOFF_SLOPE * fabsf(speed);
    const float c = strength / 6.2831853f;
    return 2 * c / (b + sqrtf(b * b + 4 * a * c)); /* of a L^2 + b L = c; for a = 0, too */
}

static void step(float *value, float *speed, float *x, float side, float strength, float dt,
                 float speed_weight)
{
    const float raw = (*x - *value) / (side * dt);
    *speed += speed_weight * (raw - *speed);
    const float cutoff = (CUTOFF_MIN + CUTOFF_SLOPE * fabsf(*speed)) / strength;
    *value += weight(cutoff, dt) * (*x - *value);
    *x = *value;
}

void wt_one_euro_apply(struct wt_one_euro *filter, struct wt_point *point, int n, float side,
                       float strength, int64_t time_us)
{
    const int64_t gap = time_us - filter->time_us;
    if (!filter->started || gap > PAUSE_US || !(side > 0)) {
        for (int i = 0; i < n; i++) {
            filter->value[i] = point[i];
            filter->speed[i] = (struct wt_point){0, 0};
        }
    } else {
        const float dt = gap > 0 ? (float)gap * 1e-6f : 1.0f / 30; /* a clock that stands still */
        const float speed_weight = weight(CUTOFF_SPEED, dt);
        for (int i = 0; i < n; i++) {
            step(&filter->value[i].x, &filter->speed[i].x, &point[i].x, side, strength, dt,
                 speed_weight);
            step(&filter->value[i].y, &filter->speed[i].y, &point[i].y, side, strength, dt,
                 speed_weight);
        }
    }
    filter->started = true;
    filter->time_us = time_us;
}
