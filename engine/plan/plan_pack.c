/* Parameters into the form that kernels read: packed weights, padded biases, and the constant part
 * of coordinate channels. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/quant.h"
#include "kernels/runs.h"
#include "kernels/store.h"
#include "kernels/winograd.h"
#include "plan/plan_internal.h"

void wt_plan_coords_at(int i, int j, int h, int w, float v[3])
{
    /* corners are the farthest points, at radius sqrt(2) */
    v[0] = h > 1 ? (float)(2.0 * i / (h - 1) - 1) : 0;
    v[1] = w > 1 ? (float)(2.0 * j / (w - 1) - 1) : 0;
    v[2] = (float)(sqrt((double)v[0] * v[0] + (double)v[1] * v[1]) / sqrt(2.0));
}

/* out: [h][w][3] */
static void fill_coords(float *out, int h, int w)
{
    for (int i = 0; i < h; i++)
        for (int j = 0; j < w; j++)
            wt_plan_coords_at(i, j, h, w, out + ((size_t)i * w + j) * 3);
}

const float *wt_plan_coords(struct wt_plan *p, int h, int w)
{
    float *f = wt_plan_constant(p, (size_t)h * w * 3);
    if (f)
        fill_coords(f, h, w);
    return f;
}

static void add_scaled(float *restrict out, const float *restrict w, float v, int c)
{
    for (int k = 0; k < c; k++)
        out[k] += v * w[k];
}

/* The coordinate channels' part of a convolution: a constant map. Where the window lies within the
 * input, the part of the first coordinate is the same along a row and that of the second along a
 * column. */
struct bias_map {
    const struct wt_node *conv, *in;
    float *map;    /* [h][w][c] */
    float *taps;   /* [3][k * k][c] */
    float *coords; /* [in h][in w][3] */
    float *line;   /* [h + w][c]: parts of rows and columns whose windows lie within */
};

static bool within(int at, const struct wt_node *n, int size)
{
    const int from = at * n->stride - n->pad;
    return from >= 0 && from + n->kernel <= size;
}

static void sum_lines(const struct bias_map *m)
{
    const struct wt_node *n = m->conv;
    for (int of = 0; of < 2; of++) {
        const int size = of ? m->in->w : m->in->h, outputs = of ? n->w : n->h;
        const size_t apart = of ? 3 : (size_t)m->in->w * 3;
        for (int i = 0; i < outputs; i++)
            for (int t = 0; within(i, n, size) && t < n->kernel * n->kernel; t++) {
                const int at = i * n->stride - n->pad + (of ? t % n->kernel : t / n->kernel);
                add_scaled(m->line + (size_t)(of ? n->h + i : i) * n->c,
                           m->taps + ((size_t)of * n->kernel * n->kernel + t) * n->c,
                           m->coords[at * apart + of], n->c);
            }
    }
}

static void sum_taps(const struct bias_map *m, int i, int j, int from_coordinate, float *out)
{
    const struct wt_node *n = m->conv;
    const int k2 = n->kernel * n->kernel;
    for (int t = 0; t < k2; t++) {
        const int y = i * n->stride + t / n->kernel - n->pad;
        const int x = j * n->stride + t % n->kernel - n->pad;
        if (y < 0 || y >= m->in->h || x < 0 || x >= m->in->w)
            continue;
        for (int v = from_coordinate; v < 3; v++)
            add_scaled(out, m->taps + ((size_t)v * k2 + t) * n->c,
                       m->coords[((size_t)y * m->in->w + x) * 3 + v], n->c);
    }
}

static void fill_bias_map(const struct bias_map *m)
{
    const struct wt_node *n = m->conv;
    sum_lines(m);
    for (int i = 0; i < n->h; i++)
        for (int j = 0; j < n->w; j++) {
            float *out = m->map + ((size_t)i * n->w + j) * n->c;
            const float *row = m->line + (size_t)i * n->c;
            const float *column = m->line + (size_t)(n->h + j) * n->c;
            const bool inside = within(i, n, m->in->h) && within(j, n, m->in->w);
            for (int c = 0; inside && c < n->c; c++)
                out[c] = row[c] + column[c];
            sum_taps(m, i, j, inside ? 2 : 0, out);
        }
}
const float *wt_plan_bias_map(struct wt_plan *p, const struct wt_node *n, const struct wt_node *x,
                              int cin, int at)
{
    const size_t k2 = (size_t)n->kernel * n->kernel, channels = (size_t)n->c;
    struct bias_map m = {.conv = n, .in = x};
    m.map = wt_plan_constant(p, (size_t)n->h * n->w * channels);
    m.taps = malloc(3 * k2 * channels * sizeof *m.taps);
    m.coords = malloc((size_t)x->h * x->w * 3 * sizeof *m.coords);
    m.line = calloc((size_t)(n->h + n->w) * channels, sizeof *m.line);
    if (m.map && m.taps && m.coords && m.line) {
        fill_coords(m.coords, x->h, x->w);
        for (size_t v = 0; v < 3; v++)
            for (size_t t = 0; t < k2; t++)
                for (size_t c = 0; c < channels; c++)
                    m.taps[(v * k2 + t) * channels + c] = n->weight[(c * cin + at + v) * k2 + t];
        fill_bias_map(&m);
    } else {
        m.map = NULL; /* of the plan */
    }
    free(m.taps);
    free(m.coords);
    free(m.line);
    return m.map;
}

