#include "report/axis.h"

#include <math.h>

struct wt_axis wt_axis_fit(const char *label, double low, double high, bool logarithmic)
{
    struct wt_axis a = {.label = label};
    if (!(high > low)) { /* one value, or none */
        low = isfinite(low) ? low : 0;
        high = low + fmax(fabs(low) / 10, 1e-9);
    }
    if (logarithmic && low > 0 && high / low > 4) {
        a.from = low / 1.08;
        a.to = high * 1.08;
        return a;
    }
    const double raw = (high - low) / 7, decade = pow(10, floor(log10(raw)));
    a.step = decade * (raw <= decade ? 1 : raw <= 2 * decade ? 2 : raw <= 5 * decade ? 5 : 10);
    a.from = floor(low / a.step + 1e-9) * a.step;
    a.to = ceil(high / a.step - 1e-9) * a.step;
    a.decimals = (int)fmax(0, ceil(-log10(a.step) - 1e-9));
    return a;
}

double wt_axis_share(const struct wt_axis *a, double v)
{
    return a->step > 0 ? (v - a->from) / (a->to - a->from)
           : v > 0     ? log(v / a->from) / log(a->to / a->from)
                       : 0;
}

bool wt_axis_grid(const struct wt_axis *a, int i, double *v)
{
    static const struct {
        double below;
        int n;
        double round[6];
    } grid[] = {{15, 6, {1, 1.5, 2, 3, 5, 7}}, {2000, 3, {1, 2, 5}}, {INFINITY, 1, {1}}};
    int k = 0;
    if (a->step > 0) {
        *v = a->from + i * a->step;
        return *v <= a->to + 1e-9 * a->step;
    }
    while (a->to / a->from >= grid[k].below)
        k++;
    double decade = pow(10, floor(log10(a->from)));
    for (int at = 0; decade <= a->to; decade *= 10)
        for (int j = 0; j < grid[k].n; j++) {
            *v = decade * grid[k].round[j];
            if (*v >= a->from * (1 - 1e-9) && *v <= a->to * (1 + 1e-9) && at++ == i)
                return true;
        }
    return false;
}
