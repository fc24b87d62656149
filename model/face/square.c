#include "face/square.h"

#include <math.h>

static struct wt_point eye_centre(const struct wt_scheme *scheme, int eye,
                                  const struct wt_point *point)
{
    struct wt_point c = {0, 0};
    for (int i = 0; i < scheme->eye_points_count; i++) {
        c.x += point[scheme->eye_points[eye][i]].x / (float)scheme->eye_points_count;
        c.y += point[scheme->eye_points[eye][i]].y / (float)scheme->eye_points_count;
    }
    return c;
}

static float roll_of(const struct wt_scheme *scheme, const struct wt_point *point)
{
    if (!scheme || scheme->eye_points_count == 0)
        return 0;
    const struct wt_point a = eye_centre(scheme, 0, point);
    const struct wt_point b = eye_centre(scheme, 1, point);
    return hypotf(b.x - a.x, b.y - a.y) > 1 ? atan2f(b.y - a.y, b.x - a.x) : 0;
}

struct wt_square wt_square_of(const struct wt_scheme *scheme, const struct wt_point *point, int n)
{
    const float roll = roll_of(scheme, point);
    const float c = cosf(-roll), s = sinf(-roll);
    struct wt_point turned[WT_POINTS_MAX];
    for (int i = 0; i < n; i++)
        turned[i] =
            (struct wt_point){c * point[i].x - s * point[i].y, s * point[i].x + c * point[i].y};
    const struct wt_box b = wt_points_box(turned, n);
    const float x = b.x + b.w / 2, y = b.y + b.h / 2; /* turned centre; turn it back */
    return (struct wt_square){c * x + s * y, -s * x + c * y, (b.w + b.h) * 0.5f, roll};
}

#define TURN 6.28318531f

/* The number nearest to `held` that is at most `slack` away from `now`. */
static float drag(float held, float now, float slack)
{
    return fminf(fmaxf(held, now - slack), now + slack);
}

void wt_square_drag(struct wt_square *held, const struct wt_square *now, float slack)
{
    if (!(held->side > 0)) {
        *held = *now;
        return;
    }
    const float distance = hypotf(now->x - held->x, now->y - held->y);
    const float free = slack * now->side;
    const float share = distance > free ? (distance - free) / distance : 0;
    held->x += share * (now->x - held->x);
    held->y += share * (now->y - held->y);
    held->side = drag(held->side, now->side, free);
    /* the shorter way round */
    held->roll = now->roll + drag(remainderf(held->roll - now->roll, TURN), 0, slack);
}
