#include "measure/metrics.h"

#include <math.h>
#include <stdlib.h>

#include "base/sort.h"

static double distance(struct wt_point a, struct wt_point b)
{
    return hypot((double)a.x - b.x, (double)a.y - b.y);
}

static struct wt_point mean_of(const struct wt_point *p, const uint8_t *index, int n)
{
    double x = 0, y = 0;
    for (int i = 0; i < n; i++) {
        x += p[index[i]].x;
        y += p[index[i]].y;
    }
    return (struct wt_point){(float)(x / n), (float)(y / n)};
}

static double box_side(const struct wt_point *p, int n)
{
    /* in float, which is exact: of doubles made from floats GCC 12 for arm64 cannot make vectors */
    float left = INFINITY, top = INFINITY, right = -INFINITY, bottom = -INFINITY;
    for (int i = 0; i < n; i++) {
        left = fminf(left, p[i].x);
        right = fmaxf(right, p[i].x);
        top = fminf(top, p[i].y);
        bottom = fmaxf(bottom, p[i].y);
    }
    return sqrt(((double)right - left) * ((double)bottom - top));
}

double wt_normaliser(const struct wt_point *truth, const struct wt_scheme *s, enum wt_norm norm,
                     const struct wt_box *box)
{
    switch (norm) {
    case WT_NORM_OCULAR:
        if (s->eye_outer[0] < 0)
            return NAN;
        return distance(truth[s->eye_outer[0]], truth[s->eye_outer[1]]);
    case WT_NORM_PUPIL:
        if (s->pupil[0] >= 0)
            return distance(truth[s->pupil[0]], truth[s->pupil[1]]);
        if (s->eye_points_count <= 0)
            return NAN;
        return distance(mean_of(truth, s->eye_points[0], s->eye_points_count),
                        mean_of(truth, s->eye_points[1], s->eye_points_count));
    case WT_NORM_BOX:
        return box && box->w > 0 ? sqrt((double)box->w * box->h) : box_side(truth, s->points);
    }
    return NAN;
}

double wt_point_errors(const struct wt_point *truth, const struct wt_point *found, int points,
                       double normaliser, float *error)
{
    double sum = 0;
    int known = 0;
    for (int i = 0; i < points; i++) {
        bool counts = normaliser > 0 && !isnan(truth[i].x) && !isnan(truth[i].y);
        double d = counts ? distance(truth[i], found[i]) : NAN;
        if (counts) {
            sum += d;
            known++;
        }
        if (error)
            error[i] = (float)(d / normaliser * 100);
    }
    return known ? sum / known / normaliser * 100 : NAN;
}

double wt_nme(const struct wt_point *truth, const struct wt_point *found,
              const struct wt_scheme *scheme, enum wt_norm norm)
{
    return wt_point_errors(truth, found, scheme->points, wt_normaliser(truth, scheme, norm, NULL),
                           NULL);
}

struct wt_summary wt_summarise(double *nme, size_t n)
{
    struct wt_summary s = {0};
    size_t found = 0, over8 = 0, over10 = 0;
    double sum = 0, area8 = 0, area10 = 0;

    for (size_t i = 0; i < n; i++)
        if (!isnan(nme[i]))
            nme[s.faces++] = nme[i];
    s.nme = s.median = NAN;
    if (!s.faces) {
        s.fr8 = s.fr10 = s.auc8 = s.auc10 = NAN;
        return s;
    }
    wt_sort_doubles(nme, s.faces);
    for (size_t i = 0; i < s.faces; i++) {
        if (isfinite(nme[i])) {
            found++;
            sum += nme[i];
        }
        over8 += nme[i] > 8;
        over10 += nme[i] > 10;
        area8 += fmax(0, 8 - nme[i]);
        area10 += fmax(0, 10 - nme[i]);
    }
    if (found) {
        s.nme = sum / (double)found;
        s.median = (nme[(found - 1) / 2] + nme[found / 2]) / 2;
    }
    s.fr8 = 100.0 * (double)over8 / (double)s.faces;
    s.fr10 = 100.0 * (double)over10 / (double)s.faces;
    s.auc8 = 100.0 * area8 / 8 / (double)s.faces;
    s.auc10 = 100.0 * area10 / 10 / (double)s.faces;
    return s;
}

double wt_ced(const double *nme, size_t n, double t)
{
    size_t faces = 0, within = 0;
    for (size_t i = 0; i < n; i++) {
        faces += !isnan(nme[i]);
        within += nme[i] <= t;
    }
    return faces ? 100.0 * (double)within / (double)faces : NAN;
}

/* SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* Mean of n differences drawn with replacement. */
static double resample(const double *difference, size_t n, uint64_t *state)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) /* the upper half of a product: even enough for n below 2^32 */
        sum += difference[((next_random(state) >> 32) * n) >> 32];
    return sum / (double)n;
}

enum wt_status wt_bootstrap(const double *a, const double *b, size_t n, int rounds, uint64_t seed,
                            struct wt_paired *out)
{
    struct wt_paired p = {0, NAN, NAN, NAN, NAN};
    double *difference = malloc((n + (size_t)rounds) * sizeof *difference), sum = 0;
    if (!difference)
        return wt_fail(WT_ERR_MEMORY, "out of memory for %d resamples", rounds);
    double *mean = difference + n;
    int better = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(a[i]) && isfinite(b[i]))
            sum += difference[p.faces++] = b[i] - a[i];
    if (p.faces >= 2) {
        for (int i = 0; i < rounds; i++) {
            mean[i] = resample(difference, p.faces, &seed);
            better += mean[i] < 0;
        }
        wt_sort_doubles(mean, (size_t)rounds);
        p.difference = sum / (double)p.faces;
        p.low = mean[lround(0.025 * (rounds - 1))];
        p.high = mean[lround(0.975 * (rounds - 1))];
        p.better = 100.0 * better / rounds;
    }
    *out = p;
    free(difference);
    return WT_OK;
}
