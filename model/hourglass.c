#include "hourglass.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quant.h"

/* Builds the network into a graph by visiting its parameters in order. The same walk serves three
 * purposes: with a graph it appends nodes; without one it only checks names and shapes; with
 * `fill` set it adds the missing tensors (random networks). */
struct builder {
    const struct wt_weights *w;
    struct wt_graph *g;      /* NULL: check only */
    struct wt_weights *fill; /* adds tensors here */
    struct wt_arch arch;
    uint64_t rng;
    enum wt_status status;
};

enum init { INIT_SCALE, INIT_SHIFT, INIT_VARIANCE, INIT_HE };

static float uniform(struct builder *b)
{
    b->rng ^= b->rng << 13; /* xorshift64 */
    b->rng ^= b->rng >> 7;
    b->rng ^= b->rng << 17;
    return (float)(b->rng >> 40) / (float)(1 << 24);
}

static void fill_values(struct builder *b, struct wt_tensor *t, enum init init)
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
static const float *param(struct builder *b, const char *prefix, const char *suffix,
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
    return t->data;
}

/* Are nodes made? Not after an error: shapes would no longer fit. */
static bool building(const struct builder *b)
{
    return b->g && b->status == WT_OK;
}

static int batchnorm_relu(struct builder *b, const char *name, int x, int c)
{
    const int64_t s[4] = {c};
    const float *gamma = param(b, name, "weight", s, INIT_SCALE);
    const float *beta = param(b, name, "bias", s, INIT_SHIFT);
    const float *mean = param(b, name, "running_mean", s, INIT_SHIFT);
    const float *var = param(b, name, "running_var", s, INIT_VARIANCE);
    if (!building(b))
        return 0;
    return wt_graph_relu(b->g, wt_graph_batchnorm(b->g, name, x, gamma, beta, mean, var, 1e-5f));
}

/* The ranges [2,cin] that calibration left for a convolution's input, or NULL. positive: the input
 * comes out of a ReLU, and 0, also that of the padding, must be its lowest integer. */
static const float *input_range(struct builder *b, const char *name, int cin, bool positive)
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

/* coords: how many of the cin channels are coordinates. */
static int conv(struct builder *b, const char *name, int x, int cin, int coords, int cout, int k,
                int stride, bool biased)
{
    const int64_t s[4] = {cout, cin, k, k}, sb[4] = {cout};
    const float *weight = param(b, name, "weight", s, INIT_HE);
    const float *bias = biased ? param(b, name, "bias", sb, INIT_SHIFT) : NULL;
    bool positive = k > 1 || (building(b) && x >= 0 && b->g->node[x].op == WT_OP_RELU);
    const float *range = input_range(b, name, cin - coords, positive);
    if (!building(b))
        return 0;
    int node = wt_graph_conv(b->g, name, x, cout, k, stride, k / 2, weight, bias);
    if (range)
        wt_graph_conv_range(b->g, node, range, range + cin - coords);
    return node;
}

static int concat(struct builder *b, int n, const int *x)
{
    return building(b) ? wt_graph_concat(b->g, x, n) : 0;
}

static int add(struct builder *b, int x, int y)
{
    return building(b) ? wt_graph_add(b->g, x, y) : 0;
}

static int pool(struct builder *b, int x)
{
    return building(b) ? wt_graph_avgpool2(b->g, x) : 0;
}

/* Pre-activation residual block: concat(y1, y2, y3) + skip. */
static int block(struct builder *b, const char *name, int x, int cin, int cout)
{
    char n[64];
    int y[3], skip = x, in = x, widths[4] = {cin, cout / 2, cout / 4, cout / 4};
    for (int i = 0; i < 3; i++) {
        snprintf(n, sizeof n, "%s.bn%d", name, i + 1);
        int a = batchnorm_relu(b, n, in, widths[i]);
        snprintf(n, sizeof n, "%s.conv%d", name, i + 1);
        in = y[i] = conv(b, n, a, widths[i], 0, widths[i + 1], 3, 1, false);
    }
    if (cin != cout) {
        snprintf(n, sizeof n, "%s.downsample.0", name);
        int a = batchnorm_relu(b, n, x, cin);
        snprintf(n, sizeof n, "%s.downsample.2", name);
        skip = conv(b, n, a, cin, 0, cout, 1, 1, false);
    }
    return add(b, concat(b, 3, y), skip);
}

