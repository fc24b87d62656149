/* Losses on heatmaps: value and exact gradient.
 *
 * With d = |y - p|, y the target in [0,1], p the prediction (no activation):
 *   Adaptive Wing (Wang et al., ICCV 2019, eq. 3 and 4), e = alpha - y:
 *     d < theta: L = omega ln(1 + (d/epsilon)^e);  else L = A d - C, A and C such that value and
 *     slope are continuous at theta
 *   Wing (Feng et al., CVPR 2018, eq. 5): d < omega: L = omega ln(1 + d/epsilon);
 *     else L = d - omega + omega ln(1 + omega/epsilon)
 *   MSE: L = d^2
 * The weighted loss map multiplies by (map_weight M + 1), M the mask of target.h. The gradient is
 * dL/dp, 0 at d = 0 where Wing and, for y = 1, Adaptive Wing have their kink.
 *
 * Not a loss layer: nothing here knows stacks or batches; callers go through maps and rows as they
 * like and choose the scale (1 / number of elements makes it the mean). Pure functions,
 * thread-safe; at one CPU level a gradient has the same bits however the cells are cut into calls.
 */
#ifndef WT_MODEL_LOSS_H
#define WT_MODEL_LOSS_H

#include "base/cpu.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wt_loss_kind { WT_LOSS_AWING, WT_LOSS_WING, WT_LOSS_MSE };

struct wt_loss {
    enum wt_loss_kind kind;
    float alpha, theta;   /* Adaptive Wing: alpha > 1 + y, theta > 0 */
    float omega, epsilon; /* Adaptive Wing and Wing; > 0 */
    float map_weight;     /* of the weighted loss map; 0: every cell counts alike */
};

/* The papers' values: Adaptive Wing 2.1, 0.5, 14, 1; Wing omega 10, epsilon 2; map weight 10. */
struct wt_loss wt_loss_defaults(enum wt_loss_kind kind);

/* Checks ranges; logs what is wrong. Errors: ARGUMENT. */
enum wt_status wt_loss_check(const struct wt_loss *loss);

/* Maps, [cells][stride] each: pred, target, grad float, mask 0 or 1. */
struct wt_loss_maps {
    const float *pred, *target;
    const uint8_t *mask;  /* NULL: no weighted loss map */
    const float *channel; /* [stride]: weight of a channel; where it is 0, pred is not looked at (it
                             may be NaN) and loss and gradient are 0 */
    float *grad;          /* NULL: value only; may be pred itself */
};

/* Returns the sum over cells * stride elements of channel[c] * (map_weight M + 1) * L, and writes
 * grad = scale * channel[c] * (map_weight M + 1) * dL/dp. A NaN or infinity in pred shows in the
 * returned sum. level: one the CPU has. */
double wt_loss_run(const struct wt_loss *loss, enum wt_cpu_level level,
                   const struct wt_loss_maps *maps, int cells, int stride, float scale);

/* One element, in double precision: value and, where slope is not NULL, dL/dp. The reference for
 * the tests; figures are drawn with it and with wt_loss_run. */
double wt_loss_value(const struct wt_loss *loss, double p, double y, double *slope);

#ifdef __cplusplus
}
#endif
#endif
