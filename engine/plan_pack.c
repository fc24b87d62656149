/* Parameters into the form that kernels read: packed weights, padded biases, and the constant part
 * of coordinate channels. */
#include <math.h>
#include <stdlib.h>

#include "bf16.h"
#include "plan_internal.h"

void wt_plan_coords_at(int i, int j, int h, int w, float v[3])
{
    /* corners are the farthest points, at radius sqrt(2) */
    v[0] = h > 1 ? (float)(2.0 * i / (h - 1) - 1) : 0;
    v[1] = w > 1 ? (float)(2.0 * j / (w - 1) - 1) : 0;
    v[2] = (float)(sqrt((double)v[0] * v[0] + (double)v[1] * v[1]) / sqrt(2.0));
}

/* Adds one tap of the coordinate channels to a row of the bias map; w: [3][c]. */
static void add_tap(float *restrict out, const float *restrict w, const float v[3], int c)
{
    for (int k = 0; k < c; k++)
        out[k] += v[0] * w[k] + v[1] * w[c + k] + v[2] * w[2 * c + k];
}

const float *wt_plan_bias_map(struct wt_plan *p, const struct wt_node *n, const struct wt_node *x,
                              int cin, int at)
{
    int k2 = n->kernel * n->kernel;
    float *map = wt_plan_constant(p, (size_t)n->h * n->w * n->c);
    float *taps = malloc((size_t)k2 * 3 * n->c * sizeof *taps); /* [k2][3][c] */
    if (!map || !taps) {
        free(taps);
        return NULL;
    }
    for (int t = 0; t < k2; t++)
        for (int v = 0; v < 3; v++)
            for (int c = 0; c < n->c; c++)
                taps[(t * 3 + v) * n->c + c] = n->weight[((size_t)c * cin + at + v) * k2 + t];
    for (int i = 0; i < n->h; i++)
        for (int j = 0; j < n->w; j++)
            for (int t = 0; t < k2; t++) {
                int y = i * n->stride + t / n->kernel - n->pad;
                int xx = j * n->stride + t % n->kernel - n->pad;
                float v[3];
                if (y < 0 || y >= x->h || xx < 0 || xx >= x->w)
                    continue;
                wt_plan_coords_at(y, xx, x->h, x->w, v);
                add_tap(map + ((size_t)i * n->w + j) * n->c, taps + (size_t)t * 3 * n->c, v, n->c);
            }
    free(taps);
    return map;
}

/* Weights [O,I,K,K] to the kernels' layout (wt_conv_panel), cs channels a tap; the source is read
 * in its own order. */
static void pack_panel(const struct wt_node *n, int cin, int cin_kept, int cs, enum wt_type type,
                       const struct wt_panel_ref *panel)
{
    int k2 = n->kernel * n->kernel;
    size_t block = (size_t)k2 * cs * 16; /* bf16: 16 outputs */
    for (int c = 0; c < panel->nr && panel->from + c < n->c; c++)
        for (int i = 0; i < cin_kept; i++) {
            const float *w = n->weight + ((size_t)(panel->from + c) * cin + i) * k2;
            for (int t = 0; t < k2; t++) {
                size_t k = (size_t)t * cs + i;
                if (type == WT_F32)
                    ((float *)panel->weight)[k * panel->nr + c] = w[t];
                else
                    ((uint16_t *)panel->weight)[c / 16 * block + k / 2 * 32 + c % 16 * 2 + k % 2] =
                        wt_bf16_store(w[t]);
            }
        }
}

/* Weights [O,I,3,3] to [16][cin][nr], each filter g transformed to G g G^T in double. */
static void pack_winograd(const struct wt_node *n, int cin, const struct wt_panel_ref *panel)
{
    for (int c = 0; c < panel->nr && panel->from + c < n->c; c++)
        for (int i = 0; i < cin; i++) {
            const float *g = n->weight + ((size_t)(panel->from + c) * cin + i) * 9;
            double a[4][3];
            for (int x = 0; x < 3; x++) {
                a[0][x] = g[x];
                a[1][x] = 0.5 * ((double)g[x] + g[3 + x] + g[6 + x]);
                a[2][x] = 0.5 * ((double)g[x] - g[3 + x] + g[6 + x]);
                a[3][x] = g[6 + x];
            }
            for (int y = 0; y < 4; y++) {
                const double u[4] = {a[y][0], 0.5 * (a[y][0] + a[y][1] + a[y][2]),
                                     0.5 * (a[y][0] - a[y][1] + a[y][2]), a[y][2]};
                for (int x = 0; x < 4; x++)
                    ((float *)panel->weight)[((size_t)(4 * y + x) * cin + i) * panel->nr + c] =
                        (float)u[x];
            }
        }
}

bool wt_plan_pack(struct wt_plan *p, struct wt_step *s, const struct wt_node *n, int cin, int cs)
{
    const struct wt_conv_kernels *kernels = &p->kernels->conv[s->type];
    s->panel = calloc((size_t)(n->c / kernels->nr_narrow + 2), sizeof *s->panel);
    float *bias =
        wt_plan_constant(p, (size_t)wt_round_up(n->c, kernels->nr_wide) + kernels->nr_wide);
    if (!s->panel || !bias) {
        return false;
    }
    for (int c = 0; n->bias && c < n->c; c++)
        bias[c] = n->bias[c];
    s->bias = bias;
    size_t k = s->winograd ? 16 * (size_t)cin : (size_t)n->kernel * n->kernel * cs;
    for (int c = 0; c < n->c;) {
        struct wt_panel_ref *r = &s->panel[s->panels++];
        r->wide = n->c - c > kernels->nr_narrow;
        r->nr = r->wide ? kernels->nr_wide : kernels->nr_narrow;
        r->from = c;
        r->weight = wt_arena_take(&p->constants, k * r->nr * wt_type_size(s->type));
        if (!r->weight) {
            return false;
        }
        if (s->winograd)
            pack_winograd(n, cin, r);
        else
            pack_panel(n, cin, s->cin, cs, s->type, r);
        c += r->nr;
    }
    return true;
}