static int level(struct builder *b, int stack, int l, int x)
{
    char n[32];
    int width = b->arch.width;
    snprintf(n, sizeof n, "m%d.b1_%d", stack, l);
    int up = block(b, n, x, width, width);
    snprintf(n, sizeof n, "m%d.b2_%d", stack, l);
    int low = block(b, n, pool(b, x), width, width);
    if (l > 1) {
        low = level(b, stack, l - 1, low);
    } else {
        snprintf(n, sizeof n, "m%d.b2_plus_1", stack);
        low = block(b, n, low, width, width);
    }
    snprintf(n, sizeof n, "m%d.b3_%d", stack, l);
    low = block(b, n, low, width, width);
    return building(b) ? add(b, up, wt_graph_upsample2(b->g, low)) : 0;
}

/* Concatenates the coordinate channels: row, column, radius, and from the second stack on row and
 * column masked by the previous stack's boundary map. Row first: the published weights need it. */
static int with_coords(struct builder *b, int x, int heat)
{
    if (!building(b))
        return 0;
    int h = b->g->node[x].h, w = b->g->node[x].w;
    int parts[3] = {x, wt_graph_coords(b->g, h, w)}, n = 2;
    if (heat >= 0)
        parts[n++] = wt_graph_masked_coords(b->g, heat, b->arch.points, WT_BOUNDARY_THRESHOLD);
    return wt_graph_concat(b->g, parts, n);
}

static int stem(struct builder *b)
{
    int w = b->arch.width;
    int x = b->g ? wt_graph_input(b->g, WT_INPUT_SIZE, WT_INPUT_SIZE, 3) : 0;
    x = conv(b, "conv1.conv", with_coords(b, x, -1), 6, 3, w / 4, 7, 2, true);
    x = batchnorm_relu(b, "bn1", x, w / 4);
    x = pool(b, block(b, "conv2", x, w / 4, w / 2));
    x = block(b, "conv3", x, w / 2, w / 2);
    return block(b, "conv4", x, w / 2, w);
}

static void network(struct builder *b)
{
    int w = b->arch.width, maps = b->arch.points + 1, heat = -1;
    char n[48];
    int x = stem(b);
    for (int i = 0; i < b->arch.stacks && b->status == WT_OK; i++) {
        snprintf(n, sizeof n, "m%d.coordconv.conv", i);
        int coords = i ? 5 : 3;
        int y = conv(b, n, with_coords(b, x, heat), w + coords, coords, w, 1, 1, true);
        y = level(b, i, 4, y);
        snprintf(n, sizeof n, "top_m_%d", i);
        y = block(b, n, y, w, w);
        snprintf(n, sizeof n, "conv_last%d", i);
        y = conv(b, n, y, w, 0, w, 1, 1, true);
        snprintf(n, sizeof n, "bn_end%d", i);
        int f = batchnorm_relu(b, n, y, w);
        snprintf(n, sizeof n, "l%d", i);
        heat = conv(b, n, f, w, 0, maps, 1, 1, true);
        if (building(b) && heat >= 0)
            wt_graph_output(b->g, heat);
        if (i + 1 < b->arch.stacks) {
            snprintf(n, sizeof n, "bl%d", i);
            int bl = conv(b, n, f, w, 0, w, 1, 1, true);
            snprintf(n, sizeof n, "al%d", i);
            int al = conv(b, n, heat, maps, 0, w, 1, 1, true);
            x = add(b, add(b, x, bl), al);
        }
    }
    if (b->status == WT_OK && b->g && (heat < 0 || x < 0))
        b->status = wt_fail(WT_ERR_MEMORY, "out of memory for the network's graph");
}