/* Stores weight k of output c of a panel; k counts as the kernel reads (wt_conv_panel), K of them.
 */
static void put_weight(const struct wt_panel_ref *panel, enum wt_packing packing, size_t K,
                       size_t k, int c, float w)
{
    size_t lane = (size_t)c % 16, block = (size_t)c / 16 * K * 16;
    size_t pair = block + k / 2 * 32 + lane * 2 + k % 2;
    switch (packing) {
    case WT_PACK_F32:
        ((float *)panel->weight)[k * panel->nr + c] = w;
        break;
    case WT_PACK_BF16_PAIR:
        ((uint16_t *)panel->weight)[pair] = wt_bf16_store(w);
        break;
    case WT_PACK_S8_QUAD:
        ((int8_t *)panel->weight)[block + k / 4 * 64 + lane * 4 + k % 4] = (int8_t)w;
        break;
    case WT_PACK_S16_PAIR:
        ((int16_t *)panel->weight)[pair] = (int16_t)w;
        break;
    case WT_PACK_S8_RUNS:
        wt_runs_put(panel->weight, (int)K, (int)k, c, (int)w);
        break;
    }
}

/* One step of an output's quantised weights; 1 for weights that stay as they are. */
static float weight_scale(const float *w, int channels, int k2, struct wt_quantiser q,
                          enum wt_type type)
{
    return type == WT_U8 ? wt_quant_weights_scale(w, q.scale, channels, k2) : 1;
}

/* Weights [O,I,K,K] to the kernels' layout, kc of them a row, cs channels a tap; the source is read
 * in its own order. bias, dequant: of the panel's first output. */
static void pack_panel(const struct wt_plan *p, const struct wt_step *s, const struct wt_node *n,
                       int cin, int cs, struct wt_quantiser q, const struct wt_panel_ref *panel,
                       float *bias, float *dequant)
{
    const struct wt_conv_kernels *kernels = s->kernels;
    int k2 = n->kernel * n->kernel, kc = wt_round_up(n->kernel * cs, kernels->k_block);
    for (int c = 0; c < panel->nr && panel->from + c < n->c; c++) {
        const float *w = n->weight + (size_t)(panel->from + c) * cin * k2;
        float scale = weight_scale(w, s->cin, k2, q, s->type);
        double zeros = 0;
        for (int i = 0; i < s->cin; i++)
            for (int t = 0; t < k2; t++) {
                size_t k = (size_t)(t / n->kernel) * kc + (size_t)(t % n->kernel) * cs + i;
                float v = w[(size_t)i * k2 + t] * (q.scale ? q.scale[i] : 1);
                if (s->type == WT_U8) {
                    v = (float)wt_quant_weight(v, scale);
                    zeros += (double)v * q.zero[i];
                }
                put_weight(panel, kernels->packing, (size_t)n->kernel * kc, k, c, v);
            }
        if (s->type == WT_U8) {
            dequant[c] = scale;
            bias[c] = (float)(bias[c] - zeros * scale);
        }
    }
    if (kernels->packing == WT_PACK_S8_RUNS)
        wt_runs_choose(panel->weight, kc, panel->nr);
}

/* G times columns of three values, n columns side by side; winograd.h has the points. */
static void winograd_filter3(const double *g0, const double *g1, const double *g2, int n,
                             double *const u[WT_WINOGRAD_IN])
{
    const double a = WT_WINOGRAD_A, b = WT_WINOGRAD_B, aa = a * a, bb = b * b;
    const double na = 1 / (2 * aa * (aa - bb)), nb = 1 / (2 * bb * (bb - aa)), n0 = 1 / (aa * bb);
    for (int c = 0; c < n; c++) {
        double even_a = g0[c] + aa * g2[c], even_b = g0[c] + bb * g2[c];
        u[0][c] = n0 * g0[c];
        u[1][c] = na * (even_a + a * g1[c]);
        u[2][c] = na * (even_a - a * g1[c]);
        u[3][c] = nb * (even_b + b * g1[c]);
        u[4][c] = nb * (even_b - b * g1[c]);
        u[5][c] = g2[c];
    }
}

