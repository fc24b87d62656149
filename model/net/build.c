#include "net/build.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/quant.h"

uint64_t wt_build_seed(uint64_t seed)
{
    return seed * 2654435769u + 88172645463325252u;
}

enum init { INIT_SCALE, INIT_SHIFT, INIT_VARIANCE, INIT_HE };

static float uniform(struct wt_builder *b)
{
    b->rng ^= b->rng << 13; /* xorshift64 */
    b->rng ^= b->rng >> 7;
    b->rng ^= b->rng << 17;
    return (float)(b->rng >> 40) / (float)(1 << 24);
}

static void fill_values(struct wt_builder *b, struct wt_tensor *t, enum init init)
{
    size_t fan_in = t->dims == 4 ? (size_t)(t->shape[1] * t->shape[2] * t->shape[3]) : 1;
    float he = sqrtf(6.0f / (float)fan_in) * 0.7f;
    for (size_t i = 0; i < t->count; i++) {
        float u = uniform(b);
        switch (init) {
        case INIT_SCALE:
            t->data[i] = 0.5f + u;
            break;
        case INIT_VARIANCE:
            t->data[i] = 0.5f + 1.5f * u;
            break;
        case INIT_SHIFT:
            t->data[i] = 0.4f * (u - 0.5f);
            break;
        case INIT_HE:
            t->data[i] = he * (2 * u - 1);
            break;
        }
    }
}

/* The parameter `prefix.suffix` with the given shape (trailing zeros of s are absent). */
static const float *param(struct wt_builder *b, const char *prefix, const char *suffix,
                          const int64_t s[4], enum init init)
{
    char name[96];
    int dims = 0;
    if (b->status != WT_OK)
        return NULL;
    while (dims < 4 && s[dims] > 0)
        dims++;
    snprintf(name, sizeof name, "%s.%s", prefix, suffix);
    if (b->fill) {
        struct wt_tensor *t = wt_weights_add(b->fill, name, dims, s);
        if (!t) {
            b->status = wt_fail(WT_ERR_MEMORY, "out of memory for tensor %s", name);
            return NULL;
        }
        fill_values(b, t, init);
        return NULL;
    }
    const struct wt_tensor *t = wt_weights_find(b->w, name);
    const char *path = b->w->path ? b->w->path : "weights";
    if (!t) {
        b->status = wt_fail(WT_ERR_FORMAT, "%s: tensor %s is missing", path, name);
        return NULL;
    }
    bool same = t->dims == dims;
    for (int i = 0; same && i < dims; i++)
        same = t->shape[i] == s[i];
    if (!same) {
        b->status = wt_fail(WT_ERR_FORMAT, "%s: tensor %s has another shape than the network needs",
                            path, name);
        return NULL;
    }
    for (size_t i = 0; i < t->count; i++)
        if (!isfinite(t->data[i])) {
            b->status = wt_fail(WT_ERR_FORMAT, "%s: tensor %s holds a number that is not finite",
                                path, name);
            return NULL;
        }
    return t->data;
}

bool wt_building(const struct wt_builder *b)
{
    return b->g && b->status == WT_OK;
}

int wt_build_batchnorm_relu(struct wt_builder *b, const char *name, int x, int c)
{
    const int64_t s[4] = {c};
    const float *gamma = param(b, name, "weight", s, INIT_SCALE);
    const float *beta = param(b, name, "bias", s, INIT_SHIFT);
    const float *mean = param(b, name, "running_mean", s, INIT_SHIFT);
    const float *var = param(b, name, "running_var", s, INIT_VARIANCE);
    for (int i = 0; var && i < c && b->status == WT_OK; i++)
        if (var[i] < 0) /* its root would be no number */
            b->status = wt_fail(WT_ERR_FORMAT, "%s: tensor %s.running_var holds a negative number",
                                b->w->path ? b->w->path : "weights", name);
    if (!wt_building(b))
        return 0;
    return wt_graph_relu(b->g, wt_graph_batchnorm(b->g, name, x, gamma, beta, mean, var, 1e-5f));
}

/* The ranges [2,cin] that calibration left for a convolution's input, or NULL. positive: the input
 * comes out of a ReLU, and 0, also that of the padding, must be its lowest integer. */
static const float *input_range(struct wt_builder *b, const char *name, int cin, bool positive)
{
    const int64_t s[4] = {2, cin};
    char tensor[96];
    snprintf(tensor, sizeof tensor, "%s.input_range", name);
    if (b->fill || b->status != WT_OK || !wt_weights_find(b->w, tensor))
        return NULL;
    const float *low = param(b, name, "input_range", s, INIT_SCALE);
    for (int c = 0; low && c < cin; c++)
        if (!wt_quant_range_valid(low[c], low[cin + c]) || (positive && low[c] != 0)) {
            b->status = wt_fail(WT_ERR_FORMAT,
                                "%s: tensor %s: %g to %g is no range that channel %d of this "
                                "convolution's input can have",
                                b->w->path ? b->w->path : "weights", tensor, (double)low[c],
                                (double)low[cin + c], c);
            return NULL;
        }
    return low;
}

int wt_build_conv(struct wt_builder *b, const char *name, int x, int cin, int coords, int cout,
                  int k, int stride, bool biased)
{
    const int64_t s[4] = {cout, cin, k, k}, sb[4] = {cout};
    const float *weight = param(b, name, "weight", s, INIT_HE);
    const float *bias = biased ? param(b, name, "bias", sb, INIT_SHIFT) : NULL;
    bool positive = k > 1 || (wt_building(b) && x >= 0 && b->g->node[x].op == WT_OP_RELU);
    const float *range = input_range(b, name, cin - coords, positive);
    if (!wt_building(b))
        return 0;
    int node = wt_graph_conv(b->g, name, x, cout, k, stride, k / 2, weight, bias);
    if (range)
        wt_graph_conv_range(b->g, node, range, range + cin - coords);
    return node;
}

int wt_build_concat(struct wt_builder *b, int n, const int *x)
{
    return wt_building(b) ? wt_graph_concat(b->g, x, n) : 0;
}

int wt_build_add(struct wt_builder *b, int x, int y)
{
    return wt_building(b) ? wt_graph_add(b->g, x, y) : 0;
}

int wt_build_pool(struct wt_builder *b, int x)
{
    return wt_building(b) ? wt_graph_avgpool2(b->g, x) : 0;
}

int wt_build_add_upsampled(struct wt_builder *b, int x, int y)
{
    return wt_building(b) ? wt_graph_add(b->g, x, wt_graph_upsample2(b->g, y)) : 0;
}
