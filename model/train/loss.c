#include "train/loss.h"

#include <math.h>

#include "train/loss_kernel.h"

struct wt_loss wt_loss_defaults(enum wt_loss_kind kind)
{
    struct wt_loss loss = {.kind = kind,
                           .alpha = 2.1f,
                           .theta = 0.5f,
                           .omega = 14.0f,
                           .epsilon = 1.0f,
                           .map_weight = 10.0f};
    if (kind == WT_LOSS_WING) {
        loss.omega = 10.0f;
        loss.epsilon = 2.0f;
    }
    return loss;
}

enum wt_status wt_loss_check(const struct wt_loss *l)
{
    const struct {
        const char *name;
        float value, min, max;
    } range[] = {
        {"alpha", l->alpha, 2.0f, 4.0f}, /* at 2 the power of a target of 1 is 1: a kink at d = 0 */
        {"theta", l->theta, 0.01f, 10.0f},
        {"omega", l->omega, 0.001f, 1000.0f},
        {"epsilon", l->epsilon, 0.001f, 1000.0f},
        {"the map's weight", l->map_weight, 0.0f, 1000.0f},
    };
    for (size_t i = 0; i < sizeof range / sizeof *range; i++)
        if (!(range[i].value >= range[i].min && range[i].value <= range[i].max))
            return wt_fail(WT_ERR_ARGUMENT, "loss: %s is %g, not within %g and %g", range[i].name,
                           (double)range[i].value, (double)range[i].min, (double)range[i].max);
    return WT_OK;
}

static wt_loss_fn *const *const runs[WT_CPU_LEVELS] = {
    [WT_CPU_C] = &wt_loss_run__c,
#if defined(__x86_64__)
    [WT_CPU_AVX2] = &wt_loss_run__avx2,
    [WT_CPU_AVX512] = &wt_loss_run__avx512,
#endif
};

double wt_loss_run(const struct wt_loss *loss, enum wt_cpu_level level,
                   const struct wt_loss_maps *maps, int cells, int stride, float scale)
{
    int k = WT_CPU_LEVELS - 1;
    while (!runs[k] || !wt_cpu_level_includes(level, (enum wt_cpu_level)k))
        k--;
    return (*runs[k])(loss, maps, cells, stride, scale);
}

/* Value for d >= 0 and its derivative by d. */
static double awing(const struct wt_loss *l, double d, double y, double *slope)
{
    const double e = l->alpha - y, eps = l->epsilon, x = fmin(d, l->theta) / eps;
    const double t = pow(x, e);
    *slope = x > 0 ? l->omega * e / eps * pow(x, e - 1) / (1 + t) : 0;
    return l->omega * log1p(t) + *slope * fmax(d - l->theta, 0);
}

static double wing(const struct wt_loss *l, double d, double *slope)
{
    const double near = fmin(d, l->omega);
    *slope = d < l->omega ? l->omega / (l->epsilon + d) : 1;
    return l->omega * log1p(near / l->epsilon) + (d - near);
}

double wt_loss_value(const struct wt_loss *l, double p, double y, double *slope)
{
    const double d = fabs(p - y);
    double value = d * d, s = 2 * d;
    if (l->kind == WT_LOSS_AWING)
        value = awing(l, d, y, &s);
    else if (l->kind == WT_LOSS_WING)
        value = wing(l, d, &s);
    if (slope)
        *slope = d > 0 ? copysign(s, p - y) : 0;
    return value;
}