static enum wt_status read_sizes(const struct wt_weights *w, struct wt_arch *arch)
{
    const char *path = w->path ? w->path : "weights";
    const struct wt_tensor *last = wt_weights_find(w, "conv_last0.weight");
    const struct wt_tensor *heat = wt_weights_find(w, "l0.weight");
    if (!last || last->dims != 4 || !heat || heat->dims != 4)
        return wt_fail(WT_ERR_FORMAT,
                       "%s: not a stacked hourglass (no conv_last0.weight and l0.weight)", path);
    struct wt_arch a = {0};
    char name[32];
    do
        snprintf(name, sizeof name, "conv_last%d.weight", ++a.stacks);
    while (wt_weights_find(w, name) && a.stacks <= WT_STACKS_MAX);
    if (a.stacks > WT_STACKS_MAX || last->shape[0] % 16 || last->shape[0] < 16 ||
        last->shape[0] > 512 || heat->shape[0] < 2 || heat->shape[0] > WT_POINTS_MAX + 1)
        return wt_fail(WT_ERR_UNSUPPORTED,
                       "%s: %d stacks, width %lld, %lld maps: at most %d stacks, width a multiple "
                       "of 16 up to 512, 2 to %d maps",
                       path, a.stacks, (long long)last->shape[0], (long long)heat->shape[0],
                       WT_STACKS_MAX, WT_POINTS_MAX + 1);
    a.width = (int)last->shape[0];
    a.points = (int)heat->shape[0] - 1;
    *arch = a;
    return WT_OK;
}

enum wt_status wt_arch_from_weights(const struct wt_weights *w, struct wt_arch *arch)
{
    struct builder b = {.w = w};
    enum wt_status s = read_sizes(w, &b.arch);
    if (s != WT_OK)
        return s;
    network(&b);
    if (b.status == WT_OK)
        *arch = b.arch;
    return b.status;
}

bool wt_hourglass_calibrated(const struct wt_graph *g)
{
    for (int i = 0; i < g->count; i++) {
        const struct wt_node *n = &g->node[i];
        int x = n->in[0];
        if (n->op != WT_OP_CONV || n->in_low)
            continue;
        if (g->node[x].op == WT_OP_CONCAT)
            x = g->node[x].in[0];
        bool maps = false;
        for (int k = 0; k < g->outputs; k++)
            maps = maps || g->output[k] == x;
        if (g->node[x].op != WT_OP_INPUT && !maps)
            return false;
    }
    return true;
}

/* A tensor can be quantised in one way only. */
static enum wt_status check_shared_ranges(const struct wt_graph *g, const char *path)
{
    for (int i = 0; i < g->count; i++)
        for (int k = 0; k < i; k++) {
            const struct wt_node *a = &g->node[i], *b = &g->node[k];
            if (!a->in_low || !b->in_low || a->in[0] != b->in[0])
                continue;
            size_t bytes = (size_t)g->node[a->in[0]].c * sizeof *a->in_low;
            if (memcmp(a->in_low, b->in_low, bytes) || memcmp(a->in_high, b->in_high, bytes))
                return wt_fail(WT_ERR_FORMAT,
                               "%s: %s and %s read the same, but their input_range differs",
                               path ? path : "weights", b->name, a->name);
        }
    return WT_OK;
}

enum wt_status wt_hourglass_graph(const struct wt_weights *w, struct wt_graph *g)
{
    struct builder b = {.w = w, .g = g};
    enum wt_status s = read_sizes(w, &b.arch);
    if (s != WT_OK)
        return s;
    network(&b);
    return b.status ? b.status : check_shared_ranges(g, w->path);
}

enum wt_status wt_hourglass_random(struct wt_weights *w, const struct wt_arch *arch, uint64_t seed)
{
    struct builder b = {.fill = w, .arch = *arch, .rng = seed * 2654435769u + 88172645463325252u};
    if (arch->stacks < 1 || arch->stacks > WT_STACKS_MAX || arch->width % 16 || arch->width < 16 ||
        arch->width > 512 || arch->points < 1 || arch->points > WT_POINTS_MAX)
        return wt_fail(WT_ERR_ARGUMENT, "no such network: %d stacks, width %d, %d points",
                       arch->stacks, arch->width, arch->points);
    network(&b);
    return b.status;
}
