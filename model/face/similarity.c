#include "face/similarity.h"

bool wt_similarity_fit(struct wt_similarity *fit, const struct wt_point *p,
                       const struct wt_point *q, int n)
{
    struct wt_similarity f = {0, 0, 0, 0, 0, 0};
    double square = 0;
    for (int i = 0; i < n; i++) {
        f.px += (double)p[i].x / n;
        f.py += (double)p[i].y / n;
        f.qx += (double)q[i].x / n;
        f.qy += (double)q[i].y / n;
    }
    for (int i = 0; i < n; i++) {
        const double x = (double)p[i].x - f.px, y = (double)p[i].y - f.py;
        const double u = (double)q[i].x - f.qx, v = (double)q[i].y - f.qy;
        f.re += x * u + y * v;
        f.im += x * v - y * u;
        square += x * x + y * y;
    }
    const bool fits = square > 0 && (f.re != 0 || f.im != 0);
    f.re = fits ? f.re / square : 1;
    f.im = fits ? f.im / square : 0;
    *fit = f;
    return fits;
}

struct wt_point wt_similarity_map(const struct wt_similarity *fit, struct wt_point p)
{
    const double x = (double)p.x - fit->px, y = (double)p.y - fit->py;
    return (struct wt_point){(float)(fit->re * x - fit->im * y + fit->qx),
                             (float)(fit->im * x + fit->re * y + fit->qy)};
}
