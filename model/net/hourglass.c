#include "net/hourglass.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/build.h"
#include "plan/plan.h"
#include "weights/card.h"
#include "weights/text.h"

/* Pre-activation residual block: concat(y1, y2, y3) + skip. */
static int block(struct wt_builder *b, const char *name, int x, int cin, int cout)
{
    char n[64];
    int y[3], skip = x, in = x, widths[4] = {cin, cout / 2, cout / 4, cout / 4};
    for (int i = 0; i < 3; i++) {
        snprintf(n, sizeof n, "%s.bn%d", name, i + 1);
        int a = wt_build_batchnorm_relu(b, n, in, widths[i]);
        snprintf(n, sizeof n, "%s.conv%d", name, i + 1);
        in = y[i] = wt_build_conv(b, n, a, widths[i], 0, widths[i + 1], 3, 1, false);
    }
    if (cin != cout) {
        snprintf(n, sizeof n, "%s.downsample.0", name);
        int a = wt_build_batchnorm_relu(b, n, x, cin);
        snprintf(n, sizeof n, "%s.downsample.2", name);
        skip = wt_build_conv(b, n, a, cin, 0, cout, 1, 1, false);
    }
    return wt_build_add(b, wt_build_concat(b, 3, y), skip);
}

static int level(struct wt_builder *b, int width, int stack, int l, int x)
{
    char n[32];
    snprintf(n, sizeof n, "m%d.b1_%d", stack, l);
    int up = block(b, n, x, width, width);
    snprintf(n, sizeof n, "m%d.b2_%d", stack, l);
    int low = block(b, n, wt_build_pool(b, x), width, width);
    if (l > 1) {
        low = level(b, width, stack, l - 1, low);
    } else {
        snprintf(n, sizeof n, "m%d.b2_plus_1", stack);
        low = block(b, n, low, width, width);
    }
    snprintf(n, sizeof n, "m%d.b3_%d", stack, l);
    low = block(b, n, low, width, width);
    return wt_build_add_upsampled(b, up, low);
}

/* Concatenates the coordinate channels: row, column, radius, and from the second stack on row and
 * column masked by the previous stack's boundary map. Row first: the published weights need it. */
static int with_coords(struct wt_builder *b, int points, int x, int heat)
{
    if (!wt_building(b))
        return 0;
    if (x < 0) /* memory ran out; the graph keeps that in mind */
        return x;
    int h = b->g->node[x].h, w = b->g->node[x].w;
    int parts[3] = {x, wt_graph_coords(b->g, h, w)}, n = 2;
    if (heat >= 0)
        parts[n++] = wt_graph_masked_coords(b->g, heat, points, WT_BOUNDARY_THRESHOLD);
    return wt_graph_concat(b->g, parts, n);
}

int wt_hourglass_coords(const char *weight)
{
    int stack, end = 0;
    if (strcmp(weight, "conv1.conv.weight") == 0)
        return 3;
    if (sscanf(weight, "m%d.coordconv.conv.weight%n", &stack, &end) != 1 || !end || weight[end])
        return 0;
    return stack ? 5 : 3;
}

static int stem(struct wt_builder *b, int w, int input)
{
    int x = b->g ? wt_graph_input(b->g, input, input, 3) : 0;
    x = wt_build_conv(b, "conv1.conv", with_coords(b, 0, x, -1), 6, 3, w / 4, 7, 2, true);
    x = wt_build_batchnorm_relu(b, "bn1", x, w / 4);
    x = wt_build_pool(b, block(b, "conv2", x, w / 4, w / 2));
    x = block(b, "conv3", x, w / 2, w / 2);
    return block(b, "conv4", x, w / 2, w);
}

/* From the sum that a stack starts with to its hourglass's input. */
static int enter(struct wt_builder *b, const struct wt_arch *arch, int i, int x, int heat)
{
    const int w = arch->width, coords = i ? 5 : 3;
    char n[48];
    snprintf(n, sizeof n, "m%d.coordconv.conv", i);
    return wt_build_conv(b, n, with_coords(b, arch->points, x, heat), w + coords, coords, w, 1, 1,
                         true);
}