/* Weights [O,I,3,3], as the type holds them, to [36][cin][nr], each filter g transformed to
 * G g G^T in double, a block of filters of the same input at a time. */
static void pack_winograd(const struct wt_node *n, int cin, enum wt_type type,
                          const struct wt_panel_ref *panel)
{
    enum { IN = WT_WINOGRAD_IN, BLOCK = 16 };
    for (int c0 = 0; c0 < panel->nr && panel->from + c0 < n->c; c0 += BLOCK)
        for (int i = 0; i < cin; i++) {
            double g[9][BLOCK] = {{0}}, half[3][IN][BLOCK], u[IN][BLOCK];
            int channels = n->c - panel->from - c0 < BLOCK ? n->c - panel->from - c0 : BLOCK;
            channels = channels < panel->nr - c0 ? channels : panel->nr - c0;
            for (int c = 0; c < channels; c++)
                for (int t = 0; t < 9; t++) {
                    const float w = n->weight[((size_t)(panel->from + c0 + c) * cin + i) * 9 + t];
                    g[t][c] = type == WT_BF16 ? wt_bf16_load(wt_bf16_store(w)) : w;
                }
            for (int x = 0; x < 3; x++) {
                double *const to[IN] = {half[x][0], half[x][1], half[x][2],
                                        half[x][3], half[x][4], half[x][5]};
                winograd_filter3(g[x], g[3 + x], g[6 + x], BLOCK, to);
            }
            for (int y = 0; y < IN; y++) {
                double *const to[IN] = {u[0], u[1], u[2], u[3], u[4], u[5]};
                winograd_filter3(half[0][y], half[1][y], half[2][y], BLOCK, to);
                for (int x = 0; x < IN; x++) {
                    float *w =
                        (float *)panel->weight + ((size_t)(IN * y + x) * cin + i) * panel->nr + c0;
                    for (int c = 0; c < channels; c++)
                        w[c] = (float)u[x][c];
                }
            }
        }
}

bool wt_plan_sums_fit(const struct wt_node *n, int cin, struct wt_quantiser q)
{
    for (int c = 0; c < n->c; c++) {
        const float *w = n->weight + (size_t)c * cin * 9;
        float scale = weight_scale(w, cin, 9, q, WT_U8);
        long most[2] = {0}; /* of negative and of positive weights */
        for (int i = 0; i < cin; i++)
            for (int t = 0; t < 9; t++) {
                int v = wt_quant_weight(w[i * 9 + t] * q.scale[i], scale);
                most[v > 0] += 255L * abs(v);
            }
        if (most[0] > WT_WINOGRAD_SUM || most[1] >= WT_WINOGRAD_SUM)
            return false;
    }
    return true;
}

/* G g G^T of a 3x3 filter in whole numbers, for tiles of `in` inputs (winograd_u8.inc: twice G;
 * winograd4_u8.inc), to every 32nd number of u. */
static void winograd_filter_u8(const int g[9], int in, int16_t *u)
{
    static const int G2[4][3] = {{2, 0, 0}, {1, 1, 1}, {1, -1, 1}, {0, 0, 2}};
    static const int G4[6][3] = {{1, 0, 0}, {1, 1, 1},  {1, -1, 1},
                                 {1, 2, 4}, {1, -2, 4}, {0, 0, 1}};
    const int(*G)[3] = in == 4 ? G2 : G4;
    for (int y = 0; y < in; y++) {
        int half[3];
        for (int x = 0; x < 3; x++)
            half[x] = G[y][0] * g[x] + G[y][1] * g[3 + x] + G[y][2] * g[6 + x];
        for (int x = 0; x < in; x++, u += 32)
            *u = (int16_t)(G[x][0] * half[0] + G[x][1] * half[1] + G[x][2] * half[2]);
    }
}

/* Weights [O,I,3,3] to bytes, transformed to [in * in][cin / 2][16][2], two inputs at a time; bias
 * and dequant as in pack_panel. */
