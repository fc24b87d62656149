#include "track/one_euro.h"

#include <math.h>
#include <string.h>

#include "face/similarity.h"

/* Chosen on the raw tracks of three clips (two real ones, the demo) by both networks. In % of the
 * eye distance, means of the six: jitter = second difference in the stillest 40 % of the frames;
 * lag = distance from a symmetric (acausal) smoothing in the fastest 20 %; lids and lips = the same
 * for the 3 % of points that move most within the face; tremble = what the head's own motion leaves
 * from frame to frame while it is still (measure/jitter.h):
 *   cutoff, slope, speed's cutoff      jitter   lag    lids and lips   tremble
 *   no filter                           0.57    0.60       0.72         0.31
 *   one filter a coordinate, 1, 60, 3   0.38    0.77       0.73         0.24
 *   head and points, 1, 60, 3           0.36    0.71       0.72         0.22
 *   0.5, 60, 4                          0.35    0.70       0.71         0.21
 *   0.5, 50, 4                          0.34    0.75       0.73         0.21   <- still, little lag
 *   0.5, 40, 4                          0.33    0.82       0.77         0.20 */
#define CUTOFF_MIN 0.5f   /* Hz, of a still face */
#define CUTOFF_SLOPE 50.f /* Hz for each side a second */
#define CUTOFF_SPEED 4.f  /* Hz, of the speed's own filter */
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

static float cutoff(float speed, float strength)
{
    return (CUTOFF_MIN + CUTOFF_SLOPE * speed) / strength;
}

/* The head: takes the smoothed points the share of the way that its speed allows. Fills left with
 * what the whole way leaves to the found ones, px. */
static void move_head(struct wt_one_euro *filter, const struct wt_point *found, int n, float side,
                      float strength, float dt, struct wt_point *left)
{
    struct wt_similarity whole;
    wt_similarity_fit(&whole, filter->value, found, n);
    double radius = 0;
    for (int i = 0; i < n; i++) {
        const struct wt_point v = filter->value[i], to = wt_similarity_map(&whole, v);
        left[i] = (struct wt_point){found[i].x - to.x, found[i].y - to.y};
        radius += hypot((double)v.x - whole.px, (double)v.y - whole.py) / n;
    }
    const double growth = log(hypot(whole.re, whole.im)), turn = atan2(whole.im, whole.re);
    const double way[4] = {whole.qx - whole.px, whole.qy - whole.py, growth * radius,
                           turn * radius};
    float square = 0;
    for (int i = 0; i < 4; i++) {
        filter->head[i] +=
            weight(CUTOFF_SPEED, dt) * ((float)way[i] / (side * dt) - filter->head[i]);
        square += filter->head[i] * filter->head[i];
    }
    const double share = (double)weight(cutoff(sqrtf(square), strength), dt);
    const double grown = exp(share * growth);
    const struct wt_similarity part = {
        .px = whole.px,
        .py = whole.py,
        .qx = whole.px + share * way[0],
        .qy = whole.py + share * way[1],
        .re = grown * cos(share * turn),
        .im = grown * sin(share * turn),
    };
    for (int i = 0; i < n; i++)
        filter->value[i] = wt_similarity_map(&part, filter->value[i]);
}

/* The face's own motion: a point takes its share of what the head's motion leaves. */
static void move_point(struct wt_point *value, struct wt_point *speed, struct wt_point left,
                       float side, float strength, float dt)
{
    const float w = weight(CUTOFF_SPEED, dt);
    speed->x += w * (left.x / (side * dt) - speed->x);
    speed->y += w * (left.y / (side * dt) - speed->y);
    const float share = weight(cutoff(hypotf(speed->x, speed->y), strength), dt);
    value->x += share * left.x;
    value->y += share * left.y;
}

void wt_one_euro_apply(struct wt_one_euro *filter, struct wt_point *point, int n, float side,
                       float strength, int64_t time_us)
{
    const double gap = (double)time_us - (double)filter->time_us;
    if (!filter->started || gap > PAUSE_US || !(side > 0)) {
        memset(filter, 0, sizeof *filter);
        memcpy(filter->value, point, (size_t)n * sizeof *point);
    } else {
        const float dt = gap > 0 ? (float)gap * 1e-6f : 1.0f / 30; /* a clock that stands still */
        struct wt_point left[WT_POINTS_MAX];
        move_head(filter, point, n, side, strength, dt, left);
        for (int i = 0; i < n; i++)
            move_point(&filter->value[i], &filter->speed[i], left[i], side, strength, dt);
        memcpy(point, filter->value, (size_t)n * sizeof *point);
    }
    filter->started = true;
    filter->time_us = time_us;
}