/* From an hourglass's output to the stack's maps, which are put out; *f: what they are made of. */
static int head(struct wt_builder *b, const struct wt_arch *arch, int i, int y, int *f)
{
    const int w = arch->width;
    char n[48];
    snprintf(n, sizeof n, "top_m_%d", i);
    y = block(b, n, y, w, w);
    snprintf(n, sizeof n, "conv_last%d", i);
    y = wt_build_conv(b, n, y, w, 0, w, 1, 1, true);
    snprintf(n, sizeof n, "bn_end%d", i);
    *f = wt_build_batchnorm_relu(b, n, y, w);
    snprintf(n, sizeof n, "l%d", i);
    const int heat = wt_build_conv(b, n, *f, w, 0, arch->points + 1, 1, 1, true);
    if (wt_building(b) && heat >= 0)
        wt_graph_output(b->g, heat);
    return heat;
}

/* The sum that stack i + 1 starts with. */
static int leave(struct wt_builder *b, const struct wt_arch *arch, int i, int x, int f, int heat)
{
    char n[48];
    snprintf(n, sizeof n, "bl%d", i);
    const int bl = wt_build_conv(b, n, f, arch->width, 0, arch->width, 1, 1, true);
    snprintf(n, sizeof n, "al%d", i);
    const int al = wt_build_conv(b, n, heat, arch->points + 1, 0, arch->width, 1, 1, true);
    return wt_build_add(b, wt_build_add(b, x, bl), al);
}

/* From the image to what the last stack starts with; *heat: maps of the stack before, -1: none. */
static int before_last(struct wt_builder *b, const struct wt_arch *arch, int *heat)
{
    int x = stem(b, arch->width, arch->input), f = -1;
    *heat = -1;
    for (int i = 0; i + 1 < arch->stacks && b->status == WT_OK; i++) {
        const int y = level(b, arch->width, i, 4, enter(b, arch, i, x, *heat));
        *heat = head(b, arch, i, y, &f);
        x = leave(b, arch, i, x, f, *heat);
    }
    return x;
}

static void check_end(struct wt_builder *b, int node)
{
    if (b->status == WT_OK && b->g && node < 0)
        b->status = wt_fail(WT_ERR_MEMORY, "out of memory for the network's graph");
}

static void network(struct wt_builder *b, const struct wt_arch *arch)
{
    int heat, f = -1, last = arch->stacks - 1;
    const int x = before_last(b, arch, &heat);
    if (b->status == WT_OK)
        heat =
            head(b, arch, last, level(b, arch->width, last, 4, enter(b, arch, last, x, heat)), &f);
    check_end(b, heat < 0 ? heat : x);
}

static enum wt_status read_input(const struct wt_weights *w, int *input)
{
    const char *text = wt_weights_get_meta(w, WT_META_INPUT);
    *input = WT_INPUT_DEFAULT;
    if (!text)
        return WT_OK;
    char *end;
    const long value = strtol(text, &end, 10);
    if (end == text || *end || value < 0 || value > WT_INPUT_MAX || !wt_input_fits((int)value))
        return wt_fail(WT_ERR_UNSUPPORTED,
                       "%s: input '%s': a crop has 128, 192 or 256 pixels a side",
                       w->path ? w->path : "weights", wt_printable(text, strlen(text)).text);
    *input = (int)value;
    return WT_OK;
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
    return read_input(w, &arch->input);
}

enum wt_status wt_arch_from_weights(const struct wt_weights *w, struct wt_arch *arch)
{
    struct wt_builder b = {.w = w};
    struct wt_arch a;
    enum wt_status s = read_sizes(w, &a);
    if (s != WT_OK)
        return s;
    network(&b, &a);
    if (b.status == WT_OK)
        *arch = a;
    return b.status;
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
            if (memcmp(a->in_low, b->in_low, bytes) != 0 ||
                memcmp(a->in_high, b->in_high, bytes) != 0)
                return wt_fail(WT_ERR_FORMAT,
                               "%s: %s and %s read the same, but their input_range differs",
                               path ? path : "weights", b->name, a->name);
        }
    return WT_OK;
}

enum wt_status wt_hourglass_graph(const struct wt_weights *w, struct wt_graph *g)
{
    struct wt_builder b = {.w = w, .g = g};
    struct wt_arch arch;
    enum wt_status s = read_sizes(w, &arch);
    if (s != WT_OK)
        return s;
    network(&b, &arch);
    return b.status ? b.status : check_shared_ranges(g, w->path);
}