static void pack_winograd_u8(const struct wt_step *s, const struct wt_node *n,
                             struct wt_quantiser q, const struct wt_panel_ref *panel, float *bias,
                             float *dequant)
{
    int cin = s->cin, in = s->winograd->in,
        channels = n->c - panel->from < 16 ? n->c - panel->from : 16;
    const float *w = n->weight + (size_t)panel->from * cin * 9;
    double zeros[16] = {0};
    for (int c = 0; c < channels; c++)
        dequant[c] = weight_scale(w + (size_t)c * cin * 9, cin, 9, q, WT_U8);
    for (int i = 0; i < cin; i += 2) {
        int16_t u[WT_WINOGRAD_POSITIONS][16][2] = {{{0}}};
        for (int c = 0; c < channels; c++)
            for (int k = 0; k < 2; k++) {
                int g[9];
                for (int t = 0; t < 9; t++) {
                    float v = w[((size_t)c * cin + i + k) * 9 + t] * q.scale[i + k];
                    g[t] = wt_quant_weight(v, dequant[c]);
                    zeros[c] += (double)g[t] * q.zero[i + k];
                }
                winograd_filter_u8(g, in, &u[0][c][k]);
            }
        for (int pos = 0; pos < in * in; pos++)
            memcpy((int16_t *)panel->weight + (pos * cin + i) * 16, u[pos], sizeof u[pos]);
    }
    for (int c = 0; c < channels; c++)
        bias[c] = (float)(bias[c] - zeros[c] * dequant[c]);
}

/* Weights of the coordinate channels, which follow the s->cin in memory: for each panel
 * [coords][nr].
 */
static bool pack_coords(struct wt_plan *p, struct wt_step *s, const struct wt_node *n, int cin)
{
    size_t all = 0;
    for (int i = 0; i < s->panels; i++)
        all += (size_t)s->panel[i].nr * s->coords;
    float *f = wt_plan_constant(p, all);
    s->coord_weight = f;
    for (int i = 0; f && i < s->panels; i++)
        for (int c = 0; c < s->panel[i].nr && s->panel[i].from + c < n->c; c++)
            for (int t = 0; t < s->coords; t++)
                f[(size_t)s->panel[i].from * s->coords + t * s->panel[i].nr + c] =
                    n->weight[(size_t)(s->panel[i].from + c) * cin + s->cin + t];
    return f != NULL;
}

static size_t panel_bytes(const struct wt_step *s, size_t k, int nr)
{
    if (s->winograd)
        return k * nr * s->winograd->v_size;
    switch (s->kernels->packing) {
    case WT_PACK_S8_RUNS:
        return wt_runs_bytes((int)k, nr);
    case WT_PACK_S16_PAIR:
        return k * nr * sizeof(int16_t);
    default:
        return k * nr * wt_type_size(s->type);
    }
}

bool wt_plan_pack(struct wt_plan *p, struct wt_step *s, const struct wt_node *n, int cin, int cs,
                  struct wt_quantiser q)
{
    const struct wt_conv_kernels *kernels = s->kernels;
    s->panel = calloc((size_t)(n->c / kernels->nr_narrow) + 2, sizeof *s->panel);
    size_t padded = (size_t)wt_round_up(n->c, kernels->nr_wide) + kernels->nr_wide;
    float *bias = wt_plan_constant(p, padded), *dequant = NULL;
    if (s->type == WT_U8)
        dequant = wt_plan_constant(p, padded);
    if (!s->panel || !bias || (s->type == WT_U8 && !dequant))
        return false;
    for (int c = 0; n->bias && c < n->c; c++)
        bias[c] = n->bias[c];
    s->bias = bias;
    s->dequant = dequant;
    size_t k = s->winograd ? (size_t)s->winograd->in * s->winograd->in * cin
                           : (size_t)n->kernel * wt_round_up(n->kernel * cs, kernels->k_block);
    for (int c = 0; c < n->c;) {
        struct wt_panel_ref *r = &s->panel[s->panels++];
        /* products of bytes by Winograd are 16 outputs wide */
        r->wide = n->c - c > kernels->nr_narrow && !(s->winograd && s->type == WT_U8);
        r->nr = r->wide ? kernels->nr_wide : kernels->nr_narrow;
        r->from = c;
        r->weight = wt_arena_take(&p->constants, panel_bytes(s, k, r->nr));
        if (!r->weight)
            return false;
        if (s->winograd && s->type == WT_U8)
            pack_winograd_u8(s, n, q, r, bias + c, dequant + c);
        else if (s->winograd)
            pack_winograd(n, cin, s->type, r);
        else
            pack_panel(p, s, n, cin, cs, q, r, bias + c, dequant ? dequant + c : NULL);
        c += r->nr;
    }
    return s->coords == 0 || pack_coords(p, s, n, cin);
}
