#include "net/detector_net.h"

#include <assert.h>
#include <stdio.h>

#include "net/build.h"

enum { WIDTH_MAX = 128 };

/* Level 0 has cells of so many pixels, the last one of 32; channels of level l: width * times[l].
 */
struct structure {
    int cell, levels, times[4];
};
static const struct structure coarse = {8, 3, {2, 3, 4}}, fine = {4, 4, {1, 2, 4, 4}};

static const struct structure *structure_of(const struct wt_weights *w)
{
    return wt_weights_find(w, "stem3.weight") ? &coarse : &fine;
}

/* NAME, then NAME.bn with ReLU. */
static int conv_relu(struct wt_builder *b, const char *name, int x, int cin, int cout, int stride)
{
    char bn[56];
    snprintf(bn, sizeof bn, "%s.bn", name);
    return wt_build_batchnorm_relu(b, bn, wt_build_conv(b, name, x, cin, 0, cout, 3, stride, false),
                                   cout);
}

/* x + conv(relu(bn(conv(relu(bn(x)))))). */
static int residual(struct wt_builder *b, const char *name, int x, int c)
{
    char n[48];
    snprintf(n, sizeof n, "%s.bn1", name);
    int y = wt_build_batchnorm_relu(b, n, x, c);
    snprintf(n, sizeof n, "%s.conv1", name);
    y = conv_relu(b, n, y, c, c, 1);
    snprintf(n, sizeof n, "%s.conv2", name);
    return wt_build_add(b, wt_build_conv(b, n, y, c, 0, c, 3, 1, false), x);
}

/* Level l and all below it. */
static int level(struct wt_builder *b, const struct structure *s, int width, int l, int x)
{
    const int c = width * s->times[l], lower = l + 1 < s->levels ? width * s->times[l + 1] : 0;
    char n[48];
    snprintf(n, sizeof n, "down%d.block", l);
    x = residual(b, n, x, c);
    if (!lower)
        return x;
    snprintf(n, sizeof n, "down%d.bn", l);
    int y = wt_build_pool(b, wt_build_batchnorm_relu(b, n, x, c));
    snprintf(n, sizeof n, "down%d.widen", l);
    y = level(b, s, width, l + 1, wt_build_conv(b, n, y, c, 0, lower, 3, 1, false));
    snprintf(n, sizeof n, "up%d.bn", l);
    y = wt_build_batchnorm_relu(b, n, y, lower);
    snprintf(n, sizeof n, "up%d.narrow", l);
    y = wt_build_conv(b, n, y, lower, 0, c, 1, 1, false);
    x = wt_build_add_upsampled(b, x, y);
    snprintf(n, sizeof n, "up%d.block", l);
    return residual(b, n, x, c);
}

static void network(struct wt_builder *b, const struct structure *s, int width, int w, int h)
{
    int x = b->g ? wt_graph_input(b->g, h, w, 3) : 0;
    const int c = width * s->times[0];
    x = conv_relu(b, "stem1", x, 3, width / 2, 2);
    if (s == &coarse) {
        x = conv_relu(b, "stem2", wt_build_pool(b, x), width / 2, width, 1);
        x = wt_build_conv(b, "stem3", wt_build_pool(b, x), width, 0, c, 3, 1, false);
    } else {
        x = wt_build_conv(b, "stem2", x, width / 2, 0, width, 3, 2, false);
    }
    x = level(b, s, width, 0, x);
    x = wt_build_batchnorm_relu(b, "head.bn", x, c);
    x = wt_build_conv(b, "head", x, c, 0, WT_FACE_MAPS, 1, 1, true);
    if (wt_building(b) && x < 0)
        b->status = wt_fail(WT_ERR_MEMORY, "out of memory for the detector's graph");
    else if (wt_building(b))
        wt_graph_output(b->g, x);
}

bool wt_detector_net_is(const struct wt_weights *w)
{
    return wt_weights_find(w, "stem2.weight") && wt_weights_find(w, "head.weight");
}

int wt_detector_net_cell(const struct wt_weights *w)
{
    return structure_of(w)->cell;
}

enum wt_status wt_detector_net_graph(const struct wt_weights *w, int width, int height,
                                     struct wt_graph *g)
{
    struct wt_builder b = {.w = w, .g = g};
    const struct wt_tensor *stem = wt_weights_find(w, "stem2.weight");
    const char *path = w->path ? w->path : "weights";
    assert(width > 0 && height > 0 && width % WT_FACE_STEP == 0 && height % WT_FACE_STEP == 0);
    if (!wt_detector_net_is(w))
        return wt_fail(WT_ERR_FORMAT, "%s: not a face detector (no stem2.weight and head.weight)",
                       path);
    const int64_t channels = stem->dims == 4 ? stem->shape[0] : 0;
    if (channels % 16 || channels < 16 || channels > WIDTH_MAX)
        return wt_fail(WT_ERR_UNSUPPORTED,
                       "%s: a detector of width %lld: a multiple of 16 up to %d", path,
                       (long long)channels, WIDTH_MAX);
    network(&b, structure_of(w), (int)channels, width, height);
    return b.status;
}

enum wt_status wt_detector_net_random(struct wt_weights *w, int width, uint64_t seed)
{
    struct wt_builder b = {.fill = w, .rng = wt_build_seed(seed)};
    if (width % 16 || width < 16 || width > WIDTH_MAX)
        return wt_fail(WT_ERR_ARGUMENT, "a detector of width %d: a multiple of 16 up to %d", width,
                       WIDTH_MAX);
    network(&b, &coarse, width, 0, 0);
    return b.status;
}
