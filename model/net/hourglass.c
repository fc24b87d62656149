#include "net/hourglass.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/build.h"
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

static void network(struct wt_builder *b, const struct wt_arch *arch)
{
    int w = arch->width, maps = arch->points + 1, heat = -1;
    char n[48];
    int x = stem(b, w, arch->input);
    for (int i = 0; i < arch->stacks && b->status == WT_OK; i++) {
        snprintf(n, sizeof n, "m%d.coordconv.conv", i);
        int coords = i ? 5 : 3;
        int y = wt_build_conv(b, n, with_coords(b, arch->points, x, heat), w + coords, coords, w, 1,
                              1, true);
        y = level(b, w, i, 4, y);
        snprintf(n, sizeof n, "top_m_%d", i);
        y = block(b, n, y, w, w);
        snprintf(n, sizeof n, "conv_last%d", i);
        y = wt_build_conv(b, n, y, w, 0, w, 1, 1, true);
        snprintf(n, sizeof n, "bn_end%d", i);
        int f = wt_build_batchnorm_relu(b, n, y, w);
        snprintf(n, sizeof n, "l%d", i);
        heat = wt_build_conv(b, n, f, w, 0, maps, 1, 1, true);
        if (wt_building(b) && heat >= 0)
            wt_graph_output(b->g, heat);
        if (i + 1 < arch->stacks) {
            snprintf(n, sizeof n, "bl%d", i);
            int bl = wt_build_conv(b, n, f, w, 0, w, 1, 1, true);
            snprintf(n, sizeof n, "al%d", i);
            int al = wt_build_conv(b, n, heat, maps, 0, w, 1, 1, true);
            x = wt_build_add(b, wt_build_add(b, x, bl), al);
        }
    }
    if (b->status == WT_OK && b->g && (heat < 0 || x < 0))
        b->status = wt_fail(WT_ERR_MEMORY, "out of memory for the network's graph");
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