/* ---- in two parts -------------------------------------------------------------------------- */

int wt_hourglass_features(const struct wt_arch *arch, enum wt_hourglass_cut cut)
{
    return arch->width + (cut == WT_CUT_HEAD ? 0 : arch->stacks > 1 ? 5 : 3);
}

static void front_part(struct wt_builder *b, const struct wt_arch *arch, enum wt_hourglass_cut cut)
{
    int heat;
    int x = before_last(b, arch, &heat);
    if (cut == WT_CUT_HEAD && b->status == WT_OK)
        x = level(b, arch->width, arch->stacks - 1, 4, enter(b, arch, arch->stacks - 1, x, heat));
    check_end(b, x);
    if (!wt_building(b))
        return;
    b->g->output[0] = x; /* the stacks' maps but the last are only looked at */
    b->g->output[1] = heat;
    b->g->outputs = cut == WT_CUT_STACK && heat >= 0 ? 2 : 1;
}

static void rest_part(struct wt_builder *b, const struct wt_arch *arch, enum wt_hourglass_cut cut)
{
    const int last = arch->stacks - 1, side = wt_map_size(arch->input);
    const int coords = wt_hourglass_features(arch, cut) - arch->width;
    char n[48];
    int f = -1;
    int y = wt_graph_input(b->g, side, side, arch->width + coords);
    if (cut == WT_CUT_STACK) {
        snprintf(n, sizeof n, "m%d.coordconv.conv", last);
        y = wt_build_conv(b, n, y, arch->width + coords, coords, arch->width, 1, 1, true);
        y = level(b, arch->width, last, 4, y);
    }
    check_end(b, head(b, arch, last, y, &f));
}

enum wt_status wt_hourglass_split(const struct wt_weights *w, enum wt_hourglass_cut cut,
                                  struct wt_graph *front, struct wt_graph *rest)
{
    struct wt_builder b[2] = {{.w = w, .g = front}, {.w = w, .g = rest}};
    struct wt_arch arch;
    const enum wt_status s = wt_arch_from_weights(w, &arch);
    if (s != WT_OK)
        return s;
    front_part(&b[0], &arch, cut);
    rest_part(&b[1], &arch, cut);
    return b[0].status ? b[0].status : b[1].status;
}

void wt_hourglass_join(const struct wt_arch *arch, enum wt_hourglass_cut cut, const float *x,
                       int x_stride, const float *heat, int heat_stride, float *features)
{
    const int side = wt_map_size(arch->input), width = arch->width;
    const int all = wt_hourglass_features(arch, cut);
    for (int i = 0; i < side * side; i++, x += x_stride, features += all) {
        memcpy(features, x, (size_t)width * sizeof *x);
        if (cut == WT_CUT_HEAD)
            continue;
        float *c = features + width;
        wt_plan_coords_at(i / side, i % side, side, side, c);
        if (!heat)
            continue;
        const bool on =
            heat[(size_t)i * (size_t)heat_stride + (size_t)arch->points] > WT_BOUNDARY_THRESHOLD;
        c[3] = on ? c[0] : 0;
        c[4] = on ? c[1] : 0;
    }
}

enum wt_status wt_hourglass_random(struct wt_weights *w, const struct wt_arch *arch, uint64_t seed)
{
    struct wt_builder b = {.fill = w, .rng = wt_build_seed(seed)};
    if (arch->stacks < 1 || arch->stacks > WT_STACKS_MAX || arch->width % 16 || arch->width < 16 ||
        arch->width > 512 || arch->points < 1 || arch->points > WT_POINTS_MAX ||
        (arch->input && !wt_input_fits(arch->input)))
        return wt_fail(WT_ERR_ARGUMENT, "no such network: %d stacks, width %d, %d points, input %d",
                       arch->stacks, arch->width, arch->points, arch->input);
    network(&b, arch);
    if (b.status || !arch->input)
        return b.status;
    char text[16];
    snprintf(text, sizeof text, "%d", arch->input);
    return wt_weights_set_meta(w, WT_META_INPUT, text);
}
